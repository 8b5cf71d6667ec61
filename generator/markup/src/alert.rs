//! Alerts with words of their own: `> [!WARNING] Mind the gap`. The parser knows `[!WARNING]` alone on its line, as
//! GitHub has it; here the rest of the line is the alert's title, with its markup.

use std::{collections::BTreeSet, ops::Range};

use pulldown_cmark::{BlockQuoteKind, Event, Tag, TagEnd};

use crate::{Problem, Severity};

type Events<'a> = Vec<(Event<'a>, Range<usize>)>;

/// What GitHub calls them, and what other tools call the same.
const KINDS: [(&str, BlockQuoteKind, &[&str]); 5] = [
    (
        "NOTE",
        BlockQuoteKind::Note,
        &["INFO", "ABSTRACT", "SUMMARY", "TODO", "QUOTE"],
    ),
    (
        "TIP",
        BlockQuoteKind::Tip,
        &["HINT", "SUCCESS", "EXAMPLE", "CHECK", "DONE"],
    ),
    (
        "IMPORTANT",
        BlockQuoteKind::Important,
        &["QUESTION", "HELP", "FAQ"],
    ),
    ("WARNING", BlockQuoteKind::Warning, &["ATTENTION", "WARN"]),
    (
        "CAUTION",
        BlockQuoteKind::Caution,
        &["DANGER", "ERROR", "BUG", "FAILURE"],
    ),
];

/// Events in which every alert is one, and the positions of the paragraphs that are titles of alerts: each stands
/// right after the start of its alert.
pub(crate) fn with_titles<'a>(
    text: &str,
    events: Events<'a>,
    problems: &mut Vec<Problem>,
) -> (Events<'a>, BTreeSet<usize>) {
    let mut out: Events<'a> = Vec::with_capacity(events.len());
    let mut titles = BTreeSet::new();
    let mut kinds = Vec::new();
    let mut events = events.into_iter().peekable();
    while let Some((event, range)) = events.next() {
        match event {
            Event::Start(Tag::BlockQuote(kind)) => {
                let marked = match (kind, events.peek()) {
                    (None, Some((Event::Start(Tag::Paragraph), paragraph))) => {
                        marked(text, paragraph.start)
                    }
                    _ => None,
                };
                let known = marked.as_ref().and_then(|marked| kind_of(marked.name));
                if let (Some(marked), None) = (&marked, known) {
                    problems.push(unknown(marked));
                }
                let titled = known.filter(|_| marked.as_ref().is_some_and(|marked| marked.titled));
                kinds.push(kind.or(titled));
                out.push((Event::Start(Tag::BlockQuote(kind.or(titled))), range));
                if titled.is_some()
                    && let Some(marked) = marked
                {
                    titles.insert(out.len());
                    title(marked.length, &mut events, &mut out);
                }
            }
            Event::End(TagEnd::BlockQuote(kind)) => {
                let kind = kinds.pop().unwrap_or(kind);
                out.push((Event::End(TagEnd::BlockQuote(kind)), range));
            }
            event => out.push((event, range)),
        }
    }
    (out, titles)
}

/// The mark that a paragraph begins with.
struct Marked<'a> {
    name: &'a str,
    /// Bytes of the name in the text.
    range: Range<usize>,
    /// Bytes up to what follows the bracket and the spaces after it.
    length: usize,
    /// Whether something follows on its line.
    titled: bool,
}

fn marked(text: &str, start: usize) -> Option<Marked<'_>> {
    let (name, rest) = text.get(start..)?.strip_prefix("[!")?.split_once(']')?;
    let is_name = !name.is_empty() && name.chars().all(|ch| ch.is_ascii_alphabetic());
    let line = rest.lines().next().unwrap_or_default();
    let title = line.trim_start();
    // `[!NOTE](url)` and the like are links.
    let is_mark = is_name && (title.is_empty() || title.len() < line.len());
    is_mark.then(|| Marked {
        name,
        range: start + 2..start + 2 + name.len(),
        length: "[!]".len() + name.len() + line.len() - title.len(),
        titled: !title.is_empty(),
    })
}

fn kind_of(name: &str) -> Option<BlockQuoteKind> {
    KINDS
        .iter()
        .find(|(known, ..)| known.eq_ignore_ascii_case(name))
        .map(|(_, kind, _)| *kind)
}

