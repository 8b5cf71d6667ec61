//! Coupons: made, changed, named by a session, redeemed; and the discount that a subscription gets
//! from one.

use serde_json::{Value, json};

use super::agenda::{self, Matter};
use super::currency::{check_amount, currency};
use super::error::ApiError;
use super::fields::{boolean, integer, optional_text, set, text};
use super::ids::random_id;
use super::objects;
use super::params::Params;
use super::prices::change_metadata;
use super::store::{StoreError, Tx};
use super::sums::Off;

/// `POST /v1/coupons`.
pub(crate) fn create(tx: &Tx<'_>, params: &mut Params) -> Result<Value, ApiError> {
    let id = match params.text("id")? {
        Some(id) if tx.find("coupon", &id)?.is_some() => {
            return Err(ApiError::refused(
                "resource_already_exists",
                format!("Coupon already exists: {id}"),
            ));
        }
        Some(id) => id,
        None => random_id("", 8).map_err(StoreError::from)?,
    };
    let mut coupon = objects::coupon(&id, tx.second());
    match (percent(params)?, params.integer("amount_off")?) {
        (Some(hundredths), None) => {
            set(&mut coupon, [("percent_off", percent_off(hundredths))])?;
        }
        (None, Some(amount)) => {
            let code = currency("currency", &params.required_text("currency")?)?;
            check_amount("amount_off", &code, amount)?;
            if amount == 0 {
                return Err(ApiError::invalid("amount_off", "Invalid positive integer")
                    .with_code("parameter_invalid_integer"));
            }
            set(
                &mut coupon,
                [("amount_off", amount.into()), ("currency", code.into())],
            )?;
        }
        _ => {
            return Err(ApiError::invalid(
                "percent_off",
                "You must specify exactly one of `percent_off` and `amount_off`.",
            ));
        }
    }
    let durations = ["once", "repeating", "forever"];
    let duration = params.choice("duration", &durations)?.unwrap_or("once");
    let months = at_least_one(params, "duration_in_months")?;
    if (duration == "repeating") != months.is_some() {
        return Err(ApiError::invalid(
            "duration_in_months",
            "`duration_in_months` must be given if `duration` is `repeating`, and only then.",
        ));
    }
    let redeem_by = params.integer("redeem_by")?;
    if redeem_by.is_some_and(|at| at <= tx.second()) {
        return Err(ApiError::invalid(
            "redeem_by",
            "redeem_by must be in the future",
        ));
    }
    set(
        &mut coupon,
        [
            ("duration", duration.into()),
            ("duration_in_months", months.into()),
            (
                "max_redemptions",
                at_least_one(params, "max_redemptions")?.into(),
            ),
            ("redeem_by", redeem_by.into()),
            ("name", params.text("name")?.into()),
        ],
    )?;
    change_metadata(params, &mut coupon)?;
    tx.insert(&coupon, &json!({}))?;
    if let Some(at) = redeem_by {
        agenda::plan(tx, &id, Matter::CouponEnds, at)?;
    }
    Ok(coupon)
}

/// `POST /v1/coupons/{id}`: what of a coupon can change.
pub(crate) fn update(
    tx: &Tx<'_>,
    params: &mut Params,
    mut coupon: Value,
) -> Result<Value, ApiError> {
    if let Some(name) = params.text("name")? {
        set(&mut coupon, [("name", name.into())])?;
    }
    change_metadata(params, &mut coupon)?;
    tx.update(&coupon)?;
    Ok(coupon)
}

/// `DELETE /v1/coupons/{id}`: nobody can redeem it any more; who has it keeps it.
pub(crate) fn delete(tx: &Tx<'_>, coupon: &Value) -> Result<Value, ApiError> {
    let id = text(coupon, "id")?;
    tx.retire(coupon)?;
    Ok(json!({ "id": id, "object": "coupon", "deleted": true }))
}

/// The coupon that `discounts[0][coupon]` of a request names, if it can be redeemed for `currency`.
pub(crate) fn named(tx: &Tx<'_>, params: &mut Params) -> Result<Option<Value>, ApiError> {
    let mut discounts = params.hashes("discounts")?;
    if discounts.len() > 1 {
        return Err(ApiError::invalid(
            "discounts",
            "You can only apply one discount to a Checkout Session.",
        ));
    }
    let Some(mut discount) = discounts.pop() else {
        return Ok(None);
    };
    let param = discount.name("coupon");
    let id = discount.required_text("coupon")?;
    params.close(discount);
    let coupon = tx
        .find("coupon", &id)?
        .ok_or_else(|| ApiError::no_such("coupon", &id, &param))?;
    if !boolean(&coupon, "valid")? {
        return Err(
            ApiError::invalid(param, format!("Coupon expired: {id}")).with_code("coupon_expired")
        );
    }
    Ok(Some(coupon))
}

