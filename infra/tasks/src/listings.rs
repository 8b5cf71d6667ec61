//! Listings in course text must be the code that is compiled and tested: a fence with `file="src/x.rs"`
//! in `<module>/<NN-lesson>.md` shows consecutive lines of `<module>/code/<NN-lesson>/src/x.rs`.
//!
//! A listing may leave out lines where it has a line `// …`, and may drop an indentation that all its
//! lines share.

mod matching;

use std::fs;
use std::path::{Path, PathBuf};

use crate::files;
use crate::report::say;

/// Compares every listing below `content`; the reason names each that differs.
pub(crate) fn check(content: &Path) -> Result<(), String> {
    let mut wrong = Vec::new();
    let mut compared = 0;
    let all = files::below(content).map_err(|error| error.to_string())?;
    for page in all {
        if page.extension().is_none_or(|kind| kind != "md") || in_code(&page) {
            continue;
        }
        let shown = files::shown(content, &page);
        let text = fs::read_to_string(&page).map_err(|error| format!("{shown}: {error}"))?;
        for listing in listings(&text) {
            compared += 1;
            if let Err(reason) = compare(&page, &listing) {
                wrong.push(format!("  {shown}:{}: {reason}", listing.line));
            }
        }
    }
    say(&format!("    {compared} listings"));
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "listings that are not the tested code\n{}",
            wrong.join("\n")
        ))
    }
}

/// Text beside the code (a README in a fixture, say) is no lesson.
fn in_code(page: &Path) -> bool {
    page.components().any(|part| part.as_os_str() == "code")
}

fn compare(page: &Path, listing: &Listing) -> Result<(), String> {
    let file = source(page, listing.file).ok_or("the page has no name")?;
    let code = fs::read_to_string(&file)
        .map_err(|error| format!("{} in the lesson's code: {error}", listing.file))?;
    let code: Vec<&str> = code.lines().collect();
    match matching::first_strange(&listing.lines, &code) {
        None => Ok(()),
        Some(line) => Err(format!("not in {}: `{line}`", listing.file)),
    }
}

/// Where the code of a listing is. A translation (`name.zh.md`) shows the original's code.
fn source(page: &Path, file: &str) -> Option<PathBuf> {
    let name = page.file_name()?.to_str()?.split('.').next()?;
    Some(page.parent()?.join("code").join(name).join(file))
}

/// One fence that names a file.
struct Listing<'a> {
    /// Line of the fence in the page, from 1.
    line: usize,
    file: &'a str,
    lines: Vec<&'a str>,
}

fn listings(text: &str) -> Vec<Listing<'_>> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some((fence, info)) = opening(line) else {
            continue;
        };
        let body = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| !closes(line, fence))
            .collect();
        let file = info
            .split_once("file=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        // What a command is run on is written out by the fence itself, and tested by that command.
        if let Some((file, _)) = file.filter(|_| !info.contains("cmd=\"")) {
            found.push(Listing {
                line: number + 1,
                file,
                lines: body,
            });
        }
    }
    found
}

/// The fence's marks and its info string, if a code block opens here (CommonMark §4.5).
fn opening(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let mark = line
        .chars()
        .next()
        .filter(|mark| matches!(mark, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let fence = line.strip_suffix(info)?;
    (fence.len() >= 3).then_some((fence, info))
}

fn closes(line: &str, fence: &str) -> bool {
    let line = line.trim();
    line.len() >= fence.len()
        && line.starts_with(fence)
        && opening(line).is_some_and(|(_, info)| info.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fences_that_name_a_file_are_listings() {
        let text = "```text\n```\n\n~~~rust file=\"a.rs\"\nx\n```\n~~~\n```text cmd=\"wc x\" file=\"x\"\n```\n````md\n```rust file=\"b.rs\"\n```\n````\n";
        let found = listings(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].file), (4, "a.rs"));
        assert_eq!(found[0].lines, ["x", "```"]);
    }

    #[test]
    fn a_translation_shows_the_code_of_its_original() {
        let source = |page: &str| source(Path::new(page), "src/main.rs").unwrap();
        assert_eq!(source("m/01-a.zh.md"), source("m/01-a.md"));
        assert_eq!(source("m/01-a.md"), Path::new("m/code/01-a/src/main.rs"));
    }
}
