//! Every key of both tables, and nothing else: what a row is called, not what is in it.
//!
//! # Access patterns
//!
//! One table for what must last (point-in-time recovery on), one *ephemeral* table for what no
//! backup may remember. Both have string keys `pk` and `sk` and the TTL attribute `expires` (Unix
//! seconds); neither has an index, so every read is strongly consistent. `⟨…⟩` is a variable.
//!
//! | pk | sk | what | written by | read by | TTL |
//! |---|---|---|---|---|---|
//! | `ORDER#⟨order⟩` | `ORDER` | order, keys of its ledger and mail rows | checkout; access (erasure) | by id: checkout, access, comments | – |
//! | `BROWSER#⟨hash⟩` | `ATTEMPT#⟨key hash⟩` | checkout attempt | checkout | checkout | 24 h |
//! | `LEARNER#⟨learner⟩` | `PROFILE` | profile | access | by id: checkout, access, comments | – |
//! | `LEARNER#⟨learner⟩` | `ENTITLEMENT#⟨order⟩` | entitlement | checkout; access (erasure) | query by prefix: checkout, access, comments | – |
//! | `LEARNER#⟨learner⟩` | `ORDER#⟨order⟩` | "bought while signed in" | checkout; access (erasure) | query by prefix: access (account, export, erasure) | – |
//! | `LEARNER#⟨learner⟩` | `SESSION#⟨secret hash⟩` | session | access, checkout; comments (a touch a day) | by key: checkout, access, comments; query by prefix: access | session end |
//! | `LEARNER#⟨learner⟩` | `ADDRESS` | change of address that waits | access | by key: access | 1 h |
//! | `LEARNER#⟨learner⟩` | `FORMER#⟨SHA-256⟩` | an address that was theirs | access | access (erasure) | 60 days |
//! | `LEARNER#⟨learner⟩` | `COMMENT#⟨comment⟩` | where a comment of theirs stands | comments; access (sign-in, erasure) | query by prefix: access (export, erasure) | – |
//! | `LEARNER#⟨learner⟩` | `STANDING` | whether they are trusted or banned in discussions | comments; access (sign-in) | by key: comments, access, checkout | – |
//! | `LEARNER#⟨learner⟩` | `REPORT#⟨comment⟩` | that they reported a comment | comments | query by prefix: access (export) | – |
//! | `LEARNER#⟨learner⟩` | `DECISION#⟨comment⟩#⟨revision⟩` | what they decided about a comment, as an author | comments | query by prefix: access (export) | – |
//! | `LEARNER#⟨learner⟩` | `UNSUBSCRIBE#⟨secret hash⟩` | by which they ask for no more mails about answers | checkout | by key: comments | a year |
//! | `PROGRESS#⟨learner⟩` | `LESSON#⟨course/lesson⟩` | segments covered; what the learner says of the lesson, where they stopped | metrics; access | query: access | – |
//! | `EVENT#OF#⟨learner⟩` | `DAYS#⟨yyyy-mm⟩` | days of the month whose events name them | metrics (once a day); access (erasure) | by key: metrics; query by prefix: access (export, erasure) | – |
//! | `EMAIL#⟨SHA-256⟩` | `LEARNER` | address → learner | access, checkout | by key: access, checkout | – |
//! | `EMAIL#⟨SHA-256⟩` | `FORMER` | address → learner who left it | access | by key: checkout | 60 days |
//! | `EMAIL#⟨SHA-256⟩` | `LINK` | the one link alive for the address | access | by key: access | 10 min |
//! | `LINK#⟨token hash⟩` | `LINK` | link token → address hash | access | by key: access | 10 min |
//! | `LESSON#⟨course/lesson⟩` | `COMMENT#⟨comment⟩` | comment | comments; access (sign-in, erasure) | query, by key: comments; by key: access, checkout | – |
//! | `LESSON#⟨course/lesson⟩` | `PLACES` | how many comments of learners were let in | comments | by key: comments | – |
//! | `COMMENT#⟨comment⟩` | `AT` | comment → lesson | comments | by key: comments, access, checkout | – |
//! | `COMMENT#⟨comment⟩` | `AUDIT#⟨revision⟩` | what was decided about it, by nobody's name | comments | query by prefix: comments | – |
//! | `QUEUE` | `COMMENT#⟨comment⟩` | comment → lesson, while it waits for an author | comments; access (sign-in, erasure) | query: comments, checkout | – |
//! | `EMAIL#⟨SHA-256⟩` | `SUPPRESSED` | no mail goes there | checkout; access (erasure) | by key: access, checkout | end of the hold |
//! | `LEDGER#⟨yyyy-mm⟩` | `⟨time⟩#⟨order⟩/⟨version⟩` | money facts of one step of an order | checkout; access (erasure) | query by time: metrics; by key: checkout, access (export, erasure) | – |
//! | `OUTBOX` | `NAME#⟨mail⟩` | mail to send, due time | checkout, access, comments | query, by key: checkout, access | –; a last mail 3 days |
//! | `DIGEST` | `PROGRESS` | how far authors were told of what waits | checkout | by key: checkout | – |
//! | `RECONCILIATION` | `PROGRESS` | how far we were compared with the provider | checkout | by key: checkout | – |
//! | `QUARANTINE` | `NAME#⟨key⟩` | what a person must look at | checkout | operator | – |
//! | `EVENT#⟨yyyy-mm⟩#⟨shard 0–7⟩` | `⟨dd⟩#⟨SHA-256 of event ids⟩` | batch of usage events, how much was dropped of it | metrics, checkout; access (erasure) | query by days of a month: metrics, access (export, erasure) | – |
//! | `EVENT#⟨yyyy-mm⟩#⟨shard 0–7⟩` | `⟨dd⟩#DROPPED` | events dropped that day of which nothing was kept | metrics | with the batches: metrics | – |
//!
//! Ephemeral table:
//!
//! | pk | sk | what | written by | read by | TTL |
//! |---|---|---|---|---|---|
//! | `SECRET#⟨day⟩` | `SECRET` | visitor secret of the day | metrics, checkout | metrics, checkout | day end + 24 h |
//! | `COUNT#⟨limit#window hash⟩` | `COUNT` | uses in a window | every function | every function | two windows |
//! | `ERASED#⟨SHA-256 of learner⟩` | `ERASED` | tokens of theirs say nothing any more | access (erasure) | metrics | 25 h |
//!
//! Calls: `GetItem`, `Query`, `PutItem`, `UpdateItem`, `DeleteItem`, and in transactions
//! `ConditionCheckItem` besides. No function scans, and none makes a table.
//!
//! `infra/template.yaml` lets each function touch the partitions that it is named for here, and no
//! others; a test compares the two.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use sha2::{Digest as _, Sha256};
use tuition_domain::checkout::AttemptKey;
use tuition_domain::comments::{CommentId, LessonRef};
use tuition_domain::email::Email;
use tuition_domain::identity::{LearnerId, OrderId, SecretHash};

