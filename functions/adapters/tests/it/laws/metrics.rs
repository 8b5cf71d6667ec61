//! Events, progress, day secrets, counters.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tuition_domain::metrics::{Dropped, Event, EventBatch, EventKind, Mark, Place, Segment, Who};
use tuition_domain::ports::{Counters, DailySecrets, Events, ProgressBook};

use super::{CROWD, crowd};
use crate::sample;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

pub(crate) async fn a_batch_sent_twice_is_kept_once(store: Arc<impl Events + 'static>) {
    let learner = sample::learner();
    let batch = vec![
        sample::view("event-1"),
        Event {
            id: "event-2".to_owned(),
            at: sample::now(),
            who: Who::Learner(learner),
            kind: EventKind::Watch {
                lesson: "rust/traits".to_owned(),
                from: 0,
                to: 30,
            },
        },
    ];
    crowd(&store, |store, turn| {
        let mut batch = batch.clone();
        if turn % 2 == 1 {
            batch.reverse();
        }
        async move {
            let batch = sample::batch(&batch, sample::now());
            store.append(&batch).await.unwrap();
        }
    })
    .await;
    let today = day(sample::now());
    let mut kept = sample::events(store.as_ref(), today, today).await;
    kept.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(kept, batch);
}

pub(crate) async fn events_are_found_by_the_day_they_came(store: Arc<impl Events>) {
    let nothing = sample::batch(&[], sample::now());
    store.append(&nothing).await.unwrap();
    for back in 0..40_i64 {
        let received = sample::now() - SignedDuration::from_hours(24 * back);
        let event = sample::view(&format!("event-{back}"));
        let batch = sample::batch(&[event], received);
        store.append(&batch).await.unwrap();
    }
    let today = day(sample::now());
    let ids = async |from: Date, to: Date| -> BTreeSet<String> {
        let events = sample::events(store.as_ref(), from, to).await;
        events.into_iter().map(|event| event.id).collect()
    };
    let four_weeks = ids(date("2026-04-07"), today).await;
    let expected: BTreeSet<String> = (0..28).map(|back| format!("event-{back}")).collect();
    assert_eq!(four_weeks, expected);
    assert_eq!(ids(today, today).await.len(), 1);
    assert!(ids(date("2026-05-05"), today).await.is_empty());
}

pub(crate) async fn what_was_dropped_is_added_up_once_for_each_batch(
    store: Arc<impl Events + 'static>,
) {
    let batch = |id: Option<&str>, hours: i64, events: u64, members: u64| {
        let events_kept: Vec<Event> = id.map(sample::view).into_iter().collect();
        EventBatch {
            dropped: Dropped { events, members },
            ..sample::batch(&events_kept, sample::later(3600 * hours))
        }
    };
    // Of some nothing is kept: those leave no row each, and are counted by all at once.
    crowd(&store, |store, _| async move {
        store.append(&batch(None, 0, 3, 0)).await.unwrap();
    })
    .await;
    // Of others something is: those count once, however often they come.
    for (id, hours, events, members) in [("some", 0, 1, 2), ("more", 24, 0, 5), ("late", 48, 7, 0)]
    {
        for _ in 0..2 {
            let batch = batch(Some(id), hours, events, members);
            store.append(&batch).await.unwrap();
        }
    }
    let dropped = async |from: &str, to: &str| {
        let batches = sample::batches(store.as_ref(), date(from), date(to)).await;
        let sum = batches
            .iter()
            .fold(Dropped::default(), |sum, batch| sum.and(batch.dropped));
        (sum.events, sum.members)
    };
    let crowd_size = u64::try_from(CROWD).unwrap();
    let first = 3 * crowd_size + 1;
    assert_eq!(dropped("2026-05-04", "2026-05-04").await, (first, 2));
    assert_eq!(dropped("2026-05-04", "2026-05-05").await, (first, 7));
    assert_eq!(dropped("2026-05-04", "2026-06-30").await, (first + 7, 7));
    assert_eq!(dropped("2026-05-05", "2026-05-05").await, (0, 5));
    assert_eq!(dropped("2026-06-01", "2026-06-03").await, (0, 0));
}

pub(crate) async fn a_day_is_noted_once_for_each_learner(store: Arc<impl Events>) {
    let (learner, other) = (sample::learner(), sample::learner());
    let mut news = Vec::new();
    for (who, day) in [
        (&learner, "2026-05-04"),
        (&learner, "2026-05-04"),
        (&learner, "2026-05-05"),
        (&other, "2026-05-04"),
    ] {
        news.push(store.note_day(who, date(day)).await.unwrap());
    }
    assert_eq!(news, [true, false, true, true]);
}

