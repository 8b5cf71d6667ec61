//! The frame of the development pages: escaping, the banner, the headers. No scripts, no assets.

use axum::response::{Html, IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};

/// `text` for use between tags and in double-quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A whole page under a hazard-striped banner that says `banner`; `title` and `banner` are escaped
/// here, `body` is HTML. Forms may be sent to, and redirected to, this origin and `form_targets`
/// (origins).
pub(crate) fn page(title: &str, banner: &str, body: &str, form_targets: &[String]) -> Response {
    let title = escape(title);
    let banner = escape(banner);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <p class=\"hazard\" role=\"note\"><strong>{banner}</strong></p>\n\
         <main>\n{body}\n</main>\n</body>\n</html>\n"
    );
    let mut targets = String::from("'self'");
    for target in form_targets {
        targets.push(' ');
        targets.push_str(target);
    }
    let policy = format!(
        "default-src 'none'; style-src 'self' 'unsafe-inline'; form-action {targets}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    with_headers(Html(html).into_response(), &policy)
}

/// `response` with a content security policy and the headers that every development page has.
pub(crate) fn with_headers(mut response: Response, policy: &str) -> Response {
    let headers = response.headers_mut();
    match HeaderValue::from_str(policy) {
        Ok(policy) => headers.insert(header::CONTENT_SECURITY_POLICY, policy),
        // A form target that is no header text: allow nothing rather than everything.
        Err(_) => headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'"),
        ),
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Forms must say where they come from; other sites need not know.
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    response
}

const STYLE: &str = "\
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}\
body{margin:0}\
main{max-width:60rem;margin:0 auto;padding:1rem}\
main.narrow,.narrow{max-width:28rem;margin:0 auto}\
.hazard{margin:0;padding:1.4rem 1rem;text-align:center;background:repeating-linear-gradient(-45deg,#f5c400 0 1.2rem,#111 1.2rem 2.4rem)}\
.hazard strong{background:#f5c400;color:#111;padding:.35rem .8rem;box-decoration-break:clone;-webkit-box-decoration-break:clone}\
h1{font-size:1.5rem;line-height:1.25}\
h2{font-size:1.15rem;margin-top:2rem}\
.amount{font-size:2rem;font-weight:700;margin:.2rem 0 1rem}\
label{display:block;font-weight:600}\
input{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;margin:.2rem 0 1rem}\
td input{width:7rem;margin:0;padding:.25rem}\
button{font:inherit;padding:.6rem .9rem;cursor:pointer}\
form.pay button{display:block;width:100%;margin:.5rem 0}\
td form{display:inline-block;margin:.1rem .3rem .1rem 0}\
td button{padding:.2rem .5rem}\
.error{border-left:.3rem solid #c22;padding:.3rem .8rem}\
.wide{overflow-x:auto}\
table{border-collapse:collapse;width:100%;font-size:.9rem}\
th,td{text-align:left;vertical-align:top;padding:.4rem .5rem;border-bottom:1px solid #8886}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8886;padding:.8rem}\
code{overflow-wrap:anywhere}\
.mail{border-top:2px solid #8886;margin-top:1.5rem}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            escape(r#"<a href="x" title='y'>&"#),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;"
        );
    }
}
