//! Finds the files below the paths that a user named. Opens none of them.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::file_error::{FileError, Step};

#[derive(Debug, Default)]
pub struct Found {
    /// Sorted, each path once.
    pub files: Vec<PathBuf>,
    pub errors: Vec<FileError>,
}

/// Lists all files below `roots`, without hidden ones, following no links.
/// What is called like an entry of `skip` is left out, too.
/// The roots are taken as named: a hidden folder or a link is entered.
pub fn walk(roots: &[PathBuf], skip: &[String]) -> Found {
    let mut found = Found::default();
    let mut folders = Vec::new();
    for root in roots {
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => folders.push(root.clone()),
            Ok(_) => found.files.push(root.clone()),
            Err(error) => {
                found.errors.push(FileError::new(Step::Find, root, error))
            }
        }
    }
    while let Some(folder) = folders.pop() {
        if let Err(error) = list(&folder, skip, &mut found.files, &mut folders)
        {
            found
                .errors
                .push(FileError::new(Step::List, &folder, error));
        }
    }
    found.files.sort();
    found.files.dedup();
    found
}

/// Sorts the entries of one folder into files and further folders.
fn list(
    folder: &Path,
    skip: &[String],
    files: &mut Vec<PathBuf>,
    folders: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if is_hidden(&name) || skip.iter().any(|skip| name == **skip) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            folders.push(entry.path());
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
