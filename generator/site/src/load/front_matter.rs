//! Cuts a file into front matter and body.

use crate::{
    diagnostic::Diagnostic,
    load::{node::Table, toml, yaml},
    text::SourceText,
};

/// Front matter and the byte where the body begins.
pub(crate) struct FrontMatter {
    pub(crate) table: Table,
    pub(crate) body: usize,
    /// Whether it could be read without a mistake; else keys may be missing through no fault of the author.
    pub(crate) is_whole: bool,
}

/// Reads the front matter of a file: TOML between `+++`, YAML between `---`.
///
/// Mistakes are reported; then the table is what could be read, so that later checks still see the file.
/// `None` when the end of the front matter is missing, since nothing after it can be told apart.
pub(crate) fn read(text: &SourceText, report: &mut Vec<Diagnostic>) -> Option<FrontMatter> {
    let Some(fence) = ["+++", "---"]
        .into_iter()
        .find(|fence| first_line(&text.text).trim_end() == *fence)
    else {
        report.push(text.error(
            0,
            "front-matter",
            "the file has no front matter",
            "begin it with a line +++, then title = \"…\", then another line +++",
        ));
        return None;
    };
    let data_start = text.text.find('\n').map_or(text.text.len(), |at| at + 1);
    let Some((data_end, body)) = closing(&text.text, data_start, fence) else {
        report.push(text.error(
            0,
            "front-matter",
            format!("the front matter that begins here has no end: no second line {fence}"),
            format!("close it with a line {fence} before the text"),
        ));
        return None;
    };
    let data = text.text.get(data_start..data_end).unwrap_or_default();
    let errors_before = report.len();
    let table = match fence {
        "+++" => toml::read(text, data, data_start, report),
        _ => yaml::read(text, data, data_start, report),
    };
    Some(FrontMatter {
        table,
        body,
        is_whole: report.len() == errors_before,
    })
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// Where the data ends and the body begins.
fn closing(text: &str, from: usize, fence: &str) -> Option<(usize, usize)> {
    let mut at = from;
    for line in text.get(from..)?.split_inclusive('\n') {
        if line.trim_end() == fence {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}
