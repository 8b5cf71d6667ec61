//! Mails as the domain writes them: plain text and HTML, English and Chinese.

use serde::{Deserialize, Serialize};

use crate::email::Email;

/// One mail to one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The recipient.
    pub to: Email,
    /// Subject line, without line breaks.
    pub subject: String,
    /// Plain text body.
    pub text: String,
    /// HTML body.
    pub html: String,
}

/// A mail that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedMail {
    /// What makes it one mail, however often it is written: `<order>/receipt`.
    pub key: String,
    /// The mail.
    pub mail: Mail,
}

/// The language of texts that are not part of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Locale {
    /// The locale of a BCP 47 tag or an `Accept-Language` header's first choice.
    pub fn of(tag: &str) -> Self {
        if tag.trim_start().to_ascii_lowercase().starts_with("zh") {
            Self::Zh
        } else {
            Self::En
        }
    }
}

/// The sign-in mail: a link with the path on the site, and the code on a line of its own.
pub fn sign_in(to: &Email, site: &str, url: &str, code: &str, locale: Locale) -> Mail {
    let (subject, lead, or, rest) = match locale {
        Locale::En => (
            format!("Sign in to {site}"),
            "Open this link in the browser where you asked for it:",
            "Or type this code there:",
            "Link and code work once and for ten minutes. If you did not ask, ignore this mail: nobody is signed in.",
        ),
        Locale::Zh => (
            format!("登录 {site}"),
            "请在刚才申请登录的浏览器中打开此链接：",
            "或者在那里输入验证码：",
            "链接和验证码仅可使用一次，十分钟内有效。如果不是您本人的操作，请忽略这封邮件，不会有人因此登录。",
        ),
    };
    compose(
        to,
        subject,
        &[
            Part::Text(lead),
            Part::Link(url),
            Part::Text(or),
            Part::Code(code),
            Part::Text(rest),
        ],
    )
}

/// The receipt: what was bought, for how much, and how to get at it.
pub fn receipt(
    to: &Email,
    site: &str,
    title: &str,
    amount: &str,
    order: &str,
    url: &str,
    locale: Locale,
) -> Mail {
    let (subject, lead, open, sign_in) = match locale {
        Locale::En => (
            format!("Your receipt: {title}"),
            format!("Thank you. You paid {amount} for “{title}” at {site}. Order: {order}"),
            "Read it here:",
            "On another device, sign in with this e-mail address; there is no password.",
        ),
        Locale::Zh => (
            format!("收据：{title}"),
            format!("谢谢！您已在 {site} 支付 {amount}，购买《{title}》。订单号：{order}"),
            "点此阅读：",
            "在其他设备上，用这个邮箱地址登录即可，无需密码。",
        ),
    };
    compose(
        to,
        subject,
        &[
            Part::Text(&lead),
            Part::Text(open),
            Part::Link(url),
            Part::Text(sign_in),
        ],
    )
}

enum Part<'a> {
    Text(&'a str),
    Link(&'a str),
    Code(&'a str),
}

fn compose(to: &Email, subject: String, parts: &[Part<'_>]) -> Mail {
    let mut text = String::new();
    let mut html = String::from("<!doctype html><meta charset=\"utf-8\">");
    for part in parts {
        match part {
            Part::Text(words) => {
                text.push_str(words);
                html.push_str(&format!("<p>{}</p>", escape(words)));
            }
            Part::Link(url) => {
                text.push_str(url);
                html.push_str(&format!("<p><a href=\"{0}\">{0}</a></p>", escape(url)));
            }
            Part::Code(code) => {
                text.push_str(code);
                html.push_str(&format!("<p><strong>{}</strong></p>", escape(code)));
            }
        }
        text.push_str("\n\n");
    }
    Mail {
        to: to.clone(),
        subject: subject.replace(['\r', '\n'], " "),
        text,
        html,
    }
}

/// Escapes text for HTML content and double-quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_can_neither_add_a_header_nor_markup() {
        let to = Email::parse("a@x.example").unwrap();
        let mail = receipt(
            &to,
            "S",
            "A\r\nBcc: b@x.example <b>",
            "$1.00",
            "cs_1",
            "https://x/",
            Locale::En,
        );
        assert!(!mail.subject.contains(['\r', '\n']));
        assert!(!mail.html.contains("<b>"));
    }

    #[test]
    fn the_code_stands_on_a_line_of_its_own() {
        let to = Email::parse("a@x.example").unwrap();
        for locale in [Locale::En, Locale::Zh] {
            let mail = sign_in(&to, "S", "https://x/api/access/links/t", "123456", locale);
            assert!(mail.text.lines().any(|line| line == "123456"));
        }
    }
}
