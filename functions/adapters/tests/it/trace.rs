//! What a request for a link does outside, written down call by call: the same for every address.
//! Between the adapters and the engines stands a recorder.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tuition_domain::access::{AccessPorts, Account, SignedIn, ask, ask_change, consume};
use tuition_domain::email::Email;
use tuition_domain::identity::Secret;
use tuition_domain::mail::Locale;
use tuition_domain::next::NextPath;

use crate::sale::variable;
use crate::sign_in;
use crate::stage::Stage;

/// Calls in the order in which they were made.
#[derive(Clone)]
pub(crate) struct Recorder {
    target: String,
    client: Client<HttpConnector, Body>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    /// A recorder before `target`; its address.
    pub(crate) async fn before(target: String, calls: &Arc<Mutex<Vec<String>>>) -> String {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let recorder = Self {
            target,
            client: Client::builder(TokioExecutor::new()).build_http(),
            calls: Arc::clone(calls),
        };
        let app = Router::new().fallback(pass).with_state(recorder);
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }
}

async fn pass(
    State(recorder): State<Recorder>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let call = match headers.get("x-amz-target") {
        Some(operation) => table_call(operation.to_str().unwrap(), &body),
        None => format!("mail {}", sizes(&body)),
    };
    recorder.calls.lock().unwrap().push(call);
    let mut request = Request::post(format!("{}{}", recorder.target, uri.path()));
    for (name, value) in &headers {
        if !matches!(name.as_str(), "host" | "content-length") {
            request = request.header(name, value);
        }
    }
    let request = request.body(Body::from(body)).unwrap();
    let answer = recorder.client.request(request).await.unwrap();
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    let kind = answer.headers().get("content-type").cloned();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let mut response = (status, bytes).into_response();
    if let Some(kind) = kind {
        response.headers_mut().insert("content-type", kind);
    }
    response
}

/// Operation, and the kinds of rows it is about.
fn table_call(operation: &str, body: &str) -> String {
    let asked: Value = serde_json::from_str(body).unwrap();
    let operation = operation.rsplit('.').next().unwrap();
    let kind = |one: &Value| {
        let key = if one["Item"].is_null() {
            &one["Key"]
        } else {
            &one["Item"]
        };
        let part = |name: &str| {
            let text = key[name]["S"].as_str().unwrap_or_default();
            text.split('#').next().unwrap_or_default().to_owned()
        };
        format!("{}/{}", part("pk"), part("sk"))
    };
    let rows: Vec<String> = match asked["TransactItems"].as_array() {
        Some(items) => items
            .iter()
            .flat_map(|item| item.as_object().unwrap())
            .map(|(action, one)| format!("{action} {}", kind(one)))
            .collect(),
        None => vec![kind(&asked)],
    };
    format!("{operation} {}", rows.join(", "))
}

/// Bytes of a mail's parts: a mail that reaches nobody must take as long on its way.
fn sizes(body: &str) -> String {
    let asked: Value = serde_json::from_str(body).unwrap();
    let simple = &asked["Content"]["Simple"];
    let length = |part: &Value| part["Data"].as_str().unwrap().len();
    let body = &simple["Body"];
    format!(
        "{}, {}, {}",
        length(&simple["Subject"]),
        length(&body["Text"]),
        length(&body["Html"])
    )
}

/// What was called since the last look. Counters are read and written at once, so that their order among each other is
/// chance.
pub(crate) fn taken(calls: &Mutex<Vec<String>>) -> Vec<String> {
    let mut calls = std::mem::take(&mut *calls.lock().unwrap());
    for run in calls.chunk_by_mut(|a, b| a.contains(" COUNT/") && b.contains(" COUNT/")) {
        run.sort();
    }
    calls
}

