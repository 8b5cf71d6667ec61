//! Taking events in: what is not a plain usage fact of this site is dropped and counted.

use std::net::IpAddr;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Event, EventKind, FINISHED, MetricPorts, Segment, Who, daily_secret, visitor_id};
use crate::checkout::{Browser, CheckoutPorts, Order};
use crate::comments::LessonRef;
use crate::identity::LearnerId;
use crate::limits::{self, Limit, TooMany};
use crate::ports::Unavailable;

/// The most events in one batch.
pub const MAX_BATCH: usize = 50;
const MAX_TEXT: usize = 100;

/// An event as a browser sends it, before anything is checked.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = Event)]
pub struct Incoming {
    /// Chosen by the browser: 8 to 64 letters, digits, `-` and `_`.
    #[schema(required)]
    pub id: String,
    /// Event type.
    #[serde(rename = "type")]
    #[schema(required)]
    pub kind: String,
    /// RFC 3339, at most a day ago.
    #[schema(required)]
    pub at: String,
    /// Page path.
    pub path: String,
    /// `<course id>/<lesson id>`.
    pub lesson: String,
    /// Course id.
    pub course: String,
    /// Seconds.
    pub from: f64,
    /// Seconds.
    pub to: f64,
    /// Survey score.
    pub score: f64,
    /// Campaign source.
    pub utm_source: String,
    /// Campaign name.
    pub utm_campaign: String,
    /// Host of the page that led here.
    pub referrer: String,
}

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
    let catalog = ports.catalog.catalog();
    let limit = Limit {
        name: "events",
        most: catalog.site.limits.event_batches_per_network_per_minute,
        seconds: 60,
    };
    limits::count(
        ports.counters.as_ref(),
        limit,
        &limits::network(sender.address),
        now,
    )
    .await?
    .map_err(IngestError::TooMany)?;
    let total = batch.len();
    let mut events = Vec::new();
    if !is_declared_bot(&sender.user_agent) {
        let secret =
            daily_secret(ports.daily_secrets.as_ref(), ports.entropy.as_ref(), now).await?;
        let visitor = visitor_id(
            &secret,
            &catalog.site.base_url,
            sender.address,
            &sender.user_agent,
        );
        let learner = match learner {
            Some(id) if !ports.erasures.is_erased(&id).await? => Some(id),
            _ => None,
        };
        for incoming in batch.into_iter().flatten() {
            let Some((id, at)) = stamp(&incoming, now) else {
                continue;
            };
            let Some(kind) = fact(&catalog, &incoming) else {
                continue;
            };
            let who = match (&kind, &learner) {
                // Traffic is counted in visitor-days, whoever is signed in.
                (EventKind::PageView { .. }, _) | (_, None) => Who::Visitor(visitor.clone()),
                (_, Some(learner)) => Who::Learner(learner.clone()),
            };
            if learner.is_none() && matches!(kind, EventKind::Csat { .. } | EventKind::Nps { .. }) {
                continue;
            }
            events.push(Event { id, at, who, kind });
        }
        let accepted = events.len();
        if let Some(learner) = learner.filter(|_| accepted > 0) {
            note_progress(ports, &catalog, &learner, &events, now).await?;
            let day = now.to_zoned(TimeZone::UTC).date();
            ports.events.note_day(&learner, day).await?;
            let id = format!("active/{learner}/{day}");
            events.push(Event {
                id,
                at: now,
                who: Who::Learner(learner),
                kind: EventKind::Active,
            });
        }
        if accepted > 0 {
            ports.events.append(&events, now).await?;
        }
        if accepted < total {
            drop_some(ports, now, total - accepted).await?;
        }
        return Ok(Accepted {
            accepted,
            dropped: total - accepted,
        });
    }
    drop_some(ports, now, total).await?;
    Ok(Accepted {
        accepted: 0,
        dropped: total,
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
    ports.events.append(&[event], now).await
}

async fn note_progress(
    ports: &MetricPorts,
    catalog: &tuition_catalog::Catalog,
    learner: &LearnerId,
    events: &[Event],
    now: Timestamp,
) -> Result<(), Unavailable> {
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

async fn drop_some(ports: &MetricPorts, now: Timestamp, count: usize) -> Result<(), Unavailable> {
    let day = now.to_zoned(TimeZone::UTC).date();
    ports
        .events
        .count_dropped(day, u64::try_from(count).unwrap_or(u64::MAX))
        .await
}

/// Id and time, if both are plausible: at most five minutes ahead of us and a day behind.
fn stamp(incoming: &Incoming, now: Timestamp) -> Option<(String, Timestamp)> {
    let at: Timestamp = incoming.at.parse().ok()?;
    let age = now.duration_since(at);
    let id = &incoming.id;
    let plain = (8..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let fits = age >= SignedDuration::from_mins(-5) && age <= SignedDuration::from_hours(24);
    (plain && fits).then(|| (id.clone(), at))
}

/// What happened, if a browser may say so and it is about something of this site.
fn fact(catalog: &tuition_catalog::Catalog, incoming: &Incoming) -> Option<EventKind> {
    match incoming.kind.as_str() {
        "page_view" => {
            let texts = [
                &incoming.utm_source,
                &incoming.utm_campaign,
                &incoming.referrer,
            ];
            let fit = texts
                .iter()
                .all(|text| text.len() <= MAX_TEXT && !text.contains(char::is_control));
            // Browsers send paths percent-encoded; the catalog has them as people read them.
            let path = percent_encoding::percent_decode_str(&incoming.path)
                .decode_utf8()
                .ok()?
                .into_owned();
            let known = catalog.paths.binary_search(&path).is_ok();
            (known && fit).then(|| EventKind::PageView {
                path,
                utm_source: incoming.utm_source.clone(),
                utm_campaign: incoming.utm_campaign.clone(),
                referrer: incoming.referrer.clone(),
            })
        }
        "watch" => {
            let (_, lesson) = catalog.lesson(&incoming.lesson)?;
            let (from, to) = (seconds(incoming.from)?, seconds(incoming.to)?);
            (from < to && to <= lesson.seconds.max(1)).then(|| EventKind::Watch {
                lesson: incoming.lesson.clone(),
                from,
                to,
            })
        }
        "csat" => Some(EventKind::Csat {
            course: course(catalog, incoming)?,
            score: score(incoming.score, 1, 5)?,
        }),
        "nps" => Some(EventKind::Nps {
            course: course(catalog, incoming)?,
            score: score(incoming.score, 0, 10)?,
        }),
        _ => None,
    }
}

fn course(catalog: &tuition_catalog::Catalog, incoming: &Incoming) -> Option<String> {
    catalog
        .course_by_id(&incoming.course)
        .map(|course| course.id.clone())
}

fn seconds(value: f64) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (value.is_finite() && (0.0..=86_400.0).contains(&value)).then(|| value.round() as u32)
}

fn score(value: f64, least: u8, most: u8) -> Option<u8> {
    (least..=most).find(|whole| (f64::from(*whole) - value).abs() < f64::EPSILON)
}

/// Crawlers that say so. Those that lie look like readers to anyone who does not watch them.
fn is_declared_bot(user_agent: &str) -> bool {
    let agent = user_agent.to_ascii_lowercase();
    ["bot", "crawler", "spider", "slurp", "preview"]
        .iter()
        .any(|word| agent.contains(word))
}
