//! Every kind of row that there is: whether a learner finds it in their export, or why not; and
//! that nothing of them is left in any after erasure. The kinds are those of the table in
//! `keys.rs`: one that is added there and not here fails.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tuition_domain::access::{
    AccessPorts, Account, Changed, Consent, NewAddress, Profile, erase_account, export_account,
};
use tuition_domain::checkout::{Attempt, Letter, Order, Progress, Quarantine};
use tuition_domain::comments::{
    Comment, CommentChange, CommentWritten, Decided, Decision, DigestProgress, Moderation, Standing,
};
use tuition_domain::email::Email;
use tuition_domain::identity::{LearnerId, SessionToken};
use tuition_domain::metrics::{Event, EventKind, Segment, Who};
use tuition_domain::outbox::QueuedMail;
use tuition_domain::ports::{
    Added, AddressChanges as _, Comments as _, Counters as _, DailySecrets as _, Events as _,
    Learners as _, Links as _, Orders as _, ProgressBook as _, Reconciliations as _, Sessions as _,
    Suppressions as _, Written,
};

use crate::sample;
use crate::sign_in;
use crate::stage::Stage;
use crate::world::World;

const KEYS: &str = include_str!("../../src/table/keys.rs");

/// What becomes of a kind of row in an export.
enum Told {
    /// A member of the export tells it.
    In(&'static str),
    /// It is no fact about a learner that they could not have otherwise.
    Not(&'static str),
}
use Told::{In, Not};

const LEADS: &str = "a hash that leads to a row which is exported";
const NOBODY: &str = "names nobody";

#[rustfmt::skip]
const KINDS: [(&str, &str, Told); 34] = [
    ("ORDER#⟨order⟩", "ORDER", In("/orders/0/title")),
    ("BROWSER#⟨hash⟩", "ATTEMPT#⟨key hash⟩", Not("a hash of a browser's secret, for 24 hours; what it became is an order")),
    ("LEARNER#⟨learner⟩", "PROFILE", In("/account/consents/0/given_at")),
    ("LEARNER#⟨learner⟩", "ENTITLEMENT#⟨order⟩", In("/entitlements/0/offer")),
    ("LEARNER#⟨learner⟩", "ORDER#⟨order⟩", In("/orders/1/title")),
    ("LEARNER#⟨learner⟩", "SESSION#⟨secret hash⟩", In("/sessions/0/used_at")),
    ("LEARNER#⟨learner⟩", "ADDRESS", In("/address_change/email")),
    ("LEARNER#⟨learner⟩", "FORMER#⟨SHA-256⟩", Not("the hash of an address that they had, for 60 days: the address itself is kept nowhere")),
    ("LEARNER#⟨learner⟩", "COMMENT#⟨comment⟩", Not(LEADS)),
    ("LEARNER#⟨learner⟩", "STANDING", In("/discussion/standing/trusted")),
    ("LEARNER#⟨learner⟩", "REPORT#⟨comment⟩", In("/discussion/reports/0/comment")),
    ("LEARNER#⟨learner⟩", "DECISION#⟨comment⟩#⟨revision⟩", In("/discussion/decisions/0/decision")),
    ("LEARNER#⟨learner⟩", "UNSUBSCRIBE#⟨secret hash⟩", Not("the hash of a secret that stands in a mail of theirs")),
    ("PROGRESS#⟨learner⟩", "LESSON#⟨course/lesson⟩", In("/reading/0/segments/0")),
    ("EVENT#OF#⟨learner⟩", "DAYS#⟨yyyy-mm⟩", Not("the days on which there are events that are exported")),
    ("EMAIL#⟨SHA-256⟩", "LEARNER", Not(LEADS)),
    ("EMAIL#⟨SHA-256⟩", "FORMER", Not("the hash of an address that they had, for 60 days: the address itself is kept nowhere")),
    ("EMAIL#⟨SHA-256⟩", "LINK", In("/sign_in_link/expires_at")),
    ("LINK#⟨token hash⟩", "LINK", Not(LEADS)),
    ("LESSON#⟨course/lesson⟩", "COMMENT#⟨comment⟩", In("/comments/0/body")),
    ("LESSON#⟨course/lesson⟩", "PLACES", Not(NOBODY)),
    ("COMMENT#⟨comment⟩", "AT", Not(LEADS)),
    ("COMMENT#⟨comment⟩", "AUDIT#⟨revision⟩", Not("what was decided, and when, without a name; who decided finds it among their decisions")),
    ("QUEUE", "COMMENT#⟨comment⟩", Not("that a comment which is exported waits for an author's look")),
    ("EMAIL#⟨SHA-256⟩", "SUPPRESSED", In("/mail_held_back_until")),
    ("LEDGER#⟨yyyy-mm⟩", "⟨time⟩#⟨order⟩/⟨version⟩", In("/orders/0/ledger/0/amount")),
    ("OUTBOX", "NAME#⟨mail⟩", In("/mails/0/letter")),
    ("DIGEST", "PROGRESS", Not(NOBODY)),
    ("RECONCILIATION", "PROGRESS", Not(NOBODY)),
    ("QUARANTINE", "NAME#⟨key⟩", Not("the id of an order, and which of its figures differ")),
    ("EVENT#⟨yyyy-mm⟩#⟨shard 0–7⟩", "⟨dd⟩#⟨SHA-256 of event ids⟩", In("/events/0/type")),
    ("EVENT#⟨yyyy-mm⟩#⟨shard 0–7⟩", "⟨dd⟩#DROPPED", Not(NOBODY)),
    ("SECRET#⟨day⟩", "SECRET", Not(NOBODY)),
    ("ERASED#⟨SHA-256 of learner⟩", "ERASED", Not("the hash of a learner who is no more, for 25 hours")),
];

/// In the ephemeral table: what is counted is hashed together with its hour, for two hours.
const COUNTER: (&str, &str) = ("COUNT#⟨limit#window hash⟩", "COUNT");

type Kind = (String, String);

/// The kinds that the table of keys names.
fn documented() -> BTreeSet<Kind> {
    let rows = KEYS.lines().filter_map(|line| line.strip_prefix("//! | `"));
    rows.map(|row| {
        let mut cells = row.split(" | ");
        let mut next = || cells.next().unwrap().trim_matches('`').to_owned();
        (next(), next())
    })
    .collect()
}

/// The kind that a key is of: of several that fit, the one that says most about it.
fn kind_of(pk: &str, sk: &str) -> Option<Kind> {
    let kinds = documented().into_iter().filter_map(|kind| {
        let fixed = fixed(&kind.0, pk)? + fixed(&kind.1, sk)?;
        Some((fixed, kind))
    });
    kinds.max_by_key(|(fixed, _)| *fixed).map(|(_, kind)| kind)
}

/// How many bytes of a text are as its pattern has them; `None` if the text is not of this pattern.
fn fixed(pattern: &str, text: &str) -> Option<usize> {
    let mut pieces = pattern.split('⟨').map(|piece| match piece.split_once('⟩') {
        Some((_, fixed)) => fixed,
        None => piece,
    });
    let mut count = 0;
    let first = pieces.next()?;
    let mut rest = text.strip_prefix(first)?;
    count += first.len();
    let pieces: Vec<&str> = pieces.collect();
    if pieces.is_empty() {
        return rest.is_empty().then_some(count);
    }
    for (at, piece) in pieces.iter().enumerate() {
        // A variable is never empty.
        let mut letters = rest.chars();
        letters.next()?;
        let after = letters.as_str();
        let found = match at + 1 == pieces.len() {
            true => rest
                .len()
                .checked_sub(piece.len())
                .filter(|_| after.ends_with(piece)),
            false => after
                .find(piece)
                .map(|found| found + rest.len() - after.len()),
        }?;
        rest = &rest[found + piece.len()..];
        count += piece.len();
    }
    Some(count)
}

#[test]
fn a_key_is_of_the_kind_that_says_most_about_it() {
    let of = |pk: &str, sk: &str| kind_of(pk, sk).map(|kind| kind.1);
    assert_eq!(of("EVENT#2026-05#3", "04#DROPPED").unwrap(), "⟨dd⟩#DROPPED");
    assert_eq!(
        of("EVENT#2026-05#3", "04#00ff").unwrap(),
        "⟨dd⟩#⟨SHA-256 of event ids⟩"
    );
    assert_eq!(
        of("EVENT#OF#00ff", "DAYS#2026-05").unwrap(),
        "DAYS#⟨yyyy-mm⟩"
    );
    assert_eq!(of("QUEUE", "COMMENT#1").unwrap(), "COMMENT#⟨comment⟩");
    assert_eq!(of("QUEUE", "COMMENT#"), None);
    assert_eq!(of("QUEUES", "COMMENT#1"), None);
    assert_eq!(of("ORDER#1", "ORDERS"), None);
}

#[test]
fn every_kind_of_row_is_told_or_said_why_not() {
    let mut listed: BTreeSet<Kind> = KINDS
        .iter()
        .map(|(pk, sk, _)| ((*pk).to_owned(), (*sk).to_owned()))
        .collect();
    assert_eq!(listed.len(), KINDS.len());
    listed.insert((COUNTER.0.to_owned(), COUNTER.1.to_owned()));
    assert_eq!(listed, documented());
}

struct Life {
    world: World,
    ports: AccessPorts,
    _stage: Stage,
    account: Account,
    /// What a row must not hold once they are erased.
    traces: Vec<String>,
}

impl Life {
    /// A learner of whom there is a row of every kind.
    async fn lived() -> Self {
        let stage = Stage::start().await;
        let ports = sign_in::ports(&stage).await;
        let world = World::at(&stage.stand_ins.dynamodb_url());
        let table = &world.table;
        let (old, email, wanted) = (
            sample::email("old"),
            sample::email("now"),
            sample::email("to"),
        );
        let id = sample::account(table.as_ref(), &old).await;
        let profile = moved(&world, &id, &old, &email).await;
        let [paid, begun] = bought(&world, &id, &email).await;
        let comment = wrote(&world, &id).await;
        let (session, secret) = sample::session(&id, 1);
        table.save_session(&session).await.unwrap();
        let link = sample::link(&email);
        table.save_link(&link).await.unwrap();
        let change = sample::change(&id, &email, &wanted);
        table.save_change(&change).await.unwrap();
        table.suppress(&email, sample::later(99)).await.unwrap();
        others(&world).await;
        // Of an address that they left, only the hash is kept.
        let mut traces = vec![
            email.as_str().to_owned(),
            email.hash(),
            old.hash(),
            wanted.as_str().to_owned(),
        ];
        traces.extend([
            id.to_string(),
            profile.name.clone(),
            comment.body,
            link.token.as_str().to_owned(),
            session.secret.as_str().to_owned(),
            paid.browser.as_str().to_owned(),
            begun.browser.as_str().to_owned(),
        ]);
        let token = SessionToken { owner: id, secret };
        let reader = tuition_domain::access::reader(&ports.reader, &token).await;
        Self {
            account: reader.unwrap().unwrap().into_account().unwrap(),
            world,
            ports,
            _stage: stage,
            traces,
        }
    }

    async fn rows(&self) -> Vec<(String, String, String)> {
        let mut rows = Vec::new();
        for table in ["shop", "shop-ephemeral"] {
            for row in self.world.rows(table).await {
                let key = |name: &str| row[name].as_s().unwrap().clone();
                rows.push((key("pk"), key("sk"), format!("{row:?}")));
            }
        }
        rows
    }
}

/// The learner with a name, a consent, and an address that is not their first.
async fn moved(world: &World, id: &LearnerId, old: &Email, new: &Email) -> Profile {
    let change = sample::change(id, old, new);
    world.table.save_change(&change).await.unwrap();
    let stored = world.table.profile(id).await.unwrap().unwrap();
    let profile = Profile {
        email: new.clone(),
        name: "Quite-Unusual Name".to_owned(),
        consents: vec![Consent {
            name: "newsletter".to_owned(),
            given_at: sample::now(),
        }],
        revision: stored.revision + 1,
        ..stored
    };
    let moved = NewAddress {
        change,
        profile: profile.clone(),
        now: sample::now(),
        former_until: sample::later(60 * 86_400),
        notices: Vec::new(),
        leased: sample::later(120),
    };
    let done = world.table.move_learner(&moved).await.unwrap();
    assert_eq!(done, Changed::Yes);
    profile
}

/// An order that is paid, and one that was begun while signed in.
async fn bought(world: &World, id: &LearnerId, email: &Email) -> [Order; 2] {
    let paid = sample::order();
    let begun = Order {
        buyer: Some(id.clone()),
        created_at: sample::later(1),
        ..sample::order()
    };
    for order in [&paid, &begun] {
        let done = Attempt {
            opened: Some(sample::opened(order)),
            ..sample::attempt("a")
        };
        let key = sample::attempt_key();
        world.table.open_order(order, &key, &done).await.unwrap();
    }
    let change = sample::paid(&paid, id, Some(email));
    let about = change.mail.as_ref().unwrap();
    let receipt = QueuedMail::of(&change.order, Letter::Receipt, email.clone());
    assert_eq!(*about, receipt);
    let written = world.table.commit(&change, sample::now()).await.unwrap();
    assert_eq!(written, Written::Yes);
    [paid, begun]
}

/// A comment, and what was read.
async fn wrote(world: &World, id: &LearnerId) -> Comment {
    let lesson = sample::lesson("traits");
    let fresh = sample::comment(&lesson, id, 0);
    let comment = Comment {
        body: "An unmistakable question?".to_owned(),
        moderation: Moderation {
            queued: true,
            ..fresh.moderation.clone()
        },
        ..fresh
    };
    let table = &world.table;
    let added = table.add_comment(&comment, None).await.unwrap();
    assert_eq!(added, Added::Yes);
    discussed(world, id).await;
    let segment = Segment { from: 0, to: 10 };
    table
        .cover(id, &lesson, segment, sample::now())
        .await
        .unwrap();
    let day = sample::now().to_zoned(TimeZone::UTC).date();
    table.note_day(id, day).await.unwrap();
    let active = Event {
        id: format!("active/{id}/{day}"),
        at: sample::now(),
        who: Who::Learner(id.clone()),
        kind: EventKind::Active,
    };
    let events = [active, sample::view("seen-by-somebody")];
    let batch = sample::batch(&events, sample::now());
    table.append(&batch).await.unwrap();
    comment
}

/// A comment of somebody else that they reported, and decided about as an author.
async fn discussed(world: &World, id: &LearnerId) {
    let table = &world.table;
    let before = sample::comment(&sample::lesson("traits"), &sample::learner(), 1);
    let added = table.add_comment(&before, None).await.unwrap();
    assert_eq!(added, Added::Yes);
    let change = CommentChange {
        decided: Some(Decided {
            by: id.clone(),
            decision: Decision::Approve,
            at: sample::now(),
        }),
        reported_by: Some((id.clone(), sample::now())),
        ..CommentChange::of(before.clone(), before.next())
    };
    let written = table.change_comment(&change).await.unwrap();
    assert_eq!(written, CommentWritten::Yes);
    let trusted = Standing {
        trusted: true,
        ..Standing::default()
    };
    let secret = sample::session(id, 9).0.secret;
    let until = sample::later(99);
    table.save_unsubscribe(id, &secret, until).await.unwrap();
    let written = table.save_standing(id, &trusted.next()).await.unwrap();
    assert_eq!(written, Written::Yes);
}

/// What there is besides, of nobody.
async fn others(world: &World) {
    let table = &world.table;
    let day = sample::now().to_zoned(TimeZone::UTC).date();
    table.save_progress(&Progress::default()).await.unwrap();
    let item = Quarantine {
        key: "evt_1".to_owned(),
        reason: "amount differs".to_owned(),
        at: sample::now(),
    };
    table.quarantine(&item).await.unwrap();
    let mut nothing = sample::batch(&[], sample::now());
    nothing.dropped.events = 1;
    table.append(&nothing).await.unwrap();
    assert!(
        table
            .take_place(&sample::lesson("traits"), 9)
            .await
            .unwrap()
    );
    let digest = DigestProgress {
        revision: 1,
        ..DigestProgress::default()
    };
    let written = table.save_digest(&digest, &[], sample::now()).await;
    assert_eq!(written.unwrap(), Written::Yes);
    table.daily_secret(day, [1; 32]).await.unwrap();
    table.count("a", "b", sample::later(60)).await.unwrap();
    table
        .erase(&sample::erasure(&sample::learner()))
        .await
        .unwrap();
}

#[tokio::test]
async fn everything_that_is_stored_of_a_learner_is_in_their_export() {
    let life = Life::lived().await;
    let export = export_account(&life.ports, &life.account).await.unwrap();
    let export = serde_json::to_value(export).unwrap();
    let rows = life.rows().await;
    let mut seen: BTreeMap<Kind, usize> = BTreeMap::new();
    for (pk, sk, _) in &rows {
        let kind = kind_of(pk, sk);
        *seen
            .entry(kind.unwrap_or_else(|| panic!("{pk} {sk}")))
            .or_default() += 1;
    }
    for (pk, sk, told) in &KINDS {
        let kind = ((*pk).to_owned(), (*sk).to_owned());
        assert!(seen.contains_key(&kind), "no row of {kind:?} to look at");
        match told {
            In(pointer) => {
                let value = export.pointer(pointer).unwrap_or(&Value::Null);
                assert_ne!(*value, json!(null), "{pointer} in {export:#}");
            }
            Not(reason) => assert!(!reason.is_empty()),
        }
    }
    let orders = export["orders"].as_array().unwrap();
    let statuses: Vec<&Value> = orders.iter().map(|order| &order["status"]).collect();
    assert_eq!(statuses, ["paid", "open"]);
    assert_eq!(orders[0]["booked"]["gross"], 4900);
    assert_eq!(export["account"]["orders"].as_array().unwrap().len(), 1);
    assert_eq!(export["events"].as_array().unwrap().len(), 1, "only theirs");
    assert_eq!(export["mails"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_left_of_a_learner_in_any_row_and_their_last_mail_is_not_kept() {
    let life = Life::lived().await;
    let rows = life.rows().await;
    for trace in &life.traces {
        assert!(
            rows.iter().any(|(_, _, row)| row.contains(trace)),
            "{trace} to begin with"
        );
    }
    erase_account(&life.ports, &life.account).await.unwrap();
    for (pk, sk, row) in life.rows().await {
        // It names a browser and says nothing of whose it is.
        if pk.starts_with("BROWSER#") {
            continue;
        }
        for trace in &life.traces {
            assert!(!row.contains(trace.as_str()), "{trace} in {pk} {sk}: {row}");
        }
    }
    let rows = life.rows().await;
    let ledger = rows.iter().filter(|(pk, ..)| pk.starts_with("LEDGER#"));
    assert_eq!(ledger.count(), 1, "totals stay");
}
