//! Markdown of the site to HTML, its references led to URLs.

use std::collections::BTreeMap;

use tuition_markup::{Fragment, Labels, Reference, ReferenceKind, Target, render};

use crate::{
    Drawings, Files, includes,
    links::{From, Links, Resolution},
    model::{Body, Model},
    theme::{Strings, fingerprinted},
    url,
};

/// Renders texts of one model.
pub(crate) struct MarkdownRenderer<'a> {
    pub(crate) model: &'a Model,
    pub(crate) links: &'a Links<'a>,
    pub(crate) files: &'a Files,
    /// Words inside the HTML, by language.
    pub(crate) labels: BTreeMap<&'a str, Labels<'a>>,
    pub(crate) drawings: &'a Drawings,
}

/// Where a text is shown.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Language of the page.
    pub(crate) language: &'a str,
    /// The page's title, so that it isn't said twice.
    pub(crate) title: &'a str,
}

impl MarkdownRenderer<'_> {
    /// Renders `markdown`, which is a body or its teaser.
    pub(crate) fn render(&self, body: &Body, markdown: &str, place: Place<'_>) -> Fragment {
        let labels = self.labels.get(place.language).copied().unwrap_or_default();
        let options = tuition_markup::Options {
            title: Some(place.title),
            labels,
            math: body.math,
            line_width: None,
            drawings: Some(self.drawings),
        };
        let from = From {
            path: &body.file.path,
            language: place.language,
            body,
        };
        render(
            markdown,
            &options,
            &|reference| self.target(from, reference),
            &|path| includes::text(self.files, from.path, path),
        )
    }

    /// Broken references were errors, so that what is left here leads somewhere.
    fn target(&self, from: From<'_>, reference: &Reference) -> Option<Target> {
        match self
            .links
            .resolve(from, reference.kind, &reference.destination)
        {
            Resolution::Elsewhere | Resolution::Broken(_) => None,
            Resolution::Url(url) => Some(Target {
                url,
                size: None,
                title: match reference.kind {
                    ReferenceKind::Name => self.links.title(from, &reference.destination),
                    _ => None,
                },
            }),
            Resolution::File(file) => {
                let size = match reference.kind {
                    ReferenceKind::Embed => self
                        .files
                        .get(&file)
                        .and_then(|bytes| imagesize::blob_size(bytes).ok()),
                    _ => None,
                };
                let size = size.and_then(|size| {
                    Some((
                        u32::try_from(size.width).ok()?,
                        u32::try_from(size.height).ok()?,
                    ))
                });
                Some(Target {
                    url: file_url(self.model, self.files, &file),
                    size,
                    title: None,
                })
            }
        }
    }
}

/// The URL of a file that a text refers to: below its course, so that the gate guards it; else among the assets.
pub(crate) fn file_url(model: &Model, files: &Files, file: &str) -> String {
    let in_course = model.courses.iter().find_map(|course| {
        let path = file.strip_prefix(&course.folder)?.strip_prefix('/')?;
        Some(url::course_file(&course.slug, path))
    });
    let url = in_course
        .unwrap_or_else(|| fingerprinted(file, files.get(file).map_or(&[], |bytes| bytes)));
    url::encode(&url)
}

/// Labels of a language; what a theme doesn't say stays English.
pub(crate) fn labels(strings: &Strings) -> Labels<'_> {
    let default = Labels::default();
    let [note, tip, important, warning, caution] = default.alerts;
    let [
        flowchart,
        sequence,
        class,
        state,
        entities,
        gantt,
        pie,
        other,
    ] = default.diagram_kinds;
    let say = |key, otherwise| strings.get(key).unwrap_or(otherwise);
    Labels {
        alerts: [
            say("alert_note", note),
            say("alert_tip", tip),
            say("alert_important", important),
            say("alert_warning", warning),
            say("alert_caution", caution),
        ],
        anchor: say("anchor", default.anchor),
        footnotes: say("footnotes", default.footnotes),
        back: say("back_to_text", default.back),
        show_code: say("show_code", default.show_code),
        diagram: say("diagram_source", default.diagram),
        diagram_kinds: [
            say("diagram_flowchart", flowchart),
            say("diagram_sequence", sequence),
            say("diagram_class", class),
            say("diagram_state", state),
            say("diagram_entities", entities),
            say("diagram_gantt", gantt),
            say("diagram_pie", pie),
            say("diagram", other),
        ],
        tabs: say("code_tabs", default.tabs),
    }
}
