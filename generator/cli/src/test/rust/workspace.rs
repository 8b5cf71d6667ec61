//! The generated workspace of one group of samples: a crate for each edition, a target for each sample.
//!
//! A target's name is the sample's key, so that a sample that did not change is not compiled again, whatever becomes of
//! its neighbours. What only has to compile is a library, which nobody links; what runs its tests is in a crate apart,
//! since cargo would want all programs of the same crate built first, and some must not compile.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use toml::{Table, Value};
use tuition_site::{Dependency, Group, Must, Program, Sample};

use super::source;

/// Lines that were put before a sample's own, by its key.
pub(super) type LinesBefore = BTreeMap<String, usize>;

/// Name of the target that a sample becomes, and of its file without the ending.
pub(super) fn target(sample: &Sample) -> String {
    format!("s{}", sample.key.get(..16).unwrap_or(&sample.key))
}

/// Name of the file that the compiler is given.
pub(super) fn file(sample: &Sample) -> String {
    format!("{}.rs", target(sample))
}

/// Samples of a crate with their shapes, by key.
type Targets<'a> = BTreeMap<&'a str, (&'a Sample, Shape)>;

/// What becomes of a sample in cargo's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Program,
    Library,
    Harness,
}

/// Writes the workspace into `folder`. `site` is where paths of dependencies begin.
///
/// # Errors
/// When the disk refuses.
pub(super) fn write(
    folder: &Path,
    site: &Path,
    group: &Group,
    samples: &[&Sample],
) -> io::Result<LinesBefore> {
    let mut members: BTreeMap<String, (&str, Targets<'_>)> = BTreeMap::new();
    for sample in samples {
        let Program::Rust { edition, harness } = &sample.program else {
            continue;
        };
        let shape = match (harness, &sample.must) {
            (true, _) => Shape::Harness,
            (false, Must::Compile) => Shape::Library,
            (false, _) => Shape::Program,
        };
        let prefix = if *harness { "tests" } else { "samples" };
        let (_, targets) = members
            .entry(format!("{prefix}-{edition}"))
            .or_insert_with(|| (edition, BTreeMap::new()));
        targets.insert(&sample.key, (sample, shape));
    }
    let dependencies = dependencies(&group.dependencies, site);
    let mut lines_before = LinesBefore::new();
    for (name, (edition, targets)) in &members {
        let sources = folder.join(name).join("src");
        fs::create_dir_all(&sources)?;
        let mut files = BTreeSet::new();
        for (sample, shape) in targets.values() {
            let program = source::program(&sample.code, *shape == Shape::Harness);
            lines_before.insert(sample.key.clone(), program.lines_before);
            let path = sources.join(file(sample));
            write_if_new(&path, &program.text)?;
            files.insert(path);
        }
        remove_others(&sources, &files)?;
        let package = package(&package_name(group, name), edition, targets, &dependencies);
        write_if_new(&folder.join(name).join("Cargo.toml"), &package.to_string())?;
    }
    let names = members.keys().cloned().collect();
    write_if_new(&folder.join("Cargo.toml"), &workspace(names).to_string())?;
    Ok(lines_before)
}

/// Apart for each course: packages of one name in one target folder would be taken for the same one.
fn package_name(group: &Group, member: &str) -> String {
    let course = group.course.as_deref().unwrap_or_default();
    let hash = blake3::hash(course.as_bytes()).to_hex();
    format!("{member}-{}", hash.get(..8).unwrap_or_default())
}

fn workspace(members: Vec<String>) -> Table {
    table([
        (
            "workspace",
            table([("members", members.into()), ("resolver", "2".into())]).into(),
        ),
        (
            "profile",
            table([(
                "dev",
                table([("debug", 0.into()), ("incremental", false.into())]).into(),
            )])
            .into(),
        ),
    ])
}

fn package(name: &str, edition: &str, targets: &Targets<'_>, dependencies: &Table) -> Table {
    let package = [
        ("name", name.into()),
        ("version", "0.0.0".into()),
        ("edition", edition.into()),
        ("publish", false.into()),
        ("autolib", false.into()),
        ("autobins", false.into()),
        ("autoexamples", false.into()),
        ("autotests", false.into()),
        ("autobenches", false.into()),
        ("build", false.into()),
    ];
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (sample, shape) in targets.values() {
        let mut target = table([
            ("name", target(sample).into()),
            ("path", format!("src/{}", file(sample)).into()),
        ]);
        let list = match shape {
            Shape::Program => {
                target.insert("test".to_owned(), false.into());
                "bin"
            }
            Shape::Library => {
                target.insert("crate-type".to_owned(), vec!["lib"].into());
                "example"
            }
            Shape::Harness => "test",
        };
        lists.entry(list).or_default().push(target.into());
    }
    let mut manifest = table([
        ("package", table(package).into()),
        ("dependencies", dependencies.clone().into()),
        // As rustdoc has it: a sample shows one thing, and leaves others unused.
        (
            "lints",
            table([("rust", table([("unused", "allow".into())]).into())]).into(),
        ),
    ]);
    for (list, targets) in lists {
        manifest.insert(list.to_owned(), targets.into());
    }
    manifest
}

fn dependencies(listed: &[Dependency], site: &Path) -> Table {
    let mut dependencies = Table::new();
    for dependency in listed {
        let mut told = dependency.table.clone();
        if let Some(path) = told.get("path").and_then(Value::as_str) {
            let path = site.join(path).to_string_lossy().into_owned();
            told.insert("path".to_owned(), path.into());
        }
        dependencies.insert(dependency.name.clone(), told.into());
    }
    dependencies
}

fn table<const N: usize>(entries: [(&str, Value); N]) -> Table {
    let entries = entries.into_iter();
    entries
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// Leaves a file alone that holds this already, so that cargo sees no change.
fn write_if_new(path: &Path, text: &str) -> io::Result<()> {
    match fs::read_to_string(path) {
        Ok(before) if before == text => Ok(()),
        _ => fs::write(path, text),
    }
}

fn remove_others(folder: &Path, files: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !files.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
