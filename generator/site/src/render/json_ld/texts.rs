//! The site itself, and its posts.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{absolute, publisher, set};
use crate::{
    model::{Page, PageText},
    render::describe::Describe,
};

/// The whole site, on its front page.
pub(in super::super) fn website(describe: Describe<'_>, description: Option<&str>) -> Value {
    let site = &describe.model.site;
    let front = format!("{}/", describe.model.prefix(describe.language));
    let mut data = json!({
        "@type": "WebSite",
        "name": site.title,
        "url": absolute(&site.base_url, &front),
        "inLanguage": describe.language,
        "publisher": publisher(site),
    });
    if let Some(description) = description {
        set(&mut data, "description", json!(description));
    }
    data
}

/// A post; `about` is the path of its page, what it says in short, and the time of its last change.
pub(in super::super) fn article(
    describe: Describe<'_>,
    post: &Page,
    text: &PageText,
    (path, description, changed): (&str, Option<&str>, Option<Timestamp>),
) -> Value {
    let site = &describe.model.site;
    let address = absolute(&site.base_url, path);
    let mut data = json!({
        "@type": "Article",
        "headline": text.title,
        "url": address,
        "mainEntityOfPage": address,
        "inLanguage": describe.language,
        "isAccessibleForFree": true,
        "author": publisher(site),
        "publisher": publisher(site),
    });
    if let Some(description) = description {
        set(&mut data, "description", json!(description));
    }
    if let Some(date) = post.date {
        let date = format!("{date}T00:00:00Z");
        set(&mut data, "datePublished", json!(date));
        let changed = changed.map(|changed| changed.to_string());
        let modified = changed.filter(|changed| *changed > date).unwrap_or(date);
        set(&mut data, "dateModified", json!(modified));
    }
    data
}
