//! Threads of any shape, under any moderation, read by anybody, while others write.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::comments::{LessonRef, Moderation, State};
use crate::identity::LearnerId;

fn id(n: usize) -> CommentId {
    CommentId::parse(&format!("{n:032x}")).unwrap()
}

fn learner(n: usize) -> LearnerId {
    LearnerId::parse(&format!("{n:032x}")).unwrap()
}

/// What is drawn for one comment.
#[derive(Debug, Clone)]
struct Drawn {
    /// Any number; below one of those before it, most of the time.
    parent: usize,
    writer: usize,
    state: u8,
    deleted: bool,
    question: bool,
    pinned: bool,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        0..20_usize,
        0..4_usize,
        0..6_u8,
        0..5_u8,
        any::<bool>(),
        0..8_u8,
    )
        .prop_map(|(parent, writer, state, deleted, question, pinned)| Drawn {
            parent,
            writer,
            state,
            deleted: deleted == 0,
            question,
            pinned: pinned == 0,
        })
}

fn comment(n: usize, drawn: &Drawn) -> Comment {
    let whole = Comment {
        id: id(n),
        lesson: LessonRef::parse("rust/traits").unwrap(),
        // Some answer nothing, some what is not there, and some even themselves or a later one.
        parent: (drawn.parent < 16).then(|| id(drawn.parent)),
        author: learner(drawn.writer),
        author_name: format!("writer {}", drawn.writer),
        by_author: drawn.writer == 0,
        by_owner: false,
        body: format!("text {n}"),
        html: format!("<p>text {n}</p>"),
        question: drawn.question,
        mistake: false,
        created_at: Timestamp::UNIX_EPOCH,
        edited_at: None,
        deleted: false,
        moderation: Moderation {
            state: match drawn.state {
                0 => State::Held,
                1 => State::Hidden,
                _ => State::Shown,
            },
            pinned: drawn.pinned,
            ..Moderation::default()
        },
        revision: 0,
    };
    if drawn.deleted {
        whole.removed()
    } else {
        whole
    }
}

fn thread() -> impl Strategy<Value = Vec<Comment>> {
    prop::collection::vec(drawn(), 0..24).prop_map(|all| {
        let all = all.iter().enumerate();
        all.map(|(n, drawn)| comment(n, drawn)).collect()
    })
}

fn order() -> impl Strategy<Value = Order> {
    prop::sample::select(vec![Order::Oldest, Order::Newest, Order::Questions])
}

/// 0: nobody; 9: an author of the site; else a learner.
fn onlooker(who: usize, ids: &[LearnerId]) -> Onlooker<'_> {
    Onlooker {
        id: ids.get(who),
        is_author: who == 9,
    }
}

fn pages(
    all: &[Comment],
    order: Order,
    most: usize,
    reader: Onlooker<'_>,
    mut between: impl FnMut(usize) -> Vec<Comment>,
) -> Vec<Vec<Comment>> {
    let mut all = all.to_vec();
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let found = sorted(all.clone(), order, after.as_ref(), most, reader);
        pages.push(found.page);
        match found.next {
            Some(next) => after = Some(Cursor::parse(&next.to_string(), order).unwrap()),
            None => return pages,
        }
        all.extend(between(pages.len()));
    }
}

