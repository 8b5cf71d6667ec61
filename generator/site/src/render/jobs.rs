//! The list of pages, and how each is put together.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::{Context, Value};

use super::{
    RenderedPage,
    describe::{Describe, direction},
    json_ld,
    markdown::{MarkdownRenderer, Place, labels},
    views::{Alternate, CourseView, LessonView, PageView},
};
use crate::{
    Files,
    diagnostic::Diagnostic,
    links::Links,
    model::{Course, Model, Page, in_language},
    theme::Theme,
    url,
};

/// One page to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Job<'a> {
    language: &'a str,
    tree: Tree,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tree {
    Public,
    Members,
}

/// What is on a page; numbers are positions in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Home,
    Course(usize),
    Lesson(usize, usize),
    Page(usize),
    Posts,
    Post(usize),
    Pricing,
    /// A page that scripts or functions fill: name, template and candidates for the key of its title.
    Shell(&'static Shell),
    NotFound,
}

#[derive(Debug, PartialEq, Eq)]
struct Shell {
    kind: &'static str,
    title: &'static str,
}

const SHELLS: [Shell; 4] = [
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

/// What all pages of one language share, serialised once.
struct Shared {
    site: Value,
    courses: Value,
    posts: Value,
    offers: Value,
}

/// Puts pages together.
pub(crate) struct Renderer<'a> {
    model: &'a Model,
    theme: &'a Theme,
    markdown: MarkdownRenderer<'a>,
    shared: BTreeMap<&'a str, Shared>,
}

/// What differs from page to page in [`PageView`].
struct Head<'a> {
    kind: &'static str,
    path: String,
    title: &'a str,
    description: Option<String>,
    /// Languages in which the same page is there.
    languages: Vec<&'a str>,
    noindex: bool,
    json_ld: Option<String>,
    /// Path under which search engines should know it.
    canonical: Option<String>,
}

impl<'a> Renderer<'a> {
    pub(crate) fn new(
        model: &'a Model,
        links: &'a Links<'a>,
        theme: &'a Theme,
        files: &'a Files,
    ) -> Self {
        let languages = model.site.languages.iter().map(String::as_str);
        let shared = languages.clone().map(|language| {
            let describe = Describe { model, language };
            let cards: Vec<_> = model
                .courses
                .iter()
                .map(|course| describe.card(course))
                .collect();
            let shared = Shared {
                site: Value::from_serializable(&describe.site()),
                courses: Value::from_serializable(&cards),
                posts: Value::from_serializable(&describe.posts()),
                offers: Value::from_serializable(&describe.offers()),
            };
            (language, shared)
        });
        let labels = languages
            .clone()
            .filter_map(|language| Some((language, labels(theme.strings(language)?))));
        Self {
            model,
            theme,
            markdown: MarkdownRenderer {
                model,
                links,
                files,
                labels: labels.collect(),
            },
            shared: shared.collect(),
        }
    }

