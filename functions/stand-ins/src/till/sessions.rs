//! Checkout sessions before they are paid: made, expired, their line items.

use serde_json::{Map, Value, json};

use super::currency::{LARGEST, currency};
use super::error::ApiError;
use super::events::emit;
use super::fields::{integer, optional_text, set, text};
use super::ids::random_id;
use super::objects;
use super::params::Params;
use super::prices;
use super::store::{StoreError, Tx};

/// How soon and how late a session may expire, in seconds after it was made.
const SHORTEST_LIFE: i64 = 30 * 60;
const LONGEST_LIFE: i64 = 24 * 60 * 60;

/// `POST /v1/checkout/sessions` for one-time payments. `origin` is where the pay page is served.
pub(crate) fn create(tx: &Tx<'_>, params: &mut Params, origin: &str) -> Result<Value, ApiError> {
    let id = random_id("cs_test_a1", 58).map_err(StoreError::from)?;
    let created = tx.second();
    let mut session = objects::checkout_session(&id, created);

    match params.text("mode")?.as_deref() {
        Some("payment") => {}
        None => return Err(ApiError::missing("mode")),
        Some(_) => {
            return Err(ApiError::invalid(
                "mode",
                "Invalid mode: the test till only knows payment",
            ));
        }
    }
    params.choice("ui_mode", &["hosted", "hosted_page"])?;
    let items = line_items(tx, params)?;
    let total = total(params, &items)?;
    set(
        &mut session,
        [
            ("amount_subtotal", total.amount.into()),
            ("amount_total", total.amount.into()),
            ("currency", total.currency.into()),
            (
                "total_details",
                json!({ "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 }),
            ),
            ("expires_at", expires_at(params, created)?.into()),
            ("url", format!("{origin}/_dev/till/sessions/{id}").into()),
            (
                "success_url",
                url(params, "success_url")?
                    .ok_or_else(|| ApiError::missing("success_url"))?
                    .into(),
            ),
            ("cancel_url", url(params, "cancel_url")?.into()),
            (
                "client_reference_id",
                params.text("client_reference_id")?.into(),
            ),
            (
                "allow_promotion_codes",
                params.boolean("allow_promotion_codes")?.into(),
            ),
            ("locale", params.text("locale")?.into()),
            (
                "submit_type",
                params
                    .choice("submit_type", &["auto", "book", "donate", "pay"])?
                    .into(),
            ),
            (
                "billing_address_collection",
                params
                    .choice("billing_address_collection", &["auto"])?
                    .into(),
            ),
        ],
    )?;
    prices::change_metadata(params, &mut session)?;
    let types = params.texts("payment_method_types")?;
    if !types.is_empty() {
        set(&mut session, [("payment_method_types", types.into())])?;
    }
    for switch in [
        "automatic_tax",
        "tax_id_collection",
        "phone_number_collection",
        "adaptive_pricing",
        "invoice_creation",
    ] {
        params.only_disabled(switch)?;
    }
    payer(tx, params, &mut session)?;
    let intent = payment_intent_data(params)?;
    // The caller takes `expand` and refuses what is left over; nothing is kept then.
    tx.insert(
        &session,
        &json!({ "line_items": items, "payment_intent_data": intent }),
    )?;
    Ok(session)
}

/// `POST /v1/checkout/sessions/{id}/expire`, and what time does to a session.
pub(crate) fn expire(tx: &Tx<'_>, mut session: Value) -> Result<Value, ApiError> {
    let status = text(&session, "status")?;
    if status != "open" {
        return Err(ApiError::refused(
            "checkout_session_not_open",
            format!(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout \
                 Session has a status of `{status}`."
            ),
        ));
    }
    set(
        &mut session,
        [("status", "expired".into()), ("url", Value::Null)],
    )?;
    tx.update(&session)?;
    emit(tx, "checkout.session.expired", &session, None)?;
    Ok(session)
}

/// Expires the open sessions whose time has come, the oldest first.
pub(crate) fn expire_due(tx: &Tx<'_>) -> Result<(), ApiError> {
    for session in tx.ids_due("checkout.session", "open", "expires_at", tx.second())? {
        expire(tx, tx.named(&session)?)?;
    }
    Ok(())
}

/// When the next open session expires, in seconds since 1970.
pub(crate) fn next_expiry(tx: &Tx<'_>) -> Result<Option<i64>, StoreError> {
    tx.earliest("checkout.session", "open", "expires_at")
}

/// The line items of a session, in the order they were given.
pub(crate) fn items(tx: &Tx<'_>, session: &str) -> Result<Vec<Value>, StoreError> {
    match tx.hidden(session)?.get_mut("line_items").map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        _ => Ok(Vec::new()),
    }
}

struct Total {
    amount: i64,
    currency: String,
}

fn total(params: &mut Params, items: &[Value]) -> Result<Total, ApiError> {
    let mut wanted = params
        .text("currency")?
        .map(|code| currency("currency", &code))
        .transpose()?;
    let mut amount: i64 = 0;
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
        amount = amount.saturating_add(integer(item, "amount_total")?);
    }
    let currency = wanted.ok_or_else(|| ApiError::missing("line_items"))?;
    if amount > LARGEST {
        return Err(ApiError::invalid(
            "line_items",
            "The Checkout Session's total amount must be no more than 99999999 minor units",
        )
        .with_code("amount_too_large"));
    }
    Ok(Total { amount, currency })
}

