//! One line of an export: a usage fact or a money fact, as the published definitions name them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::metrics::{Event, EventKind, Who};

/// One fact. Which of the members mean something, `kind` says; the others are empty. Read from JSON it borrows
/// from the text, so that millions can be read without memory of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record<'a> {
    /// Unique: records with the same id count once.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: RecordKind,
    /// When.
    pub at: Timestamp,
    /// The learner's random id.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub learner: Cow<'a, str>,
    /// A visitor as told apart within one day.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub visitor: Cow<'a, str>,
    /// Page path.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub path: Cow<'a, str>,
    /// Campaign source.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub utm_source: Cow<'a, str>,
    /// Kind of the campaign's place.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub utm_medium: Cow<'a, str>,
    /// Campaign name.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub utm_campaign: Cow<'a, str>,
    /// Words that the campaign paid for.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub utm_term: Cow<'a, str>,
    /// Which of the campaign's links.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub utm_content: Cow<'a, str>,
    /// Host of the page that led here.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub referrer: Cow<'a, str>,
    /// `<course id>/<lesson id>`.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub lesson: Cow<'a, str>,
    /// First second of the lesson's length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// First second that is not in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    /// Which block of code of the lesson, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u16>,
    /// What was searched for.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub query: Cow<'a, str>,
    /// How many pages a search found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hits: Option<u32>,
    /// The other site that a link leads to.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub host: Cow<'a, str>,
    /// Course id.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub course: Cow<'a, str>,
    /// Survey score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
    /// Offer id.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub offer: Cow<'a, str>,
    /// The order that money belongs to.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub order: Cow<'a, str>,
    /// Minor units; of a subscription's start, the fee of one term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Minor units that a coupon took off before `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<i64>,
    /// ISO 4217 code.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub currency: Cow<'a, str>,
    /// What led the buyer here first; empty means directly.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub first_touch: Cow<'a, str>,
    /// What led the buyer here last; empty means directly.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub last_touch: Cow<'a, str>,
}

/// What a record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A page was seen: visitor, path, campaign, referrer.
    PageView,
    /// A checkout session was opened: visitor, offer.
    CheckoutStart,
    /// Something was bought for good: learner, offer, amount, touches.
    Purchase,
    /// Money of an order went back to the buyer: learner, offer, amount.
    Refund,
    /// The buyer's bank took money of an order; negative when it gave it back.
    Dispute,
    /// A subscription began, or goes on with another fee: learner, offer.
    SubscriptionStart,
    /// A subscription ended: learner, offer.
    SubscriptionEnd,
    /// A subscription's term was paid: learner, offer, amount.
    SubscriptionPayment,
    /// A part of a lesson was read or watched: learner or visitor, lesson, from, to.
    Watch,
    /// The reader said that they are done with a lesson: learner or visitor, lesson.
    Finish,
    /// Code was copied: learner or visitor, lesson, block.
    Copy,
    /// Code was run: learner or visitor, lesson, block.
    Run,
    /// The site was searched: visitor, query, hits.
    Search,
    /// A link to another site was followed: visitor, host.
    LinkOut,
    /// A question was asked under a lesson: learner, lesson. Comes from the comments, never from a browser.
    Question,
    /// The learner was here on this day.
    Active,
    /// How satisfied with a course, 1–5.
    Csat,
    /// How likely to recommend a course, 0–10.
    Nps,
    /// A fact that this version does not know; counted, and nothing else.
    #[serde(other, skip_serializing)]
    Unknown,
}

impl<'a> Record<'a> {
    /// A record of this kind with nothing else in it.
    #[must_use]
    pub fn new(id: impl Into<Cow<'a, str>>, kind: RecordKind, at: Timestamp) -> Self {
        let none = Cow::Borrowed("");
        Self {
            id: id.into(),
            kind,
            at,
            learner: none.clone(),
            visitor: none.clone(),
            path: none.clone(),
            utm_source: none.clone(),
            utm_medium: none.clone(),
            utm_campaign: none.clone(),
            utm_term: none.clone(),
            utm_content: none.clone(),
            referrer: none.clone(),
            lesson: none.clone(),
            from: None,
            to: None,
            block: None,
            query: none.clone(),
            hits: None,
            host: none.clone(),
            course: none.clone(),
            score: None,
            offer: none.clone(),
            order: none.clone(),
            amount: None,
            discount: None,
            currency: none.clone(),
            first_touch: none.clone(),
            last_touch: none,
        }
    }
}

impl<'a> From<&'a Event> for Record<'a> {
    fn from(event: &'a Event) -> Self {
        let kind = match &event.kind {
            EventKind::PageView { .. } => RecordKind::PageView,
            EventKind::CheckoutStart { .. } => RecordKind::CheckoutStart,
            EventKind::Watch { .. } => RecordKind::Watch,
            EventKind::Finish { .. } => RecordKind::Finish,
            EventKind::Copy { .. } => RecordKind::Copy,
            EventKind::Run { .. } => RecordKind::Run,
            EventKind::Search { .. } => RecordKind::Search,
            EventKind::LinkOut { .. } => RecordKind::LinkOut,
            EventKind::Active => RecordKind::Active,
            EventKind::Csat { .. } => RecordKind::Csat,
            EventKind::Nps { .. } => RecordKind::Nps,
        };
        let mut record = Self::new(event.id.as_str(), kind, event.at);
        match &event.who {
            Who::Learner(learner) => record.learner = learner.as_str().into(),
            Who::Visitor(visitor) => record.visitor = visitor.as_str().into(),
        }
        match &event.kind {
            EventKind::PageView {
                path,
                utm,
                referrer,
            } => {
                record.path = path.as_str().into();
                record.utm_source = utm.source.as_str().into();
                record.utm_medium = utm.medium.as_str().into();
                record.utm_campaign = utm.campaign.as_str().into();
                record.utm_term = utm.term.as_str().into();
                record.utm_content = utm.content.as_str().into();
                record.referrer = referrer.as_str().into();
            }
            EventKind::CheckoutStart { offer } => record.offer = offer.as_str().into(),
            EventKind::Watch { lesson, from, to } => {
                record.lesson = lesson.as_str().into();
                (record.from, record.to) = (Some(*from), Some(*to));
            }
            EventKind::Finish { lesson } => record.lesson = lesson.as_str().into(),
            EventKind::Copy { lesson, block } | EventKind::Run { lesson, block } => {
                record.lesson = lesson.as_str().into();
                record.block = Some(*block);
            }
            EventKind::Search { query, hits } => {
                record.query = query.as_str().into();
                record.hits = Some(*hits);
            }
            EventKind::LinkOut { host } => record.host = host.as_str().into(),
            EventKind::Active => {}
            EventKind::Csat { course, score } | EventKind::Nps { course, score } => {
                record.course = course.as_str().into();
                record.score = Some(*score);
            }
        }
        record
    }
}