pub(crate) async fn segments_may_come_twice_and_in_any_order(
    store: Arc<impl ProgressBook + 'static>,
) {
    let (learner, lesson) = (sample::learner(), sample::lesson("闭包"));
    crowd(&store, |store, turn| {
        let (learner, lesson) = (learner.clone(), lesson.clone());
        let from = u32::try_from(turn % 5).unwrap() * 10;
        async move {
            let segment = Segment {
                from,
                to: from + 10,
            };
            let covered = store
                .cover(&learner, &lesson, segment, sample::now())
                .await
                .unwrap();
            assert!(covered.segments.contains(&segment));
        }
    })
    .await;
    let all = store.coverage_of(&learner).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].lesson, lesson.as_str());
    let mut segments = all[0].segments.clone();
    segments.sort();
    let expected: Vec<Segment> = (0..5)
        .map(|n| Segment {
            from: n * 10,
            to: n * 10 + 10,
        })
        .collect();
    assert_eq!(segments, expected);
    // The same again changes nothing, not even the time.
    let again = store
        .cover(&learner, &lesson, expected[0], sample::later(60))
        .await
        .unwrap();
    assert_eq!(again.updated_at, sample::now());
}

pub(crate) async fn a_long_list_of_segments_keeps_its_seconds(store: Arc<impl ProgressBook>) {
    let (learner, lesson) = (sample::learner(), sample::lesson("long"));
    let mut last = None;
    for n in 0..200 {
        let segment = Segment {
            from: n * 5,
            to: n * 5 + 6,
        };
        let covered = store
            .cover(&learner, &lesson, segment, sample::now())
            .await
            .unwrap();
        last = Some(covered);
    }
    let covered = last.unwrap();
    assert!((covered.share(1001) - 1.0).abs() < f64::EPSILON);
    assert!(covered.segments.len() < 100, "{}", covered.segments.len());
}

pub(crate) async fn a_lesson_is_finished_once(store: Arc<impl ProgressBook>) {
    let (learner, lesson) = (sample::learner(), sample::lesson("end"));
    let segment = Segment { from: 0, to: 90 };
    let before = store
        .cover(&learner, &lesson, segment, sample::now())
        .await
        .unwrap();
    assert_eq!(before.finished_at, None);
    store
        .finish(&learner, &lesson, sample::later(1))
        .await
        .unwrap();
    store
        .finish(&learner, &lesson, sample::later(2))
        .await
        .unwrap();
    let after = store
        .cover(
            &learner,
            &lesson,
            Segment { from: 90, to: 95 },
            sample::later(3),
        )
        .await
        .unwrap();
    assert_eq!(after.finished_at, Some(sample::later(1)));
}

pub(crate) async fn the_latest_word_about_a_lesson_counts_whenever_it_comes(
    store: Arc<impl ProgressBook + 'static>,
) {
    let (learner, lesson) = (sample::learner(), sample::lesson("word"));
    let word = |turn: usize| Mark {
        done: turn % 2 == 1,
        at: sample::later(i64::try_from(turn).unwrap()),
    };
    let place = move |turn: usize| Place {
        heading: match turn {
            0 => String::new(),
            turn => format!("第-{turn}"),
        },
        at: word(turn).at,
    };
    crowd(&store, |store, turn| {
        let (learner, lesson) = (learner.clone(), lesson.clone());
        async move {
            let now = sample::later(1000);
            store
                .mark(&learner, &lesson, word(turn), now)
                .await
                .unwrap();
            let place = place(turn);
            store.stop(&learner, &lesson, &place, now).await.unwrap();
        }
    })
    .await;
    let all = store.coverage_of(&learner).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].mark, Some(word(CROWD - 1)));
    assert_eq!(all[0].place, Some(place(CROWD - 1)));
    assert_eq!(all[0].segments, []);
    // Another word of the same time is none, and reading goes on beside it.
    let mut same = word(CROWD - 1);
    same.done = !same.done;
    store
        .mark(&learner, &lesson, same, sample::later(2000))
        .await
        .unwrap();
    let segment = Segment { from: 0, to: 10 };
    let covered = store
        .cover(&learner, &lesson, segment, sample::later(3000))
        .await
        .unwrap();
    assert_eq!(covered.mark, Some(word(CROWD - 1)));
    assert_eq!(covered.segments, [segment]);
    assert_eq!(covered.updated_at, sample::later(3000));
}

pub(crate) async fn a_day_has_one_secret(store: Arc<impl DailySecrets + 'static>) {
    let today = date("2026-05-04");
    let secrets = crowd(&store, |store, turn| async move {
        let fresh = [u8::try_from(turn).unwrap(); 32];
        store.daily_secret(today, fresh).await.unwrap()
    })
    .await;
    assert!(secrets.iter().all(|secret| *secret == secrets[0]));
    let tomorrow = store
        .daily_secret(date("2026-05-05"), [99; 32])
        .await
        .unwrap();
    assert_eq!(tomorrow, [99; 32]);
}

pub(crate) async fn a_counter_counts_everybody(store: Arc<impl Counters + 'static>) {
    let until = sample::later(120);
    let mut got = crowd(&store, |store, _| async move {
        store.count("post#2", "post#1", until).await.unwrap()
    })
    .await;
    got.sort_unstable();
    let crowd_size = u64::try_from(CROWD).unwrap();
    let expected: Vec<(u64, u64)> = (1..=crowd_size).map(|n| (n, 0)).collect();
    assert_eq!(got, expected);
    let next = store.count("post#3", "post#2", until).await.unwrap();
    assert_eq!(next, (1, crowd_size));
}
