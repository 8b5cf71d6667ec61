//! What learners are told of their accounts: links, codes, and what was done.

use super::{Locale, Mail, Part, compose};
use crate::email::Email;

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

/// To the address that an account has: somebody who is signed in wants it to have another one.
pub fn leave_address(old: &Email, new: &Email, site: &str, url: &str, locale: Locale) -> Mail {
    let (subject, lead, open, rest) = match locale {
        Locale::En => (
            format!("A new address for your account at {site}"),
            format!(
                "Your account is to use this address instead of this one: {}",
                new.as_str()
            ),
            "If you asked for that, open this link in a browser where you are signed in, and the one in the mail to the new address too:",
            "The link works for an hour. If you did not ask, ignore this mail: nothing changes without you. Then sign out everywhere on your account page, for somebody else was signed in to it.",
        ),
        Locale::Zh => (
            format!("更换您在 {site} 的账户邮箱"),
            format!("您的账户邮箱将改为：{}", new.as_str()),
            "如果是您本人的操作，请在已登录的浏览器中打开此链接，并同样打开发往新邮箱的链接：",
            "链接一小时内有效。如果不是您本人的操作，请忽略这封邮件，没有您的确认不会有任何更改；请随后在账户页面退出所有设备，因为有他人登录了您的账户。",
        ),
    };
    compose(
        old,
        subject,
        &[
            Part::Text(&lead),
            Part::Text(open),
            Part::Link(url),
            Part::Text(rest),
        ],
    )
}

/// To the address that an account is to have. It may be a stranger's: nothing in it says whose
/// account that is.
pub fn take_address(new: &Email, site: &str, url: &str, locale: Locale) -> Mail {
    let (subject, lead, rest) = match locale {
        Locale::En => (
            format!("Confirm this address for {site}"),
            "Somebody wants to use this address for their account. If that was you, open this link in a browser where you are signed in:",
            "The link works for an hour. If it was not you, ignore this mail: nothing happens.",
        ),
        Locale::Zh => (
            format!("确认用于 {site} 的邮箱"),
            "有人希望将此邮箱用于其账户。如果是您本人的操作，请在已登录的浏览器中打开此链接：",
            "链接一小时内有效。如果不是您本人的操作，请忽略这封邮件，不会有任何影响。",
        ),
    };
    compose(
        new,
        subject,
        &[Part::Text(lead), Part::Link(url), Part::Text(rest)],
    )
}

/// To the address that an account had until now.
pub fn address_left(to: &Email, site: &str, locale: Locale) -> Mail {
    let (subject, text) = match locale {
        Locale::En => (
            format!("Your account at {site} has left this address"),
            "Your account now uses the new address, and you are signed out everywhere but where you confirmed it. This address opens the account no more. If you did not do that, answer this mail.",
        ),
        Locale::Zh => (
            format!("您在 {site} 的账户已更换邮箱"),
            "您的账户现在使用新邮箱，除确认所用的浏览器外，其他设备均已退出登录。此邮箱不能再用于登录该账户。如果不是您本人的操作，请直接回复这封邮件。",
        ),
    };
    compose(to, subject, &[Part::Text(text)])
}

/// To the address that an account has from now on.
pub fn address_taken(to: &Email, site: &str, locale: Locale) -> Mail {
    let (subject, text) = match locale {
        Locale::En => (
            format!("Your account at {site} uses this address now"),
            "From now on, sign in with this address. You are signed out everywhere but where you confirmed it.",
        ),
        Locale::Zh => (
            format!("您在 {site} 的账户现在使用此邮箱"),
            "今后请使用此邮箱登录。除确认所用的浏览器外，其他设备均已退出登录。",
        ),
    };
    compose(to, subject, &[Part::Text(text)])
}

/// The last mail to an address.
pub fn erased(to: &Email, site: &str, locale: Locale) -> Mail {
    let (subject, text) = match locale {
        Locale::En => (
            format!("Your account at {site} is erased"),
            "Your account is erased, as you asked: address, name, purchases, progress and comments. This was our last mail to you; with it, your address is gone from here too.",
        ),
        Locale::Zh => (
            format!("您在 {site} 的账户已删除"),
            "您的账户已按您的要求删除：邮箱、姓名、购买记录、学习进度和评论。这是我们发给您的最后一封邮件，此后我们不再保存您的邮箱地址。",
        ),
    };
    compose(to, subject, &[Part::Text(text)])
}
