//! The account for who runs no script: everything that the account page of the site offers, as
//! plain forms.

use axum::response::Response;
use jiff::Timestamp;
use tuition_catalog::SiteInfo;
use tuition_domain::access::{Me, WaitingChange};
use tuition_domain::mail::{Locale, escape};

use super::frame;
use crate::access::SessionView;

/// What stands on it.
#[derive(Debug, Clone, Copy)]
pub struct AccountPage<'a> {
    /// Profile and purchases.
    pub me: &'a Me,
    /// Signed-in browsers, this one first.
    pub sessions: &'a [SessionView],
    /// A change of address that waits.
    pub waiting: Option<&'a WaitingChange>,
}

/// The page.
pub fn account(site: &SiteInfo, page: &AccountPage<'_>, locale: Locale) -> Response {
    let words = Words::of(locale);
    let body = [
        format!("<h1>{}</h1>", words.account),
        profile(page.me, &words),
        address(page, &words),
        orders(page.me, &words),
        devices(page.sessions, &words),
        data(&words),
    ];
    frame(site, locale, &body.concat())
}

fn profile(me: &Me, words: &Words) -> String {
    let choice = |tag: &str, name: &str, chosen: bool| {
        let chosen = if chosen { " selected" } else { "" };
        format!("<option value=\"{tag}\"{chosen}>{name}</option>")
    };
    let languages = choice("en", "English", me.locale == Locale::En)
        + &choice("zh", "中文", me.locale == Locale::Zh);
    format!(
        "<form class=\"stack\" method=\"post\" action=\"/api/access/me\">\
         <label for=\"name\">{}</label><input id=\"name\" name=\"name\" maxlength=\"80\" value=\"{}\">\
         <label for=\"bio\">{}</label><textarea id=\"bio\" name=\"bio\" rows=\"3\" maxlength=\"2000\">\n{}</textarea>\
         <label for=\"locale\">{}</label><select id=\"locale\" name=\"locale\">{languages}</select>\
         <button class=\"button\">{}</button></form>",
        words.name,
        escape(&me.name),
        words.bio,
        escape(&me.bio),
        words.language,
        words.save
    )
}

fn address(page: &AccountPage<'_>, words: &Words) -> String {
    let waiting = page.waiting.map_or(String::new(), |change| {
        format!("<p>{} {}</p>", words.waiting, escape(change.email.as_str()))
    });
    format!(
        "<h2>{0}</h2><p>{1}</p>{waiting}\
         <form class=\"stack\" method=\"post\" action=\"/api/access/emails\">\
         <label for=\"email\">{2}</label><input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" required>\
         <p class=\"small\">{3}</p><button class=\"button\">{4}</button></form>",
        words.email,
        escape(page.me.email.as_str()),
        words.new_email,
        words.both,
        words.change
    )
}

fn orders(me: &Me, words: &Words) -> String {
    let rows: String = me
        .orders
        .iter()
        .map(|order| {
            let when = order.paid_at.unwrap_or(order.created_at);
            format!(
                "<li>{} · {} · {}</li>",
                day(when),
                escape(&order.title),
                order.money
            )
        })
        .collect();
    format!("<h2>{}</h2><ul>{rows}</ul>", words.orders)
}

fn devices(sessions: &[SessionView], words: &Words) -> String {
    let rows: String = sessions
        .iter()
        .map(|session| {
            let name = if session.current {
                words.this_device
            } else {
                words.device
            };
            format!(
                "<li><form method=\"post\" action=\"/api/access/sign-out\">\
                 <p>{name} · {} {} · {} {}</p>\
                 <button class=\"button quiet\" name=\"session\" value=\"{}\">{}</button></form></li>",
                words.since,
                day(session.created_at),
                words.used,
                day(session.used_at),
                escape(&session.id),
                words.sign_out
            )
        })
        .collect();
    format!(
        "<h2>{}</h2><ul>{rows}</ul><form method=\"post\" action=\"/api/access/sign-out\">\
         <button class=\"button quiet\" name=\"everywhere\" value=\"on\">{}</button></form>",
        words.devices, words.everywhere
    )
}

