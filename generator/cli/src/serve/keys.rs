//! Secrets of a local shop: made at the first start, kept beside its state, good nowhere else.
//! `tuition keys` changes them while the shop runs.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tuition_adapters::OsEntropy;
use tuition_domain::identity;
use tuition_domain::ports::{Entropy as _, KeySource};
use tuition_domain::token::{KeyError, Keys, KeysFile, Secret};

const FILE: &str = "keys.json";
/// The first key of a shop.
const FIRST: &str = "local-1";

/// What a deployed shop gets from its configuration.
#[derive(Clone, Serialize, Deserialize)]
pub struct LocalKeys {
    /// Signs and verifies access tokens.
    pub access: KeysFile,
    /// Proves to the functions that a request came through `edge`.
    pub edge_secret: String,
}

impl LocalKeys {
    /// Reads the keys of `state`, or makes them, readable by their owner alone. Losing them signs
    /// everybody out, nothing more.
    pub fn load_or_make(state: &Path) -> io::Result<Self> {
        match Self::load(state) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let keys = Self::fresh();
                keys.save(state)?;
                Ok(keys)
            }
            other => other,
        }
    }

    /// Reads the keys of `state`.
    pub fn load(state: &Path) -> io::Result<Self> {
        let path = state.join(FILE);
        serde_json::from_slice(&fs::read(&path)?)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
    }

    /// Replaces the keys of `state`: whoever reads has the old ones or these, whenever the machine
    /// stops.
    pub fn save(&self, state: &Path) -> io::Result<()> {
        let mut fresh = private_file(state)?;
        fresh.write_all(&serde_json::to_vec_pretty(self)?)?;
        fresh.as_file().sync_all()?;
        fresh.persist(state.join(FILE))?;
        #[cfg(unix)]
        File::open(state)?.sync_all()?;
        Ok(())
    }

    fn fresh() -> Self {
        let mut secret = [0; 32];
        OsEntropy.fill(&mut secret);
        Self {
            access: KeysFile::of(FIRST, &Secret::from_bytes(secret)),
            edge_secret: identity::Secret::random(&OsEntropy).expose(),
        }
    }
}

/// A file of its owner alone, to be renamed.
fn private_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(FILE).tempfile_in(folder)
}

/// The keys of access tokens as they stand in the file, read again when that is another.
pub struct KeysOfState {
    path: PathBuf,
    read: RwLock<(Stamp, Arc<Keys>)>,
}

/// Tells a file from the one that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    #[cfg(unix)]
    inode: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            modified: metadata.modified().ok(),
            bytes: metadata.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(metadata),
        }
    }
}

impl KeysOfState {
    /// The keys of `state`.
    pub fn open(state: &Path) -> io::Result<Self> {
        let path = state.join(FILE);
        let read = read(&path)?;
        Ok(Self {
            path,
            read: RwLock::new(read),
        })
    }

    /// Reads the file if it is another one now.
    fn changed(&self) -> io::Result<Option<(Stamp, Arc<Keys>)>> {
        let stamp = Stamp::of(&fs::metadata(&self.path)?);
        let known = self.read.read().unwrap_or_else(PoisonError::into_inner).0;
        if stamp == known {
            return Ok(None);
        }
        read(&self.path).map(Some)
    }
}

impl KeySource for KeysOfState {
    /// A file that can't be read leaves the keys as they were.
    fn keys(&self) -> Arc<Keys> {
        match self.changed() {
            Ok(None) => {}
            Ok(Some(fresh)) => {
                *self.read.write().unwrap_or_else(PoisonError::into_inner) = fresh;
            }
            Err(error) => tracing::warn!(%error, "the keys stay as they were"),
        }
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&read.1)
    }
}

fn read(path: &Path) -> io::Result<(Stamp, Arc<Keys>)> {
    let file = File::open(path)?;
    let stamp = Stamp::of(&file.metadata()?);
    let keys: LocalKeys = serde_json::from_reader(io::BufReader::new(file))?;
    let keys = Keys::try_from(&keys.access).map_err(|error: KeyError| io::Error::other(error))?;
    Ok((stamp, Arc::new(keys)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_up_when_they_change_and_kept_when_the_file_breaks() {
        let state = tempfile::tempdir().unwrap();
        let mut keys = LocalKeys::load_or_make(state.path()).unwrap();
        let source = KeysOfState::open(state.path()).unwrap();
        let signing = || source.keys().signing_kid().as_str().to_owned();
        assert_eq!(signing(), FIRST);

        keys.access = KeysFile::of("second", &Secret::from_bytes([2; 32]));
        keys.save(state.path()).unwrap();
        assert_eq!(signing(), "second");

        fs::write(state.path().join(FILE), "{").unwrap();
        assert_eq!(signing(), "second");
        keys.access = KeysFile::of("third", &Secret::from_bytes([3; 32]));
        keys.save(state.path()).unwrap();
        assert_eq!(signing(), "third");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone_however_often_it_is_written() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        let keys = LocalKeys::load_or_make(state.path()).unwrap();
        for _ in 0..2 {
            let mode = fs::metadata(state.path().join(FILE)).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
            keys.save(state.path()).unwrap();
        }
        assert_eq!(fs::read_dir(state.path()).unwrap().count(), 1);
    }
}
