//! Headings with their ids and a link to each.

use super::Writer;
use crate::escape::{escape_attribute, escape_url};

impl Writer<'_> {
    pub(super) fn heading<'c>(&mut self, classes: impl Iterator<Item = &'c str>) {
        self.heading = self.headings.next();
        let Some(heading) = self.heading.filter(|heading| !heading.dropped) else {
            return;
        };
        self.put(format_args!("<h{} id=\"", heading.level));
        escape_attribute(&mut self.out, &heading.id);
        let classes: Vec<_> = classes.collect();
        if !classes.is_empty() {
            self.out.push_str("\" class=\"");
            escape_attribute(&mut self.out, &classes.join(" "));
        }
        self.out.push_str("\">");
    }

    pub(super) fn end_heading(&mut self) {
        let Some(heading) = self.heading.take().filter(|heading| !heading.dropped) else {
            return;
        };
        self.out.push_str(" <a class=\"anchor\" href=\"#");
        escape_url(&mut self.out, &heading.id);
        self.out.push_str("\" aria-label=\"");
        escape_attribute(&mut self.out, self.options.labels.anchor);
        self.put(format_args!("\">#</a></h{}>\n", heading.level));
    }
}
