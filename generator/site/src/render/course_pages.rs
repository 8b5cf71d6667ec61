//! Pages of courses and lessons. Which part of a text is on which page is decided here, and nowhere else.

use std::borrow::Cow;

use tera::Context;
use tuition_catalog::CommentPolicy;
use tuition_markup::Fragment;

use super::{
    describe::Describe,
    jobs::{Job, Tree},
    json_ld::{self, Crumb},
    markdown::Place,
    pages::{Head, Renderer},
    past,
    views::{CourseView, LessonView, QuestionView},
};
use crate::{
    load::course_file::Question,
    model::{Course, LessonText, in_language},
};

impl<'a> Renderer<'a> {
    /// The landing page of a course.
    pub(super) fn course(
        &self,
        job: &Job<'a>,
        course: Option<&'a Course>,
        context: &mut Context,
    ) -> Head<'a> {
        let head = self.plain(job, "course", "", "");
        let Some(course) = course else { return head };
        let describe = self.describe(job);
        let view = self.course_view(job, course, None);
        let changed = past::course_change(self.model, course, job.language);
        let text = in_language(&course.texts, job.language, self.model.default_language());
        let questions = text.and_then(|(text, _)| json_ld::questions(&text.questions));
        let data = [json_ld::course(describe, course, &view.card, changed)];
        let past = text.and_then(|(text, _)| self.course_past(job, course, &text.body.file.path));
        context.insert("past", &past);
        let description = Some(view.card.summary.clone()).filter(|summary| !summary.is_empty());
        context.insert("course", &view);
        Head {
            path: describe.course_path(course),
            title: describe.course_title(course),
            description,
            languages: self.languages(|language| course.languages.contains(language)),
            data: data.into_iter().chain(questions).collect(),
            trail: self.way_to(job, course).into(),
            changed,
            ..head
        }
    }

    /// A course, and the list that it stands in.
    fn way_to(&self, job: &Job<'a>, course: &'a Course) -> [Crumb; 2] {
        let describe = self.describe(job);
        let own = Crumb {
            name: describe.course_title(course).to_owned(),
            path: describe.course_path(course),
        };
        [self.shelf(job, "courses"), own]
    }

    /// The whole view on the course page; without the body beside a lesson.
    fn course_view(&self, job: &Job<'a>, course: &'a Course, current: Option<usize>) -> CourseView {
        let describe = self.describe(job);
        let card = describe.card(course);
        let text = in_language(&course.texts, job.language, self.model.default_language())
            .map(|(text, _)| text);
        let body = text.filter(|_| current.is_none()).map(|text| {
            let place = Place {
                language: job.language,
                title: &text.title,
            };
            self.markdown
                .render(&text.body, text.body.markdown(), place)
                .html
        });
        CourseView {
            body: body.unwrap_or_default(),
            objectives: text.map(|text| text.objectives.clone()).unwrap_or_default(),
            prerequisites: describe.prerequisites(course),
            audience: text.map(|text| text.audience.clone()).unwrap_or_default(),
            instructors: text
                .map(|text| text.instructors.clone())
                .unwrap_or_default(),
            questions: text
                .filter(|_| current.is_none())
                .map(|text| text.questions.iter().map(question).collect())
                .unwrap_or_default(),
            first: describe.lesson(course, 0, None),
            sample: describe.sample(course),
            tested: match current {
                Some(_) => None,
                None => self.tested_lessons(job, std::slice::from_ref(course)),
            },
            tags: course.tags.clone(),
            modules: describe.modules(course, current),
            card,
        }
    }

    /// A lesson: whole, or the teaser of a paid one in the public tree.
    pub(super) fn lesson(
        &self,
        job: &Job<'a>,
        course: Option<(usize, &'a Course)>,
        position: usize,
        context: &mut Context,
    ) -> Head<'a> {
        let head = self.plain(job, "lesson", "", "");
        let default = self.model.default_language();
        let describe = self.describe(job);
        let found = course.and_then(|(number, course)| {
            let lesson = course.lessons.get(position)?;
            let (text, language) = in_language(&lesson.texts, job.language, default)?;
            Some((
                (number, course),
                lesson,
                text,
                language,
                describe.lesson(course, position, Some(position))?,
            ))
        });
        let Some(((number, course), lesson, text, language, link)) = found else {
            return head;
        };
        let is_teaser = lesson.paid && job.tree == Tree::Public;
        let fragment = match is_teaser {
            true => Cow::Owned(self.lesson_text(job, text, text.body.teaser())),
            false => self.whole_lesson(job, course, position, text),
        };
        let fragment = fragment.into_owned();
        let file = &text.body.file.path;
        let tested = match is_teaser {
            true => self.tested.teaser(file),
            false => self.tested.whole(file),
        };
        let path = link.path.clone();
        let is_draft = link.draft;
        let view = LessonView {
            link,
            objectives: text.objectives.clone(),
            body: fragment.html,
            toc: if is_teaser { Vec::new() } else { fragment.toc },
            teaser: is_teaser,
            // Nobody can be asked about what the functions don't know yet.
            comments: self.model.site.comments && !is_draft,
            comments_closed: lesson.comments_closed
                || self.model.site.comment_rules.policy == CommentPolicy::Closed,
            lesson_ref: format!("{}/{}", course.id, lesson.id),
            // How long a paid text is, is paid too.
            seconds: lesson
                .duration
                .or_else(|| (!is_teaser).then(|| lesson.seconds(default))),
            language: language.to_owned(),
            tested: tested.map(|tested| describe.tested(tested)),
        };
        let neighbour = |position: Option<usize>| {
            position.and_then(|position| describe.lesson(course, position, None))
        };
        let part = past::Text {
            path: &text.body.file.path,
            course: Some(number),
            paid: lesson.paid,
        };
        context.insert("past", &self.past(job, &part));
        let changed = past::change(self.model, part.path);
        context.insert("course", &self.course_view(job, course, Some(position)));
        context.insert("lesson", &view);
        context.insert("previous", &neighbour(position.checked_sub(1)));
        context.insert("next", &neighbour(Some(position + 1)));
        // A text that isn't translated is known under its own language's URL.
        let original = Describe {
            model: self.model,
            language,
        };
        let canonical = (language != job.language).then(|| original.lesson_path(course, lesson));
        let first = || {
            Some(text.body.outline.first_paragraph.clone())
                .filter(|first| !lesson.paid && !first.is_empty())
        };
        let own = Crumb {
            name: text.title.clone(),
            path: canonical.clone().unwrap_or_else(|| path.clone()),
        };
        Head {
            title: &text.title,
            description: text.summary.clone().or_else(first),
            languages: self.languages(|language| lesson.texts.contains_key(language)),
            data: vec![json_ld::lesson(
                describe,
                course,
                lesson,
                text,
                (canonical.as_ref().unwrap_or(&path), changed),
            )],
            trail: self.way_to(job, course).into_iter().chain([own]).collect(),
            changed,
            canonical,
            path,
            ..head
        }
    }

    /// The whole text. A free lesson of a priced course is in both trees and is rendered once.
    fn whole_lesson(
        &self,
        job: &Job<'a>,
        course: &'a Course,
        position: usize,
        text: &LessonText,
    ) -> Cow<'_, Fragment> {
        let render = || self.lesson_text(job, text, text.body.markdown());
        match self
            .in_both_trees
            .get(&(course.slug.as_str(), position, job.language))
        {
            Some(fragment) => Cow::Borrowed(fragment.get_or_init(render)),
            None => Cow::Owned(render()),
        }
    }

    fn lesson_text(&self, job: &Job<'a>, text: &LessonText, markdown: &str) -> Fragment {
        let place = Place {
            language: job.language,
            title: &text.title,
        };
        self.markdown.render(&text.body, markdown, place)
    }
}

fn question(question: &Question) -> QuestionView {
    QuestionView {
        question: question.question.clone(),
        answer: question.answer.clone(),
    }
}
