//! Structured data for search engines (schema.org), as text that is safe inside `<script type="application/ld+json">`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{describe::Describe, views::CourseCard};
use crate::{
    model::{Course, Lesson, LessonText},
    url,
};

/// A course with its price.
pub(crate) fn course(
    describe: Describe<'_>,
    course: &Course,
    card: &CourseCard,
    changed: Option<Timestamp>,
) -> String {
    let site = &describe.model.site;
    let address = absolute(&site.base_url, &card.path);
    let offers: Vec<Value> = course
        .prices
        .iter()
        .map(|price| {
            json!({"@type": "Offer", "category": "Paid", "price": price.decimal(), "priceCurrency": price.currency, "url": address})
        })
        .collect();
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "Course",
        "name": card.title,
        "description": card.summary,
        "url": address,
        "inLanguage": describe.language,
        "isAccessibleForFree": !course.priced,
        "provider": {"@type": "Organization", "name": site.title, "url": site.base_url},
    });
    match offers.is_empty() {
        true => set(
            &mut data,
            "offers",
            json!([{"@type": "Offer", "category": "Free"}]),
        ),
        false => set(&mut data, "offers", Value::Array(offers)),
    }
    if let Some(level) = &card.level {
        set(&mut data, "educationalLevel", json!(level));
    }
    if let Some(changed) = changed {
        set(&mut data, "dateModified", json!(changed));
    }
    safe(&data)
}

/// A lesson, with the path of its page and the time of its last change; a paid one says which part of the page is
/// paid, whatever tree the page is in.
pub(crate) fn lesson(
    describe: Describe<'_>,
    course: &Course,
    lesson: &Lesson,
    text: &LessonText,
    (path, changed): (&str, Option<Timestamp>),
) -> String {
    let site = &describe.model.site;
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "name": text.title,
        "url": absolute(&site.base_url, path),
        "inLanguage": describe.language,
        "isAccessibleForFree": !lesson.paid,
        "isPartOf": {"@type": "Course", "name": describe.course_title(course), "url": absolute(&site.base_url, &describe.course_path(course))},
    });
    if let Some(summary) = &text.summary {
        set(&mut data, "description", json!(summary));
    }
    if let Some(changed) = changed {
        set(&mut data, "dateModified", json!(changed));
    }
    if lesson.paid {
        set(
            &mut data,
            "hasPart",
            json!({"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".paywall"}),
        );
    }
    safe(&data)
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
