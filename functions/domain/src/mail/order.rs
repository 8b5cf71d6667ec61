//! What buyers are told of their orders.

use super::{Locale, Mail, Part, compose};
use crate::email::Email;

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
