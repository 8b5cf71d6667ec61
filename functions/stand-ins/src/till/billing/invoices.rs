//! Invoices: drafted with lines, discount and tax, then finalized. Who pays is decided elsewhere.

use serde_json::{Value, json};

use super::record::Charge;
use crate::till::basket::is_inclusive;
use crate::till::coupons;
use crate::till::error::ApiError;
use crate::till::events::emit;
use crate::till::fields::{boolean, integer, optional_text, set, text};
use crate::till::ids::random_id;
use crate::till::objects::{self, Line};
use crate::till::store::{StoreError, Tx};
use crate::till::sums::{Bill, Off, Position, bill};

/// Drafts an invoice over `charges` and notes it in the subscription, which the caller keeps.
/// `period` is the time that the invoice closes: the period before, for a renewal.
pub(crate) fn draft(
    tx: &Tx<'_>,
    subscription: &mut Value,
    reason: &str,
    charges: &[Charge],
    period: (i64, i64),
) -> Result<Value, ApiError> {
    let id = random_id("in_1", 23).map_err(StoreError::from)?;
    let currency = text(subscription, "currency")?.to_owned();
    let customer = tx.named(text(subscription, "customer")?)?;
    // An invoice over nothing, of a trial, leaves the discount for the next.
    let discount = if charges.iter().any(|charge| charge.amount != 0) {
        use_discount(tx, subscription, &currency)?
    } else {
        None
    };
    let taxed = boolean(
        subscription.get("automatic_tax").unwrap_or(&Value::Null),
        "enabled",
    )?;
    let positions: Vec<Position> = charges
        .iter()
        .map(|charge| Position {
            amount: charge.amount,
            inclusive: is_inclusive(&charge.price),
            discountable: charge.discountable,
        })
        .collect();
    let off = discount.as_ref().map(|(_, off)| *off);
    let sum = bill(&currency, &positions, off, taxed);
    let discount = discount.map(|(id, _)| id);
    let lines = lines(&id, subscription, charges, &sum, discount.as_deref(), taxed)?;

    let mut invoice = objects::invoice(&id, tx.second(), text(&customer, "id")?, &currency);
    let starting = integer(&customer, "balance")?;
    set(
        &mut invoice,
        [
            ("billing_reason", reason.into()),
            ("customer_email", customer.get("email").cloned().into()),
            ("customer_name", customer.get("name").cloned().into()),
            (
                "description",
                subscription.get("description").cloned().into(),
            ),
            ("period_start", period.0.into()),
            ("period_end", period.1.into()),
            (
                "parent",
                json!({
                    "quote_details": null,
                    "subscription_details": {
                        "metadata": subscription.get("metadata"),
                        "subscription": text(subscription, "id")?,
                    },
                    "type": "subscription_details",
                }),
            ),
            ("starting_balance", starting.into()),
        ],
    )?;
    enter(&mut invoice, &sum, &positions, discount.as_deref(), taxed)?;
    if let Some(list) = invoice.get_mut("lines") {
        set(list, [("data", lines.into())])?;
    }
    let due = (sum.total + starting).max(0);
    set(
        &mut invoice,
        [("amount_due", due.into()), ("amount_remaining", due.into())],
    )?;
    tx.insert(&invoice, &json!({}))?;
    set(subscription, [("latest_invoice", id.into())])?;
    emit(tx, "invoice.created", &invoice, None)?;
    Ok(invoice)
}

/// The invoice gets its number, takes the customer's credit, and waits for its payment.
pub(crate) fn finalize(tx: &Tx<'_>, invoice: &mut Value) -> Result<(), ApiError> {
    let mut customer = tx.named(text(invoice, "customer")?)?;
    let sequence = integer(&customer, "next_invoice_sequence")?;
    let prefix = match optional_text(&customer, "invoice_prefix") {
        Some(prefix) => prefix.to_owned(),
        None => random_id("", 8)
            .map_err(StoreError::from)?
            .to_ascii_uppercase(),
    };
    let left = integer(invoice, "total")? + integer(invoice, "starting_balance")?;
    set(
        &mut customer,
        [
            // Below zero is credit: what the invoice could not use stays.
            ("balance", left.min(0).into()),
            ("currency", text(invoice, "currency")?.into()),
            ("invoice_prefix", prefix.clone().into()),
            ("next_invoice_sequence", (sequence + 1).into()),
        ],
    )?;
    tx.update(&customer)?;
    set(
        invoice,
        [
            ("effective_at", tx.second().into()),
            ("ending_balance", left.min(0).into()),
            ("number", format!("{prefix}-{sequence:04}").into()),
            ("status", "open".into()),
        ],
    )?;
    stamp(tx, invoice, "finalized_at")?;
    tx.update(invoice)?;
    emit(tx, "invoice.finalized", invoice, None)?;
    Ok(())
}

