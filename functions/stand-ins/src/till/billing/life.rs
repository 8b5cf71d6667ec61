//! What time does to a subscription: the next period, the end of a trial, invoices that are collected or
//! not. Each function keeps the subscription and tells what happened to it.

use serde_json::Value;

use super::collect::{Attempt, Outcome, collect};
use super::ends::{cancel, ends_without_means};
use super::invoices;
use super::record::{Charge, charges, cycle, memory, period, save, set_memory, set_period};
use crate::till::agenda::{self, Matter};
use crate::till::error::ApiError;
use crate::till::events::emit;
use crate::till::fields::{boolean, optional_text, set, text};
use crate::till::store::Tx;

/// Three days before a trial ends it is told.
const NOTICE_S: i64 = 3 * 86_400;

/// The period has come to its end.
pub(crate) fn end_period(tx: &Tx<'_>, id: &str) -> Result<(), ApiError> {
    let subscription = tx.named(id)?;
    match text(&subscription, "status")? {
        "trialing" | "active" | "past_due" => {}
        _ => return Ok(()),
    }
    if boolean(&subscription, "cancel_at_period_end")? {
        let (_, end) = period(&subscription)?;
        cancel(tx, subscription, None, end)?;
        return Ok(());
    }
    renew(tx, subscription, None)?;
    Ok(())
}

/// Begins the next period, due or not, and collects for it: as `attempt` says, or as the customer's
/// means are. A trial ends.
pub(crate) fn renew(
    tx: &Tx<'_>,
    mut subscription: Value,
    attempt: Option<Attempt>,
) -> Result<Value, ApiError> {
    let before = subscription.clone();
    let id = text(&subscription, "id")?.to_owned();
    let (start, end) = period(&subscription)?;
    let was_trial = text(&subscription, "status")? == "trialing";
    if was_trial && ends_without_means(tx, &mut subscription, &before, attempt)? {
        return Ok(subscription);
    }
    if was_trial {
        agenda::forget(tx, &id, Matter::TrialWillEnd)?;
        set(
            &mut subscription,
            [
                ("billing_cycle_anchor", end.into()),
                ("status", "active".into()),
            ],
        )?;
    }
    let anchor = subscription
        .get("billing_cycle_anchor")
        .and_then(Value::as_i64)
        .unwrap_or(end);
    let next = cycle(&subscription)?.boundary_after(anchor, end)?;
    set_period(&mut subscription, end, next)?;
    agenda::plan(tx, &id, Matter::PeriodEnds, next)?;
    let owed = owed(tx, &subscription, end, next)?;
    let invoice = invoices::draft(
        tx,
        &mut subscription,
        "subscription_cycle",
        &owed,
        (start, end),
    )?;
    save(tx, &before, &subscription)?;
    collect_for(tx, subscription, invoice, attempt)
}

/// Ends a trial now.
pub(crate) fn end_trial(tx: &Tx<'_>, mut subscription: Value) -> Result<Value, ApiError> {
    let (start, _) = period(&subscription)?;
    set(&mut subscription, [("trial_end", tx.second().into())])?;
    set_period(&mut subscription, start, tx.second())?;
    tx.update(&subscription)?;
    renew(tx, subscription, None)
}

/// The trial will end in three days, or in less if it is shorter.
pub(crate) fn announce_trial_end(tx: &Tx<'_>, id: &str) -> Result<(), ApiError> {
    let subscription = tx.named(id)?;
    if text(&subscription, "status")? == "trialing" {
        let mut memory = memory(tx, id)?;
        memory.announced = Some(period(&subscription)?.1);
        set_memory(tx, id, &memory)?;
        emit(
            tx,
            "customer.subscription.trial_will_end",
            &subscription,
            None,
        )?;
    }
    Ok(())
}