fn line_items(tx: &Tx<'_>, params: &mut Params) -> Result<Vec<Value>, ApiError> {
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
        let price = match (line.text("price")?, line.hash("price_data")?) {
            (Some(id), None) => prices::active_price(tx, &id, &line.name("price"))?,
            (None, Some(mut data)) => {
                let price = prices::inline_price(tx, &mut data)?;
                line.close(data);
                price
            }
            _ => {
                return Err(ApiError::invalid(
                    line.name("price"),
                    "You must specify exactly one of `price` and `price_data`.",
                ));
            }
        };
        line.only_disabled("adjustable_quantity")?;
        let amount = integer(&price, "unit_amount")?.saturating_mul(quantity);
        let product = tx.named(text(&price, "product")?)?;
        let id = random_id("li_1", 23).map_err(StoreError::from)?;
        let mut item = objects::line_item(&id, &price, quantity, amount, text(&product, "name")?);
        prices::change_metadata(&mut line, &mut item)?;
        items.push(item);
        params.close(line);
    }
    if items.len() > 100 {
        return Err(ApiError::invalid(
            "line_items",
            "A Checkout Session can have up to 100 line items.",
        ));
    }
    Ok(items)
}

fn expires_at(params: &mut Params, created: i64) -> Result<i64, ApiError> {
    let Some(at) = params.integer("expires_at")? else {
        return Ok(created + LONGEST_LIFE);
    };
    let refuse = |limit| {
        let message =
            format!("The `expires_at` timestamp must be {limit} from Checkout Session creation.");
        Err(ApiError::invalid("expires_at", message))
    };
    match at - created {
        life if life < SHORTEST_LIFE => refuse("at least 30 minutes"),
        life if life > LONGEST_LIFE => refuse("less than 24 hours"),
        _ => Ok(at),
    }
}

fn url(params: &mut Params, name: &str) -> Result<Option<String>, ApiError> {
    let Some(url) = params.text(name)? else {
        return Ok(None);
    };
    let web = url.starts_with("https://") || url.starts_with("http://");
    if web && !url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        Ok(Some(url))
    } else {
        Err(ApiError::invalid(name, "Not a valid URL").with_code("url_invalid"))
    }
}

/// Who is to pay: a customer, an address that the page shows and locks, or whoever comes.
fn payer(tx: &Tx<'_>, params: &mut Params, session: &mut Value) -> Result<(), ApiError> {
    if let Some(creation) = params.choice("customer_creation", &["always", "if_required"])? {
        set(session, [("customer_creation", creation.into())])?;
    }
    match (params.text("customer")?, params.text("customer_email")?) {
        (None, None) => Ok(()),
        (Some(_), Some(_)) => Err(ApiError::invalid(
            "customer",
            "You may only specify one of these parameters: customer, customer_email.",
        )),
        (None, Some(email)) => {
            check_email("customer_email", &email)?;
            set(
                session,
                [
                    ("customer_details", objects::customer_details(&email)),
                    ("customer_email", email.into()),
                ],
            )?;
            Ok(())
        }
        (Some(id), None) => {
            let customer = tx
                .find("customer", &id)?
                .ok_or_else(|| ApiError::no_such("customer", &id, "customer"))?;
            set(
                session,
                [
                    ("customer", id.into()),
                    ("customer_creation", Value::Null),
                    (
                        "customer_details",
                        optional_text(&customer, "email")
                            .map_or(Value::Null, objects::customer_details),
                    ),
                ],
            )?;
            Ok(())
        }
    }
}

/// `name@domain`, as far as Stripe looks.
pub(crate) fn check_email(param: &str, email: &str) -> Result<(), ApiError> {
    let good = email.rsplit_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    }) && email.len() <= 512
        && !email.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;".contains(c));
    if good {
        Ok(())
    } else {
        Err(ApiError::invalid(param, "Invalid email address").with_code("email_invalid"))
    }
}

/// What the payment intent is to get once it is made.
fn payment_intent_data(params: &mut Params) -> Result<Map<String, Value>, ApiError> {
    let mut fields = Map::new();
    let Some(mut data) = params.hash("payment_intent_data")? else {
        return Ok(fields);
    };
    if let Some(metadata) = data.metadata("metadata")? {
        fields.insert("metadata".to_owned(), metadata.into());
    }
    for name in [
        "description",
        "receipt_email",
        "statement_descriptor",
        "statement_descriptor_suffix",
    ] {
        if let Some(text) = data.text(name)? {
            fields.insert(name.to_owned(), text.into());
        }
    }
    params.close(data);
    Ok(fields)
}