/// Moves the first line of a paragraph into a paragraph of its own, without the `length` bytes of the mark.
fn title<'a>(
    length: usize,
    events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    out: &mut Events<'a>,
) {
    let Some((start, whole)) = events.next() else {
        return;
    };
    let end_of_mark = whole.start + length;
    out.push((start, whole.start..whole.end));
    let mut depth = 0_usize;
    for (event, range) in events {
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(TagEnd::Paragraph) => {
                out.push((event, range));
                return;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::SoftBreak | Event::HardBreak if depth == 0 => {
                out.push((Event::End(TagEnd::Paragraph), whole.clone()));
                out.push((Event::Start(Tag::Paragraph), range.end..whole.end));
                return;
            }
            Event::Text(piece) if range.start < end_of_mark => {
                let rest = piece.get(end_of_mark - range.start..).unwrap_or_default();
                if !rest.is_empty() {
                    out.push((Event::Text(rest.to_owned().into()), end_of_mark..range.end));
                }
                continue;
            }
            _ => {}
        }
        out.push((event, range));
    }
}

fn unknown(marked: &Marked<'_>) -> Problem {
    let upper = marked.name.to_ascii_uppercase();
    let same = KINDS
        .iter()
        .find(|(_, _, others)| others.contains(&upper.as_str()));
    let near = || {
        KINDS
            .iter()
            .find(|(name, ..)| strsim::damerau_levenshtein(name, &upper) <= 2)
    };
    Problem {
        severity: Severity::Warning,
        code: "unknown-alert",
        range: marked.range.clone(),
        message: format!("there is no alert called \"{}\"", marked.name),
        hint: match same.or_else(near) {
            Some((name, ..)) => format!("write [!{name}]"),
            None => {
                "there are NOTE, TIP, IMPORTANT, WARNING and CAUTION; a quote is shown".to_owned()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, no_includes, render, scan};

    fn html(text: &str) -> String {
        render(text, &Options::default(), &|_| None, &no_includes).html
    }

    #[test]
    fn the_rest_of_the_line_is_the_title() {
        assert_eq!(
            html("> [!warning]  注意 *this* `x`\n> Text.\n>\n> More.\n"),
            "<div class=\"alert warning\" role=\"note\"><p class=\"alert-title\"><span class=\"alert-kind\">Warning</span> 注意 <em>this</em> <code>x</code></p>\n<p>Text.</p>\n<p>More.</p>\n</div>\n"
        );
        assert_eq!(
            html("> [!TIP] See https://example.com\n\n- > [!NOTE] In a list\\\n  > text\n"),
            "<div class=\"alert tip\" role=\"note\"><p class=\"alert-title\"><span class=\"alert-kind\">Tip</span> See <a href=\"https://example.com\">https://example.com</a></p>\n</div>\n<ul>\n<li><div class=\"alert note\" role=\"note\"><p class=\"alert-title\"><span class=\"alert-kind\">Note</span> In a list</p>\n<p>text</p>\n</div>\n</li>\n</ul>\n"
        );
    }

    #[test]
    fn what_only_looks_like_an_alert_is_a_quote() {
        for text in [
            "> \\[!NOTE] x\n",
            "> [!NOTE](x)\n",
            "> [!NOTE]x\n",
            "> x [!NOTE] y\n",
            "> [!HINT] x\n",
        ] {
            assert!(html(text).starts_with("<blockquote>"), "{text}");
        }
        assert!(html("> > [!NOTE] x\n").starts_with("<blockquote>\n<div class=\"alert note\""));
    }

    #[test]
    fn an_alert_of_another_tool_names_ours() {
        let told = |text: &str| {
            let problems = scan(text, &Options::default(), &no_includes).problems;
            let shown = problems.iter().map(|problem| {
                let what = &text[problem.range.clone()];
                format!("{what}: {}; {}", problem.message, problem.hint)
            });
            shown.collect::<Vec<_>>()
        };
        assert_eq!(
            told("x\n\n> [!Danger]\n> y\n\n> [!NOET] y\n\n> [!note] y\n"),
            [
                "Danger: there is no alert called \"Danger\"; write [!CAUTION]",
                "NOET: there is no alert called \"NOET\"; write [!NOTE]",
            ]
        );
    }
}
