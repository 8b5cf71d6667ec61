//! How each page is put together: its head, and what its template gets.

use std::{collections::BTreeMap, sync::OnceLock};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Data;
use tera::{Context, Value};
use tuition_markup::Fragment;

use super::{
    RenderedPage, Rendering,
    clip::clip,
    describe::{Describe, direction},
    jobs::{Job, Kind, Tree},
    json_ld::{self, Crumb},
    markdown::{MarkdownRenderer, Place, labels},
    past,
    views::{Alternate, IntroView, PageView, TestedView},
};
use crate::{
    diagnostic::Diagnostic,
    history::{self, Readers},
    model::{Course, Model, Page, in_language},
    samples::{TestedLessons, TestedSamples},
    theme::Theme,
    url,
};

/// What all pages of one language share, serialised once.
struct Shared {
    site: Value,
    courses: Value,
    posts: Value,
    offers: Value,
}

/// Puts pages together.
pub(super) struct Renderer<'a> {
    pub(super) model: &'a Model,
    theme: &'a Theme,
    pub(super) markdown: MarkdownRenderer<'a>,
    shared: BTreeMap<&'a str, Shared>,
    /// Texts that stand in both trees, by course, position and language of the page.
    pub(super) in_both_trees: BTreeMap<(&'a str, usize, &'a str), OnceLock<Fragment>>,
    /// By position of a commit.
    pub(super) readers: Vec<Readers>,
    pub(super) tested: &'a TestedLessons,
}

