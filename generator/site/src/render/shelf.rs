//! Courses as one looks at them before opening one: on shelves, and all lessons by name.

use super::{
    describe::Describe,
    views::{IndexView, LessonLink, PartView, ShelfView},
};
use crate::model::{Course, in_language};

impl<'a> Describe<'a> {
    /// A card, with what is in the course.
    pub(crate) fn shelf(self, course: &'a Course) -> ShelfView {
        let default = self.model.default_language();
        let text = in_language(&course.texts, self.language, default).map(|(text, _)| text);
        let parts = course
            .modules
            .iter()
            .filter(|module| !module.lessons.is_empty())
            .map(|module| PartView {
                title: in_language(&module.texts, self.language, default)
                    .map(|(text, _)| text.title.clone())
                    .unwrap_or_default(),
                free: module
                    .lessons
                    .clone()
                    .filter_map(|number| Some(!course.lessons.get(number)?.paid))
                    .collect(),
            });
        ShelfView {
            card: self.card(course),
            objectives: text.map(|text| text.objectives.clone()).unwrap_or_default(),
            parts: parts.collect(),
            sample: self.sample(course),
        }
    }

    /// The first lesson that everyone may read.
    pub(crate) fn sample(self, course: &'a Course) -> Option<LessonLink> {
        let position = course.lessons.iter().position(|lesson| !lesson.paid)?;
        self.lesson(course, position, None)
    }

    /// All lessons by name.
    pub(crate) fn index(self) -> Vec<IndexView> {
        let lessons = |course: &'a Course| {
            (0..course.lessons.len()).filter_map(move |number| self.lesson(course, number, None))
        };
        let courses = self.model.courses.iter().map(|course| IndexView {
            title: self.course_title(course).to_owned(),
            path: self.course_path(course),
            lessons: lessons(course).collect(),
        });
        courses.collect()
    }
}