/// How many partitions a month's events are spread over. A partition takes 1,000 write units a second (Amazon DynamoDB, "Designing
/// partition keys"). A hot page is 2,000 events a second, in the worst case each in a batch by itself; with five campaign tags of 100
/// bytes, path and referrer such a row may pass a kilobyte, which makes two units. 2,000 × 2 ÷ 1,000 = 4 partitions if the hash spread them
/// perfectly. With 8 each gets 250 rows a second on average, 500 units, and more than twice that is 16 standard deviations away.
/// More would only make more queries: a month is read by one for each.
pub(super) const EVENT_SHARDS: u8 = 8;

/// Sorts after whatever follows a prefix: DynamoDB compares sort keys by their UTF-8 bytes.
const HIGHEST: char = char::MAX;

/// Sorts before every sort key of ours; an empty text is no key value.
const LOWEST: &str = "!";

/// Longer sort keys are replaced by their hash; DynamoDB takes up to 1,024 bytes.
const LONGEST_NAME: usize = 512;

/// Names one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

/// Names a run of rows of one partition, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) pk: String,
    pub(super) from: String,
    pub(super) to: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

impl Range {
    /// All rows of `pk` whose sort key begins with `prefix`.
    fn prefix(pk: String, prefix: &str) -> Self {
        Self {
            pk,
            from: if prefix.is_empty() { LOWEST } else { prefix }.to_owned(),
            to: format!("{prefix}{HIGHEST}"),
        }
    }
}

pub(super) fn order(id: &OrderId) -> Key {
    Key::new(format!("ORDER#{id}"), "ORDER")
}

