//! Pages at old addresses that send readers and search engines on.
//!
//! A refresh in the page works everywhere, but forgets the anchor of a link; a script takes that along.

use super::xml;
use crate::{model::Model, redirects::Redirect, theme::Theme};

/// Who writes them, for messages.
pub(super) const OWNER: &str = crate::redirects::PATH;

/// The script, by its path below the theme.
const SCRIPT: &str = "scripts/redirect.js";

/// The icon, by its path below the theme.
const ICON: &str = "static/favicon.svg";

/// The page of a redirect.
pub(super) fn page(redirect: &Redirect, model: &Model, theme: &Theme) -> String {
    let to = xml(&redirect.to);
    let canonical = match redirect.to.starts_with('/') {
        true => format!("{}{to}", model.site.base_url),
        false => to.clone(),
    };
    let script = match theme.urls.get(SCRIPT) {
        Some(url) => format!("<script src=\"{url}\" data-to=\"{to}\"></script>\n"),
        None => String::new(),
    };
    // Without a link to one, browsers ask for an icon that isn't there.
    let icon = match theme.urls.get(ICON) {
        Some(url) => format!("<link rel=\"icon\" href=\"{url}\" type=\"image/svg+xml\">\n"),
        None => String::new(),
    };
    let language = model.default_language();
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{to}</title>\n\
         {icon}{script}<meta http-equiv=\"refresh\" content=\"0; url={to}\">\n<link rel=\"canonical\" href=\"{canonical}\">\n\
         <meta name=\"robots\" content=\"noindex\">\n</head>\n<body>\n<p><a href=\"{to}\">{to}</a></p>\n</body>\n</html>\n"
    )
}
