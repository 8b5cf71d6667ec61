//! Courses as they will be, for their authors: `members/<course>.drafts/` holds a course with its drafts and with what is
//! to be published later. No byte outside of these trees, and of their list in the catalog, depends on a draft.
//!
//! What only a preview finds wrong, such as a link that leads nowhere yet, is told as a warning and keeps nothing from
//! being published.

use crate::{
    Files, Options, Output, Source,
    check::{self, UsedFiles},
    diagnostic::Diagnostic,
    emit::add_drafts,
    links::Links,
    model::{Model, Preview},
    redirects,
    render::{self, Rendering},
    samples::TestedLessons,
    theme::Theme,
};

/// What the published pages were made with.
pub(crate) struct Published<'a> {
    pub(crate) theme: &'a Theme,
    pub(crate) used: &'a UsedFiles,
    pub(crate) tested: &'a TestedLessons,
}

/// Adds the trees of all courses that have drafts. Does nothing where there are none.
pub(crate) fn add(
    model: Model,
    published: &Published<'_>,
    (source, options): (&Source, &Options),
    output: &mut Output,
    report: &mut Vec<Diagnostic>,
) {
    let Some(preview) = model.with_drafts(source, options) else {
        return;
    };
    let files = &source.files;
    let mut found = Vec::new();
    let links = Links::new(&preview.model, files);
    let used = check::check_preview(&preview, &links, &options.drawings, &mut found);
    tell_missing(&preview, published.used, &used, files, &mut found);
    let redirects = redirects::list(&preview.model, &links, files, &mut found);
    let rendering = Rendering {
        model: &preview.model,
        links: &links,
        theme: published.theme,
        files,
        tested: published.tested,
        drawings: &options.drawings,
    };
    let pages = render::render_drafts(rendering, &preview.courses, &mut found);
    preview.model.site.checks.apply(&mut found);
    let told = found.into_iter().map(Diagnostic::into_warning);
    let new: Vec<_> = told.filter(|found| !report.contains(found)).collect();
    report.extend(new);
    let used = published.used.all().chain(used.all());
    add_drafts(
        &preview,
        published.theme,
        files,
        (pages, &redirects, used),
        output,
    );
}

/// Files that only drafts refer to and that are outside of their courses: no URL of theirs is private.
fn tell_missing(
    preview: &Preview,
    published: &UsedFiles,
    used: &UsedFiles,
    files: &Files,
    report: &mut Vec<Diagnostic>,
) {
    let is_private = |file: &str| {
        let mut courses = preview.courses.iter();
        courses.any(|at| {
            let course = preview.model.courses.get(*at);
            course.is_some_and(|course| course.has_file(file))
        })
    };
    for file in used.all() {
        if !is_private(file) && !published.contains(file) && files.contains_key(file) {
            report.push(Diagnostic::file(
                file,
                "draft-file",
                "only a draft uses this file, which is outside of its course: the preview lacks it",
                "put it into the folder of the course, or wait until the draft is published",
            ));
        }
    }
}
