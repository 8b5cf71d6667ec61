//! Opening a checkout session: every check before money, and the same answer for the same key.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tuition_catalog::{Catalog, Currency, Money, Offer, OfferKind};
use utoipa::ToSchema;

use super::{
    Attempt, AttemptKey, Booked, CheckoutPorts, NewPaymentSession, OpenedSession, Order,
    OrderStatus,
};
use crate::access::Reader;
use crate::email::{Email, NotAnEmail};
use crate::identity::Secret;
use crate::limits::{self, Limit, TooMany};
use crate::mail::Locale;
use crate::metrics;
use crate::next::NextPath;
use crate::ports::Unavailable;

/// How long an Idempotency-Key is remembered; the provider keeps its own for 24 hours too
/// (Stripe API reference, "Idempotent requests").
const ATTEMPT_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// What somebody asks to buy, checked for shape only.
#[derive(Debug, Clone, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SessionRequest)]
pub struct StartRequest {
    /// The offer's id.
    #[schema(min_length = 1)]
    pub offer: String,
    /// ISO 4217 code; the offer's first price if absent.
    pub currency: Option<String>,
    /// How many; 1 if absent.
    #[schema(minimum = 1)]
    pub quantity: Option<i64>,
    /// A coupon code.
    pub coupon: Option<String>,
    /// Prefills the payment page.
    pub email: Option<String>,
    /// Where the buyer came from, a path of this site; the home page if absent.
    #[schema(value_type = Option<String>)]
    pub next: NextPath,
}

/// The browser that buys.
#[derive(Debug, Clone)]
pub struct Browser {
    /// The secret it holds already.
    pub secret: Option<Secret>,
    /// The Idempotency-Key it sent; without one each request is its own.
    pub key: Option<String>,
    /// Its address.
    pub address: IpAddr,
    /// Its user agent, for the day's visitor id; never stored.
    pub user_agent: String,
    /// Whether it asked not to be counted.
    pub uncounted: bool,
    /// Language of page and receipt.
    pub locale: Locale,
}

/// An opened checkout.
#[derive(Debug)]
pub struct Started {
    /// Session id and payment page.
    pub session: OpenedSession,
    /// The secret the browser must hold to claim the purchase.
    pub browser: Secret,
}

