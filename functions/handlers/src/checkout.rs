//! `/api/checkout`: offers, checkout sessions, the return from the payment page, the webhook.

mod wire;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{HeaderValue, LOCATION};
use http::{HeaderMap, StatusCode};
use tuition_domain::access::Tokens;
use tuition_domain::checkout::{
    Browser, CheckoutPorts, OpenedSession, OrderStatus, OrderSummary, ProviderEvent, StartError,
    StartRequest, WebhookSecrets, receive, start, verify, view_order,
};
use tuition_domain::identity::OrderId;
use tuition_domain::next::NextPath;

use self::wire::{OffersResponse, PortalResponse};
use crate::body::{self, Fields};
use crate::cookies;
use crate::door::{Door, current};
use crate::front::{self, Front};
use crate::problem::{Code, Problem};
use crate::routes::routes;

/// The most bytes of a webhook body.
const MAX_WEBHOOK: usize = 256 * 1024;

/// What the routes need.
#[derive(Clone)]
pub struct Checkout {
    /// The site.
    pub front: Front,
    /// The domain's ports.
    pub ports: CheckoutPorts,
    /// Mints what was bought.
    pub tokens: Tokens,
    /// Proves webhooks.
    pub webhook: WebhookSecrets,
}

/// The routes of the checkout function.
pub fn router(app: Checkout) -> Router {
    let front = app.front.clone();
    front.around(routes().with_state(app))
}

routes!(Checkout; offers, open, status, webhook, portal);

/// What is for sale here, with prices.
#[utoipa::path(
    get, path = "/api/checkout/offers", tag = "checkout",
    responses((status = 200, description = "All offers of the site", body = OffersResponse)),
)]
async fn offers(State(app): State<Checkout>) -> Json<OffersResponse> {
    let catalog = app.ports.reader.catalog.catalog();
    let offers = catalog.offers.iter().map(Into::into).collect();
    Json(OffersResponse { offers })
}

/// Opens a checkout session at the payment provider.
///
/// The price is that of the catalog. The same Idempotency-Key from the same browser, known by its
/// cookie `tuition_checkout`, opens one session only; without a key each request opens one.
#[utoipa::path(
    post, path = "/api/checkout/sessions", tag = "checkout",
    security((), ("session" = []), ("buyer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Chosen by the caller, good for a day")),
    request_body(content((StartRequest = "application/json"), (StartRequest = "application/x-www-form-urlencoded"))),
    responses(
        (status = 201, description = "Opened", body = OpenedSession, headers(("Set-Cookie" = String, description = "`tuition_checkout`")), links(("status" = (operation_id = "checkout_status", parameters(("id" = "$response.body#/id")))))),
        (status = 303, description = "To a form: the payment page, or the course for who has it", headers(("Location" = String), ("Set-Cookie" = String))),
    ),
    extensions(("x-problems" = json!([
        Code::Offer, Code::Next, Code::IdempotencyKey, Code::OfferNotFound, Code::AlreadyOwned, Code::Currency, Code::Quantity,
        Code::Coupon, Code::Email, Code::IdempotencyMismatch, Code::TooMany, Code::PaymentsUnavailable,
    ]))),
)]
async fn open(
    State(app): State<Checkout>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let request = start_request(fields)?;
    let key = headers.get("idempotency-key").map(|value| {
        let key = value
            .to_str()
            .ok()
            .filter(|key| (1..=255).contains(&key.len()));
        key.map(str::to_owned).ok_or(Problem::new(
            Code::IdempotencyKey,
            "The Idempotency-Key is 1 to 255 characters",
        ))
    });
    let browser = Browser {
        secret: cookies::checkout(&headers),
        key: key.transpose()?,
        address: front::address(&headers),
        user_agent: front::user_agent(&headers),
        uncounted: front::is_uncounted(&headers),
        locale: front::locale(&headers),
    };
    let reader = current(&app.front, &app.ports.reader, &headers)
        .await?
        .map(|(reader, _)| reader);
    let started = match start(&app.ports, request, browser, reader.as_ref()).await {
        Err(StartError::AlreadyOwned { path }) if from_form => return Ok(see_other(&path)),
        other => other?,
    };
    let mut response = if from_form {
        see_other(&started.session.url)
    } else {
        (StatusCode::CREATED, Json(&started.session)).into_response()
    };
    cookies::set_checkout(response.headers_mut(), &app.front, &started.browser);
    Ok(response)
}

/// Reads the fields; an unknown one, such as a price, is a problem.
fn start_request(mut fields: Fields) -> Result<StartRequest, Problem> {
    let not = Problem::new;
    let request = StartRequest {
        offer: fields.required("offer", not(Code::Offer, "The request names no offer"))?,
        currency: fields.text(
            "currency",
            not(Code::Currency, "The currency is a code such as USD"),
        )?,
        quantity: fields.integer(
            "quantity",
            not(Code::Quantity, "The quantity is a whole number"),
        )?,
        coupon: fields.text("coupon", not(Code::Coupon, "The coupon is a code"))?,
        email: fields.text("email", not(Code::Email, "This is not an e-mail address"))?,
        next: next_field(&mut fields)?,
    };
    fields.finish()?;
    Ok(request)
}

