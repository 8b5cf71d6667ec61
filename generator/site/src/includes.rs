//! Files that code fences include, as text.

use crate::{Files, text::SourceText, url};

/// The path below the site's folder that a text at `from` means; `None` when it climbs out of `content/` or is no path.
pub(crate) fn target(from: &str, path: &str) -> Option<String> {
    let path = url::decode(path);
    let is_path = !path.is_empty() && !path.starts_with('/') && !path.contains(['\\', '\0', ':']);
    is_path
        .then(|| url::join(from, &path))?
        .filter(|target| target.starts_with("content/"))
}

/// The text of a file that a text at `from` includes; `None` if it isn't there or no text, which `check` reports.
pub(crate) fn text(files: &Files, from: &str, path: &str) -> Option<String> {
    let target = target(from, path)?;
    let bytes = files.get(&target)?;
    let mut wrong = Vec::new();
    let text = SourceText::read(&target, bytes, &mut wrong)?;
    wrong.is_empty().then_some(text.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_content() {
        let from = "content/courses/a/01-b/01-c.md";
        assert_eq!(
            target(from, "code/../code/x%20y.rs").as_deref(),
            Some("content/courses/a/01-b/code/x y.rs")
        );
        for path in [
            "",
            "/etc/passwd",
            "../../../../themes/x",
            "../../../../../etc/passwd",
            "..\\..\\x",
            "%2e%2e/%2e%2e/%2e%2e/%2e%2e/x",
            "%252e%252e/%252e%252e/%252e%252e/%252e%252e/x",
            "a\0b",
            "a%00b",
            "C:/x",
            "https://example.com/x",
        ] {
            assert_eq!(target(from, path), None, "{path:?}");
        }
    }
}
