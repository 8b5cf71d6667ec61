//! The sums by language, and the table that shows them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::args::Sort;
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
    lines: u64,
}

impl Report {
    pub fn add(&mut self, language: &Language, lines: u64) {
        let sums = self.rows.entry(language.name).or_default();
        sums.files += 1;
        sums.lines += lines;
    }

    pub fn add_other(&mut self) {
        self.other += 1;
    }

    pub fn write(&self, sort: Sort, out: &mut impl Write) -> io::Result<()> {
        let mut rows: Vec<(&str, Sums)> = self
            .rows
            .iter()
            .map(|(name, sums)| (*name, *sums))
            .collect();
        if sort == Sort::Size {
            rows.sort_by_key(|(_, sums)| Reverse(sums.lines));
        }
        writeln!(out, "{:<12}{:>8}{:>10}", "language", "files", "lines")?;
        let mut total = Sums::default();
        for (name, Sums { files, lines }) in rows {
            writeln!(out, "{name:<12}{files:>8}{lines:>10}")?;
            total.files += files;
            total.lines += lines;
        }
        writeln!(out, "{:<12}{:>8}{:>10}", "total", total.files, total.lines)?;
        if self.other > 0 {
            writeln!(out, "{:<12}{:>8}{:>10}", "other", self.other, "-")?;
        }
        Ok(())
    }
}
