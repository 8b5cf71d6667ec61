//! `tuition serve`: the whole shop on this machine.
//!
//! The production handlers, adapters and gate run in one process; only the far end of the wire
//! is a stand-in. What a CDN does in front of the functions, `edge` does here.

mod api;
mod edge;
mod finding;
mod headers;
pub(crate) mod keys;
mod range;
mod rebuild;
mod reload;
pub(crate) mod shop;
mod site;
pub(crate) mod state;
pub(crate) mod variables;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use http::header::HOST;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tuition_adapters::SharedCatalog;
use tuition_stand_ins::{Config, StandIns};

use self::headers::HeaderTable;
use self::keys::{KeysOfState, LocalKeys};
use self::rebuild::Rebuilder;
use self::shop::Shop;
use self::site::SiteServer;
use self::state::{DevFile, StateDir};
use crate::Outcome;
use crate::arguments::{Common, ServeCommand};

/// Why the shop did not open.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The site has mistakes; they have been printed.
    #[error("the site has mistakes")]
    Site,
    /// Something of this machine was not to be had.
    #[error("{what}: {source}")]
    Machine {
        /// What went wrong.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ServeError {
    /// Wraps an error of the machine.
    fn machine<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        what: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |error| Self::Machine {
            what,
            source: error.into(),
        }
    }
}

/// Runs the command.
pub(crate) fn run(common: &Common, command: &ServeCommand) -> Outcome {
    start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return Outcome::Environment(error.into()),
    };
    match runtime.block_on(serve(&common.site, command)) {
        Ok(()) => Outcome::Done,
        Err(ServeError::Site) => Outcome::Diagnostics,
        Err(error) => Outcome::Environment(error.into()),
    }
}

/// Opens the shop and keeps it open until it is told to stop (Ctrl-C, SIGTERM).
async fn serve(site: &Path, command: &ServeCommand) -> Result<(), ServeError> {
    let listener = bind(command.port).await?;
    let port = listener
        .local_addr()
        .map_err(ServeError::machine("the port has no address"))?
        .port();
    let origin = format!("http://127.0.0.1:{port}");

    let state_path = command
        .state
        .clone()
        .unwrap_or_else(|| site.join(".tuition"));
    let state = StateDir::open(state_path)
        .map_err(ServeError::machine("the state folder can't be used"))?;
    let now = command.moment.now;
    let stand_ins = StandIns::start(Config {
        now,
        mail_feedback_url: Some(format!("{origin}{}", shop::FEEDBACK_PATH)),
        ..Config::new(state.path(), &origin)
    })
    .await
    .map_err(ServeError::machine("the stand-ins did not start"))?;
    let keys = LocalKeys::load_or_make(state.path())
        .map_err(ServeError::machine("the keys can't be used"))?;
    let key_source =
        KeysOfState::open(state.path()).map_err(ServeError::machine("the keys can't be used"))?;

    let ignored = vec![state.path().to_owned()];
    let rebuilder = Rebuilder::new(
        site,
        &origin,
        stand_ins.clock(),
        command.moment.drafts,
        ignored,
    );
    let first = rebuilder.build().ok_or(ServeError::Site)?;
    let catalog = SharedCatalog::new(first.catalog.clone());
    let headers = Arc::new(HeaderTable::embedded(&origin));
    let shop = Shop::open(
        &origin,
        &keys,
        Arc::new(key_source),
        &stand_ins,
        catalog.clone(),
        Arc::clone(&headers),
    )
    .await?;
    let watched = !command.no_watch;
    let pages = Arc::new(SiteServer::new(
        headers,
        shop.tokens.clone(),
        shop.clock.clone(),
        watched,
    ));
    pages.publish(first.files);

    let (built, builds) = watch::channel(0_u64);
    if watched {
        rebuilder.watch(Arc::clone(&pages), catalog, built)?;
    }
    let jobs = tokio::spawn(shop.clone().run_jobs());

    state
        .announce(&DevFile {
            origin: origin.clone(),
            stripe_api: stand_ins.stripe_url(),
            dynamodb: stand_ins.dynamodb_url(),
            mail_api: stand_ins.mail_url(),
            pid: std::process::id(),
        })
        .map_err(ServeError::machine("dev.json can't be written"))?;
    say_open(&origin, state.path());

    let app = router(&origin, shop, pages, &stand_ins, builds);
    let served = axum::serve(
        listener,
        app.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(told_to_stop())
    .await;
    jobs.abort();
    stand_ins.shutdown().await;
    served.map_err(ServeError::machine("the server stopped"))
}

fn router(
    origin: &str,
    shop: Shop,
    pages: Arc<SiteServer>,
    stand_ins: &StandIns,
    builds: watch::Receiver<u64>,
) -> Router {
    let api = shop.api.clone();
    let jobs = shop.jobs_router();
    let host = origin.trim_start_matches("http://").to_owned();
    let api = any(move |caller, request| api.clone().handle(caller, request));
    Router::new()
        .route("/api/", api.clone())
        .route("/api/{*path}", api)
        .route(
            "/_dev/reload",
            get(move || async move { reload::events(builds.clone()) }),
        )
        .route(reload::SCRIPT_PATH, get(reload::script))
        .merge(stand_ins.router())
        .merge(jobs)
        .fallback(move |request: Request| async move { page(&pages, &host, &request) })
}

/// The shop has one origin; who comes by another name of this machine is sent there, or their
/// forms would be refused. No deployed shop answers so, and no table has this.
fn page(pages: &SiteServer, host: &str, request: &Request) -> Response {
    let asked = request
        .headers()
        .get(HOST)
        .and_then(|value| value.to_str().ok());
    match asked {
        Some(other) if other.starts_with("localhost") => {
            let path = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            Redirect::temporary(&format!("http://{host}{path}")).into_response()
        }
        _ if site::is_finding(request.uri().path()) => {
            tokio::task::block_in_place(|| pages.respond(request))
        }
        _ => pages.respond(request),
    }
}

async fn bind(port: u16) -> Result<TcpListener, ServeError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| {
            let in_use = error.kind() == io::ErrorKind::AddrInUse;
            ServeError::machine(if in_use {
                "another program has the port: try --port 0"
            } else {
                "the port is not to be had"
            })(error)
        })
}

/// The engine warns of each condition that does not hold, which to us is an answer.
const QUIET: &str = "warn,dynoxide=error";

/// What goes wrong inside is told on standard error; `RUST_LOG` asks for more.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(QUIET));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .without_time()
        .init();
}

/// Standard output is for programs: one line, once everything answers. People read the rest.
#[expect(clippy::print_stdout, reason = "the address is this command's output")]
fn say_open(origin: &str, state: &Path) {
    println!("listening on {origin}");
    eprintln!("  mails      {origin}/_dev/outbox");
    eprintln!("  payments   {origin}/_dev/till");
    eprintln!("  state      {}", state.display());
    eprintln!("  stop with Ctrl-C");
}

async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
