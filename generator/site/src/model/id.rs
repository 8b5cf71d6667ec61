//! Slugs, which are URLs, and ids, which are keys of stored records.

use tuition_markup::{is_slug, slugify};

use crate::{diagnostic::Diagnostic, load::fields::Placed, text::SourceText};

/// Bytes; ids are part of table keys.
const LONGEST_ID: usize = 40;

/// The slug that a name gave; a name that gave none is reported.
pub(super) fn slug(slug: &str, path: &str, report: &mut Vec<Diagnostic>) -> String {
    if slug.is_empty() {
        let hint = "the URL comes from the name: use letters, digits and hyphens";
        report.push(Diagnostic::file(
            path,
            "slug",
            "the name has no letter or digit",
            hint,
        ));
    }
    slug.to_owned()
}

/// The id as written, else the slug.
pub(super) fn id(
    written: Option<&Placed<String>>,
    slug: &str,
    text: &SourceText,
    report: &mut Vec<Diagnostic>,
) -> String {
    match written {
        Some(id) => {
            check(text, id, report);
            id.value.clone()
        }
        None => {
            if slug.len() > LONGEST_ID {
                report.push(text.error(
                    0,
                    "id",
                    too_long(slug),
                    "give it a shorter one: id = \"…\"",
                ));
            }
            slug.to_owned()
        }
    }
}

/// Reports an id that can't be one.
pub(super) fn check(text: &SourceText, id: &Placed<String>, report: &mut Vec<Diagnostic>) {
    if id.value.len() > LONGEST_ID {
        report.push(text.error(id.at, "id", too_long(&id.value), "shorten it"));
    } else if !is_slug(&id.value) {
        let hint = match slugify(&id.value) {
            near if near.is_empty() => "use lower-case letters, digits and hyphens".to_owned(),
            near => format!("use lower-case letters, digits and hyphens: \"{near}\""),
        };
        report.push(text.error(id.at, "id", format!("\"{}\" is no id", id.value), hint));
    }
}

fn too_long(id: &str) -> String {
    format!(
        "the id \"{id}\" has {} bytes, {LONGEST_ID} are the most",
        id.len()
    )
}
