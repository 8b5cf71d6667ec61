//! What Stripe is asked. The same request always has the same bytes, because an idempotency key
//! that comes with other parameters is refused.

use std::collections::HashMap;

use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionLineItemsPriceDataRecurring,
    CreateCheckoutSessionLineItemsPriceDataRecurringInterval,
    CreateCheckoutSessionPaymentIntentData, CreateCheckoutSessionSubscriptionData, ProductData,
    RetrieveCheckoutSession,
};
use stripe_checkout::{CheckoutSessionLocale, CheckoutSessionMode};
use stripe_client_core::{RequestBuilder, StripeRequest as _};
use tuition_catalog::Term;
use tuition_domain::checkout::NewPaymentSession;
use tuition_domain::identity::OrderId;
use tuition_domain::mail::Locale;
use tuition_domain::ports::Unavailable;

use super::amount;

/// Opens a session. Fails if Stripe has no way to say the price.
pub(super) fn open(request: &NewPaymentSession) -> Result<CreateCheckoutSession, Unavailable> {
    let unit_amount = amount::to_stripe(request.unit_price)
        .ok_or_else(|| Unavailable::new("stripe can't express this price"))?;
    let code = request.unit_price.currency.code().to_ascii_lowercase();
    let currency = match code.parse::<stripe_types::Currency>() {
        Ok(currency) => currency,
        Err(never) => match never {},
    };
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency);
    price.unit_amount = Some(unit_amount);
    let offer = HashMap::from([("offer".to_owned(), request.offer.clone())]);
    let mut product = ProductData::new(request.title.clone());
    // A plan tells by its product which offer it is.
    product.metadata = Some(offer.clone());
    price.product_data = Some(product);
    price.recurring = request.every.map(|term| {
        CreateCheckoutSessionLineItemsPriceDataRecurring::new(match term {
            Term::Month => CreateCheckoutSessionLineItemsPriceDataRecurringInterval::Month,
            Term::Year => CreateCheckoutSessionLineItemsPriceDataRecurringInterval::Year,
        })
    });
    let mut item = CreateCheckoutSessionLineItems::new();
    item.price_data = Some(price);
    item.quantity = Some(u64::from(request.quantity));
    let mut session = CreateCheckoutSession::new()
        .line_items(vec![item])
        .client_reference_id(request.reference.as_str())
        .success_url(request.success_url.as_str())
        .cancel_url(request.cancel_url.as_str())
        .locale(match request.locale {
            Locale::En => CheckoutSessionLocale::En,
            Locale::Zh => CheckoutSessionLocale::Zh,
        });
    // What is charged later carries the offer too: a session's metadata stay with the session.
    session = match request.every {
        None => {
            let mut payment = CreateCheckoutSessionPaymentIntentData::new();
            payment.metadata = Some(offer.clone());
            session
                .mode(CheckoutSessionMode::Payment)
                .payment_intent_data(payment)
        }
        Some(_) => {
            let mut subscription = CreateCheckoutSessionSubscriptionData::new();
            subscription.metadata = Some(offer.clone());
            session
                .mode(CheckoutSessionMode::Subscription)
                .subscription_data(subscription)
        }
    };
    session = session.metadata(offer);
    if let Some(email) = &request.email {
        session = session.customer_email(email.as_str());
    }
    Ok(session)
}

/// A session with its payment, the payment's latest charge, and what that cost.
pub(super) fn session(id: &OrderId) -> RequestBuilder {
    RetrieveCheckoutSession::new(id.as_str())
        .expand(vec![
            "payment_intent.latest_charge.balance_transaction".to_owned(),
        ])
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tuition_catalog::{Currency, Money};
    use tuition_domain::email::Email;

    fn request() -> NewPaymentSession {
        NewPaymentSession {
            offer: "rust".to_owned(),
            title: "Rust & more".to_owned(),
            unit_price: Money {
                amount: 4900,
                currency: Currency::USD,
            },
            every: None,
            reference: "0123".to_owned(),
            quantity: 1,
            email: Some(Email::parse("a@x.example").unwrap()),
            success_url: "https://x.example/api/checkout/sessions/{CHECKOUT_SESSION_ID}".to_owned(),
            cancel_url: "https://x.example/".to_owned(),
            locale: Locale::Zh,
        }
    }

    #[test]
    fn a_session_is_asked_for_with_all_that_was_ordered() {
        let built = open(&request()).unwrap().build();
        assert_eq!(built.path, "/checkout/sessions");
        let body = built.body.unwrap();
        let mut parameters: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        parameters.sort();
        let parameters: Vec<(&str, &str)> = parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            parameters,
            [
                ("cancel_url", "https://x.example/"),
                ("client_reference_id", "0123"),
                ("customer_email", "a@x.example"),
                ("line_items[0][price_data][currency]", "usd"),
                (
                    "line_items[0][price_data][product_data][metadata][offer]",
                    "rust"
                ),
                (
                    "line_items[0][price_data][product_data][name]",
                    "Rust & more"
                ),
                ("line_items[0][price_data][unit_amount]", "4900"),
                ("line_items[0][quantity]", "1"),
                ("locale", "zh"),
                ("metadata[offer]", "rust"),
                ("mode", "payment"),
                ("payment_intent_data[metadata][offer]", "rust"),
                (
                    "success_url",
                    "https://x.example/api/checkout/sessions/{CHECKOUT_SESSION_ID}"
                ),
            ]
        );
    }

    #[test]
    fn the_same_request_has_the_same_bytes() {
        let bytes = || open(&request()).unwrap().build().body.unwrap();
        assert!((0..20).all(|_| bytes() == bytes()));
    }

    #[test]
    fn a_subscription_is_asked_for_each_term_and_knows_its_offer() {
        let monthly = NewPaymentSession {
            every: Some(Term::Month),
            ..request()
        };
        let body = open(&monthly).unwrap().build().body.unwrap();
        let parameters: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        for (name, value) in [
            ("mode", "subscription"),
            ("line_items[0][price_data][recurring][interval]", "month"),
            ("subscription_data[metadata][offer]", "rust"),
        ] {
            assert_eq!(parameters.get(name).map(String::as_str), Some(value));
        }
        assert!(!body.contains("payment_intent_data"));
    }
}
