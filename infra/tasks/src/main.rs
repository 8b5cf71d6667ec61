//! `cargo task …`: the commands that keep the project honest. CI runs `cargo task test` and nothing else.
//!
//! Knows how the parts are checked, not what they do. Every step says what it is, how long it took and
//! whether it passed; a failing step doesn't hide the ones after it.

mod audit;
mod check;
mod emulator;
mod files;
mod golden;
mod listings;
mod package;
mod report;
mod samples;
mod template;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use report::Report;
use workspace::Workspace;

const USAGE: &str = "\
cargo task test     everything that must be green; installs what is missing
cargo task check    format, lints, docs, dependency edges, file sizes
cargo task content  course code compiles and passes its tests, listings are that code, samples do what they say
cargo task shop     the gate's vectors, and the shop over HTTP and in a browser
cargo task template what is deployed: linted, and held to the code
cargo task package  what is deployed, the functions for arm64 among it → target/package/
cargo task shots    pictures of every kind of page of the sample site → infra/tests/shots/pages (not committed)
cargo task golden   write the expected output of tests anew, then read the diff
cargo task audit    what takes long: cold build → infra/AUDIT.md
cargo task audit functions   size, start, answers and memory of the functions, beside peers → functions/lambdas/AUDIT.md
cargo task audit book PATH   a book of mdBook, imported and built, against its source
cargo task audit size        a site of a thousand pages, by what its bytes are for → generator/site/AUDIT.md
cargo task audit lighthouse  Lighthouse on the pages that decide → themes/default/README.md
cargo task audit openapi    the till against the payment provider's published description of its API
cargo task audit payments    histories and mutants of the money side → functions/domain/AUDIT.md
cargo task audit access    times of requests for links, histories of sign-ins → functions/handlers/AUDIT.md
cargo task audit comments   pages of a thread and new comments under load, beside a floor; hostile texts → functions/handlers/src/comments/AUDIT.md
cargo task audit report [MILLIONS]   ten million records, by `tuition report` and by DuckDB → functions/domain/src/metrics/AUDIT.md
cargo task audit gate [SECONDS]   both gates asked millions of the same things, and what a decision costs → infra/edge/AUDIT.md
cargo task audit emulator    laws of the stores, and a rotation of keys, on ministack
cargo task audit arm    the functions built for arm64 as they are deployed, and each run once under qemu
cargo task audit fuzz [SECONDS]   feeds the course compiler what nobody would write → generator/markup/AUDIT.md
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some(task) = task(&words) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let workspace = match Workspace::read() {
        Ok(workspace) => workspace,
        Err(reason) => {
            eprintln!("error: {reason}");
            return ExitCode::from(3);
        }
    };
    let mut report = Report::default();
    task(&workspace, &mut report);
    report.close()
}

type Task = Box<dyn FnOnce(&Workspace, &mut Report)>;

fn task(words: &[&str]) -> Option<Task> {
    Some(match words {
        ["test"] => Box::new(test::test),
        ["check"] => Box::new(check::check),
        ["content"] => Box::new(test::content),
        ["shop"] => Box::new(test::shop),
        ["template"] => Box::new(template::template),
        ["package"] => Box::new(package::package),
        ["shots"] => Box::new(test::shots),
        ["golden"] => Box::new(golden::golden),
        ["audit"] => Box::new(audit::audit),
        ["audit", "book", path] => {
            let path = (*path).to_owned();
            Box::new(move |workspace, report| audit::book::audit(workspace, &path, report))
        }
        ["audit", "functions"] => Box::new(audit::functions::audit),
        ["audit", "size"] => Box::new(audit::size::audit),
        ["audit", "emulator"] => Box::new(audit::emulator::audit),
        ["audit", "arm"] => Box::new(audit::arm::audit),
        ["audit", "lighthouse"] => Box::new(audit::lighthouse::audit),
        ["audit", "payments"] => Box::new(audit::payments::audit),
        ["audit", "access"] => Box::new(audit::access::audit),
        ["audit", "comments"] => Box::new(audit::comments::audit),
        ["audit", "report"] => {
            Box::new(|workspace, report| audit::figures::audit(workspace, None, report))
        }
        ["audit", "report", millions] => {
            let millions = millions.parse().ok()?;
            Box::new(move |workspace, report| {
                audit::figures::audit(workspace, Some(millions), report)
            })
        }
        ["audit", "openapi"] => Box::new(test::openapi),
        ["audit", "gate"] => {
            Box::new(|workspace, report| audit::gate::audit(workspace, None, report))
        }
        ["audit", "gate", seconds] => {
            let seconds = seconds.parse().ok()?;
            Box::new(move |workspace, report| audit::gate::audit(workspace, Some(seconds), report))
        }
        ["audit", "fuzz"] => {
            Box::new(|workspace, report| audit::fuzz::audit(workspace, None, report))
        }
        ["audit", "fuzz", seconds] => {
            let seconds = seconds.parse().ok()?;
            Box::new(move |workspace, report| audit::fuzz::audit(workspace, Some(seconds), report))
        }
        _ => return None,
    })
}
