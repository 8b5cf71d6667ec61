//! One usage fact, as stored.

use jiff::Timestamp;
use jiff::civil::Date;
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

/// What came in at once.
#[derive(Debug, Clone, PartialEq)]
pub struct EventBatch {
    /// The UTC day on which it was received.
    pub day: Date,
    /// What is kept of it.
    pub events: Vec<Event>,
    /// What is not.
    pub dropped: Dropped,
}

/// How much was not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Whole events.
    pub events: u64,
    /// Members of events that are kept: not known, too long, or leading to a person.
    pub members: u64,
}

impl Dropped {
    /// Both added up.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_add(other.events),
            members: self.members.saturating_add(other.members),
        }
    }
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
        /// The campaign that led here.
        #[serde(flatten)]
        utm: Utm,
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
    /// The reader said that they are done with a lesson; once for each who and lesson.
    Finish {
        /// `<course id>/<lesson id>`.
        lesson: String,
    },
    /// Code of a lesson was copied.
    Copy {
        /// `<course id>/<lesson id>`.
        lesson: String,
        /// Which block of the lesson, counted from 1.
        block: u16,
    },
    /// Code of a lesson was run.
    Run {
        /// `<course id>/<lesson id>`.
        lesson: String,
        /// Which block of the lesson, counted from 1.
        block: u16,
    },
    /// The site was searched.
    Search {
        /// What for: lower case, trimmed, at most 64 characters.
        query: String,
        /// How many pages were found.
        hits: u32,
    },
    /// A link to another site was followed.
    LinkOut {
        /// Where it leads.
        host: String,
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

/// What a campaign's link says of itself, as its maker tagged it; each at most 100 bytes, empty if it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utm {
    /// Where the link stands: `newsletter`.
    #[serde(
        rename = "utm_source",
        default,
        skip_serializing_if = "String::is_empty"
    )]
    pub source: String,
    /// What kind of place that is: `email`.
    #[serde(
        rename = "utm_medium",
        default,
        skip_serializing_if = "String::is_empty"
    )]
    pub medium: String,
    /// Which campaign: `spring`.
    #[serde(
        rename = "utm_campaign",
        default,
        skip_serializing_if = "String::is_empty"
    )]
    pub campaign: String,
    /// The words that were paid for.
    #[serde(rename = "utm_term", default, skip_serializing_if = "String::is_empty")]
    pub term: String,
    /// Which of several links.
    #[serde(
        rename = "utm_content",
        default,
        skip_serializing_if = "String::is_empty"
    )]
    pub content: String,
}
