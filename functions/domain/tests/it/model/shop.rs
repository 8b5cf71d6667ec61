//! A shop on the store and the provider of the model: what its buyers, its webhook and its jobs
//! do, each as a task of its own, and what must be true once everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tuition_catalog::{Catalog, Offer, OfferKind, Term};
use tuition_domain::access::{AccessPorts, ReaderPorts};
use tuition_domain::checkout::{
    Booked, Browser, CheckoutPorts, Order, OrderStatus, PaymentState, ProviderEvent, StartRequest,
    SubscriptionState, deliver_mail, receive, reconcile, start, view_order,
};
use tuition_domain::identity::{OrderId, Secret};
use tuition_domain::mail::Locale;
use tuition_domain::ports::{CatalogSource, Clock, Entropy};

use super::planted;
use super::provider::{Act, Provider};
use super::store::{Fault, Store};
use super::turns::{Tasks, run};

const CATALOG: &[u8] = include_bytes!("../../../../../generator/catalog/samples/v1.json");

/// Who handles the provider's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handler {
    /// The shop's own.
    Ours,
    /// A planted mistake: each event once, and what it says applied to the entitlement.
    DedupeThenDelta,
    /// A planted mistake: ours, on a store that does not look at versions.
    Unconditional,
}

/// Time, chance and catalog of the model.
struct World {
    now: Mutex<Timestamp>,
    drawn: Mutex<u64>,
    catalog: Arc<Catalog>,
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

impl Entropy for World {
    fn fill(&self, bytes: &mut [u8]) {
        let mut drawn = self.drawn.lock().unwrap();
        for chunk in bytes.chunks_mut(8) {
            *drawn += 1;
            let word = drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

impl CatalogSource for World {
    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }
}

pub(crate) struct Shop {
    handler: Handler,
    world: Arc<World>,
    pub(crate) store: Arc<Store>,
    pub(crate) provider: Arc<Provider>,
    ports: CheckoutPorts,
    tasks: Tasks,
    /// Sessions whose payment page a buyer has been led to, and the browser that was.
    bought: Arc<Mutex<BTreeMap<OrderId, Secret>>>,
}

/// What the offers of the model are.
const OFFERS: [&str; 2] = ["rust", "all-access"];

impl Shop {
    pub(crate) fn open(handler: Handler) -> Self {
        let mut catalog = Catalog::from_json(CATALOG).unwrap();
        for offer in &mut catalog.offers {
            if offer.id == "all-access" {
                offer.kind = OfferKind::Subscription;
                offer.term = Some(Term::Month);
            }
        }
        catalog.site.limits.checkouts_per_network_per_hour = u32::MAX;
        let like = catalog.offer("all-access").unwrap().clone();
        let mut besides = |id: &str, change: fn(&mut Offer)| {
            let mut offer = Offer {
                id: id.to_owned(),
                ..like.clone()
            };
            change(&mut offer);
            catalog.offers.push(offer);
        };
        besides("gift", |offer| offer.kind = OfferKind::Donation);
        besides("review", |offer| offer.kind = OfferKind::Service);
        besides("endless", |offer| offer.term = None);
        besides("unpriced", |offer| offer.prices.clear());
        let world = Arc::new(World {
            now: Mutex::new("2026-06-01T12:00:00Z".parse().unwrap()),
            drawn: Mutex::new(0),
            catalog: Arc::new(catalog),
        });
        let store = Arc::new(Store::new(handler == Handler::Unconditional));
        let provider = Arc::new(Provider::default());
        let ports = CheckoutPorts {
            comments: store.clone(),
            reader: ReaderPorts {
                clock: world.clone(),
                catalog: world.clone(),
                sessions: store.clone(),
                learners: store.clone(),
                orders: store.clone(),
            },
            entropy: world.clone(),
            payments: provider.clone(),
            outbox: store.clone(),
            mailer: store.clone(),
            suppressions: store.clone(),
            ledger: store.clone(),
            reconciliations: store.clone(),
            events: store.clone(),
            daily_secrets: store.clone(),
            counters: store.clone(),
            origin: "https://courses.example".to_owned(),
            live: false,
        };
        let now = world.now();
        store.look(|rows| rows.now = now);
        Self {
            handler,
            world,
            store,
            provider,
            ports,
            tasks: Tasks::default(),
            bought: Arc::default(),
        }
    }

    pub(crate) fn ports(&self) -> &CheckoutPorts {
        &self.ports
    }

    /// What the access function may touch, of the same shop.
    pub(crate) fn access(&self) -> AccessPorts {
        AccessPorts {
            reader: self.ports.reader.clone(),
            entropy: self.world.clone(),
            links: self.store.clone(),
            changes: self.store.clone(),
            counters: self.store.clone(),
            mailer: self.store.clone(),
            suppressions: self.store.clone(),
            outbox: self.store.clone(),
            comments: self.store.clone(),
            progress: self.store.clone(),
            events: self.store.clone(),
            ledger: self.store.clone(),
            origin: self.ports.origin.clone(),
        }
    }

    /// An order as stored.
    pub(crate) fn order(&self, id: &OrderId) -> Order {
        self.store
            .look(|rows| rows.orders[id].last().unwrap().clone())
    }

    /// Keys of the mails that were sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.store.look(|rows| rows.sent.clone())
    }

    /// The mail provider refuses the next mail.
    pub(crate) fn fail_next_mail(&self) {
        self.store.look(|rows| rows.refused_mails = 1);
    }

    /// Whoever sends the next mail dies before: it is neither sent nor given back.
    pub(crate) fn die_before_mail(&self) {
        self.store.look(|rows| rows.lost_senders = 1);
    }

    pub(crate) fn advance_by(&self, step: SignedDuration) {
        *self.world.now.lock().unwrap() += step;
        let now = self.now();
        self.store.look(|rows| rows.now = now);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.now()
    }

    pub(crate) fn advance(&self, hours: u16) {
        self.advance_by(SignedDuration::from_hours(i64::from(hours)));
    }

    pub(crate) fn poll(&mut self, which: usize, times: usize) {
        self.tasks.poll(which, times);
    }

    pub(crate) fn kill(&mut self, which: usize) {
        self.tasks.kill(which);
    }

    /// A buyer asks for a payment page; the same buyer with the same key may ask again.
    pub(crate) fn buy(&mut self, buyer: u8, offer: usize, key: u8) {
        let secret = Secret::from_bytes([buyer; 32]);
        let request = StartRequest {
            offer: OFFERS[offer % OFFERS.len()].to_owned(),
            email: Some(format!("buyer-{buyer}@x.example")),
            ..StartRequest::default()
        };
        let browser = Browser {
            secret: Some(secret.clone()),
            key: Some(format!("{offer}-{key}")),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            user_agent: "model".to_owned(),
            uncounted: false,
            locale: Locale::En,
        };
        let (ports, bought) = (self.ports.clone(), Arc::clone(&self.bought));
        self.tasks.spawn(async move {
            if let Ok(started) = start(&ports, request, browser, None).await {
                bought.lock().unwrap().insert(started.session.id, secret);
            }
        });
    }

    /// Something happens at the provider to a session that a buyer was led to.
    pub(crate) fn act(&self, which: usize, act: Act) {
        let bought = self.bought.lock().unwrap();
        if let Some(id) = bought.keys().nth(which % bought.len().max(1)) {
            self.provider.act(id, act, self.now());
        }
    }

    /// The provider delivers an event, for the first time or again.
    pub(crate) fn deliver(&mut self, which: usize) {
        let events = self.provider.events_so_far();
        if let Some(event) = events.into_iter().nth(which) {
            let task = handle(self.handler, self.ports.clone(), self.store.clone(), event);
            self.tasks.spawn(task);
        }
    }

    /// A buyer comes back from the payment page.
    pub(crate) fn come_back(&mut self, which: usize) {
        let bought = self.bought.lock().unwrap().clone();
        if let Some((id, secret)) = bought.into_iter().nth(which) {
            let ports = self.ports.clone();
            self.tasks.spawn(async move {
                let _ = view_order(&ports, &id, Some(&secret), None).await;
            });
        }
    }

    pub(crate) fn send_mail(&mut self) {
        let ports = self.ports.clone();
        self.tasks.spawn(async move {
            let _ = deliver_mail(&ports).await;
        });
    }

    pub(crate) fn reconcile(&mut self) {
        let ports = self.ports.clone();
        self.tasks.spawn(async move {
            let _ = reconcile(&ports, None, 2).await;
        });
    }

    /// Everything that was under way dies; then the provider delivers what it has, or we compare
    /// ourselves with it once. Nothing fails any more.
    pub(crate) fn come_to_rest(&mut self, by_events: bool) {
        self.tasks.crash();
        self.store.plan([]);
        match by_events || self.handler == Handler::DedupeThenDelta {
            true => {
                for event in self.provider.events_so_far() {
                    run(handle(
                        self.handler,
                        self.ports.clone(),
                        self.store.clone(),
                        event,
                    ));
                }
            }
            false => {
                let began = Some(Timestamp::UNIX_EPOCH);
                let mut report = run(reconcile(&self.ports, began, 1)).unwrap();
                while !report.finished {
                    report = run(reconcile(&self.ports, None, 1)).unwrap();
                }
                assert_eq!(report.provider, report.ledger, "the money agrees");
                assert_eq!(
                    report.difference_count, 0,
                    "no row was apart from its order"
                );
                assert!(report.agrees());
            }
        }
        // The leases of whoever died run out.
        self.advance(1);
        run(deliver_mail(&self.ports)).unwrap();
    }

    /// The law: everybody has what the provider's final state says, and the money is all there.
    pub(crate) fn check(&self) -> Result<(), String> {
        let bought = self.bought.lock().unwrap().clone();
        let sales = self.provider.sales();
        self.store.look(|rows| {
            let mut holders = BTreeSet::new();
            for sale in sales.iter().filter(|s| bought.contains_key(&s.object.id)) {
                let id = &sale.object.id;
                let fail = |what: &str| Err(format!("{id}: {what}: {:?}", sale.object));
                let Some(order) = rows.orders.get(id).and_then(|versions| versions.last()) else {
                    return fail("has no order");
                };
                let rights: Vec<_> = rows
                    .entitlements
                    .values()
                    .filter(|right| right.order == *id)
                    .collect();
                if rights.len() > 1 {
                    return fail("more than one entitlement");
                }
                let is_entitled = rights.iter().any(|right| right.holds(self.now()));
                if is_entitled != sale.should_open(self.now()) {
                    return fail(&format!("entitled: {is_entitled}"));
                }
                if self.handler == Handler::DedupeThenDelta {
                    continue;
                }
                if order.opens(self.now()) != is_entitled {
                    return fail("order and entitlement differ");
                }
                if order.status == OrderStatus::Quarantined {
                    return fail("quarantined");
                }
                let mut booked = Booked::default();
                for entry in rows.ledger.iter().filter(|entry| entry.order == *id) {
                    booked.add(entry);
                    holders.insert((id.clone(), entry.learner.clone()));
                }
                let is_paid = sale.object.payment_state == PaymentState::Paid;
                if is_paid && booked != Booked::of(&sale.object.payments) {
                    return fail(&format!("booked {booked:?}"));
                }
                let receipts = rows
                    .sent
                    .iter()
                    .filter(|key| **key == format!("{id}/receipt"));
                if order.receipted && receipts.count() == 0 {
                    return fail("no receipt was sent");
                }
            }
            let orders: BTreeSet<_> = holders.iter().map(|(order, _)| order).collect();
            if orders.len() != holders.len() {
                return Err("an order was booked for two people".to_owned());
            }
            Ok(())
        })
    }

    /// What became of the orders, in words.
    pub(crate) fn states(&self) -> Vec<&'static str> {
        let mut states = Vec::new();
        self.store.look(|rows| {
            for order in rows.orders.values().filter_map(|versions| versions.last()) {
                states.push(match order.status {
                    OrderStatus::Open => "open",
                    OrderStatus::Pending => "pending",
                    OrderStatus::Paid => "paid",
                    OrderStatus::Failed => "failed",
                    OrderStatus::Expired => "expired",
                    OrderStatus::Refunded => "refunded",
                    OrderStatus::Disputed => "disputed",
                    OrderStatus::Quarantined => "quarantined",
                });
                if let Some(renewal) = &order.renewal {
                    if renewal.state == SubscriptionState::Ended {
                        states.push("subscription ended");
                    }
                    if order.booked.captured() > order.price.amount {
                        states.push("renewed");
                    }
                }
            }
        });
        states
    }

    /// Whether each mail was sent once: only when nothing failed.
    pub(crate) fn mails_are_single(&self) -> bool {
        self.store.look(|rows| {
            let distinct: BTreeSet<_> = rows.sent.iter().collect();
            distinct.len() == rows.sent.len()
        })
    }

    pub(crate) fn plan(&self, faults: Vec<Fault>) {
        self.store.plan(faults);
    }
}

async fn handle(handler: Handler, ports: CheckoutPorts, store: Arc<Store>, event: ProviderEvent) {
    match handler {
        Handler::Ours | Handler::Unconditional => {
            let _ = receive(&ports, &event).await;
        }
        Handler::DedupeThenDelta => planted::receive(&ports, &store, &event).await,
    }
}
