//! `cargo task audit gate [SECONDS]`: both gates asked millions of the same things, and what a decision of the edge's
//! costs. Writes `infra/edge/AUDIT.md`.
//!
//! Node answers for the edge; njs does too where it is installed, because its dialect is that of the edge's runtime.

use std::fs;
use std::time::{Duration, Instant};

use crate::report::{self, Report, seconds};
use crate::test;
use crate::workspace::Workspace;

const TABLE: &str = "infra/edge/AUDIT.md";
/// Seconds of asking, unless told otherwise.
const SECONDS: u64 = 300;
/// Requests between two looks at the clock.
const ROUND: u64 = 100_000;
/// Requests to njs, which takes a millisecond for each.
const ROUND_NJS: u64 = 50_000;

/// Compares, measures, and writes the table.
pub(crate) fn audit(workspace: &Workspace, seconds: Option<u64>, report: &mut Report) {
    let mut asked = 0;
    let time = Duration::from_secs(seconds.unwrap_or(SECONDS));
    let alike = report.step("both gates decide alike", || {
        asked = compare(workspace, time)?;
        Ok(())
    });
    let has_njs = report::run_quietly(workspace.command("njs").arg("-v")).is_ok();
    let alike_in_njs = match has_njs {
        true => report.step("both gates decide alike under njs", || {
            ask(workspace, "njs", ROUND_NJS, 0)
        }),
        false => {
            report.skip("both gates decide alike under njs", "install njs");
            false
        }
    };
    let mut costs = None;
    report.step("what a decision costs", || {
        let output = report::output(workspace.command("node").arg("infra/edge/bench.mjs"))?;
        costs = Some(String::from_utf8(output).map_err(|error| error.to_string())?);
        Ok(())
    });
    let is_good = alike && (alike_in_njs || !has_njs);
    let Some(costs) = costs.filter(|_| is_good) else {
        report.skip(TABLE, "the gates differ, or a measurement is missing");
        return;
    };
    report.step(TABLE, || {
        let in_njs = alike_in_njs.then_some(ROUND_NJS);
        let text = table(asked, time, in_njs, &costs, &super::machine()?);
        report::say(&text);
        fs::write(workspace.path(TABLE), text).map_err(|error| error.to_string())
    });
}

/// Asks Node round by round until the time is over; how many requests it were.
fn compare(workspace: &Workspace, time: Duration) -> Result<u64, String> {
    let start = Instant::now();
    let mut rounds = 0;
    while rounds == 0 || start.elapsed() < time {
        rounds += 1;
        ask(workspace, "node", ROUND, rounds)?;
    }
    Ok(rounds * ROUND)
}

fn ask(workspace: &Workspace, engine: &str, cases: u64, seed: u64) -> Result<(), String> {
    let filter = format!("test(={})", test::TWIN);
    report::run(
        workspace
            .cargo(["nextest", "run", "--locked", "-p", "tuition-domain"])
            .args(["--run-ignored", "only", "-E", &filter])
            .env("TUITION_GATE_ENGINES", engine)
            .env("TUITION_GATE_CASES", cases.to_string())
            .env("TUITION_GATE_SEED", seed.to_string()),
    )
}

fn table(asked: u64, time: Duration, in_njs: Option<u64>, costs: &str, machine: &str) -> String {
    let njs = match in_njs {
        Some(cases) => format!("{cases} requests, none decided otherwise"),
        None => "not installed".to_owned(),
    };
    format!(
        "# Audit of the gate\n\nWritten by `cargo task audit gate`.\n\n| what | measured | bound |\n|---|---|---|\n\
         | the Rust gate and `gate.js` under Node, asked the same | {asked} requests in {}, none decided otherwise | none |\n\
         | the same under njs | {njs} | none |\n\n\
         ## Cost\n\nTime of the processor by `bench.mjs`, beside a function that hands its request on; {machine}. CloudFront's own\n\
         measure, the compute utilisation, exists at CloudFront only: look at it there after a deployment. njs is an\n\
         interpreter of the same dialect, so its figures come nearest.\n\n{costs}",
        seconds(time)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_how_many_were_asked_and_whether_njs_was() {
        let text = table(
            1_200_000,
            Duration::from_secs(300),
            None,
            "| a | 1 |\n",
            "2 cores",
        );
        assert!(
            text.contains("1200000 requests in 5 min 00 s") && text.contains("not installed"),
            "{text}"
        );
        let text = table(1, Duration::ZERO, Some(50_000), "", "2 cores");
        assert!(text.contains("50000 requests, none"), "{text}");
    }
}
