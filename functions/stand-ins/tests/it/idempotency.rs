//! Idempotency keys, as Stripe documents them.

use crate::stage::{SESSION, Stage};

#[tokio::test]
async fn the_same_request_with_the_same_key_is_answered_once() {
    let stage = Stage::start().await;
    let key = [("idempotency-key", "k-1")];
    let first = stage.post_with("checkout/sessions", &SESSION, &key).await;
    assert_eq!(first.header("idempotent-replayed"), "");
    assert_eq!(first.header("idempotency-key"), "k-1");
    let mut shuffled = SESSION.to_vec();
    shuffled.reverse();
    let second = stage.post_with("checkout/sessions", &shuffled, &key).await;
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(
        second.header("original-request"),
        first.header("request-id")
    );
    assert_ne!(second.header("request-id"), first.header("request-id"));
    assert_eq!(first.body, second.body);
    assert_eq!(sessions(&stage).await, 1);
}

#[tokio::test]
async fn fifty_requests_at_once_with_one_key_make_one_session() {
    let stage = Stage::start().await;
    let calls = (0..50).map(|_| {
        stage.post_with(
            "checkout/sessions",
            &SESSION,
            &[("idempotency-key", "k-50")],
        )
    });
    let mut ids = std::collections::BTreeSet::new();
    let mut fresh = 0;
    for reply in join_all(calls).await {
        assert_eq!(reply.status, 200);
        fresh += usize::from(reply.header("idempotent-replayed").is_empty());
        ids.insert(reply.json()["id"].as_str().unwrap().to_owned());
    }
    assert_eq!((ids.len(), fresh), (1, 1));
    assert_eq!(sessions(&stage).await, 1);
}

#[tokio::test]
async fn a_key_belongs_to_its_request() {
    let stage = Stage::start().await;
    let key = [("idempotency-key", "k-2")];
    stage
        .post_with("checkout/sessions", &SESSION, &key)
        .await
        .ok();
    let mut other = SESSION;
    other[2].1 = "5000";
    let refused = stage.post_with("checkout/sessions", &other, &key).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["error"]["type"], "idempotency_error");
    let elsewhere = stage
        .post_with("customers", &[("email", "a@example.org")], &key)
        .await;
    assert_eq!(elsewhere.json()["error"]["type"], "idempotency_error");
    assert_eq!(sessions(&stage).await, 1);
}

#[tokio::test]
async fn what_was_refused_before_it_began_can_be_retried_with_its_key() {
    let stage = Stage::start().await;
    let key = [("idempotency-key", "k-3")];
    let mut wrong = SESSION.to_vec();
    wrong.push(("colour", "red"));
    let refused = stage.post_with("checkout/sessions", &wrong, &key).await;
    assert_eq!(refused.json()["error"]["code"], "parameter_unknown");
    assert_eq!(
        sessions(&stage).await,
        0,
        "a refused session must not be kept"
    );
    stage
        .dev_post("till/faults", serde_json::json!({ "api_status": 500 }))
        .await
        .ok();
    let broken = stage.post_with("checkout/sessions", &SESSION, &key).await;
    assert_eq!(broken.status, 500);
    stage
        .dev_post("till/faults", serde_json::json!({}))
        .await
        .ok();
    stage
        .post_with("checkout/sessions", &SESSION, &key)
        .await
        .ok();
    assert_eq!(sessions(&stage).await, 1);
}

#[tokio::test]
async fn what_was_refused_after_it_began_is_answered_the_same_again() {
    let stage = Stage::start().await;
    let payment = stage.paid().await["payment_intent"]
        .as_str()
        .unwrap()
        .to_owned();
    let form = [("payment_intent", payment.as_str())];
    stage.post("refunds", &form).await.ok();
    let key = [("idempotency-key", "k-4")];
    let first = stage.post_with("refunds", &form, &key).await;
    let second = stage.post_with("refunds", &form, &key).await;
    assert_eq!(
        (first.status, second.status),
        (400.try_into().unwrap(), 400.try_into().unwrap())
    );
    assert_eq!(second.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let stage = Stage::start().await;
    let key = [("idempotency-key", "k-5")];
    stage
        .post_with("checkout/sessions", &SESSION, &key)
        .await
        .ok();
    stage
        .dev_post("clock", serde_json::json!({ "advance_s": 86_402 }))
        .await
        .ok();
    let later = stage.post_with("checkout/sessions", &SESSION, &key).await;
    assert_eq!(later.header("idempotent-replayed"), "");
    assert_eq!(sessions(&stage).await, 2);
}

async fn sessions(stage: &Stage) -> usize {
    let list = stage.get("checkout/sessions?limit=100").await.ok();
    list["data"].as_array().unwrap().len()
}

/// Polls all of them at once.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut ready = true;
        for (future, output) in &mut pending {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => ready = false,
                }
            }
        }
        if ready {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pending
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}
