//! What a checkout session is told of the objects that paying it will make.

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::params::Params;

/// `payment_intent_data`: fields that the payment intent is to get.
pub(crate) fn payment_intent_data(params: &mut Params) -> Result<Map<String, Value>, ApiError> {
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

/// `subscription_data`: `{metadata, description, trial_end, trial_period_days, missing_payment_method}`,
/// null where nothing was said. At most one of the two ends of the trial is there.
pub(crate) fn subscription_data(params: &mut Params, created: i64) -> Result<Value, ApiError> {
    let Some(mut data) = params.hash("subscription_data")? else {
        return Ok(json!({}));
    };
    let days = data.integer("trial_period_days")?;
    if days.is_some_and(|days| !(1..=LONGEST_TRIAL_DAYS).contains(&days)) {
        return Err(ApiError::invalid(
            data.name("trial_period_days"),
            format!("A trial has 1 to {LONGEST_TRIAL_DAYS} days."),
        ));
    }
    let end = data.integer("trial_end")?;
    if end.is_some_and(|end| end < created + SHORTEST_TRIAL_S) {
        return Err(ApiError::invalid(
            data.name("trial_end"),
            "The `trial_end` date has to be at least 2 days in the future.",
        ));
    }
    if days.is_some() && end.is_some() {
        return Err(ApiError::invalid(
            data.name("trial_end"),
            "You may only specify one of these parameters: trial_end, trial_period_days.",
        ));
    }
    let described = json!({
        "description": data.text("description")?,
        "metadata": data.metadata("metadata")?.unwrap_or_default(),
        "missing_payment_method": missing_payment_method(&mut data)?,
        "trial_end": end,
        "trial_period_days": days,
    });
    params.close(data);
    Ok(described)
}

/// `trial_settings[end_behavior][missing_payment_method]`.
fn missing_payment_method(data: &mut Params) -> Result<Option<&'static str>, ApiError> {
    let Some(mut settings) = data.hash("trial_settings")? else {
        return Ok(None);
    };
    let mut choice = None;
    if let Some(mut end) = settings.hash("end_behavior")? {
        choice = end.choice(
            "missing_payment_method",
            &["cancel", "create_invoice", "pause"],
        )?;
        settings.close(end);
    }
    data.close(settings);
    Ok(choice)
}

/// What Checkout allows.
const LONGEST_TRIAL_DAYS: i64 = 730;
const SHORTEST_TRIAL_S: i64 = 2 * 86_400;
