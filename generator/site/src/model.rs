//! The site as it is meant: courses with their lessons, pages, posts and offers, each text by language.
//!
//! Made from files by [`Model::build`]; knows no HTML. Everything in it is valid by itself; what two parts must agree
//! on (links, duplicates, prerequisites) is for `check`.

mod build;
mod id;
mod preview;
mod publish;
mod reader;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use jiff::civil::Date;
pub(crate) use preview::Preview;
use tuition_catalog::{Money, OfferKind, Term};
use tuition_markup::Outline;

use crate::{
    history::History,
    load::{course_file::Question, fields::Placed, site_file::SiteFile, tests_table::TestsTable},
    text::SourceText,
};

/// Everything that is to be rendered, and what is known but not published.
pub(crate) struct Model {
    pub(crate) site: SiteFile,
    pub(crate) site_text: Arc<SourceText>,
    /// In order of the folders.
    pub(crate) courses: Vec<Course>,
    pub(crate) pages: Vec<Page>,
    /// Newest first.
    pub(crate) posts: Vec<Page>,
    pub(crate) offers: Vec<Offer>,
    /// Files of drafts and of what is to be published later, for messages.
    pub(crate) unpublished: BTreeSet<String>,
    /// Files that would be pages if they could be read, for messages.
    pub(crate) unreadable: BTreeSet<String>,
    /// Files that are in the model although they aren't published: those of a [`Preview`].
    pub(crate) drafts: BTreeSet<String>,
    /// The past of all files.
    pub(crate) history: Arc<History>,
}

/// A language tag of the site; the model has texts under these only.
pub(crate) type Language = String;

/// A published course.
pub(crate) struct Course {
    pub(crate) id: String,
    pub(crate) slug: String,
    /// Folder, without a slash at the end.
    pub(crate) folder: String,
    /// Number before the folder's name; courses are listed by it.
    pub(crate) order: u64,
    /// By language; the default language is always there.
    pub(crate) texts: BTreeMap<Language, CourseText>,
    /// Languages in which any file of the course is written; the course has pages in these.
    pub(crate) languages: BTreeSet<Language>,
    /// Empty for a free course; the site's own currency first.
    pub(crate) prices: Vec<Money>,
    pub(crate) prices_at: usize,
    /// Whether lessons are paid unless they are free; true even if all prices were wrong.
    pub(crate) priced: bool,
    /// Seconds, as declared.
    pub(crate) duration: Option<u32>,
    pub(crate) prerequisites: Vec<Placed<String>>,
    pub(crate) tags: Vec<String>,
    /// How its samples are run, as far as it says so itself.
    pub(crate) tests: TestsTable,
    pub(crate) modules: Vec<Module>,
    /// All lessons in reading order.
    pub(crate) lessons: Vec<Lesson>,
}

/// Words of a course in one language.
pub(crate) struct CourseText {
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) level: Option<String>,
    pub(crate) objectives: Vec<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) instructors: Vec<String>,
    pub(crate) questions: Vec<Question>,
    /// Addresses that it had before.
    pub(crate) aliases: Vec<Placed<String>>,
    pub(crate) body: Body,
}

/// A part of a course.
pub(crate) struct Module {
    /// `module.md`.
    pub(crate) path: String,
    /// By language: title and objectives.
    pub(crate) texts: BTreeMap<Language, ModuleText>,
    /// Which of the course's lessons are in it.
    pub(crate) lessons: Range<usize>,
}

/// Words of a module in one language.
#[derive(Clone)]
pub(crate) struct ModuleText {
    pub(crate) title: String,
    pub(crate) objectives: Vec<String>,
}

/// A published lesson.
pub(crate) struct Lesson {
    pub(crate) id: String,
    pub(crate) slug: String,
    /// Whether only learners who bought the course may read it.
    pub(crate) paid: bool,
    /// Whether its discussion takes nothing new.
    pub(crate) comments_closed: bool,
    /// Seconds, as declared.
    pub(crate) duration: Option<u32>,
    /// By language; the default language is always there.
    pub(crate) texts: BTreeMap<Language, LessonText>,
}

/// Words of a lesson in one language.
pub(crate) struct LessonText {
    pub(crate) title: String,
    pub(crate) summary: Option<String>,
    pub(crate) objectives: Vec<String>,
    /// Addresses that it had before.
    pub(crate) aliases: Vec<Placed<String>>,
    pub(crate) body: Body,
}

/// A page or a post.
pub(crate) struct Page {
    /// Path below the language, without slashes at the ends; empty for the front page.
    pub(crate) slug: String,
    /// Posts only.
    pub(crate) date: Option<Date>,
    /// By language; the default language is always there.
    pub(crate) texts: BTreeMap<Language, PageText>,
}

/// Words of a page in one language.
pub(crate) struct PageText {
    pub(crate) title: String,
    pub(crate) summary: Option<String>,
    /// Addresses that it had before.
    pub(crate) aliases: Vec<Placed<String>>,
    pub(crate) body: Body,
}

/// What covers several courses; a priced course is an offer without standing here.
pub(crate) struct Offer {
    pub(crate) id: String,
    pub(crate) id_at: usize,
    pub(crate) kind: OfferKind,
    pub(crate) title: String,
    /// `None` for all; else as written, to be checked.
    pub(crate) courses: Option<Vec<Placed<String>>>,
    pub(crate) prices: Vec<Money>,
    pub(crate) prices_at: usize,
    pub(crate) term: Option<Term>,
    pub(crate) text: Arc<SourceText>,
}

/// The Markdown of a file.
pub(crate) struct Body {
    /// Whether what stands between `$` is a formula.
    pub(crate) math: bool,
    pub(crate) file: Arc<SourceText>,
    /// Byte of the file where the Markdown begins.
    pub(crate) start: usize,
    pub(crate) outline: Outline,
}

impl Body {
    /// The Markdown.
    pub(crate) fn markdown(&self) -> &str {
        self.file.text.get(self.start..).unwrap_or_default()
    }

    /// The part of it that everyone may read when the rest is paid.
    pub(crate) fn teaser(&self) -> &str {
        self.markdown()
            .get(self.outline.teaser.range.clone())
            .unwrap_or_default()
    }
}

impl Course {
    /// Whether a file is in the course's folder.
    pub(crate) fn has_file(&self, path: &str) -> bool {
        is_below(path, &self.folder)
    }
}

impl Lesson {
    /// Seconds a learner needs: as declared, else estimated from the original, whatever the language read in. At
    /// least 1. An estimate is as paid as the text it is made from.
    pub(crate) fn seconds(&self, default_language: &str) -> u32 {
        let estimated = || {
            self.texts
                .get(default_language)
                .map(|text| text.body.outline.words.seconds())
        };
        self.duration.or_else(estimated).unwrap_or_default().max(1)
    }
}

impl Model {
    /// The default language.
    pub(crate) fn default_language(&self) -> &str {
        self.site.languages.first().map_or("en", String::as_str)
    }

    /// What stands before every path of a language: nothing for the default, else `/zh`.
    pub(crate) fn prefix(&self, language: &str) -> String {
        match language == self.default_language() {
            true => String::new(),
            false => format!("/{language}"),
        }
    }
}

/// The text in a language, or in the default one where it isn't translated.
pub(crate) fn in_language<'a, T>(
    texts: &'a BTreeMap<Language, T>,
    language: &str,
    default: &str,
) -> Option<(&'a T, &'a str)> {
    texts
        .get_key_value(language)
        .or_else(|| texts.get_key_value(default))
        .map(|(language, text)| (text, language.as_str()))
}

/// Whether a path lies below a folder, which has no slash at its end.
fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}
