//! What the author sees: traffic, lessons and sales of the last four weeks.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;
use utoipa::ToSchema;

use super::report::{Comments, PageViews, Params, Period, Record, Report, Tally, money_records};
use super::{Dropped, EventBatch, FiguresError, MetricPorts};
use crate::checkout::{LedgerEntry, LedgerKind};

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
    /// Members left out of events that were kept: not known, too long, or leading to a person.
    pub left_out: u64,
}

/// UTC days, both included.
#[derive(Debug, Serialize, ToSchema)]
pub struct Window {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
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
pub async fn summary(ports: &MetricPorts) -> Result<Summary, FiguresError> {
    let now = ports.clock.now();
    let to = now.to_zoned(TimeZone::UTC).date();
    let from = to.saturating_sub((WINDOW_DAYS - 1).days());
    let ledger = ports.ledger.ledger(from, to).await?;
    let catalog = ports.catalog.catalog();
    // The figures are those of the report of these days.
    let params = Params::of_site(&catalog, Period { from, to }, from);
    let money = money_records(&ledger, &params.offers, now);
    let mut tally = Tally::new(params, Comments::default())?;
    for record in &money {
        tally.add(record);
    }
    let mut dropped = Dropped::default();
    let mut take = |batch: EventBatch| {
        dropped = dropped.and(batch.dropped);
        for event in &batch.events {
            tally.add(&Record::from(event));
        }
    };
    ports.events.each_batch(from, to, &mut take).await?;
    Ok(drawn(
        &tally.report(),
        Window { from, to },
        &ledger,
        dropped,
    ))
}

/// What the author's page shows of a report.
fn drawn(report: &Report, window: Window, ledger: &[LedgerEntry], dropped: Dropped) -> Summary {
    let lessons = report
        .params
        .courses
        .iter()
        .flat_map(|course| course.lessons.iter().zip(&course.titles));
    let lessons = lessons.map(|(lesson, title)| {
        let read = report.readers.get(lesson).copied().unwrap_or_default();
        LessonFunnel {
            lesson: lesson.clone(),
            title: title.clone(),
            started: read.started,
            finished: read.finished,
        }
    });
    let sales = report.takings.iter().map(|(currency, takings)| {
        let refunds = takings.refunds + takings.disputes;
        Sales {
            currency: currency.clone(),
            gross: takings.gross,
            refunds,
            net: takings.net,
            orders: takings.orders,
            refunded_orders: takings.refunded_orders,
        }
    });
    Summary {
        window,
        lessons: lessons.collect(),
        funnel: Funnel {
            visitors: report.page_funnel.view,
            checkouts: report.page_funnel.checkout,
            purchases: report.takings.values().map(|takings| takings.orders).sum(),
        },
        sales: sales.collect(),
        views: report.pages.clone(),
        recent: recent(ledger),
        dropped: dropped.events,
        left_out: dropped.members,
    }
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
    }
}
