//! Which chapter becomes which lesson of which module, and under which name.

use std::collections::{BTreeMap, BTreeSet};

use tuition_site::slugify;

use super::{
    note::Notes,
    summary::{self, Chapter, Entry, Place},
};

/// Bytes; ids of lessons are part of table keys.
const LONGEST_ID: usize = 40;

/// Paths below a course that no lesson may take.
const RESERVED: [&str; 2] = ["files", "pagefind"];

/// A course, not yet written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) modules: Vec<Module>,
    /// In reading order.
    pub(super) lessons: Vec<Lesson>,
    /// Position of the lesson by the chapter's path below the folder of chapters.
    pub(super) by_path: BTreeMap<String, usize>,
}

/// A folder of the course.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Module {
    pub(super) title: String,
    /// Folder below the course: `01-basics`.
    pub(super) folder: String,
}

/// A chapter that becomes a lesson.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lesson {
    /// As the table of contents has it.
    pub(super) title: String,
    /// Path below the folder of chapters.
    pub(super) chapter: String,
    /// Path below the course: `01-basics/02-values.md`.
    pub(super) file: String,
    pub(super) slug: String,
    /// Only where the slug is too long to be one.
    pub(super) id: Option<String>,
}

/// Titles of what a book has around its chapters, in its language.
fn matter(language: &str) -> (&'static str, &'static str) {
    match language.split('-').next() {
        Some("zh") => ("前言", "附录"),
        Some("ja") => ("はじめに", "付録"),
        Some("de") => ("Vorweg", "Anhang"),
        Some("fr") => ("Avant-propos", "Annexes"),
        Some("es") => ("Preliminares", "Apéndices"),
        _ => ("Front matter", "Back matter"),
    }
}

/// Orders the entries of `SUMMARY.md`, which is the file `path`. `exists` tells whether a chapter is there.
///
/// Parts become modules. In a book without parts each top chapter with its subchapters becomes one, unless no chapter
/// has any: then all are in one module.
pub(super) fn plan(
    entries: Vec<Entry>,
    path: &str,
    language: &str,
    exists: &dyn Fn(&str) -> bool,
    notes: &mut Notes,
) -> Plan {
    let has_parts = entries.iter().any(|entry| matches!(entry, Entry::Part(_)));
    let is_nested = entries.iter().any(|entry| {
        matches!(entry, Entry::Chapter(Chapter { place: Place::Numbered(depth), .. }) if *depth > 1)
    });
    let by_chapter = !has_parts && is_nested;
    let (front, back) = matter(language);
    let mut groups: Vec<(String, Option<Place>, Vec<Chapter>)> = Vec::new();
    for entry in entries {
        let chapter = match entry {
            Entry::Part(title) => {
                groups.push((title, None, Vec::new()));
                continue;
            }
            Entry::Chapter(chapter) => chapter,
        };
        let opens = match (groups.last(), chapter.place) {
            (None, _) => true,
            (Some((_, place, _)), Place::Prefix) => *place != Some(Place::Prefix),
            (Some((_, place, _)), Place::Suffix) => *place != Some(Place::Suffix),
            (Some((_, place, _)), Place::Numbered(1)) => {
                by_chapter || matches!(place, Some(Place::Prefix | Place::Suffix))
            }
            (Some(_), Place::Numbered(_)) => false,
        };
        if opens {
            let title = match chapter.place {
                Place::Prefix => front.to_owned(),
                Place::Suffix => back.to_owned(),
                Place::Numbered(_) => chapter.title.clone(),
            };
            groups.push((title, Some(chapter.place), Vec::new()));
        }
        if let Some((_, _, chapters)) = groups.last_mut() {
            chapters.push(chapter);
        }
    }
    let mut planner = Planner {
        plan: Plan::default(),
        slugs: RESERVED.iter().map(|slug| (*slug).to_owned()).collect(),
        ids: BTreeSet::new(),
        folders: BTreeSet::new(),
        // What stands before the first chapter has the number 0, so that chapters keep theirs.
        first: usize::from(
            groups
                .first()
                .is_none_or(|(_, place, _)| *place != Some(Place::Prefix)),
        ),
    };
    for (title, _, chapters) in groups {
        planner.module(title, chapters, path, exists, notes);
    }
    planner.plan
}