pub(super) fn attempt(key: &AttemptKey) -> Key {
    Key::new(
        format!("BROWSER#{}", key.browser.as_str()),
        format!("ATTEMPT#{}", key.key),
    )
}

fn learner_partition(id: &LearnerId) -> String {
    format!("LEARNER#{id}")
}

pub(super) fn profile(id: &LearnerId) -> Key {
    Key::new(learner_partition(id), "PROFILE")
}

pub(super) fn entitlement(learner: &LearnerId, order: &OrderId) -> Key {
    Key::new(learner_partition(learner), format!("ENTITLEMENT#{order}"))
}

pub(super) fn entitlements(learner: &LearnerId) -> Range {
    Range::prefix(learner_partition(learner), "ENTITLEMENT#")
}

pub(super) fn bought(learner: &LearnerId, order: &OrderId) -> Key {
    Key::new(learner_partition(learner), format!("ORDER#{order}"))
}

/// The orders that were begun while signed in.
pub(super) fn all_bought(learner: &LearnerId) -> Range {
    Range::prefix(learner_partition(learner), "ORDER#")
}

/// The change of address that waits.
pub(super) fn address_change(learner: &LearnerId) -> Key {
    Key::new(learner_partition(learner), "ADDRESS")
}

/// Leads from a learner to an address that was theirs, by its SHA-256.
pub(super) fn former_address(learner: &LearnerId, address: &str) -> Key {
    Key::new(learner_partition(learner), format!("FORMER#{address}"))
}

/// Leads from an address, by its SHA-256, to the learner who left it.
pub(super) fn former_learner(address: &str) -> Key {
    Key::new(format!("EMAIL#{address}"), "FORMER")
}

pub(super) fn session(owner: &LearnerId, secret: &SecretHash) -> Key {
    Key::new(
        learner_partition(owner),
        format!("SESSION#{}", secret.as_str()),
    )
}

pub(super) fn sessions(owner: &LearnerId) -> Range {
    Range::prefix(learner_partition(owner), "SESSION#")
}

pub(super) fn comment_of(author: &LearnerId, comment: &CommentId) -> Key {
    Key::new(
        learner_partition(author),
        format!("COMMENT#{}", comment.as_str()),
    )
}

pub(super) fn comments_of(author: &LearnerId) -> Range {
    Range::prefix(learner_partition(author), "COMMENT#")
}

/// Everything in a learner's own partition.
pub(super) fn all_of(learner: &LearnerId) -> Range {
    Range::prefix(learner_partition(learner), "")
}

/// What a row of a learner's partition is, told by its sort key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OfLearner {
    Profile,
    /// An entitlement or a purchase: both lead to an order.
    Order(OrderId),
    Comment(CommentId),
    /// An address that was theirs, by its SHA-256.
    Former(String),
    /// Nothing hangs on it: a session, a change of address that waits, or what a later release adds.
    Other,
}

impl OfLearner {
    pub(super) fn of(sk: &str) -> Self {
        let order = sk
            .strip_prefix("ENTITLEMENT#")
            .or_else(|| sk.strip_prefix("ORDER#"));
        if let Some(id) = order.and_then(OrderId::parse) {
            return Self::Order(id);
        }
        if let Some(id) = sk.strip_prefix("COMMENT#").and_then(CommentId::parse) {
            return Self::Comment(id);
        }
        if let Some(address) = sk.strip_prefix("FORMER#") {
            return Self::Former(address.to_owned());
        }
        if sk == "PROFILE" {
            Self::Profile
        } else {
            Self::Other
        }
    }
}

pub(super) fn progress(learner: &LearnerId, lesson: &LessonRef) -> Key {
    Key::new(format!("PROGRESS#{learner}"), format!("LESSON#{lesson}"))
}

pub(super) fn progress_of(learner: &LearnerId) -> Range {
    Range::prefix(format!("PROGRESS#{learner}"), "LESSON#")
}

/// The days of a month whose events name a learner. A month a row keeps it within one write unit.
pub(super) fn days_of_month(learner: &LearnerId, day: Date) -> Key {
    Key::new(
        format!("EVENT#OF#{learner}"),
        format!("DAYS#{:04}-{:02}", day.year(), day.month()),
    )
}

pub(super) fn days_of(learner: &LearnerId) -> Range {
    Range::prefix(format!("EVENT#OF#{learner}"), "DAYS#")
}

