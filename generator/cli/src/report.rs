//! Prints diagnostics: for people on standard error, as a JSON array on standard output.

use std::io::Write as _;

use tuition_site::{Diagnostic, Severity};

/// Prints all of them, and a line that counts them.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic], json: bool) {
    if json {
        let text = serde_json::to_string_pretty(diagnostics).unwrap_or_else(|_| "[]".to_owned());
        // Who closed the pipe has read enough.
        let _ = writeln!(std::io::stdout(), "{text}");
        return;
    }
    let mut out = std::io::stderr().lock();
    for diagnostic in diagnostics {
        let _ = writeln!(out, "{diagnostic}");
    }
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let counts = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
    ];
    let counts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| plural(*count, name))
        .collect();
    if !counts.is_empty() {
        let _ = writeln!(out, "{}", counts.join(", "));
    }
}

/// Prints what the machine could not do.
pub(crate) fn environment(error: &dyn std::error::Error) {
    let _ = writeln!(std::io::stderr(), "error: {error}");
}

/// Prints what was done.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// `1 page`, `3 pages`.
pub(crate) fn plural(count: usize, name: &str) -> String {
    match count {
        1 => format!("1 {name}"),
        count => format!("{count} {name}s"),
    }
}
