//! What a file's name says: order, slug, language.

use tuition_markup::slugify;

/// A name taken apart: `02-Traits.zh.md` is order 2, slug `traits`, language `zh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Number before the first hyphen; names without one come last.
    pub(crate) order: u64,
    /// Lower-case letters of any script, digits and hyphens; empty if the name has none.
    pub(crate) slug: String,
    /// Language of a translation; `None` for the original.
    pub(crate) language: Option<String>,
    /// The name without language and extension, by which a translation finds its original.
    pub(crate) stem: String,
}

impl Name {
    /// Takes the name of a folder apart.
    pub(crate) fn folder(name: &str) -> Self {
        let (order, rest) = split_order(name);
        Self {
            order,
            slug: slugify(rest),
            language: None,
            stem: name.to_owned(),
        }
    }

    /// Takes the name of a Markdown file apart; `None` if it isn't one.
    pub(crate) fn markdown(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(".md")?;
        match stem
            .rsplit_once('.')
            .filter(|(_, tag)| is_language_tag(tag))
        {
            Some((stem, tag)) => Some(Self {
                language: Some(tag.to_owned()),
                ..Self::folder(stem)
            }),
            None => Some(Self::folder(stem)),
        }
    }
}

/// Whether a text has the shape of a BCP 47 tag: `zh`, `pt-BR`, `zh-Hant`.
pub(crate) fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let is_primary = |part: &str| {
        (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let is_subtag = |part: &str| {
        (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    parts.next().is_some_and(is_primary) && parts.all(is_subtag)
}

fn split_order(name: &str) -> (u64, &str) {
    // A date in front, as other generators want it for posts, is no part of the URL either.
    if let (Some(date), Some(rest)) = (
        name.get(..10),
        name.get(10..).and_then(|rest| rest.strip_prefix('-')),
    ) && date.parse::<jiff::civil::Date>().is_ok()
        && !rest.is_empty()
    {
        return (u64::MAX, rest);
    }
    match name.split_once('-') {
        Some((digits, rest)) if !rest.is_empty() => digits
            .parse()
            .map_or((u64::MAX, name), |order| (order, rest)),
        _ => (u64::MAX, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_order_slug_and_language() {
        let name = |file| Name::markdown(file).map(|name| (name.order, name.slug, name.language));
        assert_eq!(name("02-Traits.md"), Some((2, "traits".to_owned(), None)));
        assert_eq!(
            name("10-所有权.zh.md"),
            Some((10, "所有权".to_owned(), Some("zh".to_owned())))
        );
        assert_eq!(
            name("about.pt-BR.md"),
            Some((u64::MAX, "about".to_owned(), Some("pt-BR".to_owned())))
        );
        assert_eq!(name("v1.0.md"), Some((u64::MAX, "v1-0".to_owned(), None)));
        assert_eq!(name("2024-.md"), Some((u64::MAX, "2024".to_owned(), None)));
        assert_eq!(
            name("2026-03-01-hello.md"),
            Some((u64::MAX, "hello".to_owned(), None))
        );
        assert_eq!(name("image.png"), None);
    }
}
