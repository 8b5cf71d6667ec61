//! The few pages that functions render themselves: behind a mailed link, the account for who runs
//! no script, and a failure that a person meets without one. Same stylesheet as the site, no
//! script.

mod account;
mod comments;
mod link;
mod notices;
mod rating;
mod report;

pub use account::{AccountPage, account};
pub use comments::{ThreadPage, queue, thread, trail};
pub use link::{change, link};
pub use notices::{Notice, notice};
pub use rating::rated;
pub use report::report;

use axum::response::{Html, IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use tuition_catalog::SiteInfo;
use tuition_domain::mail::{Locale, escape};

use crate::problem::Problem;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A failure, for a person.
pub fn problem(site: &SiteInfo, problem: &Problem, locale: Locale, base: &HeaderMap) -> Response {
    let signed_out = problem.status() == StatusCode::UNAUTHORIZED;
    let label = match (signed_out, locale) {
        (true, Locale::En) => {
            "Sign in. If a link in a mail led you here, open it again after that."
        }
        (true, Locale::Zh) => "登录。如果是邮件中的链接带您来到这里，请在登录后重新打开该链接。",
        (false, Locale::En) => "Back to the start",
        (false, Locale::Zh) => "返回首页",
    };
    let way = if signed_out { "/sign-in/" } else { "/" };
    let translated = site.languages.iter().skip(1).any(|tag| tag == "zh");
    let prefix = if locale == Locale::Zh && translated {
        "/zh"
    } else {
        ""
    };
    let body = format!(
        "<h1>{}</h1><p><a href=\"{prefix}{way}\">{label}</a></p>",
        escape(problem.title)
    );
    let mut response = frame(site, locale, &body);
    *response.status_mut() = problem.status();
    for name in [ALLOW, SET_COOKIE] {
        for value in base.get_all(&name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    problem.add_retry_after(response.headers_mut());
    response
}

fn frame(site: &SiteInfo, locale: Locale, body: &str) -> Response {
    let language = match locale {
        Locale::En => "en",
        Locale::Zh => "zh",
    };
    let title = escape(&site.title);
    let stylesheet = escape(&site.stylesheet);
    let html = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"{stylesheet}\"></head>\
         <body><main class=\"narrow\" id=\"main\">{body}</main></body></html>"
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
