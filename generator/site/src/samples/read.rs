//! One text to its samples.

use tuition_markup::{CodeBlock, Fence, Run, code_blocks};

use super::{Language, Must, Program, Sample, crate_files, key, language};
use crate::{
    Files,
    diagnostic::{Diagnostic, Place},
    includes,
    load::tests_table::{EDITIONS, Settings},
    model::Body,
    text::SourceText,
};

/// Reads the texts that share a setting.
pub(super) struct Reader<'a> {
    files: &'a Files,
    settings: &'a Settings,
    /// Stands for the crates that samples may use.
    crates: String,
}

/// What is in a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) samples: Vec<Sample>,
    pub(super) ignored: usize,
    pub(super) mistakes: Vec<Diagnostic>,
}

/// Tells where bytes of a text stand, each after the one before: a text of many fences is walked through once.
struct Placer<'a> {
    file: &'a SourceText,
    /// How far the lines are counted.
    at: usize,
    line: usize,
    line_start: usize,
}

impl<'a> Placer<'a> {
    fn new(file: &'a SourceText) -> Self {
        Self {
            file,
            at: 0,
            line: 1,
            line_start: 0,
        }
    }

    fn place(&mut self, at: usize) -> Place {
        let passed = self.file.text.get(self.at..at).unwrap_or_default();
        self.line += passed.matches('\n').count();
        if let Some(last) = passed.rfind('\n') {
            self.line_start = self.at + last + 1;
        }
        self.at = at.max(self.at);
        let lead = self.file.text.get(self.line_start..at).unwrap_or_default();
        Place {
            path: self.file.path.clone(),
            line: self.line,
            column: lead.chars().count() + 1,
        }
    }
}

/// What a block turned out to be, for the one after it.
enum Before {
    /// Nothing that prints.
    Nothing,
    /// A sample that is not run.
    Ignored,
    /// The last sample, which has no output yet.
    Sample,
}

impl<'a> Reader<'a> {
    /// A crate in the site that isn't there is reported.
    pub(super) fn new(
        files: &'a Files,
        settings: &'a Settings,
        report: &mut Vec<Diagnostic>,
    ) -> Self {
        for dependency in &settings.dependencies {
            let folder = dependency.table.get("path").and_then(toml::Value::as_str);
            // One that is no path was reported where it stands.
            let missing =
                folder.filter(|folder| !folder.is_empty() && !crate_files::is_crate(folder, files));
            if let (Some(folder), Some(place)) = (missing, &settings.dependencies_place) {
                let message = format!(
                    "the dependency \"{}\" has no crate at {folder}",
                    dependency.name
                );
                let hint = "write the path from this file to the folder of its Cargo.toml";
                report.push(place.error("dependency", message, hint));
            }
        }
        Self {
            files,
            settings,
            crates: crate_files::describe(&settings.dependencies, files),
        }
    }

    /// The samples of `markdown`, which is a body or the teaser it begins with.
    pub(super) fn read(&self, body: &Body, markdown: &str) -> Found {
        let mut found = Found::default();
        // Most texts of a shop have no code, and parsing is not free.
        if !markdown.contains("```") && !markdown.contains("~~~") {
            return found;
        }
        let includes = |path: &str| includes::text(self.files, &body.file.path, path);
        let mut placer = Placer::new(&body.file);
        let (mut before, mut end) = (Before::Nothing, 0);
        for block in code_blocks(markdown, &includes) {
            let fence = block.fence();
            let place = placer.place(body.start + block.range.start);
            let between = markdown.get(end..block.range.start).unwrap_or_default();
            end = block.range.end;
            let is_next = between.chars().all(|ch| ch.is_whitespace() || ch == '>');
            if fence.output {
                self.output(
                    &block,
                    &place,
                    if is_next { before } else { Before::Nothing },
                    &mut found,
                );
                before = Before::Nothing;
                continue;
            }
            before = match self.is_sample(&fence) {
                false => Before::Nothing,
                true if fence.run == Some(Run::Ignore) => {
                    found.ignored += 1;
                    Before::Ignored
                }
                true => match self.sample(&fence, &block.code, &place) {
                    Ok(sample) => {
                        found.samples.push(sample);
                        Before::Sample
                    }
                    Err(mistake) => {
                        found.mistakes.push(*mistake);
                        Before::Ignored
                    }
                },
            };
        }
        for sample in &mut found.samples {
            sample.key = key::of(sample, &self.crates, self.settings.timeout);
        }
        found
    }

    /// Whether code is run unless it says `ignore`. A file that is included belongs to a project with tests of its own.
    fn is_sample(&self, fence: &Fence<'_>) -> bool {
        let asks = fence.run.is_some_and(|run| run != Run::Ignore)
            || fence.harness
            || fence.cmd.is_some()
            || fence.expect.is_some();
        let language = Language::named(fence.language);
        asks || fence.include.is_none()
            && language.is_some_and(|language| self.settings.languages.contains(&language))
    }