/// What the coupon takes off an amount in `currency`.
pub(crate) fn off(coupon: &Value, currency: &str) -> Result<Off, ApiError> {
    if let Some(percent) = coupon.get("percent_off").and_then(Value::as_f64) {
        return Ok(Off::Percent((percent * 100.0).round() as i64));
    }
    let own = text(coupon, "currency")?;
    if own != currency {
        return Err(ApiError::invalid(
            "discounts",
            format!(
                "The coupon `{}` is for {own} and cannot be applied to an amount in {currency}.",
                text(coupon, "id")?
            ),
        ));
    }
    Ok(Off::Amount(integer(coupon, "amount_off")?))
}

/// Counts one use. Who was promised the price before the last use was gone keeps it.
pub(crate) fn redeem(tx: &Tx<'_>, id: &str) -> Result<(), ApiError> {
    let mut coupon = tx.named(id)?;
    let times = integer(&coupon, "times_redeemed")? + 1;
    set(&mut coupon, [("times_redeemed", times.into())])?;
    let most = coupon.get("max_redemptions").and_then(Value::as_i64);
    if most.is_some_and(|most| times >= most) {
        set(&mut coupon, [("valid", false.into())])?;
    }
    tx.update(&coupon)?;
    Ok(())
}

/// Its time is over.
pub(crate) fn end(tx: &Tx<'_>, id: &str) -> Result<(), ApiError> {
    let mut coupon = tx.named(id)?;
    set(&mut coupon, [("valid", false.into())])?;
    tx.update(&coupon)?;
    Ok(())
}

/// The discount that a subscription has from `coupon`, from now on.
pub(crate) fn discount(
    tx: &Tx<'_>,
    coupon: &str,
    customer: &str,
    session: &str,
    subscription: &str,
) -> Result<Value, ApiError> {
    let id = random_id("di_1", 23).map_err(StoreError::from)?;
    let of = tx.named(coupon)?;
    let end = match optional_text(&of, "duration") {
        Some("repeating") => {
            let months = integer(&of, "duration_in_months")?;
            let monthly = json!({ "recurring": { "interval": "month", "interval_count": months } });
            match super::cycle::Cycle::of(&monthly)? {
                Some(cycle) => Some(cycle.boundary_after(tx.second(), tx.second())?),
                None => None,
            }
        }
        _ => None,
    };
    let mut discount = objects::discount(&id, coupon, tx.second());
    set(
        &mut discount,
        [
            ("checkout_session", session.into()),
            ("customer", customer.into()),
            ("end", end.into()),
            ("subscription", subscription.into()),
        ],
    )?;
    // The terms at this time: the coupon may be deleted and another made under its name.
    tx.insert_at(&discount, tx.second(), &json!({ "coupon": of }))?;
    Ok(discount)
}

/// `percent_off`: above 0, up to 100, two decimals, in hundredths.
fn percent(params: &mut Params) -> Result<Option<i64>, ApiError> {
    let Some(given) = params.text("percent_off")? else {
        return Ok(None);
    };
    let (whole, decimals) = given.split_once('.').unwrap_or((&given, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let hundredths =
        (!whole.is_empty() && digits(whole) && digits(decimals) && decimals.len() <= 2)
            .then(|| format!("{whole}{decimals:0<2}").parse().ok())
            .flatten();
    match hundredths {
        Some(hundredths @ 1..=10_000) => Ok(Some(hundredths)),
        _ => Err(ApiError::invalid(
            "percent_off",
            "percent_off must be above 0 and at most 100, with two decimals at most (at the test till)",
        )),
    }
}

/// As a JSON number: 20, 12.5.
fn percent_off(hundredths: i64) -> Value {
    if hundredths % 100 == 0 {
        (hundredths / 100).into()
    } else {
        (hundredths as f64 / 100.0).into()
    }
}

fn at_least_one(params: &mut Params, name: &str) -> Result<Option<i64>, ApiError> {
    match params.integer(name)? {
        Some(number) if number < 1 => Err(ApiError::invalid(name, "Invalid positive integer")
            .with_code("parameter_invalid_integer")),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_has_two_decimals_at_most() {
        let read =
            |text: &str| percent(&mut Params::parse(&format!("percent_off={text}")).unwrap());
        assert_eq!(read("20").unwrap(), Some(2000));
        assert_eq!(read("12.5").unwrap(), Some(1250));
        assert_eq!(read("0.01").unwrap(), Some(1));
        for bad in ["0", "100.01", "12.345", "-1", "x", "1e1", ".5"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(percent_off(1250).to_string(), "12.5");
        assert_eq!(percent_off(2000).to_string(), "20");
        let coupon = json!({ "percent_off": percent_off(1999) });
        assert_eq!(off(&coupon, "usd").unwrap(), Off::Percent(1999));
    }
}
