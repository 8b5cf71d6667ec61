//! What an update of a subscription asks for, parameter by parameter.

use serde_json::Value;

use super::change::{FAILING_CARD, PAUSE_BEHAVIORS, TEST_CARD, pause};
use super::prorate::Change;
use super::record::{Means, items, memory, period, set_memory, set_period};
use crate::till::agenda::{self, Matter};
use crate::till::error::ApiError;
use crate::till::fields::{set, text};
use crate::till::params::Params;
use crate::till::prices;
use crate::till::store::Tx;

/// `pause_collection`: a hash, or empty to collect again.
pub(super) fn pause_collection(
    tx: &Tx<'_>,
    params: &mut Params,
    subscription: &mut Value,
) -> Result<(), ApiError> {
    if params.unset("pause_collection") {
        let id = text(subscription, "id")?.to_owned();
        agenda::forget(tx, &id, Matter::CollectionResumes)?;
        set(subscription, [("pause_collection", Value::Null)])?;
        return Ok(());
    }
    let Some(mut given) = params.hash("pause_collection")? else {
        return Ok(());
    };
    let behavior = given
        .choice("behavior", &PAUSE_BEHAVIORS)?
        .ok_or_else(|| ApiError::missing(&given.name("behavior")))?;
    let resumes_at = given.integer("resumes_at")?;
    params.close(given);
    pause(tx, subscription, behavior, resumes_at)
}

/// `cancellation_details[comment]`, `…[feedback]`.
pub(super) fn cancellation_details(
    params: &mut Params,
    subscription: &mut Value,
) -> Result<(), ApiError> {
    let Some(mut given) = params.hash("cancellation_details")? else {
        return Ok(());
    };
    let feedbacks = [
        "customer_service",
        "low_quality",
        "missing_features",
        "other",
        "switched_service",
        "too_complex",
        "too_expensive",
        "unused",
    ];
    let comment = given.text("comment")?;
    let feedback = given.choice("feedback", &feedbacks)?;
    params.close(given);
    if let Some(details) = subscription.get_mut("cancellation_details") {
        if let Some(comment) = comment {
            set(details, [("comment", comment.into())])?;
        }
        if let Some(feedback) = feedback {
            set(details, [("feedback", feedback.into())])?;
        }
    }
    Ok(())
}

/// Stripe's names of test cards: one that is good, one that is declined when it is charged.
pub(super) fn payment_method(
    tx: &Tx<'_>,
    params: &mut Params,
    subscription: &mut Value,
) -> Result<(), ApiError> {
    let cards = ["pm_card_visa", "pm_card_chargeCustomerFail"];
    let (means, card) = match params.choice("default_payment_method", &cards)? {
        None => return Ok(()),
        Some("pm_card_visa") => (Means::Card, TEST_CARD),
        Some(_) => (Means::FailingCard, FAILING_CARD),
    };
    let id = text(subscription, "id")?.to_owned();
    let mut memory = memory(tx, &id)?;
    memory.means = means;
    set_memory(tx, &id, &memory)?;
    set(subscription, [("default_payment_method", card.into())])?;
    Ok(())
}

/// `trial_end`: a later end of a trial; true if it is to end now.
pub(super) fn trial_end(
    params: &mut Params,
    subscription: &mut Value,
    now: i64,
) -> Result<bool, ApiError> {
    let Some(given) = params.text("trial_end")? else {
        return Ok(false);
    };
    let trialing = text(subscription, "status")? == "trialing";
    if given == "now" {
        return Ok(trialing);
    }
    let end = given.parse().ok().filter(|end| *end > now);
    let (Some(end), true) = (end, trialing) else {
        return Err(ApiError::invalid(
            "trial_end",
            "trial_end must be `now` or in the future, and the subscription trialing (at the test till).",
        ));
    };
    let (start, _) = period(subscription)?;
    set_period(subscription, start, end)?;
    set(
        subscription,
        [
            ("billing_cycle_anchor", end.into()),
            ("trial_end", end.into()),
        ],
    )?;
    Ok(false)
}

/// `items[0][id]` with a `price`, `price_data` or `quantity`.
pub(super) fn changes(
    tx: &Tx<'_>,
    params: &mut Params,
    subscription: &Value,
) -> Result<Vec<Change>, ApiError> {
    let mut changes = Vec::new();
    for mut given in params.hashes("items")? {
        let id = given.text("id")?.ok_or_else(|| {
            ApiError::invalid(
                given.name("id"),
                "The test till changes items and adds none: name the item.",
            )
        })?;
        let known = items(subscription).any(|item| text(item, "id").is_ok_and(|known| known == id));
        if !known {
            return Err(ApiError::no_such(
                "subscription_item",
                &id,
                &given.name("id"),
            ));
        }
        let price = match (given.text("price")?, given.hash("price_data")?) {
            (Some(price), None) => Some(prices::active_price(tx, &price, &given.name("price"))?),
            (None, Some(mut data)) => {
                let price = prices::inline_price(tx, &mut data)?;
                given.close(data);
                Some(price)
            }
            (None, None) => None,
            (Some(_), Some(_)) => {
                return Err(ApiError::invalid(
                    given.name("price"),
                    "You must specify one of `price` and `price_data`.",
                ));
            }
        };
        let quantity = given.integer("quantity")?;
        if quantity.is_some_and(|quantity| quantity < 1) {
            return Err(ApiError::invalid(
                given.name("quantity"),
                "This value must be greater than or equal to 1.",
            ));
        }
        params.close(given);
        changes.push(Change {
            item: id,
            price,
            quantity,
        });
    }
    Ok(changes)
}
