//! What a learner sees after a rating.

use axum::response::Response;
use tuition_catalog::SiteInfo;
use tuition_domain::mail::{Locale, escape};
use tuition_domain::next::NextPath;

use super::frame;

/// Thanks, or that nothing was kept, and the way back.
pub fn rated(site: &SiteInfo, is_kept: bool, next: &NextPath, locale: Locale) -> Response {
    let (said, back) = match (locale, is_kept) {
        (Locale::En, true) => ("Thank you. Your rating is counted.", "Back"),
        (Locale::En, false) => (
            "Your browser asks not to be counted, so nothing was kept.",
            "Back",
        ),
        (Locale::Zh, true) => ("谢谢，您的评分已记录。", "返回"),
        (Locale::Zh, false) => ("您的浏览器要求不被统计，因此未保存任何内容。", "返回"),
    };
    let next = escape(next.as_str());
    let body = format!("<h1>{said}</h1><p><a href=\"{next}\">{back}</a></p>");
    frame(site, locale, &body)
}
