//! Stable, readable ids for headings, and the same rule for slugs.

use std::collections::HashSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters (of any script, lower case), digits and single hyphens of a text, in Unicode normal form C.
///
/// Everything else becomes a hyphen or, at the ends, nothing; the result may be empty.
#[must_use]
pub fn slugify(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    for ch in text.nfc().flat_map(char::to_lowercase).nfc() {
        if ch.is_alphanumeric() || (is_combining_mark(ch) && !slug.is_empty() && !gap) {
            if gap && !slug.is_empty() {
                slug.push('-');
            }
            gap = false;
            slug.push(ch);
        } else if !matches!(ch, '\'' | '’') {
            gap = true;
        }
    }
    slug
}

/// Whether a text is already what [`slugify`] makes of it, and not empty.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    !text.is_empty() && slugify(text) == text
}

/// Gives each heading of one text an id of its own.
#[derive(Default)]
pub(crate) struct Anchors {
    taken: HashSet<String>,
}

impl Anchors {
    /// Keeps an id that the author wrote; `false` if it is taken already.
    pub(crate) fn reserve(&mut self, id: &str) -> bool {
        self.taken.insert(id.to_owned())
    }

    /// An id for a heading's text: its slug, numbered from the second of its kind on (`setup`, `setup-1`).
    pub(crate) fn assign(&mut self, title: &str) -> String {
        let slug = slugify(title);
        let base = if slug.is_empty() {
            "section".to_owned()
        } else {
            slug
        };
        if self.taken.insert(base.clone()) {
            return base;
        }
        let mut number = 1_usize;
        loop {
            let id = format!("{base}-{number}");
            if self.taken.insert(id.clone()) {
                return id;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_script_stays_readable() {
        assert_eq!(slugify("What is *Ownership*?"), "what-is-ownership");
        assert_eq!(slugify("  所有权 是什么？ "), "所有权-是什么");
        assert_eq!(slugify("Größe & Maß"), "größe-maß");
        assert_eq!(slugify("हिन्दी पाठ"), "हिन्दी-पाठ");
        assert_eq!(slugify("don't `Vec<T>` C++ 20"), "dont-vec-t-c-20");
        assert_eq!(slugify("—!?"), "");
    }

    #[test]
    fn composed_and_decomposed_spellings_are_one() {
        assert_eq!(slugify("Cafe\u{301}"), slugify("CAFÉ"));
        assert!(
            is_slug("café")
                && !is_slug("cafe\u{301}")
                && !is_slug("Café")
                && !is_slug("-a")
                && !is_slug("")
        );
    }

    #[test]
    fn repeated_headings_are_numbered_without_a_clash() {
        let mut anchors = Anchors::default();
        let ids: Vec<_> = ["Setup", "Setup 1", "Setup", "Setup", "!"]
            .iter()
            .map(|title| anchors.assign(title))
            .collect();
        assert_eq!(ids, ["setup", "setup-1", "setup-2", "setup-3", "section"]);
    }
}
