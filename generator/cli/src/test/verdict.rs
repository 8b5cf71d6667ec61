//! Whether what a sample did is what it must do, and how to say that it isn't.

use std::process::ExitStatus;

use similar::TextDiff;
use tuition_site::{Must, Program, Sample};

use super::{
    lines::Lines,
    process::{Ran, Said},
};

/// Lines of a tool's words that are shown.
const SHOWN: usize = 40;

/// What came of a sample; `None` when it could not be tried, for a reason that is told elsewhere.
pub(super) type Verdict = Option<Result<(), Failure>>;

/// What went wrong with a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// A lower-case fragment, then lines of what a tool said.
    pub(super) message: String,
    /// How to mend it.
    pub(super) hint: String,
}

impl Failure {
    /// `details` may be empty.
    pub(super) fn new(what: &str, details: &str, hint: &str) -> Self {
        let details = details.trim_end();
        let gap = if details.is_empty() { "" } else { "\n" };
        Self {
            message: format!("{what}{gap}{details}"),
            hint: hint.to_owned(),
        }
    }
}

/// Judges a run of a sample that had `seconds` to end.
pub(super) fn judge(
    sample: &Sample,
    ran: &Ran,
    lines: &Lines<'_>,
    seconds: u32,
) -> Result<(), Failure> {
    let said = || last_words(ran, lines);
    let Some(status) = &ran.status else {
        let what = format!("it did not end within {seconds} s and was killed");
        let hint = "give it an end, give it time with timeout in [tests], or mark it no_run";
        return Err(Failure::new(&what, &said(), hint));
    };
    let is_panic = |status: &ExitStatus| {
        status.code() == Some(101) && matches!(sample.program, Program::Rust { .. })
    };
    match &sample.must {
        Must::Succeed | Must::Compile if status.success() => {}
        Must::Succeed if is_panic(status) => {
            let what = match sample.program {
                Program::Rust { harness: true, .. } => "a test of it fails",
                _ => "it panics",
            };
            return Err(Failure::new(
                what,
                &said(),
                "mend it, or mark it should_panic or no_run",
            ));
        }
        Must::Succeed => {
            let (what, said) = (ended(*status), said());
            let is_refused = ["ermission denied", "PermissionDenied", "EACCES"]
                .iter()
                .any(|word| said.contains(word));
            let hint = match is_refused {
                true => {
                    "a sample may write in the folder it is started in, in $HOME and in $TMPDIR only"
                }
                false => "mend it, or mark it should_fail or no_run",
            };
            return Err(Failure::new(&what, &said, hint));
        }
        Must::Compile => {
            return Err(Failure::new(
                "it has a mistake that keeps it from being run",
                &said(),
                "mend it, or mark it ignore",
            ));
        }
        Must::NotCompile(_) if !status.success() => {}
        Must::NotCompile(_) => {
            let what = "it has no mistake that keeps it from being run, but compile_fail says so";
            return Err(Failure::new(
                what,
                "",
                "take compile_fail out; should_fail is for code that fails when it runs",
            ));
        }
        Must::Panic if is_panic(status) => {}
        Must::Panic => {
            let what = format!("{}, but should_panic says that it panics", ended(*status));
            return Err(Failure::new(
                &what,
                &said(),
                "take should_panic out, or bring the panic back",
            ));
        }
        Must::Fail if !status.success() => {}
        Must::Fail => {
            let what = "it ends well, but should_fail says that it must not";
            return Err(Failure::new(
                what,
                &said(),
                "take should_fail out, or bring the mistake back",
            ));
        }
    }
    match &sample.stdout {
        Some(expected) => compare(expected, &ran.stdout),
        None => Ok(()),
    }
}

fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(0) => "it ends well".to_owned(),
        Some(code) => format!("it ends with exit status {code}"),
        None => match signal(status) {
            Some(signal) => format!("it was killed by signal {signal}"),
            None => "it was killed".to_owned(),
        },
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

/// What a failed run said, standard error first among equals.
fn last_words(ran: &Ran, lines: &Lines<'_>) -> String {
    let said = match ran.stderr.text.trim().is_empty() {
        true => &ran.stdout,
        false => &ran.stderr,
    };
    let text = lines.place(said.text.trim_start_matches('\n').trim_end());
    let count = text.lines().count();
    // The end of it says most.
    let skipped = count.saturating_sub(SHOWN);
    let mut shown: Vec<String> = text.lines().skip(skipped).map(str::to_owned).collect();
    if skipped > 0 {
        shown.insert(0, format!("… {skipped} lines before"));
    }
    if said.is_cut {
        shown.push("… and more".to_owned());
    }
    shown.join("\n")
}

