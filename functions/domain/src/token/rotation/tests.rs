//! Rotations on a store that can be cut off, with the gate's view checked after each of its calls.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use super::*;
use crate::token::{Claims, Keys, Kid, mint, verify};

const ORIGIN: &str = "https://learn.example";

/// Both places, the time, and how many more calls succeed.
struct Stage {
    inner: Mutex<Inner>,
}

struct Inner {
    now: Timestamp,
    /// What was stored since when; some function has what was stored [`SPREAD`] ago.
    functions: Vec<(Timestamp, KeysFile)>,
    /// Likewise, of the places of the gate.
    gate: Vec<(Timestamp, BTreeMap<String, String>)>,
    calls_left: usize,
    drawn: u8,
    /// Tokens that functions have signed, and when.
    tokens: Vec<(String, Timestamp)>,
}

impl Stage {
    fn new() -> Self {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let functions = KeysFile::of("first", &Secret::from_bytes([1; 32]));
        Self {
            inner: Mutex::new(Inner {
                now,
                gate: vec![(Timestamp::MIN, functions.keys.clone())],
                functions: vec![(Timestamp::MIN, functions)],
                calls_left: usize::MAX,
                drawn: 1,
                tokens: Vec::new(),
            }),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// A call that is cut off when there are none left.
    fn call<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> Result<T, Unavailable> {
        let mut inner = self.inner();
        if inner.calls_left == 0 {
            return Err(Unavailable::new("cut off"));
        }
        inner.calls_left -= 1;
        Ok(work(&mut inner))
    }

    fn advance(&self, begin: Begin) -> Result<Advance, Unavailable> {
        ready(advance(self, self, self, begin))
    }

    fn pass(&self, seconds: i64) {
        let mut inner = self.inner();
        inner.now += SignedDuration::from_secs(seconds);
        inner.sign_and_check();
    }
}

impl Inner {
    fn stored(&self) -> &KeysFile {
        &self.functions.last().unwrap().1
    }

    fn gate(&self) -> &BTreeMap<String, String> {
        &self.gate.last().unwrap().1
    }

    fn change_gate(&mut self, change: impl FnOnce(&mut BTreeMap<String, String>)) {
        let mut changed = self.gate().clone();
        change(&mut changed);
        self.gate.push((self.now, changed));
        self.sign_and_check();
    }

    /// Signs as the last and the first function to hear of a change would now, and reads all
    /// tokens that have not ended as the last and the first place of the gate would.
    fn sign_and_check(&mut self) {
        let claims = Claims::new(ORIGIN, "learner", vec!["rust".to_owned()], self.now);
        for file in at_most_late(&self.functions, self.now) {
            let token = mint(&Keys::try_from(file).unwrap(), &claims);
            if self.tokens.iter().all(|(other, _)| *other != token) {
                self.tokens.push((token, self.now));
            }
        }
        let now = self.now;
        self.tokens
            .retain(|(_, at)| now.duration_since(*at).as_secs() < TOKEN_LIFE);
        for keys in at_most_late(&self.gate, now) {
            let any = keys.keys().next().unwrap();
            let file = KeysFile {
                keys: keys.clone(),
                ..KeysFile::of(any, &Secret::from_bytes([0; 32]))
            };
            let gate = Keys::try_from(&file).unwrap();
            for (token, at) in &self.tokens {
                let read = verify(&gate, ORIGIN, ORIGIN, token, now);
                assert!(read.is_ok(), "signed at {at}, refused at {now}: {read:?}");
            }
        }
    }
}

/// What was there [`SPREAD`] ago, and what is there now.
fn at_most_late<T>(history: &[(Timestamp, T)], now: Timestamp) -> [&T; 2] {
    let ago = now - SPREAD;
    let late = history.iter().rev().find(|(since, _)| *since <= ago);
    [&late.unwrap().1, &history.last().unwrap().1]
}

#[async_trait]
impl KeyStore for Stage {
    async fn keys(&self) -> Result<KeysFile, Unavailable> {
        self.call(|inner| inner.stored().clone())
    }

    async fn save(&self, keys: &KeysFile) -> Result<(), Unavailable> {
        self.call(|inner| {
            inner.functions.push((inner.now, keys.clone()));
            inner.sign_and_check();
        })
    }

    async fn at_gate(&self) -> Result<BTreeSet<String>, Unavailable> {
        self.call(|inner| inner.gate().keys().cloned().collect())
    }

    async fn give_to_gate(&self, id: &str, secret: &str) -> Result<(), Unavailable> {
        self.call(|inner| {
            inner.change_gate(|keys| {
                keys.insert(id.to_owned(), secret.to_owned());
            });
        })
    }

    async fn take_from_gate(&self, id: &str) -> Result<(), Unavailable> {
        self.call(|inner| {
            inner.change_gate(|keys| {
                keys.remove(id);
            });
        })
    }
}

impl Clock for Stage {
    fn now(&self) -> Timestamp {
        self.inner().now
    }
}

impl Entropy for Stage {
    fn fill(&self, bytes: &mut [u8]) {
        let mut inner = self.inner();
        inner.drawn += 1;
        bytes.fill(inner.drawn);
    }
}

/// The stores here never wait.
fn ready<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("a store of this test waited"),
    }
}

