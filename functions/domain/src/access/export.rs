//! Everything stored about a learner, for them to take along.
//!
//! What a browser did that paid without signing in is not in it: until the paid address is proved
//! there, nobody knows that it was the same person.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AccessPorts, Account, Entitlement, Me, WaitingChange, me, waiting_change};
use crate::checkout::{LedgerEntry, Order};
use crate::comments::{Comment, CommentTraces, State};
use crate::metrics::{Covered, Event};
use crate::outbox::QueuedMail;
use crate::ports::Unavailable;

/// An export, as one JSON document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Export {
    /// When it was made.
    pub exported_at: Timestamp,
    /// The account as its page shows it: profile, consents with their times, progress, purchases.
    pub account: Me,
    /// Every right they ever had, ended and revoked ones too.
    #[schema(value_type = Vec<Object>)]
    pub entitlements: Vec<Entitlement>,
    /// Every checkout, begun or paid, oldest first.
    #[schema(value_type = Vec<Object>)]
    pub orders: Vec<ExportedOrder>,
    /// Their comments, as written.
    pub comments: Vec<ExportedComment>,
    /// How they stand in discussions, which comments they reported, and what they decided about
    /// comments as an author.
    #[schema(value_type = Object)]
    pub discussion: CommentTraces,
    /// What they have read, lesson by lesson.
    pub reading: Vec<ExportedReading>,
    /// Usage events that name them. Page views name nobody.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Event>,
    /// Their signed-in browsers.
    pub sessions: Vec<ExportedSession>,
    /// A sign-in link that was asked for and not used.
    #[schema(required)]
    pub sign_in_link: Option<ExportedLink>,
    /// A change of address that waits.
    #[schema(required)]
    pub address_change: Option<WaitingChange>,
    /// Mails that wait to be sent.
    #[schema(value_type = Vec<Object>)]
    pub mails: Vec<QueuedMail>,
    /// Until when mail to their address is held back, because it came back or was complained of.
    #[schema(required)]
    pub mail_held_back_until: Option<Timestamp>,
}

/// One checkout, with what was booked for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportedOrder {
    /// The order as stored.
    #[serde(flatten)]
    pub order: Order,
    /// What the books have of it.
    pub ledger: Vec<LedgerEntry>,
}

/// One comment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExportedComment {
    /// `<course id>/<lesson id>`.
    pub lesson: String,
    /// Markdown.
    pub body: String,
    /// The name that stands beside it.
    pub name: String,
    /// Asked as a question.
    pub question: bool,
    /// Tells of a mistake in the lesson.
    pub mistake: bool,
    /// When.
    pub created_at: Timestamp,
    /// When it was changed.
    #[schema(required)]
    pub edited_at: Option<Timestamp>,
    /// Who may see it.
    pub state: State,
}

/// What was read of one lesson.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExportedReading {
    /// `<course id>/<lesson id>`.
    pub lesson: String,
    /// Seconds of the lesson's length, from and to.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub segments: Vec<(u32, u32)>,
    /// When it was last read.
    pub updated_at: Timestamp,
    /// When enough of it was read first.
    #[schema(required)]
    pub finished_at: Option<Timestamp>,
    /// Whether they said last that it is done.
    #[schema(required)]
    pub marked_done: Option<bool>,
    /// When they said so.
    #[schema(required)]
    pub marked_at: Option<Timestamp>,
    /// Id of the heading where they stopped; empty before the first.
    #[schema(required)]
    pub heading: Option<String>,
    /// When they stopped there.
    #[schema(required)]
    pub seen_at: Option<Timestamp>,
}

/// One signed-in browser.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExportedSession {
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the day.
    pub used_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// Orders of others that open in it.
    pub orders: Vec<String>,
}

/// A sign-in link.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExportedLink {
    /// Where it leads.
    pub next: String,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Exports an account.
pub async fn export_account(ports: &AccessPorts, account: &Account) -> Result<Export, Unavailable> {
    let profile = &account.profile;
    let id = &profile.id;
    let now = ports.reader.clock.now();
    let comments = ports.comments.comments_by(id).await?;
    let sessions = ports.reader.sessions.sessions(id).await?;
    let covered = ports.progress.coverage_of(id).await?;
    let link = ports.links.link_of(&profile.email).await?;
    Ok(Export {
        exported_at: now,
        account: me(ports, account).await?,
        entitlements: ports.reader.learners.entitlements(id).await?,
        orders: orders(ports, account).await?,
        comments: comments.into_iter().map(ExportedComment::from).collect(),
        discussion: ports.comments.comment_traces(id).await?,
        reading: covered.into_iter().map(ExportedReading::from).collect(),
        events: ports.events.events_of(id).await?,
        sessions: sessions
            .into_iter()
            .map(|session| ExportedSession {
                created_at: session.created_at,
                used_at: session.used_at,
                expires_at: session.expires_at,
                orders: session.orders.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        sign_in_link: link
            .filter(|link| now < link.expires_at)
            .map(|link| ExportedLink {
                next: link.next.to_string(),
                expires_at: link.expires_at,
            }),
        address_change: waiting_change(ports, id).await?,
        mails: ports.outbox.mail_to(&profile.email).await?,
        mail_held_back_until: ports.suppressions.suppressed_until(&profile.email).await?,
    })
}

async fn orders(ports: &AccessPorts, account: &Account) -> Result<Vec<ExportedOrder>, Unavailable> {
    let mut orders = ports.reader.orders.orders_of(&account.profile.id).await?;
    orders.sort_by(|a, b| {
        let oldest = a.created_at.cmp(&b.created_at);
        oldest.then_with(|| a.id.cmp(&b.id))
    });
    let mut exported = Vec::new();
    for order in orders {
        let ledger = ports.ledger.entries_of(&order.id).await?;
        exported.push(ExportedOrder { order, ledger });
    }
    Ok(exported)
}

impl From<Comment> for ExportedComment {
    fn from(comment: Comment) -> Self {
        Self {
            lesson: comment.lesson.to_string(),
            body: comment.body,
            name: comment.author_name,
            question: comment.question,
            mistake: comment.mistake,
            created_at: comment.created_at,
            edited_at: comment.edited_at,
            state: comment.moderation.state,
        }
    }
}

impl From<Covered> for ExportedReading {
    fn from(covered: Covered) -> Self {
        let span = |segment: &crate::metrics::Segment| (segment.from, segment.to);
        Self {
            segments: covered.segments.iter().map(span).collect(),
            lesson: covered.lesson,
            updated_at: covered.updated_at,
            finished_at: covered.finished_at,
            marked_done: covered.mark.map(|mark| mark.done),
            marked_at: covered.mark.map(|mark| mark.at),
            seen_at: covered.place.as_ref().map(|place| place.at),
            heading: covered.place.map(|place| place.heading),
        }
    }
}
