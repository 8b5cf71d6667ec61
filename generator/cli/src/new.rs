//! `tuition new DIR`: a small site that builds, to write over.

use std::{fs, io, path::PathBuf};

use crate::{Outcome, arguments::NewCommand, report};

#[derive(rust_embed::RustEmbed)]
#[folder = "starter"]
struct Starter;

/// The site could not be made.
#[derive(Debug, thiserror::Error)]
enum NewError {
    #[error("{path} already holds something; name a new folder", path = .0.display())]
    Taken(PathBuf),
    #[error("can't write {path}: {error}", path = path.display())]
    Io { path: PathBuf, error: io::Error },
}

/// Runs the command.
pub(crate) fn run(command: &NewCommand) -> Outcome {
    match write(command) {
        Ok(()) => {
            let folder = command.folder.display();
            report::note(&format!(
                "a new site is in {folder}; see it with: tuition serve --site {folder}"
            ));
            Outcome::Done
        }
        Err(error) => Outcome::Environment(error.into()),
    }
}

fn write(command: &NewCommand) -> Result<(), NewError> {
    let folder = &command.folder;
    let failed = |path: &std::path::Path| {
        let path = path.to_owned();
        move |error| NewError::Io { path, error }
    };
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(NewError::Taken(folder.clone()));
    }
    for name in Starter::iter() {
        let Some(file) = Starter::get(&name) else {
            continue;
        };
        // Cargo leaves a file named .gitignore out of packages, and git would obey it here.
        let path = folder.join(if name == "gitignore" {
            ".gitignore"
        } else {
            &name
        });
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed(parent))?;
        }
        fs::write(&path, file.data).map_err(failed(&path))?;
    }
    Ok(())
}
