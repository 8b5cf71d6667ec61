//! Subscriptions, their items, and the page where a customer changes them.

use serde_json::{Value, json};

use crate::till::fields::with_nulls;

/// A subscription without items, periods and a payment.
pub(crate) fn subscription(id: &str, created: i64, customer: &str, currency: &str) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "subscription",
            "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
            "billing_cycle_anchor": created,
            "billing_mode": {
                "flexible": { "proration_discounts": "included" },
                "type": "flexible",
                "updated_at": created,
            },
            "billing_schedules": [],
            "cancel_at_period_end": false,
            "cancellation_details": {
                "comment": null, "feedback": null, "feedback_option": null, "reason": null,
            },
            "collection_method": "charge_automatically",
            "created": created,
            "currency": currency,
            "customer": customer,
            "default_tax_rates": [],
            "discounts": [],
            "invoice_settings": {
                "account_tax_ids": null,
                "custom_fields": null,
                "description": null,
                "footer": null,
                "issuer": { "type": "self" },
            },
            "items": super::list(&format!("/v1/subscription_items?subscription={id}"), Vec::new(), false),
            "livemode": false,
            "metadata": {},
            "payment_settings": {
                "payment_method_options": null,
                "payment_method_types": null,
                "save_default_payment_method": "off",
            },
            "start_date": created,
            "status": "incomplete",
            "trial_settings": {
                "end_behavior": {
                    "billing_cycle_anchor": null,
                    "missing_payment_method": "create_invoice",
                },
            },
        }),
        &[
            "application",
            "application_fee_percent",
            "billing_cycle_anchor_config",
            "billing_thresholds",
            "cancel_at",
            "canceled_at",
            "customer_account",
            "days_until_due",
            "default_payment_method",
            "default_source",
            "description",
            "ended_at",
            "latest_invoice",
            "managed_payments",
            "next_pending_invoice_item_invoice",
            "on_behalf_of",
            "pause_collection",
            "pending_invoice_item_interval",
            "pending_setup_intent",
            "pending_update",
            "schedule",
            "test_clock",
            "transfer_data",
            "trial_end",
            "trial_start",
        ],
    )
}

/// One item; its period is from `created` to `created` until it is set.
pub(crate) fn subscription_item(
    id: &str,
    created: i64,
    subscription: &str,
    price: &Value,
    quantity: i64,
) -> Value {
    json!({
        "id": id,
        "object": "subscription_item",
        "billing_thresholds": null,
        "created": created,
        "current_period_end": created,
        "current_period_start": created,
        "current_trial": null,
        "discounts": [],
        "metadata": {},
        "plan": plan(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    })
}

/// A recurring price as Stripe said it before there were prices.
pub(crate) fn plan(price: &Value) -> Value {
    let field = |name: &str| price.get(name).cloned().unwrap_or_default();
    let recurring = |name: &str| {
        price
            .get("recurring")
            .and_then(|recurring| recurring.get(name))
            .cloned()
            .unwrap_or_default()
    };
    json!({
        "id": field("id"),
        "object": "plan",
        "active": field("active"),
        "amount": field("unit_amount"),
        "amount_decimal": field("unit_amount_decimal"),
        "billing_scheme": "per_unit",
        "created": field("created"),
        "currency": field("currency"),
        "interval": recurring("interval"),
        "interval_count": recurring("interval_count"),
        "livemode": false,
        "metadata": field("metadata"),
        "meter": null,
        "nickname": field("nickname"),
        "product": field("product"),
        "tiers_mode": null,
        "transform_usage": null,
        "trial_period_days": null,
        "usage_type": "licensed",
    })
}

/// What a price says of its period; `interval` is `day`, `week`, `month` or `year`.
pub(crate) fn recurring(interval: &str, count: i64) -> Value {
    json!({
        "interval": interval,
        "interval_count": count,
        "meter": null,
        "trial_period_days": null,
        "usage_type": "licensed",
    })
}

pub(crate) fn portal_session(
    id: &str,
    created: i64,
    customer: &str,
    url: &str,
    return_url: Option<&str>,
    locale: Option<&str>,
) -> Value {
    json!({
        "id": id,
        "object": "billing_portal.session",
        "configuration": "bpc_1TestTillPortal0000000",
        "created": created,
        "customer": customer,
        "customer_account": null,
        "flow": null,
        "livemode": false,
        "locale": locale,
        "on_behalf_of": null,
        "return_url": return_url,
        "url": url,
    })
}