struct Planner {
    plan: Plan,
    slugs: BTreeSet<String>,
    ids: BTreeSet<String>,
    folders: BTreeSet<String>,
    /// Number of the first module.
    first: usize,
}

impl Planner {
    fn module(
        &mut self,
        title: String,
        chapters: Vec<Chapter>,
        path: &str,
        exists: &dyn Fn(&str) -> bool,
        notes: &mut Notes,
    ) {
        let mut written = Vec::new();
        for chapter in chapters {
            let wrong = match &chapter.path {
                None => "is a draft without a text".to_owned(),
                Some(file) if !exists(file) => format!("leads to {file}, which is not there"),
                Some(file) if self.plan.by_path.contains_key(file) => {
                    format!("leads to {file} a second time")
                }
                Some(file) => {
                    // Its real position is given below; this keeps a second one out.
                    self.plan.by_path.insert(file.clone(), usize::MAX);
                    written.push((chapter.title, file.clone()));
                    continue;
                }
            };
            notes.line(
                path,
                chapter.line,
                "import-chapter",
                format!("the chapter \"{}\" {wrong}", chapter.title),
                "it has no lesson",
            );
        }
        if written.is_empty() {
            return;
        }
        let slug = match slugify(&title) {
            slug if slug.is_empty() => "part".to_owned(),
            slug => shorten(&slug),
        };
        let slug = free(&slug, &self.folders);
        self.folders.insert(slug.clone());
        let folder = format!("{:02}-{slug}", self.first + self.plan.modules.len());
        for (position, (title, chapter)) in written.into_iter().enumerate() {
            self.lesson(title, chapter, &folder, position + 1);
        }
        self.plan.modules.push(Module { title, folder });
    }

    fn lesson(&mut self, title: String, chapter: String, folder: &str, number: usize) {
        let slug = match slug(&chapter) {
            slug if slug.is_empty() => slugify(&title),
            slug => slug,
        };
        let slug = if slug.is_empty() { "lesson" } else { &slug };
        let slug = match slug_of_folder(&chapter) {
            Some(folder) if self.slugs.contains(slug) => {
                free(&format!("{folder}-{slug}"), &self.slugs)
            }
            _ => free(slug, &self.slugs),
        };
        self.slugs.insert(slug.clone());
        let id = free(&shorten(&slug), &self.ids);
        self.ids.insert(id.clone());
        self.plan
            .by_path
            .insert(chapter.clone(), self.plan.lessons.len());
        self.plan.lessons.push(Lesson {
            title,
            chapter,
            file: format!("{folder}/{number:02}-{slug}.md"),
            id: (id != slug).then_some(id),
            slug,
        });
    }
}

/// The slug of a chapter's file: `part/ch04-01-what-is-ownership.md` is `what-is-ownership`, `traits/README.md` is `traits`.
fn slug(chapter: &str) -> String {
    let stem = chapter.strip_suffix(".md").unwrap_or(chapter);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let name = match name.to_ascii_lowercase().as_str() {
        "readme" | "index" if !folder.is_empty() => folder.rsplit('/').next().unwrap_or(folder),
        "readme" => "introduction",
        _ => name,
    };
    let slug = slugify(name);
    let rest = slug
        .strip_prefix("chapter")
        .or_else(|| slug.strip_prefix("ch"))
        .unwrap_or(&slug);
    let rest = rest.trim_start_matches(|ch: char| ch == '-' || ch.is_ascii_digit());
    // `2d-graphics` and `chapters` keep their names: a number is one only before a hyphen.
    let cut = slug.len() - rest.len();
    let is_number = slug.get(..cut).is_some_and(|number| {
        number.ends_with('-') && number.contains(|ch: char| ch.is_ascii_digit())
    });
    match is_number && !rest.is_empty() {
        true => rest.to_owned(),
        false => slug,
    }
}

fn slug_of_folder(chapter: &str) -> Option<String> {
    let (folder, _) = chapter.rsplit_once('/')?;
    let slug = slug(folder);
    (!slug.is_empty()).then_some(slug)
}

