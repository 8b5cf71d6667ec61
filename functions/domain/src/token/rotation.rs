//! Putting a new key in the place of the one that signs, so that no reader notices.
//!
//! The new key verifies before it signs, and the old one verifies until the last token it signed
//! has ended. Where a rotation stands is what the stored keys say, so whoever goes on with it need
//! not be whoever began. Knows no store; it sleeps for nobody.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{KeysFile, Secret, TOKEN_LIFE};
use crate::ports::{Clock, Entropy, Unavailable};

/// The longest that a change of keys takes to reach every place of the gate and every running
/// function.
pub const SPREAD: SignedDuration = SignedDuration::from_secs(60);
/// How long a key must verify after it signed: some function may go on signing with it for
/// [`SPREAD`], and what it signs then lives for [`TOKEN_LIFE`].
const LAST_TOKEN: SignedDuration = SignedDuration::from_secs(SPREAD.as_secs() + TOKEN_LIFE);
/// Random bytes in the name of a key.
const NAME_BYTES: usize = 6;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Known everywhere soon; signs next.
    Verifying,
    /// Signs, and verifies.
    Signing,
    /// Signed once; verifies until the last of its tokens has ended.
    Retired,
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyState {
    /// Its id: the `kid` of the tokens that it signs.
    pub id: String,
    /// What it is for.
    pub phase: Phase,
    /// Since when; `None` if nobody wrote it down: for long.
    pub since: Option<Timestamp>,
}

/// Where the keys of one stage are kept: in the configuration of the functions, which sign and
/// verify, and at the gate, which verifies. An `Ok` means durable.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// The keys as the functions have them.
    async fn keys(&self) -> Result<KeysFile, Unavailable>;
    /// Replaces them in one step. Every function has them within [`SPREAD`].
    async fn save(&self, keys: &KeysFile) -> Result<(), Unavailable>;
    /// The ids of the keys that the gate has.
    async fn at_gate(&self) -> Result<BTreeSet<String>, Unavailable>;
    /// Gives a key to the gate; again changes nothing. It is everywhere within [`SPREAD`].
    async fn give_to_gate(&self, id: &str, secret: &str) -> Result<(), Unavailable>;
    /// Takes a key from the gate. Taking one that it does not have is fine.
    async fn take_from_gate(&self, id: &str) -> Result<(), Unavailable>;
}

/// Makes the first key of a stage that has none; its id. The gate has it before a function can sign
/// with it. Cut off in between, it is done again: a key that nobody stored is taken from the gate by
/// the next [`advance`].
///
/// # Errors
/// [`Unavailable`], when a store is.
pub async fn begin(store: &dyn KeyStore, entropy: &dyn Entropy) -> Result<String, Unavailable> {
    let (id, secret) = fresh(entropy);
    store.give_to_gate(&id, &secret).await?;
    let keys = KeysFile {
        signing: id.clone(),
        next: None,
        keys: BTreeMap::from([(id.clone(), secret)]),
        since: BTreeMap::new(),
    };
    store.save(&keys).await?;
    Ok(id)
}

/// What a call of [`advance`] did, or what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advance {
    /// A new key was made; it verifies.
    Made {
        /// The new key.
        id: String,
    },
    /// The new key signs, the old one verifies.
    Signs {
        /// The new key.
        id: String,
        /// The old key.
        old: String,
    },
    /// A key is gone: its tokens open nothing any more.
    Removed {
        /// The key that was.
        id: String,
    },
    /// Nothing is to be done before a certain time.
    Waits {
        /// The key that is waited for.
        id: String,
        /// Whether it is to sign, or to go.
        phase: Phase,
        /// The first moment at which there is something to do.
        until: Timestamp,
    },
    /// One key signs, and there is no other.
    Settled,
}

/// Whether a call of [`advance`] may begin a rotation where none is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// It may.
    Yes,
    /// It goes on with what is there.
    No,
}

