//! Links, images and raw HTML of a chapter, led to where their targets are now.

use std::ops::Range;

use pulldown_cmark::LinkType;

use super::{Chapter, Link};
use crate::import::{html, listing::Listing, target::Lead};

impl Chapter<'_, '_> {
    pub(super) fn link(&mut self, link: &Link, range: &Range<usize>) {
        if matches!(link.kind, LinkType::Autolink | LinkType::Email) {
            return;
        }
        let inner = link
            .inner
            .clone()
            .unwrap_or_else(|| range.start + 1..range.start + 1);
        let is_inline = link.kind == LinkType::Inline;
        match self.lead(&link.destination, range.start) {
            Lead::AsWritten => {}
            Lead::To(url) if is_inline => {
                self.destination(&link.destination, &url, inner.end..range.end, &link.title);
            }
            // Its definition is changed below.
            Lead::To(_) => {}
            Lead::Nowhere(_) => {
                self.edits.push((range.start..inner.start, String::new()));
                self.edits.push((inner.end..range.end, String::new()));
            }
        }
    }

    /// Writes another destination into the rest of a link, from the end of its text on.
    fn destination(&mut self, old: &str, new: &str, rest: Range<usize>, title: &str) {
        let source = self.expanded.text.get(rest.clone()).unwrap_or_default();
        match source.find(old).filter(|_| !old.is_empty()) {
            Some(at) => {
                let start = rest.start + at;
                self.edits.push((start..start + old.len(), new.to_owned()));
            }
            None => {
                let title = match title.replace('"', "\\\"") {
                    title if title.is_empty() => String::new(),
                    title => format!(" \"{title}\""),
                };
                self.edits.push((rest, format!("]({new}{title})")));
            }
        }
    }

    pub(super) fn definition(&mut self, destination: &str, span: Range<usize>) {
        let source = self.expanded.text.get(span.clone()).unwrap_or_default();
        // Whether it leads anywhere was told where it is used.
        match self
            .setting
            .targets
            .lead(self.setting.lesson, destination)
            .0
        {
            Lead::AsWritten => {}
            Lead::Nowhere(_) => self.edits.push((span, String::new())),
            Lead::To(url) => {
                let label = source.find("]:").map_or(0, |at| at + 2);
                let found = source
                    .get(label..)
                    .and_then(|rest| rest.find(destination))
                    .filter(|_| !destination.is_empty());
                if let Some(at) = found {
                    let start = span.start + label + at;
                    self.edits.push((start..start + destination.len(), url));
                }
            }
        }
    }

    pub(super) fn html(&mut self, text: &str, range: &Range<usize>) {
        if let Some(listing) = Listing::open(text) {
            self.edits.push((trim(range, text), listing.opening()));
            self.listing = Some(listing);
            return;
        }
        if Listing::is_close(text)
            && let Some(listing) = self.listing.take()
        {
            self.edits.push((trim(range, text), listing.closing()));
            return;
        }
        for name in ["href", "src", "poster"] {
            for value in html::values(text, name) {
                let destination = text.get(value.clone()).unwrap_or_default().to_owned();
                let at = range.start + value.start..range.start + value.end;
                match self.lead(&destination, at.start) {
                    Lead::AsWritten => {}
                    Lead::To(url) => self.edits.push((at, url)),
                    Lead::Nowhere(_) => self.edits.push((at, String::new())),
                }
            }
        }
    }

    /// Where a destination leads now; what can't be carried over is noted.
    fn lead(&mut self, destination: &str, at: usize) -> Lead {
        let (lead, asset) = self.setting.targets.lead(self.setting.lesson, destination);
        self.assets.extend(asset);
        if let Lead::Nowhere(why) = &lead {
            let hint = "its text is left without the link";
            self.note(at, "import-link", format!("\"{destination}\" {why}"), hint);
        } else if let Some(anchor) = self
            .setting
            .targets
            .lost_anchor(self.setting.lesson, destination)
        {
            let message = format!("\"{destination}\" leads to a page that has no \"#{anchor}\"");
            let hint = "the link leads to the top of the page now";
            self.note(at, "import-anchor", message, hint);
        }
        lead
    }
}

/// The range without the white space at the end of its text.
fn trim(range: &Range<usize>, text: &str) -> Range<usize> {
    range.start..range.start + text.trim_end().len()
}
