//! Search indexes of the site that is served, made when somebody searches: a change is on its page at once, and who
//! never searches waits for no index.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tuition_site::{Bytes, Files};

use crate::report;
use crate::search::{self, Index};

/// The indexes made so far.
#[derive(Default)]
pub struct Finding {
    made: Mutex<BTreeMap<Index, Made>>,
}

#[derive(Clone)]
struct Made {
    /// What it is an index of.
    site: Arc<Files>,
    files: Arc<Files>,
}

impl Finding {
    /// A file (`public/…`, `members/<course>/…`) of an index of this site; seconds may pass until it is made. The file
    /// that names the others is always of the site as it is now; the others are those that it named last.
    pub fn file(&self, site: &Arc<Files>, name: &str) -> Option<Bytes> {
        let index = Index::of_file(name)?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = made
            .get(&index)
            .is_some_and(|made| Arc::ptr_eq(&made.site, site) || !search::is_entry(name));
        if !is_fresh {
            match search::index(site, &index) {
                Ok(files) => made.insert(
                    index.clone(),
                    Made {
                        site: Arc::clone(site),
                        files: Arc::new(files),
                    },
                ),
                Err(error) => {
                    report::environment(&error);
                    None
                }
            };
        }
        made.get(&index)?.files.get(name).cloned()
    }
}

#[cfg(all(test, feature = "search"))]
mod tests {
    use super::*;

    fn site(word: &str) -> Arc<Files> {
        let page = format!(
            "<!doctype html><html lang=\"en\"><body><main><h1 data-pagefind-body>{word}</h1></main></body></html>"
        );
        Arc::new(Files::from([(
            "public/index.html".to_owned(),
            page.into_bytes().into(),
        )]))
    }

    const ENTRY: &str = "public/pagefind/pagefind-entry.json";

    #[test]
    fn who_searches_after_a_change_searches_what_is_there_now() {
        let finding = Finding::default();
        let (old, new) = (site("marmalade"), site("heron"));
        let before = finding.file(&old, ENTRY).unwrap();
        assert_eq!(finding.file(&old, ENTRY).unwrap(), before);
        assert_ne!(finding.file(&new, ENTRY).unwrap(), before);
    }

    #[test]
    fn a_search_that_has_begun_finds_the_files_of_its_index() {
        let finding = Finding::default();
        finding.file(&site("marmalade"), ENTRY).unwrap();
        let code = "public/pagefind/pagefind.js";
        assert!(finding.file(&site("heron"), code).is_some());
        assert_eq!(finding.file(&site("heron"), "public/index.html"), None);
    }

    #[test]
    fn a_course_without_paid_lessons_has_no_index() {
        let entry = "members/rust/courses/rust/pagefind/pagefind-entry.json";
        assert_eq!(Finding::default().file(&site("marmalade"), entry), None);
    }
}