/// The lesson of a progress row.
pub(super) fn lesson_of_progress(sk: &str) -> Option<&str> {
    sk.strip_prefix("LESSON#")
}

pub(super) fn learner_of(email: &Email) -> Key {
    mapping_of(&email.hash())
}

/// What leads from an address to its learner. `address` is its SHA-256 in hex.
pub(super) fn mapping_of(address: &str) -> Key {
    Key::new(format!("EMAIL#{address}"), "LEARNER")
}

/// `address` is an address's SHA-256 in hex.
pub(super) fn link_of(address: &str) -> Key {
    Key::new(format!("EMAIL#{address}"), "LINK")
}

pub(super) fn link(token: &SecretHash) -> Key {
    Key::new(format!("LINK#{}", token.as_str()), "LINK")
}

fn lesson_partition(lesson: &LessonRef) -> String {
    format!("LESSON#{lesson}")
}

pub(super) fn comment(lesson: &LessonRef, id: &CommentId) -> Key {
    Key::new(lesson_partition(lesson), format!("COMMENT#{}", id.as_str()))
}

/// The comments of a lesson.
pub(super) fn thread(lesson: &LessonRef) -> Range {
    Range::prefix(lesson_partition(lesson), "COMMENT#")
}

/// How many comments a lesson has room for no more.
pub(super) fn places(lesson: &LessonRef) -> Key {
    Key::new(lesson_partition(lesson), "PLACES")
}

pub(super) fn comment_at(id: &CommentId) -> Key {
    Key::new(format!("COMMENT#{}", id.as_str()), "AT")
}

/// What was decided about a comment with this revision; written out, so that it sorts as a number.
pub(super) fn decided(id: &CommentId, revision: u64) -> Key {
    Key::new(
        format!("COMMENT#{}", id.as_str()),
        format!("AUDIT#{revision:020}"),
    )
}

pub(super) fn trail(id: &CommentId) -> Range {
    Range::prefix(format!("COMMENT#{}", id.as_str()), "AUDIT#")
}

pub(super) fn queued(id: &CommentId) -> Key {
    Key::new("QUEUE", format!("COMMENT#{}", id.as_str()))
}

pub(super) fn queue() -> Range {
    Range::prefix("QUEUE".to_owned(), "COMMENT#")
}

/// The comment of a row of the queue, or of a report.
pub(super) fn comment_in(sk: &str) -> Option<CommentId> {
    let id = sk.split('#').nth(1)?;
    CommentId::parse(id)
}

pub(super) fn standing(learner: &LearnerId) -> Key {
    Key::new(learner_partition(learner), "STANDING")
}

pub(super) fn report(learner: &LearnerId, comment: &CommentId) -> Key {
    Key::new(
        learner_partition(learner),
        format!("REPORT#{}", comment.as_str()),
    )
}

pub(super) fn reports_of(learner: &LearnerId) -> Range {
    Range::prefix(learner_partition(learner), "REPORT#")
}

/// By which a learner asks for no more mails about answers.
pub(super) fn unsubscribe(learner: &LearnerId, secret: &SecretHash) -> Key {
    Key::new(
        learner_partition(learner),
        format!("UNSUBSCRIBE#{}", secret.as_str()),
    )
}

/// How far authors were told of what waits.
pub(super) fn digest() -> Key {
    Key::new("DIGEST", "PROGRESS")
}

/// What an author decided, with the revision that came of it.
pub(super) fn decision(author: &LearnerId, comment: &CommentId, revision: u64) -> Key {
    Key::new(
        learner_partition(author),
        format!("DECISION#{}#{revision:020}", comment.as_str()),
    )
}

pub(super) fn decisions_of(author: &LearnerId) -> Range {
    Range::prefix(learner_partition(author), "DECISION#")
}

fn month(day: Date) -> String {
    format!("LEDGER#{:04}-{:02}", day.year(), day.month())
}

