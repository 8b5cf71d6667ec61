//! Every link and image leads somewhere, and a paid text brings no file into the public tree.

use super::UsedFiles;
use crate::{
    diagnostic::Diagnostic,
    links::{From, Links, Resolution},
    model::{Body, Model},
};

/// Who may read a text.
#[derive(Clone, Copy)]
struct Audience {
    /// The course it belongs to.
    course: Option<usize>,
    /// Whether everything below the teaser is paid.
    paid: bool,
}

pub(super) fn check(model: &Model, links: &Links<'_>, report: &mut Vec<Diagnostic>) -> UsedFiles {
    let mut used = UsedFiles::default();
    let everyone = Audience {
        course: None,
        paid: false,
    };
    for (position, course) in model.courses.iter().enumerate() {
        let audience = Audience {
            course: Some(position),
            paid: false,
        };
        for (language, text) in &course.texts {
            check_text(
                model, links, language, &text.body, audience, &mut used, report,
            );
        }
        for lesson in &course.lessons {
            let audience = Audience {
                paid: lesson.paid,
                ..audience
            };
            for (language, text) in &lesson.texts {
                check_text(
                    model, links, language, &text.body, audience, &mut used, report,
                );
            }
        }
    }
    for page in model.pages.iter().chain(&model.posts) {
        for (language, text) in &page.texts {
            check_text(
                model, links, language, &text.body, everyone, &mut used, report,
            );
        }
    }
    used
}

/// Links of the navigation in `site.toml`.
pub(super) fn check_navigation(model: &Model, links: &Links<'_>, report: &mut Vec<Diagnostic>) {
    for item in &model.site.navigation {
        let url = &item.url.value;
        if let Some(wrong) = links.broken_url(url) {
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
            report.push(model.site_text.error(
                item.url.at,
                "language",
                format!("the site has no language \"{language}\""),
                hint,
            ));
        }
    }
}

fn check_text(
    model: &Model,
    links: &Links<'_>,
    language: &str,
    body: &Body,
    audience: Audience,
    used: &mut UsedFiles,
    report: &mut Vec<Diagnostic>,
) {
    let from = From {
        path: &body.file.path,
        language,
        body,
    };
    for reference in &body.outline.references {
        let at = body.start + reference.range.start;
        match links.resolve(from, reference.kind, &reference.destination) {
            Resolution::Elsewhere | Resolution::Url(_) => {}
            Resolution::Broken(broken) => {
                report.push(
                    body.file
                        .error(at, broken.code, broken.message, broken.hint),
                )
            }
            Resolution::File(file) => {
                let teaser = &body.outline.teaser.range;
                let is_public = !audience.paid || teaser.contains(&reference.range.start);
                let owner = model
                    .courses
                    .iter()
                    .position(|course| is_below(&file, &course.folder));
                match (is_public, owner) {
                    (false, owner) if owner.is_none() || owner != audience.course => {
                        let hint = "put the file into the folder of the course, else anyone could fetch it";
                        report.push(body.file.error(
                            at,
                            "paid-file",
                            "a paid text uses a file that is not part of its course",
                            hint,
                        ));
                    }
                    (true, owner) => {
                        if let Some(owner) = owner {
                            used.members.entry(owner).or_default().insert(file.clone());
                        }
                        used.public.insert(file);
                    }
                    (false, _) => {
                        used.members
                            .entry(owner.unwrap_or_default())
                            .or_default()
                            .insert(file);
                    }
                }
            }
        }
    }
}

fn is_below(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}
