//! Payments, and what becomes of them.

use serde_json::{Map, Value, json};

use crate::till::fields::with_nulls;

/// A payment intent before anyone tried to pay.
pub(crate) fn payment_intent(
    id: &str,
    secret: &str,
    created: i64,
    amount: i64,
    currency: &str,
) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": { "tip": {} },
            "amount_received": 0,
            "capture_method": "automatic_async",
            "client_secret": secret,
            "confirmation_method": "automatic",
            "created": created,
            "currency": currency,
            "livemode": false,
            "metadata": {},
            "payment_method_options": {
                "card": {
                    "installments": null,
                    "mandate_options": null,
                    "network": null,
                    "request_three_d_secure": "automatic",
                },
            },
            "payment_method_types": ["card"],
            "status": "requires_payment_method",
        }),
        &[
            "allowed_payment_method_types",
            "application",
            "application_fee_amount",
            "automatic_payment_methods",
            "canceled_at",
            "cancellation_reason",
            "customer",
            "customer_account",
            "description",
            "excluded_payment_method_types",
            "last_payment_error",
            "latest_charge",
            "managed_payments",
            "next_action",
            "on_behalf_of",
            "payment_method",
            "payment_method_configuration_details",
            "payment_record",
            "processing",
            "receipt_email",
            "review",
            "setup_future_usage",
            "shipping",
            "source",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_data",
            "transfer_group",
        ],
    )
}

/// A charge that is under way (`pending`).
pub(crate) fn charge(id: &str, created: i64, amount: i64, currency: &str) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "charge",
            "amount": amount,
            "amount_captured": 0,
            "amount_refunded": 0,
            "billing_details": {
                "address": {
                    "city": null, "country": null, "line1": null,
                    "line2": null, "postal_code": null, "state": null,
                },
                "email": null,
                "name": null,
                "phone": null,
                "tax_id": null,
            },
            "calculated_statement_descriptor": "TEST TILL",
            "captured": true,
            "created": created,
            "currency": currency,
            "disputed": false,
            "fraud_details": {},
            "livemode": false,
            "metadata": {},
            "paid": false,
            "radar_options": {},
            "refunded": false,
            "status": "pending",
        }),
        &[
            "application",
            "application_fee",
            "application_fee_amount",
            "balance_transaction",
            "customer",
            "description",
            "failure_balance_transaction",
            "failure_code",
            "failure_message",
            "on_behalf_of",
            "outcome",
            "payment_intent",
            "payment_method",
            "payment_method_details",
            "receipt_email",
            "receipt_number",
            "receipt_url",
            "review",
            "shipping",
            "source",
            "source_transfer",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_data",
            "transfer_group",
        ],
    )
}

/// What a charge says of a card: Stripe's test card 4242…, or 0002 for the one that is declined.
pub(crate) fn card_details(amount: i64, declined: bool) -> Value {
    let cvc_check = if declined { Value::Null } else { json!("pass") };
    json!({
        "type": "card",
        "card": {
            "amount_authorized": if declined { Value::Null } else { json!(amount) },
            "authorization_code": null,
            "brand": "visa",
            "checks": {
                "address_line1_check": null,
                "address_postal_code_check": null,
                "cvc_check": cvc_check,
            },
            "country": "US",
            "electronic_commerce_indicator": null,
            "exp_month": 12,
            "exp_year": 2034,
            "extended_authorization": { "status": "disabled" },
            "fingerprint": "TestTillCard0000",
            "funding": "credit",
            "incremental_authorization": { "status": "unavailable" },
            "installments": null,
            "last4": if declined { "0002" } else { "4242" },
            "mandate": null,
            "multicapture": { "status": "unavailable" },
            "network": "visa",
            "network_token": { "used": false },
            "network_transaction_id": null,
            "overcapture": { "maximum_amount_capturable": amount, "status": "unavailable" },
            "regulated_status": "unregulated",
            "three_d_secure": null,
            "transaction_link_id": null,
            "wallet": null,
        },
    })
}

