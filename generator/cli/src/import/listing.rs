//! `<Listing number="…" caption="…" file-name="…">`: the element in which the Rust book and its translations put
//! numbered samples. It becomes a figure that needs no preprocessor.

use super::html;

/// An open listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listing {
    number: Option<String>,
    /// Markdown.
    caption: Option<String>,
    /// For the fence inside.
    pub(super) file: Option<String>,
}

impl Listing {
    /// The tag that begins one.
    pub(super) fn open(tag: &str) -> Option<Self> {
        let tag = tag.trim();
        let is_open = tag
            .strip_prefix("<Listing")
            .is_some_and(|rest| rest.starts_with([' ', '>']));
        let value = |name| html::value(tag, name).map(str::to_owned);
        is_open.then(|| Self {
            number: value("number"),
            caption: value("caption"),
            file: value("file-name"),
        })
    }

    /// Whether this tag ends one.
    pub(super) fn is_close(tag: &str) -> bool {
        tag.trim() == "</Listing>"
    }

    /// The id of its figure.
    pub(super) fn id(&self) -> Option<String> {
        self.number.as_deref().map(id)
    }

    /// What stands before the sample.
    pub(super) fn opening(&self) -> String {
        match (&self.number, self.has_caption()) {
            (Some(number), _) => format!("<figure class=\"listing\" id=\"{}\">", id(number)),
            (None, true) => "<figure class=\"listing\">".to_owned(),
            (None, false) => String::new(),
        }
    }

    /// What stands after it.
    pub(super) fn closing(&self) -> String {
        let caption = self.caption.as_deref().unwrap_or_default();
        let caption = match &self.number {
            Some(number) if caption.is_empty() => format!("[Listing {number}](#{})", id(number)),
            Some(number) => format!("[Listing {number}](#{}): {caption}", id(number)),
            None => caption.to_owned(),
        };
        match caption.is_empty() {
            true => String::new(),
            false => format!("<figcaption>\n\n{caption}\n\n</figcaption>\n</figure>"),
        }
    }

    fn has_caption(&self) -> bool {
        self.caption
            .as_ref()
            .is_some_and(|caption| !caption.is_empty())
    }
}

fn id(number: &str) -> String {
    format!("listing-{number}")
}
