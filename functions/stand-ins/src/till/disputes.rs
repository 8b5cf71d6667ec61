//! Disputes: a bank asks (`warning`), takes the money back (`open`), and rules (`won`, `lost`).

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::events::emit;
use super::fields::{boolean, integer, optional_text, set, text};
use super::ids::random_id;
use super::objects;
use super::refunds::move_money;
use super::store::{Query, StoreError, Tx};

/// What Stripe keeps of every dispute, in minor units.
const FEE: i64 = 1500;

/// What the bank does.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ruling {
    /// It asks; no money moves.
    Warning,
    /// It takes the money back until it has ruled.
    Open,
    /// It rules for the shop and gives the money back; a question is closed.
    Won,
    /// It rules for the buyer.
    Lost,
}

/// Leads the charge's dispute to `ruling`. Makes one if there is none that is still open: a charge
/// may be disputed again. Answers the dispute.
pub(crate) fn dispute(tx: &Tx<'_>, charge: Value, ruling: Ruling) -> Result<Value, ApiError> {
    let charge_id = text(&charge, "id")?.to_owned();
    if text(&charge, "status")? != "succeeded" {
        return Err(ApiError::refused(
            "charge_not_disputable",
            format!("Charge {charge_id} did not succeed; there is nothing to dispute."),
        ));
    }
    let current = newest(tx, &charge_id, 1)?.into_iter().find(is_open);
    match (ruling, current) {
        (Ruling::Warning, None) => create(tx, charge, true),
        (Ruling::Open, None) => create(tx, charge, false),
        (Ruling::Won | Ruling::Lost, None) => {
            let dispute = create(tx, charge, false)?;
            close(tx, dispute, ruling)
        }
        (Ruling::Warning, Some(dispute)) => Ok(dispute),
        (Ruling::Open, Some(dispute)) if is_warning(&dispute) => escalate(tx, dispute),
        (Ruling::Open, Some(dispute)) => Ok(dispute),
        (Ruling::Lost, Some(dispute)) if is_warning(&dispute) => {
            let dispute = escalate(tx, dispute)?;
            close(tx, dispute, ruling)
        }
        (Ruling::Won | Ruling::Lost, Some(dispute)) => close(tx, dispute, ruling),
    }
}

/// True while the bank has the charge's money, or has it for good.
pub(crate) fn blocks_refund(tx: &Tx<'_>, charge: &str) -> Result<bool, StoreError> {
    for dispute in newest(tx, charge, 100)? {
        if !boolean(&dispute, "is_charge_refundable")? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn create(tx: &Tx<'_>, mut charge: Value, warning: bool) -> Result<Value, ApiError> {
    let id = random_id("du_1", 23).map_err(StoreError::from)?;
    let left = integer(&charge, "amount")? - integer(&charge, "amount_refunded")?;
    let mut dispute = objects::dispute(&id, tx.second(), left, text(&charge, "currency")?);
    set(
        &mut dispute,
        [
            ("charge", text(&charge, "id")?.into()),
            (
                "payment_intent",
                optional_text(&charge, "payment_intent").into(),
            ),
        ],
    )?;
    if warning {
        set(
            &mut dispute,
            [
                ("is_charge_refundable", true.into()),
                ("status", "warning_needs_response".into()),
            ],
        )?;
        set_case(&mut dispute, "inquiry")?;
    } else {
        withdraw(tx, &mut dispute)?;
    }
    tx.insert(&dispute, &json!({}))?;
    set(&mut charge, [("disputed", true.into())])?;
    tx.update(&charge)?;
    emit(tx, "charge.dispute.created", &dispute, None)?;
    if !warning {
        emit(tx, "charge.dispute.funds_withdrawn", &dispute, None)?;
    }
    Ok(dispute)
}

/// A question becomes a dispute: the same object, now with the money gone.
fn escalate(tx: &Tx<'_>, mut dispute: Value) -> Result<Value, ApiError> {
    set(
        &mut dispute,
        [
            ("is_charge_refundable", false.into()),
            ("status", "needs_response".into()),
        ],
    )?;
    set_case(&mut dispute, "chargeback")?;
    withdraw(tx, &mut dispute)?;
    tx.update(&dispute)?;
    let before = json!({ "is_charge_refundable": true, "status": "warning_needs_response" });
    emit(tx, "charge.dispute.updated", &dispute, Some(before))?;
    emit(tx, "charge.dispute.funds_withdrawn", &dispute, None)?;
    Ok(dispute)
}

fn close(tx: &Tx<'_>, mut dispute: Value, ruling: Ruling) -> Result<Value, ApiError> {
    let before = json!({ "status": text(&dispute, "status")? });
    let reinstated = ruling == Ruling::Won && !is_warning(&dispute);
    let status = match ruling {
        Ruling::Lost => "lost",
        _ if reinstated => "won",
        _ => "warning_closed",
    };
    set(&mut dispute, [("status", status.into())])?;
    if reinstated {
        let amount = integer(&dispute, "amount")?;
        add_movement(tx, &mut dispute, "dispute_reversal", amount, 0)?;
        set(&mut dispute, [("is_charge_refundable", true.into())])?;
    }
    tx.update(&dispute)?;
    emit(tx, "charge.dispute.closed", &dispute, Some(before))?;
    if reinstated {
        emit(tx, "charge.dispute.funds_reinstated", &dispute, None)?;
    }
    Ok(dispute)
}

fn withdraw(tx: &Tx<'_>, dispute: &mut Value) -> Result<(), ApiError> {
    let amount = integer(dispute, "amount")?;
    add_movement(tx, dispute, "dispute", -amount, FEE)
}

fn add_movement(
    tx: &Tx<'_>,
    dispute: &mut Value,
    category: &'static str,
    amount: i64,
    fee: i64,
) -> Result<(), ApiError> {
    let currency = text(dispute, "currency")?.to_owned();
    let id = text(dispute, "id")?.to_owned();
    let movement = move_money(tx, "adjustment", category, amount, fee, &currency, &id)?;
    if let Some(Value::Array(all)) = dispute.get_mut("balance_transactions") {
        all.push(movement);
    }
    Ok(())
}

fn set_case(dispute: &mut Value, case: &str) -> Result<(), ApiError> {
    if let Some(card) = dispute.pointer_mut("/payment_method_details/card") {
        set(card, [("case_type", case.into())])?;
    }
    Ok(())
}

fn newest(tx: &Tx<'_>, charge: &str, limit: usize) -> Result<Vec<Value>, StoreError> {
    let query = Query {
        kind: "dispute",
        equal: vec![("charge", charge.to_owned().into())],
        limit,
        ..Query::default()
    };
    Ok(tx.list(&query)?.map(|(found, _)| found).unwrap_or_default())
}

fn is_open(dispute: &Value) -> bool {
    !matches!(
        optional_text(dispute, "status"),
        Some("won" | "lost" | "warning_closed")
    )
}

fn is_warning(dispute: &Value) -> bool {
    optional_text(dispute, "status").is_some_and(|status| status.starts_with("warning_"))
}
