//! The pages behind mailed links: a button, or a code to type elsewhere.

use axum::response::Response;
use tuition_catalog::SiteInfo;
use tuition_domain::access::{ChangePage, LinkPage, Mailbox};
use tuition_domain::mail::{Locale, escape};

use super::frame;

/// The page behind a mailed link: a button that signs in, or the code to type elsewhere.
pub fn link(site: &SiteInfo, page: &LinkPage, path: &str, locale: Locale) -> Response {
    let body = match (page, locale) {
        (LinkPage::Button, Locale::En) => button(
            path,
            "Sign in",
            "Almost there: one click signs this browser in.",
        ),
        (LinkPage::Button, Locale::Zh) => {
            button(path, "登录", "只差一步：点击按钮，在此浏览器中登录。")
        }
        (LinkPage::Code(code), Locale::En) => shown(
            code,
            "Your code",
            "Type it in the browser where you asked for it.",
        ),
        (LinkPage::Code(code), Locale::Zh) => {
            shown(code, "您的验证码", "请在申请登录的那个浏览器中输入。")
        }
    };
    frame(site, locale, &body)
}

/// The page behind a link that proves an address.
pub fn change(site: &SiteInfo, page: &ChangePage, path: &str, locale: Locale) -> Response {
    let (heading, lead, label) = match (page.mailbox, locale) {
        (Mailbox::Old, Locale::En) => (
            "A new address for your account",
            "Your account leaves the first address and is opened by the second from then on, once both are confirmed.",
            "Yes, change it",
        ),
        (Mailbox::New, Locale::En) => (
            "Confirm your new address",
            "Your account leaves the first address and is opened by the second from then on, once both are confirmed.",
            "Yes, this is my address",
        ),
        (Mailbox::Old, Locale::Zh) => (
            "更换账户邮箱",
            "两个邮箱都确认之后，您的账户将从第一个邮箱改为第二个邮箱。",
            "确认更换",
        ),
        (Mailbox::New, Locale::Zh) => (
            "确认新邮箱",
            "两个邮箱都确认之后，您的账户将从第一个邮箱改为第二个邮箱。",
            "这是我的邮箱",
        ),
    };
    let (from, to) = (escape(page.from.as_str()), escape(page.to.as_str()));
    let path = escape(path);
    let body = format!(
        "<h1>{heading}</h1><p>{lead}</p><ol><li>{from}</li><li><strong>{to}</strong></li></ol>\
         <form method=\"post\" action=\"{path}\"><button class=\"button primary\">{label}</button></form>"
    );
    frame(site, locale, &body)
}

fn button(path: &str, label: &str, lead: &str) -> String {
    let path = escape(path);
    format!(
        "<h1>{label}</h1><p>{lead}</p><form method=\"post\" action=\"{path}\"><button class=\"button primary\">{label}</button></form>"
    )
}

fn shown(code: &str, heading: &str, lead: &str) -> String {
    format!(
        "<h1>{heading}</h1><p class=\"code-to-type\"><strong>{}</strong></p><p>{lead}</p>",
        escape(code)
    )
}
