//! Pages in, the files of one index out.

use pagefind::{api::PagefindIndex, options::PagefindServiceConfig};
use tuition_site::Bytes;

use super::{ENTRY, Page};

/// Besides letters, digits and `_` these are parts of words: `Vec<T>`, `C++`, `#[derive]`.
const IN_WORDS: &str = "<>+#";
/// Not text: the sign beside a heading, formulas (which are letters one by one), the name of a listing's file (which
/// Pagefind would join to its first word).
const NO_TEXT: [&str; 3] = ["a.anchor", "math", ".code > figcaption"];
/// What searches in a browser. There is more in Pagefind, for pages that have no search of their own.
const CODE: &str = "pagefind.js";

/// Whether a file is code instead of words.
pub(super) fn is_code(name: &str) -> bool {
    name == CODE || name.starts_with("wasm.")
}

/// The index of pages, which are numbered as they come: same pages in the same order, same bytes. Names are relative to
/// the folder of the index.
///
/// # Errors
/// In Pagefind's words.
pub(super) fn index(pages: &[Page<'_>]) -> Result<Vec<(String, Bytes)>, String> {
    let told = |error: &dyn std::fmt::Display| format!("{error:#}");
    // Pagefind is asynchronous for the sake of writing files; here is nothing to wait for.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| told(&error))?;
    let files = runtime.block_on(async {
        let options = PagefindServiceConfig::builder()
            .include_characters(IN_WORDS.to_owned())
            .exclude_selectors(NO_TEXT.map(str::to_owned).to_vec())
            .build();
        let mut index = PagefindIndex::new(Some(options))?;
        for page in pages {
            let (url, html) = (page.url.clone(), page.html.to_owned());
            index.add_html_file(None, Some(url), html).await?;
        }
        index.get_files().await
    });
    let files = files.map_err(|error| told(&error))?;
    let named = files.into_iter().filter_map(|file| {
        let name = file.filename.to_str()?.replace('\\', "/");
        is_wanted(&name).then(|| (name, file.contents.into()))
    });
    Ok(named.collect())
}

fn is_wanted(name: &str) -> bool {
    let is_words = [".pf_meta", ".pf_index", ".pf_filter", ".pf_fragment"]
        .iter()
        .any(|kind| name.ends_with(kind));
    name == ENTRY || is_words || is_code(name)
}
