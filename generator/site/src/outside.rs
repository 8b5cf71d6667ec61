//! Links that lead out of the site: which there are, and what to tell about each once somebody has asked.
//!
//! Asks nobody itself.

mod host;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use jiff::Timestamp;
use tuition_markup::ReferenceKind;

use crate::{
    Options, Source,
    diagnostic::Diagnostic,
    load::checks::Checks,
    model::{Body, Model},
    text::SourceText,
};

/// The links of a site that lead elsewhere.
#[derive(Debug, Default)]
pub struct OutsideLinks {
    links: Vec<Link>,
    checks: Checks,
}

#[derive(Debug)]
struct Link {
    /// Without the anchor.
    url: String,
    at: Range<usize>,
    text: Arc<SourceText>,
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is there.
    There,
    /// It is there, but under another address for good.
    Moved {
        /// The new address.
        to: String,
    },
    /// It is not there; why, as a fragment (`404 Not Found`).
    Gone {
        /// What the answer was.
        why: String,
    },
    /// Nobody can tell: it is locked, busy, or did not answer; why, as a fragment.
    Unsure {
        /// What the answer was.
        why: String,
    },
}

/// An answer, and when it was given if that is some time ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// `None` if it was asked just now.
    pub since: Option<Timestamp>,
}

/// Codes of what is told; those that a site switches off are not.
const CODES: [&str; 3] = [
    "external-link",
    "external-link-moved",
    "external-link-unsure",
];

/// The links of all that is published; none if the site wants none checked. Mistakes are not told again: see
/// [`crate::build`].
#[must_use]
pub fn outside_links(source: &Source, options: &Options) -> OutsideLinks {
    let Some(model) = Model::build(source, options, &mut Vec::new()) else {
        return OutsideLinks::default();
    };
    let checks = model.site.checks.clone();
    let is_wanted = CODES.iter().any(|code| checks.is_on(code));
    let links = bodies(&model).flat_map(of_body).chain(of_site(&model));
    let links = links.filter(|link| is_wanted && is_asked(&link.url, &checks));
    OutsideLinks {
        links: links.collect(),
        checks,
    }
}

impl OutsideLinks {
    /// The addresses to ask, without anchors.
    #[must_use]
    pub fn urls(&self) -> BTreeSet<&str> {
        self.links.iter().map(|link| link.url.as_str()).collect()
    }

    /// What is to be told, by path, line and column, each as bad as the site wants it. Addresses without an answer are
    /// passed over.
    #[must_use]
    pub fn report(&self, answers: &BTreeMap<String, Answered>) -> Vec<Diagnostic> {
        let told = self
            .links
            .iter()
            .filter_map(|link| diagnostic(link, answers.get(&link.url)?));
        let mut report: Vec<Diagnostic> = told.collect();
        self.checks.apply(&mut report);
        crate::diagnostic::tidy(&mut report);
        report
    }
}

fn diagnostic(link: &Link, answered: &Answered) -> Option<Diagnostic> {
    let url = &link.url;
    let since = match answered.since {
        Some(at) => format!(" (as of {})", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => String::new(),
    };
    let error = |code, message: String, hint: String| {
        link.text
            .error(link.at.clone(), code, format!("{message}{since}"), hint)
    };
    match &answered.answer {
        Answer::There => None,
        Answer::Moved { to } => Some(
            error(
                "external-link-moved",
                format!("\"{url}\" has moved for good"),
                format!("write {to}"),
            )
            .into_warning(),
        ),
        Answer::Gone { why } => Some(error(
            "external-link",
            format!("\"{url}\" is not there: {why}"),
            "correct the address, or take the link out".to_owned(),
        )),
        Answer::Unsure { why } => Some(
            error(
                "external-link-unsure",
                format!("whether \"{url}\" is there can't be told: {why}"),
                "look in a browser; external_ignore in [checks] passes over what begins alike"
                    .to_owned(),
            )
            .into_warning(),
        ),
    }
}

fn bodies(model: &Model) -> impl Iterator<Item = &Body> {
    let courses = model.courses.iter().flat_map(|course| {
        let landing = course.texts.values().map(|text| &text.body);
        let lessons = course
            .lessons
            .iter()
            .flat_map(|lesson| lesson.texts.values().map(|text| &text.body));
        landing.chain(lessons)
    });
    let pages = model.pages.iter().chain(&model.posts);
    courses.chain(pages.flat_map(|page| page.texts.values().map(|text| &text.body)))
}

fn of_body(body: &Body) -> impl Iterator<Item = Link> {
    let references =
        body.outline.references.iter().filter(|reference| {
            matches!(reference.kind, ReferenceKind::Link | ReferenceKind::Embed)
        });
    references.filter_map(|reference| {
        Some(Link {
            url: address(&reference.destination)?,
            at: body.start + reference.range.start..body.start + reference.range.end,
            text: Arc::clone(&body.file),
        })
    })
}

/// Navigation and footer.
fn of_site(model: &Model) -> impl Iterator<Item = Link> {
    let items = model.site.navigation.iter().chain(&model.site.footer);
    items.filter_map(|item| {
        Some(Link {
            url: address(&item.url.value)?,
            at: item.url.at..item.url.at,
            text: Arc::clone(&model.site_text),
        })
    })
}

/// The address that a link asks for: without its anchor, which is the browser's business.
fn address(destination: &str) -> Option<String> {
    let destination = destination.trim();
    let destination = match destination.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => destination.to_owned(),
    };
    let lower = destination
        .get(..8)
        .unwrap_or(&destination)
        .to_ascii_lowercase();
    let is_web = lower.starts_with("http://") || lower.starts_with("https://");
    let end = destination.find('#').unwrap_or(destination.len());
    is_web.then(|| destination.get(..end).unwrap_or_default().to_owned())
}

fn is_asked(url: &str, checks: &Checks) -> bool {
    let is_ignored = checks
        .external_ignore
        .iter()
        .any(|prefix| url.starts_with(prefix));
    !is_ignored
        && match host::kind(url) {
            host::Kind::Public => true,
            host::Kind::Private => checks.external_private,
            host::Kind::Example => false,
        }
}
