//! Refunds, and the money movements that a ledger is checked against.

use serde_json::{Map, Value, json};

use super::currency::display;
use super::disputes;
use super::error::ApiError;
use super::events::emit;
use super::fields::{boolean, changed_from, integer, optional_text, set, text};
use super::ids::random_id;
use super::objects::{self, Movement};
use super::params::Params;
use super::payments::Settlement;
use super::prices::change_metadata;
use super::store::{StoreError, Tx};

/// Refunds `amount` (minor units), or all that is left, of the charge.
pub(crate) fn refund(
    tx: &Tx<'_>,
    mut charge: Value,
    amount: Option<i64>,
    reason: Option<&str>,
    metadata: Map<String, Value>,
) -> Result<Value, ApiError> {
    let charge_id = text(&charge, "id")?.to_owned();
    if text(&charge, "status")? != "succeeded" {
        return Err(ApiError::refused(
            "charge_not_refundable",
            format!("Charge {charge_id} did not succeed; there is nothing to refund."),
        ));
    }
    if boolean(&charge, "refunded")? {
        return Err(ApiError::refused(
            "charge_already_refunded",
            format!("Charge {charge_id} has already been refunded."),
        ));
    }
    if disputes::blocks_refund(tx, &charge_id)? {
        return Err(ApiError::refused(
            "charge_disputed",
            format!("Charge {charge_id} has been charged back; cannot issue a refund."),
        ));
    }
    let currency = text(&charge, "currency")?.to_owned();
    let refunded = integer(&charge, "amount_refunded")?;
    let left = integer(&charge, "amount")? - refunded;
    let amount = amount.unwrap_or(left);
    if amount < 1 {
        return Err(ApiError::invalid("amount", "Invalid positive integer")
            .with_code("parameter_invalid_integer"));
    }
    if amount > left {
        return Err(ApiError::invalid(
            "amount",
            format!(
                "Refund amount ({}) is greater than unrefunded amount on charge ({})",
                display(amount, &currency),
                display(left, &currency)
            ),
        ));
    }

    let id = random_id("re_3", 23).map_err(StoreError::from)?;
    // A bank transfer takes days in this direction too.
    let is_card = charge.pointer("/payment_method_details/type") == Some(&json!("card"));
    let movement = move_money(tx, "refund", "refund", -amount, 0, &currency, &id)?;
    let mut refund = objects::refund(&id, tx.second(), amount, &currency);
    set(
        &mut refund,
        [
            ("balance_transaction", text(&movement, "id")?.into()),
            ("charge", charge_id.into()),
            (
                "payment_intent",
                optional_text(&charge, "payment_intent").into(),
            ),
            ("reason", reason.into()),
            ("metadata", metadata.into()),
        ],
    )?;
    if !is_card {
        set(
            &mut refund,
            [
                ("destination_details", json!({ "type": "us_bank_transfer" })),
                ("status", "pending".into()),
            ],
        )?;
    }
    tx.insert(&refund, &json!({}))?;
    set(
        &mut charge,
        [
            ("amount_refunded", (refunded + amount).into()),
            ("refunded", (amount == left).into()),
        ],
    )?;
    tx.update(&charge)?;
    emit(tx, "refund.created", &refund, None)?;
    let before = json!({ "amount_refunded": refunded, "refunded": false });
    emit(tx, "charge.refunded", &charge, Some(before))?;
    Ok(refund)
}

/// `POST /v1/refunds/{id}`: its metadata.
pub(crate) fn update(
    tx: &Tx<'_>,
    params: &mut Params,
    mut refund: Value,
) -> Result<Value, ApiError> {
    let before = refund.clone();
    change_metadata(params, &mut refund)?;
    tell(tx, &before, &refund)?;
    Ok(refund)
}

