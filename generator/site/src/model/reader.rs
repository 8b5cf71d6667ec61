//! One folder or file to one part of the model. A mistake never takes more out of the model than it must, so that
//! the rest of the same file is checked in the same run.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rayon::prelude::*;
use tuition_markup::{scan, slugify};

use super::{
    Body, Course, CourseText, Language, Lesson, LessonText, Module, ModuleText, Page, PageText,
    id::{self, id},
    publish::Publication,
};
use crate::{
    Drawings, Files,
    diagnostic::Diagnostic,
    includes,
    load::{
        checks::Checks,
        course_file::{CourseFile, LessonFile, ModuleFile},
        fields::Placed,
        page_file::{PageFile, PageKind},
        price::Prices,
        tree::{CourseFolder, Leaf, ModuleFolder, Versions},
    },
    nearest::did_you_mean,
    text::SourceText,
};

/// What reading one folder or file gave.
pub(super) struct Read<T> {
    item: Option<T>,
    report: Vec<Diagnostic>,
    unpublished: Vec<String>,
    unreadable: Vec<String>,
}

/// What reading many of them gave besides the items.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) report: Vec<Diagnostic>,
    pub(super) unpublished: BTreeSet<String>,
    pub(super) unreadable: BTreeSet<String>,
}

impl Gathered {
    /// The item of a [`Read`], keeping the rest.
    pub(super) fn take<T>(&mut self, read: Read<T>) -> Option<T> {
        self.report.extend(read.report);
        self.unpublished.extend(read.unpublished);
        self.unreadable.extend(read.unreadable);
        read.item
    }
}

impl<T> Read<T> {
    fn new() -> Self {
        Self {
            item: None,
            report: Vec::new(),
            unpublished: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    fn leaf(files: &Versions) -> Self {
        // Until it turns out to be readable.
        Self {
            unreadable: files.values().cloned().collect(),
            ..Self::new()
        }
    }

    fn with(mut self, item: T) -> Self {
        self.unreadable.clear();
        self.item = Some(item);
        self
    }

    fn unpublished(mut self) -> Self {
        self.unpublished.append(&mut self.unreadable);
        self
    }
}

/// Reads parts of a site.
pub(super) struct Reader<'a> {
    pub(super) files: &'a Files,
    /// Never empty; the first is the default.
    pub(super) languages: &'a [Language],
    pub(super) publication: Publication,
    pub(super) checks: &'a Checks,
    /// Whether texts have formulas, unless they say otherwise.
    pub(super) math: bool,
    pub(super) drawings: &'a Drawings,
}

/// The Markdown of a file.
struct Markdown<'a> {
    /// Byte of the file where it begins.
    start: usize,
    /// The page's title.
    title: &'a str,
    /// Whether it has formulas.
    math: bool,
}

