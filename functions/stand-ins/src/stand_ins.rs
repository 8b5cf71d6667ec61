//! Starts and stops everything, in the right order.

use std::fs::{self, File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use jiff::Timestamp;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::{ClockError, SteppableClock};
use crate::dev::{clock_router, own_pages_only};
use crate::dynamodb::{self, EngineError};
use crate::mail::publisher::Publisher;
use crate::mail::{self, Outbox, OutboxError};
use crate::problem::log_failure;
use crate::till::{self, Courier, Sender, Store, StoreError, WEBHOOK_SECRET};

/// What the stand-ins need to know of the stage.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder for everything that lasts (`.tuition`); made if it isn't there. One process at a time.
    pub state_dir: PathBuf,
    /// The public origin, such as `http://127.0.0.1:8080`: the pay page is served below it, and only
    /// its pages may use the `/_dev` routes from a browser.
    pub origin: String,
    /// Where the till delivers its events: an `http://` URL on this machine.
    pub webhook_url: String,
    /// What the deliveries are signed with; each secret adds a signature, as while one is rotated.
    pub webhook_secrets: Vec<String>,
    /// Where the outbox posts bounces and complaints, as SNS does: an `http://` URL on this machine, which
    /// takes each with a 2xx. `None`: nobody listens, and asking the outbox for one is refused.
    pub mail_feedback_url: Option<String>,
    /// The time that the clock starts at; the machine's time if `None`.
    pub now: Option<Timestamp>,
}

impl Config {
    /// A stage at `origin` with its state in `state_dir`: webhooks go to its
    /// `/api/checkout/webhook`, signed with [`WEBHOOK_SECRET`], nobody hears of bounces, and the clock
    /// shows the machine's time.
    #[must_use]
    pub fn new(state_dir: impl Into<PathBuf>, origin: impl Into<String>) -> Self {
        let origin = origin.into();
        Self {
            state_dir: state_dir.into(),
            webhook_url: format!("{origin}/api/checkout/webhook"),
            origin,
            webhook_secrets: vec![WEBHOOK_SECRET.to_owned()],
            mail_feedback_url: None,
            now: None,
        }
    }
}

/// Why the stand-ins did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The state folder could not be made or locked.
    #[error("the state folder {path} cannot be used")]
    State {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another process uses the state folder.
    #[error("another process uses the state folder {0}")]
    InUse(PathBuf),
    /// No loopback port.
    #[error("no loopback port")]
    Port(#[source] io::Error),
    /// The clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The embedded DynamoDB.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The mail outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The till.
    #[error(transparent)]
    Till(#[from] StoreError),
}

/// The running stand-ins. Dropping it stops them without waiting; see [`shutdown`](Self::shutdown).
#[derive(Debug)]
pub struct StandIns {
    clock: SteppableClock,
    dynamodb: SocketAddr,
    stripe: SocketAddr,
    mail: SocketAddr,
    router: Router,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// Held as long as the state folder is ours; the system releases it when the process dies.
    _lock: File,
}

impl StandIns {
    /// Opens the state, binds three loopback ports and begins to deliver what is still undelivered.
    /// Needs a tokio runtime with time and network.
    ///
    /// # Errors
    /// See [`StartError`]; nothing is left running then.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let lock = lock(&config.state_dir)?;
        let (stop, stopped) = watch::channel(false);
        let clock = SteppableClock::open(&config.state_dir, config.now)?;
        let outbox = Outbox::open(&config.state_dir, clock.clone())?;
        let publisher = Publisher::open(&config.state_dir, config.mail_feedback_url)?;
        let store = Store::open(&config.state_dir, clock.clone())?;
        let sender = Sender::new(config.webhook_secrets);
        let (stripe, stripe_listener) = bind().await?;
        let (mail, mail_listener) = bind().await?;
        let engine = dynamodb::start(&config.state_dir, stopped.clone()).await?;

        let router = clock_router(clock.clone())
            .merge(mail::pages::router(outbox.clone(), publisher.clone()))
            .merge(till::dev::router(store.clone(), sender.clone()));
        let courier = Courier::new(store.clone(), clock.clone(), config.webhook_url, sender);
        let tasks = vec![
            engine.task,
            serve(
                stripe_listener,
                till::api_router(store, &config.origin, stopped.clone()),
                stopped.clone(),
            ),
            serve(mail_listener, mail::api::router(outbox), stopped.clone()),
            tokio::spawn(publisher.run(stopped.clone())),
            tokio::spawn(courier.run(stopped)),
        ];
        Ok(Self {
            clock,
            dynamodb: engine.address,
            stripe,
            mail,
            router: own_pages_only(router, &config.origin),
            stop,
            tasks,
            _lock: lock,
        })
    }

    /// The clock that everything in the stage is to use.
    #[must_use]
    pub fn clock(&self) -> SteppableClock {
        self.clock.clone()
    }

    /// The endpoint of the embedded DynamoDB, without a final slash. Any region and keys will do.
    #[must_use]
    pub fn dynamodb_url(&self) -> String {
        format!("http://{}", self.dynamodb)
    }

    /// The base of the till's Stripe API, without `/v1` and without a final slash. Any key that starts
    /// with `sk_test_` will do.
    #[must_use]
    pub fn stripe_url(&self) -> String {
        format!("http://{}", self.stripe)
    }

    /// The endpoint of the SES double, without a final slash. Any region and keys will do.
    #[must_use]
    pub fn mail_url(&self) -> String {
        format!("http://{}", self.mail)
    }

    /// The routes for the main port, with their full paths: `/_dev/till…`, `/_dev/outbox…`,
    /// `/_dev/clock`.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Stops taking requests and delivering, and waits until what is under way has ended, for five
    /// seconds at most. Nothing that was acknowledged depends on it.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let all = async {
            for task in self.tasks.drain(..) {
                if let Err(error) = task.await {
                    log_failure("a stand-in ended badly", &error);
                }
            }
        };
        if tokio::time::timeout(Duration::from_secs(5), all)
            .await
            .is_err()
        {
            tracing::warn!("a stand-in did not stop in 5 s and is left behind");
        }
    }
}

fn lock(state_dir: &PathBuf) -> Result<File, StartError> {
    let failed = |source| StartError::State {
        path: state_dir.clone(),
        source,
    };
    fs::create_dir_all(state_dir).map_err(failed)?;
    let file = File::create(state_dir.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(state_dir.clone())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

async fn bind() -> Result<(SocketAddr, TcpListener), StartError> {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(StartError::Port)?;
    let address = listener.local_addr().map_err(StartError::Port)?;
    Ok((address, listener))
}

fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let stopped = async move {
            // An error means that whoever could say "stop" is gone: stop too.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        let served = axum::serve(listener, router)
            .with_graceful_shutdown(stopped)
            .await;
        if let Err(error) = served {
            log_failure("a stand-in's port failed", &error);
        }
    })
}