/// What the buyer's bank says of a refund: a pending one succeeds or fails, and one that succeeded may
/// still fail. The money of a failed one comes back.
pub(crate) fn settle(
    tx: &Tx<'_>,
    before: Value,
    settlement: Settlement,
) -> Result<Value, ApiError> {
    let mut refund = before.clone();
    let status = text(&before, "status")?;
    match (settlement, status) {
        (Settlement::Succeeded, "pending") => {
            set(&mut refund, [("status", "succeeded".into())])?;
            tell(tx, &before, &refund)?;
        }
        (Settlement::Failed, "pending" | "succeeded") => fail(tx, &before, &mut refund)?,
        _ => {
            return Err(ApiError::refused(
                "refund_not_pending",
                format!("The refund has a status of `{status}`."),
            ));
        }
    }
    Ok(refund)
}

fn fail(tx: &Tx<'_>, before: &Value, refund: &mut Value) -> Result<(), ApiError> {
    let amount = integer(refund, "amount")?;
    let currency = text(refund, "currency")?.to_owned();
    let id = text(refund, "id")?.to_owned();
    let kind = "refund_failure";
    let movement = move_money(tx, kind, kind, amount, 0, &currency, &id)?;
    set(refund, [("status", "failed".into())])?;
    if let Some(map) = refund.as_object_mut() {
        let movement = text(&movement, "id")?;
        map.insert("failure_balance_transaction".to_owned(), movement.into());
        map.insert(
            "failure_reason".to_owned(),
            "expired_or_canceled_card".into(),
        );
    }
    let mut charge = tx.named(text(refund, "charge")?)?;
    let charge_before = charge.clone();
    let refunded = integer(&charge, "amount_refunded")? - amount;
    set(
        &mut charge,
        [
            ("amount_refunded", refunded.into()),
            ("refunded", false.into()),
        ],
    )?;
    tx.update(&charge)?;
    tell(tx, before, refund)?;
    emit(tx, "refund.failed", refund, None)?;
    let old = changed_from(&charge_before, &charge);
    emit(tx, "charge.updated", &charge, old)?;
    Ok(())
}

fn tell(tx: &Tx<'_>, before: &Value, refund: &Value) -> Result<(), StoreError> {
    if let Some(old) = changed_from(before, refund) {
        tx.update(refund)?;
        emit(tx, "refund.updated", refund, Some(old))?;
    }
    Ok(())
}

/// The charge that `id` (`ch_…`, or the `pi_…` whose latest charge it is) names.
pub(crate) fn charge_of(tx: &Tx<'_>, id: &str, param: &str) -> Result<Value, ApiError> {
    if let Some(charge) = tx.find("charge", id)? {
        return Ok(charge);
    }
    let Some(intent) = tx.find("payment_intent", id)? else {
        let kind = if id.starts_with("ch_") {
            "charge"
        } else {
            "payment_intent"
        };
        return Err(ApiError::no_such(kind, id, param));
    };
    match optional_text(&intent, "latest_charge") {
        Some(charge) => Ok(tx.named(charge)?),
        None => Err(ApiError::refused(
            "payment_intent_unexpected_state",
            format!("This PaymentIntent ({id}) does not have a successful charge."),
        )),
    }
}

/// Records money that came (`amount` > 0) or went, and what Stripe kept of it.
pub(crate) fn move_money(
    tx: &Tx<'_>,
    kind: &'static str,
    category: &'static str,
    amount: i64,
    fee: i64,
    currency: &str,
    source: &str,
) -> Result<Value, StoreError> {
    let id = random_id("txn_3", 23)?;
    let movement = objects::balance_transaction(&Movement {
        id: &id,
        created: tx.second(),
        kind,
        category,
        amount,
        fee,
        currency,
        source,
    });
    tx.insert(&movement, &json!({}))?;
    Ok(movement)
}

/// What Stripe keeps of a domestic card payment: 2.9 % and 30 minor units, rounded half up.
pub(crate) fn fee(amount: i64) -> i64 {
    (amount * 29 + 500) / 1000 + 30
}

#[cfg(test)]
mod tests {
    use super::fee;

    #[test]
    fn the_fee_is_rounded_half_up() {
        assert_eq!(fee(4900), 142 + 30);
        assert_eq!(fee(1), 30);
        assert_eq!(fee(10_000), 320);
    }
}
