//! The keys of a local shop: one file, which a running `serve` reads for its gate and its functions
//! alike, and the time of that shop.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_domain::ports::{Clock, Unavailable};
use tuition_domain::token::KeysFile;
use tuition_domain::token::rotation::KeyStore;
use tuition_stand_ins::SteppableClock;

use crate::serve::keys::LocalKeys;

/// A state folder with keys in it.
pub(super) struct LocalStage {
    state: PathBuf,
    clock: Mutex<SteppableClock>,
}

impl LocalStage {
    /// The stage of a folder; `None` if it has no keys.
    pub(super) fn open(state: &Path) -> Result<Option<Self>, Unavailable> {
        match LocalKeys::load(state) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            loaded => loaded.map_err(Unavailable::new)?,
        };
        let clock = SteppableClock::of_running(state).map_err(Unavailable::new)?;
        Ok(Some(Self {
            state: state.to_owned(),
            clock: Mutex::new(clock),
        }))
    }

    fn load(&self) -> Result<LocalKeys, Unavailable> {
        LocalKeys::load(&self.state).map_err(Unavailable::new)
    }
}

impl Clock for LocalStage {
    /// The time of the shop as its file has it now: a running one may move it while we wait. A
    /// file that can't be read leaves the time where it would be.
    fn now(&self) -> Timestamp {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(moved) = SteppableClock::of_running(&self.state) {
            *clock = moved;
        }
        clock.now()
    }
}

#[async_trait]
impl KeyStore for LocalStage {
    async fn keys(&self) -> Result<KeysFile, Unavailable> {
        Ok(self.load()?.access)
    }

    async fn save(&self, keys: &KeysFile) -> Result<(), Unavailable> {
        let keys = LocalKeys {
            access: keys.clone(),
            ..self.load()?
        };
        keys.save(&self.state).map_err(Unavailable::new)
    }

    /// The gate has what the functions have.
    async fn at_gate(&self) -> Result<BTreeSet<String>, Unavailable> {
        Ok(self.load()?.access.keys.into_keys().collect())
    }

    async fn give_to_gate(&self, _: &str, _: &str) -> Result<(), Unavailable> {
        Ok(())
    }

    async fn take_from_gate(&self, _: &str) -> Result<(), Unavailable> {
        Ok(())
    }
}
