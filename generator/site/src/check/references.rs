//! Every link and image leads somewhere, and a paid text brings no file into the public tree.

use std::{collections::BTreeSet, ops::Range};

use tuition_markup::{Reference, ReferenceKind, no_includes, scan};

use super::UsedFiles;
use crate::{
    Drawings,
    diagnostic::Diagnostic,
    includes,
    links::{From, Links, Resolution},
    model::{Body, Model},
    url,
};

/// Checks every text of the courses at these positions, and every page and post; what it learns about files is the
/// result.
pub(super) fn check(
    model: &Model,
    links: &Links<'_>,
    drawings: &Drawings,
    courses: impl Iterator<Item = usize>,
    report: &mut Vec<Diagnostic>,
) -> UsedFiles {
    let mut checker = Checker {
        model,
        links,
        drawings,
        used: UsedFiles::default(),
        report,
    };
    let courses = courses.filter_map(|position| Some((position, model.courses.get(position)?)));
    for (position, course) in courses {
        let course_texts = course
            .texts
            .iter()
            .map(|(language, text)| (language, &text.body));
        for (language, body) in course_texts {
            checker.text(
                language,
                body,
                Audience {
                    course: Some(position),
                    paid: false,
                },
            );
        }
        for lesson in &course.lessons {
            for (language, text) in &lesson.texts {
                checker.text(
                    language,
                    &text.body,
                    Audience {
                        course: Some(position),
                        paid: lesson.paid,
                    },
                );
            }
        }
    }
    for page in model.pages.iter().chain(&model.posts) {
        for (language, text) in &page.texts {
            checker.text(
                language,
                &text.body,
                Audience {
                    course: None,
                    paid: false,
                },
            );
        }
    }
    checker.used
}

/// Links of navigation and footer in `site.toml`.
pub(super) fn check_navigation(model: &Model, links: &Links<'_>, report: &mut Vec<Diagnostic>) {
    for item in model.site.navigation.iter().chain(&model.site.footer) {
        if let Some(wrong) = links.broken_url(&item.url.value) {
            report.push(
                model
                    .site_text
                    .error(item.url.at, wrong.code, wrong.message, wrong.hint),
            );
        }
        if let Some(language) = item
            .language
            .as_ref()
            .filter(|language| !model.site.languages.contains(language))
        {
            let hint = format!("languages of the site: {}", model.site.languages.join(", "));
            let message = format!("the site has no language \"{language}\"");
            report.push(
                model
                    .site_text
                    .error(item.url.at, "language", message, hint),
            );
        }
    }
}

/// Who may read a text.
#[derive(Clone, Copy)]
struct Audience {
    /// The course it belongs to.
    course: Option<usize>,
    /// Whether everything below the teaser is paid.
    paid: bool,
}