/// Plans what happens by itself to a subscription in its present period.
pub(crate) fn plan(tx: &Tx<'_>, subscription: &Value) -> Result<(), ApiError> {
    let id = text(subscription, "id")?;
    let (_, end) = period(subscription)?;
    agenda::plan(tx, id, Matter::PeriodEnds, end)?;
    let trialing = text(subscription, "status")? == "trialing";
    if trialing && memory(tx, id)?.announced != Some(end) {
        agenda::plan(tx, id, Matter::TrialWillEnd, end - NOTICE_S)?;
    }
    Ok(())
}

/// Collects a drafted invoice for the subscription, unless collection is paused, and lets the
/// subscription follow. `attempt` overrules the customer's means.
pub(crate) fn collect_for(
    tx: &Tx<'_>,
    subscription: Value,
    mut invoice: Value,
    attempt: Option<Attempt>,
) -> Result<Value, ApiError> {
    let paused = subscription
        .get("pause_collection")
        .and_then(|pause| optional_text(pause, "behavior"));
    match paused {
        Some("keep_as_draft") => {
            set(&mut invoice, [("auto_advance", false.into())])?;
            tx.update(&invoice)?;
            return Ok(subscription);
        }
        Some(behavior) => {
            invoices::finalize(tx, &mut invoice)?;
            let status = if behavior == "void" {
                "void"
            } else {
                "uncollectible"
            };
            invoices::give_up(tx, &mut invoice, status)?;
            return Ok(subscription);
        }
        None => invoices::finalize(tx, &mut invoice)?,
    }
    collect_now(tx, subscription, invoice, attempt)
}

/// Tries an open invoice once more.
pub(crate) fn collect_again(
    tx: &Tx<'_>,
    invoice: Value,
    attempt: Option<Attempt>,
) -> Result<Value, ApiError> {
    let subscription = invoice
        .pointer("/parent/subscription_details/subscription")
        .and_then(Value::as_str)
        .unwrap_or_default();
    collect_now(tx, tx.named(subscription)?, invoice, attempt)
}

/// What an attempt to collect means for the subscription.
pub(crate) fn follow(
    tx: &Tx<'_>,
    mut subscription: Value,
    invoice: &Value,
    outcome: Outcome,
) -> Result<Value, ApiError> {
    let before = subscription.clone();
    let status = text(&subscription, "status")?;
    let next = match (outcome, status) {
        (Outcome::Paid | Outcome::Pending, "incomplete") | (Outcome::Paid, "past_due") => "active",
        (Outcome::Failed, "active") => "past_due",
        (_, status) => status,
    };
    let next = next.to_owned();
    set(&mut subscription, [("status", next.into())])?;
    save(tx, &before, &subscription)?;
    let gave_up = invoice
        .get("next_payment_attempt")
        .is_none_or(Value::is_null);
    if outcome == Outcome::Failed && gave_up && text(&subscription, "status")? != "canceled" {
        return cancel(tx, subscription, Some("payment_failed"), tx.second());
    }
    Ok(subscription)
}

/// What the next invoice takes for the period, with what was left for it.
pub(crate) fn owed(
    tx: &Tx<'_>,
    subscription: &Value,
    start: i64,
    end: i64,
) -> Result<Vec<Charge>, ApiError> {
    let id = text(subscription, "id")?;
    let mut memory = memory(tx, id)?;
    let mut owed = std::mem::take(&mut memory.pending);
    set_memory(tx, id, &memory)?;
    owed.extend(charges(tx, subscription, start, end, false)?);
    Ok(owed)
}

fn collect_now(
    tx: &Tx<'_>,
    subscription: Value,
    mut invoice: Value,
    attempt: Option<Attempt>,
) -> Result<Value, ApiError> {
    let memory = memory(tx, text(&subscription, "id")?)?;
    let attempt = attempt.unwrap_or_else(|| memory.means.into());
    let outcome = collect(tx, &mut invoice, attempt, &memory.email)?;
    follow(tx, subscription, &invoice, outcome)
}
