//! Whether the table of security requirements in `functions/README.md` still says the truth as far as a program can
//! tell: each requirement of OWASP ASVS 5.0.0, levels 1 and 2, stands in it once, and every file, test, section and
//! deviation that it names is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::files;

/// The page with the table, seen from the root.
const PAGE: &str = "functions/README.md";
const VERSION: &str = "v5.0.0-";
/// What stands for a test where the compiler, its lints or the checks here are the test.
const CHECK: &str = "cargo task check";

/// Sections of the standard and how many of their requirements, which are numbered from 1, are of level 1 or 2.
#[rustfmt::skip]
const SECTIONS: [(&str, u8); 75] = [
    ("1.1", 2), ("1.2", 9), ("1.3", 11), ("1.4", 3), ("1.5", 2),
    ("2.1", 3), ("2.2", 3), ("2.3", 4), ("2.4", 1),
    ("3.2", 2), ("3.3", 4), ("3.4", 6), ("3.5", 5), ("3.7", 2),
    ("4.1", 3), ("4.2", 1), ("4.3", 2), ("4.4", 4),
    ("5.1", 1), ("5.2", 3), ("5.3", 2), ("5.4", 3),
    ("6.1", 3), ("6.2", 12), ("6.3", 4), ("6.4", 4), ("6.5", 5), ("6.6", 3), ("6.8", 4),
    ("7.1", 3), ("7.2", 4), ("7.3", 2), ("7.4", 5), ("7.5", 2), ("7.6", 2),
    ("8.1", 2), ("8.2", 3), ("8.3", 1), ("8.4", 1),
    ("9.1", 3), ("9.2", 4),
    ("10.1", 2), ("10.2", 2), ("10.3", 4), ("10.4", 11), ("10.5", 5), ("10.6", 2), ("10.7", 3),
    ("11.1", 2), ("11.2", 3), ("11.3", 3), ("11.4", 4), ("11.5", 1), ("11.6", 1),
    ("12.1", 3), ("12.2", 2), ("12.3", 4),
    ("13.1", 1), ("13.2", 5), ("13.3", 2), ("13.4", 5),
    ("14.1", 2), ("14.2", 4), ("14.3", 3),
    ("15.1", 3), ("15.2", 3), ("15.3", 7),
    ("16.1", 1), ("16.2", 5), ("16.3", 4), ("16.4", 3), ("16.5", 3),
    ("17.1", 1), ("17.2", 4), ("17.3", 2),
];

/// All that is wrong with the table; nothing: it holds.
pub(crate) fn wrong(root: &Path) -> Result<Vec<String>, String> {
    let page = fs::read_to_string(root.join(PAGE)).map_err(|error| format!("{PAGE}: {error}"))?;
    let all = files::below(root).map_err(|error| error.to_string())?;
    let all = all
        .into_iter()
        .map(|file| (files::shown(root, &file), file))
        .collect();
    Ok(Table { page, files: all }.wrong())
}

struct Table {
    page: String,
    /// From the root → on disk.
    files: BTreeMap<String, PathBuf>,
}

impl Table {
    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut seen = BTreeMap::new();
        let mut deviations = BTreeSet::new();
        for line in self
            .page
            .lines()
            .filter(|line| line.starts_with("| v5.0.0-"))
        {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let Some((ids, rest)) = cells.split_first() else {
                continue;
            };
            for id in named(ids, &mut wrong) {
                *seen.entry(id).or_insert(0_u32) += 1;
            }
            if let [_, place, test] = rest {
                for claim in claims(place).chain(claims(test)) {
                    if let Claim::Deviation(name) = claim {
                        deviations.insert(name);
                    }
                    if let Err(why) = self.holds(claim) {
                        wrong.push(format!("{ids}: {why}"));
                    }
                }
                if claims(place).next().is_none() {
                    wrong.push(format!("{ids}: it is not said where"));
                }
            } else if rest.len() != 1 {
                wrong.push(format!("{ids}: a row has two or four cells"));
            }
        }
        let expected: BTreeSet<String> = SECTIONS
            .iter()
            .flat_map(|(section, count)| (1..=*count).map(move |n| format!("{section}.{n}")))
            .collect();
        for id in &expected {
            if !seen.contains_key(id) {
                wrong.push(format!("{VERSION}{id} is missing"));
            }
        }
        for (id, count) in seen {
            if !expected.contains(&id) {
                wrong.push(format!("{VERSION}{id} is none of level 1 or 2"));
            } else if count > 1 {
                wrong.push(format!("{VERSION}{id} is there {count} times"));
            }
        }
        for line in self.page.lines().filter(|line| line.starts_with("| D")) {
            let name = line.split('|').nth(1).unwrap_or_default().trim();
            if !deviations.contains(name) {
                wrong.push(format!("no row names the deviation {name}"));
            }
        }
        wrong
    }

    fn holds(&self, claim: Claim<'_>) -> Result<(), String> {
        match claim {
            Claim::Section(title) => {
                let heading = format!("## {title}");
                let is_there = self.page.lines().any(|line| line == heading);
                is_there
                    .then_some(())
                    .ok_or(format!("no section `{title}`"))
            }
            Claim::Deviation(name) => {
                let row = format!("| {name} | ");
                let is_there = self.page.lines().any(|line| line.starts_with(&row));
                is_there.then_some(()).ok_or(format!("no deviation {name}"))
            }
            Claim::Check => Ok(()),
            Claim::File(path) => self.file(path).map(drop),
            Claim::Test(path, name) => {
                let text = fs::read_to_string(self.file(path)?).map_err(|e| e.to_string())?;
                let is_there = match path.rsplit_once('.').map(|(_, kind)| kind) {
                    Some("rs") => text.contains(&format!("fn {name}(")),
                    Some("json") => text.contains(&format!("\"name\": \"{name}\"")),
                    _ => text.contains(&format!("test('{name}")),
                };
                is_there
                    .then_some(())
                    .ok_or(format!("no test `{name}` in {path}"))
            }
        }
    }

    /// The one file whose path is, or ends in, `path`.
    fn file(&self, path: &str) -> Result<&Path, String> {
        if let Some(file) = self.files.get(path) {
            return Ok(file);
        }
        let end = format!("/{path}");
        let found: Vec<_> = self
            .files
            .iter()
            .filter(|(shown, _)| shown.ends_with(&end))
            .collect();
        match found.as_slice() {
            [(_, file)] => Ok(file),
            [] => Err(format!("no file {path}")),
            [(one, _), (other, _), ..] => Err(format!("{path} may be {one} or {other}")),
        }
    }
}