impl Reader<'_> {
    /// A course with its lessons.
    pub(super) fn course(&self, folder: &CourseFolder) -> Read<Course> {
        let mut gathered = Gathered::default();
        let slug = id::slug(&folder.name.slug, &folder.path, &mut gathered.report);
        let mut languages = BTreeSet::from([self.default_language().to_owned()]);
        let (original, texts) = self.course_texts(folder, &slug, &mut languages, &mut gathered);
        let math = original.0.math.unwrap_or(self.math);
        let lessons: Vec<Vec<Read<Lesson>>> = folder
            .modules
            .par_iter()
            .map(|module| {
                module
                    .lessons
                    .par_iter()
                    .map(|leaf| self.lesson(leaf, math))
                    .collect()
            })
            .collect();
        let mut modules = Vec::new();
        let mut all_lessons: Vec<Lesson> = Vec::new();
        for (module, lessons) in folder.modules.iter().zip(lessons) {
            let first = all_lessons.len();
            all_lessons.extend(
                lessons
                    .into_iter()
                    .filter_map(|lesson| gathered.take(lesson)),
            );
            let lessons = first..all_lessons.len();
            modules.push(self.module(module, lessons, &mut languages, &mut gathered.report));
        }
        languages.extend(
            all_lessons
                .iter()
                .flat_map(|lesson| lesson.texts.keys().cloned()),
        );
        let (file, text) = original;
        if !self.publication.includes(file.draft, file.publish_at) {
            let all = format!("{}/", folder.path)..format!("{}0", folder.path);
            let unpublished = self
                .files
                .range(all)
                .map(|(path, _)| path.clone())
                .collect();
            return Read {
                report: gathered.report,
                unpublished,
                ..Read::new()
            };
        }
        let (priced, prices, prices_at) = match file.prices {
            Prices::Free => (false, Vec::new(), 0),
            Prices::Listed(prices) => (true, prices.value, prices.at),
        };
        for lesson in &mut all_lessons {
            lesson.paid &= priced;
        }
        let course = Course {
            id: id(file.id.as_ref(), &slug, &text, &mut gathered.report),
            slug,
            folder: folder.path.clone(),
            order: folder.name.order,
            texts,
            languages,
            prices,
            prices_at,
            priced,
            duration: file.duration,
            prerequisites: file.prerequisites,
            tags: file.tags,
            tests: file.tests,
            modules,
            lessons: all_lessons,
        };
        Read {
            item: Some(course),
            report: gathered.report,
            unpublished: gathered.unpublished.into_iter().collect(),
            unreadable: gathered.unreadable.into_iter().collect(),
        }
    }

    /// `course.md` in all languages. One that can't be read is replaced by an empty one, so that its lessons are
    /// checked; its mistakes keep the site from being published.
    fn course_texts(
        &self,
        folder: &CourseFolder,
        slug: &str,
        languages: &mut BTreeSet<Language>,
        gathered: &mut Gathered,
    ) -> (
        (CourseFile, Arc<SourceText>),
        BTreeMap<Language, CourseText>,
    ) {
        let mut original = None;
        let mut texts = BTreeMap::new();
        for (language, text) in self.versions(&folder.files, languages, &mut gathered.report) {
            let is_translation = language != self.default_language();
            let Some(file) = CourseFile::read(&text, is_translation, &mut gathered.report) else {
                continue;
            };
            if !is_translation {
                original = Some((file.clone(), Arc::clone(&text)));
            }
            let math = original.as_ref().and_then(|(file, _)| file.math);
            let text = self.course_text(text, file, math, &mut gathered.report);
            texts.insert(language, text);
        }
        let original = original.unwrap_or_else(|| {
            let path = format!("{}/course.md", folder.path);
            (
                CourseFile::unreadable(slug),
                Arc::new(SourceText {
                    path,
                    text: String::new(),
                }),
            )
        });
        texts
            .entry(self.default_language().to_owned())
            .or_insert_with(|| {
                let (file, text) = original.clone();
                self.course_text(text, file, None, &mut Vec::new())
            });
        (original, texts)
    }

    fn module(
        &self,
        folder: &ModuleFolder,
        lessons: Range<usize>,
        languages: &mut BTreeSet<Language>,
        report: &mut Vec<Diagnostic>,
    ) -> Module {
        let mut texts = BTreeMap::new();
        let path = format!("{}/module.md", folder.path);
        for (language, text) in self.versions(&folder.files, languages, report) {
            if let Some(file) = ModuleFile::read(&text, report) {
                let title = title(file.title, &text);
                texts.insert(
                    language,
                    ModuleText {
                        title,
                        objectives: file.objectives,
                    },
                );
            }
        }
        Module {
            path,
            texts,
            lessons,
        }
    }

    /// Whether the course is priced isn't known here; `paid` says what holds if it is. `math` is what the course says.
    fn lesson(&self, leaf: &Leaf, math: bool) -> Read<Lesson> {
        let mut read = Read::leaf(&leaf.files);
        let mut original = None;
        let mut texts = BTreeMap::new();
        for (language, text) in self.versions(&leaf.files, &mut BTreeSet::new(), &mut read.report) {
            let is_translation = language != self.default_language();
            let Some(file) = LessonFile::read(&text, is_translation, &mut read.report) else {
                continue;
            };
            if !is_translation {
                original = Some((file.clone(), Arc::clone(&text)));
            }
            let title = title(file.title, &text);
            let own = original.as_ref().and_then(|(file, _)| file.math);
            let part = Markdown {
                start: file.body,
                title: &title,
                math: own.unwrap_or(math),
            };
            let body = self.body(text, part, &mut read.report);
            texts.insert(
                language,
                LessonText {
                    title,
                    summary: file.summary,
                    objectives: file.objectives,
                    aliases: file.aliases,
                    body,
                },
            );
        }
        let Some((file, text)) = original else {
            return read;
        };
        if !self.publication.includes(file.draft, file.publish_at) {
            return read.unpublished();
        }
        let slug = id::slug(&leaf.name.slug, &text.path, &mut read.report);
        let id = id(file.id.as_ref(), &slug, &text, &mut read.report);
        read.with(Lesson {
            id,
            slug,
            paid: !file.free,
            comments_closed: !file.comments,
            duration: file.duration,
            texts,
        })
    }

    /// A page or a post.
    pub(super) fn page(&self, leaf: &Leaf, kind: PageKind) -> Read<Page> {
        let mut read = Read::leaf(&leaf.files);
        let mut original = None;
        let mut texts = BTreeMap::new();
        for (language, text) in self.versions(&leaf.files, &mut BTreeSet::new(), &mut read.report) {
            let is_translation = language != self.default_language();
            let Some(file) = PageFile::read(&text, kind, is_translation, &mut read.report) else {
                continue;
            };
            if !is_translation {
                original = Some((file.clone(), Arc::clone(&text)));
            }
            let title = title(file.title, &text);
            let own = original.as_ref().and_then(|(file, _)| file.math);
            let part = Markdown {
                start: file.body,
                title: &title,
                math: own.unwrap_or(self.math),
            };
            let body = self.body(text, part, &mut read.report);
            texts.insert(
                language,
                PageText {
                    title,
                    summary: file.summary,
                    aliases: file.aliases,
                    body,
                },
            );
        }
        let Some((file, text)) = original else {
            return read;
        };
        let publish_at = file.publish_at.or_else(|| file.date.and_then(midnight));
        if !self.publication.includes(file.draft, publish_at) {
            return read.unpublished();
        }
        let name = id::slug(&leaf.name.slug, &text.path, &mut read.report);
        let folders = leaf
            .folder
            .split('/')
            .filter(|folder| !folder.is_empty())
            .map(slugify);
        let slug = match kind {
            PageKind::Page => folders
                .chain((name != "index").then_some(name))
                .collect::<Vec<_>>()
                .join("/"),
            PageKind::Post => name,
        };
        read.with(Page {
            slug,
            date: file.date,
            texts,
        })
    }

    /// The versions of a file that are in the site's languages, the original first.
    fn versions(
        &self,
        versions: &Versions,
        languages: &mut BTreeSet<Language>,
        report: &mut Vec<Diagnostic>,
    ) -> Vec<(Language, Arc<SourceText>)> {
        let mut texts = Vec::new();
        for (language, path) in versions {
            let bytes = self.files.get(path);
            let Some(text) = bytes.and_then(|bytes| SourceText::read(path, bytes, report)) else {
                continue;
            };
            match language {
                None => texts.push((self.default_language().to_owned(), Arc::new(text))),
                Some(tag) if tag == self.default_language() => {
                    let hint = format!(
                        "\"{tag}\" is the site's first language: drop it from the file's name"
                    );
                    let message = "the original has no language in its name";
                    report.push(text.error(0, "language", message, hint));
                }
                Some(tag) if self.languages.contains(tag) => {
                    languages.insert(tag.clone());
                    texts.push((tag.clone(), Arc::new(text)));
                }
                Some(tag) => {
                    let otherwise = format!(
                        "add \"{tag}\" to languages in content/site.toml, or rename the file"
                    );
                    let known = self.languages.iter().map(String::as_str);
                    let hint = did_you_mean(tag, known, &otherwise);
                    report.push(text.error(
                        0,
                        "language",
                        format!("the site has no language \"{tag}\""),
                        hint,
                    ));
                }
            }
        }
        texts
    }

    fn course_text(
        &self,
        text: Arc<SourceText>,
        file: CourseFile,
        math: Option<bool>,
        report: &mut Vec<Diagnostic>,
    ) -> CourseText {
        let title = title(file.title, &text);
        let part = Markdown {
            start: file.body,
            title: &title,
            math: math.unwrap_or(self.math),
        };
        let body = self.body(text, part, report);
        CourseText {
            title,
            summary: file
                .summary
                .unwrap_or_else(|| body.outline.first_paragraph.clone()),
            level: file.level,
            objectives: file.objectives,
            audience: file.audience,
            instructors: file.instructors,
            questions: file.questions,
            aliases: file.aliases,
            body,
        }
    }

    /// Scans the Markdown of a file and reports what is wrong in it.
    fn body(
        &self,
        file: Arc<SourceText>,
        part: Markdown<'_>,
        report: &mut Vec<Diagnostic>,
    ) -> Body {
        let Markdown { start, title, math } = part;
        let markdown = file.text.get(start..).unwrap_or_default();
        let options = tuition_markup::Options {
            title: Some(title),
            math,
            line_width: self
                .checks
                .is_on("long-line")
                .then_some(self.checks.line_width),
            drawings: Some(self.drawings),
            ..Default::default()
        };
        let includes = |path: &str| includes::text(self.files, &file.path, path);
        let outline = scan(markdown, &options, &includes);
        for problem in &outline.problems {
            let (message, hint) = (problem.message.clone(), problem.hint.clone());
            let range = start + problem.range.start..start + problem.range.end;
            let diagnostic = file.error(range, problem.code, message, hint);
            report.push(match problem.severity {
                tuition_markup::Severity::Error => diagnostic,
                tuition_markup::Severity::Warning => diagnostic.into_warning(),
            });
        }
        Body {
            math,
            start,
            outline,
            file,
        }
    }

    fn default_language(&self) -> &str {
        self.languages.first().map_or("en", String::as_str)
    }
}

/// The title, or the path where it is missing (which is reported).
fn title(title: Option<Placed<String>>, text: &SourceText) -> String {
    title.map_or_else(|| text.path.clone(), |title| title.value)
}

fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}
