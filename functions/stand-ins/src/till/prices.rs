//! Products, prices and customers: made, changed, named by a checkout session.

use serde_json::{Map, Value, json};

use super::currency::{check_amount, currency};
use super::cycle::INTERVALS;
use super::error::ApiError;
use super::fields::{boolean, set, text};
use super::ids::random_id;
use super::objects;
use super::params::Params;
use super::sessions::check_email;
use super::store::{Query, StoreError, Tx};

/// `POST /v1/products`.
pub(crate) fn create_product(tx: &Tx<'_>, params: &mut Params) -> Result<Value, ApiError> {
    let id = match params.text("id")? {
        Some(id) if tx.find("product", &id)?.is_some() => {
            return Err(ApiError::refused(
                "resource_already_exists",
                format!("Product already exists: {id}"),
            ));
        }
        Some(id) => id,
        None => random_id("prod_", 14).map_err(StoreError::from)?,
    };
    let name = params.required_text("name")?;
    let mut product = objects::product(&id, tx.second(), &name);
    change_product(params, &mut product)?;
    tx.insert(&product, &json!({}))?;
    Ok(product)
}

/// `POST /v1/products/{id}`.
pub(crate) fn update_product(
    tx: &Tx<'_>,
    params: &mut Params,
    mut product: Value,
) -> Result<Value, ApiError> {
    if let Some(name) = params.text("name")? {
        set(&mut product, [("name", name.into())])?;
    }
    change_product(params, &mut product)?;
    set(&mut product, [("updated", tx.second().into())])?;
    tx.update(&product)?;
    Ok(product)
}

fn change_product(params: &mut Params, product: &mut Value) -> Result<(), ApiError> {
    for name in [
        "description",
        "statement_descriptor",
        "tax_code",
        "unit_label",
        "url",
    ] {
        // Two of these a product has only if they were given.
        if let (Some(text), Some(fields)) = (params.text(name)?, product.as_object_mut()) {
            fields.insert(name.to_owned(), text.into());
        }
    }
    if let Some(active) = params.boolean("active")? {
        set(product, [("active", active.into())])?;
    }
    let images = params.texts("images")?;
    if !images.is_empty() {
        set(product, [("images", images.into())])?;
    }
    change_metadata(params, product)
}

/// `POST /v1/prices`.
pub(crate) fn create_price(tx: &Tx<'_>, params: &mut Params) -> Result<Value, ApiError> {
    let key = params.text("lookup_key")?;
    let transfer = params.boolean("transfer_lookup_key")?.unwrap_or(false);
    let nickname = params.text("nickname")?;
    let active = params.boolean("active")?.unwrap_or(true);
    let mut price = new_price(tx, params)?;
    change_metadata(params, &mut price)?;
    set(
        &mut price,
        [("active", active.into()), ("nickname", nickname.into())],
    )?;
    if let Some(key) = key {
        take_lookup_key(tx, &key, transfer)?;
        set(&mut price, [("lookup_key", key.into())])?;
    }
    tx.insert(&price, &json!({}))?;
    Ok(price)
}

/// `POST /v1/prices/{id}`: what of a price can change.
pub(crate) fn update_price(
    tx: &Tx<'_>,
    params: &mut Params,
    mut price: Value,
) -> Result<Value, ApiError> {
    let transfer = params.boolean("transfer_lookup_key")?.unwrap_or(false);
    if let Some(key) = params.text("lookup_key")? {
        if text(&price, "lookup_key").ok() != Some(key.as_str()) {
            take_lookup_key(tx, &key, transfer)?;
        }
        set(&mut price, [("lookup_key", key.into())])?;
    }
    if let Some(active) = params.boolean("active")? {
        set(&mut price, [("active", active.into())])?;
    }
    let behaviors = ["exclusive", "inclusive"];
    if let Some(behavior) = params.choice("tax_behavior", &behaviors)? {
        let known = text(&price, "tax_behavior")?;
        if known != "unspecified" && known != behavior {
            return Err(ApiError::invalid(
                "tax_behavior",
                "You cannot change the tax_behavior of a price once it is specified.",
            ));
        }
        set(&mut price, [("tax_behavior", behavior.into())])?;
    }
    if let Some(nickname) = params.text("nickname")? {
        set(&mut price, [("nickname", nickname.into())])?;
    }
    change_metadata(params, &mut price)?;
    tx.update(&price)?;
    Ok(price)
}

/// The price that a line item names.
pub(crate) fn active_price(tx: &Tx<'_>, id: &str, param: &str) -> Result<Value, ApiError> {
    let price = tx
        .find("price", id)?
        .ok_or_else(|| ApiError::no_such("price", id, param))?;
    if boolean(&price, "active")? {
        Ok(price)
    } else {
        Err(ApiError::invalid(
            param,
            format!("The price specified is inactive. This field only accepts active prices: {id}"),
        ))
    }
}

/// The price that a line item spells out. It is kept, but not offered again.
pub(crate) fn inline_price(tx: &Tx<'_>, data: &mut Params) -> Result<Value, ApiError> {
    let mut price = new_price(tx, data)?;
    set(&mut price, [("active", false.into())])?;
    tx.insert(&price, &json!({}))?;
    Ok(price)
}

