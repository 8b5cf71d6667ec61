//! The keys of access tokens as they lie in SSM now: asked for again before a request, once what
//! is known is old. That way a rotation needs no deployment.
//!
//! Before, and not in between: Lambda stops a function that has answered, so nothing of it runs
//! until the next request. As long as SSM is away the keys stay as they are. A rotation writes to
//! SSM, too, so they are hardly others; and the gate gives up a key a quarter of an hour after it
//! has signed last.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use tuition_domain::ports::{Clock, KeySource};
use tuition_domain::token::rotation::SPREAD;
use tuition_domain::token::{Keys, KeysFile};

use crate::ToldError;

/// How old keys may be when a request begins. It has half a minute to end, so that nothing is
/// signed with keys older than [`SPREAD`].
const REREAD: SignedDuration = SignedDuration::from_secs(SPREAD.as_secs() / 2);
/// How long after a question that failed the next one is asked.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// How long a request waits for the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the keys are read from.
#[async_trait]
pub trait KeysShelf: Send + Sync {
    /// The keys as JSON.
    async fn keys(&self) -> Result<String, ToldError>;
}

/// Keys that are read again while the function lives.
pub struct CurrentKeys {
    shelf: Option<Box<dyn KeysShelf>>,
    clock: Arc<dyn Clock>,
    known: RwLock<Known>,
}

struct Known {
    keys: Arc<Keys>,
    /// When they are to be asked for, and when that was decided: a clock that went back is no
    /// reason to wait.
    due: Timestamp,
    since: Timestamp,
}

impl CurrentKeys {
    /// Begins with keys that were read just now. Without a shelf they stay.
    pub fn new(keys: Keys, shelf: Option<Box<dyn KeysShelf>>, clock: Arc<dyn Clock>) -> Arc<Self> {
        let known = Known::at(clock.now(), Arc::new(keys), REREAD);
        Arc::new(Self {
            shelf,
            clock,
            known: RwLock::new(known),
        })
    }

    /// The same routes, with keys that are current whenever one is called.
    pub fn before(self: Arc<Self>, router: axum::Router) -> axum::Router {
        router.layer(from_fn_with_state(self, refreshed))
    }

    async fn refresh(&self) {
        let Some(shelf) = &self.shelf else { return };
        let now = self.clock.now();
        if self.read().is_good(now) {
            return;
        }
        let fresh = match tokio::time::timeout(PATIENCE, shelf.keys()).await {
            Ok(Ok(json)) => keys_of(&json),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("SSM does not answer".to_owned()),
        };
        let known = match fresh {
            Ok(keys) => Known::at(now, Arc::new(keys), REREAD),
            Err(reason) => {
                tracing::warn!(reason, "the keys stay as they were");
                Known::at(now, self.keys(), PAUSE)
            }
        };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeySource for CurrentKeys {
    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.read().keys)
    }
}

impl Known {
    fn at(now: Timestamp, keys: Arc<Keys>, life: SignedDuration) -> Self {
        Self {
            keys,
            due: now.saturating_add(life).unwrap_or(Timestamp::MAX),
            since: now,
        }
    }

    fn is_good(&self, now: Timestamp) -> bool {
        (self.since..self.due).contains(&now)
    }
}

async fn refreshed(State(keys): State<Arc<CurrentKeys>>, request: Request, next: Next) -> Response {
    keys.refresh().await;
    next.run(request).await
}

/// Says why not without the text: a message of the JSON reader may quote it.
fn keys_of(json: &str) -> Result<Keys, String> {
    let file: KeysFile =
        serde_json::from_str(json).map_err(|_| "SSM has keys of another form".to_owned())?;
    Keys::try_from(&file).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::body::Body;
    use tower::ServiceExt as _;
    use tuition_domain::token::Secret;

    use super::*;

    struct Hands(Mutex<Timestamp>);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    /// What is on the shelf, and how often somebody looked.
    #[derive(Default)]
    struct Shelf {
        text: Mutex<Option<String>>,
        asked: Mutex<u32>,
    }

    #[async_trait]
    impl KeysShelf for Arc<Shelf> {
        async fn keys(&self) -> Result<String, ToldError> {
            *self.asked.lock().unwrap() += 1;
            let text = self.text.lock().unwrap().clone();
            text.ok_or_else(|| ToldError::Away("ThrottlingException".to_owned()))
        }
    }

    struct Stage {
        clock: Arc<Hands>,
        shelf: Arc<Shelf>,
        keys: Arc<CurrentKeys>,
    }

    fn file(id: &str) -> KeysFile {
        KeysFile::of(id, &Secret::from_bytes([7; 32]))
    }

    impl Stage {
        fn new() -> Self {
            let start = Timestamp::from_second(1_800_000_000).unwrap();
            let clock = Arc::new(Hands(Mutex::new(start)));
            let shelf = Arc::new(Shelf::default());
            let first = Keys::try_from(&file("k1")).unwrap();
            let keys = CurrentKeys::new(first, Some(Box::new(Arc::clone(&shelf))), clock.clone());
            let stage = Self { clock, shelf, keys };
            stage.put(Some("k1"));
            stage
        }

        fn put(&self, id: Option<&str>) {
            let text = id.map(|id| serde_json::to_string(&file(id)).unwrap());
            *self.shelf.text.lock().unwrap() = text;
        }

        fn wait(&self, seconds: i64) {
            *self.clock.0.lock().unwrap() += SignedDuration::from_secs(seconds);
        }

        fn asked(&self) -> u32 {
            *self.shelf.asked.lock().unwrap()
        }

        /// The key that a request would sign with.
        async fn signing(&self) -> String {
            let answer = axum::Router::new().fallback(|| async { "" });
            let router = Arc::clone(&self.keys).before(answer);
            let request = Request::new(Body::empty());
            assert_eq!(router.oneshot(request).await.unwrap().status(), 200);
            self.keys.keys().signing_kid().as_str().to_owned()
        }
    }

    #[tokio::test]
    async fn another_key_is_taken_up_within_half_a_minute() {
        let stage = Stage::new();
        stage.put(Some("k2"));
        stage.wait(29);
        assert_eq!(stage.signing().await, "k1");
        assert_eq!(stage.asked(), 0, "not asked for each request");
        stage.wait(1);
        assert_eq!(stage.signing().await, "k2");
        assert_eq!(stage.signing().await, "k2");
        assert_eq!(stage.asked(), 1);
    }

    #[tokio::test]
    async fn while_ssm_is_away_the_keys_stay_and_are_asked_for_soon() {
        let stage = Stage::new();
        stage.put(None);
        stage.wait(30);
        assert_eq!(stage.signing().await, "k1");
        assert_eq!(stage.signing().await, "k1");
        assert_eq!(stage.asked(), 1, "not asked again at once");
        stage.put(Some("k2"));
        stage.wait(5);
        assert_eq!(stage.signing().await, "k2");
    }

    #[tokio::test]
    async fn keys_that_can_not_be_read_change_nothing() {
        let stage = Stage::new();
        *stage.shelf.text.lock().unwrap() = Some("{".to_owned());
        stage.wait(30);
        assert_eq!(stage.signing().await, "k1");
    }

    #[tokio::test]
    async fn a_clock_that_went_back_is_no_reason_to_wait() {
        let stage = Stage::new();
        stage.put(Some("k2"));
        stage.wait(-3_600);
        assert_eq!(stage.signing().await, "k2");
    }
}
