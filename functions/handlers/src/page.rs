//! The few pages that functions render themselves: behind a mailed link, and a failure that a
//! person meets without a script. Same stylesheet as the site, no script.

use axum::response::{Html, IntoResponse, Response};
use http::HeaderMap;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, SET_COOKIE};
use tuition_catalog::SiteInfo;
use tuition_domain::access::LinkPage;
use tuition_domain::mail::{Locale, escape};

use crate::problem::Problem;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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

/// A failure, for a person.
pub fn problem(site: &SiteInfo, problem: &Problem, locale: Locale, base: &HeaderMap) -> Response {
    let back = match locale {
        Locale::En => "Back to the start",
        Locale::Zh => "返回首页",
    };
    let body = format!(
        "<h1>{}</h1><p><a href=\"/\">{back}</a></p>",
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