/// Nobody has to pay it: `void`, or `uncollectible`.
pub(crate) fn give_up(tx: &Tx<'_>, invoice: &mut Value, status: &str) -> Result<(), ApiError> {
    set(
        invoice,
        [
            ("status", status.into()),
            ("auto_advance", false.into()),
            ("next_payment_attempt", Value::Null),
        ],
    )?;
    let (time, event) = match status {
        "void" => ("voided_at", "invoice.voided"),
        _ => ("marked_uncollectible_at", "invoice.marked_uncollectible"),
    };
    stamp(tx, invoice, time)?;
    tx.update(invoice)?;
    emit(tx, event, invoice, None)?;
    Ok(())
}

/// Notes when something became of the invoice.
pub(crate) fn stamp(tx: &Tx<'_>, invoice: &mut Value, name: &str) -> Result<(), StoreError> {
    if let Some(transitions) = invoice.get_mut("status_transitions") {
        set(transitions, [(name, tx.second().into())])?;
    }
    Ok(())
}

/// The discount that the next invoice gets. One that is good once is used up by this.
fn use_discount(
    tx: &Tx<'_>,
    subscription: &mut Value,
    currency: &str,
) -> Result<Option<(String, Off)>, ApiError> {
    let Some(id) = subscription
        .pointer("/discounts/0")
        .and_then(Value::as_str)
        .map(str::to_owned)
    else {
        return Ok(None);
    };
    let discount = tx.named(&id)?;
    let terms = tx.hidden(&id)?.get("coupon").cloned().unwrap_or_default();
    let over = discount
        .get("end")
        .and_then(Value::as_i64)
        .is_some_and(|end| end <= tx.second());
    if over || optional_text(&terms, "duration") == Some("once") {
        set(subscription, [("discounts", json!([]))])?;
    }
    if over {
        return Ok(None);
    }
    Ok(Some((id, coupons::off(&terms, currency)?)))
}

fn lines(
    invoice: &str,
    subscription: &Value,
    charges: &[Charge],
    sum: &Bill,
    discount: Option<&str>,
    taxed: bool,
) -> Result<Vec<Value>, ApiError> {
    let metadata = subscription.get("metadata").cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for (charge, share) in charges.iter().zip(&sum.shares) {
        let id = random_id("il_1", 23).map_err(StoreError::from)?;
        let mut line = objects::invoice_line(&Line {
            id: &id,
            invoice,
            subscription: text(subscription, "id")?,
            item: &charge.item,
            amount: charge.amount,
            description: &charge.description,
            discountable: charge.discountable,
            proration: charge.proration,
            period: charge.period,
            price: &charge.price,
            quantity: charge.quantity,
            metadata: &metadata,
        });
        if let Some(discount) = discount
            && charge.discountable
        {
            set(
                &mut line,
                [(
                    "discount_amounts",
                    json!([{ "amount": share.discount, "discount": discount }]),
                )],
            )?;
        }
        if taxed {
            let inclusive = is_inclusive(&charge.price);
            let tax = objects::tax(share.tax, share.taxable, inclusive);
            set(&mut line, [("taxes", json!([tax]))])?;
        }
        lines.push(line);
    }
    Ok(lines)
}

/// The sums over all lines.
fn enter(
    invoice: &mut Value,
    sum: &Bill,
    positions: &[Position],
    discount: Option<&str>,
    taxed: bool,
) -> Result<(), ApiError> {
    let mut taxes = Vec::new();
    for inclusive in [false, true] {
        let mut shares = positions
            .iter()
            .zip(&sum.shares)
            .filter(|(position, _)| position.inclusive == inclusive)
            .map(|(_, share)| share)
            .peekable();
        if taxed && shares.peek().is_some() {
            let (tax, taxable) = shares.fold((0, 0), |(tax, taxable), share| {
                (tax + share.tax, taxable + share.taxable)
            });
            taxes.push(objects::tax(tax, taxable, inclusive));
        }
    }
    let inclusive_tax: i64 = positions
        .iter()
        .zip(&sum.shares)
        .filter(|(position, _)| position.inclusive)
        .map(|(_, share)| share.tax)
        .sum();
    let discounts = match discount {
        Some(id) => json!([{ "amount": sum.discount, "discount": id }]),
        None => json!([]),
    };
    set(
        invoice,
        [
            ("subtotal", sum.subtotal.into()),
            (
                "subtotal_excluding_tax",
                (sum.subtotal - inclusive_tax).into(),
            ),
            ("total", sum.total.into()),
            ("total_excluding_tax", (sum.total - sum.tax).into()),
            ("total_taxes", taxes.into()),
            ("total_discount_amounts", discounts),
            ("discounts", discount.map_or(json!([]), |id| json!([id]))),
        ],
    )?;
    if taxed {
        set(
            invoice,
            [(
                "automatic_tax",
                json!({
                    "disabled_reason": null,
                    "enabled": true,
                    "liability": { "type": "self" },
                    "provider": "stripe",
                    "status": "complete",
                }),
            )],
        )?;
    }
    Ok(())
}
