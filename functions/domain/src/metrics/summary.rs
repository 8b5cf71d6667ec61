//! What the author sees: traffic, lessons and sales of the last four weeks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;
use tuition_catalog::Catalog;
use utoipa::ToSchema;

use super::segment::union;
use super::{Event, EventKind, FINISHED, MetricPorts, Segment, Who};
use crate::checkout::{LedgerEntry, LedgerKind};
use crate::ports::Unavailable;

/// Days in the window, today included.
const WINDOW_DAYS: i32 = 28;
/// Latest sales shown.
const RECENT: usize = 20;

/// The author's summary.
#[derive(Debug, Serialize, ToSchema)]
pub struct Summary {
    /// Which days it is about.
    pub window: Window,
    /// Pages by views, most first.
    pub views: Vec<PageViews>,
    /// Lessons in the catalog's order.
    pub lessons: Vec<LessonFunnel>,
    /// From visit to purchase.
    pub funnel: Funnel,
    /// By currency.
    pub sales: Vec<Sales>,
    /// Latest first.
    pub recent: Vec<RecentSale>,
    /// Events that were dropped.
    pub dropped: u64,
}

/// UTC days, both included.
#[derive(Debug, Serialize, ToSchema)]
pub struct Window {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// How often a page was seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageViews {
    /// Its path.
    pub path: String,
    /// Views.
    pub views: u64,
    /// Distinct visitors, per day; nobody is followed over days.
    pub visitor_days: u64,
}

/// How a lesson was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct LessonFunnel {
    /// `<course id>/<lesson id>`.
    pub lesson: String,
    /// Its title.
    pub title: String,
    /// Learners, and visitors of a day, who read any of it.
    pub started: u64,
    /// Those who covered nine tenths of it.
    pub finished: u64,
}

/// Distinct people on the way to a purchase.
#[derive(Debug, Serialize, ToSchema)]
pub struct Funnel {
    /// Visitor-days with a page view.
    pub visitors: u64,
    /// Visitor-days with an opened checkout.
    pub checkouts: u64,
    /// Orders paid.
    pub purchases: u64,
}

/// Money in one currency, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sales {
    /// ISO 4217 code.
    pub currency: String,
    /// Money in: after discounts, with tax.
    pub gross: i64,
    /// Money back: refunds, and what banks took.
    pub refunds: i64,
    /// The difference.
    pub net: i64,
    /// Orders paid.
    pub orders: u64,
    /// Orders of which something went back.
    pub refunded_orders: u64,
}

/// One recent money fact.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentSale {
    /// When.
    pub at: Timestamp,
    /// In or back.
    pub kind: SaleKind,
    /// The offer.
    pub offer: String,
    /// Minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}

/// Which way money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SaleKind {
    /// It came in: after discounts, with tax.
    Purchase,
    /// It went back to the buyer.
    Refund,
    /// The buyer's bank took it; negative when it gave it back.
    Dispute,
}

/// Computes the summary from raw events and ledger.
pub async fn summary(ports: &MetricPorts) -> Result<Summary, Unavailable> {
    let to = ports.clock.now().to_zoned(TimeZone::UTC).date();
    let from = to.saturating_sub((WINDOW_DAYS - 1).days());
    let events = ports.events.events(from, to).await?;
    let ledger = ports.ledger.ledger(from, to).await?;
    let dropped = ports.events.dropped(from, to).await?;
    Ok(compute(
        &ports.catalog.catalog(),
        Window { from, to },
        &events,
        &ledger,
        dropped,
    ))
}

fn compute(
    catalog: &Catalog,
    window: Window,
    events: &[Event],
    ledger: &[LedgerEntry],
    dropped: u64,
) -> Summary {
    let unique: BTreeMap<&str, &Event> = events
        .iter()
        .map(|event| (event.id.as_str(), event))
        .collect();
    let mut views: BTreeMap<&str, (u64, BTreeSet<&Who>)> = BTreeMap::new();
    let mut visitors: BTreeSet<&Who> = BTreeSet::new();
    let mut checkouts: BTreeSet<&Who> = BTreeSet::new();
    let mut read: BTreeMap<&str, BTreeMap<&Who, Vec<Segment>>> = BTreeMap::new();
    for event in unique.values() {
        match &event.kind {
            EventKind::PageView { path, .. } => {
                visitors.insert(&event.who);
                let (count, who) = views.entry(path).or_default();
                *count += 1;
                who.insert(&event.who);
            }
            EventKind::CheckoutStart { .. } => {
                checkouts.insert(&event.who);
            }
            EventKind::Watch { lesson, from, to } => {
                let segments = read
                    .entry(lesson)
                    .or_default()
                    .entry(&event.who)
                    .or_default();
                segments.push(Segment {
                    from: *from,
                    to: *to,
                });
            }
            EventKind::Active | EventKind::Csat { .. } | EventKind::Nps { .. } => {}
        }
    }
    let mut views: Vec<PageViews> = views
        .into_iter()
        .map(|(path, (views, who))| PageViews {
            path: path.to_owned(),
            views,
            visitor_days: count(who.len()),
        })
        .collect();
    views.sort_by(|a, b| b.views.cmp(&a.views).then_with(|| a.path.cmp(&b.path)));
    Summary {
        window,
        views,
        lessons: lessons(catalog, &read),
        funnel: Funnel {
            visitors: count(visitors.len()),
            checkouts: count(checkouts.len()),
            purchases: orders(ledger, LedgerKind::Gross, None),
        },
        sales: sales(ledger),
        recent: recent(ledger),
        dropped,
    }
}