/// What became of an order.
///
/// The return page's question, and the way back itself: a browser that navigates here from the
/// payment page goes on to where the buyer came from, signed in to what was bought.
/// Whoever did not buy in this browser learns the status only.
#[utoipa::path(
    get, path = "/api/checkout/sessions/{id}", tag = "checkout",
    security((), ("session" = []), ("buyer" = [])),
    params(("id" = String, Path, description = "As in the answer that opened it", pattern = "^[A-Za-z0-9_-]{1,128}$")),
    responses(
        (status = 200, description = "To a program", body = OrderSummary, headers(("Set-Cookie" = String, description = "A session, if the order is paid and was made in this browser"))),
        (status = 303, description = "To a browser that navigates here: where the buyer came from, or the page of the order", headers(("Location" = String), ("Set-Cookie" = String))),
    ),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
async fn status(
    State(app): State<Checkout>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = OrderId::parse(&id).ok_or(Problem::not_found())?;
    let secret = cookies::checkout(&headers);
    let current = current(&app.front, &app.ports.reader, &headers).await?;
    let view = view_order(&app.ports, &id, secret.as_ref(), current)
        .await?
        .ok_or(Problem::not_found())?;
    let mut response = if !front::wants_page(&headers) {
        Json(view.summary()).into_response()
    } else if view.yours && view.order.status == OrderStatus::Paid {
        see_other(&view.order.next.to_location())
    } else {
        let languages = &app.ports.reader.catalog.catalog().site.languages;
        let prefix = view.order.next.language_prefix(languages);
        see_other(&format!("{prefix}/order/?session_id={id}"))
    };
    if let Some((reader, token)) = &view.reader {
        let door = Door {
            front: &app.front,
            tokens: &app.tokens,
            ports: &app.ports.reader,
            headers: &headers,
        };
        door.admit(&mut response, reader, token, &view.order.next);
    }
    Ok(response)
}

/// Takes an event of the payment provider.
///
/// Any body that is signed gets 2xx: an event that we can't use must not come back for ever. The
/// body may have 256 KiB.
#[utoipa::path(
    post, path = "/api/checkout/webhook", tag = "checkout",
    params(("Stripe-Signature" = String, Header, description = "Of the raw body, with a time within five minutes")),
    request_body(content = Object, content_type = "application/json", description = "An event object of the provider"),
    responses((status = 200, description = "Durable, or of no use to us")),
    extensions(("x-problems" = json!([Code::Body, Code::Signature, Code::TooLarge]))),
)]
async fn webhook(
    State(app): State<Checkout>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let refused = || Problem::new(Code::Signature, "The signature does not hold");
    let bytes = body::read(&headers, body, MAX_WEBHOOK).await?;
    let signature = headers
        .get("stripe-signature")
        .and_then(|value| value.to_str().ok())
        .ok_or_else(refused)?;
    let now = app.ports.reader.clock.now();
    verify(&app.webhook, signature, &bytes, now).map_err(|_| refused())?;
    match serde_json::from_slice::<ProviderEvent>(&bytes) {
        Ok(event) => receive(&app.ports, &event).await?,
        Err(error) => {
            tuition_domain::checkout::quarantine_unreadable(&app.ports, &bytes, &error).await?
        }
    }
    Ok(StatusCode::OK)
}

/// The provider's billing portal, for those whom the provider bills again.
#[utoipa::path(
    post, path = "/api/checkout/portal", tag = "checkout",
    security(("session" = [])),
    responses((status = 201, description = "A page at the provider", body = PortalResponse)),
    extensions(("x-problems" = json!([Code::SignedOut, Code::NoSubscription]))),
)]
async fn portal(State(app): State<Checkout>, headers: HeaderMap) -> Result<Response, Problem> {
    let reader = current(&app.front, &app.ports.reader, &headers).await?;
    reader
        .and_then(|(reader, _)| reader.profile)
        .ok_or(Problem::signed_out())?;
    Err(Problem::new(
        Code::NoSubscription,
        "There is no subscription to manage",
    ))
}

/// The optional `next` of a request.
pub(crate) fn next_field(fields: &mut Fields) -> Result<NextPath, Problem> {
    match fields.text("next", Problem::next())? {
        Some(text) => NextPath::parse(&text).map_err(|_| Problem::next()),
        None => Ok(NextPath::home()),
    }
}

/// 303 to an own path, or to the payment page.
pub(crate) fn see_other(location: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    match HeaderValue::from_str(location) {
        Ok(value) => {
            response.headers_mut().insert(LOCATION, value);
            response
        }
        Err(_) => Problem::next().into_response(),
    }
}
