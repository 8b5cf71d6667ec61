//! What a checkout session sells: its line items, and what they come to with coupon and tax.
//!
//! Tax is known when the buyer's address is, that is when the session is paid: until then an open
//! session with automatic tax says `requires_location_inputs` and no tax.

use serde_json::{Value, json};

use super::coupons;
use super::currency::{LARGEST, currency};
use super::cycle::Cycle;
use super::error::ApiError;
use super::fields::{boolean, integer, optional_text, set, text};
use super::ids::random_id;
use super::objects;
use super::params::Params;
use super::prices;
use super::store::{StoreError, Tx};
use super::sums::{Bill, Position, bill};

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    Payment,
    Subscription,
}

impl Mode {
    /// The mode of a session that is there.
    pub(crate) fn of(session: &Value) -> Self {
        match optional_text(session, "mode") {
            Some("subscription") => Self::Subscription,
            _ => Self::Payment,
        }
    }
}

/// The `line_items` of a request, in their order, before coupon and tax.
pub(crate) fn read(tx: &Tx<'_>, params: &mut Params, mode: Mode) -> Result<Vec<Value>, ApiError> {
    let mut items = Vec::new();
    for mut line in params.hashes("line_items")? {
        let quantity = line
            .integer("quantity")?
            .ok_or_else(|| ApiError::missing(&line.name("quantity")))?;
        if quantity < 1 {
            return Err(ApiError::invalid(
                line.name("quantity"),
                "This value must be greater than or equal to 1.",
            )
            .with_code("parameter_invalid_integer"));
        }
        let price = price(tx, &mut line)?;
        check_kind(&price, mode)?;
        line.only_disabled("adjustable_quantity")?;
        let amount = integer(&price, "unit_amount")?.saturating_mul(quantity);
        let product = tx.named(text(&price, "product")?)?;
        let id = random_id("li_1", 23).map_err(StoreError::from)?;
        let mut item = objects::line_item(&id, &price, quantity, amount, text(&product, "name")?);
        prices::change_metadata(&mut line, &mut item)?;
        items.push(item);
        params.close(line);
    }
    let most = match mode {
        Mode::Payment => 100,
        Mode::Subscription => 20,
    };
    if items.len() > most {
        return Err(ApiError::invalid(
            "line_items",
            format!("A Checkout Session can have up to {most} line items."),
        ));
    }
    check_cycles(&items)?;
    Ok(items)
}

/// The one currency of all items, which the request may name too.
pub(crate) fn common_currency(params: &mut Params, items: &[Value]) -> Result<String, ApiError> {
    let mut wanted = params
        .text("currency")?
        .map(|code| currency("currency", &code))
        .transpose()?;
    for item in items {
        let code = text(item, "currency")?;
        match &wanted {
            None => wanted = Some(code.to_owned()),
            Some(wanted) if wanted == code => {}
            Some(_) => {
                return Err(ApiError::invalid(
                    "line_items",
                    "All prices on a Checkout Session must have the same currency.",
                ));
            }
        }
    }
    wanted.ok_or_else(|| ApiError::missing("line_items"))
}

/// Reckons up the session and its items: what is due when it is paid. A trial costs nothing now.
/// `located` says that the buyer's address, and so the tax, is known.
pub(crate) fn reckon(
    session: &mut Value,
    items: &mut [Value],
    coupon: Option<&Value>,
    trial: bool,
    located: bool,
) -> Result<(), ApiError> {
    let currency = text(session, "currency")?.to_owned();
    let taxed = automatic_tax(session)?;
    let positions = items
        .iter()
        .map(|item| position(item, trial))
        .collect::<Result<Vec<_>, ApiError>>()?;
    let off = coupon
        .map(|coupon| coupons::off(coupon, &currency))
        .transpose()?;
    let sum = bill(&currency, &positions, off, taxed && located);
    for ((item, position), share) in items.iter_mut().zip(&positions).zip(&sum.shares) {
        set(
            item,
            [
                ("amount_subtotal", position.amount.into()),
                ("amount_discount", share.discount.into()),
                ("amount_tax", share.tax.into()),
                ("amount_total", share.total.into()),
            ],
        )?;
    }
    if sum.total > LARGEST {
        return Err(ApiError::invalid(
            "line_items",
            "The Checkout Session's total amount must be no more than 99999999 minor units",
        )
        .with_code("amount_too_large"));
    }
    enter(session, &sum)?;
    if taxed {
        let status = if located {
            "complete"
        } else {
            "requires_location_inputs"
        };
        set(
            session,
            [(
                "automatic_tax",
                json!({
                    "enabled": true,
                    "liability": { "type": "self" },
                    "provider": "stripe",
                    "status": status,
                }),
            )],
        )?;
    }
    Ok(())
}