fn lessons(
    catalog: &Catalog,
    read: &BTreeMap<&str, BTreeMap<&Who, Vec<Segment>>>,
) -> Vec<LessonFunnel> {
    let mut all = Vec::new();
    for course in &catalog.courses {
        for lesson in &course.lessons {
            let reference = format!("{}/{}", course.id, lesson.id);
            let readers = read.get(reference.as_str());
            let finished = readers.map_or(0, |readers| {
                let done = |segments: &&Vec<Segment>| {
                    f64::from(union(segments)) >= FINISHED * f64::from(lesson.seconds)
                };
                count(readers.values().filter(done).count())
            });
            all.push(LessonFunnel {
                lesson: reference.clone(),
                title: lesson.title.clone(),
                started: readers.map_or(0, |readers| count(readers.len())),
                finished,
            });
        }
    }
    all
}

fn sales(ledger: &[LedgerEntry]) -> Vec<Sales> {
    let mut by_currency: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    // What the provider keeps may be in a currency in which nothing is sold.
    let moved = ledger.iter().filter(|entry| entry.kind != LedgerKind::Fee);
    for entry in moved {
        let (gross, refunds) = by_currency
            .entry(entry.money.currency.to_string())
            .or_default();
        match entry.kind {
            LedgerKind::Gross | LedgerKind::Tax => *gross += entry.money.amount,
            LedgerKind::Discount => *gross -= entry.money.amount,
            LedgerKind::Refund | LedgerKind::Dispute => *refunds += entry.money.amount,
            LedgerKind::Fee => {}
        }
    }
    by_currency
        .into_iter()
        .map(|(currency, (gross, refunds))| Sales {
            gross,
            refunds,
            net: gross - refunds,
            orders: orders(ledger, LedgerKind::Gross, Some(&currency)),
            refunded_orders: orders(ledger, LedgerKind::Refund, Some(&currency)),
            currency,
        })
        .collect()
}

fn orders(ledger: &[LedgerEntry], kind: LedgerKind, currency: Option<&str>) -> u64 {
    let ids: BTreeSet<&str> = ledger
        .iter()
        .filter(|entry| {
            entry.kind == kind && currency.is_none_or(|code| entry.money.currency.code() == code)
        })
        .map(|entry| entry.order.as_str())
        .collect();
    count(ids.len())
}

/// What was booked of an order at one instant is one fact of each kind.
fn recent(ledger: &[LedgerEntry]) -> Vec<RecentSale> {
    let mut facts: BTreeMap<_, RecentSale> = BTreeMap::new();
    for entry in ledger {
        let (kind, amount) = match entry.kind {
            LedgerKind::Gross | LedgerKind::Tax => (SaleKind::Purchase, entry.money.amount),
            LedgerKind::Discount => (SaleKind::Purchase, -entry.money.amount),
            LedgerKind::Refund => (SaleKind::Refund, entry.money.amount),
            LedgerKind::Dispute => (SaleKind::Dispute, entry.money.amount),
            LedgerKind::Fee => continue,
        };
        let key = (std::cmp::Reverse(entry.at), &entry.order, kind);
        let fact = facts.entry(key).or_insert_with(|| RecentSale {
            at: entry.at,
            kind,
            offer: entry.offer.clone(),
            amount: 0,
            currency: entry.money.currency.to_string(),
        });
        fact.amount += amount;
    }
    facts.into_values().take(RECENT).collect()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use tuition_catalog::{Currency, Money};

    use super::*;
    use crate::identity::{LearnerId, OrderId};

    #[test]
    fn a_sale_is_one_line_whatever_it_is_booked_as() {
        let entry = |second: i64, kind, amount| LedgerEntry {
            id: String::new(),
            at: Timestamp::from_second(second).unwrap(),
            kind,
            order: OrderId::parse("cs_1").unwrap(),
            offer: "rust".to_owned(),
            learner: LearnerId::parse(&"0".repeat(32)).unwrap(),
            money: Money {
                amount,
                currency: Currency::USD,
            },
        };
        let ledger = [
            entry(1, LedgerKind::Gross, 4900),
            entry(1, LedgerKind::Discount, 900),
            entry(1, LedgerKind::Tax, 800),
            entry(1, LedgerKind::Fee, 170),
            entry(2, LedgerKind::Refund, 4800),
        ];
        let lines: Vec<_> = recent(&ledger)
            .into_iter()
            .map(|one| (one.kind, one.amount))
            .collect();
        let expected = [(SaleKind::Refund, 4800), (SaleKind::Purchase, 4800)];
        assert_eq!(lines, expected);
        let sums = sales(&ledger);
        assert_eq!(
            (sums[0].gross, sums[0].refunds, sums[0].net),
            (4800, 4800, 0)
        );
        assert_eq!((sums[0].orders, sums[0].refunded_orders), (1, 1));
    }
}