/// Nanoseconds written out, so that the order of texts is the order of times.
fn sortable(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// The row of the entries that were booked at one instant with one version of an order.
pub(super) fn ledger(at: Timestamp, order: &OrderId, version: u64) -> Key {
    Key::new(
        month(at.to_zoned(TimeZone::UTC).date()),
        format!("{}#{order}/{version}", sortable(at)),
    )
}

/// The ledger rows of the UTC days `from..=to`: one run per month, oldest first.
pub(super) fn ledger_between(from: Date, to: Date) -> Vec<Range> {
    let mut ranges = Vec::new();
    let mut first = from.first_of_month();
    while first <= to {
        ranges.push(Range {
            pk: month(first),
            from: format!("{from}T"),
            to: format!("{to}T{HIGHEST}"),
        });
        match first.checked_add(1.month()) {
            Ok(next) => first = next,
            Err(_) => break,
        }
    }
    ranges
}

/// Says that no mail goes to an address. `address` is its SHA-256 in hex.
pub(super) fn suppressed(address: &str) -> Key {
    Key::new(format!("EMAIL#{address}"), "SUPPRESSED")
}

/// How far the comparison with the payment provider has got.
pub(super) fn reconciliation() -> Key {
    Key::new("RECONCILIATION", "PROGRESS")
}

const OUTBOX: &str = "OUTBOX";

pub(super) fn mail(key: &str) -> Key {
    Key::new(OUTBOX, named(key))
}

pub(super) fn outbox() -> Range {
    Range::prefix(OUTBOX.to_owned(), "NAME#")
}

pub(super) fn quarantine(key: &str) -> Key {
    Key::new("QUARANTINE", named(key))
}

pub(super) fn quarantined() -> Range {
    Range::prefix("QUARANTINE".to_owned(), "NAME#")
}

/// Made by somebody else, so it may be empty or long: neither is a sort key.
fn named(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        format!("NAME#{name}")
    } else {
        format!("NAME#{}", hex::encode(Sha256::digest(name)))
    }
}

/// The row of a batch of events with these ids. The ids alone decide: the same batch sent again
/// carries the same ids, though the server stamps other times on some of its events.
pub(super) fn events<'a>(day: Date, ids: impl Iterator<Item = &'a str>) -> Key {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    let mut hash = Sha256::new();
    for id in ids {
        hash.update(id);
        hash.update([0]);
    }
    let digest = hash.finalize();
    let shard = digest.first().copied().unwrap_or(0);
    Key::new(
        event_partition(day, shard),
        format!("{:02}#{}", day.day(), hex::encode(digest)),
    )
}

/// How much was dropped on a day of which nothing was kept. Any byte will do for `chance`: it spreads the counting.
pub(super) fn dropped(day: Date, chance: u8) -> Key {
    Key::new(
        event_partition(day, chance),
        format!("{:02}#DROPPED", day.day()),
    )
}

/// The day of the month of an event row.
pub(super) fn day_of_batch(key: &Key) -> Option<Date> {
    let (month, _) = key.pk.strip_prefix("EVENT#")?.split_once('#')?;
    let (day, _) = key.sk.split_once('#')?;
    format!("{month}-{day}").parse().ok()
}

fn event_partition(day: Date, number: u8) -> String {
    let shard = number % EVENT_SHARDS;
    format!("EVENT#{:04}-{:02}#{shard}", day.year(), day.month())
}

/// The event rows of the days `from..=to`: a range for each month and shard.
pub(super) fn events_between(from: Date, to: Date) -> impl Iterator<Item = Range> {
    let months = from
        .first_of_month()
        .series(1.month())
        .take_while(move |month| *month <= to && from <= to);
    months.flat_map(move |month| {
        let (first, last) = (from.max(month), to.min(month.last_of_month()));
        (0..EVENT_SHARDS).map(move |shard| Range {
            pk: event_partition(month, shard),
            from: format!("{:02}#", first.day()),
            to: format!("{:02}#{HIGHEST}", last.day()),
        })
    })
}

/// In the ephemeral table.
pub(super) fn daily_secret(day: Date) -> Key {
    Key::new(format!("SECRET#{day}"), "SECRET")
}

/// In the ephemeral table. The id itself is what erasure is to remove.
pub(super) fn erased(learner: &LearnerId) -> Key {
    let digest = hex::encode(Sha256::digest(learner.as_str()));
    Key::new(format!("ERASED#{digest}"), "ERASED")
}

