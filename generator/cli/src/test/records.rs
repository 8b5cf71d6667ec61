//! `.tuition/tests.json`: which samples passed, when, and with what. What failed is not in it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_site::Tested;

/// Form of the file.
const VERSION: u32 = 1;

/// The file can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordsError {
    /// The disk refused.
    #[error("can't use {path}: {error}", path = path.display())]
    Io { path: PathBuf, error: io::Error },
    /// It doesn't hold what was written.
    #[error("{path} is damaged ({error}); delete it and run `tuition test`", path = path.display())]
    Damaged {
        path: PathBuf,
        error: serde_json::Error,
    },
    /// Another version of this program wrote it.
    #[error("{path} has form {found}, this program reads form {VERSION}; delete it and run `tuition test`", path = path.display())]
    Version { path: PathBuf, found: u32 },
}

/// The passes of a site, by key of the sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Records {
    pub(super) passed: BTreeMap<String, Record>,
}

/// One pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    /// What the repository held; `None` without one, or when content was not committed.
    pub(super) commit: Option<String>,
    /// Version of what ran it; empty where nobody can tell.
    pub(super) tool: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    passed: BTreeMap<String, Record>,
}

/// The part of the file that every form has.
#[derive(Deserialize)]
struct Form {
    version: u32,
}

impl Records {
    /// Reads the file of a site; a site without one has no passes.
    ///
    /// # Errors
    /// When it is there and can't be understood.
    pub(crate) fn read(site: &Path) -> Result<Self, RecordsError> {
        let path = path(site);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(RecordsError::Io { path, error }),
        };
        let damaged = |error| RecordsError::Damaged {
            path: path.clone(),
            error,
        };
        let form: Form = serde_json::from_slice(&bytes).map_err(damaged)?;
        if form.version != VERSION {
            let found = form.version;
            return Err(RecordsError::Version { path, found });
        }
        let file: File = serde_json::from_slice(&bytes).map_err(damaged)?;
        Ok(Self {
            passed: file.passed,
        })
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// When the disk refuses; then the old one is still there.
    pub(super) fn write(&self, site: &Path) -> Result<(), RecordsError> {
        let path = path(site);
        let file = File {
            version: VERSION,
            passed: self.passed.clone(),
        };
        let write = || {
            let mut json = serde_json::to_vec_pretty(&file)?;
            json.push(b'\n');
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let fresh = path.with_extension(format!("json.{}", std::process::id()));
            fs::write(&fresh, json)?;
            fs::rename(&fresh, &path)
        };
        write().map_err(|error| RecordsError::Io {
            path: path.clone(),
            error,
        })
    }

    /// Whether a sample passed with this version of what runs it.
    pub(super) fn is_passed(&self, key: &str, tool: &str) -> bool {
        self.passed
            .get(key)
            .is_some_and(|record| record.tool == tool)
    }

    /// What pages are told.
    pub(crate) fn tested(self) -> BTreeMap<String, Tested> {
        let passed = self.passed.into_iter();
        passed
            .map(|(key, record)| {
                let Record { at, commit, .. } = record;
                (key, Tested { at, commit })
            })
            .collect()
    }
}

/// Where the file of a site is.
pub(super) fn path(site: &Path) -> PathBuf {
    site.join(".tuition/tests.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_damaged_is_told() {
        let site = tempfile::tempdir().unwrap();
        assert_eq!(Records::read(site.path()).unwrap(), Records::default());
        let record = Record {
            at: "2026-11-22T10:00:00Z".parse().unwrap(),
            commit: Some("a1b2c3d".to_owned()),
            tool: "python 3".to_owned(),
        };
        let records = Records {
            passed: BTreeMap::from([("00".to_owned(), record)]),
        };
        records.write(site.path()).unwrap();
        assert_eq!(Records::read(site.path()).unwrap(), records);
        let folder = fs::read_dir(site.path().join(".tuition")).unwrap();
        assert_eq!(folder.count(), 1, "nothing is left beside it");

        fs::write(path(site.path()), "{\"version\": 1, \"passed\": {\"00\": ").unwrap();
        let error = Records::read(site.path()).unwrap_err().to_string();
        assert!(
            error.contains("tests.json is damaged") && error.contains("delete it"),
            "{error}"
        );
        fs::write(path(site.path()), "{\"version\": 2, \"tests\": []}").unwrap();
        let error = Records::read(site.path()).unwrap_err().to_string();
        assert!(error.contains("form 2"), "{error}");
    }

    /// What a released program wrote, a later one still reads.
    #[test]
    fn form_one_is_read_as_it_was_first_written() {
        let site = tempfile::tempdir().unwrap();
        fs::create_dir(site.path().join(".tuition")).unwrap();
        let written = "{\"version\":1,\"passed\":{\"ab\":{\"at\":\"2026-11-22T10:00:00Z\",\"commit\":null,\"tool\":\"\"}}}";
        fs::write(path(site.path()), written).unwrap();
        let tested = Records::read(site.path()).unwrap().tested();
        assert_eq!(tested["ab"].at.to_string(), "2026-11-22T10:00:00Z");
    }
}
