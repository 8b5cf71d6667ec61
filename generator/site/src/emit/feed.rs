//! Atom feeds of posts (RFC 4287): one for the default language, and one for each other language with posts.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};

use super::xml;
use crate::{
    model::{Model, Page, PageText},
    render::{absolute, change},
    url,
};

/// Path and text of each feed.
pub(super) fn build(model: &Model) -> Vec<(String, String)> {
    let default = model.default_language();
    let languages = model.site.languages.iter().map(String::as_str);
    let with_posts = languages.filter(|language| {
        *language == default
            || model
                .posts
                .iter()
                .any(|post| post.texts.contains_key(*language))
    });
    with_posts
        .map(|language| {
            (
                format!("{}/feed.xml", model.prefix(language)),
                feed(model, language),
            )
        })
        .collect()
}

fn feed(model: &Model, language: &str) -> String {
    let site = &model.site;
    let prefix = model.prefix(language);
    let address = |path: &str| xml(&absolute(&site.base_url, path));
    let posts: Vec<_> = model
        .posts
        .iter()
        .filter_map(|post| Some((post, post.texts.get(language)?)))
        .collect();
    // Atom wants a moment even of a feed without entries; the epoch keeps the bytes the same from build to build.
    let updated = posts
        .iter()
        .filter_map(|(post, text)| last_change(model, post, text))
        .max()
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let author = if site.author.name.is_empty() {
        &site.title
    } else {
        &site.author.name
    };
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">",
        xml(language)
    );
    let _ = writeln!(out, "<title>{}</title>", xml(&site.title));
    if let Some(description) = &site.description {
        let _ = writeln!(out, "<subtitle>{}</subtitle>", xml(description));
    }
    let _ = writeln!(out, "<id>{}</id>", address(&format!("{prefix}/")));
    let _ = writeln!(
        out,
        "<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>",
        address(&format!("{prefix}/feed.xml"))
    );
    let _ = writeln!(
        out,
        "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>",
        address(&format!("{prefix}/posts/"))
    );
    let _ = writeln!(
        out,
        "<updated>{updated}</updated>\n<author><name>{}</name></author>",
        xml(author)
    );
    for (post, text) in posts {
        let link = address(&url::post(&prefix, &post.slug));
        let date = post.date.map(|date| date.to_string()).unwrap_or_default();
        let updated = last_change(model, post, text).unwrap_or(Timestamp::UNIX_EPOCH);
        let summary = text
            .summary
            .as_ref()
            .unwrap_or(&text.body.outline.first_paragraph);
        let _ = writeln!(
            out,
            "<entry>\n<title>{}</title>\n<id>{link}</id>\n<link rel=\"alternate\" type=\"text/html\" href=\"{link}\"/>",
            xml(&text.title)
        );
        let _ = writeln!(
            out,
            "<published>{date}T00:00:00Z</published>\n<updated>{updated}</updated>\n<summary>{}</summary>\n</entry>",
            xml(summary)
        );
    }
    out.push_str("</feed>\n");
    out
}

/// When a post was published or, if that was later, last changed.
fn last_change(model: &Model, post: &Page, text: &PageText) -> Option<Timestamp> {
    let published = post
        .date
        .and_then(|date| date.to_zoned(TimeZone::UTC).ok())
        .map(|zoned| zoned.timestamp());
    published.max(change(model, &text.body.file.path))
}
