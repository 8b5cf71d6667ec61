//! A Lambda Runtime API on loopback (AWS, "Using the Lambda runtime API"): hands out one event,
//! takes the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::{Mutex, mpsc};

struct Runtime {
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
    answers: mpsc::UnboundedSender<Result<Value, String>>,
}

/// Starts `binary` with `variables` and returns its answers to `events`, in order.
pub async fn invoke(
    binary: &str,
    variables: &[(String, String)],
    events: Vec<Value>,
) -> Vec<Value> {
    let (send_event, take_event) = mpsc::unbounded_channel();
    let (send_answer, mut take_answer) = mpsc::unbounded_channel();
    let runtime = Arc::new(Runtime {
        events: Mutex::new(take_event),
        answers: send_answer,
    });
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(runtime);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let mut child = Command::new(binary)
        .env_clear()
        .envs(variables.iter().cloned())
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "tuition")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut answers = Vec::new();
    for event in events {
        send_event.send(event).unwrap();
        let answer = tokio::select! {
            answer = take_answer.recv() => answer.unwrap().unwrap(),
            status = child.wait() => panic!("{binary} ended with {}", status.unwrap()),
            () = tokio::time::sleep(Duration::from_secs(30)) => panic!("{binary} did not answer in 30 s"),
        };
        answers.push(answer);
    }
    child.kill().await.unwrap();
    server.abort();
    answers
}

/// Runs `binary` until it ends by itself, and returns whether it did so happily and what it said.
pub async fn run_to_end(binary: &str, variables: &[(String, String)]) -> (bool, String) {
    let output = Command::new(binary)
        .env_clear()
        .envs(variables.iter().cloned())
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

async fn next(State(runtime): State<Arc<Runtime>>) -> Response {
    let event = runtime.events.lock().await.recv().await;
    match event {
        Some(event) => (
            [
                (
                    "Lambda-Runtime-Aws-Request-Id",
                    "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                ),
                ("Lambda-Runtime-Deadline-Ms", "4102444800000"),
                (
                    "Lambda-Runtime-Invoked-Function-Arn",
                    "arn:aws:lambda:eu-central-1:123456789012:function:tuition",
                ),
            ],
            Json(event),
        )
            .into_response(),
        None => std::future::pending().await,
    }
}

async fn answer(
    State(runtime): State<Arc<Runtime>>,
    Path(_id): Path<String>,
    body: String,
) -> http::StatusCode {
    let answer = serde_json::from_str(&body).unwrap();
    runtime.answers.send(Ok(answer)).unwrap();
    http::StatusCode::ACCEPTED
}

async fn error(
    State(runtime): State<Arc<Runtime>>,
    Path(_id): Path<String>,
    body: String,
) -> http::StatusCode {
    runtime.answers.send(Err(body)).unwrap();
    http::StatusCode::ACCEPTED
}

async fn init_error(State(runtime): State<Arc<Runtime>>, body: String) -> http::StatusCode {
    runtime.answers.send(Err(body)).unwrap();
    http::StatusCode::ACCEPTED
}
