//! Secrets of a local shop: made at the first start, kept beside its state, good nowhere else.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tuition_adapters::OsEntropy;
use tuition_domain::identity::Secret;
use tuition_domain::token::KeysFile;

const FILE: &str = "keys.json";

/// What a deployed shop gets from its configuration.
#[derive(Serialize, Deserialize)]
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
        let path = state.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| io::Error::other(format!("{}: {error}", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let keys = Self::fresh();
                write_private(&path, &serde_json::to_vec_pretty(&keys)?)?;
                Ok(keys)
            }
            Err(error) => Err(error),
        }
    }

    fn fresh() -> Self {
        let key = Secret::random(&OsEntropy).expose();
        Self {
            access: KeysFile {
                signing: "local-1".to_owned(),
                keys: BTreeMap::from([("local-1".to_owned(), key)]),
            },
            edge_secret: Secret::random(&OsEntropy).expose(),
        }
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
