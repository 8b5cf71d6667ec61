//! What templates get: plain data, already in the page's language, with texts for people beside numbers for machines.

use serde::Serialize;
use tuition_catalog::{Currency, OfferKind, Term};
use tuition_markup::TocEntry;

/// The text of the front page: `content/pages/index.md`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct IntroView {
    pub(crate) title: String,
    pub(crate) summary: Option<String>,
}

/// `site`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SiteView {
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) base_url: String,
    pub(crate) language: String,
    pub(crate) author: AuthorView,
    pub(crate) nav: Vec<NavView>,
    pub(crate) footer: Vec<NavView>,
    pub(crate) languages: Vec<LanguageView>,
    /// Whether one can ask below a lesson.
    pub(crate) comments: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct AuthorView {
    pub(crate) name: String,
    pub(crate) url: Option<String>,
    /// Where to write to; for pages that say so on purpose, since machines read it there.
    pub(crate) email: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct NavView {
    pub(crate) label: String,
    pub(crate) url: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct LanguageView {
    pub(crate) code: String,
    pub(crate) label: String,
}

/// `page`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PageView {
    pub(crate) kind: &'static str,
    pub(crate) path: String,
    pub(crate) canonical: String,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) language: String,
    pub(crate) dir: &'static str,
    pub(crate) alternates: Vec<Alternate>,
    pub(crate) noindex: bool,
    pub(crate) json_ld: Option<String>,
    pub(crate) tree: &'static str,
    /// Whether this is a preview, which authors alone see.
    pub(crate) draft: bool,
    pub(crate) feed: String,
}

/// The same page in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Alternate {
    pub(crate) language: String,
    pub(crate) path: String,
}

/// A course in a list.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CourseCard {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) level: Option<String>,
    pub(crate) lesson_count: usize,
    pub(crate) free_lesson_count: usize,
    pub(crate) duration_text: Option<String>,
    pub(crate) free: bool,
    pub(crate) price_text: Option<String>,
    pub(crate) offer: Option<OfferView>,
}

/// A course on a shelf: what one wants to know of it before opening it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ShelfView {
    #[serde(flatten)]
    pub(crate) card: CourseCard,
    pub(crate) objectives: Vec<String>,
    pub(crate) parts: Vec<PartView>,
    /// The first lesson that is free.
    pub(crate) sample: Option<LessonLink>,
}

/// A module on a shelf.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PartView {
    pub(crate) title: String,
    /// For each lesson whether it is free.
    pub(crate) free: Vec<bool>,
}

/// A course with all its lessons, to find one by name.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct IndexView {
    pub(crate) title: String,
    pub(crate) path: String,
    pub(crate) lessons: Vec<LessonLink>,
}

/// `course`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CourseView {
    #[serde(flatten)]
    pub(crate) card: CourseCard,
    pub(crate) body: String,
    pub(crate) objectives: Vec<String>,
    pub(crate) prerequisites: Vec<CourseLink>,
    pub(crate) audience: Vec<String>,
    pub(crate) instructors: Vec<String>,
    pub(crate) questions: Vec<QuestionView>,
    pub(crate) tags: Vec<String>,
    pub(crate) modules: Vec<ModuleView>,
    /// The first lesson, and the first one that is free.
    pub(crate) first: Option<LessonLink>,
    pub(crate) sample: Option<LessonLink>,
    /// Only on the course page: the samples of lessons that everyone may read.
    pub(crate) tested: Option<TestedView>,
}

/// What people ask before they buy; plain text.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct QuestionView {
    pub(crate) question: String,
    pub(crate) answer: String,
}

/// A course by name.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CourseLink {
    pub(crate) title: String,
    pub(crate) path: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ModuleView {
    /// From 1.
    pub(crate) number: usize,
    pub(crate) title: String,
    pub(crate) objectives: Vec<String>,
    /// All of them on the course page. Beside a lesson of a long course, those of its own module only.
    pub(crate) lessons: Vec<LessonLink>,
    pub(crate) lesson_count: usize,
    /// When the lengths of all its lessons are known.
    pub(crate) duration_text: Option<String>,
    /// Whether the lesson of the page is in it.
    pub(crate) current: bool,
}

/// A lesson in a list.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LessonLink {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) summary: Option<String>,
    pub(crate) duration_text: Option<String>,
    pub(crate) free: bool,
    pub(crate) locked: bool,
    /// Whether it isn't published yet.
    pub(crate) draft: bool,
    pub(crate) current: bool,
    /// From 1, through the whole course.
    pub(crate) number: usize,
}

/// `lesson`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LessonView {
    #[serde(flatten)]
    pub(crate) link: LessonLink,
    pub(crate) objectives: Vec<String>,
    pub(crate) body: String,
    pub(crate) toc: Vec<TocEntry>,
    pub(crate) teaser: bool,
    pub(crate) comments: bool,
    /// Whether the discussion takes nothing new.
    pub(crate) comments_closed: bool,
    pub(crate) lesson_ref: String,
    pub(crate) seconds: Option<u32>,
    pub(crate) language: String,
    /// Only when all samples of what the page shows were run and passed.
    pub(crate) tested: Option<TestedView>,
}

/// When the samples of a lesson were run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TestedView {
    /// How many, from 1.
    pub(crate) count: usize,
    /// Day in UTC of the one that was run longest ago: `2026-11-22`.
    pub(crate) date: String,
    pub(crate) date_text: String,
    /// Letters and digits.
    pub(crate) commit: Option<String>,
}

/// `past`: when a text was changed, by whom, and what was done.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PastView {
    /// Last change, RFC 3339.
    pub(crate) at: Option<String>,
    pub(crate) date_text: Option<String>,
    /// Who changed it, the last one first; empty unless the site wants them named.
    pub(crate) authors: Vec<String>,
    /// Where it is edited.
    pub(crate) edit_url: Option<String>,
    /// Newest first; none or several.
    pub(crate) changes: Vec<ChangeView>,
}

impl PastView {
    pub(crate) fn is_something(&self) -> bool {
        self.at.is_some()
            || self.edit_url.is_some()
            || !self.authors.is_empty()
            || !self.changes.is_empty()
    }
}

/// One change of a text.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChangeView {
    /// RFC 3339.
    pub(crate) at: String,
    pub(crate) date_text: String,
    /// Plain text.
    pub(crate) subject: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct OfferView {
    pub(crate) id: String,
    pub(crate) kind: OfferKind,
    pub(crate) title: String,
    pub(crate) prices: Vec<PriceView>,
    pub(crate) courses: Vec<CourseLink>,
    pub(crate) term: Option<Term>,
    /// Of all its courses.
    pub(crate) lesson_count: usize,
    /// Of all its courses, when all are known.
    pub(crate) duration_text: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct PriceView {
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) text: String,
    /// What the courses cost one by one, when that is more.
    pub(crate) separately: Option<String>,
}

/// A post in a list.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PostCard {
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) summary: Option<String>,
    pub(crate) date: String,
    pub(crate) date_text: String,
}