/// The same when the buyer has come to pay, on what is kept of the session.
pub(crate) fn locate(tx: &Tx<'_>, session: &mut Value) -> Result<(), ApiError> {
    if !automatic_tax(session)? {
        return Ok(());
    }
    let items = preview(tx, session)?;
    let id = text(session, "id")?.to_owned();
    let mut hidden = tx.hidden(&id)?;
    set(&mut hidden, [("line_items", items.into())])?;
    tx.set_hidden(&id, &hidden)?;
    tx.update(session)?;
    Ok(())
}

/// What `locate` will come to: changes only the session that is given, and answers its items.
pub(crate) fn preview(tx: &Tx<'_>, session: &mut Value) -> Result<Vec<Value>, ApiError> {
    let mut hidden = tx.hidden(text(session, "id")?)?;
    let coupon = hidden
        .get("coupon")
        .filter(|coupon| !coupon.is_null())
        .cloned();
    let trial = is_trial(&hidden);
    let mut items = items_in(&mut hidden);
    reckon(session, &mut items, coupon.as_ref(), trial, true)?;
    Ok(items)
}

/// The line items of a session, in the order they were given.
pub(crate) fn items(tx: &Tx<'_>, session: &str) -> Result<Vec<Value>, StoreError> {
    Ok(items_in(&mut tx.hidden(session)?))
}

/// True if what the till remembers of a session says that its subscription begins with a trial.
pub(crate) fn is_trial(hidden: &Value) -> bool {
    hidden
        .pointer("/subscription_data/trial_end")
        .is_some_and(|end| !end.is_null())
        || hidden
            .pointer("/subscription_data/trial_period_days")
            .is_some_and(|days| !days.is_null())
}

/// True if the price says that its amount has the tax in it.
pub(crate) fn is_inclusive(price: &Value) -> bool {
    optional_text(price, "tax_behavior") == Some("inclusive")
}

fn items_in(hidden: &mut Value) -> Vec<Value> {
    match hidden.get_mut("line_items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn automatic_tax(session: &Value) -> Result<bool, ApiError> {
    let tax = session.get("automatic_tax").cloned().unwrap_or_default();
    Ok(boolean(&tax, "enabled")?)
}

fn position(item: &Value, trial: bool) -> Result<Position, ApiError> {
    let price = item.get("price").cloned().unwrap_or_default();
    let amount = integer(&price, "unit_amount")?.saturating_mul(integer(item, "quantity")?);
    Ok(Position {
        amount: if trial { 0 } else { amount },
        inclusive: is_inclusive(&price),
        discountable: true,
    })
}

fn enter(session: &mut Value, sum: &Bill) -> Result<(), ApiError> {
    set(
        session,
        [
            ("amount_subtotal", sum.subtotal.into()),
            ("amount_total", sum.total.into()),
            (
                "total_details",
                json!({
                    "amount_discount": sum.discount,
                    "amount_shipping": 0,
                    "amount_tax": sum.tax,
                }),
            ),
        ],
    )?;
    Ok(())
}

/// The price that a line names or spells out.
fn price(tx: &Tx<'_>, line: &mut Params) -> Result<Value, ApiError> {
    match (line.text("price")?, line.hash("price_data")?) {
        (Some(id), None) => prices::active_price(tx, &id, &line.name("price")),
        (None, Some(mut data)) => {
            let price = prices::inline_price(tx, &mut data)?;
            line.close(data);
            Ok(price)
        }
        _ => Err(ApiError::invalid(
            line.name("price"),
            "You must specify exactly one of `price` and `price_data`.",
        )),
    }
}

fn check_kind(price: &Value, mode: Mode) -> Result<(), ApiError> {
    let message = match (mode, text(price, "type")?) {
        (Mode::Payment, "recurring") => {
            "You specified `payment` mode but passed a recurring price. Either switch to \
             `subscription` mode or use only one-time prices."
        }
        (Mode::Subscription, "one_time") => {
            "The test till sells recurring prices only in `subscription` mode."
        }
        _ => return Ok(()),
    };
    Err(ApiError::invalid("line_items", message))
}

/// All recurring prices of a subscription are billed together.
fn check_cycles(items: &[Value]) -> Result<(), ApiError> {
    let mut first = None;
    for item in items {
        let price = item.get("price").cloned().unwrap_or_default();
        let cycle = Cycle::of(&price)?;
        if *first.get_or_insert(cycle) != cycle {
            return Err(ApiError::invalid(
                "line_items",
                "All recurring prices must have the same interval (at the test till).",
            ));
        }
    }
    Ok(())
}
