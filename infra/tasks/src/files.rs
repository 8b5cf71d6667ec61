//! The project's own files, in a stable order: what is built, downloaded or hidden is left out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold nothing anybody wrote.
const MADE: [&str; 4] = ["target", "node_modules", "dist", "shots"];

/// All files below `folder`, sorted. Links are not followed.
pub(crate) fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let kind = entry.file_type()?;
        if kind.is_file() {
            files.push(entry.path());
        } else if kind.is_dir() && !is_made(&name.to_string_lossy()) {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

fn is_made(folder: &str) -> bool {
    folder.starts_with('.') || MADE.contains(&folder)
}

/// The file's path as seen from `root`, for people.
pub(crate) fn shown(root: &Path, file: &Path) -> String {
    file.strip_prefix(root)
        .unwrap_or(file)
        .display()
        .to_string()
}
