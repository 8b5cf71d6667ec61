//! Files to model. Folders are read in parallel; order comes from the tree, never from the scheduler.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rayon::prelude::*;
use tuition_catalog::{Currency, Money};
use tuition_markup::{is_slug, scan, slugify};

use super::{
    Body, Course, CourseText, Language, Lesson, LessonText, Model, Module, ModuleText, Offer, Page,
    PageText, publish::Publication,
};
use crate::{
    Files, Options,
    diagnostic::Diagnostic,
    load::{
        course_file::{CourseFile, LessonFile, ModuleFile},
        fields::Placed,
        offers_file,
        page_file::{PageFile, PageKind},
        price::Prices,
        site_file::{self, SiteFile},
        tree::{CourseFolder, Leaf, ModuleFolder, Tree, Versions},
    },
    nearest::did_you_mean,
    text::SourceText,
};

/// Ids are part of table keys.
const LONGEST_ID: usize = 40;

impl Model {
    /// Reads all files. `None` only when there is no readable `site.toml`.
    pub(crate) fn build(
        files: &Files,
        options: &Options,
        report: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let Some(bytes) = files.get(site_file::PATH) else {
            let hint =
                "run `tuition new DIR` for a site to begin with, or name the folder with --site";
            report.push(Diagnostic::file(
                site_file::PATH,
                "missing-file",
                "there is no site here",
                hint,
            ));
            return None;
        };
        let site_text = Arc::new(SourceText::read(site_file::PATH, bytes, report)?);
        let mut site = SiteFile::read(&site_text, report);
        if let Some(base_url) = &options.base_url {
            site.base_url.clone_from(base_url);
        }
        let tree = Tree::sort(files.keys().map(String::as_str), report);
        let reader = Reader {
            files,
            languages: &site.languages,
            publication: Publication {
                now: options.now,
                drafts: options.drafts,
            },
        };

        let courses: Vec<_> = tree
            .courses
            .par_iter()
            .map(|folder| reader.course(folder))
            .collect();
        let pages: Vec<_> = tree
            .pages
            .par_iter()
            .map(|leaf| reader.page(leaf, PageKind::Page))
            .collect();
        let posts: Vec<_> = tree
            .posts
            .par_iter()
            .map(|leaf| reader.page(leaf, PageKind::Post))
            .collect();
        let mut unpublished = BTreeSet::new();
        let mut gather = |read: Read<()>| {
            report.extend(read.report);
            unpublished.extend(read.unpublished);
        };
        let mut model_courses: Vec<Course> = courses
            .into_iter()
            .filter_map(|read| read.split(&mut gather))
            .collect();
        let pages = pages
            .into_iter()
            .filter_map(|read| read.split(&mut gather))
            .collect();
        let mut posts: Vec<Page> = posts
            .into_iter()
            .filter_map(|read| read.split(&mut gather))
            .collect();
        posts.sort_by(|a, b| (b.date, &a.slug).cmp(&(a.date, &b.slug)));
        for course in &mut model_courses {
            sort_prices(&mut course.prices, site.currency);
        }
        let offers = offers(files, site.currency, report);
        Some(Self {
            site,
            site_text,
            courses: model_courses,
            pages,
            posts,
            offers,
            unpublished,
        })
    }
}

fn offers(files: &Files, currency: Currency, report: &mut Vec<Diagnostic>) -> Vec<Offer> {
    let Some(text) = files
        .get(offers_file::PATH)
        .and_then(|bytes| SourceText::read(offers_file::PATH, bytes, report))
    else {
        return Vec::new();
    };
    let text = Arc::new(text);
    let mut offers = Vec::new();
    for file in offers_file::read(&text, report) {
        let Prices::Listed(mut prices) = file.prices else {
            report.push(text.error(
                file.at,
                "missing-key",
                "an offer needs \"prices\"",
                "add prices = { USD = \"49.00\" } below [[offers]]",
            ));
            continue;
        };
        sort_prices(&mut prices.value, currency);
        check_id(&text, &file.id, report);
        offers.push(Offer {
            id: file.id.value,
            id_at: file.id.at,
            kind: file.kind,
            title: file.title,
            courses: file.courses,
            prices: prices.value,
            prices_at: prices.at,
            term: file.term,
            text: Arc::clone(&text),
        });
    }
    offers
}

/// The site's own currency first, the others by code.
fn sort_prices(prices: &mut [Money], own: Currency) {
    prices.sort_by_key(|price| (price.currency != own, price.currency));
}

/// What reading one folder gave.
struct Read<T> {
    item: Option<T>,
    report: Vec<Diagnostic>,
    unpublished: Vec<String>,
}

impl<T> Read<T> {
    fn empty() -> Self {
        Self {
            item: None,
            report: Vec::new(),
            unpublished: Vec::new(),
        }
    }

    /// The item, with the rest given to `gather`.
    fn split(self, gather: &mut impl FnMut(Read<()>)) -> Option<T> {
        gather(Read {
            item: None,
            report: self.report,
            unpublished: self.unpublished,
        });
        self.item
    }
}