/// What a cell says that can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim<'a> {
    /// A file, by the end of its path.
    File(&'a str),
    /// A test in a file, by the beginning of its name; in Rust by the whole of it.
    Test(&'a str, &'a str),
    /// A section of the page.
    Section(&'a str),
    /// A row of the deviations.
    Deviation(&'a str),
    /// The checks themselves.
    Check,
}

fn claims(cell: &str) -> impl Iterator<Item = Claim<'_>> {
    let quoted = cell.split('`').skip(1).step_by(2).map(|span| {
        let (path, name) = span
            .split_once(": ")
            .map_or((span, None), |(path, name)| (path, Some(name)));
        match name {
            _ if span == CHECK => Claim::Check,
            Some(name) => Claim::Test(path, name),
            None => Claim::File(path),
        }
    });
    let plain = cell.split('`').step_by(2).flat_map(|text| {
        let sections = text.split('*').skip(1).step_by(2).map(Claim::Section);
        let words = text.split([' ', ';', ',']);
        sections.chain(
            words
                .filter(|word| is_deviation(word))
                .map(Claim::Deviation),
        )
    });
    quoted.chain(plain)
}

fn is_deviation(word: &str) -> bool {
    word.strip_prefix('D')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The requirements of a first cell: one, several with commas, and `first – last` of one section.
fn named(cell: &str, wrong: &mut Vec<String>) -> Vec<String> {
    let mut ids = Vec::new();
    for part in cell.split(", ") {
        let (first, last) = part.split_once(" – ").unwrap_or((part, part));
        match (numbered(first), numbered(last)) {
            (Some((section, from)), Some((other, to))) if section == other && from <= to => {
                ids.extend((from..=to).map(|n| format!("{section}.{n}")));
            }
            _ => wrong.push(format!("`{part}` names no requirement")),
        }
    }
    ids
}

fn numbered(id: &str) -> Option<(&str, u8)> {
    let (section, number) = id.strip_prefix(VERSION)?.rsplit_once('.')?;
    Some((section, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_one_and_two_have_253_requirements() {
        let all: u32 = SECTIONS.iter().map(|(_, count)| u32::from(*count)).sum();
        assert_eq!(all, 253);
    }

    #[test]
    fn the_table_holds() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        assert_eq!(wrong(&root).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_cell_says_what_can_be_looked_up() {
        let said: Vec<_> =
            claims("`a/b.rs`, this page, *Ways in*; `c.mjs: X01 it: holds` D12").collect();
        assert_eq!(
            said,
            [
                Claim::File("a/b.rs"),
                Claim::Test("c.mjs", "X01 it: holds"),
                Claim::Section("Ways in"),
                Claim::Deviation("D12"),
            ]
        );
        assert_eq!(claims("–").count(), 0);
    }

    #[test]
    fn what_is_not_there_any_more_is_told() {
        let page = "## Here\n| v5.0.0-1.1.1 | x | `gone.rs`, *There*; D9 | `src/lib.rs: gone` |\n\
                    | v5.0.0-1.1.1 – v5.0.0-1.1.2, v5.0.0-9.9.9 | does not apply |\n| D1 | unused | |\n";
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = root.join("src/main.rs");
        let table = Table {
            page: page.to_owned(),
            files: BTreeMap::from([("src/lib.rs".to_owned(), file)]),
        };
        let wrong = table.wrong();
        for expected in [
            "v5.0.0-1.1.1: no file gone.rs",
            "v5.0.0-1.1.1: no section `There`",
            "v5.0.0-1.1.1: no deviation D9",
            "v5.0.0-1.1.1: no test `gone` in src/lib.rs",
            "v5.0.0-1.1.1 is there 2 times",
            "v5.0.0-9.9.9 is none of level 1 or 2",
            "v5.0.0-17.3.2 is missing",
            "no row names the deviation D1",
        ] {
            assert!(
                wrong.iter().any(|one| one == expected),
                "{expected} in {wrong:?}"
            );
        }
        assert!(
            !wrong.iter().any(|one| one.starts_with("v5.0.0-1.1.2 ")),
            "{wrong:?}"
        );
    }
}
