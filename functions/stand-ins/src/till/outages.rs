//! Calls of the API that go wrong by plan: refused, never answered, answered badly, or done although
//! the answer gets lost.
//!
//! Part `api` of `POST /_dev/till/faults`. `next` is exact: the next calls that fit meet the fault. The
//! fractions are drawn by the plan's seed: the n-th call after the plan was set meets the same fate
//! whenever the same plan is set again.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::faults::{self, draw};
use super::store::{StoreError, Tx};

/// What can go wrong with a call.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outage {
    /// 429 with `Retry-After`; nothing is done.
    Limited,
    /// 500; nothing is done.
    Broken,
    /// No answer, until the caller goes away; nothing is done.
    Silent,
    /// 200 with a page of HTML, as from a proxy; nothing is done.
    Garbage,
    /// The call is done; its answer breaks off in the middle.
    Cut,
    /// The call is done; the connection ends without an answer.
    Lost,
}

/// The plan for calls: fractions of them, 0 to 1, together at most 1.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Outages {
    limited: f64,
    broken: f64,
    silent: f64,
    garbage: f64,
    cut: f64,
    lost: f64,
    /// What the next calls meet, before anything is drawn; used up from the front.
    next: Vec<Next>,
}

/// A fault for the next calls that fit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Next {
    fault: Outage,
    /// How many calls.
    #[serde(default = "once")]
    calls: u32,
    /// Only calls with this method.
    #[serde(default)]
    method: Option<String>,
    /// Only calls whose path begins so: `/v1/refunds`.
    #[serde(default)]
    path: Option<String>,
}

fn once() -> u32 {
    1
}

impl Outages {
    /// What is wrong with the plan, if anything.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let fractions = self.fractions();
        let in_range = fractions
            .iter()
            .all(|(_, fraction)| (0.0..=1.0).contains(fraction));
        let sum: f64 = fractions.iter().map(|(_, fraction)| fraction).sum();
        if in_range && sum <= 1.0 + f64::EPSILON {
            None
        } else {
            Some("the faults of api are fractions from 0 to 1, together at most 1")
        }
    }

    fn fractions(&self) -> [(Outage, f64); 6] {
        [
            (Outage::Limited, self.limited),
            (Outage::Broken, self.broken),
            (Outage::Silent, self.silent),
            (Outage::Garbage, self.garbage),
            (Outage::Cut, self.cut),
            (Outage::Lost, self.lost),
        ]
    }

    /// Takes the first fault of `next` that fits.
    fn take_next(&mut self, method: &Method, path: &str) -> Option<Outage> {
        let at = self.next.iter().position(|next| {
            next.calls > 0
                && next
                    .method
                    .as_ref()
                    .is_none_or(|name| method == name.as_str())
                && next
                    .path
                    .as_ref()
                    .is_none_or(|start| path.starts_with(start.as_str()))
        })?;
        let next = self.next.get_mut(at)?;
        let fault = next.fault;
        next.calls -= 1;
        self.next.retain(|next| next.calls > 0);
        Some(fault)
    }

    /// The fault of a call for which `number`, from 0 to 1, was drawn.
    fn drawn(&self, number: f64) -> Option<Outage> {
        let mut bound = 0.0;
        self.fractions().into_iter().find_map(|(fault, fraction)| {
            bound += fraction;
            (number < bound).then_some(fault)
        })
    }
}

/// The fault that a call meets. Counts the call, and uses up what was planned for it.
pub(crate) fn meet(tx: &Tx<'_>, method: &Method, path: &str) -> Result<Option<Outage>, StoreError> {
    let mut plan = faults::plan(tx)?;
    if plan.api == Outages::default() {
        return Ok(None);
    }
    if let Some(fault) = plan.api.take_next(method, path) {
        tx.set_setting(faults::PLAN, &plan)?;
        return Ok(Some(fault));
    }
    let n: u64 = tx.setting(CALLS)?.unwrap_or_default();
    tx.set_setting(CALLS, &(n + 1))?;
    Ok(plan.api.drawn(draw(plan.seed, n, QUESTION)))
}

/// The count of calls since the plan was set.
pub(crate) const CALLS: &str = "fault_calls";
/// The questions about events have the numbers before.
const QUESTION: u64 = 4;

/// `response` as the caller gets it. For the faults that let the call be done, and for garbage.
pub(crate) fn spoil(response: Response, whole: String, fault: Outage) -> Response {
    match fault {
        Outage::Garbage => (
            [(header::CONTENT_TYPE, HeaderValue::from_static("text/html"))],
            "<!doctype html><title>Please wait</title><p>Your network asks you to sign in.</p>",
        )
            .into_response(),
        Outage::Cut => {
            let half: Bytes = whole.into_bytes().into_iter().take(HALF).collect();
            broken(response, vec![Ok(half), gone()])
        }
        Outage::Lost => broken(response, vec![gone()]),
        Outage::Limited | Outage::Broken | Outage::Silent => response,
    }
}

/// The status of a fault that is an answer.
pub(crate) fn status(fault: Outage) -> Option<StatusCode> {
    match fault {
        Outage::Limited => Some(StatusCode::TOO_MANY_REQUESTS),
        Outage::Broken => Some(StatusCode::INTERNAL_SERVER_ERROR),
        _ => None,
    }
}

/// Seconds that a refused caller is told to wait.
pub(crate) const RETRY_AFTER_S: &str = "1";
/// Bytes of an answer that breaks off: fewer than any answer has.
const HALF: usize = 24;

fn gone() -> io::Result<Bytes> {
    Err(io::Error::from(io::ErrorKind::ConnectionReset))
}

fn broken(response: Response, pieces: Vec<io::Result<Bytes>>) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let pieces = stream::iter(pieces)
        .enumerate()
        .then(|(n, piece)| async move {
            // What came before the break is on its way before the connection ends.
            if n > 0 {
                tokio::task::yield_now().await;
            }
            piece
        });
    Response::from_parts(parts, Body::from_stream(pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planned_fault_meets_the_calls_that_fit_and_is_used_up() {
        let mut plan: Outages = serde_json::from_value(serde_json::json!({
            "next": [
                { "fault": "lost", "method": "POST", "path": "/v1/refunds" },
                { "fault": "limited", "calls": 2 },
            ],
        }))
        .unwrap();
        let mut meets = |method, path| plan.take_next(&method, path);
        assert_eq!(meets(Method::GET, "/v1/refunds"), Some(Outage::Limited));
        assert_eq!(meets(Method::POST, "/v1/refunds"), Some(Outage::Lost));
        assert_eq!(meets(Method::POST, "/v1/refunds"), Some(Outage::Limited));
        assert_eq!(meets(Method::POST, "/v1/refunds"), None);
        assert!(plan.next.is_empty());
    }

    #[test]
    fn fractions_share_the_calls() {
        let plan = Outages {
            limited: 0.25,
            lost: 0.5,
            ..Outages::default()
        };
        assert_eq!(plan.drawn(0.2), Some(Outage::Limited));
        assert_eq!(plan.drawn(0.25), Some(Outage::Lost));
        assert_eq!(plan.drawn(0.75), None);
        assert!(plan.fault().is_none());
        let too_much = Outages {
            cut: 0.6,
            ..plan.clone()
        };
        assert!(too_much.fault().is_some());
        let negative = Outages { cut: -0.1, ..plan };
        assert!(negative.fault().is_some());
    }
}