    fn sample(
        &self,
        fence: &Fence<'_>,
        code: &str,
        place: &Place,
    ) -> Result<Sample, Box<Diagnostic>> {
        let program = self.program(fence, place)?;
        let must = must(fence, &program, place)?;
        let prints = !matches!(must, Must::Compile | Must::NotCompile(_));
        if fence.expect.is_some() && !prints {
            return Err(wrong(
                place,
                "code that is not run prints nothing",
                "take expect out",
            ));
        }
        Ok(Sample {
            place: place.clone(),
            first_line: fence.include.is_none().then_some(place.line + 1),
            code: code.to_owned(),
            file: file_name(fence),
            program,
            must,
            stdout: fence.expect.map(str::to_owned),
            // Once it is known what it prints.
            key: String::new(),
        })
    }

    fn program(&self, fence: &Fence<'_>, place: &Place) -> Result<Program, Box<Diagnostic>> {
        if let Some(command) = fence.cmd {
            return Ok(Program::Command(command.to_owned()));
        }
        match Language::named(fence.language) {
            Some(Language::Rust) => {
                let written = fence.edition.unwrap_or(self.settings.edition);
                let known = EDITIONS.into_iter().find(|edition| *edition == written);
                let edition = known.ok_or_else(|| {
                    let hint = "write edition2015, edition2018, edition2021 or edition2024";
                    wrong(place, &format!("\"{written}\" is no edition of Rust"), hint)
                })?;
                Ok(Program::Rust {
                    edition,
                    harness: fence.harness,
                })
            }
            Some(Language::Python) => Ok(Program::Python),
            Some(Language::Bash) => Ok(Program::Bash),
            Some(Language::JavaScript) => Ok(Program::JavaScript),
            None => {
                let message = match fence.language {
                    "" => "the code names no language, so nothing can run it".to_owned(),
                    language => format!("nothing here runs \"{language}\""),
                };
                Err(wrong(
                    place,
                    &message,
                    "add cmd=\"…\", a command that finds the code in $FILE; or mark it ignore",
                ))
            }
        }
    }

    /// Gives the sample right before it what it prints.
    fn output(&self, block: &CodeBlock, place: &Place, before: Before, found: &mut Found) {
        let sample = match before {
            Before::Ignored => return,
            Before::Sample => found.samples.last_mut(),
            Before::Nothing => None,
        };
        let mistake = match sample {
            None => Some((
                "no sample right before it prints this",
                "put it directly below code that is run; code of another language is run when it says test",
            )),
            Some(sample) if matches!(sample.must, Must::Compile | Must::NotCompile(_)) => Some((
                "the code before it is not run, so it prints nothing",
                "take output out",
            )),
            Some(sample) if sample.stdout.is_some() => Some((
                "what the code before it prints is said twice",
                "keep expect or the block with output",
            )),
            Some(sample) => {
                sample.stdout = Some(block.code.clone());
                None
            }
        };
        if let Some((message, hint)) = mistake {
            found.mistakes.push(*wrong(place, message, hint));
        }
    }
}

/// What must come of it, as far as its program can tell.
fn must(fence: &Fence<'_>, program: &Program, place: &Place) -> Result<Must, Box<Diagnostic>> {
    let is_rust = matches!(program, Program::Rust { .. });
    let is_command = matches!(program, Program::Command(_));
    match fence.run {
        Some(Run::CompileFail | Run::NoRun) if is_command => Err(wrong(
            place,
            "a command runs its code; it can't just compile it",
            "give a command that checks it, with should_fail where that must fail",
        )),
        Some(Run::ShouldPanic) if !is_rust => Err(wrong(
            place,
            "only Rust panics",
            "write should_fail: it must end with an error",
        )),
        Some(Run::CompileFail) => {
            let codes = fence.codes.iter().map(|code| (*code).to_owned());
            Ok(Must::NotCompile(codes.collect()))
        }
        Some(Run::NoRun) => Ok(Must::Compile),
        Some(Run::ShouldPanic) => Ok(Must::Panic),
        Some(Run::ShouldFail) => Ok(Must::Fail),
        Some(Run::Test | Run::Ignore) | None => Ok(Must::Succeed),
    }
}

/// The last part of `file="…"` if it can name a file anywhere, else a name of our own.
fn file_name(fence: &Fence<'_>) -> String {
    let last = fence.file.and_then(|file| file.rsplit('/').next());
    let is_plain = |name: &&str| {
        (1..=100).contains(&name.len())
            && !name.starts_with(['.', '-'])
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    match last.filter(is_plain) {
        Some(name) => name.to_owned(),
        None => format!("sample.{}", language::extension(fence.language)),
    }
}

fn wrong(place: &Place, message: &str, hint: &str) -> Box<Diagnostic> {
    Box::new(place.error("sample", message, hint))
}
