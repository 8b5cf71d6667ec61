//! What a lesson owes its learners: objectives, an honest duration. And what is not published yet.

use crate::{
    diagnostic::Diagnostic,
    model::{Lesson, LessonText, Model},
};

pub(super) fn check(model: &Model, report: &mut Vec<Diagnostic>) {
    let checks = &model.site.checks;
    let default = model.default_language();
    for course in &model.courses {
        for lesson in &course.lessons {
            let Some(text) = lesson.texts.get(default) else {
                continue;
            };
            if checks.is_on("objectives") && text.objectives.is_empty() {
                let hint = "add objectives = [\"…\"]: what can a learner do after it?";
                let found =
                    text.body
                        .file
                        .error(0, "objectives", "the lesson has no objective", hint);
                report.push(found.into_warning());
            }
            if checks.is_on("reading-time") {
                report.extend(too_short(lesson, text));
            }
        }
    }
    if checks.is_on("draft") {
        let waiting = model.unpublished.iter();
        report.extend(waiting.filter(|path| path.ends_with(".md")).map(|path| {
            let hint = "take draft out, or see it with --drafts";
            Diagnostic::file(path, "draft", "not published yet", hint).into_warning()
        }));
    }
}

/// A declared duration in which the text can't even be read.
fn too_short(lesson: &Lesson, text: &LessonText) -> Option<Diagnostic> {
    let reading = text.body.outline.words.seconds();
    let declared = lesson.duration.filter(|declared| *declared < reading)?;
    let message = format!(
        "the duration is {} min; reading alone takes about {} min",
        declared.div_ceil(60),
        reading.div_ceil(60)
    );
    let found = text.body.file.error(
        0,
        "reading-time",
        message,
        "correct duration, or split the lesson",
    );
    Some(found.into_warning())
}
