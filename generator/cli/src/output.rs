//! Writes a built site: beside the old one first, then in its place, so that there is always a whole site.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tuition_site::Files;

/// The output could not be written. What was there before is still there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// The folder holds something that this program did not write.
    #[error("{path} holds something that is no built site; name an empty folder or a new one with --out", path = .0.display())]
    NotOurs(PathBuf),
    /// A path that has no parent or name, such as `/`.
    #[error("{path} can't be an output folder", path = .0.display())]
    NoFolder(PathBuf),
    /// The file system refused.
    #[error("can't write {path}: {error}", path = path.display())]
    Io { path: PathBuf, error: io::Error },
}

/// Replaces the folder `out` by `files`.
///
/// # Errors
/// [`WriteError`]; then `out` is as it was.
pub(crate) fn write(out: &Path, files: &Files) -> Result<(), WriteError> {
    if !is_replaceable(out)? {
        return Err(WriteError::NotOurs(out.to_owned()));
    }
    let (parent, name) = split(out)?;
    let beside = |suffix: &str| parent.join(format!(".{name}.{suffix}-{}", std::process::id()));
    let (fresh, old) = (beside("new"), beside("old"));
    let result = write_files(&fresh, files).and_then(|()| swap(out, &fresh, &old));
    if result.is_err() {
        // The first error says more than one of tidying up.
        let _ = fs::remove_dir_all(&fresh);
    }
    result
}

fn split(out: &Path) -> Result<(PathBuf, String), WriteError> {
    let absolute = std::path::absolute(out).map_err(failed(out))?;
    match (
        absolute.parent(),
        absolute.file_name().and_then(|name| name.to_str()),
    ) {
        (Some(parent), Some(name)) => Ok((parent.to_owned(), name.to_owned())),
        _ => Err(WriteError::NoFolder(out.to_owned())),
    }
}

/// Whether the folder is missing, empty, or a site that was built before.
fn is_replaceable(out: &Path) -> Result<bool, WriteError> {
    match fs::read_dir(out) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(failed(out)(error)),
        Ok(mut entries) => Ok(entries.next().is_none()
            || (out.join("catalog.json").is_file() && out.join("public").is_dir())),
    }
}

fn write_files(root: &Path, files: &Files) -> Result<(), WriteError> {
    fs::create_dir_all(root).map_err(failed(root))?;
    let mut last_folder = PathBuf::new();
    for (name, bytes) in files {
        let path = root.join(name);
        if let Some(folder) = path.parent().filter(|folder| *folder != last_folder) {
            fs::create_dir_all(folder).map_err(failed(folder))?;
            folder.clone_into(&mut last_folder);
        }
        fs::write(&path, bytes).map_err(failed(&path))?;
    }
    Ok(())
}

fn swap(out: &Path, fresh: &Path, old: &Path) -> Result<(), WriteError> {
    let had_one = out.exists();
    if had_one {
        fs::rename(out, old).map_err(failed(out))?;
    }
    if let Err(error) = fs::rename(fresh, out) {
        if had_one {
            fs::rename(old, out).map_err(failed(out))?;
        }
        return Err(failed(out)(error));
    }
    match had_one {
        true => fs::remove_dir_all(old).map_err(failed(old)),
        false => Ok(()),
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |error| WriteError::Io { path, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Files {
        names
            .iter()
            .map(|name| ((*name).to_owned(), name.as_bytes().into()))
            .collect()
    }

    #[test]
    fn a_new_output_replaces_the_old_one_whole() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("dist");
        write(&out, &files(&["catalog.json", "public/old/index.html"])).unwrap();
        write(&out, &files(&["catalog.json", "public/new/index.html"])).unwrap();
        assert!(out.join("public/new/index.html").is_file() && !out.join("public/old").exists());
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn a_folder_of_something_else_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "years").unwrap();
        let error = write(folder.path(), &files(&["catalog.json"])).unwrap_err();
        assert!(matches!(error, WriteError::NotOurs(_)));
        assert_eq!(
            fs::read_to_string(folder.path().join("thesis.txt")).unwrap(),
            "years"
        );
    }

    #[test]
    fn an_output_that_can_not_be_written_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("dist");
        write(&out, &files(&["catalog.json", "public/index.html"])).unwrap();
        let clash = files(&["catalog.json", "public", "public/index.html"]);
        assert!(matches!(write(&out, &clash), Err(WriteError::Io { .. })));
        assert!(out.join("public/index.html").is_file());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
