//! Counts many files on several threads. How many changes no result.

use std::num::NonZero;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::count;
use crate::file_error::FileError;
use crate::language::Languages;
use crate::report::Report;

#[derive(Debug, Default)]
pub struct Counted {
    pub report: Report,
    /// In the order of the paths.
    pub errors: Vec<FileError>,
}

pub fn count_files(
    files: &[PathBuf],
    languages: &Languages,
    threads: NonZero<usize>,
) -> Counted {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut counted = Counted::default();
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            counted.add(path, languages);
        }
        counted
    };
    let mut all = Counted::default();
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads.get()).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join() {
                Ok(counted) => all.merge(counted),
                Err(cause) => panic::resume_unwind(cause),
            }
        }
    });
    all.errors.sort_by(|a, b| a.path().cmp(b.path()));
    all
}

impl Counted {
    fn add(&mut self, path: &Path, languages: &Languages) {
        match languages.of(path) {
            Some(language) => match count::count_file(path, language) {
                Ok(counts) => self.report.add(language, counts),
                Err(error) => self.errors.push(error),
            },
            None => self.report.add_other(),
        }
    }

    fn merge(&mut self, other: Self) {
        self.report.merge(other.report);
        self.errors.extend(other.errors);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_in_the_order_of_the_paths() {
        let files: Vec<_> = (1000..3000)
            .map(|number| PathBuf::from(format!("no/such/{number}.rs")))
            .collect();
        for threads in [1, 2, 8] {
            let threads = NonZero::new(threads).unwrap();
            let counted = count_files(&files, &Languages::default(), threads);
            let paths: Vec<_> =
                counted.errors.iter().map(FileError::path).collect();
            assert_eq!(paths, files, "with {threads} threads");
        }
    }
}
