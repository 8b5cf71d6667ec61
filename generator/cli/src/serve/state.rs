//! The state folder of a local shop, and `dev.json`, by which other commands find a running one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const DEV_FILE: &str = "dev.json";

/// Where a running `serve` is to be found.
#[derive(Debug, Serialize, Deserialize)]
pub struct DevFile {
    /// The shop.
    pub origin: String,
    /// The Stripe double's API.
    pub stripe_api: String,
    /// The DynamoDB engine.
    pub dynamodb: String,
    /// The SES double.
    pub mail_api: String,
    /// The process.
    pub pid: u32,
}

impl DevFile {
    /// The shop that runs on this state folder; `None` if none does.
    ///
    /// # Errors
    /// If there is a `dev.json` that can't be read.
    pub fn of_running(state: &Path) -> io::Result<Option<Self>> {
        let bytes = match fs::read(state.join(DEV_FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let dev: Self = serde_json::from_slice(&bytes)?;
        // A process that was killed leaves the file behind, but nobody answers at its port.
        let address = dev.dynamodb.trim_start_matches("http://");
        let answers = std::net::TcpStream::connect(address).is_ok();
        Ok(answers.then_some(dev))
    }
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
    pub fn announce(&self, dev: &DevFile) -> io::Result<()> {
        let temporary = self.path.join(format!("{DEV_FILE}.new"));
        fs::write(&temporary, serde_json::to_vec_pretty(dev)?)?;
        fs::rename(temporary, self.path.join(DEV_FILE))
    }
}

impl Drop for StateDir {
    fn drop(&mut self) {
        // A process that was killed leaves it behind.
        let _ = fs::remove_file(self.path.join(DEV_FILE));
    }
}
