//! Progress on the model's store: what browsers tell, in any order, and what comes of it.

use jiff::{SignedDuration, Timestamp};
use tuition_domain::access::{Known, Progress, Told, export_account, hear_progress, me};
use tuition_domain::identity::LearnerId;
use tuition_domain::metrics::{Mark, Place};

use crate::access::signed_in;
use crate::model::shop::{Handler, Shop};
use crate::model::turns::run;

const ADDRESS: &str = "reader@x.example";

fn said(lesson: &str, done: bool, at: Timestamp) -> Told {
    Told {
        marks: vec![(lesson.to_owned(), Mark { done, at })],
        places: Vec::new(),
    }
}

fn stopped(lesson: &str, heading: &str, at: Timestamp) -> Told {
    let heading = heading.to_owned();
    Told {
        marks: Vec::new(),
        places: vec![(lesson.to_owned(), Place { heading, at })],
    }
}

fn hear(shop: &Shop, learner: &LearnerId, told: Told) -> Known {
    run(hear_progress(&shop.access(), learner, told)).unwrap()
}

fn only(known: &Known) -> &Progress {
    let [progress] = known.progress.as_slice() else {
        panic!("{known:?}");
    };
    progress
}

#[test]
fn of_two_words_about_a_lesson_the_later_one_counts_in_any_order() {
    let before = |shop: &Shop, seconds: i64| shop.now() - SignedDuration::from_secs(seconds);
    for turned in [false, true] {
        let shop = Shop::open(Handler::Ours);
        let reader = signed_in(&shop, ADDRESS, None).reader;
        let (earlier, later) = (before(&shop, 20), before(&shop, 10));
        let mut words = vec![
            said("rust/hello", true, earlier),
            said("rust/hello", false, later),
            stopped("rust/hello", "late", later),
            stopped("rust/hello", "early", earlier),
        ];
        if turned {
            words.reverse();
        }
        let mut known = Known {
            progress: Vec::new(),
            ignored: 0,
        };
        for told in words {
            known = hear(&shop, reader.id(), told);
        }
        let progress = only(&known);
        assert_eq!(progress.finished_at, None);
        assert_eq!(progress.marked_at, Some(later));
        assert_eq!(progress.heading.as_deref(), Some("late"));
        assert_eq!(progress.seen_at, Some(later));
        // The undone lesson stays undone for who brings the old word again.
        let again = hear(&shop, reader.id(), said("rust/hello", true, earlier));
        assert_eq!(again, known);
    }
}

#[test]
fn a_clock_that_is_ahead_does_not_outlive_now() {
    let shop = Shop::open(Handler::Ours);
    let reader = signed_in(&shop, ADDRESS, None).reader;
    let tomorrow = shop.now() + SignedDuration::from_hours(24);
    let known = hear(&shop, reader.id(), said("rust/hello", true, tomorrow));
    assert!(only(&known).marked_at.unwrap() <= shop.now());
    shop.advance(1);
    let known = hear(&shop, reader.id(), said("rust/hello", false, shop.now()));
    assert_eq!(only(&known).finished_at, None);
}

#[test]
fn what_is_about_no_lesson_is_counted_and_passed_over() {
    let shop = Shop::open(Handler::Ours);
    let reader = signed_in(&shop, ADDRESS, None).reader;
    let now = shop.now();
    let told = |lesson: &str, heading: &str| {
        let mut told = stopped(lesson, heading, now);
        told.marks = said(lesson, true, now).marks;
        told
    };
    for lesson in ["rust/gone", "gone/hello", "hello", "", "rust/hello/x"] {
        let known = hear(&shop, reader.id(), told(lesson, ""));
        assert_eq!((known.ignored, known.progress.len()), (2, 0), "{lesson}");
    }
    for heading in ["a b", "a\nb", &"x".repeat(301)] {
        let known = hear(&shop, reader.id(), stopped("rust/hello", heading, now));
        assert_eq!((known.ignored, known.progress.len()), (1, 0), "{heading}");
    }
    let known = hear(&shop, reader.id(), told("rust/hello", ""));
    assert_eq!(known.ignored, 0);
    assert_eq!(only(&known).heading.as_deref(), Some(""));
}

#[test]
fn the_account_shows_and_exports_what_was_said() {
    let shop = Shop::open(Handler::Ours);
    let account = signed_in(&shop, ADDRESS, None).reader.into_account();
    let account = account.unwrap();
    let id = &account.profile.id;
    let lessons = ["rust/hello", "rust/ownership"];
    for lesson in lessons {
        let known = hear(&shop, id, said(lesson, true, shop.now()));
        assert_eq!(known.ignored, 0);
    }
    hear(&shop, id, stopped("rust/ownership", "moves", shop.now()));
    let shown = run(me(&shop.access(), &account)).unwrap();
    assert!(shown.progress.iter().all(|one| one.finished_at.is_some()));
    assert_eq!(shown.completed.len(), 1, "a course is completed by word");
    let export = run(export_account(&shop.access(), &account)).unwrap();
    let mut reading = export.reading;
    reading.sort_by(|a, b| a.lesson.cmp(&b.lesson));
    let told: Vec<_> = reading
        .iter()
        .map(|one| (one.lesson.as_str(), one.marked_done, one.heading.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("rust/hello", Some(true), None),
            ("rust/ownership", Some(true), Some("moves"))
        ]
    );
}
