//! The sums by language, and the two shapes in which they are written.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::args::Sort;
use crate::classify::Counts;
use crate::json::Json;
use crate::language::Language;
use crate::style::{Role, Style};

#[derive(Debug, Default)]
pub struct Report {
    rows: BTreeMap<&'static str, Sums>,
    /// Files of no known language. They are not opened.
    other: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    files: u64,
    counts: Counts,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.counts.code += other.counts.code;
        self.counts.comments += other.counts.comments;
        self.counts.blanks += other.counts.blanks;
    }
}

impl Report {
    pub fn add(&mut self, language: &Language, counts: Counts) {
        let sums = self.rows.entry(language.name).or_default();
        sums.add(Sums { files: 1, counts });
    }

    pub fn add_other(&mut self) {
        self.other += 1;
    }

    pub fn merge(&mut self, other: Self) {
        for (name, sums) in other.rows {
            self.rows.entry(name).or_default().add(sums);
        }
        self.other += other.other;
    }

    fn rows(&self, sort: Sort) -> Vec<(&'static str, Sums)> {
        let rows = self.rows.iter().map(|(name, sums)| (*name, *sums));
        let mut rows: Vec<_> = rows.collect();
        if sort == Sort::Code {
            rows.sort_by_key(|(_, sums)| Reverse(sums.counts.code));
        }
        rows
    }

    fn total(&self) -> Sums {
        let mut total = Sums::default();
        for sums in self.rows.values() {
            total.add(*sums);
        }
        total
    }

    pub fn write_table(
        &self,
        sort: Sort,
        style: Style,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let heading = format!(
            "{:<12}{:>8}{:>10}{:>10}{:>10}",
            "language", "files", "code", "comments", "blanks"
        );
        writeln!(out, "{}", style.paint(Role::Heading, heading))?;
        for (name, sums) in self.rows(sort) {
            writeln!(out, "{}", row(name, sums))?;
        }
        let total = row("total", self.total());
        writeln!(out, "{}", style.paint(Role::Heading, total))?;
        if self.other > 0 {
            writeln!(out, "{:<12}{:>8}", "other", self.other)?;
        }
        Ok(())
    }

    /// Version 1 of what programs may rely on. Members may be added to it;
    /// a change of what is there needs a 2.
    pub fn write_json(
        &self,
        sort: Sort,
        complete: bool,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let language = |(name, sums): (&str, Sums)| {
            let mut members = vec![("name", Json::Text(name.to_owned()))];
            members.extend(sums.members());
            Json::Object(members)
        };
        let languages = self.rows(sort).into_iter().map(language);
        let json = Json::Object(vec![
            ("version", Json::Number(1)),
            ("complete", Json::Bool(complete)),
            ("languages", Json::List(languages.collect())),
            ("total", Json::Object(self.total().members())),
            ("other", Json::Number(self.other)),
        ]);
        writeln!(out, "{json}")
    }
}

impl Sums {
    fn members(self) -> Vec<(&'static str, Json)> {
        let Counts {
            code,
            comments,
            blanks,
        } = self.counts;
        vec![
            ("files", Json::Number(self.files)),
            ("code", Json::Number(code)),
            ("comments", Json::Number(comments)),
            ("blanks", Json::Number(blanks)),
        ]
    }
}

fn row(name: &str, sums: Sums) -> String {
    let Counts {
        code,
        comments,
        blanks,
    } = sums.counts;
    let files = sums.files;
    format!("{name:<12}{files:>8}{code:>10}{comments:>10}{blanks:>10}")
}
