//! ES modules: imports led to fingerprinted files. A module is published after those it imports, since its own
//! fingerprint depends on theirs. Comments are for who reads the theme, and are not published.

mod comments;

use std::{collections::BTreeMap, ops::Range};

use super::assets::Assets;
use crate::{diagnostic::Diagnostic, nearest::did_you_mean, text::SourceText, url};

/// Publishes every script.
pub(super) fn build(
    texts: &BTreeMap<String, SourceText>,
    assets: &mut Assets,
    report: &mut Vec<Diagnostic>,
) {
    for path in texts.keys() {
        publish(path, texts, assets, &mut Vec::new(), report);
    }
}

fn publish(
    path: &str,
    texts: &BTreeMap<String, SourceText>,
    assets: &mut Assets,
    trail: &mut Vec<String>,
    report: &mut Vec<Diagnostic>,
) {
    let Some(text) = texts.get(path).filter(|_| !assets.urls.contains_key(path)) else {
        return;
    };
    if trail.iter().any(|seen| seen == path) {
        let message = format!("scripts import each other: {} → {path}", trail.join(" → "));
        report.push(text.error(
            0,
            "import-cycle",
            message,
            "their fingerprints would chase each other: move what both need into a third",
        ));
        return;
    }
    trail.push(path.to_owned());
    let mut out = String::with_capacity(text.text.len());
    let mut from = 0;
    for specifier in specifiers(&text.text) {
        let Some(written) = text.text.get(specifier.clone()) else {
            continue;
        };
        let target = url::join(path, written).filter(|target| texts.contains_key(target));
        match &target {
            Some(target) => publish(target, texts, assets, trail, report),
            None => {
                let hint = did_you_mean(
                    written,
                    texts.keys().map(String::as_str),
                    "imports are relative to the importing file",
                );
                report.push(text.error(
                    specifier.start,
                    "import",
                    format!("there is no script \"{written}\""),
                    hint,
                ));
            }
        }
        out.push_str(text.text.get(from..specifier.start).unwrap_or_default());
        out.push_str(
            target
                .as_ref()
                .and_then(|target| assets.urls.get(target))
                .map_or(written, String::as_str),
        );
        from = specifier.end;
    }
    out.push_str(text.text.get(from..).unwrap_or_default());
    trail.pop();
    let published = comments::without_comments(&out).unwrap_or(out);
    assets.add(path, published.into_bytes());
}

/// Where relative specifiers stand, in quotes: after `from`, `import`, `import(`, or after `new URL(`, which with
/// `import.meta.url` is how a script names a worker.
fn specifiers(script: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(quote_at) = script
        .get(at..)
        .and_then(|rest| rest.find(['"', '\'']))
        .map(|found| at + found)
    {
        at = quote_at + 1;
        let before = script.get(..quote_at).unwrap_or_default().trim_end();
        let call = before.strip_suffix('(').map(str::trim_end);
        let before = call.unwrap_or(before);
        let keywords: &[&str] = match call {
            Some(_) => &["from", "import", "new URL"],
            None => &["from", "import"],
        };
        let after_keyword = keywords.iter().any(|keyword| {
            before.strip_suffix(*keyword).is_some_and(|lead| {
                !lead.ends_with(|ch: char| ch.is_alphanumeric() || matches!(ch, '_' | '$' | '.'))
            })
        });
        let rest = script.get(at..).unwrap_or_default();
        let quote = if script
            .get(quote_at..)
            .is_some_and(|rest| rest.starts_with('"'))
        {
            '"'
        } else {
            '\''
        };
        if after_keyword
            && (rest.starts_with("./") || rest.starts_with("../"))
            && let Some(length) = rest.find(quote)
        {
            found.push(at..at + length);
            at += length + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build_all(files: &[(&str, &str)]) -> (Assets, Vec<Diagnostic>) {
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
        let (mut assets, mut report) = (Assets::default(), Vec::new());
        build(&texts, &mut assets, &mut report);
        (assets, report)
    }

    #[test]
    fn static_and_dynamic_imports_lead_to_fingerprinted_files() {
        let (assets, report) = build_all(&[
            (
                "scripts/site.js",
                "import { x } from \"./lib/x.js\";\nif (x) import('./lib/x.js');\nnew Worker(new URL(\"./lib/x.js\", import.meta.url));\nconst s = \"./lib/x.js\";\n",
            ),
            ("scripts/lib/x.js", "export const x = 1;\n"),
        ]);
        assert_eq!(report, []);
        let x = &assets.urls["scripts/lib/x.js"];
        let site =
            String::from_utf8(assets.files[&assets.urls["scripts/site.js"]].to_vec()).unwrap();
        assert_eq!(
            site,
            format!(
                "import {{ x }} from \"{x}\";\nif (x) import('{x}');\nnew Worker(new URL(\"{x}\", import.meta.url));\nconst s = \"./lib/x.js\";\n"
            )
        );
    }

    #[test]
    fn a_fingerprint_changes_with_what_is_imported() {
        let url = |x: &str| {
            build_all(&[("scripts/a.js", "import \"./x.js\";"), ("scripts/x.js", x)])
                .0
                .urls["scripts/a.js"]
                .clone()
        };
        assert_ne!(url("1"), url("2"));
    }

    #[test]
    fn missing_and_circular_imports_are_errors() {
        let (_, report) = build_all(&[
            ("scripts/a.js", "import \"./b.js\";\nimport \"./x.js\";"),
            ("scripts/b.js", "import \"./a.js\";"),
        ]);
        let codes: Vec<_> = report
            .iter()
            .map(|d| (d.path.as_str(), d.line, d.code))
            .collect();
        assert_eq!(
            codes,
            [
                ("scripts/a.js", 1, "import-cycle"),
                ("scripts/a.js", 2, "import")
            ]
        );
    }
}
