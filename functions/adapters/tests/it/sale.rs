//! One sale through the domain over all adapters, assembled from a local configuration as under
//! `serve`.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use tuition_adapters::config::{AccessConfig, CheckoutConfig, CommentConfig, MetricConfig};
use tuition_adapters::{
    OsEntropy, Outside, SharedCatalog, Table, access_ports, aws, checkout_ports, comment_ports,
    metric_ports, tokens,
};
use tuition_catalog::Catalog;
use tuition_domain::checkout::{
    Browser, CheckoutPorts, OrderStatus, ProviderEvent, StartRequest, deliver_mail, project,
    receive, start, view_order,
};
use tuition_domain::mail::Locale;
use tuition_domain::metrics::summary;
use tuition_domain::next::NextPath;
use tuition_domain::ports::Clock;
use tuition_stand_ins::SteppableClock;

use crate::stage::Stage;
use crate::write_units::Counter;

pub(crate) struct ShopClock(pub(crate) SteppableClock);

impl Clock for ShopClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub(crate) const CATALOG: &[u8] = include_bytes!("../../../../generator/catalog/samples/v1.json");

pub(crate) fn variable(stage: &Stage, name: &str) -> Option<String> {
    let secret = tuition_domain::token::Secret::from_bytes([7; 32]).to_base64url();
    let keys = json!({"signing": "k1", "keys": {"k1": secret}});
    Some(match name {
        "TUITION_STAGE" => "local".to_owned(),
        "TUITION_ORIGIN" => "http://127.0.0.1:8080".to_owned(),
        "TUITION_TABLE" => "shop".to_owned(),
        "TUITION_EPHEMERAL_TABLE" => "shop-ephemeral".to_owned(),
        "TUITION_CATALOG" => "none".to_owned(),
        "TUITION_EDGE_SECRET" => "e".repeat(32),
        "TUITION_ACCESS_KEYS" => keys.to_string(),
        "TUITION_MAIL_FROM" => "Shop <shop@x.example>".to_owned(),
        "TUITION_STRIPE_KEY" => "sk_test_local".to_owned(),
        "TUITION_WEBHOOK_SECRETS" => "whsec_local".to_owned(),
        "TUITION_DYNAMODB_URL" => stage.stand_ins.dynamodb_url(),
        "TUITION_SES_URL" => stage.stand_ins.mail_url(),
        "TUITION_STRIPE_URL" => stage.stand_ins.stripe_url(),
        _ => return None,
    })
}

/// The budget of a whole sale: a guest opens the payment page, pays, the event comes, the buyer
/// comes back and gets a session and a receipt.
const MOST_WRITE_UNITS: f64 = 20.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_stays_within_its_write_units() {
    let stage = Stage::start().await;
    let counter = Counter::before(stage.stand_ins.dynamodb_url()).await;
    let lookup = |name: &str| match name {
        "TUITION_DYNAMODB_URL" => Some(counter.url.clone()),
        name => variable(&stage, name),
    };
    let config = CheckoutConfig::parse(lookup).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ShopClock(stage.stand_ins.clock()));
    let outside = Outside {
        clock,
        entropy: Arc::new(OsEntropy),
        catalog: Arc::new(SharedCatalog::new(Catalog::from_json(CATALOG).unwrap())),
        aws: aws::made_up(),
    };
    Table::of(&config.base, &outside).ensure().await.unwrap();
    let ports = checkout_ports(&config, &outside).unwrap();
    let request = StartRequest {
        offer: "rust".to_owned(),
        next: NextPath::parse("/zh/courses/rust/what-is-ownership/").unwrap(),
        ..StartRequest::default()
    };
    let browser = |key: &str| Browser {
        secret: None,
        key: Some(key.to_owned()),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: "test".to_owned(),
        uncounted: false,
        locale: Locale::En,
    };
    // The first of the day makes the day's secret.
    let first = browser("the-first-key-of-the-day");
    start(&ports, request.clone(), first, None).await.unwrap();

    counter.start();
    let started = start(&ports, request, browser("another-key-of-sixteen"), None)
        .await
        .unwrap();
    let id = started.session.id;
    stage.pay(&id, "ok").await;
    let event = ProviderEvent::new(
        "evt_1".to_owned(),
        "checkout.session.completed".to_owned(),
        json!({"id": id}),
    );
    receive(&ports, &event).await.unwrap();
    let view = view_order(&ports, &id, Some(&started.browser), None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(view.order.status, OrderStatus::Paid);
    assert!(view.reader.is_some());
    assert_eq!(stage.outbox().await.len(), 1);
    let units = counter.units();
    assert!(
        units > 0.0 && units <= MOST_WRITE_UNITS,
        "{units} units:\n{}",
        counter.table()
    );
    eprintln!("{units} units:\n{}", counter.table());
}

