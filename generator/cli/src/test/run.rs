//! Runs samples side by side, each in a folder of its own.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tempfile::TempDir;
use tuition_site::{Program, Sample};

use super::{
    confine,
    lines::Lines,
    process::{self, Ran},
    progress::Progress,
    rust::{self, Compilation, Compiled},
    scratch::Scratch,
    tools,
    verdict::{self, Failure, Verdict},
};

/// Runs samples below one folder, which is deleted at the end.
pub(super) struct Runner {
    folder: TempDir,
    /// Where it is, with links resolved, as a confinement needs it.
    path: PathBuf,
    number: AtomicUsize,
    is_unconfined: AtomicBool,
}

impl Runner {
    /// Makes the folder.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("tuition-test-").tempdir()?;
        let path = folder.path().canonicalize()?;
        clean_up_when_told_to_end(path.clone())?;
        Ok(Self {
            folder,
            path,
            number: AtomicUsize::new(0),
            is_unconfined: AtomicBool::new(false),
        })
    }

    /// Whether every sample so far could be kept in its folder.
    pub(super) fn is_confined(&self) -> bool {
        !self.is_unconfined.load(Ordering::Relaxed)
    }

    /// Runs or judges samples, `jobs` at a time. The results are in their order; one that could not be tried has none.
    pub(super) fn run_all(
        &self,
        samples: &[&Sample],
        compilation: &Compilation,
        seconds: u32,
        jobs: usize,
        progress: &Progress,
    ) -> Vec<Verdict> {
        let results: Vec<Mutex<Verdict>> = samples.iter().map(|_| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..jobs.min(samples.len()) {
                scope.spawn(|| {
                    loop {
                        let position = next.fetch_add(1, Ordering::Relaxed);
                        let (Some(sample), Some(place)) =
                            (samples.get(position), results.get(position))
                        else {
                            return;
                        };
                        let result = self.one(sample, compilation, seconds);
                        *place.lock().unwrap_or_else(PoisonError::into_inner) = result;
                        progress.step();
                    }
                });
            }
        });
        let results = results.into_iter();
        results
            .map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect()
    }

    fn one(&self, sample: &Sample, compilation: &Compilation, seconds: u32) -> Verdict {
        let is_rust = matches!(sample.program, Program::Rust { .. });
        let executable = match (is_rust, compilation.compiled.get(&sample.key)) {
            (false, _) => None,
            (true, None) => return None,
            (true, Some(Compiled::Judged(result))) => return Some(result.clone()),
            (true, Some(Compiled::Program(path))) => Some(path.as_path()),
        };
        let lines_before = compilation.lines_before.get(&sample.key).copied();
        let file = if is_rust {
            rust::file(sample)
        } else {
            sample.file.clone()
        };
        let lines = Lines::new(sample, &file, lines_before.unwrap_or_default());
        Some(match self.start(sample, executable, seconds) {
            Ok(ran) => verdict::judge(sample, &ran, &lines, seconds),
            Err(error) => Err(Failure::new(
                &format!("it could not be started: {error}"),
                "",
                "",
            )),
        })
    }

    fn start(&self, sample: &Sample, executable: Option<&Path>, seconds: u32) -> io::Result<Ran> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let is_command = matches!(sample.program, Program::Command(_));
        let scratch = Scratch::new(
            &self.path,
            &number.to_string(),
            &sample.file,
            &sample.code,
            is_command,
        )?;
        let mut command = tools::command(&sample.program, &sample.must, &scratch.file, executable);
        scratch.enter(&mut command);
        if is_command {
            command.env("FILE", &scratch.file);
        }
        let limit = Duration::from_secs(seconds.into());
        // A confined thread stays so: each sample has one that ends with it.
        let ran = thread::scope(|scope| {
            let confined = scope.spawn(|| {
                if !confine::this_thread(scratch.root()) {
                    self.is_unconfined.store(true, Ordering::Relaxed);
                }
                process::run(&mut command, limit)
            });
            confined.join()
        });
        ran.unwrap_or_else(|_| Err(io::Error::other("the thread that ran it broke down")))
    }
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// Samples are in process groups of their own, which a terminal's Ctrl-C does not reach.
fn clean_up_when_told_to_end(folder: PathBuf) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let folder = Arc::new(folder);
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            let is_told = runtime.block_on(told_to_end());
            if is_told {
                process::kill_all();
                let _ = std::fs::remove_dir_all(folder.as_path());
                // As a shell counts it: 128 and the number of SIGINT.
                std::process::exit(130);
            }
        })?;
    Ok(())
}

#[cfg(unix)]
async fn told_to_end() -> bool {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        return false;
    };
    tokio::select! {
        told = interrupt.recv() => told.is_some(),
        told = terminate.recv() => told.is_some(),
    }
}

#[cfg(not(unix))]
async fn told_to_end() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
