//! Tells when an author saved something. Bursts of an editor count as one change.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

use notify::{Event, RecursiveMode, Watcher as _};

/// Editors write in bursts: a change is told when this long nothing followed.
const QUIET: Duration = Duration::from_millis(20);

/// Watches the files of a site while it lives.
pub(crate) struct Watch {
    // Dropping it would end the events.
    _watcher: notify::RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    root: PathBuf,
    ignored: Vec<PathBuf>,
}

impl Watch {
    /// Watches `content/` and `themes/` of a site, passing over what is below `ignored` (output, state).
    ///
    /// # Errors
    /// When the system allows no more watches, or the folder is not there.
    pub(crate) fn start(site: &Path, ignored: &[PathBuf]) -> notify::Result<Self> {
        let root = site.canonicalize()?;
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(sender)?;
        for folder in ["content", "themes"] {
            let folder = root.join(folder);
            if folder.is_dir() {
                watcher.watch(&folder, RecursiveMode::Recursive)?;
            }
        }
        let ignored = ignored
            .iter()
            .map(|path| path.canonicalize().or_else(|_| std::path::absolute(path)));
        Ok(Self {
            _watcher: watcher,
            events,
            ignored: ignored.collect::<Result<_, _>>()?,
            root,
        })
    }

    /// Waits for the next change and returns what changed, sorted, without repeats; `None` when watching has ended.
    pub(crate) fn next(&mut self) -> Option<Vec<PathBuf>> {
        loop {
            let mut changed = Vec::new();
            self.take(self.events.recv().ok()?, &mut changed);
            loop {
                match self.events.recv_timeout(QUIET) {
                    Ok(event) => self.take(event, &mut changed),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return None,
                }
            }
            changed.sort();
            changed.dedup();
            if !changed.is_empty() {
                return Some(changed);
            }
        }
    }

    fn take(&self, event: notify::Result<Event>, changed: &mut Vec<PathBuf>) {
        match event {
            // Reading a file is no change, and building reads them all.
            Ok(event) if event.kind.is_access() => {}
            Ok(event) if event.need_rescan() => changed.push(self.root.clone()),
            Ok(event) => changed.extend(event.paths.into_iter().filter(|path| self.counts(path))),
            // Events were lost: better to build once too often.
            Err(_) => changed.push(self.root.clone()),
        }
    }

    fn counts(&self, path: &Path) -> bool {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let is_hidden = below
            .iter()
            .any(|part| part.to_string_lossy().starts_with('.'));
        !is_hidden && !self.ignored.iter().any(|ignored| path.starts_with(ignored))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::mpsc, thread};

    use super::*;

    #[test]
    fn a_burst_is_one_change_and_ignored_folders_are_none() {
        let site = tempfile::tempdir().unwrap();
        let (content, ignored) = (
            site.path().join("content"),
            site.path().join("content/dist"),
        );
        fs::create_dir_all(&ignored).unwrap();
        let mut watch = Watch::start(site.path(), std::slice::from_ref(&ignored)).unwrap();
        let (sender, changes) = mpsc::channel();
        thread::spawn(move || {
            while let Some(change) = watch.next() {
                if sender.send(change).is_err() {
                    break;
                }
            }
        });
        fs::write(ignored.join("index.html"), "x").unwrap();
        fs::write(content.join(".swp"), "x").unwrap();
        assert!(changes.recv_timeout(Duration::from_millis(200)).is_err());
        fs::write(content.join("a.md"), "a").unwrap();
        fs::write(content.join("b.md"), "b").unwrap();
        let change = changes.recv_timeout(Duration::from_secs(5)).unwrap();
        let names: Vec<_> = change
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .collect();
        assert_eq!(names, ["a.md", "b.md"]);
        assert!(changes.recv_timeout(Duration::from_millis(200)).is_err());
    }
}
