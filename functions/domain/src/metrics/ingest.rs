//! Taking events in: what is not a plain usage fact of this site is dropped and counted.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use utoipa::ToSchema;

use super::fact::{Incoming, Reader};
use super::{
    Dropped, Event, EventBatch, EventKind, FINISHED, MetricPorts, Segment, Who, daily_secret,
    visitor_id,
};
use crate::checkout::{Browser, CheckoutPorts, Order};
use crate::comments::LessonRef;
use crate::identity::LearnerId;
use crate::limits::{self, Limit, TooMany};
use crate::ports::Unavailable;

/// The most events in one batch.
pub const MAX_BATCH: usize = 50;

/// Who sends a batch.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The browser's address; used for the day's visitor id, never stored.
    pub address: IpAddr,
    /// Its user agent; likewise.
    pub user_agent: String,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ToSchema)]
pub struct Accepted {
    /// Events kept.
    pub accepted: usize,
    /// Events dropped.
    pub dropped: usize,
    /// Members left out of events that were kept: not known, too long, or leading to a person.
    pub left_out: u64,
}

/// Why a batch was not taken at all.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Too many batches from one network.
    #[error("too many batches")]
    TooMany(TooMany),
    /// A store is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Takes in a batch. `None` entries are events that could not be read at all: they count as
/// dropped. `learner` is who the access token says, or said until a day ago.
pub async fn ingest(
    ports: &MetricPorts,
    batch: Vec<Option<Incoming>>,
    sender: &Sender,
    learner: Option<LearnerId>,
) -> Result<Accepted, IngestError> {
    let now = ports.clock.now();
    let day = day_of(now);
    let learner = match learner {
        Some(id) if !ports.erasures.is_erased(&id).await? => Some(id),
        _ => None,
    };
    // Writing down the first of a learner's batches of a day costs what counting it would, and there is one each.
    let is_counted = match &learner {
        Some(learner) => !ports.events.note_day(learner, day).await?,
        None => true,
    };
    if is_counted {
        count(ports, sender, now).await?;
    }
    let total = batch.len();
    let (mut events, left_out) = if is_declared_bot(&sender.user_agent) {
        (Vec::new(), 0)
    } else {
        facts(ports, batch, sender, learner.as_ref(), now).await?
    };
    let accepted = events.len();
    if let Some(learner) = learner.filter(|_| accepted > 0) {
        note_progress(ports, &learner, &events, now).await?;
        events.push(Event {
            id: format!("active/{learner}/{day}"),
            at: now,
            who: Who::Learner(learner),
            kind: EventKind::Active,
        });
    }
    let dropped = total - accepted;
    let batch = EventBatch {
        day,
        events,
        dropped: Dropped {
            events: u64::try_from(dropped).unwrap_or(u64::MAX),
            members: left_out,
        },
    };
    ports.events.append(&batch).await?;
    Ok(Accepted {
        accepted,
        dropped,
        left_out,
    })
}

/// Counts one batch of the sender's network.
async fn count(ports: &MetricPorts, sender: &Sender, now: Timestamp) -> Result<(), IngestError> {
    let limits = &ports.catalog.catalog().site.limits;
    let limit = Limit {
        name: "events",
        most: limits.event_batches_per_network_per_minute,
        seconds: 60,
    };
    let network = limits::network(sender.address);
    limits::count(ports.counters.as_ref(), limit, &network, now)
        .await?
        .map_err(IngestError::TooMany)
}

