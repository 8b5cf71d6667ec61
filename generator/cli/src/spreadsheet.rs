//! What every table for a spreadsheet has to mind.

/// A text that no spreadsheet takes for a formula (OWASP, "CSV Injection").
pub(crate) fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
