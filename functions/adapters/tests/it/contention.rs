//! What the embedded engine never does: transactions that meet others. A server that answers from
//! a script, as DynamoDB words it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tuition_domain::ports::{Links as _, Orders as _, Written};

use crate::sample;
use crate::world::World;

/// Answers that are left, the last one for ever, and the transactions' tokens so far.
#[derive(Clone, Default)]
struct Script {
    transactions: Arc<Mutex<Vec<(u16, Value)>>>,
    row: Arc<Mutex<Value>>,
    tokens: Arc<Mutex<Vec<String>>>,
}

impl Script {
    async fn start(answers: Vec<(u16, Value)>, row: Value) -> (World, Self) {
        let script = Self::default();
        *script.transactions.lock().unwrap() = answers;
        *script.row.lock().unwrap() = row;
        let app = Router::new().fallback(answer).with_state(script.clone());
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let world = World::at(&format!("http://{}", listener.local_addr().unwrap()));
        tokio::spawn(async move { axum::serve(listener, app).await });
        (world, script)
    }

    fn tokens(&self) -> Vec<String> {
        self.tokens.lock().unwrap().clone()
    }
}

async fn answer(State(script): State<Script>, headers: HeaderMap, body: String) -> Response {
    let call = headers["x-amz-target"].to_str().unwrap();
    let (status, answer) = if call.ends_with("TransactWriteItems") {
        let request: Value = serde_json::from_str(&body).unwrap();
        let token = request["ClientRequestToken"].as_str().unwrap().to_owned();
        script.tokens.lock().unwrap().push(token);
        let mut answers = script.transactions.lock().unwrap();
        if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        }
    } else if call.ends_with("GetItem") {
        (200, script.row.lock().unwrap().clone())
    } else {
        (200, json!({}))
    };
    let status = StatusCode::from_u16(status).unwrap();
    let kind = [("content-type", "application/x-amz-json-1.0")];
    (status, kind, answer.to_string()).into_response()
}

fn done() -> (u16, Value) {
    (200, json!({}))
}

fn cancelled(code: &str) -> (u16, Value) {
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    let reasons = json!([{"Code": code, "Message": "…"}]);
    (
        400,
        json!({"__type": kind, "Message": "cancelled", "CancellationReasons": reasons}),
    )
}

fn in_progress() -> (u16, Value) {
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionInProgressException";
    (400, json!({"__type": kind, "Message": "in progress"}))
}

#[tokio::test]
async fn who_only_met_others_tries_again_as_somebody_new() {
    let conflict = cancelled("TransactionConflict");
    let answers = vec![conflict.clone(), conflict, done()];
    let (world, script) = Script::start(answers, json!({})).await;
    let link = sample::link(&sample::email("link"));
    assert_eq!(world.table.consume_link(&link).await.unwrap(), Written::Yes);
    let mut tokens = script.tokens();
    assert_eq!(tokens.len(), 3);
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 3, "a cancelled transaction's token is spent");
}

#[tokio::test]
async fn who_meets_their_own_first_sending_asks_for_its_result() {
    let (world, script) = Script::start(vec![in_progress(), done()], json!({})).await;
    let link = sample::link(&sample::email("link"));
    assert_eq!(world.table.consume_link(&link).await.unwrap(), Written::Yes);
    let tokens = script.tokens();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn a_link_that_others_got_is_gone_and_one_that_nobody_got_is_worth_another_try() {
    let link = sample::link(&sample::email("link"));
    let conflict = vec![cancelled("TransactionConflict")];
    let (world, _) = Script::start(conflict.clone(), json!({})).await;
    let written = world.table.consume_link(&link).await.unwrap();
    assert_eq!(written, Written::Conflict);
    let row = json!({"Item": {"alive": {"S": link.token.as_str()}}});
    let (world, _) = Script::start(conflict, row).await;
    assert!(world.table.consume_link(&link).await.is_err());
}

#[tokio::test]
async fn a_commit_that_meets_others_is_a_conflict_and_a_throttled_one_is_not() {
    let order = sample::order();
    let change = sample::paid(&order, &sample::learner(), None);
    for (code, expected) in [
        ("TransactionConflict", Some(Written::Conflict)),
        ("ConditionalCheckFailed", Some(Written::Conflict)),
        ("ThrottlingError", None),
        ("ValidationError", None),
    ] {
        let (world, _) = Script::start(vec![cancelled(code)], json!({})).await;
        let written = world.table.commit(&change, sample::now()).await.ok();
        assert_eq!(written, expected, "{code}");
    }
}
