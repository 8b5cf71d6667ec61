//! `[git]` in `site.toml`: what pages tell of the past of their texts.

use crate::{load::fields::Fields, url};

/// What stands for the path of a file in `edit_url`.
const PATH: &str = "{path}";

/// `[git]`, with defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GitTable {
    /// Address of the page on which a file is edited, with `{path}` for its path below the site's folder.
    edit_url: Option<String>,
    /// Whether pages tell when they were last changed.
    pub(crate) dates: bool,
    /// Whether pages name who changed them.
    pub(crate) authors: bool,
    /// Whether pages list what was changed.
    pub(crate) changes: bool,
}

impl Default for GitTable {
    fn default() -> Self {
        Self {
            edit_url: None,
            dates: true,
            authors: false,
            changes: true,
        }
    }
}

impl GitTable {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let mut git = Self::default();
        let Some(table) = fields.table("git") else {
            return git;
        };
        let mut inner = Fields::new(fields.text, table.value, fields.report);
        git.edit_url = edit_url(&mut inner);
        for (name, flag) in [
            ("dates", &mut git.dates),
            ("authors", &mut git.authors),
            ("changes", &mut git.changes),
        ] {
            if let Some(written) = inner.flag(name) {
                *flag = written.value;
            }
        }
        inner.finish();
        git
    }

    /// Where a file is edited.
    pub(crate) fn edit_url(&self, path: &str) -> Option<String> {
        let address = self.edit_url.as_ref()?;
        Some(address.replace(PATH, &url::encode(path)))
    }
}

fn edit_url(fields: &mut Fields<'_>) -> Option<String> {
    let written = fields.text("edit_url")?;
    let address = written.value;
    let host = address.strip_prefix("https://").unwrap_or_default();
    let wrong = if host.is_empty() || host.starts_with(['/', '{']) {
        "is no address that begins with https://"
    } else if address
        .contains(|ch: char| ch.is_whitespace() || ch.is_control() || "\"<>`".contains(ch))
    {
        "holds a character that no address has"
    } else if address.matches(PATH).count() != 1 {
        "must hold {path} once, where the path of the file belongs"
    } else {
        return Some(address);
    };
    let hint = "write it like https://github.com/owner/repository/edit/main/{path}";
    fields.wrong(written.at, "edit_url", wrong, hint)
}
