//! What may be an old address.

use crate::url;

/// Why an address can't be sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectError {
    /// It has no slash at its start.
    NoPath,
    /// It has a query or an anchor.
    NoAnchor,
    /// It has empty or dot segments, or characters that no address has.
    NoSegments,
    /// It is the address of a file that no browser shows as a page.
    NoPage,
    /// The site itself has uses for it.
    Reserved,
}

impl std::fmt::Display for RedirectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoPath => "does not begin with /",
            Self::NoAnchor => "has a query or an anchor",
            Self::NoSegments => "is no address: it has empty or dot segments, or a backslash",
            Self::NoPage => "is the address of a file, not of a page",
            Self::Reserved => "is an address that the site itself uses",
        })
    }
}

impl RedirectError {
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::NoPath => "write the whole path: \"/old/address/\"",
            Self::NoAnchor => "write the path alone: an anchor is kept on the way",
            Self::NoSegments => "write it as a browser shows it",
            Self::NoPage => "an address can be sent on that ends with / or .html",
            Self::Reserved => "old addresses below it can't be sent on",
        }
    }
}

/// Where nothing can be sent on: what functions, the gate and the build have for themselves.
const RESERVED: [&str; 5] = ["api", "_members", "_dev", "assets", "pagefind"];

/// The file that answers for an old address: `/old/` and `/old` are `/old/index.html`, `/a.html` is itself.
///
/// # Errors
/// [`RedirectError`] if no page can stand there. Whether another does is not known here.
pub fn redirect_file(address: &str) -> Result<String, RedirectError> {
    let Some(below) = address.strip_prefix('/') else {
        return Err(RedirectError::NoPath);
    };
    if address.contains(['?', '#']) {
        return Err(RedirectError::NoAnchor);
    }
    let below = url::decode(below);
    let folder = below.strip_suffix('/').unwrap_or(&below);
    let is_wrong = |part: &str| matches!(part, "" | "." | "..");
    if (!below.is_empty() && folder.split('/').any(is_wrong))
        || below.contains(|ch: char| ch == '\\' || ch == '?' || ch == '#' || ch.is_control())
    {
        return Err(RedirectError::NoSegments);
    }
    let first = folder.split('/').next().unwrap_or_default();
    let is_reserved = RESERVED
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(first));
    if is_reserved || below == "404.html" {
        return Err(RedirectError::Reserved);
    }
    let name = folder.rsplit('/').next().unwrap_or_default();
    match (
        below.ends_with('/') || below.is_empty(),
        name.rsplit_once('.'),
    ) {
        (true, _) => Ok(format!("/{below}index.html")),
        (false, None) => Ok(format!("/{below}/index.html")),
        (false, Some((_, "html" | "htm"))) => Ok(format!("/{below}")),
        (false, Some(_)) => Err(RedirectError::NoPage),
    }
}

/// Whether a file that [`redirect_file`] names is the page of an address that every site has: the front page, the list
/// of courses, …
#[must_use]
pub fn is_own_page(file: &str) -> bool {
    file.strip_suffix("index.html")
        .is_some_and(|page| url::SHELLS.contains(&page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_address_is_the_file_that_a_server_looks_for() {
        for (address, file) in [
            ("/old/", "/old/index.html"),
            ("/old", "/old/index.html"),
            ("/", "/index.html"),
            ("/a/b.html", "/a/b.html"),
            ("/a/index.html", "/a/index.html"),
            ("/%E6%97%A7/", "/旧/index.html"),
        ] {
            assert_eq!(redirect_file(address).as_deref(), Ok(file));
        }
    }

    #[test]
    fn what_no_page_can_stand_for_is_refused() {
        use RedirectError::*;
        for (address, error) in [
            ("old/", NoPath),
            ("", NoPath),
            ("https://example.com/", NoPath),
            ("/old/#part", NoAnchor),
            ("/?p=12", NoAnchor),
            ("//old/", NoSegments),
            ("/a//b/", NoSegments),
            ("/a/../b/", NoSegments),
            ("/%252e%252e/b/", NoSegments),
            ("/a\\b/", NoSegments),
            ("/a%00/", NoSegments),
            ("/a.php", NoPage),
            ("/feed.xml", NoPage),
            ("/api/x/", Reserved),
            ("/_Members/rust/", Reserved),
            ("/404.html", Reserved),
        ] {
            assert_eq!(redirect_file(address), Err(error), "{address}");
        }
    }
}
