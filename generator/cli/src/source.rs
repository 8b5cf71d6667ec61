//! Reads the files of a site. Symbolic links may lead anywhere inside the site's folder, never out of it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tuition_site::{Diagnostic, Files, Severity};
use walkdir::{DirEntry, WalkDir};

/// Folders of a site that are read.
const FOLDERS: [&str; 2] = ["content", "themes"];

/// What build tools leave beside a lesson's code.
const NOT_CONTENT: [&str; 2] = ["target", "node_modules"];

/// The machine could not read the site.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The site's folder is missing or can't be opened.
    #[error("can't open the site's folder {path}: {error}", path = path.display())]
    Folder { path: PathBuf, error: io::Error },
    /// A file in it can't be read.
    #[error("can't read {path}: {error}", path = path.display())]
    File { path: PathBuf, error: io::Error },
}

/// What lies in a site's folder.
#[derive(Debug, Default)]
pub(crate) struct Site {
    pub(crate) files: Files,
    /// An error for each link that is refused.
    pub(crate) refused: Vec<Diagnostic>,
    /// Folders that are repositories of their own: paths below the site's folder, with a slash at the end.
    pub(crate) repositories: Vec<String>,
}

/// Every file below `content/` and `themes/`.
///
/// Hidden files and folders of build tools are passed over.
///
/// # Errors
/// [`ReadError`] when a folder or file can't be read.
pub(crate) fn read(site: &Path) -> Result<Site, ReadError> {
    let root = fs::canonicalize(site).map_err(|error| ReadError::Folder {
        path: site.to_owned(),
        error,
    })?;
    let mut found = Site::default();
    for folder in FOLDERS {
        if root.join(folder).is_dir() {
            read_folder(&root, folder, &mut found)?;
        }
    }
    found.repositories.sort();
    Ok(found)
}

fn read_folder(root: &Path, folder: &str, found: &mut Site) -> Result<(), ReadError> {
    let Site {
        files,
        refused,
        repositories,
    } = found;
    let mut entries = WalkDir::new(root.join(folder))
        .follow_links(true)
        .into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                if error.loop_ancestor().is_some() {
                    refused.push(refuse(
                        root,
                        &path,
                        "the link leads to a folder it is in",
                        "delete the link",
                    ));
                } else if fs::symlink_metadata(&path).is_ok_and(|data| data.is_symlink()) {
                    refused.push(refuse(
                        root,
                        &path,
                        "the link leads nowhere",
                        "delete the link, or put its target back",
                    ));
                } else {
                    return Err(ReadError::File {
                        path,
                        error: error.into(),
                    });
                }
                continue;
            }
        };
        let is_dir = entry.file_type().is_dir();
        if is_passed_over(&entry) {
            if entry.file_name() == ".git" {
                let parent = entry.path().parent().and_then(|parent| name(root, parent));
                repositories.extend(parent.map(|parent| format!("{parent}/")));
            }
            if is_dir {
                entries.skip_current_dir();
            }
            continue;
        }
        let path = entry.path();
        let leads_out = entry.path_is_symlink()
            && fs::canonicalize(path).is_ok_and(|target| !target.starts_with(root));
        if leads_out {
            refused.push(refuse(
                root,
                path,
                "the link leads out of the site's folder",
                "copy the file into the site",
            ));
            if is_dir {
                entries.skip_current_dir();
            }
        } else if !is_dir {
            let bytes = fs::read(path).map_err(|error| ReadError::File {
                path: path.to_owned(),
                error,
            })?;
            match name(root, path) {
                Some(name) => {
                    files.insert(name, bytes.into());
                }
                None => refused.push(refuse(
                    root,
                    path,
                    "the name is not UTF-8",
                    "rename the file",
                )),
            }
        }
    }
    Ok(())
}

fn is_passed_over(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.') || (entry.file_type().is_dir() && NOT_CONTENT.contains(&name.as_ref()))
}

/// The path below the site's folder, with `/` between folders.
fn name(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .strip_prefix(root)
        .ok()?
        .iter()
        .map(|part| part.to_str())
        .collect();
    Some(parts?.join("/"))
}

fn refuse(root: &Path, path: &Path, message: &str, hint: &str) -> Diagnostic {
    let shown = path
        .strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/");
    Diagnostic {
        path: shown,
        line: 1,
        column: 1,
        end_line: None,
        end_column: None,
        severity: Severity::Error,
        code: "link-out",
        message: message.to_owned(),
        hint: hint.to_owned(),
        excerpt: String::new(),
    }
}