    /// Every page of both trees.
    pub(crate) fn jobs(&self) -> Vec<Job<'a>> {
        let model = self.model;
        let mut jobs = Vec::new();
        for language in model.site.languages.iter().map(String::as_str) {
            let mut add = |tree, kind| {
                jobs.push(Job {
                    language,
                    tree,
                    kind,
                })
            };
            for kind in [Kind::Home, Kind::Posts, Kind::Pricing]
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
                    add(*tree, Kind::Course(position));
                    for lesson in 0..course.lessons.len() {
                        add(*tree, Kind::Lesson(position, lesson));
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

    /// Makes one page.
    pub(crate) fn render(&self, job: &Job<'a>) -> Result<RenderedPage, Box<Diagnostic>> {
        let mut context = Context::new();
        let shared = self.shared.get(job.language);
        let everyone = |head: Head<'a>| (head, None);
        let (head, course) = match job.kind {
            Kind::Home => everyone(self.home(job, &mut context)),
            Kind::Posts => {
                insert(&mut context, "posts", shared.map(|shared| &shared.posts));
                everyone(self.plain(job, "posts", "posts", "/posts/"))
            }
            Kind::Pricing => {
                insert(&mut context, "offers", shared.map(|shared| &shared.offers));
                insert(
                    &mut context,
                    "courses",
                    shared.map(|shared| &shared.courses),
                );
                everyone(self.plain(job, "pricing", "pricing", "/pricing/"))
            }
            Kind::Shell(shell) => {
                let path = format!("/{}/", shell.kind);
                everyone(Head {
                    noindex: true,
                    ..self.plain(job, shell.kind, shell.title, &path)
                })
            }
            Kind::NotFound => {
                let head = self.plain(job, "not-found", "not_found", "/404.html");
                everyone(Head {
                    noindex: true,
                    languages: Vec::new(),
                    ..head
                })
            }
            Kind::Page(position) => {
                let page = self.model.pages.get(position);
                everyone(self.text_page(job, "page", page, &mut context))
            }
            Kind::Post(position) => {
                let post = self.model.posts.get(position);
                everyone(self.text_page(job, "post", post, &mut context))
            }
            Kind::Course(position) => {
                let course = self.model.courses.get(position);
                (self.course(job, course, &mut context), course)
            }
            Kind::Lesson(course, position) => {
                let course = self.model.courses.get(course);
                (self.lesson(job, course, position, &mut context), course)
            }
        };
        insert(&mut context, "site", shared.map(|shared| &shared.site));
        context.insert("lang_prefix", &self.model.prefix(job.language));
        self.finish(job, head, course, context)
    }

    fn finish(
        &self,
        job: &Job<'a>,
        head: Head<'a>,
        course: Option<&Course>,
        mut context: Context,
    ) -> Result<RenderedPage, Box<Diagnostic>> {
        let base_url = &self.model.site.base_url;
        let canonical_path = head.canonical.as_ref().unwrap_or(&head.path);
        let alternates = self.alternates(job.language, &head);
        let view = PageView {
            kind: head.kind,
            canonical: json_ld::absolute(base_url, canonical_path),
            title: head.title.to_owned(),
            description: head.description,
            language: job.language.to_owned(),
            dir: direction(job.language),
            alternates: alternates.clone(),
            noindex: head.noindex,
            json_ld: head.json_ld,
            tree: match job.tree {
                Tree::Public => "public",
                Tree::Members => "members",
            },
            feed: self.feed(job.language),
            path: head.path.clone(),
        };
        context.insert("page", &view);
        let template = match head.kind {
            "not-found" => "404.html".to_owned(),
            kind => format!("{kind}.html"),
        };
        let html = self.theme.render(&template, job.language, &context)?;
        let file = match head.path.ends_with('/') {
            true => format!("{}index.html", head.path),
            false => head.path.clone(),
        };
        let root = match (job.tree, course) {
            (Tree::Members, Some(course)) => format!("members/{}", course.slug),
            _ => "public".to_owned(),
        };
        Ok(RenderedPage {
            file: format!("{root}{file}"),
            html,
            is_public: job.tree == Tree::Public,
            is_indexed: !head.noindex
                && head
                    .canonical
                    .as_ref()
                    .is_none_or(|canonical| *canonical == head.path),
            path: head.path,
            alternates,
        })
    }

    /// The feed of the language, if it has posts of its own.
    fn feed(&self, language: &str) -> String {
        let has_posts = self
            .model
            .posts
            .iter()
            .any(|post| post.texts.contains_key(language));
        let prefix = if has_posts {
            self.model.prefix(language)
        } else {
            String::new()
        };
        format!("{prefix}/feed.xml")
    }

    fn alternates(&self, language: &str, head: &Head<'a>) -> Vec<Alternate> {
        if head.languages.len() < 2 {
            return Vec::new();
        }
        let bare = head
            .path
            .strip_prefix(&self.model.prefix(language))
            .unwrap_or(&head.path);
        let alternate = |language: &&str| Alternate {
            language: (*language).to_owned(),
            path: format!("{}{bare}", self.model.prefix(language)),
        };
        head.languages.iter().map(alternate).collect()
    }

    /// A page that every language has, titled by a string of the theme.
    fn plain(
        &self,
        job: &Job<'a>,
        kind: &'static str,
        title: &'static str,
        path: &str,
    ) -> Head<'a> {
        Head {
            kind,
            path: format!("{}{path}", self.model.prefix(job.language)),
            title: self
                .theme
                .strings(job.language)
                .and_then(|strings| strings.get(title))
                .unwrap_or(&self.model.site.title),
            description: None,
            languages: self
                .model
                .site
                .languages
                .iter()
                .map(String::as_str)
                .collect(),
            noindex: false,
            json_ld: None,
            canonical: None,
        }
    }

    fn home(&self, job: &Job<'a>, context: &mut Context) -> Head<'a> {
        let shared = self.shared.get(job.language);
        insert(context, "courses", shared.map(|shared| &shared.courses));
        insert(context, "posts", shared.map(|shared| &shared.posts));
        let index = self
            .model
            .pages
            .iter()
            .find(|page| page.slug.is_empty())
            .and_then(|page| page.texts.get(job.language));
        let body = index.map(|text| {
            let place = Place {
                language: job.language,
                title: &self.model.site.title,
            };
            self.markdown
                .render(&text.body, text.body.markdown(), place)
                .html
        });
        context.insert("body", &body);
        let description = index
            .and_then(|text| text.summary.clone())
            .or_else(|| self.model.site.description.clone());
        Head {
            title: &self.model.site.title,
            description,
            ..self.plain(job, "home", "", "/")
        }
    }

    fn text_page(
        &self,
        job: &Job<'a>,
        kind: &'static str,
        page: Option<&'a Page>,
        context: &mut Context,
    ) -> Head<'a> {
        let head = self.plain(job, kind, "", "");
        let Some((page, text)) = page.and_then(|page| Some((page, page.texts.get(job.language)?)))
        else {
            return head;
        };
        let fragment = self.markdown.render(
            &text.body,
            text.body.markdown(),
            Place {
                language: job.language,
                title: &text.title,
            },
        );
        context.insert("title", &text.title);
        context.insert("body", &fragment.html);
        context.insert("toc", &fragment.toc);
        let prefix = self.model.prefix(job.language);
        let path = match page.date {
            Some(date) => {
                context.insert("date", &date.to_string());
                context.insert("date_text", &self.describe(job).date(date));
                url::post(&prefix, &page.slug)
            }
            None => url::page(&prefix, &page.slug),
        };
        let first =
            Some(text.body.outline.first_paragraph.clone()).filter(|first| !first.is_empty());
        Head {
            path,
            title: &text.title,
            description: text.summary.clone().or(first),
            languages: self.languages(|language| page.texts.contains_key(language)),
            ..head
        }
    }

    fn course(&self, job: &Job<'a>, course: Option<&'a Course>, context: &mut Context) -> Head<'a> {
        let head = self.plain(job, "course", "", "");
        let Some(course) = course else { return head };
        let describe = self.describe(job);
        let view = self.course_view(job, course, None);
        let json_ld = json_ld::course(describe, course, &view.card);
        let description = Some(view.card.summary.clone()).filter(|summary| !summary.is_empty());
        context.insert("course", &view);
        Head {
            path: describe.course_path(course),
            title: describe.course_title(course),
            description,
            languages: self.languages(|language| course.languages.contains(language)),
            json_ld: Some(json_ld),
            ..head
        }
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
            tags: course.tags.clone(),
            modules: describe.modules(course, current),
            card,
        }
    }

    fn lesson(
        &self,
        job: &Job<'a>,
        course: Option<&'a Course>,
        position: usize,
        context: &mut Context,
    ) -> Head<'a> {
        let head = self.plain(job, "lesson", "", "");
        let default = self.model.default_language();
        let describe = self.describe(job);
        let found = course.and_then(|course| {
            let lesson = course.lessons.get(position)?;
            let (text, language) = in_language(&lesson.texts, job.language, default)?;
            Some((
                course,
                lesson,
                text,
                language,
                describe.lesson(course, position, Some(position))?,
            ))
        });
        let Some((course, lesson, text, language, link)) = found else {
            return head;
        };
        let is_teaser = lesson.paid && job.tree == Tree::Public;
        let markdown = if is_teaser {
            text.body.teaser()
        } else {
            text.body.markdown()
        };
        let fragment = self.markdown.render(
            &text.body,
            markdown,
            Place {
                language: job.language,
                title: &text.title,
            },
        );
        let path = link.path.clone();
        let view = LessonView {
            link,
            objectives: text.objectives.clone(),
            body: fragment.html,
            toc: if is_teaser { Vec::new() } else { fragment.toc },
            teaser: is_teaser,
            comments: self.model.site.comments,
            lesson_ref: format!("{}/{}", course.id, lesson.id),
            // How long a paid text is, is paid too.
            seconds: lesson
                .duration
                .or_else(|| (!is_teaser).then(|| lesson.seconds(default))),
            language: language.to_owned(),
        };
        let neighbour = |position: Option<usize>| {
            position.and_then(|position| describe.lesson(course, position, None))
        };
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
        Head {
            title: &text.title,
            description: text.summary.clone().or_else(first),
            languages: self.languages(|language| lesson.texts.contains_key(language)),
            json_ld: Some(json_ld::lesson(
                describe,
                course,
                lesson,
                text,
                canonical.as_ref().unwrap_or(&path),
            )),
            canonical,
            path,
            ..head
        }
    }

    /// The site's languages that a page is in.
    fn languages(&self, has: impl Fn(&str) -> bool) -> Vec<&'a str> {
        self.model
            .site
            .languages
            .iter()
            .map(String::as_str)
            .filter(|language| has(language))
            .collect()
    }

    fn describe(&self, job: &Job<'a>) -> Describe<'a> {
        Describe {
            model: self.model,
            language: job.language,
        }
    }
}

/// Hands a value over that is serialised already.
fn insert(
    context: &mut Context,
    name: &'static str,
    value: Option<&(impl Clone + Into<Value> + Serialize)>,
) {
    if let Some(value) = value {
        context.insert_value(name, value.clone().into());
    }
}
