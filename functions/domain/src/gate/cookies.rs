//! Cookies as a browser sent them, before anyone believes them.

use std::collections::BTreeMap;

/// The cookies of one request: every value of every name, in the order they came.
///
/// Names are case-sensitive and values are taken as they stand (RFC 6265 §5.4 says no more about
/// what a server receives).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cookies(BTreeMap<String, Vec<String>>);

impl Cookies {
    /// Reads the values of all `Cookie` headers of a request (HTTP/2 may split them). A pair
    /// without `=` is skipped.
    pub fn parse<'a>(headers: impl IntoIterator<Item = &'a str>) -> Self {
        headers
            .into_iter()
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect()
    }

    /// The value of a cookie that was sent exactly once. `None` for one that is absent, empty, or
    /// sent twice: which of two a browser meant cannot be known, and one may be planted.
    pub fn only(&self, name: &str) -> Option<&str> {
        match self.0.get(name)?.as_slice() {
            [value] if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// How many cookies of this name came.
    pub fn count(&self, name: &str) -> usize {
        self.0.get(name).map_or(0, Vec::len)
    }
}

impl FromIterator<(String, String)> for Cookies {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut cookies = Self::default();
        for (name, value) in pairs {
            cookies.0.entry(name).or_default().push(value);
        }
        cookies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_headers_are_one_set() {
        let cookies = Cookies::parse(["a=1; b=2", "c=x=y;flag; a=3"]);
        assert_eq!(cookies.only("b"), Some("2"));
        assert_eq!(cookies.only("c"), Some("x=y"));
        assert_eq!(cookies.only("flag"), None);
        assert_eq!(cookies.only("B"), None);
        assert_eq!(cookies.count("a"), 2);
    }

    #[test]
    fn two_cookies_of_one_name_and_an_empty_one_count_as_none() {
        let cookies = Cookies::parse(["a=1; a=1; b="]);
        assert_eq!(cookies.only("a"), None);
        assert_eq!(cookies.only("b"), None);
    }
}
