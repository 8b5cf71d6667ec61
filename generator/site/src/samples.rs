//! The code of a site that can be run: which fences it is, how each is run, and what must come of it.
//!
//! Found here and nowhere else, so that whoever runs samples and the pages that say when they were run agree. Nothing
//! is run here.

mod crate_files;
mod key;
mod language;
mod read;
mod tested;

use rayon::prelude::*;

pub use language::Language;
pub use tested::Tested;
pub(crate) use tested::{TestedLessons, TestedSamples, require};

use crate::{
    Files,
    diagnostic::{Diagnostic, Place},
    load::tests_table::Settings,
    model::{Body, Model},
    samples::read::{Found, Reader},
};

/// The samples that share a setting: those of one course, or those of pages and posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Slug of the course; `None` for pages and posts.
    pub course: Option<String>,
    /// Seconds that one sample may run, from 1.
    pub timeout: u32,
    /// Crates that samples of Rust may use, by name.
    pub dependencies: Vec<Dependency>,
    /// Where the dependencies are listed; `None` when there are none.
    pub dependencies_place: Option<Place>,
    /// By text, and in each in order.
    pub samples: Vec<Sample>,
    /// How many more there would be if they were not marked `ignore`.
    pub ignored: usize,
}

/// One entry of `[tests.dependencies]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependency {
    /// As samples call it, with hyphens as written.
    pub name: String,
    /// What `Cargo.toml` says of it; `path` is below the site's folder.
    pub table: toml::Table,
}

// TOML has floats, but no key of a dependency takes one.
impl Eq for Dependency {}

/// Code that is run, or only compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its fence.
    pub place: Place,
    /// Line of the same file where its first line stands; `None` when the code is included from another.
    pub first_line: Option<usize>,
    /// As a compiler should see it, hidden lines among the rest.
    pub code: String,
    /// Name of the file that holds it when it is run: no folder, no leading dot.
    pub file: String,
    /// What runs it.
    pub program: Program,
    /// What must come of it.
    pub must: Must,
    /// What it must print to standard output, trailing white space aside; `None` for anything.
    pub stdout: Option<String>,
    /// Stands for all that decides what comes of it, but for the versions of tools: 64 hexadecimal digits.
    pub key: String,
}

/// What runs a sample.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    /// The Rust compiler, then the program itself.
    Rust {
        /// `2024`.
        edition: &'static str,
        /// Whether its `#[test]` functions are run instead of `main`.
        harness: bool,
    },
    /// `python3`.
    Python,
    /// `bash`, ending at the first command that fails.
    Bash,
    /// `node`.
    JavaScript,
    /// A command for the shell; `$FILE` is where the sample is.
    Command(String),
}

/// What must come of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Must {
    /// The compiler refuses it, with all of these errors among others (`E0382`).
    NotCompile(Vec<String>),
    /// It compiles, and is not run.
    Compile,
    /// It ends with a panic: exit status 101.
    Panic,
    /// It ends with an exit status other than 0.
    Fail,
    /// It ends with exit status 0.
    Succeed,
}

/// How much of a sample is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it.
    Whole,
    /// Place and key: pages need no more, and all the code of a large site is a lot.
    Key,
}

/// Samples of all published texts, a group for each course that has any, then pages and posts; mistakes are reported.
pub(crate) fn collect(
    model: &Model,
    files: &Files,
    extent: Extent,
    report: &mut Vec<Diagnostic>,
) -> Vec<Group> {
    let courses = model.courses.iter().map(|course| {
        let own = course.texts.values().map(|text| &text.body);
        let lessons = course.lessons.iter();
        let lessons = lessons.flat_map(|lesson| lesson.texts.values().map(|text| &text.body));
        let bodies: Vec<&Body> = own.chain(lessons).collect();
        let settings = course.tests.or(&model.site.tests);
        (Some(course.slug.clone()), settings, bodies)
    });
    let pages = model.pages.iter().chain(&model.posts);
    let pages = pages.flat_map(|page| page.texts.values().map(|text| &text.body));
    let pages = (
        None,
        model.site.tests.or(&model.site.tests),
        pages.collect(),
    );
    let mut groups = Vec::new();
    for (course, settings, bodies) in courses.chain([pages]) {
        let reader = Reader::new(files, &settings, report);
        let found: Vec<Found> = bodies
            .par_iter()
            .map(|body| {
                let mut found = reader.read(body, body.markdown());
                if extent == Extent::Key {
                    for sample in &mut found.samples {
                        (sample.code, sample.stdout) = (String::new(), None);
                    }
                }
                found
            })
            .collect();
        let group = group(course, settings, found, report);
        if !group.samples.is_empty() || group.ignored > 0 {
            groups.push(group);
        }
    }
    groups
}

fn group(
    course: Option<String>,
    settings: Settings,
    found: Vec<Found>,
    report: &mut Vec<Diagnostic>,
) -> Group {
    let mut group = Group {
        course,
        timeout: settings.timeout,
        dependencies: settings.dependencies,
        dependencies_place: settings.dependencies_place,
        samples: Vec::new(),
        ignored: 0,
    };
    for found in found {
        group.samples.extend(found.samples);
        group.ignored += found.ignored;
        report.extend(found.mistakes);
    }
    group
}
