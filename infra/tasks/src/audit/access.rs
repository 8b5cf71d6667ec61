//! `cargo task audit access`: how long a request for a sign-in link takes, by what is known of the address, and
//! thousands of histories of links and order sessions. Writes `functions/handlers/AUDIT.md`.

use std::fs;
use std::time::{Duration, Instant};

use crate::report::{self, Report, seconds};
use crate::tools;
use crate::workspace::Workspace;

const TABLE: &str = "functions/handlers/AUDIT.md";
const HISTORIES: u32 = 10_000;

/// Measures, tries, and writes the table.
pub(crate) fn audit(workspace: &Workspace, report: &mut Report) {
    let mut times = None;
    report.step("requests for links", || {
        tools::node()?;
        report::run(&mut workspace.cargo(["build", "--release", "--locked", "-p", "tuition"]))?;
        let binary = workspace.target.join("release/tuition");
        let mut bench = workspace.command("node");
        bench.arg("infra/tests/bench/links.mjs");
        let output = report::output(bench.env("TUITION_BINARY", binary))?;
        times = Some(String::from_utf8(output).map_err(|error| error.to_string())?);
        Ok(())
    });
    let mut took = None;
    report.step("histories of links and order sessions", || {
        let start = Instant::now();
        let filter = "binary(it) and (test(links::) or test(order_sessions::))";
        let mut command = workspace.cargo(["nextest", "run", "--locked", "-p", "tuition-domain"]);
        command.args(["-E", filter]);
        report::run(command.env("TUITION_MODEL_CASES", HISTORIES.to_string()))?;
        took = Some(start.elapsed());
        Ok(())
    });
    let (Some(times), Some(took)) = (times, took) else {
        report.skip(TABLE, "a measurement is missing");
        return;
    };
    report.step(TABLE, || {
        let text = table(&times, took, &super::machine()?);
        report::say(&text);
        fs::write(workspace.path(TABLE), text).map_err(|error| error.to_string())
    });
}

fn table(times: &str, took: Duration, machine: &str) -> String {
    format!(
        "# Audit of access\n\nWritten by `cargo task audit access`; {machine}.\n\n## A request for a link\n\n\
         Time until the answer is there, over HTTP against `tuition serve`; addresses of all sorts take turns. The calls behind\n\
         it are the same one by one, which `functions/adapters/tests/it/trace.rs` looks at; the times show that nothing else\n\
         tells the sorts apart.\n\n{times}\n## Histories\n\n| what | tried | broken |\n|---|---|---|\n\
         | links: at most one session each; order sessions: never an account | {} histories of the first, {HISTORIES} of the second, in {} | none |\n",
        2 * HISTORIES,
        seconds(took)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_times_as_they_were_measured() {
        let text = table("| a | 1.00 ms |\n", Duration::from_secs(61), "2 cores");
        assert!(text.contains("\n\n| a | 1.00 ms |\n\n"), "{text}");
        assert!(text.contains("20000 histories"), "{text}");
    }
}
