//! Links by name: `[[title]]`, `[[last-part-of-the-url]]`, `[[course/lesson#anchor]]`.

use tuition_markup::slugify;

use super::{From, Links, Place, Resolution, broken};
use crate::{model::in_language, nearest::nearest};

impl Links<'_> {
    /// Where `[[name]]` and `[[name#anchor]]` lead.
    pub(super) fn by_name(&self, from: From<'_>, destination: &str) -> Resolution {
        let (name, anchor) = match destination.split_once('#') {
            Some((name, anchor)) => (name, Some(anchor)),
            None => (destination, None),
        };
        let Some(place) = self.named(from, name) else {
            let own = self.names(self.course_of(from));
            let all = self.names(None);
            let names = own.iter().chain(&all).map(|(name, _)| name.as_str());
            let hint = match nearest(&slugify(name), names) {
                Some(near) => format!("did you mean [[{near}]]?"),
                None => "use the title or the last part of the URL; text in double brackets is a link unless it stands in backticks".to_owned(),
            };
            return broken(
                "link",
                format!("no lesson or page is called \"{name}\""),
                hint,
            );
        };
        let url = self.url(place, from.language);
        match anchor.filter(|anchor| !anchor.is_empty()) {
            Some(anchor) => {
                self.with_anchor(url, self.body(place, from.language), &slugify(anchor))
            }
            None => Resolution::Url(url),
        }
    }

    /// The title of the page that a name means, in the language of the text.
    pub(crate) fn title(&self, from: From<'_>, destination: &str) -> Option<String> {
        let name = destination
            .split_once('#')
            .map_or(destination, |(name, _)| name);
        let (model, default) = (self.model, self.model.default_language());
        let language = from.language;
        let title = match self.named(from, name)? {
            Place::Course(course) => {
                &in_language(&model.courses.get(course)?.texts, language, default)?
                    .0
                    .title
            }
            Place::Lesson(course, lesson) => {
                let lesson = model.courses.get(course)?.lessons.get(lesson)?;
                &in_language(&lesson.texts, language, default)?.0.title
            }
            Place::Page(page) => {
                &in_language(&model.pages.get(page)?.texts, language, default)?
                    .0
                    .title
            }
            Place::Post(post) => {
                &in_language(&model.posts.get(post)?.texts, language, default)?
                    .0
                    .title
            }
        };
        Some(title.clone())
    }

    /// The place that a name means: in the own course first, then anywhere.
    fn named(&self, from: From<'_>, name: &str) -> Option<Place> {
        let slug = name.split('/').map(slugify).collect::<Vec<_>>().join("/");
        let own = self.course_of(from);
        let find = |names: Vec<(String, Place)>| {
            names
                .into_iter()
                .find(|(known, _)| *known == slug)
                .map(|(_, place)| place)
        };
        own.and_then(|_| find(self.names(own)))
            .or_else(|| find(self.names(None)))
    }

    fn course_of(&self, from: From<'_>) -> Option<usize> {
        self.model.courses.iter().position(|course| {
            from.path
                .strip_prefix(&course.folder)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// Names of the lessons of a course, or of everything: slugs, titles as slugs, `course/lesson`.
    fn names(&self, course: Option<usize>) -> Vec<(String, Place)> {
        let mut names = Vec::new();
        let (model, default) = (self.model, self.model.default_language());
        for (position, item) in model.courses.iter().enumerate() {
            if course.is_some_and(|course| course != position) {
                continue;
            }
            for (number, lesson) in item.lessons.iter().enumerate() {
                let place = Place::Lesson(position, number);
                names.push((lesson.slug.clone(), place));
                names.push((format!("{}/{}", item.slug, lesson.slug), place));
                names.extend(
                    lesson
                        .texts
                        .values()
                        .map(|text| (slugify(&text.title), place)),
                );
            }
            names.push((item.slug.clone(), Place::Course(position)));
            names.extend(
                item.texts
                    .get(default)
                    .map(|text| (slugify(&text.title), Place::Course(position))),
            );
        }
        if course.is_none() {
            let pages = model
                .pages
                .iter()
                .enumerate()
                .map(|(at, page)| (Place::Page(at), page));
            let posts = model
                .posts
                .iter()
                .enumerate()
                .map(|(at, post)| (Place::Post(at), post));
            for (place, page) in pages.chain(posts) {
                names.push((page.slug.clone(), place));
                names.extend(
                    page.texts
                        .values()
                        .map(|text| (slugify(&text.title), place)),
                );
            }
        }
        names
    }
}