/// Reads currency, amount and product; makes the product if it is spelled out too.
fn new_price(tx: &Tx<'_>, params: &mut Params) -> Result<Value, ApiError> {
    let code = currency(&params.name("currency"), &params.required_text("currency")?)?;
    let amount = params
        .integer("unit_amount")?
        .ok_or_else(|| ApiError::missing(&params.name("unit_amount")))?;
    check_amount(&params.name("unit_amount"), &code, amount)?;
    let behavior = params.choice("tax_behavior", &["exclusive", "inclusive", "unspecified"])?;
    let product = match (params.text("product")?, params.hash("product_data")?) {
        (Some(id), None) => {
            let param = params.name("product");
            tx.find("product", &id)?
                .ok_or_else(|| ApiError::no_such("product", &id, &param))?;
            id
        }
        (None, Some(mut data)) => {
            let product = create_product(tx, &mut data)?;
            params.close(data);
            text(&product, "id")?.to_owned()
        }
        _ => {
            return Err(ApiError::invalid(
                params.name("product"),
                "You must specify exactly one of `product` and `product_data`.",
            ));
        }
    };
    let id = random_id("price_1", 23).map_err(StoreError::from)?;
    let mut price = objects::price(&id, tx.second(), &product, &code, amount);
    if let Some(recurring) = recurring(params)? {
        set(
            &mut price,
            [("recurring", recurring), ("type", "recurring".into())],
        )?;
    }
    if let Some(behavior) = behavior {
        set(&mut price, [("tax_behavior", behavior.into())])?;
    }
    Ok(price)
}

/// `recurring[interval]`, `recurring[interval_count]`; up to three years, as Stripe has it.
fn recurring(params: &mut Params) -> Result<Option<Value>, ApiError> {
    let Some(mut recurring) = params.hash("recurring")? else {
        return Ok(None);
    };
    let interval = recurring
        .choice("interval", &INTERVALS)?
        .ok_or_else(|| ApiError::missing(&recurring.name("interval")))?;
    let count = recurring.integer("interval_count")?.unwrap_or(1);
    let most = match interval {
        "day" => 1095,
        "week" => 156,
        "month" => 36,
        _ => 3,
    };
    if !(1..=most).contains(&count) {
        return Err(ApiError::invalid(
            recurring.name("interval_count"),
            format!("The interval count of a {interval} is 1 to {most}."),
        ));
    }
    recurring.choice("usage_type", &["licensed"])?;
    params.close(recurring);
    Ok(Some(objects::recurring(interval, count)))
}

/// Makes a lookup key free for a new price: only one may have it.
fn take_lookup_key(tx: &Tx<'_>, key: &str, transfer: bool) -> Result<(), ApiError> {
    let query = Query {
        kind: "price",
        equal: vec![("lookup_key", key.to_owned().into())],
        limit: 1,
        ..Query::default()
    };
    let holders = tx.list(&query)?.map(|(found, _)| found).unwrap_or_default();
    for mut holder in holders {
        if !transfer {
            return Err(ApiError::invalid(
                "lookup_key",
                format!(
                    "A price (`{}`) already uses that lookup key.",
                    text(&holder, "id")?
                ),
            ));
        }
        set(&mut holder, [("lookup_key", Value::Null)])?;
        tx.update(&holder)?;
    }
    Ok(())
}

/// `POST /v1/customers`.
pub(crate) fn create_customer(tx: &Tx<'_>, params: &mut Params) -> Result<Value, ApiError> {
    let id = random_id("cus_", 14).map_err(StoreError::from)?;
    let mut customer = objects::customer(&id, tx.second());
    change_customer(params, &mut customer)?;
    tx.insert(&customer, &json!({}))?;
    Ok(customer)
}

/// `POST /v1/customers/{id}`.
pub(crate) fn update_customer(
    tx: &Tx<'_>,
    params: &mut Params,
    mut customer: Value,
) -> Result<Value, ApiError> {
    change_customer(params, &mut customer)?;
    tx.update(&customer)?;
    Ok(customer)
}

fn change_customer(params: &mut Params, customer: &mut Value) -> Result<(), ApiError> {
    if let Some(email) = params.text("email")? {
        check_email("email", &email)?;
        set(customer, [("email", email.into())])?;
    }
    for name in ["name", "description", "phone"] {
        if let Some(text) = params.text(name)? {
            set(customer, [(name, text.into())])?;
        }
    }
    let locales = params.texts("preferred_locales")?;
    if !locales.is_empty() {
        set(customer, [("preferred_locales", locales.into())])?;
    }
    change_metadata(params, customer)
}

/// Merges new metadata into the old; an empty value takes its key away.
pub(crate) fn change_metadata(params: &mut Params, object: &mut Value) -> Result<(), ApiError> {
    let Some(changes) = params.metadata("metadata")? else {
        return Ok(());
    };
    let mut metadata = match object.get_mut("metadata").map(Value::take) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    };
    for (key, value) in changes {
        if value == "" {
            metadata.remove(&key);
        } else {
            metadata.insert(key, value);
        }
    }
    set(object, [("metadata", metadata.into())])?;
    Ok(())
}