fn seconds_until(stage: &Stage, advance: &Advance) -> i64 {
    match advance {
        Advance::Waits { until, .. } => until.duration_since(stage.now()).as_secs(),
        other => panic!("{other:?} is no wait"),
    }
}

#[test]
fn a_key_verifies_before_it_signs_and_goes_after_its_last_token() {
    let stage = Stage::new();
    let Ok(Advance::Made { id }) = stage.advance(Begin::Yes) else {
        panic!("no key was made");
    };
    assert_eq!(stage.inner().stored().signing, "first");
    let wait = stage.advance(Begin::Yes).unwrap();
    assert_eq!(seconds_until(&stage, &wait), SPREAD.as_secs());

    stage.pass(SPREAD.as_secs() - 1);
    assert!(matches!(
        stage.advance(Begin::Yes).unwrap(),
        Advance::Waits { .. }
    ));
    stage.pass(1);
    let old = "first".to_owned();
    assert_eq!(
        stage.advance(Begin::No).unwrap(),
        Advance::Signs {
            id: id.clone(),
            old
        }
    );
    let wait = stage.advance(Begin::No).unwrap();
    assert_eq!(seconds_until(&stage, &wait), SPREAD.as_secs() + TOKEN_LIFE);

    stage.pass(SPREAD.as_secs() + TOKEN_LIFE);
    let gone = Advance::Removed {
        id: "first".to_owned(),
    };
    assert_eq!(stage.advance(Begin::No).unwrap(), gone);
    assert_eq!(stage.advance(Begin::No).unwrap(), Advance::Settled);
    assert_eq!(stage.inner().gate().keys().collect::<Vec<_>>(), [&id]);
    assert_eq!(stage.inner().stored().states().len(), 1);
}

#[test]
fn a_rotation_cut_off_at_any_call_goes_on_and_no_token_is_refused_meanwhile() {
    for cut_at in 0..8 {
        let stage = Stage::new();
        stage.inner().calls_left = cut_at;
        let mut made = 0;
        let mut removed = Vec::new();
        for round in 0.. {
            let begin = if made == 0 { Begin::Yes } else { Begin::No };
            match stage.advance(begin) {
                Ok(Advance::Made { .. }) => made += 1,
                Ok(Advance::Removed { id }) => removed.push(id),
                Ok(Advance::Settled) => break,
                Ok(_) | Err(_) => {}
            }
            // Two commands in three are cut off there.
            let whole = round % 3 == 0;
            stage.inner().calls_left = if whole { usize::MAX } else { cut_at };
            stage.pass(29);
        }
        let inner = stage.inner();
        assert_eq!(
            (made, removed.as_slice()),
            (1, &["first".to_owned()][..]),
            "cut at {cut_at}"
        );
        assert_eq!(inner.stored().next, None, "cut at {cut_at}");
        let kept: Vec<_> = inner.gate().keys().collect();
        assert_eq!(kept, [&inner.stored().signing], "cut at {cut_at}");
    }
}

#[test]
fn what_a_cut_left_at_the_gate_alone_is_taken_away() {
    let stage = Stage::new();
    // Read the keys, look at the gate, give it the new key; then nothing more.
    stage.inner().calls_left = 3;
    assert!(stage.advance(Begin::Yes).is_err());
    assert_eq!(stage.inner().gate().len(), 2);
    stage.inner().calls_left = usize::MAX;
    assert_eq!(stage.advance(Begin::No).unwrap(), Advance::Settled);
    assert_eq!(stage.inner().gate().len(), 1);
}

#[test]
fn a_key_that_the_gate_lost_waits_anew_before_it_signs() {
    let stage = Stage::new();
    let Ok(Advance::Made { id }) = stage.advance(Begin::Yes) else {
        panic!("no key was made");
    };
    stage.pass(SPREAD.as_secs());
    stage.inner().gate.last_mut().unwrap().1.remove(&id);
    let wait = stage.advance(Begin::No).unwrap();
    assert_eq!(seconds_until(&stage, &wait), SPREAD.as_secs());
    assert!(stage.inner().gate().contains_key(&id));
}

#[test]
fn a_file_from_before_there_were_rotations_is_read_and_its_other_keys_go() {
    let secret = Secret::from_bytes([7; 32]).to_base64url();
    let text = format!(r#"{{"signing": "k2", "keys": {{"k1": "{secret}", "k2": "{secret}"}}}}"#);
    let file: KeysFile = serde_json::from_str(&text).unwrap();
    assert!(Keys::try_from(&file).is_ok());
    let phases: Vec<_> = file.states().into_iter().map(|key| key.phase).collect();
    assert_eq!(phases, [Phase::Signing, Phase::Retired]);
    let gone = Advance::Removed {
        id: "k1".to_owned(),
    };
    assert_eq!(file.found(Timestamp::UNIX_EPOCH), gone);
}

#[test]
fn names_are_ids_of_keys_and_states_show_no_secret() {
    let stage = Stage::new();
    let Ok(Advance::Made { id }) = stage.advance(Begin::Yes) else {
        panic!("no key was made");
    };
    assert!(Kid::parse(&id).is_ok());
    let shown = serde_json::to_string(&stage.inner().stored().states()).unwrap();
    for secret in stage.inner().stored().keys.values() {
        assert!(!shown.contains(secret), "{shown}");
    }
}
