//! A subscription for one test: bought, looked at, moved through time.

use serde_json::{Value, json};

use crate::stage::Stage;

/// A month of something at 10.00 USD.
pub const MONTHLY: [(&str, &str); 8] = [
    ("mode", "subscription"),
    ("line_items[0][price_data][currency]", "usd"),
    ("line_items[0][price_data][unit_amount]", "1000"),
    ("line_items[0][price_data][recurring][interval]", "month"),
    (
        "line_items[0][price_data][product_data][name]",
        "All courses",
    ),
    ("line_items[0][quantity]", "1"),
    ("subscription_data[metadata][offer]", "all"),
    ("success_url", "http://127.0.0.1:9/order/"),
];

pub const DAY: i64 = 86_400;

/// `MONTHLY` and more parameters; a name that is there already is replaced.
pub fn monthly<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form: Vec<(&str, &str)> = MONTHLY
        .into_iter()
        .filter(|(name, _)| more.iter().all(|(other, _)| other != name))
        .collect();
    form.extend_from_slice(more);
    form
}

impl Stage {
    /// Buys a subscription with `card`; answers the session.
    pub async fn subscribed_with(&self, form: &[(&str, &str)], card: &str) -> Value {
        let session = self.post("checkout/sessions", form).await.ok();
        let path = format!("till/sessions/{}/pay", session["id"].as_str().unwrap());
        let body = json!({ "card": card, "email": "buyer@example.org" });
        self.dev_post(&path, body).await.ok()["session"].clone()
    }

    /// Buys `MONTHLY` with a good card; answers the subscription's id.
    pub async fn subscribed(&self) -> String {
        let session = self.subscribed_with(&MONTHLY, "ok").await;
        session["subscription"].as_str().unwrap().to_owned()
    }

    pub async fn subscription(&self, id: &str) -> Value {
        self.get(&format!("subscriptions/{id}")).await.ok()
    }

    /// All invoices of a subscription, the oldest first, with their payments.
    pub async fn invoices(&self, id: &str) -> Vec<Value> {
        let path = format!("invoices?subscription={id}&limit=100&expand[]=data.payments");
        let mut all = self.get(&path).await.ok()["data"]
            .as_array()
            .unwrap()
            .clone();
        all.reverse();
        all
    }

    /// Moves the clock.
    pub async fn advance(&self, seconds: i64) {
        self.dev_post("clock", json!({ "advance_s": seconds }))
            .await
            .ok();
    }

    /// Moves the clock a minute past the end of the subscription's period.
    pub async fn pass_period(&self, id: &str) {
        let end = period(&self.subscription(id).await).1;
        let now = self.stand_ins.clock().now().as_second();
        self.advance(end - now + 60).await;
    }

    /// POST to `/_dev/till/subscriptions/{id}/{what}`; answers `{subscription, invoice}`.
    pub async fn till(&self, id: &str, what: &str, body: Value) -> Value {
        self.dev_post(&format!("till/subscriptions/{id}/{what}"), body)
            .await
            .ok()
    }

    /// Types of all events there are, the oldest first.
    pub async fn event_types(&self) -> Vec<String> {
        let events = self.dev("till/events").await.ok();
        let events = events["events"].as_array().unwrap();
        events
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Types of the events since there were `count` of them.
    pub async fn events_since(&self, count: usize) -> Vec<String> {
        self.event_types().await.split_off(count)
    }
}

/// Start and end of the period of a subscription's first item.
pub fn period(subscription: &Value) -> (i64, i64) {
    let item = &subscription["items"]["data"][0];
    (
        item["current_period_start"].as_i64().unwrap(),
        item["current_period_end"].as_i64().unwrap(),
    )
}
