//! A site's files to its output: load → model → check → render → emit.
//!
//! Pure: no disk, no clock, no network, no environment. The same [`Source`] and [`Options`] give the same bytes, in
//! whatever order files were read and threads ran.

mod check;
mod diagnostic;
mod drafts;
mod emit;
mod history;
mod includes;
mod links;
mod load;
mod model;
mod nearest;
mod outside;
mod redirects;
mod render;
mod samples;
mod text;
mod theme;
mod url;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tuition_catalog::Catalog;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use history::{Commit, Commits, History, LONGEST};
pub use outside::{Answer, Answered, OutsideLinks, outside_links};
pub use redirects::{RedirectError, is_own_page, redirect_file};
pub use samples::{Dependency, Group, Language, Must, Program, Sample, Tested};
pub use tuition_markup::{Drawings, slugify};

use crate::{
    links::Links,
    model::Model,
    samples::{Extent, TestedLessons},
    theme::Theme,
};

/// Content of a file; cheap to clone.
pub type Bytes = Arc<[u8]>;

/// Files by path, with `/` between folders and none at the start.
pub type Files = BTreeMap<String, Bytes>;

/// What a site is made from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Files of the site's folder: all below `content/` and `themes/`.
    pub files: Files,
    /// Files of the built-in theme, by path below it (`templates/base.html`).
    pub theme: Files,
    /// What version control knows about the files.
    pub history: Arc<History>,
}

/// What else decides about the output.
#[derive(Debug, Clone)]
pub struct Options {
    /// The moment of the build: what is to be published later than this is left out.
    pub now: Timestamp,
    /// Whether drafts, and what is to be published later, are built too.
    pub drafts: bool,
    /// Instead of `base_url` of `site.toml`; an origin without a slash at the end, see [`parse_base_url`].
    pub base_url: Option<String>,
    /// Samples that passed, by [`Sample::key`]: lessons say so.
    pub tested: BTreeMap<String, Tested>,
    /// Whether a sample that is not in [`Options::tested`] is an error.
    pub require_tested: bool,
    /// Formulas and diagrams that earlier builds have drawn: keep it from build to build. It saves time and decides
    /// nothing.
    pub drawings: Arc<Drawings>,
}

/// A built site.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// `public/…`, `members/<course slug>/…` and `catalog.json`; `members/<course slug>.drafts/…` for courses that have
    /// drafts, unless those are built like all the rest.
    pub files: Files,
    /// The content of `catalog.json`.
    pub catalog: Catalog,
}

/// Builds a site. There is an output exactly when no diagnostic is an error.
///
/// Diagnostics are sorted by path, line and column; all mistakes of the content are found in one run.
#[must_use]
pub fn build(source: &Source, options: &Options) -> (Option<Output>, Vec<Diagnostic>) {
    let mut report = Vec::new();
    let output = build_into(source, options, &mut report);
    diagnostic::tidy(&mut report);
    let is_clean = !report.iter().any(Diagnostic::is_error);
    (output.filter(|_| is_clean), report)
}

fn build_into(source: &Source, options: &Options, report: &mut Vec<Diagnostic>) -> Option<Output> {
    let model = Model::build(source, options, report)?;
    let links = Links::new(&model, &source.files);
    let used = check::check(&model, &links, &options.drawings, report);
    let groups = samples::collect(&model, &source.files, Extent::Key, report);
    if options.require_tested {
        samples::require(&groups, &options.tested, report);
    }
    let redirects = redirects::list(&model, &links, &source.files, report);
    model.site.checks.apply(report);
    let theme = Theme::load(
        &source.theme,
        &source.files,
        &model.site.theme,
        &model.site_text,
        &model.site.languages,
        report,
    )?;
    if report.iter().any(Diagnostic::is_error) {
        return None;
    }
    let tested = TestedLessons::new(&model, &groups, &source.files, &options.tested);
    let rendering = render::Rendering {
        model: &model,
        links: &links,
        theme: &theme,
        files: &source.files,
        tested: &tested,
        drawings: &options.drawings,
    };
    let pages = render::render(rendering, report);
    let made = emit::Made {
        used: &used,
        redirects: &redirects,
        pages,
    };
    let mut output = emit::emit(&model, &theme, &source.files, made, report)?;
    let published = drafts::Published {
        theme: &theme,
        used: &used,
        tested: &tested,
    };
    drafts::add(model, &published, (source, options), &mut output, report);
    emit::write_catalog(&mut output, report);
    Some(output)
}

/// The samples of a site, for whoever runs them: a group for each course that has any, then pages and posts.
///
/// Of the diagnostics only those are told that may take samples out of sight: a file that can't be read, a fence that
/// nothing can run. All of them are errors, sorted by path, line and column.
#[must_use]
pub fn samples(source: &Source, options: &Options) -> (Vec<Group>, Vec<Diagnostic>) {
    let mut report = Vec::new();
    let groups = match Model::build(source, options, &mut report) {
        Some(model) => {
            let groups = samples::collect(&model, &source.files, Extent::Whole, &mut report);
            model.site.checks.apply(&mut report);
            groups
        }
        None => Vec::new(),
    };
    report.retain(Diagnostic::is_error);
    diagnostic::tidy(&mut report);
    (groups, report)
}

/// An origin such as `https://courses.example`, without the slash at the end; `None` for anything else.
#[must_use]
pub fn parse_base_url(url: &str) -> Option<String> {
    load::site_file::parse_base_url(url)
}
