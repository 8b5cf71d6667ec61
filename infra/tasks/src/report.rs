//! Runs steps one after the other, says what happens, and sums up.

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// What came of the steps so far.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
}

struct Step {
    name: String,
    result: Outcome,
    took: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl Report {
    /// Runs one step in this process; an `Err` is the reason why it failed. True if it passed.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<(), String>) -> bool {
        say(&format!("\n==> {name}"));
        let start = Instant::now();
        let result = match work() {
            Ok(()) => Outcome::Passed,
            Err(reason) => {
                say(&format!("error: {reason}"));
                Outcome::Failed
            }
        };
        let took = start.elapsed();
        say(&format!("    {} in {}", word(result), seconds(took)));
        self.steps.push(Step {
            name: name.to_owned(),
            result,
            took,
        });
        result == Outcome::Passed
    }

    /// A step that is one command, its output shown as it comes.
    pub(crate) fn command(&mut self, name: &str, command: &mut Command) -> bool {
        self.step(name, || run(command))
    }

    /// Notes a step that could not run because an earlier one failed.
    pub(crate) fn skip(&mut self, name: &str, reason: &str) {
        say(&format!("\n==> {name}\n    skipped: {reason}"));
        self.steps.push(Step {
            name: name.to_owned(),
            result: Outcome::Skipped,
            took: Duration::ZERO,
        });
    }

    /// The summary; its last line counts the steps.
    pub(crate) fn close(self) -> ExitCode {
        let count = |result| {
            self.steps
                .iter()
                .filter(|step| step.result == result)
                .count()
        };
        let total = self.steps.iter().map(|step| step.took).sum();
        say(&format!("\nSummary of {}", seconds(total)));
        for step in &self.steps {
            let took = seconds(step.took);
            say(&format!(
                "{:>8}  {took:>8}  {}",
                word(step.result),
                step.name
            ));
        }
        let skipped = match count(Outcome::Skipped) {
            0 => String::new(),
            skipped => format!(", {skipped} skipped"),
        };
        let (passed, failed) = (count(Outcome::Passed), count(Outcome::Failed));
        say(&format!("\n{passed} passed, {failed} failed{skipped}"));
        // What was skipped was skipped because something failed; no step at all is no success.
        ExitCode::from(u8::from(failed > 0 || passed == 0))
    }
}

/// Runs a command to its end, its output shown as it comes.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    say(&format!("    $ {}", shown(command)));
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} ended with {status}", shown(command))),
        Err(error) => Err(format!("{} did not start: {error}", shown(command))),
    }
}

/// Runs a command and shows its output only if it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<(), String> {
    output(command).map(drop)
}

/// Runs a command for its stdout; on failure the reason holds all it said.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => Err(format!(
            "{} ended with {}\n{}{}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        )),
        Err(error) => Err(format!("{} did not start: {error}", shown(command))),
    }
}

/// A line on stdout. The reader may be gone (`cargo task check | head`): then nobody is told.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// `12.3 s`, or `4 min 05 s` from two minutes on.
pub(crate) fn seconds(took: Duration) -> String {
    match took.as_secs() {
        whole @ 120.. => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}

fn word(result: Outcome) -> &'static str {
    match result {
        Outcome::Passed => "ok",
        Outcome::Failed => "FAILED",
        Outcome::Skipped => "skipped",
    }
}

fn shown(command: &Command) -> String {
    let arguments = command.get_args().map(|part| part.to_string_lossy());
    let program = command.get_program().to_string_lossy();
    std::iter::once(program)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(seconds(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(seconds(Duration::from_secs(245)), "4 min 05 s");
    }

    #[test]
    fn a_failing_command_tells_what_it_said() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let reason = output(&mut command).unwrap_err();
        assert!(reason.contains("exit status: 3"), "{reason}");
        assert!(reason.contains("out\nerr\n"), "{reason}");
    }

    #[test]
    fn a_run_with_a_failed_step_fails() {
        let mut report = Report::default();
        assert!(report.step("good", || Ok(())));
        assert!(!report.step("bad", || Err("no".to_owned())));
        assert_eq!(report.close(), ExitCode::from(1));
        assert_eq!(Report::default().close(), ExitCode::from(1));
    }
}
