//! The catalog as a file that the generator wrote, and one that is swapped while the process runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tuition_catalog::{Catalog, CatalogError};
use tuition_domain::ports::CatalogSource;

/// Why there is no catalog.
#[derive(Debug, thiserror::Error)]
pub enum CatalogFileError {
    /// Not there, or not for us to read.
    #[error("the catalog {path} can't be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Read, but no catalog of this program's version.
    #[error("the catalog {path} is of no use")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: CatalogError,
    },
}

/// A catalog read once, at start: a deployed function is deployed anew with the next one.
#[derive(Debug, Clone)]
pub struct FileCatalog(Arc<Catalog>);

impl FileCatalog {
    /// Reads the file. Fails if it is not there, unreadable or of another version.
    pub fn load(path: &Path) -> Result<Self, CatalogFileError> {
        let json = std::fs::read(path).map_err(|source| CatalogFileError::Read {
            path: path.to_owned(),
            source,
        })?;
        let catalog = Catalog::from_json(&json).map_err(|source| CatalogFileError::Content {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self(Arc::new(catalog)))
    }
}

impl CatalogSource for FileCatalog {
    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.0)
    }
}

/// A catalog that is replaced after each build. Clones share it; a request keeps the one that it
/// began with.
#[derive(Debug, Clone)]
pub struct SharedCatalog(Arc<RwLock<Arc<Catalog>>>);

impl SharedCatalog {
    /// Starts with `catalog`.
    pub fn new(catalog: Catalog) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(catalog))))
    }

    /// From now on everybody who asks gets `catalog`.
    pub fn replace(&self, catalog: Catalog) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalog);
    }
}

impl CatalogSource for SharedCatalog {
    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[u8] = include_bytes!("../../../generator/catalog/samples/v1.json");

    #[test]
    fn a_file_is_read_and_what_is_none_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("catalog.json");
        let missing = FileCatalog::load(&path).unwrap_err();
        assert!(missing.to_string().contains("catalog.json"), "{missing}");
        std::fs::write(&path, b"{}").unwrap();
        assert!(matches!(
            FileCatalog::load(&path),
            Err(CatalogFileError::Content { .. })
        ));
        std::fs::write(&path, SAMPLE).unwrap();
        let catalog = FileCatalog::load(&path).unwrap().catalog();
        assert!(!catalog.courses.is_empty());
    }

    #[test]
    fn a_request_keeps_the_catalog_that_it_began_with() {
        let first = Catalog::from_json(SAMPLE).unwrap();
        let mut second = first.clone();
        second.site.title = "Another".to_owned();
        let shared = SharedCatalog::new(first);
        let begun = shared.catalog();
        shared.clone().replace(second);
        assert_ne!(begun.site.title, "Another");
        assert_eq!(shared.catalog().site.title, "Another");
    }
}
