//! Samples of Rust: all that have to be compiled, by one start of cargo, outside of any confinement.

mod cargo;
mod message;
mod source;
mod workspace;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use tuition_site::{Diagnostic, Group, Must, Program, Sample};

use self::cargo::Built;
use super::{
    lines::Lines,
    verdict::{Failure, shortened},
};

/// Cargo could not do its work, through no fault of a sample.
#[derive(Debug, thiserror::Error)]
pub(super) enum RustError {
    /// There is none.
    #[error("can't start cargo ({0}); samples of Rust need it: https://rustup.rs")]
    NoCargo(io::Error),
    /// The disk refused.
    #[error("can't write {path}: {error}", path = path.display())]
    Write { path: PathBuf, error: io::Error },
    /// Nothing was built, and there are no dependencies to blame.
    #[error("cargo could not build the samples:\n{0}")]
    Cargo(String),
}

/// What came of compiling a sample.
#[derive(Debug)]
pub(super) enum Compiled {
    /// It is to be run.
    Program(PathBuf),
    /// It is judged: nothing is run.
    Judged(Result<(), Failure>),
}

/// What came of compiling samples.
#[derive(Debug, Default)]
pub(super) struct Compilation {
    /// By key; a sample that is missing could not be tried.
    pub(super) compiled: BTreeMap<String, Compiled>,
    /// Lines before the author's own, by key.
    pub(super) lines_before: BTreeMap<String, usize>,
    /// What is wrong with the dependencies.
    pub(super) report: Vec<Diagnostic>,
}

/// Where things are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folders<'a> {
    /// The site's folder, absolute.
    pub(super) site: &'a Path,
    /// Where generated workspaces and what is built of them are kept.
    pub(super) state: &'a Path,
}

impl Folders<'_> {
    fn target(&self) -> PathBuf {
        self.state.join("target")
    }
}

/// Name of the compiler's file for a sample.
pub(super) fn file(sample: &Sample) -> String {
    workspace::file(sample)
}

/// Compiles samples of a group, each key once. `finished` is called for each that compiles.
///
/// # Errors
/// [`RustError`] when the machine is at fault.
pub(super) fn compile(
    folders: Folders<'_>,
    group: &Group,
    samples: &[&Sample],
    jobs: usize,
    finished: &dyn Fn(),
) -> Result<Compilation, RustError> {
    // A slug has no underscore.
    let name = group.course.as_deref().unwrap_or("_pages");
    let folder = folders.state.join(name);
    let lines_before =
        workspace::write(&folder, folders.site, group, samples).map_err(|error| {
            RustError::Write {
                path: folder.clone(),
                error,
            }
        })?;
    let targets: BTreeSet<String> = samples
        .iter()
        .map(|sample| workspace::target(sample))
        .collect();
    let run = cargo::build(
        &folder,
        &folders.target(),
        jobs,
        &|name| targets.contains(name),
        finished,
    )
    .map_err(RustError::NoCargo)?;
    let mut compilation = Compilation {
        lines_before,
        ..Compilation::default()
    };
    let mut is_complete = true;
    for sample in samples {
        let built = run.targets.get(&workspace::target(sample));
        match built.filter(|built| built.is_built || !built.errors.is_empty()) {
            Some(built) => {
                let before = compilation.lines_before.get(&sample.key);
                let file = file(sample);
                let lines = Lines::new(sample, &file, before.copied().unwrap_or_default());
                let compiled = judge(sample, built, &lines);
                compilation.compiled.insert(sample.key.clone(), compiled);
            }
            None => is_complete = false,
        }
    }
    if !is_complete {
        let said = match run.elsewhere.as_slice() {
            [] => run.said,
            errors => errors.join("\n"),
        };
        let Some(place) = &group.dependencies_place else {
            return Err(RustError::Cargo(said));
        };
        let message = format!("the dependencies can't be built\n{}", shortened(&said));
        let hint =
            "they are written as in Cargo.toml; getting them for the first time needs the network";
        compilation
            .report
            .push(place.error("dependency", message, hint));
    }
    Ok(compilation)
}

fn judge(sample: &Sample, built: &Built, lines: &Lines<'_>) -> Compiled {
    let errors: Vec<String> = built
        .errors
        .iter()
        .map(|error| message::place(&error.rendered, lines))
        .collect();
    let details = shortened(&errors.join("\n\n"));
    Compiled::Judged(match &sample.must {
        Must::NotCompile(_) if built.is_built => Err(Failure::new(
            "it compiles, but compile_fail says that it must not",
            "",
            "take compile_fail out, or bring the mistake back that the text talks about",
        )),
        Must::NotCompile(_) if built.errors.iter().any(|error| error.is_crash) => Err(
            Failure::new("the compiler broke down", &details, "mark it ignore"),
        ),
        Must::NotCompile(codes) => match codes.iter().find(|code| !has_code(built, code)) {
            None => Ok(()),
            Some(code) => Err(Failure::new(
                &format!("it does not compile, but not for the reason {code}"),
                &details,
                "correct the code behind compile_fail, or the sample",
            )),
        },
        Must::Compile if built.is_built => Ok(()),
        _ if !built.is_built => Err(Failure::new("it does not compile", &details, hint(built))),
        _ => match &built.executable {
            Some(path) => return Compiled::Program(path.clone()),
            None => Err(Failure::new(
                "cargo built nothing that runs",
                "",
                "mark it no_run",
            )),
        },
    })
}

fn has_code(built: &Built, code: &str) -> bool {
    built
        .errors
        .iter()
        .any(|error| error.code.as_deref() == Some(code))
}

fn hint(built: &Built) -> &'static str {
    match ["E0432", "E0433", "E0463"]
        .iter()
        .any(|code| has_code(built, code))
    {
        true => {
            "what readers needn't see stands behind \"# \"; a crate is named in [tests.dependencies] of the course"
        }
        false => {
            "what readers needn't see stands behind \"# \"; code that must not compile says compile_fail, a fragment says ignore"
        }
    }
}

/// Deletes what was built of samples that passed: it is big, and not run again.
pub(super) fn forget(folders: Folders<'_>, passed: &[&Sample]) {
    let names: BTreeSet<String> = passed
        .iter()
        .filter(|sample| matches!(sample.program, Program::Rust { .. }))
        .map(|sample| workspace::target(sample))
        .collect();
    let debug = folders.target().join("debug");
    for folder in [debug.clone(), debug.join("deps"), debug.join("examples")] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let file = entry.file_name();
            // `s0123456789abcdef-<hash>.d`, `libs0123456789abcdef.rlib`.
            let name = file.to_string_lossy();
            let name = name.strip_prefix("lib").unwrap_or(&name);
            if names.contains(name.get(..17).unwrap_or_default()) {
                // Only room is lost if it stays.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}