struct Checker<'a> {
    model: &'a Model,
    links: &'a Links<'a>,
    drawings: &'a Drawings,
    used: UsedFiles,
    report: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    fn text(&mut self, language: &str, body: &Body, audience: Audience) {
        let from = From {
            path: &body.file.path,
            language,
            body,
        };
        let teaser = audience.paid.then(|| Teaser::of(body, self.drawings));
        for reference in &body.outline.references {
            let range = &reference.range;
            let at = body.start + range.start..body.start + range.end;
            let is_public = teaser.as_ref().is_none_or(|teaser| teaser.shows(reference));
            if teaser
                .as_ref()
                .is_some_and(|teaser| teaser.lacks(reference))
            {
                let message = "the teaser uses a link whose definition is paid";
                let hint =
                    "define it above <!-- more -->: readers of the teaser see brackets instead";
                self.report.push(
                    body.file
                        .error(at.clone(), "teaser-reference", message, hint)
                        .into_warning(),
                );
            }
            if reference.kind == ReferenceKind::Include {
                self.include(reference, is_public, audience, body, at);
                continue;
            }
            match self
                .links
                .resolve(from, reference.kind, &reference.destination)
            {
                Resolution::Elsewhere | Resolution::Url(_) => {}
                Resolution::Broken(broken) => {
                    self.report.push(
                        body.file
                            .error(at, broken.code, broken.message, broken.hint),
                    );
                }
                Resolution::File(file) => self.file(file, is_public, audience, body, at),
            }
        }
    }

    /// A file that a fence shows is there, and shows nobody what they have not paid for.
    fn include(
        &mut self,
        reference: &Reference,
        is_public: bool,
        audience: Audience,
        body: &Body,
        at: Range<usize>,
    ) {
        let mut complain = |code, message: String, hint: String| {
            let found = body.file.error(at.clone(), code, message, hint);
            self.report.push(found);
        };
        let path = &reference.destination;
        let Some(target) = includes::target(&body.file.path, path) else {
            let message = format!("\"{path}\" leads out of content/ or is no path");
            let hint = "write the path from this file, with / between folders".to_owned();
            return complain("link-path", message, hint);
        };
        match self.links.lesson_of(&target) {
            Some((_, lesson)) if lesson.paid && is_public => {
                let message = format!("everyone could read the paid text of {target} here");
                let hint =
                    "include it in the paid part of the same course, or set free = true there"
                        .to_owned();
                return complain("paid-text-in-public", message, hint);
            }
            Some((course, lesson)) if lesson.paid && audience.course != Some(course) => {
                let message =
                    format!("learners of another course could read the paid text of {target} here");
                let hint = "include it in its own course only".to_owned();
                return complain("paid-text-in-public", message, hint);
            }
            _ => {}
        }
        if self.model.unpublished.contains(&target) {
            let message = format!("\"{path}\" is a draft or not published yet");
            let hint = "publish it too, or take the include out".to_owned();
            return complain("link-unpublished", message, hint);
        }
        if includes::text(self.links.files(), &body.file.path, path).is_some() {
            self.used.included.insert(target);
        } else if self.links.files().contains_key(&target) {
            let message = format!("\"{path}\" is no text in UTF-8, or holds control characters");
            complain("encoding", message, "save the file as UTF-8".to_owned());
        } else {
            let broken = self.links.missing_file(&body.file.path, path, &target);
            complain(broken.code, broken.message, broken.hint);
        }
    }

    fn file(
        &mut self,
        file: String,
        is_public: bool,
        audience: Audience,
        body: &Body,
        at: Range<usize>,
    ) {
        if !url::is_reachable(&file) {
            let message = format!("no address can hold the name of \"{file}\"");
            let hint = "rename the file: without %, and not _members";
            self.report
                .push(body.file.error(at, "file-name", message, hint));
            return;
        }
        let owner = self
            .model
            .courses
            .iter()
            .position(|course| course.has_file(&file));
        if !is_public && (owner.is_none() || owner != audience.course) {
            let message = "a paid text uses a file that is not part of its course";
            let hint = "put the file into the folder of the course, else anyone could fetch it";
            self.report
                .push(body.file.error(at, "paid-file", message, hint));
            return;
        }
        if let Some(owner) = owner {
            self.used
                .members
                .entry(owner)
                .or_default()
                .insert(file.clone());
        }
        if is_public {
            self.used.public.insert(file);
        }
    }
}

/// What the teaser of a paid text refers to, read from its own bytes: a definition below it is paid.
struct Teaser {
    length: Range<usize>,
    references: BTreeSet<(ReferenceKind, String)>,
}

impl Teaser {
    fn of(body: &Body, drawings: &Drawings) -> Self {
        let options = tuition_markup::Options {
            math: body.math,
            drawings: Some(drawings),
            ..Default::default()
        };
        let outline = scan(body.teaser(), &options, &no_includes);
        let references = outline.references.iter().map(key).collect();
        Self {
            length: body.outline.teaser.range.clone(),
            references,
        }
    }

    fn shows(&self, reference: &Reference) -> bool {
        self.length.contains(&reference.range.start) && self.references.contains(&key(reference))
    }

    fn lacks(&self, reference: &Reference) -> bool {
        self.length.contains(&reference.range.start) && !self.references.contains(&key(reference))
    }
}

fn key(reference: &Reference) -> (ReferenceKind, String) {
    (reference.kind, reference.destination.clone())
}
