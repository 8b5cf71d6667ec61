//! `sitemap.xml` (sitemaps.org 0.9), with the same page in other languages.

use std::fmt::Write as _;

use super::xml;
use crate::{
    model::Model,
    render::{RenderedPage, absolute},
};

/// Path and text of the sitemap.
pub(super) fn build(model: &Model, pages: &[RenderedPage]) -> (String, String) {
    let address = |path: &str| xml(&absolute(&model.site.base_url, path));
    let mut listed: Vec<_> = pages
        .iter()
        .filter(|page| page.is_public && page.is_indexed)
        .collect();
    listed.sort_by(|a, b| a.path.cmp(&b.path));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    out.push_str("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n");
    for page in listed {
        // Writing to a String cannot fail.
        let _ = write!(out, "<url><loc>{}</loc>", address(&page.path));
        if let Some(changed) = page.changed {
            let _ = write!(out, "<lastmod>{changed}</lastmod>");
        }
        let mut alternate = |language: &str, path: &str| {
            let _ = write!(
                out,
                "<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{}\"/>",
                xml(language),
                address(path)
            );
        };
        for other in &page.alternates {
            alternate(&other.language, &other.path);
            // For readers of none of the languages.
            if other.language == model.default_language() {
                alternate("x-default", &other.path);
            }
        }
        out.push_str("</url>\n");
    }
    out.push_str("</urlset>\n");
    ("/sitemap.xml".to_owned(), out)
}