async fn status(ports: &CheckoutPorts, id: &tuition_domain::identity::OrderId) -> OrderStatus {
    project(ports, id, "test")
        .await
        .unwrap()
        .unwrap()
        .order
        .status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_ends_with_one_entitlement_one_receipt_and_a_refund_with_none() {
    let stage = Stage::start().await;
    let lookup = |name: &str| variable(&stage, name);
    let checkout = CheckoutConfig::parse(lookup).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ShopClock(stage.stand_ins.clock()));
    let outside = Outside {
        clock,
        entropy: Arc::new(OsEntropy),
        catalog: Arc::new(SharedCatalog::new(Catalog::from_json(CATALOG).unwrap())),
        aws: aws::made_up(),
    };
    let table = Table::of(&checkout.base, &outside);
    table.ensure().await.unwrap();
    let ports = checkout_ports(&checkout, &outside).unwrap();
    assert!(!ports.live);

    let request = StartRequest {
        offer: "rust".to_owned(),
        ..StartRequest::default()
    };
    let browser = Browser {
        secret: None,
        key: Some("a-key-of-sixteen-or-more".to_owned()),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: "test".to_owned(),
        uncounted: false,
        locale: Locale::En,
    };
    let first = start(&ports, request.clone(), browser.clone(), None)
        .await
        .unwrap();
    let again = start(&ports, request, browser, None).await.unwrap();
    let id = first.session.id;
    assert_eq!(id, again.session.id);
    assert_eq!(status(&ports, &id).await, OrderStatus::Open);

    stage.pay(&id, "ok").await;
    let running: Vec<_> = (0..20)
        .map(|_| {
            let (ports, id) = (ports.clone(), id.clone());
            tokio::spawn(async move { project(&ports, &id, "test").await.unwrap().unwrap() })
        })
        .collect();
    for task in running {
        assert_eq!(task.await.unwrap().order.status, OrderStatus::Paid);
    }
    let order = ports.reader.orders.order(&id).await.unwrap().unwrap();
    let holder = order.holder.clone().unwrap();
    let rights = ports.reader.learners.entitlements(&holder).await.unwrap();
    assert_eq!(rights.len(), 1);
    assert!(!rights[0].revoked);
    let _ = deliver_mail(&ports).await.unwrap();
    let receipts = stage.outbox().await;
    assert_eq!(receipts.len(), 1, "{receipts:#?}");
    assert!(receipts[0]["to"].to_string().contains("buyer@x.example"));

    let session = ports.payments.session(&id).await.unwrap().unwrap();
    let payment = session.payments[0].id.clone();
    stage.payment(&payment, "refund", json!({})).await;
    assert_eq!(status(&ports, &id).await, OrderStatus::Refunded);
    let rights = ports.reader.learners.entitlements(&holder).await.unwrap();
    assert!(rights.len() == 1 && rights[0].revoked);

    // The other functions see the same tables.
    let metrics = metric_ports(&MetricConfig::parse(lookup).unwrap(), &outside);
    let seen = serde_json::to_value(summary(&metrics).await.unwrap()).unwrap();
    assert_eq!(seen["funnel"]["checkouts"], 1, "{seen:#}");
    let access = AccessConfig::parse(lookup).unwrap();
    assert_eq!(tokens(&access.keys, &access.base).origin, ports.origin);
    let access = access_ports(&access, &outside);
    let profile = access.reader.learners.profile(&holder).await.unwrap();
    assert!(profile.is_none(), "nobody has proved the address yet");
    let comments = comment_ports(&CommentConfig::parse(lookup).unwrap(), &outside);
    let lesson = crate::sample::lesson("traits");
    assert!(comments.comments.thread(&lesson).await.unwrap().is_empty());
}
