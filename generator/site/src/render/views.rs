//! What templates get: plain data, already in the page's language, with texts for people beside numbers for machines.

use serde::Serialize;
use tuition_catalog::{Currency, OfferKind, Term};
use tuition_markup::TocEntry;

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
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct AuthorView {
    pub(crate) name: String,
    pub(crate) url: Option<String>,
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
    pub(crate) tags: Vec<String>,
    pub(crate) modules: Vec<ModuleView>,
}

/// A course by name.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CourseLink {
    pub(crate) title: String,
    pub(crate) path: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ModuleView {
    pub(crate) title: String,
    pub(crate) objectives: Vec<String>,
    pub(crate) lessons: Vec<LessonLink>,
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
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct PriceView {
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) text: String,
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
