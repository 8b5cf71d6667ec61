//! `tuition orders`: what was sold, what became of it, and whether the payment provider agrees.

use std::io::Write as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;
use tuition_catalog::Money;
use tuition_domain::checkout::{CheckoutPorts, LedgerEntry, Order, Reconciliation, reconcile};
use tuition_domain::identity::OrderId;
use tuition_domain::ports::Unavailable;

use crate::Outcome;
use crate::arguments::{Common, OrdersCommand, OrdersDo, Period};
use crate::report;
use crate::stage::{Stage, StageError};

mod ledger;

/// Pages between two reports of progress.
const PAGES: usize = 10;

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
enum OrdersError {
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("there is no order {0}")]
    NoOrder(String),
    #[error("the output can't be written: {0}")]
    Output(#[from] std::io::Error),
    #[error("the output can't be written: {0}")]
    Csv(#[from] csv::Error),
    #[error("the output can't be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// Runs the command.
pub(crate) fn run(common: &Common, command: &OrdersCommand) -> Outcome {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Outcome::Environment(error.into()),
    };
    match runtime.block_on(orders(common, command)) {
        Ok(true) => Outcome::Done,
        Ok(false) => Outcome::Diagnostics,
        Err(error) => Outcome::Environment(error.into()),
    }
}

/// Whether all is well.
async fn orders(common: &Common, command: &OrdersCommand) -> Result<bool, OrdersError> {
    let stage = Stage::open(common, command.state.as_deref()).await?;
    let ports = &stage.ports;
    let done = match &command.what {
        OrdersDo::List(period) => list(ports, period, common.json).await,
        OrdersDo::Show(order) => show(ports, &order.order, common.json).await,
        OrdersDo::Ledger(period) => {
            let entries = entries(ports, period).await?;
            ledger::write(&entries, common.json).map(|()| true)
        }
        OrdersDo::Reconcile(since) => bring_together(ports, since.since, common.json).await,
    };
    stage.close().await;
    done
}

async fn list(ports: &CheckoutPorts, period: &Period, json: bool) -> Result<bool, OrdersError> {
    let mut seen = std::collections::BTreeSet::new();
    let mut orders = Vec::new();
    for entry in entries(ports, period).await? {
        if seen.insert(entry.order.clone())
            && let Some(order) = ports.reader.orders.order(&entry.order).await?
        {
            orders.push(order);
        }
    }
    orders.sort_by(|a, b| (b.paid_at, &b.id).cmp(&(a.paid_at, &a.id)));
    let held = ports.reader.orders.quarantined().await?;
    let mut out = std::io::stdout().lock();
    if json {
        let orders: Vec<_> = orders.iter().map(summary).collect();
        let held = json!({ "orders": orders, "quarantined": held });
        writeln!(out, "{held:#}")?;
        return Ok(true);
    }
    for order in &orders {
        let at = order.paid_at.unwrap_or(order.created_at);
        writeln!(
            out,
            "{}  {:<11}  {:>14}  {}  {}",
            at.strftime("%Y-%m-%d %H:%M"),
            state(order),
            left(order).to_string(),
            order.id,
            order.held_offer()
        )?;
    }
    for item in &held {
        writeln!(
            out,
            "{}  look at it    {}  {}",
            item.at.strftime("%Y-%m-%d %H:%M"),
            item.key,
            item.reason
        )?;
    }
    report::note(&report::plural(orders.len(), "order"));
    Ok(true)
}

async fn show(ports: &CheckoutPorts, id: &str, json: bool) -> Result<bool, OrdersError> {
    let missing = || OrdersError::NoOrder(id.to_owned());
    let order = OrderId::parse(id).ok_or_else(missing)?;
    let order = ports
        .reader
        .orders
        .order(&order)
        .await?
        .ok_or_else(missing)?;
    let entries = ports.ledger.entries_of(&order.id).await?;
    let right = order.entitlement();
    let mut out = std::io::stdout().lock();
    if json {
        let all = json!({ "order": summary(&order), "entitlement": right, "ledger": entries });
        writeln!(out, "{all:#}")?;
        return Ok(true);
    }
    writeln!(out, "{}  {}", order.id, state(&order))?;
    writeln!(out, "  offer    {} ({})", order.held_offer(), order.title)?;
    writeln!(out, "  price    {}", order.price)?;
    writeln!(out, "  opened   {}", order.created_at)?;
    if let Some(paid_at) = order.paid_at {
        writeln!(out, "  paid     {paid_at}")?;
    }
    match right {
        Some(right) if right.revoked => writeln!(out, "  opens    nothing")?,
        Some(right) => match right.ends_at {
            Some(end) => writeln!(out, "  opens    until {end}")?,
            None => writeln!(out, "  opens    for good")?,
        },
        None => {}
    }
    writeln!(
        out,
        "  because  {} (version {})",
        order.cause, order.version
    )?;
    for entry in &entries {
        writeln!(
            out,
            "  {}  {:<8}  {}",
            entry.at,
            entry.kind.as_str(),
            entry.money
        )?;
    }
    Ok(true)
}

async fn bring_together(
    ports: &CheckoutPorts,
    since: Option<Timestamp>,
    json: bool,
) -> Result<bool, OrdersError> {
    let mut found = reconcile(ports, since, PAGES).await?;
    while !found.finished {
        report::note(&format!(
            "{} looked at",
            report::plural(count(&found), "order")
        ));
        found = reconcile(ports, None, PAGES).await?;
    }
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{:#}", json!(found))?;
        return Ok(found.agrees());
    }
    for healed in &found.healed {
        writeln!(
            out,
            "{}  was {:?}, is {:?}",
            healed.order, healed.from, healed.to
        )?;
    }
    for difference in &found.differences {
        writeln!(
            out,
            "{}  {} written anew",
            difference.order, difference.what
        )?;
    }
    for order in &found.quarantined {
        writeln!(out, "{order}  is not what was ordered: look at it")?;
    }
    for session in &found.unknown {
        writeln!(out, "{session}  is paid, but nobody ordered it here")?;
    }
    for (currency, provider) in &found.provider {
        let of = |amount| Money {
            amount,
            currency: *currency,
        };
        let ours = found.ledger.get(currency).copied().unwrap_or(0);
        writeln!(
            out,
            "{}  at the provider, {} in the ledger",
            of(*provider),
            of(ours)
        )?;
    }
    report::note(&format!(
        "{} looked at, {} brought up to date: {}",
        report::plural(count(&found), "order"),
        found.healed_count,
        if found.agrees() {
            "all agree"
        } else {
            "they do not agree"
        }
    ));
    Ok(found.agrees())
}

fn count(found: &Reconciliation) -> usize {
    usize::try_from(found.examined).unwrap_or(usize::MAX)
}

/// The entries of a period; of the last thirty days if nothing is said.
async fn entries(ports: &CheckoutPorts, period: &Period) -> Result<Vec<LedgerEntry>, Unavailable> {
    let today: Date = ports.reader.clock.now().to_zoned(TimeZone::UTC).date();
    let to = period.to.unwrap_or(today);
    let from = period.from.unwrap_or_else(|| to.saturating_sub(30.days()));
    ports.ledger.ledger(from, to).await
}

/// What is left of what was paid, before fees.
fn left(order: &Order) -> Money {
    let booked = &order.booked;
    Money {
        amount: booked.captured() - booked.refund - booked.dispute,
        currency: order.price.currency,
    }
}

fn state(order: &Order) -> String {
    let word = serde_json::to_value(order.status).unwrap_or_default();
    word.as_str().unwrap_or("unknown").to_owned()
}

/// An order for programs: nothing of the person but the random id.
fn summary(order: &Order) -> serde_json::Value {
    json!({
        "id": order.id,
        "status": order.status,
        "offer": order.held_offer(),
        "price": order.price,
        "left": left(order),
        "created_at": order.created_at,
        "paid_at": order.paid_at,
        "learner": order.holder,
        "subscription": order.renewal,
        "cause": order.cause,
        "version": order.version,
    })
}
