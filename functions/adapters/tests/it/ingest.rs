//! Usage events through the domain into the table: what they cost there, how they spread, and that neither repeats nor
//! order change what is counted.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use futures::StreamExt as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tuition_adapters::config::MetricConfig;
use tuition_adapters::{OsEntropy, Outside, SharedCatalog, Table, aws, metric_ports};
use tuition_catalog::Catalog;
use tuition_domain::identity::LearnerId;
use tuition_domain::metrics::report::Period;
use tuition_domain::metrics::{Accepted, Incoming, MetricPorts, Sender, ingest, report_of};
use tuition_domain::ports::Clock;

use crate::sale::{CATALOG, ShopClock, variable};
use crate::sample;
use crate::stage::Stage;
use crate::write_units::Counter;

/// The budget of a page view, with all that is written for it in both tables.
const MOST_WRITE_UNITS: f64 = 2.0;
/// What a partition takes in a fifth of a second (Amazon DynamoDB, "Designing partition keys": 1,000 in one).
const MOST_OF_A_PARTITION: f64 = 200.0;
/// Views of a hot page in a fifth of a second: 2,000 in one. That second itself, without an engine, is at the keys.
const HOT: u32 = 400;

struct Shop {
    ports: MetricPorts,
    counter: Counter,
    _stage: Stage,
}

/// A shop with an engine of its own, in memory.
async fn shop() -> Shop {
    let stage = Stage::start().await;
    let database = dynoxide::Database::memory().unwrap();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let engine = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let counter = Counter::before(engine).await;
    let lookup = |name: &str| match name {
        "TUITION_DYNAMODB_URL" => Some(counter.url.clone()),
        name => variable(&stage, name),
    };
    let config = MetricConfig::parse(lookup).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ShopClock(stage.stand_ins.clock()));
    let outside = Outside {
        clock,
        entropy: Arc::new(OsEntropy),
        catalog: Arc::new(SharedCatalog::new(Catalog::from_json(CATALOG).unwrap())),
        aws: aws::made_up(),
    };
    Table::of(&config.base, &outside).ensure().await.unwrap();
    Shop {
        ports: metric_ports(&config, &outside),
        counter,
        _stage: stage,
    }
}

fn sender(number: u32) -> Sender {
    Sender {
        address: IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + (number << 8))),
        user_agent: "Browser/1.0".to_owned(),
    }
}

fn event(id: &str, fields: Value) -> Option<Incoming> {
    let mut event = json!({"id": format!("some-event-{id}"), "at": sample::now()});
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    Some(serde_json::from_value(event).unwrap())
}

/// The largest there can be: every tag as long as may be.
fn long_view(id: &str) -> Option<Incoming> {
    let tag = "t".repeat(100);
    event(
        id,
        json!({"type": "page_view", "path": "/courses/rust/what-is-ownership/", "utm_source": tag, "utm_medium": tag,
            "utm_campaign": tag, "utm_term": tag, "utm_content": tag, "referrer": format!("{}.example", "a".repeat(60))}),
    )
}

fn view(id: &str) -> Option<Incoming> {
    event(
        id,
        json!({"type": "page_view", "path": "/courses/rust/", "utm_source": "letter", "referrer": "search.example"}),
    )
}

fn watch(id: &str, from: u32) -> Option<Incoming> {
    event(
        id,
        json!({"type": "watch", "lesson": "rust/hello", "from": from, "to": from + 3}),
    )
}

impl Shop {
    async fn take(
        &self,
        number: u32,
        learner: Option<&LearnerId>,
        batch: Vec<Option<Incoming>>,
    ) -> Accepted {
        ingest(&self.ports, batch, &sender(number), learner.cloned())
            .await
            .unwrap()
    }
}

#[expect(clippy::print_stdout, reason = "the table is what one wants to see")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_view_stays_within_its_write_units() {
    let shop = shop().await;
    // The first of a day makes its secret.
    shop.take(0, None, vec![view("first-of-all")]).await;
    let learner = sample::learner();
    let views = [
        ("of a visitor", None, vec![view("a")]),
        ("the longest there can be", None, vec![long_view("b")]),
        (
            "with what was read of a lesson",
            None,
            vec![view("c"), watch("d", 0), watch("e", 9)],
        ),
        (
            "with something that is dropped",
            None,
            vec![view("f"), None, event("g", json!({"type": "nosuch"}))],
        ),
        (
            "the first of a learner's day",
            Some(&learner),
            vec![view("h")],
        ),
        ("another one of a learner", Some(&learner), vec![view("i")]),
    ];
    let mut table = String::new();
    let mut most: f64 = 0.0;
    for (number, (what, learner, batch)) in (1..).zip(views) {
        let learner: Option<&LearnerId> = learner;
        shop.counter.start();
        let taken = shop.take(number, learner, batch).await;
        assert!(taken.accepted > 0);
        let units = shop.counter.units();
        most = most.max(units);
        table += &format!("{units:>5}  {what}\n{}", shop.counter.table());
    }
    println!("{table}");
    assert!(most > 0.0 && most <= MOST_WRITE_UNITS, "{most}:\n{table}");
}

