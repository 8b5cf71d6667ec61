//! Tera with the functions that templates may call.

use std::collections::BTreeMap;

use tera::{Kwargs, State, Tera, TeraResult, Value};

use super::{Strings, ThemeFiles};
use crate::{
    diagnostic::{Diagnostic, Severity},
    nearest::did_you_mean,
    text::SourceText,
};

/// Parses all templates for one language; `None` when a template is wrong, which is reported.
pub(super) fn parse(
    files: &ThemeFiles,
    urls: &BTreeMap<String, String>,
    strings: &Strings,
    report: &mut Vec<Diagnostic>,
) -> Option<Tera> {
    let mut tera = Tera::new();
    let urls = urls.clone();
    tera.register_function("asset", move |arguments: Kwargs, _: &State<'_>| {
        asset(&urls, &arguments)
    });
    let strings = strings.clone();
    tera.register_function("t", move |arguments: Kwargs, _: &State<'_>| {
        translate(&strings, &arguments)
    });
    let mut templates = Vec::new();
    for (path, file) in files {
        let Some(name) = path.strip_prefix("templates/") else {
            continue;
        };
        templates.push((
            name.to_owned(),
            SourceText::read(&file.shown, &file.bytes, report)?.text,
        ));
    }
    match tera.add_raw_templates(templates) {
        Ok(()) => Some(tera),
        Err(error) => {
            report.push(diagnostic(files, &error));
            None
        }
    }
}

fn asset(urls: &BTreeMap<String, String>, arguments: &Kwargs) -> TeraResult<String> {
    let path = arguments.must_get::<&str>("path")?;
    urls.get(path).cloned().ok_or_else(|| {
        let hint = did_you_mean(
            path,
            urls.keys().map(String::as_str),
            "paths begin with styles/, scripts/ or static/",
        );
        tera::Error::message(format!("the theme has no file \"{path}\"; {hint}"))
    })
}

/// `{name}` in the string is replaced by the argument `name`.
fn translate(strings: &Strings, arguments: &Kwargs) -> TeraResult<String> {
    let key = arguments.must_get::<&str>("key")?;
    let Some(text) = strings.get(key) else {
        let hint = did_you_mean(key, strings.keys(), "add it to strings/en.toml");
        return Err(tera::Error::message(format!(
            "there is no string \"{key}\"; {hint}"
        )));
    };
    let values: BTreeMap<&str, &Value> = arguments
        .iter()
        .filter_map(|(name, value)| Some((name.as_str()?, value)))
        .collect();
    Ok(fill(text, |name| {
        values.get(name).map(|value| value.to_string())
    }))
}

fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('{') {
        out.push_str(before);
        match tail
            .split_once('}')
            .and_then(|(name, after)| Some((value(name)?, after)))
        {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Tera's error as a diagnostic: its text says template, line and column.
pub(super) fn diagnostic(files: &ThemeFiles, error: &tera::Error) -> Diagnostic {
    let mut full = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        full.push('\n');
        full.push_str(&inner.to_string());
        source = inner.source();
    }
    let message = full
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_owned();
    let place = full
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("--> "))
        .and_then(|place| {
            let mut parts = place.trim().rsplitn(3, ':');
            let (column, line, name) = (parts.next()?, parts.next()?, parts.next()?);
            Some((name.to_owned(), line.parse().ok()?, column.parse().ok()?))
        });
    let (name, line, column) = place.unwrap_or((String::new(), 1, 1));
    let path = files
        .get(&format!("templates/{name}"))
        .map_or_else(|| "<theme>/templates".to_owned(), |file| file.shown.clone());
    let more = full
        .lines()
        .skip(1)
        .filter(|line| line.contains("called from") || line.contains("; did you mean"))
        .map(str::trim);
    Diagnostic {
        path,
        line,
        column,
        end_line: None,
        end_column: None,
        severity: Severity::Error,
        code: "template",
        message,
        hint: more.collect::<Vec<_>>().join("; "),
        excerpt: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_others_stay() {
        let value = |name: &str| (name == "n").then(|| "3".to_owned());
        assert_eq!(fill("{n} of {total} {", value), "3 of {total} {");
    }
}