fn data(words: &Words) -> String {
    format!(
        "<h2>{}</h2><p><a href=\"/api/access/me/export\">{}</a></p>\
         <form class=\"stack\" method=\"post\" action=\"/api/access/me/erasure\"><p>{}</p>\
         <label for=\"erase\">{}</label><input id=\"erase\" name=\"email\" type=\"email\" autocomplete=\"off\" required>\
         <button class=\"button danger\">{}</button></form>",
        words.data, words.export, words.erase_text, words.erase_confirm, words.erase
    )
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

struct Words {
    account: &'static str,
    name: &'static str,
    bio: &'static str,
    language: &'static str,
    save: &'static str,
    email: &'static str,
    new_email: &'static str,
    both: &'static str,
    change: &'static str,
    waiting: &'static str,
    orders: &'static str,
    devices: &'static str,
    this_device: &'static str,
    device: &'static str,
    since: &'static str,
    used: &'static str,
    sign_out: &'static str,
    everywhere: &'static str,
    data: &'static str,
    export: &'static str,
    erase_text: &'static str,
    erase_confirm: &'static str,
    erase: &'static str,
}

impl Words {
    fn of(locale: Locale) -> Self {
        match locale {
            Locale::En => Self {
                account: "Account",
                name: "Name",
                bio: "About you",
                language: "Language of mails",
                save: "Save",
                email: "E-mail",
                new_email: "New address",
                both: "We mail a link to both addresses. Open both within an hour, in a browser where you are signed in.",
                change: "Change the address",
                waiting: "Waiting for both links to be opened. The new address:",
                orders: "Orders",
                devices: "Signed-in browsers",
                this_device: "This browser",
                device: "Browser",
                since: "since",
                used: "last used",
                sign_out: "Sign out",
                everywhere: "Sign out everywhere",
                data: "Your data",
                export: "Download my data",
                erase_text: "This removes your name, address, comments and progress for good, and closes what you bought. It can’t be undone. A last mail confirms it.",
                erase_confirm: "Type your e-mail address to confirm",
                erase: "Erase everything",
            },
            Locale::Zh => Self {
                account: "账户",
                name: "昵称",
                bio: "个人简介",
                language: "邮件语言",
                save: "保存",
                email: "邮箱",
                new_email: "新邮箱",
                both: "我们会向当前邮箱和新邮箱各发送一个链接。请在一小时内，在已登录的浏览器中打开这两个链接。",
                change: "更换邮箱",
                waiting: "等待打开两个链接。新邮箱：",
                orders: "订单",
                devices: "已登录的浏览器",
                this_device: "当前浏览器",
                device: "浏览器",
                since: "登录于",
                used: "最近使用",
                sign_out: "退出登录",
                everywhere: "退出所有设备",
                data: "我的数据",
                export: "下载我的数据",
                erase_text: "你的昵称、邮箱、评论和学习进度将被永久删除，已购买的课程也将关闭，且无法恢复。我们会发送最后一封邮件确认。",
                erase_confirm: "输入你的邮箱以确认",
                erase: "永久删除",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use tuition_domain::access::Role;
    use tuition_domain::email::Email;
    use tuition_domain::identity::LearnerId;

    use super::*;

    #[test]
    fn what_a_learner_wrote_is_no_markup() {
        let me = Me {
            id: LearnerId::parse(&"0".repeat(32)).unwrap(),
            email: Email::parse("a'&b@x.example").unwrap(),
            name: "\"><script>".to_owned(),
            bio: "</textarea><script>".to_owned(),
            locale: Locale::Zh,
            roles: vec![Role::Learner],
            consents: Vec::new(),
            created_at: Timestamp::UNIX_EPOCH,
            entitlements: Vec::new(),
            progress: Vec::new(),
            completed: Vec::new(),
            orders: Vec::new(),
        };
        let page = AccountPage {
            me: &me,
            sessions: &[],
            waiting: None,
        };
        let words = Words::of(Locale::En);
        let html = profile(&me, &words) + &address(&page, &words);
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("a&#39;&amp;b@x.example"), "{html}");
        assert!(html.contains("<option value=\"zh\" selected>"), "{html}");
    }
}