#[expect(clippy::print_stdout, reason = "the figure is what one wants to see")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hot_page_and_a_flood_of_nonsense_spread_over_partitions() {
    let shop = shop().await;
    shop.take(0, None, vec![view("first-of-all")]).await;
    shop.counter.start();
    // The clock stands: all of it lies in one moment.
    futures::stream::iter(1..=HOT)
        .for_each_concurrent(64, |number| {
            let shop = &shop;
            async move {
                // A tenth is made up by somebody, with ids that are always the same.
                let batch = match number % 10 {
                    0 => event(
                        "none",
                        json!({"type": "page_view", "path": format!("/{number}/")}),
                    ),
                    _ => long_view(&number.to_string()),
                };
                let taken = shop.take(number, None, vec![batch]).await;
                assert_eq!(taken.accepted, usize::from(number % 10 != 0));
            }
        })
        .await;
    let partitions = shop.counter.partitions();
    let (hottest, most) = partitions.iter().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    println!("{} partitions, the hottest {most} units", partitions.len());
    assert!(*most < MOST_OF_A_PARTITION, "{hottest}: {most}");
    let of_events: f64 = partitions
        .iter()
        .filter(|(name, _)| name.contains("EVENT#"))
        .map(|(_, units)| units)
        .sum();
    assert!(of_events >= f64::from(HOT), "{of_events}");
}

/// Facts of two learners and three visitors, in the order in which they happened.
fn history() -> Vec<(u32, bool, Option<Incoming>)> {
    let mut facts = Vec::new();
    for number in 0..5_u32 {
        let is_learner = number < 2;
        for step in 0..4_u32 {
            let id = format!("{number}-{step}");
            facts.push((number, is_learner, view(&format!("view-{id}"))));
            facts.push((number, is_learner, watch(&format!("watch-{id}"), step * 70)));
        }
        let fields = json!({"type": "search", "query": "Box<T>", "hits": number});
        facts.push((
            number,
            is_learner,
            event(&format!("search-{number}"), fields),
        ));
        let fields = json!({"type": "finish", "lesson": "rust/hello"});
        facts.push((
            number,
            is_learner,
            event(&format!("finish-{number}"), fields),
        ));
        if is_learner {
            let fields = json!({"type": "csat", "course": "rust", "score": 5 - number});
            facts.push((number, is_learner, event(&format!("csat-{number}"), fields)));
        }
    }
    facts
}

/// What is reported after these facts came in these batches.
async fn reported(batches: &[Vec<(u32, bool, Option<Incoming>)>]) -> Value {
    let shop = shop().await;
    let learner = |number: u32| LearnerId::parse(&format!("{number:032}")).unwrap();
    // Visitors are told apart by a secret of the day, which is another one in each shop.
    for batch in batches {
        let mut senders: Vec<(u32, bool)> = batch.iter().map(|one| (one.0, one.1)).collect();
        senders.sort_unstable();
        senders.dedup();
        for (number, is_learner) in senders {
            let theirs = batch
                .iter()
                .filter(|one| one.0 == number)
                .map(|one| one.2.clone())
                .collect();
            let learner = is_learner.then(|| learner(number));
            shop.take(number, learner.as_ref(), theirs).await;
        }
    }
    let now = shop.ports.clock.now().to_zoned(jiff::tz::TimeZone::UTC);
    let (report, _) = report_of(&shop.ports, Period::month_of(now.date()))
        .await
        .unwrap();
    serde_json::to_value(report).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_batches_and_order_change_nothing() {
    let facts = history();
    let expected = reported(std::slice::from_ref(&facts)).await;
    assert_eq!(expected["CSAT_answers"], 2, "{expected:#}");
    let mut runner = TestRunner::deterministic();
    for _ in 0..8 {
        let all = facts.clone();
        let again = prop::collection::vec(0..all.len(), 0..30);
        let cuts = prop::collection::vec(1_usize..9, 40);
        let shuffled = again.prop_flat_map(move |again| {
            let mut some = all.clone();
            some.extend(again.into_iter().filter_map(|at| all.get(at).cloned()));
            Just(some).prop_shuffle()
        });
        let tree = (shuffled, cuts).new_tree(&mut runner).unwrap();
        let (mut left, cuts) = tree.current();
        let mut batches = Vec::new();
        for cut in cuts {
            let rest = left.split_off(cut.min(left.len()));
            batches.push(std::mem::replace(&mut left, rest));
        }
        batches.push(left);
        batches.retain(|batch| !batch.is_empty());
        // A whole batch may come again, too.
        batches.extend(batches.first().cloned());
        assert_eq!(reported(&batches).await, expected);
    }
}
