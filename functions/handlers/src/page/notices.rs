//! The page behind the link by which one asks for no more mails about answers.

use axum::response::Response;
use tuition_catalog::SiteInfo;
use tuition_domain::mail::{Locale, escape};

use super::frame;

/// What it says.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// A button: looking changes nothing, since mail programs look at links by themselves.
    Ask(&'a str),
    /// No more come.
    Done,
}

/// The page.
pub fn notice(site: &SiteInfo, notice: Notice<'_>, locale: Locale) -> Response {
    let (ask, button, done) = match locale {
        Locale::En => (
            "No more mails when somebody answers your comments?",
            "No more of these mails",
            "No more of these mails will come. You still see answers under the lessons.",
        ),
        Locale::Zh => (
            "不再接收评论回复的邮件通知？",
            "不再接收",
            "您不会再收到此类邮件。回复仍可在课时下方查看。",
        ),
    };
    let body = match notice {
        Notice::Ask(token) => format!(
            "<h1>{ask}</h1><form method=\"post\" action=\"/api/comments/unsubscribe?token={}\">\
             <button class=\"button\" name=\"List-Unsubscribe\" value=\"One-Click\">{button}</button></form>",
            escape(token)
        ),
        Notice::Done => format!("<h1>{done}</h1>"),
    };
    frame(site, locale, &body)
}
