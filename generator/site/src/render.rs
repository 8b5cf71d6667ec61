//! The model to HTML pages, in parallel. Which page is in which tree, and with what in it, is decided here.

mod clip;
mod course_pages;
mod describe;
mod jobs;
mod json_ld;
mod markdown;
mod offers;
mod pages;
mod past;
mod shelf;
mod views;

pub(crate) use describe::Describe;
use jiff::Timestamp;
pub(crate) use json_ld::absolute;
pub(crate) use markdown::file_url;
pub(crate) use past::change;
use rayon::prelude::*;

use crate::{
    Drawings, Files, diagnostic::Diagnostic, links::Links, model::Model, samples::TestedLessons,
    theme::Theme,
};

/// A finished page.
pub(crate) struct RenderedPage {
    /// Below `dist/`: `public/courses/rust/index.html`.
    pub(crate) file: String,
    /// Path of its URL.
    pub(crate) path: String,
    pub(crate) html: String,
    pub(crate) is_public: bool,
    /// Whether search engines should know it under this URL.
    pub(crate) is_indexed: bool,
    /// Path by language, when there is more than one.
    pub(crate) alternates: Vec<views::Alternate>,
    /// When its text was last changed, where that is known.
    pub(crate) changed: Option<Timestamp>,
}

/// What pages are made from.
#[derive(Clone, Copy)]
pub(crate) struct Rendering<'a> {
    pub(crate) model: &'a Model,
    pub(crate) links: &'a Links<'a>,
    pub(crate) theme: &'a Theme,
    pub(crate) files: &'a Files,
    pub(crate) tested: &'a TestedLessons,
    pub(crate) drawings: &'a Drawings,
}

/// Renders all pages. A page whose template fails is reported and left out.
pub(crate) fn render(from: Rendering<'_>, report: &mut Vec<Diagnostic>) -> Vec<RenderedPage> {
    render_jobs(from, &jobs::list(from.model), report)
}

/// Renders the courses at these positions for their authors.
pub(crate) fn render_drafts(
    from: Rendering<'_>,
    courses: &[usize],
    report: &mut Vec<Diagnostic>,
) -> Vec<RenderedPage> {
    render_jobs(from, &jobs::drafts(from.model, courses), report)
}

fn render_jobs<'a>(
    from: Rendering<'a>,
    jobs: &[jobs::Job<'a>],
    report: &mut Vec<Diagnostic>,
) -> Vec<RenderedPage> {
    let renderer = pages::Renderer::new(from);
    let rendered: Vec<_> = jobs.par_iter().map(|job| renderer.render(job)).collect();
    let mut pages = Vec::with_capacity(rendered.len());
    for result in rendered {
        match result {
            Ok(page) => pages.push(page),
            Err(diagnostic) => report.push(*diagnostic),
        }
    }
    pages
}
