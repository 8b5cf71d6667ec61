//! Names that must be there once: slugs and ids, and those that the site itself uses.

use std::collections::BTreeMap;

use crate::{
    diagnostic::Diagnostic,
    model::{Course, Lesson, Model, Page},
    url,
};

pub(super) fn check(model: &Model, report: &mut Vec<Diagnostic>) {
    let default = model.default_language();
    let course_path = |course: &Course| {
        course
            .texts
            .get(default)
            .map(|text| text.body.file.path.clone())
            .unwrap_or_default()
    };
    unique(
        model
            .courses
            .iter()
            .map(|course| (course.slug.as_str(), course_path(course))),
        "duplicate-slug",
        "two courses have the slug",
        "rename one of the folders",
        report,
    );
    unique(
        model
            .courses
            .iter()
            .map(|course| (course.id.as_str(), course_path(course))),
        "duplicate-id",
        "two courses have the id",
        "give one of them another id",
        report,
    );
    for course in &model.courses {
        let path = |lesson: &Lesson| {
            lesson
                .texts
                .get(default)
                .map(|text| text.body.file.path.clone())
                .unwrap_or_default()
        };
        unique(
            course
                .lessons
                .iter()
                .map(|lesson| (lesson.slug.as_str(), path(lesson))),
            "duplicate-slug",
            "two lessons of the course have the slug",
            "rename one of the files: the number in front is not part of the URL",
            report,
        );
        unique(
            course
                .lessons
                .iter()
                .map(|lesson| (lesson.id.as_str(), path(lesson))),
            "duplicate-id",
            "two lessons of the course have the id",
            "give one of them another id",
            report,
        );
        for lesson in course
            .lessons
            .iter()
            .filter(|lesson| url::RESERVED_LESSONS.contains(&lesson.slug.as_str()))
        {
            report.push(Diagnostic::file(
                &path(lesson),
                "reserved",
                format!("the URL of \"{}\" is used by the site itself", lesson.slug),
                "rename the file",
            ));
        }
    }
    let page_path = |page: &Page| {
        page.texts
            .get(default)
            .map(|text| text.body.file.path.clone())
            .unwrap_or_default()
    };
    unique(
        model
            .posts
            .iter()
            .map(|post| (post.slug.as_str(), page_path(post))),
        "duplicate-slug",
        "two posts have the slug",
        "rename one of the files",
        report,
    );
    unique(
        model
            .pages
            .iter()
            .map(|page| (page.slug.as_str(), page_path(page))),
        "duplicate-slug",
        "two pages have the URL",
        "rename one of the files",
        report,
    );
    for page in &model.pages {
        let first = page.slug.split('/').next().unwrap_or_default();
        if url::RESERVED.contains(&first)
            || model
                .site
                .languages
                .iter()
                .any(|language| language.eq_ignore_ascii_case(first))
        {
            report.push(Diagnostic::file(
                &page_path(page),
                "reserved",
                format!("URLs that begin with /{first}/ are used by the site itself"),
                "rename the file or its folder",
            ));
        }
    }
}

/// Reports every later owner of a name, naming the first.
fn unique<'a>(
    owners: impl Iterator<Item = (&'a str, String)>,
    code: &'static str,
    what: &str,
    hint: &str,
    report: &mut Vec<Diagnostic>,
) {
    let mut first: BTreeMap<&str, String> = BTreeMap::new();
    for (name, path) in owners.filter(|(name, _)| !name.is_empty() || code == "duplicate-slug") {
        match first.get(name) {
            Some(other) => report.push(Diagnostic::file(
                &path,
                code,
                format!("{what} \"{name}\": the other is {other}"),
                hint,
            )),
            None => {
                first.insert(name, path);
            }
        }
    }
}