/// In the ephemeral table.
pub(super) fn counter(key: &str) -> Key {
    Key::new(format!("COUNT#{key}"), "COUNT")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn the_order_of_ledger_keys_is_the_order_of_time() {
        let times = [
            "2026-01-31T23:59:59Z",
            "2026-01-31T23:59:59.5Z",
            "2026-01-31T23:59:59.500000001Z",
            "2026-02-01T00:00:00Z",
        ];
        let keys: Vec<String> = times
            .iter()
            .map(|time| sortable(time.parse().unwrap()))
            .collect();
        assert!(keys.is_sorted(), "{keys:?}");
    }

    #[test]
    fn a_ledger_window_touches_the_months_it_lies_in() {
        let ranges = ledger_between(date("2026-11-30"), date("2027-01-01"));
        let months: Vec<&str> = ranges.iter().map(|range| range.pk.as_str()).collect();
        assert_eq!(
            months,
            ["LEDGER#2026-11", "LEDGER#2026-12", "LEDGER#2027-01"]
        );
        let first = &ranges[0];
        let inside = sortable("2026-11-30T00:00:00Z".parse().unwrap());
        let last = sortable("2027-01-01T23:59:59.999999999Z".parse().unwrap());
        let outside = sortable("2027-01-02T00:00:00Z".parse().unwrap());
        assert!(first.from < inside && last < first.to && first.to < outside);
    }

    #[test]
    fn a_batch_has_one_key_however_its_events_are_ordered() {
        let day = date("2026-05-01");
        let key = |ids: &[&str]| events(day, ids.iter().copied());
        assert_eq!(key(&["a", "b"]), key(&["b", "a"]));
        assert_ne!(key(&["a", "b"]), key(&["ab"]));
    }

    #[test]
    fn a_second_of_a_hot_page_leaves_every_partition_room() {
        let mut units = BTreeMap::new();
        for number in 0..2_000 {
            // Two units for each, as if every row passed a kilobyte; ids as browsers and as scripts make them.
            for id in [
                format!("{number}"),
                format!("0190a6e0-0000-7000-8000-{number:012x}"),
            ] {
                let key = events(date("2026-05-01"), [id.as_str()].into_iter());
                *units.entry((id.len() > 20, key.pk)).or_insert(0) += 2;
            }
            let chance = u8::try_from(number % 256).unwrap();
            let key = dropped(date("2026-05-01"), chance);
            *units.entry((false, key.pk)).or_insert(0) += 1;
        }
        assert_eq!(units.len(), 2 * usize::from(EVENT_SHARDS));
        assert!(units.values().all(|units| *units < 1_000), "{units:?}");
    }

    #[test]
    fn event_rows_are_found_by_the_days_of_their_month() {
        let ranges: Vec<Range> = events_between(date("2026-11-30"), date("2027-01-02")).collect();
        assert_eq!(ranges.len(), 3 * usize::from(EVENT_SHARDS));
        let is_found = |key: &Key| {
            let holds =
                |range: &&Range| range.pk == key.pk && (&range.from..=&range.to).contains(&&key.sk);
            ranges.iter().filter(holds).count()
        };
        for (day, times) in [
            ("2026-11-29", 0),
            ("2026-11-30", 1),
            ("2026-12-01", 1),
            ("2026-12-31", 1),
            ("2027-01-02", 1),
            ("2027-01-03", 0),
        ] {
            for shard in 0..=u8::MAX {
                let key = dropped(date(day), shard);
                assert_eq!(is_found(&key), times, "{key:?}");
                assert_eq!(day_of_batch(&key), Some(date(day)));
            }
            let key = events(date(day), ["a", "b"].into_iter());
            assert_eq!(is_found(&key), times, "{key:?}");
            assert_eq!(day_of_batch(&key), Some(date(day)));
        }
        let none = events_between(date("2026-05-02"), date("2026-05-01"));
        assert_eq!(none.count(), 0);
    }

    #[test]
    fn a_row_of_a_learner_tells_what_it_is() {
        let learner = LearnerId::parse(&"0f".repeat(16)).unwrap();
        let id = OrderId::parse("cs_test_1").unwrap();
        for key in [entitlement(&learner, &id), bought(&learner, &id)] {
            assert_eq!(OfLearner::of(&key.sk), OfLearner::Order(id.clone()));
        }
        assert_eq!(OfLearner::of(&profile(&learner).sk), OfLearner::Profile);
        let secret = SecretHash::parse(&"a".repeat(64)).unwrap();
        let session = session(&learner, &secret);
        assert_eq!(OfLearner::of(&session.sk), OfLearner::Other);
        let former = former_address(&learner, "ab");
        assert_eq!(
            OfLearner::of(&former.sk),
            OfLearner::Former("ab".to_owned())
        );
    }
}
