//! Checkout sessions before they are paid: made, expired.

use serde_json::{Value, json};

use super::basket::{self, Mode};
use super::coupons;
use super::error::ApiError;
use super::events::emit;
use super::fields::{optional_text, set, text, with_nulls};
use super::ids::random_id;
use super::objects;
use super::params::Params;
use super::prices;
use super::session_data::{payment_intent_data, subscription_data};
use super::store::{StoreError, Tx};

/// How soon and how late a session may expire, in seconds after it was made.
const SHORTEST_LIFE: i64 = 30 * 60;
const LONGEST_LIFE: i64 = 24 * 60 * 60;

/// `POST /v1/checkout/sessions`. `origin` is where the pay page is served.
pub(crate) fn create(tx: &Tx<'_>, params: &mut Params, origin: &str) -> Result<Value, ApiError> {
    let id = random_id("cs_test_a1", 58).map_err(StoreError::from)?;
    let created = tx.second();
    let mut session = objects::checkout_session(&id, created);
    let mode = mode(params, &mut session)?;
    params.choice("ui_mode", &["hosted", "hosted_page"])?;
    let mut items = basket::read(tx, params, mode)?;
    let currency = basket::common_currency(params, &items)?;
    set(
        &mut session,
        [
            ("currency", currency.into()),
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
                    .choice(
                        "submit_type",
                        &["auto", "book", "donate", "pay", "subscribe"],
                    )?
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
        "tax_id_collection",
        "phone_number_collection",
        "adaptive_pricing",
        "invoice_creation",
    ] {
        params.only_disabled(switch)?;
    }
    if params.switched_on("automatic_tax")?
        && let Some(tax) = session.get_mut("automatic_tax")
    {
        set(tax, [("enabled", true.into())])?;
    }
    payer(tx, params, &mut session, mode)?;
    let coupon = coupon(tx, params, &mut session)?;
    let hidden = match mode {
        Mode::Payment => json!({ "payment_intent_data": payment_intent_data(params)? }),
        Mode::Subscription => {
            json!({ "subscription_data": subscription_data(params, created)? })
        }
    };
    let trial = basket::is_trial(&hidden);
    basket::reckon(&mut session, &mut items, coupon.as_ref(), trial, false)?;
    let mut hidden = with_nulls(hidden, &["coupon", "line_items"]);
    set(
        &mut hidden,
        [("coupon", coupon.into()), ("line_items", items.into())],
    )?;
    // The caller takes `expand` and refuses what is left over; nothing is kept then.
    tx.insert(&session, &hidden)?;
    Ok(session)
}

fn mode(params: &mut Params, session: &mut Value) -> Result<Mode, ApiError> {
    match params.text("mode")?.as_deref() {
        Some("payment") => Ok(Mode::Payment),
        Some("subscription") => {
            let collection =
                params.choice("payment_method_collection", &["always", "if_required"])?;
            set(
                session,
                [
                    ("mode", "subscription".into()),
                    ("customer_creation", "always".into()),
                    (
                        "payment_method_collection",
                        collection.unwrap_or("always").into(),
                    ),
                ],
            )?;
            Ok(Mode::Subscription)
        }
        None => Err(ApiError::missing("mode")),
        Some(_) => Err(ApiError::invalid(
            "mode",
            "Invalid mode: the test till only knows payment and subscription",
        )),
    }
}

/// Notes the coupon that the request names.
fn coupon(
    tx: &Tx<'_>,
    params: &mut Params,
    session: &mut Value,
) -> Result<Option<Value>, ApiError> {
    let Some(coupon) = coupons::named(tx, params)? else {
        return Ok(None);
    };
    if !session
        .get("allow_promotion_codes")
        .is_none_or(Value::is_null)
    {
        return Err(ApiError::invalid(
            "discounts",
            "You may only specify one of these parameters: allow_promotion_codes, discounts.",
        ));
    }
    let id = text(&coupon, "id")?;
    set(
        session,
        [(
            "discounts",
            json!([{ "coupon": id, "promotion_code": null }]),
        )],
    )?;
    Ok(Some(coupon))
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

/// The web address that a parameter holds.
pub(crate) fn url(params: &mut Params, name: &str) -> Result<Option<String>, ApiError> {
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
fn payer(
    tx: &Tx<'_>,
    params: &mut Params,
    session: &mut Value,
    mode: Mode,
) -> Result<(), ApiError> {
    if let Some(creation) = params.choice("customer_creation", &["always", "if_required"])? {
        if mode == Mode::Subscription {
            return Err(ApiError::invalid(
                "customer_creation",
                "`customer_creation` can only be used in `payment` mode.",
            ));
        }
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