/// The beginning of a long text.
pub(super) fn shortened(text: &str) -> String {
    let count = text.lines().count();
    let mut shown: Vec<&str> = text.lines().take(SHOWN).collect();
    let more = format!("… {} lines more", count.saturating_sub(SHOWN));
    if count > SHOWN {
        shown.push(&more);
    }
    shown.join("\n")
}

fn compare(expected: &str, printed: &Said) -> Result<(), Failure> {
    let (expected, actual) = (tidy(expected), tidy(&printed.text));
    if expected == actual && !printed.is_cut {
        return Ok(());
    }
    let diff = TextDiff::from_lines(&expected, &actual);
    let hunks = diff
        .unified_diff()
        .context_radius(2)
        .missing_newline_hint(false)
        .to_string();
    let changes = hunks.lines().filter(|line| !line.starts_with("@@"));
    let mut details = format!(
        "- expected\n+ printed\n{}",
        changes.collect::<Vec<_>>().join("\n")
    );
    if printed.is_cut {
        details.push_str("\n… and more");
    }
    let hint = "put what it prints into the text, or mend the code; without output or expect it may print anything";
    Err(Failure::new(
        "it prints something else",
        &shortened(&details),
        hint,
    ))
}

/// White space at the end of lines and of the whole doesn't count.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[cfg(all(test, unix))]
mod tests {
    use std::{os::unix::process::ExitStatusExt as _, process::ExitStatus};

    use super::*;
    use crate::test::lines::tests::sample;

    fn ran(code: i32, stdout: &str, stderr: &str) -> Ran {
        let said = |text: &str| Said {
            text: text.to_owned(),
            is_cut: false,
        };
        Ran {
            status: Some(ExitStatus::from_raw(code << 8)),
            stdout: said(stdout),
            stderr: said(stderr),
        }
    }

    fn verdict(must: Must, stdout: Option<&str>, ran: &Ran) -> Result<(), String> {
        let sample = Sample {
            must,
            stdout: stdout.map(str::to_owned),
            program: Program::Rust {
                edition: "2024",
                harness: false,
            },
            ..sample("x\n")
        };
        let lines = Lines::new(&sample, "sample.py", 0);
        judge(&sample, ran, &lines, 3).map_err(|failure| failure.message)
    }

    #[test]
    fn each_demand_is_met_by_its_own_end() {
        for (must, met) in [
            (Must::Succeed, [true, false, false]),
            (Must::Panic, [false, true, false]),
            (Must::Fail, [false, true, true]),
            (Must::Compile, [true, false, false]),
            (Must::NotCompile(Vec::new()), [false, true, true]),
        ] {
            let ends =
                [0, 101, 3].map(|code| verdict(must.clone(), None, &ran(code, "", "")).is_ok());
            assert_eq!(ends, met, "{must:?}");
        }
        let mut endless = ran(0, "", "");
        endless.status = None;
        let told = verdict(Must::Fail, None, &endless).unwrap_err();
        assert_eq!(told, "it did not end within 3 s and was killed");
        let mut killed = ran(0, "", "");
        killed.status = Some(ExitStatus::from_raw(11));
        let told = verdict(Must::Succeed, None, &killed).unwrap_err();
        assert_eq!(told, "it was killed by signal 11");
    }

    #[test]
    fn what_is_printed_is_compared_without_white_space_at_the_ends() {
        let check = |expected, printed| {
            verdict(Must::Succeed, Some(expected), &ran(0, printed, "not this"))
        };
        assert_eq!(check("a\nb", "a  \nb\n\n"), Ok(()));
        assert_eq!(check("", "\n"), Ok(()));
        let told = check("one\ntwo\nthree\n", "one\n2\nthree\n").unwrap_err();
        assert_eq!(
            told,
            "it prints something else\n- expected\n+ printed\n one\n-two\n+2\n three"
        );
        assert!(check(" a", "a").is_err() && check("", "a").is_err());
        let told = verdict(Must::Panic, Some("x"), &ran(101, "y", "")).unwrap_err();
        assert!(told.contains("-x\n+y"), "{told}");
    }

    #[test]
    fn the_end_of_what_was_said_is_told_in_the_authors_terms() {
        let long: String = (0..100).map(|number| format!("line {number}\n")).collect();
        let told = verdict(
            Must::Succeed,
            None,
            &ran(1, "", &format!("{long}/tmp/sample.py:1")),
        )
        .unwrap_err();
        assert!(
            told.starts_with("it ends with exit status 1\n… 61 lines before\nline 61\n"),
            "{told}"
        );
        assert!(told.ends_with("content/a.md:11"), "{told}");
    }
}
