//! Old addresses and where they lead now: `content/redirects.toml`, and `aliases` in front matter.
//!
//! An old address becomes a page that sends on whoever comes by it. Here it is decided which there are; `emit` writes
//! them.

mod path;

use std::collections::{BTreeMap, BTreeSet};

pub use path::{RedirectError, is_own_page, redirect_file};

use crate::{
    Files,
    diagnostic::Diagnostic,
    links::Links,
    load::{fields::Placed, node::Value, toml},
    model::Model,
    text::SourceText,
    url,
};

/// Where the list of redirects stands.
pub(crate) const PATH: &str = "content/redirects.toml";

/// An old address that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// File below a tree, with a slash at its start: `/old/index.html`.
    pub(crate) file: String,
    /// URL of the page that it leads to: of this site from its first slash on, or with a scheme. Encoded.
    pub(crate) to: String,
    /// Slug of the course below whose URLs the old address is.
    pub(crate) course: Option<String>,
}

/// A redirect as somebody wrote it.
struct Wish<'m> {
    from: &'m str,
    /// Where the old address stands, and in which file.
    at: usize,
    text: &'m SourceText,
    goal: Goal<'m>,
}

enum Goal<'m> {
    /// A page, by its path.
    Page(String),
    /// As written, at a byte of the same file.
    Written(&'m str, usize),
}

/// All redirects by their file. Mistakes are reported; the others stay.
pub(crate) fn list(
    model: &Model,
    links: &Links<'_>,
    files: &Files,
    report: &mut Vec<Diagnostic>,
) -> Vec<Redirect> {
    let text = files
        .get(PATH)
        .and_then(|bytes| SourceText::read(PATH, bytes, report));
    let pairs = text
        .as_ref()
        .map(|text| pairs(text, report))
        .unwrap_or_default();
    let written = text.iter().flat_map(|text| {
        pairs.iter().map(move |(from, to)| Wish {
            from: &from.value,
            at: from.at,
            text,
            goal: Goal::Written(&to.value, to.at),
        })
    });
    let mut wishes: BTreeMap<String, Wish<'_>> = BTreeMap::new();
    for wish in written.chain(aliases(model)) {
        let Some(file) = accept(&wish, links, report) else {
            continue;
        };
        match wishes.get(&file) {
            Some(first) => {
                let line = first.text.line(first.at);
                let message = format!(
                    "{} leads elsewhere already: {}:{line}",
                    wish.from, first.text.path
                );
                let hint = "keep one of the two";
                let found = wish.text.error(wish.at, "redirect-conflict", message, hint);
                report.push(found);
            }
            None => {
                wishes.insert(file, wish);
            }
        }
    }
    let mut redirects = Vec::new();
    for (file, wish) in &wishes {
        match follow(file, &wishes, links) {
            Ok(to) => redirects.push(Redirect {
                file: file.clone(),
                to: url::encode_url(&to),
                course: course_of(model, file),
            }),
            Err(Lost::InCircle(names)) => {
                // Each circle is told once, at its first address.
                if names.iter().min() == Some(file) {
                    let message = format!("redirects lead in a circle: {}", names.join(" → "));
                    let hint = "let one of them lead to a page";
                    report.push(wish.text.error(wish.at, "redirect-loop", message, hint));
                }
            }
            Err(Lost::Nowhere { message, hint }) => {
                if let Goal::Written(_, at) = wish.goal {
                    report.push(wish.text.error(at, "redirect", message, hint));
                }
            }
            // What it leads to is reported itself.
            Err(Lost::Further) => {}
        }
    }
    redirects
}

/// `"/old/" = "/new/"`, line by line.
fn pairs(text: &SourceText, report: &mut Vec<Diagnostic>) -> Vec<(Placed<String>, Placed<String>)> {
    let mut pairs = Vec::new();
    for (key, node) in toml::read(text, &text.text, 0, report) {
        match node.value {
            Value::Text(to) => pairs.push((
                Placed {
                    at: key.at,
                    value: key.name,
                },
                Placed {
                    at: node.at,
                    value: to,
                },
            )),
            other => {
                let message = format!("\"{}\" is {}, no address", key.name, other.kind());
                let hint = "write \"/old/address/\" = \"/new/address/\"";
                report.push(text.error(key.at, "redirect", message, hint));
            }
        }
    }
    pairs
}

