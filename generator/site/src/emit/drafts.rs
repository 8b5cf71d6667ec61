//! The trees of courses with their drafts, and their list in the catalog.

use super::{file_path, redirects as redirect_pages};
use crate::{
    Files, Output, model::Preview, redirects::Redirect, render::RenderedPage, theme::Theme,
};

/// Adds what a preview is made of to what is published: its pages, old addresses and files.
pub(crate) fn add_drafts<'a>(
    preview: &Preview,
    theme: &Theme,
    source: &Files,
    (pages, redirects, used): (
        Vec<RenderedPage>,
        &[Redirect],
        impl Iterator<Item = &'a str>,
    ),
    output: &mut Output,
) {
    let model = &preview.model;
    let courses = preview.courses.iter();
    let courses: Vec<_> = courses.filter_map(|at| model.courses.get(*at)).collect();
    let tree = |slug: &str| format!("members/{slug}.drafts");
    for page in pages {
        output
            .files
            .insert(page.file, page.html.into_bytes().into());
    }
    for redirect in redirects {
        let course = courses
            .iter()
            .find(|course| redirect.course.as_ref() == Some(&course.slug));
        if let Some(course) = course {
            let page = redirect_pages::page(redirect, model, theme);
            let path = format!("{}{}", tree(&course.slug), redirect.file);
            output.files.insert(path, page.into_bytes().into());
        }
    }
    for file in used {
        let course = courses.iter().find(|course| course.has_file(file));
        if let Some((course, bytes)) = course.zip(source.get(file)) {
            let path = format!("{}{}", tree(&course.slug), file_path(model, source, file));
            output.files.insert(path, bytes.clone());
        }
    }
    let mut slugs: Vec<_> = courses.iter().map(|course| course.slug.clone()).collect();
    slugs.sort();
    slugs.dedup();
    output.catalog.drafts = slugs;
}
