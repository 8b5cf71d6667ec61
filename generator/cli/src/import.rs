//! `tuition import mdbook SRC DIR`: a book of mdBook to a course, and a list of what could not be carried over.

mod anchor;
mod book;
mod chapter;
mod config;
mod course_files;
mod fence;
mod front_matter;
mod html;
mod include;
mod left_behind;
mod listing;
mod note;
mod place;
mod plan;
mod redirects;
mod summary;
mod target;
#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tuition_site::Files;
use walkdir::WalkDir;

use crate::{
    Outcome,
    arguments::{Common, ImportCommand, ImportSource, MdbookCommand},
    report,
};

/// The book could not be imported; nothing was written but what is named.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error("{path} holds something that is no site; name a new folder, or one that has content/site.toml", path = .0.display())]
    Taken(PathBuf),
    #[error("{path} is there already; name another course with --course", path = .0.display())]
    CourseTaken(PathBuf),
    #[error(transparent)]
    Book(#[from] book::BookError),
    #[error("can't read {path}: {error}", path = path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("can't write {path}: {error}", path = path.display())]
    Write { path: PathBuf, error: io::Error },
}

/// Runs the command.
pub(crate) fn run(common: &Common, command: &ImportCommand) -> Outcome {
    let ImportSource::Mdbook(command) = &command.source;
    match import(command) {
        Ok(imported) => {
            report::diagnostics(&imported.notes, common.json);
            report::note(&format!(
                "{} in {}, in {}; {} from old URLs in content/redirects.toml",
                report::plural(imported.lessons, "lesson"),
                report::plural(imported.modules, "module"),
                command.folder.join(&imported.folder).display(),
                report::plural(imported.redirects, "redirect"),
            ));
            Outcome::Done
        }
        Err(error) => Outcome::Environment(error.into()),
    }
}

fn import(command: &MdbookCommand) -> Result<book::Imported, ImportError> {
    let into_site = command.folder.join("content/site.toml").is_file();
    let is_empty = !fs::read_dir(&command.folder).is_ok_and(|mut entries| entries.next().is_some());
    if !into_site && !is_empty {
        return Err(ImportError::Taken(command.folder.clone()));
    }
    let files = read(&command.book)?;
    // A second book of a site adds its old URLs to those of the first.
    let list = command.folder.join(redirects::PATH);
    let redirects = match fs::read_to_string(&list) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(ImportError::Read { path: list, error }),
    };
    let options = book::Options {
        course: command.course.clone(),
        published: command.published.clone(),
        into_site,
        redirects,
    };
    let imported = book::import(&files, &options)?;
    let course = command.folder.join(&imported.folder);
    if course.exists() {
        return Err(ImportError::CourseTaken(course));
    }
    for (name, bytes) in &imported.files {
        let path = command.folder.join(name);
        let failed = |error| ImportError::Write {
            path: path.clone(),
            error,
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::write(&path, bytes).map_err(failed)?;
    }
    Ok(imported)
}

/// All files of a book: chapters, and code that they include. Hidden ones and what tools build are passed over.
fn read(root: &Path) -> Result<Files, ImportError> {
    let entries = WalkDir::new(root).into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        let is_built = entry.file_type().is_dir()
            && (name == "target"
                || name == "node_modules"
                || entry.path().join("book.js").is_file());
        entry.depth() == 0 || !(name.starts_with('.') || is_built)
    });
    let mut files = Files::new();
    for entry in entries {
        let entry = entry.map_err(|error| ImportError::Read {
            path: error.path().unwrap_or(root).to_owned(),
            error: error.into(),
        })?;
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path();
        let bytes = fs::read(path).map_err(|error| ImportError::Read {
            path: path.to_owned(),
            error,
        })?;
        let below = path.strip_prefix(root).unwrap_or(path);
        let name: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        files.insert(name.join("/"), bytes.into());
    }
    Ok(files)
}