/// `aliases` of everything that is published.
fn aliases(model: &Model) -> impl Iterator<Item = Wish<'_>> {
    let courses = model.courses.iter().flat_map(move |course| {
        let own = course.texts.iter().map(move |(language, text)| {
            let page = url::course(&model.prefix(language), &course.slug);
            (&text.aliases, &text.body.file, page)
        });
        let lessons = course.lessons.iter().flat_map(move |lesson| {
            lesson.texts.iter().map(move |(language, text)| {
                let page = url::lesson(&model.prefix(language), &course.slug, &lesson.slug);
                (&text.aliases, &text.body.file, page)
            })
        });
        own.chain(lessons)
    });
    let pages = [
        (&model.pages, url::page as fn(&str, &str) -> String),
        (&model.posts, url::post),
    ];
    let pages = pages.into_iter().flat_map(move |(pages, make)| {
        pages.iter().flat_map(move |page| {
            page.texts.iter().map(move |(language, text)| {
                let path = make(&model.prefix(language), &page.slug);
                (&text.aliases, &text.body.file, path)
            })
        })
    });
    courses.chain(pages).flat_map(|(aliases, text, page)| {
        aliases.iter().map(move |alias| Wish {
            from: &alias.value,
            at: alias.at,
            text,
            goal: Goal::Page(page.clone()),
        })
    })
}

/// The file of an old address that may be one.
fn accept(wish: &Wish<'_>, links: &Links<'_>, report: &mut Vec<Diagnostic>) -> Option<String> {
    let file = match redirect_file(wish.from) {
        Ok(file) => file,
        Err(error) => {
            let message = format!("\"{}\" {error}", wish.from);
            let found = wish.text.error(wish.at, "redirect", message, error.hint());
            report.push(found);
            return None;
        }
    };
    let page = file.strip_suffix("index.html").unwrap_or(&file);
    if links.has_url(page) {
        let message = format!("{} is the address of a page of this site", wish.from);
        let hint = "a page goes before a redirect: take the redirect out";
        report.push(wish.text.error(wish.at, "redirect-conflict", message, hint));
        return None;
    }
    Some(file)
}

/// Why a redirect has no end.
enum Lost {
    InCircle(Vec<String>),
    Nowhere {
        message: String,
        hint: String,
    },
    /// Something that it leads to has none.
    Further,
}

/// Where a redirect leads in the end, through others if need be.
fn follow(
    first: &str,
    wishes: &BTreeMap<String, Wish<'_>>,
    links: &Links<'_>,
) -> Result<String, Lost> {
    let mut trail = vec![first.to_owned()];
    let mut seen = BTreeSet::from([first.to_owned()]);
    loop {
        let at = trail.last().map_or(first, String::as_str);
        let written = match wishes.get(at).map(|wish| &wish.goal) {
            None => return Err(Lost::Further),
            Some(Goal::Page(page)) => return Ok(page.clone()),
            Some(Goal::Written(written, _)) => *written,
        };
        if ["https://", "http://"]
            .iter()
            .any(|scheme| written.starts_with(scheme))
        {
            return Ok(written.to_owned());
        }
        let path = written.split(['#', '?']).next().unwrap_or_default();
        let next = redirect_file(path)
            .ok()
            .filter(|file| wishes.contains_key(file));
        match next {
            Some(next) if seen.insert(next.clone()) => trail.push(next),
            // A circle that this address only leads into is told at those that are in it.
            Some(next) if next == first => return Err(Lost::InCircle(trail)),
            Some(_) => return Err(Lost::Further),
            None => {
                return links.address(written).map_err(|broken| match trail.len() {
                    1 => Lost::Nowhere {
                        message: broken.message,
                        hint: broken.hint,
                    },
                    _ => Lost::Further,
                });
            }
        }
    }
}

/// The course below whose folder of URLs a file lies, in whatever language.
fn course_of(model: &Model, file: &str) -> Option<String> {
    let mut parts = file.strip_prefix('/')?.split('/');
    let first = parts.next()?;
    let courses = match first {
        "courses" => first,
        // A tag of any language: the gate knows not which a site has.
        _ => parts.next()?,
    };
    let slug = parts.next().filter(|_| courses == "courses")?;
    // The file itself is no folder.
    parts.next()?;
    let course = model.courses.iter().find(|course| course.slug == slug)?;
    Some(course.slug.clone())
}