/// Does the next thing that is due, one at a time. Cut off anywhere, the next call goes on: at
/// every moment the gate has each key with which a function may sign.
///
/// Two callers at once are for the operator to avoid: one could remove the key that the other has
/// just made.
///
/// # Errors
/// [`Unavailable`], when a store is; what was done until then is done.
pub async fn advance(
    store: &dyn KeyStore,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    begin: Begin,
) -> Result<Advance, Unavailable> {
    let mut keys = store.keys().await?;
    mend_gate(store, &mut keys, clock).await?;
    let found = keys.found(clock.now());
    match &found {
        Advance::Settled if begin == Begin::Yes => {
            let (id, secret) = fresh(entropy);
            store.give_to_gate(&id, &secret).await?;
            // The time that it takes to spread counts from when the gate has it.
            keys.add(&id, secret, clock.now());
            store.save(&keys).await?;
            return Ok(Advance::Made { id });
        }
        Advance::Signs { id, .. } => keys.switch_to(id, clock.now()),
        Advance::Removed { id } => {
            store.take_from_gate(id).await?;
            keys.remove(id);
        }
        Advance::Waits { .. } | Advance::Settled | Advance::Made { .. } => return Ok(found),
    }
    store.save(&keys).await?;
    Ok(found)
}

/// Brings the gate to what is stored, where an earlier call was cut off.
async fn mend_gate(
    store: &dyn KeyStore,
    keys: &mut KeysFile,
    clock: &dyn Clock,
) -> Result<(), Unavailable> {
    let at_gate = store.at_gate().await?;
    for id in &at_gate {
        if !keys.keys.contains_key(id) {
            store.take_from_gate(id).await?;
        }
    }
    let going = keys.found(clock.now());
    for (id, secret) in keys.keys.clone() {
        if at_gate.contains(&id) || matches!(&going, Advance::Removed { id: gone } if *gone == id) {
            continue;
        }
        store.give_to_gate(&id, &secret).await?;
        if keys.next.as_ref() == Some(&id) {
            keys.since.insert(id, clock.now());
            store.save(keys).await?;
        }
    }
    Ok(())
}

fn fresh(entropy: &dyn Entropy) -> (String, String) {
    let mut name = [0; NAME_BYTES];
    entropy.fill(&mut name);
    let mut secret = [0; 32];
    entropy.fill(&mut secret);
    (hex::encode(name), Secret::from_bytes(secret).to_base64url())
}

impl KeysFile {
    /// The keys, without their secrets: first the one that signs.
    pub fn states(&self) -> Vec<KeyState> {
        let mut states: Vec<_> = self.keys.keys().map(|id| self.state(id)).collect();
        states.sort_by_key(|state| match state.phase {
            Phase::Signing => 0,
            Phase::Verifying => 1,
            Phase::Retired => 2,
        });
        states
    }

    fn state(&self, id: &str) -> KeyState {
        let phase = if self.signing == id {
            Phase::Signing
        } else if self.next.as_deref() == Some(id) {
            Phase::Verifying
        } else {
            Phase::Retired
        };
        KeyState {
            id: id.to_owned(),
            phase,
            since: self.since.get(id).copied(),
        }
    }

    /// What there is to do at `now`, or until when to wait. Never [`Advance::Made`].
    pub fn found(&self, now: Timestamp) -> Advance {
        let due = |state: &KeyState| {
            let wait = match state.phase {
                Phase::Signing => return None,
                Phase::Verifying => SPREAD,
                Phase::Retired => LAST_TOKEN,
            };
            let since = state.since.unwrap_or(Timestamp::MIN);
            Some(since.saturating_add(wait).unwrap_or(Timestamp::MAX))
        };
        let states = self.states();
        let first = states
            .iter()
            .filter_map(|state| Some((due(state)?, state)))
            .min_by_key(|(until, _)| *until);
        let Some((until, state)) = first else {
            return Advance::Settled;
        };
        let id = state.id.clone();
        match state.phase {
            phase if now < until => Advance::Waits { id, phase, until },
            Phase::Verifying => Advance::Signs {
                id,
                old: self.signing.clone(),
            },
            _ => Advance::Removed { id },
        }
    }

    fn add(&mut self, id: &str, secret: String, now: Timestamp) {
        self.keys.insert(id.to_owned(), secret);
        self.since.insert(id.to_owned(), now);
        self.next = Some(id.to_owned());
    }

    fn switch_to(&mut self, id: &str, now: Timestamp) {
        let old = std::mem::replace(&mut self.signing, id.to_owned());
        self.since.insert(old, now);
        self.since.insert(id.to_owned(), now);
        self.next = None;
    }

    fn remove(&mut self, id: &str) {
        self.keys.remove(id);
        self.since.remove(id);
    }
}

#[cfg(test)]
mod tests;
