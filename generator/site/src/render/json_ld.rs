//! Structured data for search engines (schema.org), as text that is safe inside `<script type="application/ld+json">`.
//!
//! What a page says of itself in words, said again for machines: nothing stands here that its reader doesn't see.
//! `generator/site/README.md` has a table of where each field comes from and who asks for it.

mod course;
mod texts;

pub(super) use course::{course, courses, lesson, questions};
pub(super) use texts::{article, website};

use serde_json::{Value, json};

use crate::{load::site_file::SiteFile, url};

/// A page above another one, or the page itself.
#[derive(Debug, Clone)]
pub(super) struct Crumb {
    pub(super) name: String,
    pub(super) path: String,
}

/// All that a page says, and the way to it; `None` where there is nothing to say.
pub(super) fn document(base_url: &str, mut nodes: Vec<Value>, trail: &[Crumb]) -> Option<String> {
    if trail.len() > 1 {
        nodes.push(breadcrumbs(base_url, trail));
    }
    (!nodes.is_empty()).then(|| safe(&json!({"@context": "https://schema.org", "@graph": nodes})))
}

fn breadcrumbs(base_url: &str, trail: &[Crumb]) -> Value {
    let items = trail.iter().zip(1..).map(|(crumb, position)| {
        json!({"@type": "ListItem", "position": position, "name": crumb.name, "item": absolute(base_url, &crumb.path)})
    });
    json!({"@type": "BreadcrumbList", "itemListElement": items.collect::<Value>()})
}

/// Who answers for the site: its author, else the site by its name.
fn publisher(site: &SiteFile) -> Value {
    match site.author.name.is_empty() {
        true => json!({"@type": "Organization", "name": site.title, "url": site.base_url}),
        false => {
            json!({"@type": "Organization", "name": site.author.name, "url": site.author_url.as_ref().unwrap_or(&site.base_url)})
        }
    }
}

/// An absolute URL with everything escaped that a URI needs escaped.
pub(crate) fn absolute(base_url: &str, path: &str) -> String {
    format!("{base_url}{}", url::encode(path))
}

fn set(data: &mut Value, key: &str, value: Value) {
    if let Value::Object(members) = data {
        members.insert(key.to_owned(), value);
    }
}

fn safe(data: &Value) -> String {
    let json = data.to_string();
    let mut out = String::with_capacity(json.len());
    for ch in json.chars() {
        match ch {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(ch)))
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_cannot_end_the_script() {
        let data = json!({"name": "</script><!-- & \u{2028}"});
        let text = safe(&data);
        assert!(!text.contains(['<', '>', '&', '\u{2028}']));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), data);
    }
}
