//! The crates that samples may use, as one text: when any file of them changes, so does the text.

use std::collections::BTreeSet;

use super::Dependency;
use crate::{Files, url};

/// All that is known of the dependencies. Crates in the site count with their files, and with the crates that they
/// depend on by path in turn.
pub(super) fn describe(dependencies: &[Dependency], files: &Files) -> String {
    let mut text = String::new();
    let mut folders = BTreeSet::new();
    for dependency in dependencies {
        text.push_str(&format!("{} = {}\n", dependency.name, dependency.table));
        if let Some(folder) = dependency.table.get("path").and_then(toml::Value::as_str) {
            visit(folder, files, &mut folders);
        }
    }
    for folder in &folders {
        for (path, bytes) in below(folder, files) {
            text.push_str(&format!("{path} {}\n", blake3::hash(bytes).to_hex()));
        }
    }
    text
}

/// Whether a folder holds a crate.
pub(super) fn is_crate(folder: &str, files: &Files) -> bool {
    files.contains_key(&manifest(folder))
}

fn manifest(folder: &str) -> String {
    format!("{folder}/Cargo.toml")
}

fn below<'a>(
    folder: &str,
    files: &'a Files,
) -> impl Iterator<Item = (&'a String, &'a crate::Bytes)> {
    // `0` comes right after `/`.
    files.range(format!("{folder}/")..format!("{folder}0"))
}

fn visit(folder: &str, files: &Files, seen: &mut BTreeSet<String>) {
    if !seen.insert(folder.to_owned()) {
        return;
    }
    let manifest = manifest(folder);
    let table = files
        .get(&manifest)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.parse::<toml::Table>().ok());
    // A manifest that can't be read has no dependencies here; Cargo will say more about it.
    for path in table.iter().flat_map(paths) {
        if let Some(next) = url::join(&manifest, path) {
            visit(&next, files, seen);
        }
    }
}

/// Every `path` of a dependency, wherever in a manifest it is listed.
fn paths(table: &toml::Table) -> Vec<&str> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) if key.ends_with("dependencies") => {
                let tables = inner.values().filter_map(toml::Value::as_table);
                found.extend(tables.filter_map(|one| one.get("path")?.as_str()));
            }
            toml::Value::Table(inner) => found.extend(paths(inner)),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_counts_with_those_it_depends_on() {
        let mut files = Files::new();
        let mut put =
            |path: &str, text: &str| files.insert(path.to_owned(), text.as_bytes().into());
        put(
            "c/a/Cargo.toml",
            "[dependencies]\nb = { path = \"../b\" }\n",
        );
        put("c/a/src/lib.rs", "");
        put(
            "c/b/Cargo.toml",
            "[target.'cfg(unix)'.dependencies]\na = { path = \"../a\" }\n",
        );
        put("c/b/src/lib.rs", "one");
        put("c/bc/src/lib.rs", "");
        let mut table = toml::Table::new();
        table.insert("path".to_owned(), "c/a".into());
        let dependencies = [Dependency {
            name: "a".to_owned(),
            table,
        }];
        let before = describe(&dependencies, &files);
        assert!(
            before.contains("c/b/src/lib.rs") && !before.contains("c/bc/"),
            "{before}"
        );
        files.insert("c/b/src/lib.rs".to_owned(), b"two".as_slice().into());
        assert_ne!(describe(&dependencies, &files), before);
        assert!(is_crate("c/b", &files) && !is_crate("c", &files));
    }
}
