//! The list of pages: which are there, in which language and tree.

use crate::model::{Course, Model};

/// One page to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job<'a> {
    pub(super) language: &'a str,
    pub(super) tree: Tree,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    Public,
    Members,
    /// Of one course as it will be: for authors.
    Drafts,
}

/// What is on a page; numbers are positions in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Home,
    Course(usize),
    Lesson(usize, usize),
    Page(usize),
    Courses,
    Posts,
    Post(usize),
    Pricing,
    /// A page that scripts or functions fill: name, template and candidates for the key of its title.
    Shell(&'static Shell),
    NotFound,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shell {
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
}

/// Pages without content of their own.
const SHELLS: [Shell; 5] = [
    Shell {
        kind: "search",
        title: "search",
    },
    Shell {
        kind: "sign-in",
        title: "sign_in",
    },
    Shell {
        kind: "account",
        title: "account",
    },
    Shell {
        kind: "order",
        title: "order",
    },
    Shell {
        kind: "author",
        title: "summary",
    },
];

/// Every page of both trees.
pub(super) fn list(model: &Model) -> Vec<Job<'_>> {
    let mut jobs = Vec::new();
    for language in model.site.languages.iter().map(String::as_str) {
        let mut add = |tree, kind| {
            jobs.push(Job {
                language,
                tree,
                kind,
            })
        };
        for kind in [Kind::Home, Kind::Courses, Kind::Posts, Kind::Pricing]
            .into_iter()
            .chain(SHELLS.iter().map(Kind::Shell))
        {
            add(Tree::Public, kind);
        }
        for (position, page) in model.pages.iter().enumerate() {
            // The front page shows the text of pages/index.md.
            if page.texts.contains_key(language) && !page.slug.is_empty() {
                add(Tree::Public, Kind::Page(position));
            }
        }
        for (position, post) in model.posts.iter().enumerate() {
            if post.texts.contains_key(language) {
                add(Tree::Public, Kind::Post(position));
            }
        }
        for (position, course) in model
            .courses
            .iter()
            .enumerate()
            .filter(|(_, course)| course.languages.contains(language))
        {
            let trees: &[Tree] = if course.priced {
                &[Tree::Public, Tree::Members]
            } else {
                &[Tree::Public]
            };
            for tree in trees {
                for kind in course_pages(position, course) {
                    add(*tree, kind);
                }
            }
        }
    }
    jobs.push(Job {
        language: model.default_language(),
        tree: Tree::Public,
        kind: Kind::NotFound,
    });
    jobs
}

/// Every page of the courses at these positions, as it will be.
pub(super) fn drafts<'a>(model: &'a Model, courses: &[usize]) -> Vec<Job<'a>> {
    let courses = courses
        .iter()
        .filter_map(|position| Some((*position, model.courses.get(*position)?)));
    let mut jobs = Vec::new();
    for (position, course) in courses {
        for language in model.site.languages.iter().map(String::as_str) {
            if course.languages.contains(language) {
                jobs.extend(course_pages(position, course).map(|kind| Job {
                    language,
                    tree: Tree::Drafts,
                    kind,
                }));
            }
        }
    }
    jobs
}

fn course_pages(position: usize, course: &Course) -> impl Iterator<Item = Kind> + use<> {
    let lessons = (0..course.lessons.len()).map(move |lesson| Kind::Lesson(position, lesson));
    std::iter::once(Kind::Course(position)).chain(lessons)
}
