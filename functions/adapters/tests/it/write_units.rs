//! What something costs at the table: every call goes through a counter that asks the engine for the
//! capacity it consumed (Amazon DynamoDB, "Read and write operations": a unit per started KB, two
//! in a transaction).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Stands between the adapters and the engine.
#[derive(Clone)]
pub(crate) struct Counter {
    engine: String,
    client: Client<HttpConnector, Body>,
    calls: Arc<Mutex<Vec<Call>>>,
    pub(crate) url: String,
}

/// One call that wrote something.
#[derive(Debug, Clone)]
struct Call {
    operation: String,
    /// The partition that it wrote to, after its table; a transaction writes to several.
    partition: Option<String>,
    /// The kinds of rows it wrote, and how often.
    rows: BTreeMap<String, usize>,
    units: f64,
}

impl Counter {
    pub(crate) async fn before(engine: String) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let counter = Self {
            engine,
            client: Client::builder(TokioExecutor::new()).build_http(),
            calls: Arc::default(),
            url: format!("http://{}", listener.local_addr().unwrap()),
        };
        let app = Router::new().fallback(pass).with_state(counter.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        counter
    }

    /// Forgets what was counted so far.
    pub(crate) fn start(&self) {
        self.calls.lock().unwrap().clear();
    }

    /// Units written since the start.
    pub(crate) fn units(&self) -> f64 {
        let calls = self.calls.lock().unwrap();
        calls.iter().map(|call| call.units).sum()
    }

    /// Units written since the start by partition, calls outside transactions alone.
    pub(crate) fn partitions(&self) -> BTreeMap<String, f64> {
        let mut all = BTreeMap::new();
        for call in self.calls.lock().unwrap().iter() {
            if let Some(partition) = &call.partition {
                *all.entry(partition.clone()).or_insert(0.0) += call.units;
            }
        }
        all
    }

    /// A line for each call.
    pub(crate) fn table(&self) -> String {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .map(|call| {
                let rows: Vec<_> = call.rows.iter().map(|(k, n)| format!("{n} {k}")).collect();
                let rows = rows.join(", ");
                format!("{:>5}  {:<20} {rows}\n", call.units, call.operation)
            })
            .collect()
    }
}

async fn pass(State(counter): State<Counter>, headers: HeaderMap, body: String) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap().to_owned();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let mut asked: Value = serde_json::from_str(&body).unwrap();
    let writes = matches!(
        operation.as_str(),
        "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems"
    );
    if writes {
        asked["ReturnConsumedCapacity"] = "TOTAL".into();
    }
    let mut request = Request::post(&counter.engine);
    for (name, value) in &headers {
        if !matches!(name.as_str(), "host" | "content-length") {
            request = request.header(name, value);
        }
    }
    let request = request.body(Body::from(asked.to_string())).unwrap();
    let answer = counter.client.request(request).await.unwrap();
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    if writes && status.is_success() {
        let told: Value = serde_json::from_slice(&bytes).unwrap();
        let call = Call {
            partition: partition(&asked),
            rows: kinds(&asked),
            units: units(&told["ConsumedCapacity"]),
            operation,
        };
        counter.calls.lock().unwrap().push(call);
    }
    let kind = [("content-type", "application/x-amz-json-1.0")];
    (status, kind, bytes).into_response()
}

/// The engine answers one capacity, or one for each table.
fn units(capacity: &Value) -> f64 {
    match capacity {
        Value::Array(all) => all.iter().map(units).sum(),
        one => {
            let written = one["WriteCapacityUnits"].as_f64();
            written.or(one["CapacityUnits"].as_f64()).unwrap()
        }
    }
}

fn partition(asked: &Value) -> Option<String> {
    let key = asked.get("Item").or(asked.get("Key"))?;
    let (table, pk) = (asked["TableName"].as_str()?, key["pk"]["S"].as_str()?);
    Some(format!("{table} {pk}"))
}

fn kinds(asked: &Value) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    let mut note = |one: &Value| {
        let key = match (&one["Item"], &one["Key"]) {
            (Value::Null, key) => key,
            (item, _) => item,
        };
        let part = |name: &str| {
            let text = key[name]["S"].as_str().unwrap_or_default();
            text.split('#').next().unwrap_or_default().to_owned()
        };
        *kinds
            .entry(format!("{}/{}", part("pk"), part("sk")))
            .or_insert(0) += 1;
    };
    match asked["TransactItems"].as_array() {
        Some(items) => {
            for item in items {
                item.as_object().unwrap().values().for_each(&mut note);
            }
        }
        None => note(asked),
    }
    kinds
}
