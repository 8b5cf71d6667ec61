//! Sorts the paths of `content/` into courses, modules, lessons, pages and posts. Reads no file.

use std::collections::BTreeMap;

use crate::{diagnostic::Diagnostic, load::name::Name};

/// The files of `content/` by what they are. Translations stand beside their original.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) courses: Vec<CourseFolder>,
    pub(crate) pages: Vec<Leaf>,
    pub(crate) posts: Vec<Leaf>,
}

/// A folder of `content/courses/`.
#[derive(Debug)]
pub(crate) struct CourseFolder {
    pub(crate) name: Name,
    /// Path without a slash at the end.
    pub(crate) path: String,
    /// `course.md` by language; the original under `None`.
    pub(crate) files: Versions,
    pub(crate) modules: Vec<ModuleFolder>,
}

/// A folder of a course that holds lessons.
#[derive(Debug)]
pub(crate) struct ModuleFolder {
    pub(crate) name: Name,
    /// Path without a slash at the end.
    pub(crate) path: String,
    /// `module.md` by language.
    pub(crate) files: Versions,
    pub(crate) lessons: Vec<Leaf>,
}

/// A lesson, page or post: its original and translations.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) name: Name,
    /// Folders below `pages/`, for pages in folders; else empty.
    pub(crate) folder: String,
    pub(crate) files: Versions,
}

/// Paths by language; the original under `None`.
pub(crate) type Versions = BTreeMap<Option<String>, String>;

impl Tree {
    /// Sorts paths; what stands where nothing is looked for is reported.
    pub(crate) fn sort<'a>(
        paths: impl Iterator<Item = &'a str>,
        report: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut courses: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        let mut pages: Vec<(&str, &str, &str)> = Vec::new();
        let mut posts: Vec<(&str, &str, &str)> = Vec::new();
        for path in paths {
            let Some(rest) = path.strip_prefix("content/") else {
                continue;
            };
            let parts: Vec<&str> = rest.split('/').collect();
            match parts.as_slice() {
                ["site.toml" | "offers.toml" | "redirects.toml"] => {}
                ["courses", course, file] => courses
                    .entry(course)
                    .or_default()
                    .entry("")
                    .or_default()
                    .push(file),
                ["courses", course, folder, file] => courses
                    .entry(course)
                    .or_default()
                    .entry(folder)
                    .or_default()
                    .push(file),
                ["courses", _, _, _, ..] => {}
                ["posts", file] => posts.push(("", file, path)),
                ["pages", folders @ .., file] => {
                    let folder = rest
                        .strip_prefix("pages/")
                        .and_then(|rest| rest.strip_suffix(file))
                        .unwrap_or_default();
                    let _ = folders;
                    pages.push((folder.trim_end_matches('/'), file, path));
                }
                ["posts", ..] => {}
                [first, ..]
                    if first.ends_with(".md")
                        || first.ends_with(".toml")
                        || *first == "courses" =>
                {
                    let hint = "content/ holds site.toml, offers.toml, redirects.toml, courses/, pages/ and posts/";
                    report.push(
                        Diagnostic::file(
                            path,
                            "misplaced-file",
                            "nothing looks for a file here",
                            hint,
                        )
                        .into_warning(),
                    );
                }
                _ => {}
            }
        }
        Self {
            courses: courses
                .into_iter()
                .map(|(name, files)| course_folder(name, &files, report))
                .collect(),
            pages: leaves(pages.into_iter(), report),
            posts: leaves(posts.into_iter(), report),
        }
    }
}

fn course_folder(
    name: &str,
    folders: &BTreeMap<&str, Vec<&str>>,
    report: &mut Vec<Diagnostic>,
) -> CourseFolder {
    let path = format!("content/courses/{name}");
    let mut files = Versions::new();
    for file in folders.get("").into_iter().flatten() {
        match Name::markdown(file) {
            Some(name) if name.stem == "course" => {
                files.insert(name.language, format!("{path}/{file}"));
            }
            Some(_) => {
                let hint = "move it into a module: a folder such as 01-start/ with a module.md";
                report.push(Diagnostic::file(
                    &format!("{path}/{file}"),
                    "misplaced-file",
                    "a lesson outside of a module",
                    hint,
                ));
            }
            None => {}
        }
    }
    if !files.contains_key(&None) {
        let hint = "begin with a front matter: +++, title = \"…\", +++";
        report.push(Diagnostic::file(
            &format!("{path}/course.md"),
            "missing-file",
            "the course has no course.md",
            hint,
        ));
    }
    let mut modules: Vec<_> = folders
        .iter()
        .filter(|(folder, files)| {
            !folder.is_empty() && files.iter().any(|file| file.ends_with(".md"))
        })
        .map(|(folder, files)| module_folder(&path, folder, files, report))
        .collect();
    modules.sort_by(|a, b| (a.name.order, &a.name.stem).cmp(&(b.name.order, &b.name.stem)));
    CourseFolder {
        name: Name::folder(name),
        path,
        files,
        modules,
    }
}

fn module_folder(
    course: &str,
    folder: &str,
    names: &[&str],
    report: &mut Vec<Diagnostic>,
) -> ModuleFolder {
    let path = format!("{course}/{folder}");
    let mut files = Versions::new();
    let mut lessons = Vec::new();
    for file in names {
        match Name::markdown(file) {
            Some(name) if name.stem == "module" => {
                files.insert(name.language, format!("{path}/{file}"));
            }
            Some(_) => lessons.push(("", *file, format!("{path}/{file}"))),
            None => {}
        }
    }
    if !files.contains_key(&None) {
        let hint = "begin with a front matter: +++, title = \"…\", +++";
        report.push(Diagnostic::file(
            &format!("{path}/module.md"),
            "missing-file",
            "the module has no module.md",
            hint,
        ));
    }
    let lessons = leaves(
        lessons
            .iter()
            .map(|(folder, file, path)| (*folder, *file, path.as_str())),
        report,
    );
    ModuleFolder {
        name: Name::folder(folder),
        path,
        files,
        lessons,
    }
}

/// Groups files into originals with their translations, in order.
fn leaves<'a>(
    files: impl Iterator<Item = (&'a str, &'a str, &'a str)>,
    report: &mut Vec<Diagnostic>,
) -> Vec<Leaf> {
    let mut grouped: BTreeMap<(String, String), Leaf> = BTreeMap::new();
    for (folder, file, path) in files {
        let Some(name) = Name::markdown(file) else {
            continue;
        };
        let key = (folder.to_owned(), name.stem.clone());
        let language = name.language.clone();
        let leaf = grouped.entry(key).or_insert_with(|| Leaf {
            name: Name {
                language: None,
                ..name
            },
            folder: folder.to_owned(),
            files: Versions::new(),
        });
        leaf.files.insert(language, path.to_owned());
    }
    let mut leaves: Vec<Leaf> = grouped.into_values().collect();
    for leaf in &leaves {
        if let Some(path) = leaf
            .files
            .values()
            .next()
            .filter(|_| !leaf.files.contains_key(&None))
        {
            let hint = format!(
                "add {}.md beside it, or drop the language from the name",
                leaf.name.stem
            );
            report.push(Diagnostic::file(
                path,
                "missing-file",
                "a translation without an original",
                hint,
            ));
        }
    }
    leaves.retain(|leaf| leaf.files.contains_key(&None));
    leaves.sort_by(|a, b| {
        (&a.folder, a.name.order, &a.name.stem).cmp(&(&b.folder, b.name.order, &b.name.stem))
    });
    leaves
}
