//! Mails as the domain writes them: plain text and HTML, English and Chinese.

mod account;
mod comment;
mod order;

pub use account::{address_left, address_taken, erased, leave_address, sign_in, take_address};
pub use comment::{Answered, Digest, Waiting, answered, digest};
pub use order::{About, ended, payment_failed, receipt, refunded, renewal_failed};

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
    /// Sent along as `X-Tuition-Key`: two mails with one key are the same mail, sent twice.
    pub key: Option<String>,
    /// Sent along as `List-Unsubscribe`: a POST to it asks for no more of these, by one click (RFC 8058).
    #[serde(default)]
    pub unsubscribe: Option<String>,
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
        key: None,
        unsubscribe: None,
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
        let mail = receipt(About {
            to: &to,
            key: "cs_1/receipt",
            site: "S",
            title: "A\r\nBcc: b@x.example <b>",
            amount: "$1.00",
            order: "cs_1",
            url: "https://x/",
            locale: Locale::En,
        });
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
