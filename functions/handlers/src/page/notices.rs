//! The pages on which one asks for no more mails about answers: behind the link of such a mail, and in the account.

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
    /// Whether they come, for who is signed in, and a button for the contrary.
    Choose(bool),
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
        Notice::Choose(replies) => choice(replies, locale),
    };
    frame(site, locale, &body)
}

fn choice(replies: bool, locale: Locale) -> String {
    let (state, button, account) = match (locale, replies) {
        (Locale::En, true) => (
            "A mail tells you when somebody answers your comments.",
            "No more of these mails",
            "Account",
        ),
        (Locale::En, false) => (
            "No mail tells you when somebody answers your comments.",
            "Tell me by mail",
            "Account",
        ),
        (Locale::Zh, true) => ("有人回复您的评论时，您会收到邮件。", "不再接收", "账户"),
        (Locale::Zh, false) => (
            "有人回复您的评论时，您不会收到邮件。",
            "用邮件通知我",
            "账户",
        ),
    };
    format!(
        "<p><a href=\"/account/\">{account}</a></p><h1>{state}</h1><form method=\"post\" action=\"/api/comments/notices\">\
         <button class=\"button\" name=\"replies\" value=\"{}\">{button}</button></form>",
        !replies
    )
}
