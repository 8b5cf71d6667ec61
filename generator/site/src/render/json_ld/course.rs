//! Courses, their lessons, and what people ask about them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{absolute, publisher, set};
use crate::{
    load::course_file::Question,
    model::{Course, Lesson, LessonText, in_language},
    render::{
        describe::{Describe, declared},
        views::CourseCard,
    },
};

/// A course with its price, as a search engine may show it.
pub(in super::super) fn course(
    describe: Describe<'_>,
    course: &Course,
    card: &CourseCard,
    changed: Option<Timestamp>,
) -> Value {
    let site = &describe.model.site;
    let address = absolute(&site.base_url, &card.path);
    let text = in_language(
        &course.texts,
        describe.language,
        describe.model.default_language(),
    )
    .map(|(text, _)| text);
    // A search engine shows no course that says nothing of itself.
    let description = match card.summary.is_empty() {
        true => text.map_or("", |text| &text.body.outline.first_paragraph),
        false => &card.summary,
    };
    let mut data = json!({
        "@type": "Course",
        "name": card.title,
        "description": description,
        "url": address,
        "inLanguage": describe.language,
        "isAccessibleForFree": !course.priced,
        "provider": publisher(site),
        "offers": offers(course, &address),
        "hasCourseInstance": [instance(describe, course)],
    });
    if let Some(level) = &card.level {
        set(&mut data, "educationalLevel", json!(level));
    }
    if !course.tags.is_empty() {
        set(&mut data, "keywords", json!(course.tags));
    }
    if let Some(text) = text.filter(|text| !text.objectives.is_empty()) {
        set(&mut data, "teaches", json!(text.objectives));
    }
    if let Some(changed) = changed {
        set(&mut data, "dateModified", json!(changed));
    }
    data
}

fn offers(course: &Course, address: &str) -> Value {
    match course.prices.as_slice() {
        [] => json!([{"@type": "Offer", "category": "Free"}]),
        prices => prices
            .iter()
            .map(|price| {
                json!({
                    "@type": "Offer",
                    "category": "Paid",
                    "price": price.decimal(),
                    "priceCurrency": price.currency,
                    "availability": "https://schema.org/InStock",
                    "url": address,
                })
            })
            .collect(),
    }
}

/// How a course is taken: on one's own, and how long that takes, where its author says so. Nothing is estimated from
/// texts that must be paid for.
fn instance(describe: Describe<'_>, course: &Course) -> Value {
    let mut data = json!({"@type": "CourseInstance", "courseMode": "Online"});
    let default = describe.model.default_language();
    let lessons = course.lessons.iter();
    let estimated =
        || (!course.priced).then(|| lessons.map(|lesson| lesson.seconds(default)).sum());
    if let Some(seconds) = declared(course)
        .or_else(estimated)
        .filter(|seconds| *seconds > 0)
    {
        let workload = SignedDuration::from_secs(i64::from(seconds)).to_string();
        set(&mut data, "courseWorkload", json!(workload));
    }
    let text = in_language(&course.texts, describe.language, default);
    if let Some((text, _)) = text.filter(|(text, _)| !text.instructors.is_empty()) {
        let people = text.instructors.iter();
        let people = people.map(|name| json!({"@type": "Person", "name": name}));
        set(&mut data, "instructor", people.collect());
    }
    data
}

/// The list of all courses: each is described on its own page.
pub(in super::super) fn courses(describe: Describe<'_>) -> Option<Value> {
    let base_url = &describe.model.site.base_url;
    let courses = describe.model.courses.iter().zip(1..);
    let items: Vec<Value> = courses
        .map(|(course, position)| {
            json!({"@type": "ListItem", "position": position, "url": absolute(base_url, &describe.course_path(course))})
        })
        .collect();
    (!items.is_empty()).then(|| json!({"@type": "ItemList", "itemListElement": items}))
}

/// What people ask before they buy; nothing where the author has answered nothing.
pub(in super::super) fn questions(questions: &[Question]) -> Option<Value> {
    let answers = questions.iter().map(|asked| {
        json!({"@type": "Question", "name": asked.question, "acceptedAnswer": {"@type": "Answer", "text": asked.answer}})
    });
    (!questions.is_empty())
        .then(|| json!({"@type": "FAQPage", "mainEntity": answers.collect::<Value>()}))
}

/// A lesson, with the path of its page and the time of its last change; a paid one says which part of the page is
/// paid, whatever tree the page is in.
pub(in super::super) fn lesson(
    describe: Describe<'_>,
    course: &Course,
    lesson: &Lesson,
    text: &LessonText,
    (path, changed): (&str, Option<Timestamp>),
) -> Value {
    let site = &describe.model.site;
    let mut data = json!({
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
    data
}
