//! What a call brings about besides its own work. Without the courier, which would do it too.

use serde_json::Value;

use super::*;
use crate::clock::SteppableClock;
use crate::till::dev::all_events;

fn call_of(method: Method, path: &str, form: &str) -> Call {
    Call {
        id: "req_own".to_owned(),
        method,
        path: path.to_owned(),
        params: Params::parse(form).unwrap(),
        key: None,
        origin: "http://127.0.0.1:1".into(),
    }
}

#[tokio::test]
async fn what_is_due_names_no_request_and_outlasts_a_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let clock = SteppableClock::open(folder.path(), None).unwrap();
    let store = Store::open(folder.path(), clock.clone()).unwrap();
    let form = "mode=payment&success_url=http://127.0.0.1:9/&line_items[0][quantity]=1\
                &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=100\
                &line_items[0][price_data][product_data][name]=x";
    let run = async |call: Call| {
        let answered = store.transact(move |tx| Ok::<_, StoreError>(answer(tx, call)));
        answered.await.unwrap().status
    };
    let made = call_of(Method::POST, "/v1/checkout/sessions", form);
    assert_eq!(run(made).await, StatusCode::OK);
    clock.advance(25 * 3600).unwrap();
    let refused = call_of(Method::GET, "/v1/charges/ch_none", "");
    assert_eq!(run(refused).await, StatusCode::NOT_FOUND);
    let events: Vec<Value> = store.transact(all_events).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["type"], "checkout.session.expired");
    assert!(events[0]["request"]["id"].is_null());
}