/// What differs from page to page in [`PageView`].
pub(super) struct Head<'a> {
    pub(super) kind: &'static str,
    pub(super) path: String,
    pub(super) title: &'a str,
    pub(super) description: Option<String>,
    /// Languages in which the same page is there.
    pub(super) languages: Vec<&'a str>,
    pub(super) noindex: bool,
    /// What it says to machines.
    pub(super) data: Vec<Data>,
    /// The pages above it, and itself; empty where it stands alone.
    pub(super) trail: Vec<Crumb>,
    /// Path under which search engines should know it.
    pub(super) canonical: Option<String>,
    /// When its text was last changed, where that is known.
    pub(super) changed: Option<Timestamp>,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(from: Rendering<'a>) -> Self {
        let Rendering {
            model,
            links,
            theme,
            files,
            tested,
            drawings,
        } = from;
        let languages = model.site.languages.iter().map(String::as_str);
        let shared = languages.clone().map(|language| {
            let describe = Describe { model, language };
            let cards: Vec<_> = model
                .courses
                .iter()
                .map(|course| describe.shelf(course))
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
                drawings,
            },
            shared: shared.collect(),
            in_both_trees: in_both_trees(model),
            readers: history::readers(model, links),
            tested,
        }
    }

    /// Makes one page.
    pub(super) fn render(&self, job: &Job<'a>) -> Result<RenderedPage, Box<Diagnostic>> {
        let mut context = Context::new();
        let shared = self.shared.get(job.language);
        let everyone = |head: Head<'a>| (head, None);
        let (head, course) = match job.kind {
            Kind::Home => everyone(self.home(job, &mut context)),
            Kind::Posts => {
                insert(&mut context, "posts", shared.map(|shared| &shared.posts));
                everyone(self.plain(job, "posts", "posts", "/posts/"))
            }
            Kind::Courses => {
                insert(
                    &mut context,
                    "courses",
                    shared.map(|shared| &shared.courses),
                );
                everyone(Head {
                    data: json_ld::courses(self.describe(job)).into_iter().collect(),
                    ..self.plain(job, "courses", "courses", "/courses/")
                })
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
                match shell.kind {
                    "account" => {
                        let courses = shared.map(|shared| &shared.courses);
                        insert(&mut context, "courses", courses);
                    }
                    // For those without a script, everything by name.
                    "search" => {
                        context.insert("index", &self.describe(job).index());
                        insert(&mut context, "posts", shared.map(|shared| &shared.posts));
                    }
                    _ => {}
                }
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
                let numbered = self.model.courses.get(course).map(|found| (course, found));
                let head = self.lesson(job, numbered, position, &mut context);
                (head, numbered.map(|(_, course)| course))
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
            description: head.description.as_deref().map(clip),
            language: job.language.to_owned(),
            dir: direction(job.language),
            alternates: alternates.clone(),
            noindex: head.noindex || job.tree == Tree::Drafts,
            json_ld: json_ld::document(base_url, head.data, &head.trail),
            tree: match job.tree {
                Tree::Public => "public",
                Tree::Members | Tree::Drafts => "members",
            },
            draft: job.tree == Tree::Drafts,
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
            (Tree::Drafts, Some(course)) => format!("members/{}.drafts", course.slug),
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
            changed: head.changed,
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

    /// The list that a page stands in: `courses` or `posts`.
    pub(super) fn shelf(&self, job: &Job<'a>, name: &'static str) -> Crumb {
        let path = format!("/{name}/");
        let head = self.plain(job, name, name, &path);
        Crumb {
            name: head.title.to_owned(),
            path: head.path,
        }
    }

    /// A page that every language has, titled by a string of the theme.
    pub(super) fn plain(
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
            data: Vec::new(),
            trail: Vec::new(),
            canonical: None,
            changed: None,
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
        let intro = index.map(|text| IntroView {
            title: text.title.clone(),
            summary: text.summary.clone(),
        });
        context.insert("intro", &intro);
        context.insert("tested", &self.tested_lessons(job, &self.model.courses));
        let description = index
            .and_then(|text| text.summary.clone())
            .or_else(|| self.model.site.description.clone());
        Head {
            title: &self.model.site.title,
            data: vec![json_ld::website(self.describe(job), description.as_deref())],
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
        context.insert("summary", &text.summary);
        context.insert("body", &fragment.html);
        context.insert("toc", &fragment.toc);
        let file = &text.body.file.path;
        let part = past::Text {
            path: file,
            course: None,
            paid: false,
        };
        context.insert("past", &self.past(job, &part));
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
        let description = text.summary.clone().or(first);
        let changed = past::change(self.model, file);
        let (data, trail) = match page.date {
            Some(_) => {
                let about = (path.as_str(), description.as_deref(), changed);
                let article = json_ld::article(self.describe(job), page, text, about);
                let own = Crumb {
                    name: text.title.clone(),
                    path: path.clone(),
                };
                (vec![article], vec![self.shelf(job, "posts"), own])
            }
            None => (Vec::new(), Vec::new()),
        };
        Head {
            path,
            title: &text.title,
            description,
            languages: self.languages(|language| page.texts.contains_key(language)),
            changed,
            data,
            trail,
            ..head
        }
    }

    /// When the samples of the lessons that everyone may read were run, those of which all passed. What stands in a
    /// paid lesson, and be it the number of its samples, is told to nobody here.
    pub(super) fn tested_lessons(&self, job: &Job<'a>, courses: &[Course]) -> Option<TestedView> {
        let default = self.model.default_language();
        let free = courses
            .iter()
            .flat_map(|course| &course.lessons)
            .filter(|lesson| !lesson.paid);
        let samples: Vec<_> = free
            .filter_map(|lesson| in_language(&lesson.texts, job.language, default))
            .filter_map(|(text, _)| self.tested.whole(&text.body.file.path))
            .collect();
        let oldest = samples.iter().map(|samples| &samples.oldest).min()?.clone();
        let count = samples.iter().map(|samples| samples.count).sum();
        Some(self.describe(job).tested(&TestedSamples { count, oldest }))
    }

    /// The site's languages that a page is in.
    pub(super) fn languages(&self, has: impl Fn(&str) -> bool) -> Vec<&'a str> {
        self.model
            .site
            .languages
            .iter()
            .map(String::as_str)
            .filter(|language| has(language))
            .collect()
    }

    pub(super) fn describe(&self, job: &Job<'a>) -> Describe<'a> {
        Describe {
            model: self.model,
            language: job.language,
        }
    }
}

/// Free lessons of priced courses.
fn in_both_trees(model: &Model) -> BTreeMap<(&str, usize, &str), OnceLock<Fragment>> {
    let mut texts = BTreeMap::new();
    for course in model.courses.iter().filter(|course| course.priced) {
        for (position, _) in course
            .lessons
            .iter()
            .enumerate()
            .filter(|(_, lesson)| !lesson.paid)
        {
            for language in &course.languages {
                texts.insert(
                    (course.slug.as_str(), position, language.as_str()),
                    OnceLock::new(),
                );
            }
        }
    }
    texts
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
