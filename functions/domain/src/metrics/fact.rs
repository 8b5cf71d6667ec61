//! What a browser says happened, and what of it may be believed and kept.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tuition_catalog::Catalog;
use url::Host;
use utoipa::ToSchema;

use super::personal::leads_to_a_person;
use super::{EventKind, Sender, Utm};

/// Longest campaign tag and host, in bytes.
const MAX_TEXT: usize = 100;
/// Longest text that is looked at for what was searched, in bytes.
const MAX_ASKED: usize = 1000;
/// Characters of a search that are kept.
const MAX_QUERY: usize = 64;
/// Blocks of code that a lesson may have.
const MAX_BLOCK: f64 = 1000.0;
/// Pages that a search may find.
const MAX_HITS: f64 = 100_000.0;

/// An event as a browser sends it, before anything is checked.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = Event)]
pub struct Incoming {
    /// Chosen by the browser: 8 to 64 letters, digits, `-` and `_`.
    #[schema(required)]
    pub id: String,
    /// Event type: `page_view`, `watch`, `finish`, `copy`, `run`, `search`, `link_out`, `csat`, `nps`.
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
    /// Which block of code of the lesson, counted from 1.
    pub block: f64,
    /// Survey score.
    pub score: f64,
    /// What was searched for. Kept in lower case, up to 64 characters, and not at all if it looks like an e-mail address,
    /// a long number or an address in the Internet.
    pub query: String,
    /// How many pages the search found.
    pub hits: f64,
    /// Host that a link leads to.
    pub host: String,
    /// Campaign source.
    pub utm_source: String,
    /// Kind of the campaign's place.
    pub utm_medium: String,
    /// Campaign name.
    pub utm_campaign: String,
    /// Words that the campaign paid for.
    pub utm_term: String,
    /// Which of the campaign's links.
    pub utm_content: String,
    /// Host of the page that led here.
    pub referrer: String,
    /// What else it had: nothing that is known here.
    #[serde(flatten)]
    #[schema(ignore)]
    pub unknown: BTreeMap<String, IgnoredAny>,
}

/// Reads what a sender sent.
pub(super) struct Reader<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) sender: &'a Sender,
    /// Whether there is a learner whose answer to a survey it could be.
    pub(super) is_signed_in: bool,
    pub(super) now: Timestamp,
    /// Members that were left out of events that are kept: too long, not known, or leading to a person.
    pub(super) left_out: u64,
}

