//! Everything that is written: pages, files beside texts, assets, feeds, sitemap, catalog.

mod catalog;
mod drafts;
mod feed;
mod llms;
mod redirects;
mod sitemap;

use std::collections::BTreeMap;

pub(crate) use drafts::add_drafts;

use crate::{
    Bytes, Files, Output,
    check::UsedFiles,
    diagnostic::Diagnostic,
    model::Model,
    redirects::Redirect,
    render::{RenderedPage, file_url},
    theme::Theme,
    url,
};

/// What is to be written besides the theme's files.
pub(crate) struct Made<'a> {
    pub(crate) used: &'a UsedFiles,
    pub(crate) redirects: &'a [Redirect],
    pub(crate) pages: Vec<RenderedPage>,
}

/// Puts the output together, but for `catalog.json`.
pub(crate) fn emit(
    model: &Model,
    theme: &Theme,
    source: &Files,
    made: Made<'_>,
    report: &mut Vec<Diagnostic>,
) -> Option<Output> {
    let Made {
        used,
        redirects,
        pages,
    } = made;
    let catalog = catalog::build(model, theme, &pages);
    let mut files = Files::new();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |path: String, bytes: Bytes, owner: &str| {
        if let Some(other) = owners
            .insert(path.clone(), owner.to_owned())
            .filter(|other| other != owner)
        {
            let message = format!("two things would be written to {path}: the other is {other}");
            report.push(Diagnostic::file(
                owner,
                "duplicate-url",
                message,
                "rename one of them",
            ));
        }
        files.insert(path, bytes);
    };
    for (url, bytes) in &theme.assets {
        add(format!("public{url}"), bytes.clone(), url);
    }
    let file_path = |file: &str| file_path(model, source, file);
    for file in &used.public {
        if let Some(bytes) = source.get(file) {
            add(format!("public{}", file_path(file)), bytes.clone(), file);
        }
    }
    for (course, used) in &used.members {
        let Some(course) = model.courses.get(*course).filter(|course| course.priced) else {
            continue;
        };
        for file in used {
            if let Some(bytes) = source.get(file) {
                add(
                    format!("members/{}{}", course.slug, file_path(file)),
                    bytes.clone(),
                    file,
                );
            }
        }
    }
    let listed = feed::build(model)
        .into_iter()
        .chain(llms::build(model, theme));
    let texts = listed.chain([
        sitemap::build(model, &pages),
        ("/robots.txt".to_owned(), robots(model)),
    ]);
    for (path, text) in texts {
        add(format!("public{path}"), text.into_bytes().into(), &path);
    }
    for page in pages {
        add(page.file, page.html.into_bytes().into(), &page.path);
    }
    for redirect in redirects {
        let page: Bytes = redirects::page(redirect, model, theme).into_bytes().into();
        let file = &redirect.file;
        add(format!("public{file}"), page.clone(), redirects::OWNER);
        // Whatever is gated in the public tree is in that of the members, too.
        let is_priced = |slug: &&String| {
            let mut courses = model.courses.iter();
            courses.any(|course| course.priced && course.slug == **slug)
        };
        if let Some(course) = redirect.course.as_ref().filter(is_priced) {
            add(format!("members/{course}{file}"), page, redirects::OWNER);
        }
    }
    Some(Output { files, catalog })
}

/// Where a file that texts refer to stands below a tree, with a slash at its start.
fn file_path(model: &Model, source: &Files, file: &str) -> String {
    url::decode_path(&file_url(model, source, file))
}

/// Writes `catalog.json`, once all is known that stands in it.
pub(crate) fn write_catalog(output: &mut Output, report: &mut Vec<Diagnostic>) {
    match output.catalog.to_json() {
        Ok(json) => {
            output.files.insert("catalog.json".to_owned(), json.into());
        }
        Err(error) => report.push(Diagnostic::file(
            "content/site.toml",
            "catalog",
            error.to_string(),
            "",
        )),
    }
}

fn robots(model: &Model) -> String {
    let base_url = &model.site.base_url;
    format!(
        "User-agent: *\nDisallow: /api/\nDisallow: /account/\nDisallow: /order/\nDisallow: /author/\n\nSitemap: {base_url}/sitemap.xml\n"
    )
}

/// Text for XML elements and attributes.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // XML 1.0 has no other control characters.
            control if control.is_control() && !matches!(control, '\t' | '\n') => {}
            other => out.push(other),
        }
    }
    out
}
