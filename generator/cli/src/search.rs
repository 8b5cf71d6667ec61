//! The search indexes of a built site, made by Pagefind: one of what everybody may read, and in the members tree of each
//! priced course one of its paid lessons.
//!
//! What can be found is what the theme's templates mark with `data-pagefind-body`, and nothing else of a page. This
//! reads pages that are built already and knows no content.

#[cfg(feature = "search")]
mod pagefind;

use std::collections::BTreeMap;
use std::thread;

use tuition_domain::gate;
use tuition_site::Files;

/// On what is to be found; nothing else of a page is indexed.
const MARK: &str = "data-pagefind-body";
const ENTRY: &str = "pagefind-entry.json";
/// How the tree of a course ends that holds its drafts, too.
const DRAFTS: &str = ".drafts";
/// An index could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no search index of {folder}: {reason}")]
pub(crate) struct SearchError {
    folder: String,
    reason: String,
}

/// One index: what it is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Index {
    /// What everybody may read.
    Public,
    /// What only some may read of a course, by the name of its tree: `rust`, or `rust.drafts` for its authors.
    Members(String),
}

/// A page for an index.
#[cfg_attr(
    not(feature = "search"),
    expect(dead_code, reason = "there is no index to put it in")
)]
struct Page<'a> {
    /// As a browser writes it.
    url: String,
    html: &'a str,
}

impl Index {
    /// The index that a file of the output belongs to, which need not be there.
    pub(crate) fn of_file(file: &str) -> Option<Self> {
        let (index, _) = Self::of_page(file)?;
        file.starts_with(&index.folder()).then_some(index)
    }

    /// Where it lies in the output, with a slash at the end.
    fn folder(&self) -> String {
        match self {
            Self::Public => "public/pagefind/".to_owned(),
            Self::Members(tree) => {
                let course = tree.strip_suffix(DRAFTS).unwrap_or(tree);
                format!("members/{tree}/courses/{course}/pagefind/")
            }
        }
    }

    /// The index of the tree that a file is in, and the file's path there.
    fn of_page(file: &str) -> Option<(Self, &str)> {
        if let Some(path) = file.strip_prefix("public/") {
            return Some((Self::Public, path));
        }
        let (tree, path) = file.strip_prefix("members/")?.split_once('/')?;
        Some((Self::Members(tree.to_owned()), path))
    }
}

/// Whether this is the file of an index that a search asks for first: it names the others.
pub(crate) fn is_entry(file: &str) -> bool {
    file.rsplit('/').next() == Some(ENTRY)
}

/// All indexes of a built site: files to be added to its own. Same pages, same bytes.
///
/// # Errors
/// [`SearchError`] when Pagefind gives up.
pub(crate) fn indexes(files: &Files) -> Result<Files, SearchError> {
    let mut pages: BTreeMap<Index, Vec<Page<'_>>> = BTreeMap::new();
    for (index, page) in marked(files) {
        pages.entry(index).or_default().push(page);
    }
    let public = pages.remove(&Index::Public).unwrap_or_default();
    thread::scope(|scope| {
        let members = scope.spawn(|| {
            let mut files = Files::new();
            for (index, pages) in &pages {
                files.extend(made(index, pages)?);
            }
            Ok(files)
        });
        let mut files = made(&Index::Public, &public)?;
        files.extend(members.join().unwrap_or_else(|_| {
            Err(SearchError {
                folder: "members/".to_owned(),
                reason: "it panicked".to_owned(),
            })
        })?);
        Ok(files)
    })
}

/// One index of a built site; no file where nothing is to be found.
///
/// # Errors
/// [`SearchError`] when Pagefind gives up.
pub(crate) fn index(files: &Files, index: &Index) -> Result<Files, SearchError> {
    let pages: Vec<_> = marked(files)
        .filter(|(of, _)| of == index)
        .map(|(_, page)| page)
        .collect();
    made(index, &pages)
}

fn marked(files: &Files) -> impl Iterator<Item = (Index, Page<'_>)> {
    files.iter().filter_map(|(file, bytes)| {
        let (index, path) = Index::of_page(file)?;
        let path = path.strip_suffix("index.html")?;
        let html = std::str::from_utf8(bytes).ok()?;
        let url = || {
            let segments = path.split('/').map(gate::encode);
            format!("/{}", segments.collect::<Vec<_>>().join("/"))
        };
        html.contains(MARK)
            .then(|| (index, Page { url: url(), html }))
    })
}

#[cfg(feature = "search")]
fn made(index: &Index, pages: &[Page<'_>]) -> Result<Files, SearchError> {
    let folder = index.folder();
    if pages.is_empty() {
        return Ok(Files::new());
    }
    let files = pagefind::index(pages).map_err(|reason| SearchError {
        folder: folder.clone(),
        reason,
    })?;
    // The code that searches, and the words of its language, come from the public index.
    let is_wanted = |name: &str| *index == Index::Public || !pagefind::is_code(name);
    let wanted = files.into_iter().filter(|(name, _)| is_wanted(name));
    Ok(wanted
        .map(|(name, bytes)| (format!("{folder}{name}"), bytes))
        .collect())
}

/// Without Pagefind there is no index.
#[cfg(not(feature = "search"))]
fn made(_: &Index, _: &[Page<'_>]) -> Result<Files, SearchError> {
    Ok(Files::new())
}
