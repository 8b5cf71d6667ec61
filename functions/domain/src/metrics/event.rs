//! One usage fact, as stored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identity::LearnerId;

/// One usage fact. Holds no address, no user agent and no e-mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Unique: events with the same id count once.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    #[serde(flatten)]
    pub who: Who,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// A signed-in learner, or a visitor as told apart within one day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// The learner's random id, or an order session's guest id.
    Learner(LearnerId),
    /// 16 hex digits.
    Visitor(String),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    /// A page was seen.
    PageView {
        /// A path of the catalog.
        path: String,
        /// Campaign source, at most 100 bytes.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        utm_source: String,
        /// Campaign name, at most 100 bytes.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        utm_campaign: String,
        /// Host of the page that led here.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        referrer: String,
    },
    /// A checkout session was opened.
    CheckoutStart {
        /// The offer.
        offer: String,
    },
    /// A part of a lesson was read or watched.
    Watch {
        /// `<course id>/<lesson id>`.
        lesson: String,
        /// Seconds of the lesson's length.
        from: u32,
        /// Seconds of the lesson's length, above `from`.
        to: u32,
    },
    /// The learner was here on this UTC day.
    Active,
    /// How satisfied with a course, 1–5.
    Csat {
        /// Course id.
        course: String,
        /// The score.
        score: u8,
    },
    /// How likely to recommend a course, 0–10.
    Nps {
        /// Course id.
        course: String,
        /// The score.
        score: u8,
    },
}
