//! Counts many files on several threads. How many changes no result.

use std::num::NonZero;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::cache::{Cache, Note};
use crate::classify::Counts;
use crate::count;
use crate::file_error::FileError;
use crate::language::Languages;
use crate::report::Report;

/// What all threads share.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    pub files: &'a [PathBuf],
    pub languages: &'a Languages,
    pub cache: Option<&'a Cache>,
}

/// What each of them owns.
#[derive(Debug, Default)]
pub struct Counted {
    pub report: Report,
    /// In the order of the paths.
    pub errors: Vec<FileError>,
    /// For the next cache, in no order.
    pub notes: Vec<(Note, Counts)>,
    /// How many files were not opened, because the cache knew them.
    pub remembered: usize,
}

/// `taken` starts at 0 and counts the files that a thread has begun with.
pub fn count_files(
    work: Work<'_>,
    threads: NonZero<usize>,
    taken: &AtomicUsize,
) -> Counted {
    let count = || {
        let mut counted = Counted::default();
        let next = || taken.fetch_add(1, Ordering::Relaxed);
        while let Some(path) = work.files.get(next()) {
            counted.add(path, work);
        }
        counted
    };
    let mut all = Counted::default();
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads.get()).map(|_| scope.spawn(count)).collect();
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
    fn add(&mut self, path: &Path, work: Work<'_>) {
        let Some(language) = work.languages.of(path) else {
            self.report.add_other();
            return;
        };
        let (known, note) = match work.cache {
            Some(cache) => cache.ask(path, language),
            None => (None, None),
        };
        let result = match known {
            Some(counts) => {
                self.remembered += 1;
                Ok(counts)
            }
            None => count::count_file(path, language),
        };
        match result {
            Ok(counts) => {
                self.report.add(language, counts);
                self.notes.extend(note.map(|note| (note, counts)));
            }
            Err(error) => self.errors.push(error),
        }
    }

    fn merge(&mut self, other: Self) {
        self.report.merge(other.report);
        self.errors.extend(other.errors);
        self.notes.extend(other.notes);
        self.remembered += other.remembered;
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
            let work = Work {
                files: &files,
                languages: &Languages::default(),
                cache: None,
            };
            let counted = count_files(work, threads, &AtomicUsize::new(0));
            let paths: Vec<_> =
                counted.errors.iter().map(FileError::path).collect();
            assert_eq!(paths, files, "with {threads} threads");
        }
    }
}
