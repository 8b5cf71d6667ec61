//! Links, and raw HTML with the links in it.

use pulldown_cmark::LinkType;

use super::Writer;
use crate::{
    Reference, ReferenceKind, Target,
    escape::{escape_attribute, escape_text, escape_url},
    raw_html,
};

impl Writer<'_> {
    pub(super) fn link(&mut self, kind: LinkType, destination: &str, title: &str) {
        if let LinkType::WikiLink { has_pothole } = kind {
            return self.name(destination, has_pothole);
        }
        let url = match kind {
            LinkType::Email => format!("mailto:{destination}"),
            _ => self
                .resolve(ReferenceKind::Link, destination)
                .map_or_else(|| destination.to_owned(), |target| target.url),
        };
        self.out.push_str("<a href=\"");
        escape_url(&mut self.out, &url);
        self.title(title);
        self.out.push_str("\">");
    }

    /// A link by name: with the author's words, or those of the page it leads to.
    fn name(&mut self, destination: &str, has_words: bool) {
        let target = self.resolve(ReferenceKind::Name, destination);
        let (url, title) = target.map_or_else(
            || (destination.to_owned(), None),
            |target| (target.url, target.title),
        );
        self.out.push_str("<a href=\"");
        escape_url(&mut self.out, &url);
        self.out.push_str("\">");
        if let Some(title) = title.filter(|_| !has_words) {
            escape_text(&mut self.out, &title);
            self.named = true;
        }
    }

    pub(super) fn title(&mut self, title: &str) {
        if !title.is_empty() {
            self.out.push_str("\" title=\"");
            escape_attribute(&mut self.out, title);
        }
    }

    /// Raw HTML passes, with the URLs in it led to where they should.
    pub(super) fn raw(&mut self, html: &str) {
        let mut from = 0;
        for (kind, range) in raw_html::urls(html) {
            let Some(target) = html
                .get(range.clone())
                .and_then(|destination| self.resolve(kind, destination))
            else {
                continue;
            };
            self.out
                .push_str(html.get(from..range.start).unwrap_or_default());
            escape_url(&mut self.out, &target.url);
            from = range.end;
        }
        self.out.push_str(html.get(from..).unwrap_or_default());
    }

    pub(super) fn resolve(&self, kind: ReferenceKind, destination: &str) -> Option<Target> {
        (self.resolve)(&Reference {
            kind,
            destination: destination.to_owned(),
            range: 0..0,
        })
    }
}
