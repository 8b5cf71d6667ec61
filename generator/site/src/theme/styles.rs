//! Style sheets: imports put in place, `url()` led to fingerprinted files, minified.

use std::collections::{BTreeMap, BTreeSet};

use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};

use super::assets::Assets;
use crate::{diagnostic::Diagnostic, nearest::did_you_mean, text::SourceText, url};

/// Publishes every style sheet that no other one imports.
pub(super) fn build(
    texts: &BTreeMap<String, SourceText>,
    assets: &mut Assets,
    report: &mut Vec<Diagnostic>,
) {
    let mut imported = BTreeSet::new();
    for (path, text) in texts {
        check_syntax(text, report);
        imported.extend(imports(&text.text).filter_map(|import| url::join(path, import.specifier)));
    }
    for path in texts.keys().filter(|path| !imported.contains(*path)) {
        let mut bundle = Bundle {
            texts,
            assets,
            report,
            trail: Vec::new(),
            css: String::new(),
        };
        bundle.inline(path);
        let css = bundle.css;
        let minified = minify(&css).unwrap_or(css);
        assets.add(path, minified.into_bytes());
    }
}

fn check_syntax(text: &SourceText, report: &mut Vec<Diagnostic>) {
    if let Err(error) = StyleSheet::parse(&text.text, ParserOptions::default()) {
        let offset = error.loc.as_ref().map_or(0, |loc| {
            let line_start: usize = text
                .text
                .split_inclusive('\n')
                .take(loc.line as usize)
                .map(str::len)
                .sum();
            line_start + (loc.column as usize).saturating_sub(1)
        });
        report.push(text.error(
            offset,
            "style",
            error.kind.to_string(),
            "see the CSS reference for this rule",
        ));
    }
}

fn minify(css: &str) -> Option<String> {
    let mut sheet = StyleSheet::parse(css, ParserOptions::default()).ok()?;
    sheet.minify(MinifyOptions::default()).ok()?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            ..PrinterOptions::default()
        })
        .ok()?;
    Some(printed.code)
}

/// A style sheet while its imports are put in place.
struct Bundle<'a> {
    texts: &'a BTreeMap<String, SourceText>,
    assets: &'a Assets,
    report: &'a mut Vec<Diagnostic>,
    /// The way of imports to the current file.
    trail: Vec<String>,
    css: String,
}

impl<'a> Bundle<'a> {
    fn inline(&mut self, path: &str) {
        let texts: &'a BTreeMap<String, SourceText> = self.texts;
        let Some(text) = texts.get(path) else { return };
        if self.trail.iter().any(|seen| seen == path) {
            let message = format!(
                "style sheets import each other: {} → {path}",
                self.trail.join(" → ")
            );
            self.report
                .push(text.error(0, "import-cycle", message, "take one of the imports out"));
            return;
        }
        self.trail.push(path.to_owned());
        let mut from = 0;
        for import in imports(&text.text) {
            self.with_urls(path, text, from..import.start);
            from = import.end;
            self.import(path, text, &import);
        }
        self.with_urls(path, text, from..text.text.len());
        self.css.push('\n');
        self.trail.pop();
    }

    fn import(&mut self, path: &str, text: &SourceText, import: &Import<'_>) {
        let Some(target) =
            url::join(path, import.specifier).filter(|target| self.texts.contains_key(target))
        else {
            let wanted = url::join(path, import.specifier).unwrap_or_default();
            let hint = did_you_mean(
                &wanted,
                self.texts.keys().map(String::as_str),
                "imports are relative to the importing file",
            );
            self.report.push(text.error(
                import.start,
                "import",
                format!("there is no style sheet \"{}\"", import.specifier),
                hint,
            ));
            return;
        };
        let layer = import
            .conditions
            .strip_prefix("layer(")
            .and_then(|rest| rest.strip_suffix(')'));
        match (import.conditions, layer) {
            ("", _) => return self.inline(&target),
            (_, Some(layer)) => self.css.push_str(&format!("@layer {layer} {{\n")),
            (media, None) => self.css.push_str(&format!("@media {media} {{\n")),
        }
        self.inline(&target);
        self.css.push_str("}\n");
    }

