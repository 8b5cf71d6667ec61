//! `llms.txt` (<https://llmstxt.org>): what is public on a site, for programs that read for somebody. One for each
//! language, in its words.
//!
//! It names pages and says what they say of themselves; of a paid lesson that is its title, as on the course's page.

use std::fmt::Write as _;

use crate::{
    model::{Model, Page, PageText},
    render::{Describe, absolute},
    theme::Theme,
    url,
};

/// Path and text for each language.
pub(super) fn build(model: &Model, theme: &Theme) -> Vec<(String, String)> {
    let languages = model.site.languages.iter().map(String::as_str);
    languages
        .filter(|_| model.site.llms)
        .map(|language| {
            let path = format!("{}/llms.txt", model.prefix(language));
            (path, list(Describe { model, language }, theme))
        })
        .collect()
}

fn list(describe: Describe<'_>, theme: &Theme) -> String {
    let Describe { model, language } = describe;
    let strings = theme.strings(language);
    let word = |key: &'static str| -> &str {
        let said = strings.and_then(|strings| strings.get(key));
        said.map_or(key, |said| said)
    };
    let mut out = format!("# {}\n", line(&model.site.title));
    if let Some(description) = &model.site.description {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "\n> {}", line(description));
    }
    for course in &model.courses {
        let card = describe.card(course);
        let price = card.price_text.unwrap_or_else(|| word("free").to_owned());
        let _ = writeln!(out, "\n## {}\n", line(&card.title));
        let note = format!("{} ({price})", card.summary);
        entry(&mut out, model, &card.title, &card.path, Some(&note));
        for position in 0..course.lessons.len() {
            let Some(lesson) = describe.lesson(course, position, None) else {
                continue;
            };
            let paid = lesson.locked.then(|| word("locked").to_owned());
            let note = match (paid, lesson.summary) {
                (Some(paid), Some(summary)) => Some(format!("{paid}. {summary}")),
                (paid, summary) => paid.or(summary),
            };
            entry(
                &mut out,
                model,
                &lesson.title,
                &lesson.path,
                note.as_deref(),
            );
        }
    }
    let prefix = model.prefix(language);
    let posts = of_language(&model.posts, language)
        .map(|(post, text)| (url::post(&prefix, &post.slug), text));
    let pages = of_language(&model.pages, language)
        .filter(|(page, _)| !page.slug.is_empty())
        .map(|(page, text)| (url::page(&prefix, &page.slug), text));
    section(&mut out, model, word("posts"), posts);
    section(&mut out, model, word("pages"), pages);
    out
}

fn of_language<'a>(
    pages: &'a [Page],
    language: &str,
) -> impl Iterator<Item = (&'a Page, &'a PageText)> {
    let text = move |page: &'a Page| Some((page, page.texts.get(language)?));
    pages.iter().filter_map(text)
}

fn section<'a>(
    out: &mut String,
    model: &Model,
    title: &str,
    entries: impl Iterator<Item = (String, &'a PageText)>,
) {
    let mut entries = entries.peekable();
    if entries.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n## {}\n", line(title));
    for (path, text) in entries {
        let first = &text.body.outline.first_paragraph;
        let note = text.summary.as_ref().unwrap_or(first);
        entry(out, model, &text.title, &path, Some(note));
    }
}

/// `- [title](address): note`
fn entry(out: &mut String, model: &Model, title: &str, path: &str, note: Option<&str>) {
    let address = absolute(&model.site.base_url, path);
    let _ = write!(out, "- [{}]({address})", line(title));
    if let Some(note) = note.filter(|note| !note.is_empty()) {
        let _ = write!(out, ": {}", line(note));
    }
    out.push('\n');
}

/// Text on one line that is no markup: what Markdown would read as such is escaped.
fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for ch in word.chars() {
            if matches!(ch, '\\' | '[' | ']' | '<' | '*' | '_' | '`' | '#') {
                out.push('\\');
            }
            out.push(ch);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_stays_text_on_one_line() {
        assert_eq!(
            line("`Vec<T>`\n[and] more"),
            "\\`Vec\\<T>\\` \\[and\\] more"
        );
    }
}
