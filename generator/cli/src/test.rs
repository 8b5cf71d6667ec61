//! `tuition test`: runs the code of the site, and says at the fence what did not do what the text says.
//!
//! Which code that is, and what must come of it, `tuition-site` knows; what passed is remembered by the sample's key and
//! the version of what ran it, so that only what changed is run again.

mod confine;
mod counts;
mod lines;
mod process;
mod progress;
mod records;
mod run;
mod rust;
mod scratch;
mod tools;
mod verdict;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

use tuition_site::{Diagnostic, Group, Program, Sample, Source};

pub(crate) use self::records::{Records, RecordsError};
use self::{
    counts::{Counts, Fate},
    progress::Progress,
    records::Record,
    run::Runner,
    rust::{Compilation, Folders, RustError},
    tools::Tools,
    verdict::{Failure, Verdict},
};
use crate::{
    Outcome,
    arguments::{Common, TestCommand},
    git, report, source,
};

/// Samples could not be run.
#[derive(Debug, thiserror::Error)]
enum TestError {
    /// The site can't be read.
    #[error(transparent)]
    Read(#[from] source::ReadError),
    /// What passed before can't be read or written.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// Cargo is missing or broken.
    #[error(transparent)]
    Rust(#[from] RustError),
    /// There is no room for samples to run in.
    #[error("can't make a folder for samples to run in: {0}")]
    Scratch(io::Error),
    /// The folder that keeps what was built can't be used.
    #[error("can't use {path}: {error}", path = path.display())]
    State { path: PathBuf, error: io::Error },
}

/// Runs the command.
pub(crate) fn run(common: &Common, command: &TestCommand) -> Outcome {
    match test(common, command) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Environment(error.into()),
    }
}

fn test(common: &Common, command: &TestCommand) -> Result<Outcome, TestError> {
    let options = command.moment.options(None);
    let site = source::read(&common.site)?;
    let source = Source {
        files: site.files,
        ..Source::default()
    };
    let (mut groups, mut diagnostics) = tuition_site::samples(&source, &options);
    diagnostics.extend(site.refused);
    // What can't be read has no samples, but it may have had some: its passes are kept.
    let sees_all = command.course.is_none() && diagnostics.is_empty();
    if let Some(course) = &command.course {
        let is_wanted = |group: &Group| group.course.as_ref() == Some(course);
        if !groups.iter().any(is_wanted) && !is_course(&source, course) {
            return Ok(Outcome::Usage(format!("there is no course \"{course}\"")));
        }
        groups.retain(is_wanted);
    }
    let root = fs::canonicalize(&common.site).map_err(|error| TestError::State {
        path: common.site.clone(),
        error,
    })?;
    let session = Session {
        _lock: lock(&root)?,
        now: options.now,
        commit: git::commit_of_content(&root),
        jobs: command
            .jobs
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get),
        is_fresh: command.fresh,
        state: state(&root),
        runner: Runner::new().map_err(TestError::Scratch)?,
        site: root,
    };
    let mut records = Records::read(&session.site)?;
    let mut tools = Tools::default();
    let mut counts = Counts::default();
    for group in &groups {
        diagnostics.extend(session.group(group, &mut records, &mut tools, &mut counts)?);
        // What a long run has found out should outlast a break.
        records.write(&session.site)?;
    }
    if sees_all {
        let keys: BTreeSet<&String> = groups
            .iter()
            .flat_map(|group| &group.samples)
            .map(|sample| &sample.key)
            .collect();
        records.passed.retain(|key, _| keys.contains(key));
        records.write(&session.site)?;
    }
    diagnostics.sort();
    report::diagnostics(&diagnostics, common.json);
    if counts.ran > 0 && !session.runner.is_confined() {
        report::note(
            "this system can't keep samples from writing outside of their folder (Linux can, with Landlock)",
        );
    }
    report::note(&counts.to_string());
    Ok(match diagnostics.is_empty() {
        true => Outcome::Done,
        false => Outcome::Diagnostics,
    })
}

/// Whether there is a course that merely has no samples.
fn is_course(source: &Source, slug: &str) -> bool {
    let mut folders = source.files.keys().filter_map(|path| {
        let rest = path.strip_prefix("content/courses/")?;
        Some(rest.split_once('/')?.0)
    });
    folders.any(|folder| {
        let name = folder
            .trim_start_matches(|ch: char| ch.is_ascii_digit())
            .trim_start_matches('-');
        tuition_site::slugify(name) == slug || tuition_site::slugify(folder) == slug
    })
}