    /// Appends a part of a file with relative `url()` led to fingerprinted URLs.
    fn with_urls(&mut self, path: &str, text: &SourceText, part: std::ops::Range<usize>) {
        let (mut from, end) = (part.start, part.end);
        while let Some(at) = text
            .text
            .get(from..end)
            .and_then(|rest| rest.find("url("))
            .map(|at| from + at + "url(".len())
        {
            self.css
                .push_str(text.text.get(from..at).unwrap_or_default());
            from = at;
            let Some((written, _)) = text.text.get(at..end).and_then(|rest| rest.split_once(')'))
            else {
                break;
            };
            let specifier = written.trim().trim_matches(['"', '\'']);
            if !specifier.starts_with('.') {
                continue;
            }
            match url::join(path, specifier).and_then(|target| self.assets.urls.get(&target)) {
                Some(url) => {
                    self.css.push_str(&format!("\"{url}\""));
                    from = at + written.len();
                }
                None => {
                    let hint = did_you_mean(
                        specifier,
                        self.assets.urls.keys().map(String::as_str),
                        "files that styles use stand in static/",
                    );
                    self.report.push(text.error(
                        at,
                        "asset",
                        format!("there is no file \"{specifier}\""),
                        hint,
                    ));
                }
            }
        }
        self.css
            .push_str(text.text.get(from..end).unwrap_or_default());
    }
}

/// One `@import "./x.css" conditions;`.
struct Import<'a> {
    specifier: &'a str,
    conditions: &'a str,
    start: usize,
    end: usize,
}

/// Imports with a relative path; they stand at the start of a line, outside comments.
fn imports(css: &str) -> impl Iterator<Item = Import<'_>> {
    let mut at = 0;
    let mut in_comment = false;
    css.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let was_in_comment = in_comment;
        in_comment = match (line.rfind("/*"), line.rfind("*/")) {
            (Some(open), Some(close)) => open > close,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => in_comment,
        };
        let rest = line
            .strip_prefix("@import")
            .filter(|_| !was_in_comment)?
            .trim_start();
        let quote = rest
            .chars()
            .next()
            .filter(|quote| matches!(quote, '"' | '\''))?;
        let (specifier, rest) = rest.get(1..)?.split_once(quote)?;
        let (conditions, tail) = rest.split_once(';')?;
        let end = start + line.len() - tail.len();
        specifier.starts_with('.').then(|| Import {
            specifier,
            conditions: conditions.trim(),
            start,
            end,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(files: &[(&str, &str)]) -> (String, Vec<Diagnostic>) {
        let text = |path: &str, text: &str| {
            (
                path.to_owned(),
                SourceText {
                    path: path.to_owned(),
                    text: text.to_owned(),
                },
            )
        };
        let texts = files
            .iter()
            .map(|(path, content)| text(path, content))
            .collect();
        let mut assets = Assets::default();
        assets.add("static/a.svg", b"<svg/>".to_vec());
        let mut report = Vec::new();
        build(&texts, &mut assets, &mut report);
        let css = assets
            .urls
            .get("styles/site.css")
            .and_then(|url| assets.files.get(url))
            .map(|css| String::from_utf8(css.to_vec()).unwrap());
        (css.unwrap_or_default(), report)
    }

    #[test]
    fn imports_are_put_in_place_and_urls_lead_to_fingerprinted_files() {
        let (css, report) = bundle(&[
            (
                "styles/site.css",
                "/* @import \"./no.css\"; */\n@import \"./a.css\";\n@import \"./p.css\" print;\nb { background: url(../static/a.svg) }\n",
            ),
            ("styles/a.css", "a { color: #ff0000 }\n"),
            ("styles/p.css", "a { color: black }\n"),
        ]);
        assert_eq!(report, []);
        assert!(
            css.starts_with("a{color:red}@media print{a{color:#000}}b{background:url(/assets/a."),
            "{css}"
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_placed() {
        let (_, report) = bundle(&[(
            "styles/site.css",
            "@import \"./sit.css\";\na { background: url(../static/b.svg) }\nb { color }\n",
        )]);
        let found: Vec<_> = report.iter().map(|d| (d.line, d.code)).collect();
        assert!(
            found.contains(&(1, "import"))
                && found.contains(&(2, "asset"))
                && found.contains(&(3, "style")),
            "{report:?}"
        );
    }
}
