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
    /// Sent along as `X-Tuition-Key`: two mails with one key are the same mail, sent twice.
    pub key: Option<String>,
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

/// What a mail about an order may say.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The recipient.
    pub to: &'a Email,
    /// What makes it one mail.
    pub key: &'a str,
    /// The site's name.
    pub site: &'a str,
    /// What was bought.
    pub title: &'a str,
    /// For how much, with its currency.
    pub amount: &'a str,
    /// The order's id.
    pub order: &'a str,
    /// Where the buyer came from.
    pub url: &'a str,
    /// In which language.
    pub locale: Locale,
}

/// The receipt: what was bought, for how much, and how to get at it.
pub fn receipt(about: About<'_>) -> Mail {
    let About {
        site,
        title,
        amount,
        order,
        ..
    } = about;
    let (subject, lead, open, sign_in) = match about.locale {
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
    about.compose(subject, &[&lead, open], &[sign_in])
}

/// All money went back.
pub fn refunded(about: About<'_>) -> Mail {
    let About {
        site,
        title,
        amount,
        order,
        ..
    } = about;
    let (subject, lead, rest) = match about.locale {
        Locale::En => (
            format!("Refunded: {title}"),
            format!(
                "Your payment of {amount} for “{title}” at {site} goes back to you. Order: {order}"
            ),
            "Your bank shows it in five to ten days. The course no longer opens; its free lessons stay open:",
        ),
        Locale::Zh => (
            format!("已退款：{title}"),
            format!("您在 {site} 购买《{title}》所付的 {amount} 正在退还给您。订单号：{order}"),
            "款项一般在五到十天内到账。付费内容不再开放，免费课时仍可阅读：",
        ),
    };
    about.compose(subject, &[&lead, rest], &[])
}

/// A payment that settles later did not come.
pub fn payment_failed(about: About<'_>) -> Mail {
    let About {
        site,
        title,
        amount,
        order,
        ..
    } = about;
    let (subject, lead, rest) = match about.locale {
        Locale::En => (
            format!("Your payment did not arrive: {title}"),
            format!("The payment of {amount} for “{title}” at {site} failed. Order: {order}"),
            "Nothing was charged. You can try again, with another way to pay:",
        ),
        Locale::Zh => (
            format!("付款未成功：{title}"),
            format!("您在 {site} 购买《{title}》的付款（{amount}）未成功。订单号：{order}"),
            "没有扣款。您可以换一种方式重新支付：",
        ),
    };
    about.compose(subject, &[&lead, rest], &[])
}

/// A renewal was not paid.
pub fn renewal_failed(about: About<'_>) -> Mail {
    let About { site, title, .. } = about;
    let (subject, lead, rest) = match about.locale {
        Locale::En => (
            format!("Your subscription could not be renewed: {title}"),
            format!("The renewal of “{title}” at {site} was not paid."),
            "We try again within the next days. If your card has changed, update it in your account:",
        ),
        Locale::Zh => (
            format!("订阅续费失败：{title}"),
            format!("您在 {site} 的订阅《{title}》续费未成功。"),
            "我们会在接下来几天再次尝试扣款。如果您的银行卡有变动，请在账户中更新：",
        ),
    };
    about.compose(subject, &[&lead, rest], &[])
}

/// A subscription is over.
pub fn ended(about: About<'_>) -> Mail {
    let About { site, title, .. } = about;
    let (subject, lead, rest) = match about.locale {
        Locale::En => (
            format!("Your subscription has ended: {title}"),
            format!("Your subscription “{title}” at {site} has ended; nothing more is charged."),
            "You can come back at any time:",
        ),
        Locale::Zh => (
            format!("订阅已结束：{title}"),
            format!("您在 {site} 的订阅《{title}》已结束，不会再扣款。"),
            "欢迎随时回来：",
        ),
    };
    about.compose(subject, &[&lead, rest], &[])
}

impl About<'_> {
    /// Texts, the link, and texts below it.
    fn compose(self, subject: String, before: &[&str], after: &[&str]) -> Mail {
        let parts: Vec<Part<'_>> = before
            .iter()
            .map(|text| Part::Text(text))
            .chain([Part::Link(self.url)])
            .chain(after.iter().map(|text| Part::Text(text)))
            .collect();
        Mail {
            key: Some(self.key.to_owned()),
            ..compose(self.to, subject, &parts)
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
