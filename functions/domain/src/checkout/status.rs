//! What a browser learns of an order, and the session that paying gives it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{CheckoutPorts, Order, OrderStatus, project};
use crate::access::{Reader, start_order_session};
use crate::identity::{OrderId, Secret, SessionToken};
use crate::ports::Unavailable;

/// An order as the caller may see it.
#[derive(Debug)]
pub struct OrderView {
    /// The order, brought up to date.
    pub order: Order,
    /// Whether the caller is the browser that bought: only it sees more than the status.
    pub yours: bool,
    /// In whose session the purchase opens; only for the paying browser of a paid order.
    pub reader: Option<(Reader, SessionToken)>,
}

/// The answer to "what became of my order".
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderSummary {
    /// The order's id.
    #[schema(value_type = String)]
    pub id: OrderId,
    /// Its state.
    pub status: OrderStatus,
    /// The offer's id. This and what follows is for the paying browser alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offer: Option<String>,
    /// Minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub amount: Option<i64>,
    /// ISO 4217 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub currency: Option<String>,
    /// Where the buyer came from, a path of this site.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl OrderView {
    /// What the caller may be told.
    pub fn summary(&self) -> OrderSummary {
        let Order {
            id,
            status,
            offer,
            price,
            next,
            ..
        } = &self.order;
        OrderSummary {
            id: id.clone(),
            status: *status,
            offer: self.yours.then(|| offer.clone()),
            amount: self.yours.then_some(price.amount),
            currency: self.yours.then(|| price.currency.to_string()),
            next: self.yours.then(|| next.to_string()),
        }
    }
}

/// Looks at an order. One that can still change is brought up to date first, so that the buyer
/// need not wait for the provider's event. The paying browser, known by `secret`, gets a session
/// in which the purchase opens; nobody else gets one.
pub async fn view_order(
    ports: &CheckoutPorts,
    id: &OrderId,
    secret: Option<&Secret>,
    current: Option<(Reader, SessionToken)>,
) -> Result<Option<OrderView>, Unavailable> {
    let Some(mut order) = ports.reader.orders.order(id).await? else {
        return Ok(None);
    };
    let yours = secret.is_some_and(|secret| secret.hash().matches(&order.browser));
    if yours && matches!(order.status, OrderStatus::Open | OrderStatus::Pending) {
        order = project(ports, id, "return")
            .await?
            .map_or(order, |projected| projected.order);
    }
    let opens = yours && order.opens(ports.reader.clock.now());
    let reader = match current {
        _ if !opens => None,
        // Bought while signed in: the account has it, if not since before this request.
        Some((reader, token)) if reader.is_account_of(order.holder.as_ref()) => {
            let Reader {
                session, profile, ..
            } = reader;
            let reader = Reader::of(&ports.reader, session, profile).await?;
            Some((reader, token))
        }
        current => {
            Some(start_order_session(&ports.reader, ports.entropy.as_ref(), current, id).await?)
        }
    };
    Ok(Some(OrderView {
        order,
        yours,
        reader,
    }))
}
