//! Sessions, what they sell and to whom.

use serde_json::{Value, json};

use crate::till::fields::with_nulls;

/// An open checkout session without what its maker asked for.
pub(crate) fn checkout_session(id: &str, created: i64) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "checkout.session",
            "adaptive_pricing": { "enabled": false },
            "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "created": created,
            "custom_fields": [],
            "custom_text": {
                "after_submit": null,
                "shipping_address": null,
                "submit": null,
                "terms_of_service_acceptance": null,
            },
            "customer_creation": "if_required",
            "discounts": [],
            "invoice_creation": {
                "enabled": false,
                "invoice_data": {
                    "account_tax_ids": null,
                    "custom_fields": null,
                    "description": null,
                    "footer": null,
                    "issuer": null,
                    "metadata": {},
                    "rendering_options": null,
                },
            },
            "livemode": false,
            "metadata": {},
            "mode": "payment",
            "payment_method_collection": "if_required",
            "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
            "payment_method_types": ["card", "us_bank_account"],
            "payment_status": "unpaid",
            "phone_number_collection": { "enabled": false },
            "shipping_options": [],
            "status": "open",
            "ui_mode": "hosted_page",
        }),
        &[
            "after_expiration",
            "allow_promotion_codes",
            "allowed_payment_method_types",
            "amount_subtotal",
            "amount_total",
            "billing_address_collection",
            "cancel_url",
            "client_reference_id",
            "client_secret",
            "collected_information",
            "consent",
            "consent_collection",
            "currency",
            "currency_conversion",
            "customer",
            "customer_account",
            "customer_details",
            "customer_email",
            "expires_at",
            "integration_identifier",
            "invoice",
            "locale",
            "managed_payments",
            "optional_items",
            "origin_context",
            "payment_intent",
            "payment_link",
            "payment_method_configuration_details",
            "permissions",
            "recovered_from",
            "saved_payment_method_options",
            "setup_intent",
            "shipping_address_collection",
            "shipping_cost",
            "submit_type",
            "subscription",
            "success_url",
            "total_details",
            "url",
            "wallet_options",
        ],
    )
}

/// Who pays, as far as the payment page asked.
pub(crate) fn customer_details(email: &str) -> Value {
    json!({
        "address": null,
        "business_name": null,
        "email": email,
        "individual_name": null,
        "name": null,
        "phone": null,
        "tax_exempt": "none",
        "tax_ids": null,
    })
}

pub(crate) fn line_item(id: &str, price: &Value, quantity: i64, amount: i64, name: &str) -> Value {
    json!({
        "id": id,
        "object": "item",
        "adjustable_quantity": null,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price.get("currency"),
        "description": name,
        "metadata": {},
        "price": price,
        "quantity": quantity,
    })
}

pub(crate) fn product(id: &str, created: i64, name: &str) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "product",
            "active": true,
            "created": created,
            "images": [],
            "livemode": false,
            "marketing_features": [],
            "metadata": {},
            "name": name,
            "type": "service",
            "updated": created,
        }),
        &[
            "default_price",
            "description",
            "package_dimensions",
            "shippable",
            "tax_code",
            "tax_details",
            "url",
        ],
    )
}

/// A one-time price; `amount` in minor units of `currency`.
pub(crate) fn price(id: &str, created: i64, product: &str, currency: &str, amount: i64) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "price",
            "active": true,
            "billing_scheme": "per_unit",
            "created": created,
            "currency": currency,
            "livemode": false,
            "metadata": {},
            "product": product,
            "tax_behavior": "unspecified",
            "type": "one_time",
            "unit_amount": amount,
            "unit_amount_decimal": amount.to_string(),
        }),
        &[
            "custom_unit_amount",
            "lookup_key",
            "nickname",
            "recurring",
            "tiers_mode",
            "transform_quantity",
        ],
    )
}

pub(crate) fn customer(id: &str, created: i64) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "customer",
            "balance": 0,
            "created": created,
            "delinquent": false,
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": null,
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": {},
            "next_invoice_sequence": 1,
            "preferred_locales": [],
            "tax_exempt": "none",
        }),
        &[
            "address",
            "currency",
            "customer_account",
            "default_source",
            "description",
            "discount",
            "email",
            "invoice_prefix",
            "name",
            "phone",
            "shipping",
            "test_clock",
        ],
    )
}