/// Where generated code and what is built of it are kept.
fn state(site: &Path) -> PathBuf {
    site.join(".tuition/tests")
}

/// Two runs on one site would take each other's files away.
fn lock(site: &Path) -> Result<fs::File, TestError> {
    let folder = state(site);
    let lock = || {
        fs::create_dir_all(&folder)?;
        let file = fs::File::create(folder.join("lock"))?;
        if file.try_lock().is_err() {
            report::note("waiting for another `tuition test` of this site to end");
            file.lock()?;
        }
        Ok(file)
    };
    lock().map_err(|error| TestError::State {
        path: folder.clone(),
        error,
    })
}

/// What one run of the command needs all the time.
struct Session {
    _lock: fs::File,
    site: PathBuf,
    state: PathBuf,
    now: jiff::Timestamp,
    commit: Option<String>,
    jobs: usize,
    is_fresh: bool,
    runner: Runner,
}

impl Session {
    fn folders(&self) -> Folders<'_> {
        Folders {
            site: &self.site,
            state: &self.state,
        }
    }

    /// Runs what must be run of a group; failures become diagnostics at each fence.
    fn group(
        &self,
        group: &Group,
        records: &mut Records,
        tools: &mut Tools,
        counts: &mut Counts,
    ) -> Result<Vec<Diagnostic>, TestError> {
        let mut fates: BTreeMap<&str, Fate> = BTreeMap::new();
        let mut versions: BTreeMap<&str, String> = BTreeMap::new();
        let mut waiting: Vec<&Sample> = Vec::new();
        for sample in &group.samples {
            let key = sample.key.as_str();
            if fates.contains_key(key) || versions.contains_key(key) {
                continue;
            }
            match tools.version(&sample.program, &self.site) {
                Ok(version) if !self.is_fresh && records.is_passed(key, &version) => {
                    fates.insert(key, Fate::Seen);
                }
                Ok(version) => {
                    versions.insert(key, version);
                    waiting.push(sample);
                }
                Err(_) if matches!(sample.program, Program::Rust { .. }) => {
                    return Err(RustError::NoCargo(io::ErrorKind::NotFound.into()).into());
                }
                Err(tool) => {
                    let what = format!("this machine has no {tool} to run it");
                    let hint = format!("install {tool}, or mark the sample ignore");
                    fates.insert(key, Fate::Failed(Failure::new(&what, "", &hint)));
                }
            }
        }
        let name = group.course.as_deref().unwrap_or("pages and posts");
        let (mut diagnostics, results) = self.try_all(group, &waiting, &Progress::new(name))?;
        counts.ran += waiting.len();
        for (sample, result) in waiting.iter().zip(results) {
            let key = sample.key.as_str();
            let fate = match result {
                None => Fate::Untried,
                Some(Ok(())) => Fate::Passed,
                Some(Err(failure)) => Fate::Failed(failure),
            };
            match &fate {
                Fate::Passed => {
                    let record = Record {
                        at: self.now,
                        commit: self.commit.clone(),
                        tool: versions.remove(key).unwrap_or_default(),
                    };
                    records.passed.insert(key.to_owned(), record);
                }
                Fate::Failed(_) => {
                    records.passed.remove(key);
                }
                Fate::Seen | Fate::Untried => {}
            }
            fates.insert(key, fate);
        }
        let passed = waiting
            .iter()
            .filter(|sample| matches!(fates.get(sample.key.as_str()), Some(Fate::Passed)));
        rust::forget(self.folders(), &passed.copied().collect::<Vec<_>>());
        diagnostics.extend(counts.take(group, &fates));
        Ok(diagnostics)
    }

    /// Compiles and runs samples, each a different one. The results are in their order; what could not be tried has none.
    fn try_all(
        &self,
        group: &Group,
        samples: &[&Sample],
        progress: &Progress,
    ) -> Result<(Vec<Diagnostic>, Vec<Verdict>), TestError> {
        let rust: Vec<&Sample> = samples
            .iter()
            .copied()
            .filter(|sample| matches!(sample.program, Program::Rust { .. }))
            .collect();
        let mut compilation = match rust.is_empty() {
            true => Compilation::default(),
            false => {
                progress.begin("compiling", rust.len());
                rust::compile(self.folders(), group, &rust, self.jobs, &|| progress.step())?
            }
        };
        let report = std::mem::take(&mut compilation.report);
        progress.begin("running", samples.len());
        let results =
            self.runner
                .run_all(samples, &compilation, group.timeout, self.jobs, progress);
        progress.end();
        Ok((report, results))
    }
}