/// What a charge says of a way to pay that takes days: a bank debit, or what the session allows.
pub(crate) fn slow_details(kind: &str) -> Value {
    let details = if kind == "us_bank_account" {
        json!({
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "TEST TILL BANK",
            "fingerprint": "TestTillBank0000",
            "last4": "6789",
            "payment_reference": null,
            "routing_number": "110000000",
        })
    } else {
        json!({})
    };
    let mut map = Map::new();
    map.insert("type".to_owned(), kind.into());
    map.insert(kind.to_owned(), details);
    Value::Object(map)
}

/// How the network answered a charge.
pub(crate) fn outcome(declined: bool) -> Value {
    let (network, reason, seller, kind) = if declined {
        let reason = json!("generic_decline");
        (
            "declined_by_network",
            reason,
            "The bank did not return any further details with this decline.",
            "issuer_declined",
        )
    } else {
        (
            "approved_by_network",
            Value::Null,
            "Payment complete.",
            "authorized",
        )
    };
    json!({
        "advice_code": null,
        "network_advice_code": null,
        "network_decline_code": null,
        "network_status": network,
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": seller,
        "type": kind,
    })
}

pub(crate) fn refund(id: &str, created: i64, amount: i64, currency: &str) -> Value {
    with_nulls(
        json!({
            "id": id,
            "object": "refund",
            "amount": amount,
            "created": created,
            "currency": currency,
            "destination_details": {
                "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": {},
            "status": "succeeded",
        }),
        &[
            "balance_transaction",
            "charge",
            "customer",
            "customer_account",
            "payment_intent",
            "payment_method",
            "reason",
            "receipt_number",
            "source_transfer_reversal",
            "transfer_reversal",
        ],
    )
}

pub(crate) fn dispute(id: &str, created: i64, amount: i64, currency: &str) -> Value {
    json!({
        "id": id,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": null,
        "created": created,
        "currency": currency,
        "enhanced_eligibility_types": [],
        "evidence": with_nulls(json!({ "enhanced_evidence": {} }), &[
            "access_activity_log", "billing_address", "cancellation_policy",
            "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
            "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
            "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
            "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
            "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
            "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
            "uncategorized_file", "uncategorized_text",
        ]),
        "evidence_details": {
            "due_by": created + 7 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": false,
            "past_due": false,
            "submission_count": 0,
        },
        "is_charge_refundable": false,
        "livemode": false,
        "metadata": {},
        "network_reason_code": "10.4",
        "payment_intent": null,
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": "chargeback",
                "network": "visa",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": "fraudulent",
        "status": "needs_response",
    })
}

/// Money that came or went: `amount` and `fee` in minor units, `amount` negative if it went.
pub(crate) struct Movement<'a> {
    pub(crate) id: &'a str,
    pub(crate) created: i64,
    /// `charge`, `refund` or `adjustment` (what a dispute takes and gives back).
    pub(crate) kind: &'static str,
    pub(crate) category: &'static str,
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) currency: &'a str,
    /// The id of the charge, refund or dispute.
    pub(crate) source: &'a str,
}

pub(crate) fn balance_transaction(movement: &Movement<'_>) -> Value {
    let fee_details = if movement.fee == 0 {
        json!([])
    } else {
        json!([{
            "amount": movement.fee,
            "application": null,
            "currency": movement.currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }])
    };
    json!({
        "id": movement.id,
        "object": "balance_transaction",
        "amount": movement.amount,
        "available_on": movement.created,
        "balance_type": "payments",
        "created": movement.created,
        "currency": movement.currency,
        "description": null,
        "exchange_rate": null,
        "fee": movement.fee,
        "fee_details": fee_details,
        "net": movement.amount - movement.fee,
        "reporting_category": movement.category,
        "source": movement.source,
        "status": "available",
        "type": movement.kind,
    })
}
