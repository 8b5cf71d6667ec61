//! The state folder of a local shop, and `dev.json`, by which other commands find a running one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

const DEV_FILE: &str = "dev.json";

/// Where a running `serve` is to be found.
#[derive(Debug, Serialize)]
pub struct DevFile<'a> {
    /// The shop.
    pub origin: &'a str,
    /// The Stripe double's API.
    pub stripe_api: &'a str,
    /// The DynamoDB engine.
    pub dynamodb: &'a str,
    /// The process.
    pub pid: u32,
}

/// The state folder; while it is held, `dev.json` in it is true.
pub struct StateDir {
    path: PathBuf,
}

impl StateDir {
    /// Makes the folder if it is not there.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says where this process is to be found.
    pub fn announce(&self, dev: &DevFile<'_>) -> io::Result<()> {
        let temporary = self.path.join(format!("{DEV_FILE}.new"));
        fs::write(&temporary, serde_json::to_vec_pretty(dev)?)?;
        fs::rename(temporary, self.path.join(DEV_FILE))
    }
}

impl Drop for StateDir {
    fn drop(&mut self) {
        // A process that was killed leaves it behind: readers check that `pid` lives.
        let _ = fs::remove_file(self.path.join(DEV_FILE));
    }
}
