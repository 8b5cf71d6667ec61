//! The part of a file that a fence includes: `code/main.rs`, `code/main.rs#5-12`, `code/main.rs#parse`.
//!
//! A named part stands between the lines `// ANCHOR: parse` and `// ANCHOR_END: parse`, in a comment of whatever
//! language. Lines with such marks are never shown. Files are read by the caller.

use std::ops::RangeInclusive;

/// Gives the text of a file by its path as written in the fence; `None` if there is no such text, which the caller
/// reports.
pub type Includes<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Includes nothing: for texts of which only the words are wanted.
#[must_use]
pub fn no_includes(_path: &str) -> Option<String> {
    None
}

/// What is wrong with a part: a message, and how to mend it.
pub(crate) type Wrong = (String, String);

/// The path of `path#part`.
pub(crate) fn path(include: &str) -> &str {
    split(include).0
}

/// The part of a file's text that `path#part` names; the common indentation of a part is dropped.
pub(crate) fn select(include: &str, text: &str) -> Result<String, Wrong> {
    let (path, part) = split(include);
    match part {
        None => Ok(shown(text.lines())),
        Some(part) => match lines(part) {
            Some(range) => by_lines(path, &range, text),
            None => by_name(path, part, text),
        },
    }
}

fn split(include: &str) -> (&str, Option<&str>) {
    match include.split_once('#') {
        Some((path, part)) => (path, Some(part)),
        None => (include, None),
    }
}

/// `5`, `5-12`, `5-`, `L5-L12`; `None` for a name.
fn lines(part: &str) -> Option<RangeInclusive<usize>> {
    let number = |text: &str| text.strip_prefix('L').unwrap_or(text).parse::<usize>().ok();
    match part.split_once('-') {
        None => number(part).map(|line| line..=line),
        Some((first, "")) => number(first).map(|first| first..=usize::MAX),
        Some((first, last)) => Some(number(first)?..=number(last)?),
    }
}

fn by_lines(path: &str, range: &RangeInclusive<usize>, text: &str) -> Result<String, Wrong> {
    let count = text.lines().count();
    let (first, last) = (*range.start(), *range.end());
    let is_there =
        first > 0 && first <= last && first <= count && (last <= count || last == usize::MAX);
    if !is_there {
        let message = format!("{path} has {count} lines; there is no such part of it");
        return Err((
            message,
            "a named part (// ANCHOR: name) moves with the code".to_owned(),
        ));
    }
    let taken: Vec<&str> = text.lines().take(last).skip(first - 1).collect();
    Ok(shown(dedented(&taken)))
}

fn by_name(path: &str, name: &str, text: &str) -> Result<String, Wrong> {
    let mut taken: Vec<&str> = Vec::new();
    let (mut is_inside, mut is_found) = (false, false);
    for line in text.lines() {
        match mark(line) {
            Some(Mark::Start(start)) if start == name => (is_inside, is_found) = (true, true),
            Some(Mark::End(end)) if end == name => is_inside = false,
            None if is_inside => taken.push(line),
            Some(_) | None => {}
        }
    }
    if !is_found {
        return Err(not_found(path, name, text));
    }
    if is_inside {
        let message = format!("the part \"{name}\" of {path} has no end");
        return Err((
            message,
            format!("close it with a comment ANCHOR_END: {name}"),
        ));
    }
    Ok(shown(dedented(&taken)))
}

fn not_found(path: &str, name: &str, text: &str) -> Wrong {
    let mut names: Vec<&str> = text
        .lines()
        .filter_map(|line| match mark(line) {
            Some(Mark::Start(name)) => Some(name),
            _ => None,
        })
        .collect();
    names.dedup();
    let near = names
        .iter()
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .filter(|(distance, known)| *distance <= 1 + known.chars().count() / 4)
        .min();
    let hint = match near {
        Some((_, near)) => format!("did you mean \"{near}\"?"),
        None if names.is_empty() => {
            format!("put the lines between comments ANCHOR: {name} and ANCHOR_END: {name}")
        }
        None => format!("its parts: {}", names.join(", ")),
    };
    (format!("{path} has no part \"{name}\""), hint)
}

enum Mark<'a> {
    Start(&'a str),
    End(&'a str),
}

fn mark(line: &str) -> Option<Mark<'_>> {
    let name = |rest: &'static str| {
        let (_, after) = line.split_once(rest)?;
        let after = after.trim_start();
        let end = after
            .find(|ch: char| !ch.is_alphanumeric() && !matches!(ch, '_' | '-'))
            .unwrap_or(after.len());
        after.get(..end).filter(|name| !name.is_empty())
    };
    match name("ANCHOR_END:") {
        Some(end) => Some(Mark::End(end)),
        None => name("ANCHOR:").map(Mark::Start),
    }
}

/// Lines without what all of them begin with.
fn dedented<'a>(lines: &[&'a str]) -> impl Iterator<Item = &'a str> {
    let indent = |line: &&&str| line.len() - line.trim_start().len();
    let common = lines
        .iter()
        .filter(|line| !line.trim().is_empty() && mark(line).is_none())
        .map(|line| indent(&line))
        .min()
        .unwrap_or(0);
    lines
        .iter()
        .map(move |line| line.get(common..).unwrap_or_default())
        .collect::<Vec<_>>()
        .into_iter()
}

fn shown<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines.filter(|line| mark(line).is_none()) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "use std::io;\n\nimpl A {\n    // ANCHOR: parse\n    fn parse() {\n        // ANCHOR: inner\n        go();\n        // ANCHOR_END: inner\n\n    }\n    // ANCHOR_END: parse\n}\n# ANCHOR: open\n";

    #[test]
    fn parts_are_found_by_name_and_by_line() {
        assert_eq!(path("a/b.rs#x"), "a/b.rs");
        assert_eq!(
            select("a#parse", FILE).unwrap(),
            "fn parse() {\n    go();\n\n}\n"
        );
        assert_eq!(select("a#inner", FILE).unwrap(), "go();\n");
        assert_eq!(select("a#1", FILE).unwrap(), "use std::io;\n");
        assert_eq!(
            select("a#L5-L7", FILE).unwrap(),
            "fn parse() {\n    go();\n"
        );
        assert_eq!(select("a#12-", FILE).unwrap(), "}\n");
        assert_eq!(
            select("a", FILE).unwrap(),
            "use std::io;\n\nimpl A {\n    fn parse() {\n        go();\n\n    }\n}\n"
        );
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let wrong = |include| select(include, FILE).unwrap_err();
        assert_eq!(
            wrong("a#pars"),
            (
                "a has no part \"pars\"".to_owned(),
                "did you mean \"parse\"?".to_owned()
            )
        );
        assert_eq!(wrong("a#zzzzzz").1, "its parts: parse, inner, open");
        assert!(wrong("a#open").0.contains("has no end"));
        for lines in ["a#0", "a#9-3", "a#14", "a#1-14"] {
            assert!(wrong(lines).0.contains("13 lines"), "{lines}");
        }
    }
}