struct Watched {
    stage: Stage,
    ports: AccessPorts,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Watched {
    async fn start() -> Self {
        let stage = Stage::start().await;
        let calls = Arc::default();
        let table = Recorder::before(stage.stand_ins.dynamodb_url(), &calls).await;
        let mail = Recorder::before(stage.stand_ins.mail_url(), &calls).await;
        let lookup = |name: &str| match name {
            "TUITION_DYNAMODB_URL" => Some(table.clone()),
            "TUITION_SES_URL" => Some(mail.clone()),
            name => variable(&stage, name),
        };
        let ports = sign_in::ports_at(&stage, lookup).await;
        Self {
            stage,
            ports,
            calls,
        }
    }

    fn trace(&self) -> Vec<String> {
        taken(&self.calls)
    }

    /// A minute passes, and somebody asks for a link.
    async fn asked(&self, address: &str) -> (Vec<String>, tuition_domain::access::SignInCookie) {
        self.trace();
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let asked = ask(&self.ports, address, NextPath::home(), from, Locale::En).await;
        (self.trace(), asked.unwrap().cookie)
    }

    async fn account(&self, address: &str) -> Account {
        let (_, cookie) = self.asked(address).await;
        let token = self.token_to(address).await;
        let signed_in = consume(&self.ports, &token, Some(&cookie), None).await;
        let SignedIn { reader, .. } = signed_in.unwrap();
        reader.into_account().unwrap()
    }

    async fn token_to(&self, address: &str) -> Secret {
        let mails = self.stage.outbox().await;
        let to = |mail: &&Value| mail["to"].to_string().contains(address);
        let text = mails.iter().find(to).unwrap()["text"].as_str().unwrap();
        let link = text.lines().find(|line| line.starts_with("http")).unwrap();
        Secret::parse(link.rsplit('/').next().unwrap()).unwrap()
    }
}

/// Of one length, so that mails to them are of one length.
fn address(words: &str) -> String {
    format!("{words:-<12}@x.example")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_for_a_link_does_the_same_for_every_address() {
    let watched = Watched::start().await;
    let table = &watched.ports;
    let suppress = async |address: &str| {
        let email = Email::parse(address).unwrap();
        let until = crate::sample::later(9_999_999);
        table.suppressions.suppress(&email, until).await.unwrap();
    };
    // An account.
    let known = address("known");
    watched.account(&known).await;
    // Signed in a while ago, and again since: what is left of links differs.
    let often = address("often");
    watched.account(&often).await;
    watched.asked(&often).await;
    // Bought without an account.
    let buyer = address("buyer");
    let fresh = crate::sample::learner();
    let learners = &table.reader.learners;
    let email = Email::parse(&buyer).unwrap();
    learners.learner_of(&email, &fresh).await.unwrap();
    // Mail to them is held back; to one with an account, too.
    let (silent, left) = (address("silent"), address("left"));
    watched.account(&left).await;
    suppress(&silent).await;
    suppress(&left).await;
    // Asked ten minutes ago.
    let late = address("late");
    watched.asked(&late).await;
    let clock = watched.stage.stand_ins.clock();
    clock.advance(601).unwrap();

    let (expected, _) = watched.asked(&address("nobody")).await;
    assert!(expected.len() > 5, "{expected:#?}");
    assert!(
        expected.last().unwrap().starts_with("mail "),
        "{expected:#?}"
    );
    for address in [known, often.clone(), often, buyer, silent, left, late] {
        let (trace, _) = watched.asked(&address).await;
        assert_eq!(trace, expected, "{address}");
    }
    eprintln!("{expected:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_for_another_address_does_the_same_whosever_it_is() {
    let watched = Watched::start().await;
    let account = watched.account(&address("mine")).await;
    let (known, silent) = (address("known"), address("silent"));
    watched.account(&known).await;
    let email = Email::parse(&silent).unwrap();
    let until = crate::sample::later(9_999_999);
    let suppressions = &watched.ports.suppressions;
    suppressions.suppress(&email, until).await.unwrap();
    let mut traces = Vec::new();
    for wanted in [address("nobody"), known, silent] {
        watched.trace();
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let next = NextPath::account();
        let ports = &watched.ports;
        let asked = ask_change(ports, &account, &wanted, next, from, Locale::En).await;
        asked.unwrap();
        traces.push(watched.trace());
    }
    assert!(
        traces[0]
            .iter()
            .filter(|call| call.starts_with("mail "))
            .count()
            == 2
    );
    assert_eq!(traces[1], traces[0]);
    assert_eq!(traces[2], traces[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_held_back_leaves_as_filler_and_reaches_nobody() {
    let watched = Watched::start().await;
    let silent = address("silent");
    let email = Email::parse(&silent).unwrap();
    let until = crate::sample::later(9_999_999);
    let suppressions = &watched.ports.suppressions;
    suppressions.suppress(&email, until).await.unwrap();
    watched.asked(&silent).await;
    assert_eq!(json!(watched.stage.outbox().await), json!([]));
}
