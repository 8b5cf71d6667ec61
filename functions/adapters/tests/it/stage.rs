//! All stand-ins of a stage, and what a buyer, a bank or an operator does with them.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;
use tuition_domain::identity::OrderId;
use tuition_stand_ins::{Config, StandIns};

pub(crate) struct Stage {
    pub(crate) stand_ins: StandIns,
    _folder: TempDir,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Nobody listens for webhooks here.
        let mut config = Config::new(folder.path(), "http://127.0.0.1:9");
        config.now = Some(crate::sample::now());
        Self {
            stand_ins: StandIns::start(config).await.unwrap(),
            _folder: folder,
        }
    }

    pub(crate) async fn pay(&self, session: &OrderId, card: &str) {
        let path = format!("/_dev/till/sessions/{session}/pay");
        self.post(&path, json!({"card": card, "email": "buyer@x.example"}))
            .await;
    }

    pub(crate) async fn payment(&self, payment: &str, action: &str, body: Value) {
        self.post(&format!("/_dev/till/payments/{payment}/{action}"), body)
            .await;
    }

    /// Answers 200, or 402 for a declined card.
    pub(crate) async fn post(&self, path: &str, body: Value) {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.stand_ins.router().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(
            matches!(status, 200 | 402),
            "{path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
    }

    /// Mails, newest first.
    pub(crate) async fn outbox(&self) -> Vec<Value> {
        let request = Request::get("/_dev/outbox").body(Body::empty()).unwrap();
        let answer = self.stand_ins.router().oneshot(request).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap()
    }
}
