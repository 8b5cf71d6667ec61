//! The page that a checkout URL leads to.

use axum::response::Response;
use serde_json::Value;

use super::basket::{self, Mode};
use super::currency::display;
use super::error::ApiError;
use super::fields::{boolean, integer, optional_text, text};
use super::store::Tx;
use crate::html::{escape, page};

pub(crate) const BANNER: &str = "Test till — no money moves";

/// Where the buyer goes after paying: the success URL with the session's id put in.
pub(crate) fn success_url(session: &Value) -> Option<String> {
    let id = optional_text(session, "id")?;
    let url = optional_text(session, "success_url")?;
    Some(url.replace("{CHECKOUT_SESSION_ID}", id))
}

/// The page that the session's URL leads to.
pub(crate) fn session(tx: &Tx<'_>, session: &Value, declined: bool) -> Result<Response, ApiError> {
    let id = escape(text(session, "id")?);
    let mut due = session.clone();
    let located = boolean(
        session.get("automatic_tax").unwrap_or(&Value::Null),
        "enabled",
    )? && optional_text(session, "status") == Some("open");
    if located {
        basket::preview(tx, &mut due)?;
    }
    let amount = escape(&amount(&due, "amount_total")?);
    let terms = terms(tx, &due)?;
    let mut names = String::new();
    for item in basket::items(tx, text(session, "id")?)? {
        let name = escape(text(&item, "description")?);
        match integer(&item, "quantity")? {
            1 => names.push_str(&format!("<h1>{name}</h1>\n")),
            quantity => names.push_str(&format!("<h1>{quantity} × {name}</h1>\n")),
        }
    }
    let cancel = optional_text(session, "cancel_url").map_or(String::new(), |url| {
        format!(
            "<p><a href=\"{}\">Cancel and go back</a></p>\n",
            escape(url)
        )
    });
    let status = text(session, "status")?;
    let payment_status = text(session, "payment_status")?;
    let rest = match (status, payment_status) {
        ("open", _) => pay_form(session, &id, &amount, declined),
        ("expired", _) => "<p>This session has expired.</p>\n".to_owned(),
        (_, "unpaid") => format!(
            "<p>The payment is under way. How does it end?</p>\n{}",
            settle_forms(&id)
        ),
        _ => "<p>This session is paid.</p>\n".to_owned(),
    };
    let back = match (status, success_url(session)) {
        ("complete", Some(url)) => {
            format!("<p><a href=\"{}\">Back to the shop</a></p>\n", escape(&url))
        }
        _ => cancel,
    };
    let body = format!(
        "<div class=\"narrow\">\n{names}<p class=\"amount\">{amount}</p>\n{terms}{rest}{back}\
         <p><a href=\"/_dev/till\">All sessions and payments</a></p>\n</div>"
    );
    // Browsers hold the redirect after a form to the policy too.
    let target = optional_text(session, "success_url").and_then(origin);
    Ok(page("Test till", BANNER, &body, target.as_slice()))
}

/// What is in the amount, and what is to be paid later.
fn terms(tx: &Tx<'_>, session: &Value) -> Result<String, ApiError> {
    let currency = text(session, "currency")?;
    let mut terms = String::new();
    let details = session.get("total_details").cloned().unwrap_or_default();
    for (name, what) in [("amount_discount", "Discount"), ("amount_tax", "Tax")] {
        let part = integer(&details, name)?;
        if part != 0 {
            let part = escape(&display(part, currency));
            terms.push_str(&format!("<p>{what}: {part}</p>\n"));
        }
    }
    for item in basket::items(tx, text(session, "id")?)? {
        let price = item.get("price").cloned().unwrap_or_default();
        let Some(recurring) = price.get("recurring").filter(|value| !value.is_null()) else {
            continue;
        };
        let each = display(
            integer(&price, "unit_amount")? * integer(&item, "quantity")?,
            currency,
        );
        let count = integer(recurring, "interval_count")?;
        let interval = text(recurring, "interval")?;
        let every = match count {
            1 => interval.to_owned(),
            count => format!("{count} {interval}s"),
        };
        terms.push_str(&format!("<p>{} every {every}</p>\n", escape(&each)));
    }
    if integer(session, "amount_total")? == 0 && Mode::of(session) == Mode::Subscription {
        terms.push_str("<p>Nothing is paid today.</p>\n");
    }
    Ok(terms)
}

fn pay_form(session: &Value, id: &str, amount: &str, declined: bool) -> String {
    let locked = session
        .get("customer_details")
        .and_then(|details| optional_text(details, "email"));
    let field = match locked {
        Some(email) => format!(
            "<input id=\"email\" name=\"email\" type=\"email\" value=\"{}\" readonly>",
            escape(email)
        ),
        None => {
            "<input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" required>"
                .to_owned()
        }
    };
    let refused = if declined {
        "<p class=\"error\" role=\"alert\">The card was declined. Nothing was paid.</p>\n"
    } else {
        ""
    };
    let mut ways = format!(
        "<button name=\"card\" value=\"ok\">Pay {amount}</button>\n\
         <button name=\"card\" value=\"declined\">Pay with a card that is declined</button>\n"
    );
    if Mode::of(session) == Mode::Subscription {
        ways.push_str(
            "<button name=\"card\" value=\"declines_later\">Pay with a card that is declined at the \
             next payment</button>\n",
        );
    }
    ways.push_str(
        "<button name=\"card\" value=\"async\">Pay by a transfer that takes days</button>\n",
    );
    format!(
        "{refused}<form class=\"pay\" method=\"post\" action=\"/_dev/till/sessions/{id}/pay\">\n\
         <label for=\"email\">E-mail</label>\n{field}\n\
         {ways}</form>\n"
    )
}

/// The two ways in which a slow payment ends.
pub(crate) fn settle_forms(id: &str) -> String {
    let action = format!("/_dev/till/sessions/{id}/settle");
    let form = |result: &str, label: &str| button(&action, &[("result", result)], label);
    form("succeeded", "The money arrives") + &form("failed", "It fails")
}

/// A form of one button.
pub(crate) fn button(action: &str, fields: &[(&str, &str)], label: &str) -> String {
    let hidden: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"))
        .collect();
    format!("<form method=\"post\" action=\"{action}\">{hidden}<button>{label}</button></form>")
}

/// An amount of the object, for people.
pub(crate) fn amount(object: &Value, name: &str) -> Result<String, ApiError> {
    Ok(display(integer(object, name)?, text(object, "currency")?))
}

/// `https://shop.example:8443` of `https://shop.example:8443/order/?x`, if it can stand in a policy.
pub(crate) fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    (!host.is_empty() && host.chars().all(plain)).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn only_an_origin_gets_into_the_policy() {
        assert_eq!(
            origin("https://shop.example:8443/order/?x=1").as_deref(),
            Some("https://shop.example:8443")
        );
        assert_eq!(origin("http://a.example;script-src *"), None);
        assert_eq!(origin("http:///x"), None);
    }
}