struct Reader<'a> {
    files: &'a Files,
    languages: &'a [Language],
    publication: Publication,
}

impl Reader<'_> {
    fn course(&self, folder: &CourseFolder) -> Read<Course> {
        let mut read = Read::empty();
        let lessons: Vec<Vec<Read<Lesson>>> = folder
            .modules
            .par_iter()
            .map(|module| {
                module
                    .lessons
                    .par_iter()
                    .map(|leaf| self.lesson(leaf))
                    .collect()
            })
            .collect();
        let slug = slug(&folder.name.slug, &folder.path, &mut read.report);
        let mut languages = BTreeSet::from([self.default_language().to_owned()]);
        let mut original = None;
        let mut texts = BTreeMap::new();
        for (language, text) in self.versions(&folder.files, &mut languages, &mut read.report) {
            let is_translation = language != self.default_language();
            let Some(file) = CourseFile::read(&text, is_translation, &mut read.report) else {
                continue;
            };
            if !is_translation {
                original = Some((file.clone(), Arc::clone(&text)));
            }
            let Some(title) = file.title else { continue };
            let body = body(text, file.body, &title.value, &mut read.report);
            texts.insert(
                language,
                CourseText {
                    summary: file
                        .summary
                        .unwrap_or_else(|| body.outline.first_paragraph.clone()),
                    title: title.value,
                    level: file.level,
                    objectives: file.objectives,
                    audience: file.audience,
                    instructors: file.instructors,
                    body,
                },
            );
        }
        let mut modules = Vec::new();
        let mut all_lessons: Vec<Lesson> = Vec::new();
        for (module, lessons) in folder.modules.iter().zip(lessons) {
            let first = all_lessons.len();
            for lesson in lessons {
                let mut gather = |rest: Read<()>| {
                    read.report.extend(rest.report);
                    read.unpublished.extend(rest.unpublished);
                };
                all_lessons.extend(lesson.split(&mut gather));
            }
            modules.push(self.module(
                module,
                first..all_lessons.len(),
                &mut languages,
                &mut read.report,
            ));
        }
        languages.extend(
            all_lessons
                .iter()
                .flat_map(|lesson| lesson.texts.keys().cloned()),
        );
        let Some((file, text)) = original.filter(|_| texts.contains_key(self.default_language()))
        else {
            return read;
        };
        if !self.publication.includes(file.draft, file.publish_at) {
            read.unpublished = self
                .files
                .range(format!("{}/", folder.path)..format!("{}0", folder.path))
                .map(|(path, _)| path.clone())
                .collect();
            return read;
        }
        let (priced, prices, prices_at) = match file.prices {
            Prices::Free => (false, Vec::new(), 0),
            Prices::Listed(prices) => (true, prices.value, prices.at),
        };
        for lesson in &mut all_lessons {
            lesson.paid &= priced;
        }
        read.item = Some(Course {
            id: id(file.id.as_ref(), &slug, &text, &mut read.report),
            slug,
            folder: folder.path.clone(),
            texts,
            languages,
            prices,
            prices_at,
            priced,
            duration: file.duration,
            prerequisites: file.prerequisites,
            tags: file.tags,
            modules,
            lessons: all_lessons,
        });
        read
    }

    fn module(
        &self,
        folder: &ModuleFolder,
        lessons: std::ops::Range<usize>,
        languages: &mut BTreeSet<Language>,
        report: &mut Vec<Diagnostic>,
    ) -> Module {
        let mut texts = BTreeMap::new();
        let mut path = format!("{}/module.md", folder.path);
        for (language, text) in self.versions(&folder.files, languages, report) {
            let Some(file) = ModuleFile::read(&text, report) else {
                continue;
            };
            if language == self.default_language() {
                path.clone_from(&text.path);
            }
            if let Some(title) = file.title {
                texts.insert(
                    language,
                    ModuleText {
                        title: title.value,
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

    /// Whether the course is priced isn't known here; `paid` says what holds if it is.
    fn lesson(&self, leaf: &Leaf) -> Read<Lesson> {
        let mut read = Read::empty();
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
            let Some(title) = file.title else { continue };
            let body = body(text, file.body, &title.value, &mut read.report);
            texts.insert(
                language,
                LessonText {
                    title: title.value,
                    summary: file.summary,
                    objectives: file.objectives,
                    body,
                },
            );
        }
        let Some((file, text)) = original.filter(|_| texts.contains_key(self.default_language()))
        else {
            return read;
        };
        if !self.publication.includes(file.draft, file.publish_at) {
            read.unpublished = leaf.files.values().cloned().collect();
            return read;
        }
        let slug = slug(&leaf.name.slug, &text.path, &mut read.report);
        read.item = Some(Lesson {
            id: id(file.id.as_ref(), &slug, &text, &mut read.report),
            slug,
            paid: !file.free,
            duration: file.duration,
            texts,
        });
        read
    }

    fn page(&self, leaf: &Leaf, kind: PageKind) -> Read<Page> {
        let mut read = Read::empty();
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
            let Some(title) = file.title else { continue };
            let body = body(text, file.body, &title.value, &mut read.report);
            texts.insert(
                language,
                PageText {
                    title: title.value,
                    summary: file.summary,
                    body,
                },
            );
        }
        let Some((file, text)) = original.filter(|_| texts.contains_key(self.default_language()))
        else {
            return read;
        };
        let publish_at = file.publish_at.or_else(|| file.date.and_then(midnight));
        if !self.publication.includes(file.draft, publish_at) {
            read.unpublished = leaf.files.values().cloned().collect();
            return read;
        }
        let name = slug(&leaf.name.slug, &text.path, &mut read.report);
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
        read.item = Some(Page {
            slug,
            date: file.date,
            texts,
        });
        read
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
            let Some(text) = self
                .files
                .get(path)
                .and_then(|bytes| SourceText::read(path, bytes, report))
            else {
                continue;
            };
            match language {
                None => texts.push((self.default_language().to_owned(), Arc::new(text))),
                Some(tag) if tag == self.default_language() => {
                    let hint = format!(
                        "\"{tag}\" is the site's first language: drop it from the file's name"
                    );
                    report.push(text.error(
                        0,
                        "language",
                        "the original has no language in its name",
                        hint,
                    ));
                }
                Some(tag) if self.languages.contains(tag) => {
                    languages.insert(tag.clone());
                    texts.push((tag.clone(), Arc::new(text)));
                }
                Some(tag) => {
                    let otherwise = format!(
                        "add \"{tag}\" to languages in content/site.toml, or rename the file"
                    );
                    let hint =
                        did_you_mean(tag, self.languages.iter().map(String::as_str), &otherwise);
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

    fn default_language(&self) -> &str {
        self.languages.first().map_or("en", String::as_str)
    }
}

/// Scans the Markdown of a file and reports what is wrong in it.
fn body(file: Arc<SourceText>, start: usize, title: &str, report: &mut Vec<Diagnostic>) -> Body {
    let markdown = file.text.get(start..).unwrap_or_default();
    let outline = scan(
        markdown,
        &tuition_markup::Options {
            title: Some(title),
            ..Default::default()
        },
    );
    for problem in &outline.problems {
        let diagnostic = file.error(
            start + problem.range.start,
            problem.code,
            problem.message.clone(),
            problem.hint.clone(),
        );
        report.push(match problem.severity {
            tuition_markup::Severity::Error => diagnostic,
            tuition_markup::Severity::Warning => diagnostic.into_warning(),
        });
    }
    Body {
        start,
        outline,
        file,
    }
}

fn slug(slug: &str, path: &str, report: &mut Vec<Diagnostic>) -> String {
    if slug.is_empty() {
        let hint = "the URL comes from the name: use letters, digits and hyphens";
        report.push(Diagnostic::file(
            path,
            "slug",
            "the name has no letter or digit",
            hint,
        ));
    }
    slug.to_owned()
}

/// The id as written, else the slug.
fn id(
    written: Option<&Placed<String>>,
    slug: &str,
    text: &SourceText,
    report: &mut Vec<Diagnostic>,
) -> String {
    let (id, fix) = match written {
        Some(id) => (id.clone(), "shorten it"),
        None => (
            Placed {
                at: 0,
                value: slug.to_owned(),
            },
            "give it a shorter one: id = \"…\"",
        ),
    };
    if id.value.len() > LONGEST_ID {
        let message = format!(
            "the id \"{}\" has {} bytes, {LONGEST_ID} are the most",
            id.value,
            id.value.len()
        );
        report.push(text.error(id.at, "id", message, fix));
    } else if written.is_some() {
        check_id(text, &id, report);
    }
    id.value
}

fn check_id(text: &SourceText, id: &Placed<String>, report: &mut Vec<Diagnostic>) {
    if id.value.len() > LONGEST_ID {
        let message = format!(
            "the id \"{}\" has {} bytes, {LONGEST_ID} are the most",
            id.value,
            id.value.len()
        );
        report.push(text.error(id.at, "id", message, "shorten it"));
    } else if !is_slug(&id.value) {
        let hint = match slugify(&id.value) {
            near if near.is_empty() => "use lower-case letters, digits and hyphens".to_owned(),
            near => format!("use lower-case letters, digits and hyphens: \"{near}\""),
        };
        report.push(text.error(id.at, "id", format!("\"{}\" is no id", id.value), hint));
    }
}

fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sites_own_currency_comes_first() {
        let money = |code: &str| Money {
            amount: 1,
            currency: code.parse().unwrap(),
        };
        let mut prices = [money("CNY"), money("EUR"), money("USD")];
        sort_prices(&mut prices, Currency::USD);
        assert_eq!(
            prices.map(|price| price.currency.code()),
            ["USD", "CNY", "EUR"]
        );
    }
}