/// Why no checkout was opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No such offer is for sale.
    #[error("no such offer")]
    OfferNotFound,
    /// Not one: what is sold here is for one person.
    #[error("the quantity can't be sold")]
    Quantity,
    /// The offer has no price in this currency.
    #[error("the offer has no price in this currency")]
    Currency,
    /// No such coupon for this offer.
    #[error("the coupon is not valid for this offer")]
    Coupon,
    /// The prefilled address is none.
    #[error(transparent)]
    Email(#[from] NotAnEmail),
    /// The reader has it already; the path leads to the course.
    #[error("already owned")]
    AlreadyOwned {
        /// The course's page.
        path: String,
    },
    /// The key was used for something else.
    #[error("the Idempotency-Key was used with another request")]
    IdempotencyMismatch,
    /// Too many checkouts from one network.
    #[error("too many checkouts")]
    TooMany(TooMany),
    /// The payment provider did not open a session.
    #[error("payments are unavailable")]
    Payments(#[source] Unavailable),
    /// A store is away.
    #[error(transparent)]
    Store(#[from] Unavailable),
}

/// Opens a checkout session for `request`, once per browser and key.
pub async fn start(
    ports: &CheckoutPorts,
    request: StartRequest,
    browser: Browser,
    reader: Option<&Reader>,
) -> Result<Started, StartError> {
    let catalog = ports.reader.catalog.catalog();
    let now = ports.reader.clock.now();
    let offer = catalog
        .offer(&request.offer)
        .filter(|offer| sold(offer))
        .ok_or(StartError::OfferNotFound)?;
    let quantity = quantity(request.quantity)?;
    let price = price(offer, request.currency.as_deref())?;
    if let Some(code) = &request.coupon
        && !offer.coupons.contains(code)
    {
        return Err(StartError::Coupon);
    }
    let typed = request
        .email
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(Email::parse)
        .transpose()?;
    let account = reader.and_then(|reader| reader.profile.as_ref());
    refuse_owned(ports, &catalog, offer, reader).await?;

    let secret = match browser.secret.clone() {
        Some(secret) => secret,
        None => browser_secret(ports, &browser, now).await?,
    };
    let key = AttemptKey {
        browser: secret.hash(),
        key: idempotency_key(ports, &browser),
    };
    let fingerprint = fingerprint(&request, &offer.id, quantity, price);
    let fresh = Attempt {
        fingerprint: fingerprint.clone(),
        expires_at: now.saturating_add(ATTEMPT_LIFE).unwrap_or(Timestamp::MAX),
        opened: None,
    };
    let attempt = ports.reader.orders.claim_attempt(&key, fresh).await?;
    if attempt.fingerprint != fingerprint {
        return Err(StartError::IdempotencyMismatch);
    }
    if let Some(session) = attempt.opened {
        return Ok(Started {
            session,
            browser: secret,
        });
    }
    let per_network = Limit {
        name: "checkout",
        most: catalog.site.limits.checkouts_per_network_per_hour,
        seconds: 3600,
    };
    limits::count(
        ports.counters.as_ref(),
        per_network,
        &limits::network(browser.address),
        now,
    )
    .await?
    .map_err(StartError::TooMany)?;

    let payment = NewPaymentSession {
        offer: offer.id.clone(),
        title: offer.title.clone(),
        unit_price: price,
        every: offer.term.filter(|_| offer.kind == OfferKind::Subscription),
        reference: secret.hash().as_str().to_owned(),
        quantity,
        email: account.map(|profile| profile.email.clone()).or(typed),
        success_url: format!(
            "{}/api/checkout/sessions/{{CHECKOUT_SESSION_ID}}",
            ports.origin
        ),
        cancel_url: format!("{}{}", ports.origin, request.next.to_location()),
        locale: browser.locale,
    };
    let session = ports
        .payments
        .open(&payment, &key.provider_key())
        .await
        .map_err(StartError::Payments)?;
    let total = price
        .amount
        .checked_mul(i64::from(quantity))
        .ok_or(StartError::Quantity)?;
    let order = Order {
        id: session.id.clone(),
        offer: offer.id.clone(),
        kind: offer.kind,
        title: offer.title.clone(),
        courses: offer.courses.clone(),
        term: offer.term,
        quantity,
        price: Money {
            amount: total,
            currency: price.currency,
        },
        coupon: request.coupon.clone(),
        buyer: account.map(|profile| profile.id.clone()),
        browser: secret.hash(),
        next: request.next.clone(),
        locale: browser.locale,
        created_at: now,
        status: OrderStatus::Open,
        paid_at: None,
        holder: None,
        email: None,
        total: None,
        booked: Booked::default(),
        renewal: None,
        receipted: false,
        erased: false,
        cause: "start".to_owned(),
        version: 1,
    };
    let done = Attempt {
        opened: Some(session.clone()),
        ..attempt
    };
    ports.reader.orders.open_order(&order, &key, &done).await?;
    if !browser.uncounted
        && let Err(error) = metrics::note_checkout(ports, &order, &browser).await
    {
        // The order is written: nobody is sent away because somebody could not be counted.
        tracing::warn!(%error, "a checkout was not counted");
    }
    Ok(Started {
        session,
        browser: secret,
    })
}

/// Kinds that this checkout sells: a single payment, or one each term.
fn sold(offer: &Offer) -> bool {
    let kind = match offer.kind {
        OfferKind::Course | OfferKind::Bundle | OfferKind::Pass => true,
        OfferKind::Subscription => offer.term.is_some(),
        OfferKind::Donation | OfferKind::Free | OfferKind::Service => false,
    };
    kind && !offer.prices.is_empty()
}

/// What is sold here is for one person.
fn quantity(asked: Option<i64>) -> Result<u32, StartError> {
    match asked {
        None | Some(1) => Ok(1),
        Some(_) => Err(StartError::Quantity),
    }
}

fn price(offer: &Offer, asked: Option<&str>) -> Result<Money, StartError> {
    match asked {
        None => offer.prices.first().copied().ok_or(StartError::Currency),
        Some(code) => {
            let currency: Currency = code.parse().map_err(|_| StartError::Currency)?;
            offer.price_in(currency).ok_or(StartError::Currency)
        }
    }
}

async fn refuse_owned(
    ports: &CheckoutPorts,
    catalog: &Catalog,
    offer: &Offer,
    reader: Option<&Reader>,
) -> Result<(), StartError> {
    let Some(reader) = reader.filter(|reader| !reader.is_author) else {
        return Ok(());
    };
    let covered: Vec<_> = catalog.covered(offer).filter(|c| c.priced).collect();
    let Some(path) = covered.first().map(|c| format!("/courses/{}/", c.slug)) else {
        return Ok(());
    };
    let opens_all = covered.iter().all(|course| reader.opens(&course.id));
    let owned = match offer.kind {
        // Whoever has one may still want what the subscription opens besides; not the same twice.
        OfferKind::Subscription => {
            let now = ports.reader.clock.now();
            let held = ports.reader.learners.entitlements(reader.id()).await?;
            held.iter()
                .any(|right| right.offer == offer.id && right.holds(now))
        }
        _ => offer.term.is_none() && opens_all,
    };
    match owned {
        true => Err(StartError::AlreadyOwned { path }),
        false => Ok(()),
    }
}

/// A browser that sends its first request twice, or fifty times at once, has no cookie yet to
/// scope its Idempotency-Key by. Its secret then follows from key, network and user agent under
/// the random secret of the day, so that all its requests meet. A short key could be shared by
/// chance, so such a request gets a secret of its own.
async fn browser_secret(
    ports: &CheckoutPorts,
    browser: &Browser,
    now: Timestamp,
) -> Result<Secret, Unavailable> {
    let Some(key) = browser.key.as_deref().filter(|key| key.len() >= 16) else {
        return Ok(Secret::random(ports.entropy.as_ref()));
    };
    let root =
        metrics::daily_secret(ports.daily_secrets.as_ref(), ports.entropy.as_ref(), now).await?;
    let network = limits::network(browser.address);
    let digest = Sha256::new()
        .chain_update(root)
        .chain_update(format!("checkout|{network}|{}|{key}", browser.user_agent))
        .finalize();
    Ok(Secret::from_bytes(digest.into()))
}

fn idempotency_key(ports: &CheckoutPorts, browser: &Browser) -> String {
    match &browser.key {
        Some(key) => hex::encode(Sha256::digest(key.as_bytes())),
        None => Secret::random(ports.entropy.as_ref())
            .hash()
            .as_str()
            .to_owned(),
    }
}

fn fingerprint(request: &StartRequest, offer: &str, quantity: u32, price: Money) -> String {
    let text = format!(
        "{offer}\n{quantity}\n{}\n{:?}\n{:?}\n{}",
        price.currency, request.coupon, request.email, request.next
    );
    hex::encode(Sha256::digest(text))
}