proptest! {
    #[test]
    fn a_thread_is_a_forest_and_each_comment_stands_after_what_it_answers(
        all in thread(), order in order(), who in 0..10_usize,
    ) {
        let ids: Vec<_> = (0..4).map(learner).collect();
        let reader = onlooker(who, &ids);
        let found = sorted(all.clone(), order, None, 1000, reader);
        let mut met = BTreeSet::new();
        let ids: BTreeSet<_> = all.iter().map(|one| one.id.clone()).collect();
        for (at, one) in found.page.iter().enumerate() {
            prop_assert!(met.insert(one.id.clone()), "twice");
            let parent = one.parent.as_ref().filter(|id| ids.contains(*id));
            let before = parent.is_none_or(|parent| met.contains(parent) && *parent != one.id);
            // In a circle, one begins a conversation though it answers another of them.
            prop_assert!(before || in_a_circle(&all, &one.id), "{at}: {one:?}");
        }
        prop_assert!(found.next.is_none());
    }

    #[test]
    fn the_count_is_what_the_reader_sees_on_all_pages(
        all in thread(), order in order(), most in 1..6_usize, who in 0..10_usize,
    ) {
        let ids: Vec<_> = (0..4).map(learner).collect();
        let reader = onlooker(who, &ids);
        let count = sorted(all.clone(), order, None, 1, reader).count;
        let read: Vec<Comment> = pages(&all, order, most, reader, |_| Vec::new()).concat();
        prop_assert_eq!(read.iter().filter(|one| shown(one, reader)).count(), count);
        let whole = sorted(all, order, None, 1000, reader).page;
        prop_assert_eq!(read, whole, "pages are the whole, cut up");
    }

    #[test]
    fn what_is_written_meanwhile_moves_nothing(
        all in thread(), later in prop::collection::vec(drawn(), 0..8),
        order in order(), most in 1..6_usize, who in 0..10_usize,
    ) {
        let ids: Vec<_> = (0..4).map(learner).collect();
        let reader = onlooker(who, &ids);
        let whole = sorted(all.clone(), order, None, 1000, reader).page;
        let mut fresh = later.iter().enumerate().map(|(n, drawn)| comment(100 + n, drawn));
        let read = pages(&all, order, most, reader, |_| fresh.next().into_iter().collect());
        let old: Vec<_> = read.concat().into_iter().filter(|one| all.contains(one)).collect();
        // A place that nobody saw before may come to be seen, for what now stands below it.
        let old: Vec<_> = old.into_iter().filter(|one| whole.contains(one)).collect();
        prop_assert_eq!(old, whole);
    }

    #[test]
    fn what_is_not_for_a_reader_is_a_place_at_most(all in thread(), who in 0..10_usize) {
        let ids: Vec<_> = (0..4).map(learner).collect();
        let reader = onlooker(who, &ids);
        for one in &all {
            let text = shown(one, reader);
            prop_assert!(!(text && one.deleted));
            if text && one.moderation.state == State::Hidden {
                prop_assert!(reader.is_author);
            }
            if text && one.moderation.state == State::Held {
                prop_assert!(reader.is_author || reader.id == Some(&one.author));
            }
            if one.deleted {
                prop_assert!(one.body.is_empty() && one.html.is_empty() && one.author_name.is_empty());
            }
        }
    }
}

fn in_a_circle(all: &[Comment], of: &CommentId) -> bool {
    let parent = |id: &CommentId| all.iter().find(|one| one.id == *id)?.parent.clone();
    let mut at = parent(of);
    for _ in 0..all.len() {
        match at {
            Some(id) if id == *of => return true,
            Some(id) => at = parent(&id),
            None => return false,
        }
    }
    false
}

#[test]
fn conversations_come_in_the_order_asked_for_and_pinned_ones_first() {
    let plain = Drawn {
        parent: 99,
        writer: 1,
        state: 9,
        deleted: false,
        question: false,
        pinned: false,
    };
    let all = vec![
        comment(0, &plain),
        comment(
            1,
            &Drawn {
                question: true,
                ..plain.clone()
            },
        ),
        comment(2, &plain),
        comment(
            3,
            &Drawn {
                pinned: true,
                ..plain.clone()
            },
        ),
        comment(
            4,
            &Drawn {
                parent: 0,
                ..plain.clone()
            },
        ),
        comment(
            5,
            &Drawn {
                question: true,
                ..plain
            },
        ),
    ];
    let ids = |order| {
        let found = sorted(all.clone(), order, None, 9, Onlooker::default());
        let number = |one: &Comment| all.iter().position(|known| known == one).unwrap();
        found.page.iter().map(number).collect::<Vec<_>>()
    };
    assert_eq!(ids(Order::Oldest), [3, 0, 4, 1, 2, 5]);
    assert_eq!(ids(Order::Newest), [3, 5, 2, 1, 0, 4]);
    assert_eq!(ids(Order::Questions), [3, 5, 1, 2, 0, 4]);
}

#[test]
fn a_cursor_of_somebody_elses_making_is_none() {
    for text in ["", "0", "4.a.b", "0.x.y", "0..", "0.1.2.3"] {
        assert_eq!(Cursor::parse(text, Order::Oldest), None, "{text}");
    }
}