/// What of a batch may be kept, and how many members of that may not.
async fn facts(
    ports: &MetricPorts,
    batch: Vec<Option<Incoming>>,
    sender: &Sender,
    learner: Option<&LearnerId>,
    now: Timestamp,
) -> Result<(Vec<Event>, u64), Unavailable> {
    let catalog = ports.catalog.catalog();
    let secret = daily_secret(ports.daily_secrets.as_ref(), ports.entropy.as_ref(), now).await?;
    let (address, agent) = (sender.address, &sender.user_agent);
    let visitor = visitor_id(&secret, &catalog.site.base_url, address, agent);
    let mut reader = Reader {
        catalog: &catalog,
        sender,
        is_signed_in: learner.is_some(),
        now,
        left_out: 0,
    };
    let mut events = Vec::new();
    for incoming in batch.into_iter().flatten() {
        let Some((id, at, kind)) = reader.read(&incoming) else {
            continue;
        };
        let who = who(&kind, learner, &visitor);
        let id = once(&kind, &who, day_of(at)).unwrap_or(id);
        events.push(Event { id, at, who, kind });
    }
    Ok((events, reader.left_out))
}

/// Traffic, and what somebody searches for, is counted in visitor-days, whoever is signed in.
fn who(kind: &EventKind, learner: Option<&LearnerId>, visitor: &str) -> Who {
    let is_traffic = matches!(
        kind,
        EventKind::PageView { .. } | EventKind::Search { .. } | EventKind::LinkOut { .. }
    );
    match learner {
        Some(learner) if !is_traffic => Who::Learner(learner.clone()),
        _ => Who::Visitor(visitor.to_owned()),
    }
}

/// The id of what can be so once only, however often somebody says it: a rating once a day.
fn once(kind: &EventKind, who: &Who, day: Date) -> Option<String> {
    let who = match who {
        Who::Learner(learner) => learner.as_str(),
        Who::Visitor(visitor) => visitor,
    };
    Some(match kind {
        EventKind::Finish { lesson } => format!("finish/{who}/{lesson}"),
        EventKind::Csat { course, score } => format!("csat/{who}/{course}/{day}/{score}"),
        EventKind::Nps { course, score } => format!("nps/{who}/{course}/{day}/{score}"),
        _ => return None,
    })
}

/// Notes that a visitor opened a checkout.
pub async fn note_checkout(
    ports: &CheckoutPorts,
    order: &Order,
    browser: &Browser,
) -> Result<(), Unavailable> {
    let now = ports.reader.clock.now();
    let catalog = ports.reader.catalog.catalog();
    let secret = daily_secret(ports.daily_secrets.as_ref(), ports.entropy.as_ref(), now).await?;
    let visitor = visitor_id(
        &secret,
        &catalog.site.base_url,
        browser.address,
        &browser.user_agent,
    );
    let event = Event {
        id: format!("checkout/{}", order.id),
        at: now,
        who: Who::Visitor(visitor),
        kind: EventKind::CheckoutStart {
            offer: order.offer.clone(),
        },
    };
    let batch = EventBatch {
        day: day_of(now),
        events: vec![event],
        dropped: Dropped::default(),
    };
    ports.events.append(&batch).await
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

async fn note_progress(
    ports: &MetricPorts,
    learner: &LearnerId,
    events: &[Event],
    now: Timestamp,
) -> Result<(), Unavailable> {
    let catalog = ports.catalog.catalog();
    for event in events {
        let EventKind::Watch { lesson, from, to } = &event.kind else {
            continue;
        };
        let (Some(reference), Some((_, read))) = (LessonRef::parse(lesson), catalog.lesson(lesson))
        else {
            continue;
        };
        let segment = Segment {
            from: *from,
            to: *to,
        };
        let covered = ports
            .progress
            .cover(learner, &reference, segment, now)
            .await?;
        if covered.finished_at.is_none() && covered.share(read.seconds) >= FINISHED {
            ports.progress.finish(learner, &reference, now).await?;
        }
    }
    Ok(())
}

/// Crawlers that say so. Those that lie look like readers to anyone who does not watch them.
fn is_declared_bot(user_agent: &str) -> bool {
    // A maker of telephones.
    let agent = user_agent.to_ascii_lowercase().replace("cubot", "");
    let words = [
        "bot",
        "crawler",
        "spider",
        "slurp",
        "preview",
        "facebookexternalhit",
        "lighthouse",
        "archiver",
        "monitor",
    ];
    words.iter().any(|word| agent.contains(word))
}