/// A name that is not taken yet: itself, or numbered.
fn free(name: &str, taken: &BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| !taken.contains(name))
        .unwrap_or_default()
}

/// At most as long as an id may be (with room for a number), cut at a hyphen where there is one.
fn shorten(slug: &str) -> String {
    if slug.len() <= LONGEST_ID {
        return slug.to_owned();
    }
    let end = (0..=LONGEST_ID - 4)
        .rev()
        .find(|end| slug.is_char_boundary(*end))
        .unwrap_or(0);
    let cut = slug.get(..end).unwrap_or_default();
    match cut.rsplit_once('-') {
        Some((whole, _)) if whole.len() > LONGEST_ID / 2 => whole.to_owned(),
        _ => cut.trim_end_matches('-').to_owned(),
    }
}

/// Reads and orders a table of contents.
pub(super) fn read(
    text: &str,
    path: &str,
    language: &str,
    exists: &dyn Fn(&str) -> bool,
    notes: &mut Notes,
) -> Plan {
    plan(summary::read(text), path, language, exists, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(summary: &str) -> (Vec<String>, Vec<String>) {
        let mut notes = Notes::default();
        let exists = |path: &str| !path.contains("gone");
        let plan = read(summary, "src/SUMMARY.md", "en", &exists, &mut notes);
        let files = plan.lessons.into_iter().map(|lesson| lesson.file);
        let notes = notes.into_sorted().into_iter();
        (
            files.collect(),
            notes
                .map(|note| format!("{}: {}", note.line, note.message))
                .collect(),
        )
    }

    #[test]
    fn parts_are_modules() {
        let summary = "# S\n[Hello](README.md)\n# Basics\n- [A](a.md)\n  - [B](basics/b.md)\n# More\n- [C](more/index.md)\n\n[End](end.md)\n";
        assert_eq!(
            files(summary).0,
            [
                "00-front-matter/01-introduction.md",
                "01-basics/01-a.md",
                "01-basics/02-b.md",
                "02-more/01-more.md",
                "03-back-matter/01-end.md"
            ]
        );
    }

    #[test]
    fn without_parts_top_chapters_are_modules_if_any_has_subchapters() {
        let nested =
            "- [Start](ch01-00-start.md)\n  - [In](ch01-01-in.md)\n- [Game](ch02-00-game.md)\n";
        assert_eq!(
            files(nested).0,
            [
                "01-start/01-start.md",
                "01-start/02-in.md",
                "02-game/01-game.md"
            ]
        );
        let flat = "- [One](one.md)\n- [Two](2d.md)\n";
        assert_eq!(files(flat).0, ["01-one/01-one.md", "01-one/02-2d.md"]);
    }

    #[test]
    fn slugs_are_unique_and_ids_short() {
        let summary = "- [A](a/intro.md)\n- [B](b/intro.md)\n- [C](b/ch9-intro.md)\n- [D](files.md)\n- [E](managing-growing-projects-with-packages-crates-and-modules.md)\n";
        let mut notes = Notes::default();
        let plan = read(summary, "s", "en", &|_| true, &mut notes);
        let slugs: Vec<_> = plan
            .lessons
            .iter()
            .map(|lesson| lesson.slug.as_str())
            .collect();
        assert_eq!(
            slugs,
            [
                "intro",
                "b-intro",
                "b-intro-2",
                "files-2",
                "managing-growing-projects-with-packages-crates-and-modules"
            ]
        );
        assert_eq!(
            plan.lessons[4].id.as_deref(),
            Some("managing-growing-projects-with")
        );
        assert!(
            plan.lessons
                .iter()
                .take(4)
                .all(|lesson| lesson.id.is_none())
        );
    }

    #[test]
    fn what_has_no_text_is_told() {
        let (lessons, notes) = files("- [A](a.md)\n- [B]()\n- [C](gone.md)\n- [A](a.md)\n");
        assert_eq!(lessons, ["01-a/01-a.md"]);
        assert_eq!(
            notes,
            [
                "2: the chapter \"B\" is a draft without a text",
                "3: the chapter \"C\" leads to gone.md, which is not there",
                "4: the chapter \"A\" leads to a.md a second time"
            ]
        );
    }
}