impl Reader<'_> {
    /// Id, time and what happened, if a browser may say so and it is about something of this site.
    pub(super) fn read(&mut self, incoming: &Incoming) -> Option<(String, Timestamp, EventKind)> {
        let (id, at) = self.stamp(incoming)?;
        let left_out = self.left_out;
        match self.fact(incoming) {
            Some(kind) => {
                let unknown = u64::try_from(incoming.unknown.len()).unwrap_or(u64::MAX);
                self.left_out = self.left_out.saturating_add(unknown);
                Some((id, at, kind))
            }
            None => {
                self.left_out = left_out;
                None
            }
        }
    }

    /// Id and time, if both are plausible: at most five minutes ahead of us and a day behind.
    fn stamp(&self, incoming: &Incoming) -> Option<(String, Timestamp)> {
        let at: Timestamp = incoming.at.parse().ok()?;
        let age = self.now.duration_since(at);
        let id = &incoming.id;
        let plain = (8..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let fits = age >= SignedDuration::from_mins(-5) && age <= SignedDuration::from_hours(24);
        (plain && fits).then(|| (id.clone(), at))
    }

    fn fact(&mut self, incoming: &Incoming) -> Option<EventKind> {
        match incoming.kind.as_str() {
            "page_view" => self.view(incoming),
            "watch" => self.watch(incoming),
            "finish" => Some(EventKind::Finish {
                lesson: self.lesson(incoming)?,
            }),
            "copy" => Some(EventKind::Copy {
                lesson: self.lesson(incoming)?,
                block: block(incoming)?,
            }),
            "run" => Some(EventKind::Run {
                lesson: self.lesson(incoming)?,
                block: block(incoming)?,
            }),
            "search" => self.search(incoming),
            "link_out" => self.link_out(incoming),
            "csat" if self.is_signed_in => Some(EventKind::Csat {
                course: self.course(incoming)?,
                score: score(incoming.score, 1, 5)?,
            }),
            "nps" if self.is_signed_in => Some(EventKind::Nps {
                course: self.course(incoming)?,
                score: score(incoming.score, 0, 10)?,
            }),
            _ => None,
        }
    }

    fn view(&mut self, incoming: &Incoming) -> Option<EventKind> {
        // Browsers send paths percent-encoded; the catalog has them as people read them.
        let path = percent_encoding::percent_decode_str(&incoming.path)
            .decode_utf8()
            .ok()?
            .into_owned();
        self.catalog.paths.binary_search(&path).ok()?;
        Some(EventKind::PageView {
            path,
            utm: Utm {
                source: self.tag(&incoming.utm_source),
                medium: self.tag(&incoming.utm_medium),
                campaign: self.tag(&incoming.utm_campaign),
                term: self.tag(&incoming.utm_term),
                content: self.tag(&incoming.utm_content),
            },
            referrer: self.referrer(&incoming.referrer),
        })
    }

    fn watch(&self, incoming: &Incoming) -> Option<EventKind> {
        let (_, lesson) = self.catalog.lesson(&incoming.lesson)?;
        let (from, to) = (seconds(incoming.from)?, seconds(incoming.to)?);
        (from < to && to <= lesson.seconds.max(1)).then(|| EventKind::Watch {
            lesson: incoming.lesson.clone(),
            from,
            to,
        })
    }

    fn search(&self, incoming: &Incoming) -> Option<EventKind> {
        let asked = incoming.query.trim();
        let is_plain = !asked.is_empty()
            && asked.len() <= MAX_ASKED
            && !asked.contains(char::is_control)
            && !leads_to_a_person(asked, self.sender);
        let hits = whole(incoming.hits, 0.0, MAX_HITS)?;
        is_plain.then(|| {
            let kept: String = asked.to_lowercase().chars().take(MAX_QUERY).collect();
            EventKind::Search {
                query: kept.trim_end().to_owned(),
                hits,
            }
        })
    }

    fn link_out(&self, incoming: &Incoming) -> Option<EventKind> {
        let host = self.host(&incoming.host)?;
        let own = url::Url::parse(&self.catalog.site.base_url).ok();
        let is_own = own.is_some_and(|own| own.host_str() == Some(host.as_str()));
        (!is_own).then_some(EventKind::LinkOut { host })
    }

    fn lesson(&self, incoming: &Incoming) -> Option<String> {
        self.catalog.lesson(&incoming.lesson)?;
        Some(incoming.lesson.clone())
    }

    fn course(&self, incoming: &Incoming) -> Option<String> {
        let course = self.catalog.course_by_id(&incoming.course)?;
        Some(course.id.clone())
    }

    /// A campaign's tag, or nothing where it is none to keep.
    fn tag(&mut self, text: &str) -> String {
        let is_plain = text.len() <= MAX_TEXT
            && !text.contains(char::is_control)
            && !leads_to_a_person(text, self.sender);
        if is_plain {
            return text.to_owned();
        }
        self.left_out = self.left_out.saturating_add(1);
        String::new()
    }

    fn referrer(&mut self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        self.host(text).unwrap_or_else(|| {
            self.left_out = self.left_out.saturating_add(1);
            String::new()
        })
    }

    /// A host by its name, without a port.
    fn host(&self, text: &str) -> Option<String> {
        let name = match text.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => text,
        };
        match Host::parse(name).ok()? {
            Host::Domain(host) if host.len() <= MAX_TEXT => {
                (!leads_to_a_person(&host, self.sender)).then_some(host)
            }
            _ => None,
        }
    }
}

fn block(incoming: &Incoming) -> Option<u16> {
    whole(incoming.block, 1.0, MAX_BLOCK).and_then(|block| u16::try_from(block).ok())
}

fn seconds(value: f64) -> Option<u32> {
    whole(value, 0.0, 86_400.0)
}

/// The whole number next to a value in a range.
fn whole(value: f64, least: f64, most: f64) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (value.is_finite() && (least..=most).contains(&value)).then(|| value.round() as u32)
}

fn score(value: f64, least: u8, most: u8) -> Option<u8> {
    (least..=most).find(|whole| (f64::from(*whole) - value).abs() < f64::EPSILON)
}
