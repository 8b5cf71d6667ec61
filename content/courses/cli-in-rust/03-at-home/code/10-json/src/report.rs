//! The sums by language, and the table that shows them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::args::Sort;
use crate::classify::Counts;
use crate::language::Language;

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

    pub fn write(&self, sort: Sort, out: &mut impl Write) -> io::Result<()> {
        let mut rows: Vec<(&str, Sums)> = self
            .rows
            .iter()
            .map(|(name, sums)| (*name, *sums))
            .collect();
        if sort == Sort::Size {
            rows.sort_by_key(|(_, sums)| Reverse(sums.counts.code));
        }
        writeln!(
            out,
            "{:<12}{:>8}{:>10}{:>10}{:>10}",
            "language", "files", "code", "comments", "blanks"
        )?;
        let mut total = Sums::default();
        for (name, sums) in rows {
            write_row(name, sums, out)?;
            total.add(sums);
        }
        write_row("total", total, out)?;
        if self.other > 0 {
            writeln!(out, "{:<12}{:>8}", "other", self.other)?;
        }
        Ok(())
    }
}

fn write_row(name: &str, sums: Sums, out: &mut impl Write) -> io::Result<()> {
    let Counts {
        code,
        comments,
        blanks,
    } = sums.counts;
    writeln!(
        out,
        "{name:<12}{:>8}{code:>10}{comments:>10}{blanks:>10}",
        sums.files
    )
}
