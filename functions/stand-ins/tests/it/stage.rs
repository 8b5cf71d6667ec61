//! A running stage for one test: the stand-ins, the main port with their routes, an endpoint that
//! takes webhooks, and a client.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tuition_stand_ins::{Config, StandIns};

pub struct Stage {
    pub stand_ins: StandIns,
    pub origin: String,
    pub hooks: Hooks,
    /// Who takes bounces and complaints.
    pub feedback: Hooks,
    endpoint: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    folder: Option<TempDir>,
}

/// The endpoint: what it was sent, and what it answers.
#[derive(Clone, Default)]
pub struct Hooks {
    shared: Arc<Mutex<HooksState>>,
}

#[derive(Default)]
struct HooksState {
    seen: Vec<(HeaderMap, Bytes)>,
    /// Answers for the next deliveries; then 200.
    answers: Vec<u16>,
}

impl Hooks {
    pub fn seen(&self) -> Vec<(HeaderMap, Bytes)> {
        self.shared.lock().unwrap().seen.clone()
    }

    /// Types of the events that were taken or refused, in the order they came.
    pub fn types(&self) -> Vec<String> {
        let text = |body: Bytes| {
            let event: Value = serde_json::from_slice(&body).unwrap();
            event["type"].as_str().unwrap().to_owned()
        };
        self.seen()
            .into_iter()
            .map(|(_, body)| text(body))
            .collect()
    }

    pub fn answer(&self, statuses: &[u16]) {
        self.shared.lock().unwrap().answers = statuses.iter().rev().copied().collect();
    }
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }
}

impl Stage {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut stage = Self::start_in(folder.path()).await;
        stage.folder = Some(folder);
        stage
    }

    pub async fn start_in(state_dir: &Path) -> Self {
        Self::start_with(state_dir, None).await
    }

    /// The same, with the clock showing `now`.
    pub async fn start_at(state_dir: &Path, now: &str) -> Self {
        Self::start_with(state_dir, Some(now.parse().unwrap())).await
    }

    async fn start_with(state_dir: &Path, now: Option<jiff::Timestamp>) -> Self {
        let hooks = Hooks::default();
        let endpoint = serve(
            Router::new()
                .route("/hook", post(take))
                .with_state(hooks.clone()),
        )
        .await;
        let feedback = Hooks::default();
        let listener_of_feedback = serve(
            Router::new()
                .route("/feedback", post(take))
                .with_state(feedback.clone()),
        )
        .await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let mut config = Config::new(state_dir, &origin);
        config.webhook_url = format!("http://{endpoint}/hook");
        config.now = now;
        config.mail_feedback_url = Some(format!("http://{listener_of_feedback}/feedback"));
        config.webhook_secrets = vec!["whsec_local".to_owned(), "whsec_older".to_owned()];
        let stand_ins = StandIns::start(config).await.unwrap();
        let router = stand_ins.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            stand_ins,
            origin,
            hooks,
            endpoint,
            feedback,
            client: Client::builder(TokioExecutor::new()).build_http(),
            folder: None,
        }
    }

    /// Where `hooks` takes events.
    pub fn hooks_url(&self) -> String {
        format!("http://{}/hook", self.endpoint)
    }

    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        send(&self.client, method, url, headers, body).await
    }

    /// GET of the Stripe API.
    pub async fn get(&self, path: &str) -> Reply {
        let url = format!("{}/v1/{path}", self.stand_ins.stripe_url());
        self.send(Method::GET, &url, &[KEY], "").await
    }

    /// POST of a form to the Stripe API.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.post_with(path, form, &[]).await
    }

    pub async fn post_with(
        &self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Reply {
        let url = format!("{}/v1/{path}", self.stand_ins.stripe_url());
        let body = serde_urlencoded::to_string(form).unwrap();
        let mut all = vec![KEY, ("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send(Method::POST, &url, &all, body).await
    }

    /// GET of a development route, as a program.
    pub async fn dev(&self, path: &str) -> Reply {
        let url = format!("{}/_dev/{path}", self.origin);
        self.send(Method::GET, &url, &[], "").await
    }

    /// POST of JSON to a development route.
    pub async fn dev_post(&self, path: &str, body: Value) -> Reply {
        let url = format!("{}/_dev/{path}", self.origin);
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, &url, &headers, body.to_string())
            .await
    }

    /// A session for one course at 49.00 USD.
    pub async fn session(&self) -> Value {
        self.post("checkout/sessions", &SESSION).await.ok()
    }

    /// A session that is paid; answers it.
    pub async fn paid(&self) -> Value {
        let session = self.session().await;
        let id = session["id"].as_str().unwrap();
        let body = serde_json::json!({ "card": "ok", "email": "buyer@example.org" });
        self.dev_post(&format!("till/sessions/{id}/pay"), body)
            .await
            .ok()["session"]
            .clone()
    }

    /// Waits until the endpoint has been sent `count` events.
    pub async fn hooks_seen(&self, count: usize) -> Vec<(HeaderMap, Bytes)> {
        until(|| self.hooks.seen().len() >= count).await;
        self.hooks.seen()
    }
}

const KEY: (&str, &str) = ("authorization", "Bearer sk_test_local");

pub const SESSION: [(&str, &str); 8] = [
    ("mode", "payment"),
    ("line_items[0][price_data][currency]", "usd"),
    ("line_items[0][price_data][unit_amount]", "4900"),
    (
        "line_items[0][price_data][product_data][name]",
        "A course <of> \"Rust\"",
    ),
    ("line_items[0][quantity]", "1"),
    ("metadata[order]", "o-1"),
    (
        "success_url",
        "http://127.0.0.1:9/order/?session={CHECKOUT_SESSION_ID}",
    ),
    ("cancel_url", "http://127.0.0.1:9/courses/rust/"),
];

/// Waits up to ten seconds until `true_now` holds.
pub async fn until(mut true_now: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !true_now() {
        assert!(begun.elapsed() < Duration::from_secs(10), "waited in vain");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn send(
    client: &Client<HttpConnector, Full<Bytes>>,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Reply {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body.into())).unwrap();
    let exchange = async {
        let response = client.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    };
    let answered = tokio::time::timeout(Duration::from_secs(30), exchange).await;
    answered.unwrap_or_else(|_| panic!("{url} does not answer"))
}

pub fn client() -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).build_http()
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn take(State(hooks): State<Hooks>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut state = hooks.shared.lock().unwrap();
    state.seen.push((headers, body));
    let status = state.answers.pop().unwrap_or(200);
    StatusCode::from_u16(status).unwrap()
}
