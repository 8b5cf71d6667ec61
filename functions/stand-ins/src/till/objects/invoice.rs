//! Invoices, their lines, and the payments made for them.

use serde_json::{Value, json};

use crate::till::fields::with_nulls;

/// A draft without lines and sums, for a subscription.
pub(crate) fn invoice(id: &str, created: i64, customer: &str, currency: &str) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "invoice",
            "account_country": "US",
            "account_name": "Test till",
            "amount_due": 0,
            "amount_overpaid": 0,
            "amount_paid": 0,
            "amount_remaining": 0,
            "amount_shipping": 0,
            "attempt_count": 0,
            "attempted": false,
            "auto_advance": true,
            "automatic_tax": {
                "disabled_reason": null,
                "enabled": false,
                "liability": null,
                "provider": null,
                "status": null,
            },
            "billing_reason": "subscription_create",
            "collection_method": "charge_automatically",
            "created": created,
            "currency": currency,
            "customer": customer,
            "customer_tax_exempt": "none",
            "customer_tax_ids": [],
            "default_tax_rates": [],
            "discounts": [],
            "hosted_invoice_url": null,
            "invoice_pdf": null,
            "issuer": { "type": "self" },
            "lines": super::list(&format!("/v1/invoices/{id}/lines"), Vec::new(), false),
            "livemode": false,
            "metadata": {},
            "payment_settings": {
                "default_mandate": null,
                "payment_method_options": null,
                "payment_method_types": null,
            },
            "period_end": created,
            "period_start": created,
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "starting_balance": 0,
            "status": "draft",
            "status_transitions": {
                "finalized_at": null,
                "marked_uncollectible_at": null,
                "paid_at": null,
                "voided_at": null,
            },
            "subtotal": 0,
            "total": 0,
            "total_discount_amounts": [],
            "total_pretax_credit_amounts": [],
            "total_taxes": [],
        }),
        &[
            "account_tax_ids",
            "application",
            "automatically_finalizes_at",
            "custom_fields",
            "customer_account",
            "customer_address",
            "customer_email",
            "customer_name",
            "customer_phone",
            "customer_shipping",
            "default_payment_method",
            "default_source",
            "description",
            "due_date",
            "effective_at",
            "ending_balance",
            "footer",
            "from_invoice",
            "last_finalization_error",
            "latest_revision",
            "next_payment_attempt",
            "number",
            "on_behalf_of",
            "parent",
            "receipt_number",
            "rendering",
            "shipping_cost",
            "shipping_details",
            "statement_descriptor",
            "subtotal_excluding_tax",
            "test_clock",
            "total_excluding_tax",
            "webhooks_delivered_at",
        ],
    )
}

/// What an invoice line says of itself before discount and tax.
pub(crate) struct Line<'a> {
    pub(crate) id: &'a str,
    pub(crate) invoice: &'a str,
    pub(crate) subscription: &'a str,
    pub(crate) item: &'a str,
    /// Minor units, negative for a credit.
    pub(crate) amount: i64,
    pub(crate) description: &'a str,
    pub(crate) discountable: bool,
    pub(crate) proration: bool,
    /// Start and end, in seconds since 1970.
    pub(crate) period: (i64, i64),
    pub(crate) price: &'a Value,
    pub(crate) quantity: i64,
    pub(crate) metadata: &'a Value,
}

pub(crate) fn invoice_line(line: &Line<'_>) -> Value {
    let of_price = |name: &str| line.price.get(name).cloned().unwrap_or_default();
    json!({
        "id": line.id,
        "object": "line_item",
        "amount": line.amount,
        "currency": of_price("currency"),
        "description": line.description,
        "discount_amounts": [],
        "discountable": line.discountable,
        "discounts": [],
        "invoice": line.invoice,
        "livemode": false,
        "metadata": line.metadata,
        "parent": {
            "invoice_item_details": null,
            "subscription_item_details": {
                "invoice_item": null,
                "proration": line.proration,
                "proration_details": { "credited_items": null },
                "subscription": line.subscription,
                "subscription_item": line.item,
            },
            "type": "subscription_item_details",
        },
        "period": { "end": line.period.1, "start": line.period.0 },
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": { "price": of_price("id"), "product": of_price("product") },
            "type": "price_details",
            "unit_amount_decimal": of_price("unit_amount_decimal"),
        },
        "quantity": line.quantity,
        "quantity_decimal": line.quantity.to_string(),
        "subscription": line.subscription,
        "subtotal": line.amount,
        "taxes": [],
    })
}

/// One tax of a line, or of all lines together; `amount` and `taxable` in minor units.
pub(crate) fn tax(amount: i64, taxable: i64, inclusive: bool) -> Value {
    json!({
        "amount": amount,
        "tax_behavior": if inclusive { "inclusive" } else { "exclusive" },
        "tax_rate_details": { "tax_rate": "txr_1TestTillTwentyPercent" },
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    })
}

/// The payment that an invoice waits for.
pub(crate) fn invoice_payment(
    id: &str,
    created: i64,
    invoice: &str,
    intent: &str,
    amount: i64,
    currency: &str,
) -> Value {
    json!({
        "id": id,
        "object": "invoice_payment",
        "amount_paid": null,
        "amount_requested": amount,
        "created": created,
        "currency": currency,
        "invoice": invoice,
        "is_default": true,
        "livemode": false,
        "payment": { "payment_intent": intent, "type": "payment_intent" },
        "status": "open",
        "status_transitions": { "canceled_at": null, "paid_at": null },
    })
}
