//! Coupons, and the discounts that customers get from them.

use serde_json::{Value, json};

use crate::till::fields::with_nulls;

/// A coupon that takes nothing off yet.
pub(crate) fn coupon(id: &str, created: i64) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "coupon",
            "created": created,
            "duration": "once",
            "livemode": false,
            "metadata": {},
            "times_redeemed": 0,
            "valid": true,
        }),
        &[
            "amount_off",
            "currency",
            "duration_in_months",
            "max_redemptions",
            "name",
            "percent_off",
            "redeem_by",
        ],
    )
}

/// What someone has from `coupon` since `start`.
pub(crate) fn discount(id: &str, coupon: &str, start: i64) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "discount",
            "source": { "coupon": coupon, "type": "coupon" },
            "start": start,
        }),
        &[
            "checkout_session",
            "customer",
            "customer_account",
            "end",
            "invoice",
            "invoice_item",
            "promotion_code",
            "subscription",
            "subscription_item",
        ],
    )
}
