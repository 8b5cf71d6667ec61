//! Names that must be there once: slugs and ids, and those that the site itself uses.

use std::collections::BTreeMap;

use crate::{
    diagnostic::Diagnostic,
    model::{Course, Lesson, Model, Page},
    url,
};

/// Something with a place in the URLs and, perhaps, an id.
struct Owner<'a> {
    slug: &'a str,
    id: &'a str,
    path: &'a str,
}

pub(super) fn check(model: &Model, report: &mut Vec<Diagnostic>) {
    let rename = "rename one of the two: the URL comes from the name, without its number";
    let courses: Vec<_> = model
        .courses
        .iter()
        .map(|item| course(model, item))
        .collect();
    unique_slugs(&courses, "two courses have the slug", rename, report);
    unique_ids(&courses, "two courses have the id", report);
    for course in &model.courses {
        let lessons: Vec<_> = course
            .lessons
            .iter()
            .map(|item| lesson(model, item))
            .collect();
        unique_slugs(
            &lessons,
            "two lessons of the course have the slug",
            rename,
            report,
        );
        unique_ids(&lessons, "two lessons of the course have the id", report);
        for lesson in lessons
            .iter()
            .filter(|lesson| url::RESERVED_LESSONS.contains(&lesson.slug))
        {
            reserved(
                lesson,
                &format!("/courses/{}/{}/", course.slug, lesson.slug),
                report,
            );
        }
    }
    let pages: Vec<_> = model.pages.iter().map(|item| page(model, item)).collect();
    unique_slugs(&pages, "two pages have the URL", rename, report);
    for page in &pages {
        let first = page.slug.split('/').next().unwrap_or_default();
        let is_language = |language: &String| language.eq_ignore_ascii_case(first);
        if url::RESERVED.contains(&first) || model.site.languages.iter().any(is_language) {
            reserved(page, &format!("/{first}/"), report);
        }
    }
    let posts: Vec<_> = model.posts.iter().map(|item| page(model, item)).collect();
    unique_slugs(&posts, "two posts have the slug", rename, report);
}

fn course<'a>(model: &Model, course: &'a Course) -> Owner<'a> {
    let text = course.texts.get(model.default_language());
    Owner {
        slug: &course.slug,
        id: &course.id,
        path: text.map_or("", |text| &text.body.file.path),
    }
}

fn lesson<'a>(model: &Model, lesson: &'a Lesson) -> Owner<'a> {
    let text = lesson.texts.get(model.default_language());
    Owner {
        slug: &lesson.slug,
        id: &lesson.id,
        path: text.map_or("", |text| &text.body.file.path),
    }
}

fn page<'a>(model: &Model, page: &'a Page) -> Owner<'a> {
    let text = page.texts.get(model.default_language());
    Owner {
        slug: &page.slug,
        id: "",
        path: text.map_or("", |text| &text.body.file.path),
    }
}

/// Reports every later owner of a slug, naming the first.
fn unique_slugs(owners: &[Owner<'_>], what: &str, hint: &str, report: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for owner in owners {
        if let Some(other) = first.get(owner.slug) {
            let message = format!("{what} \"{}\": the other is {other}", owner.slug);
            report.push(Diagnostic::file(
                owner.path,
                "duplicate-slug",
                message,
                hint,
            ));
        }
        first.entry(owner.slug).or_insert(owner.path);
    }
}

/// Reports every later owner of an id, unless the slugs say the same already.
fn unique_ids(owners: &[Owner<'_>], what: &str, report: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, &Owner<'_>> = BTreeMap::new();
    for owner in owners {
        if let Some(other) = first.get(owner.id).filter(|other| other.slug != owner.slug) {
            let message = format!("{what} \"{}\": the other is {}", owner.id, other.path);
            report.push(Diagnostic::file(
                owner.path,
                "duplicate-id",
                message,
                "give one of them another id",
            ));
        }
        first.entry(owner.id).or_insert(owner);
    }
}

fn reserved(owner: &Owner<'_>, url: &str, report: &mut Vec<Diagnostic>) {
    let message = format!("the site itself uses the URL {url}");
    report.push(Diagnostic::file(
        owner.path,
        "reserved",
        message,
        "rename the file or its folder",
    ));
}
