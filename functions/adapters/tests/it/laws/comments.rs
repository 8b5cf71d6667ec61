//! Comments.

use std::sync::Arc;

use tuition_domain::comments::{
    Comment, CommentChange, CommentWritten, Decided, Decision, Standing, State,
};
use tuition_domain::ports::{Added, Comments, Written};

use super::{CROWD, crowd};
use crate::sample;

async fn add(store: &impl Comments, comment: &Comment) {
    assert_eq!(store.add_comment(comment, None).await.unwrap(), Added::Yes);
}

async fn change(store: &impl Comments, before: &Comment, after: &Comment) -> CommentWritten {
    let change = CommentChange::of(before.clone(), after.clone());
    store.change_comment(&change).await.unwrap()
}

pub(crate) async fn a_thread_is_all_that_stands_under_a_lesson(store: Arc<impl Comments>) {
    let (lesson, author) = (sample::lesson("特性"), sample::learner());
    let mut comments = Vec::new();
    for at in [3, 1, 2, 5, 4] {
        let comment = sample::comment(&lesson, &author, at);
        for _ in 0..2 {
            add(store.as_ref(), &comment).await;
        }
        let found = store.comment(&comment.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&comment));
        let found = store.comment_of(&lesson, &comment.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&comment));
        comments.push(comment);
    }
    let elsewhere = sample::comment(&sample::lesson("特性2"), &author, 0);
    add(store.as_ref(), &elsewhere).await;
    let found = store.comment_of(&lesson, &elsewhere.id).await.unwrap();
    assert_eq!(found, None);
    let gone = comments[0].removed();
    let written = change(store.as_ref(), &comments[0], &gone).await;
    assert_eq!(written, CommentWritten::Yes);
    comments[0] = gone;
    comments.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(store.thread(&lesson).await.unwrap(), comments);
}

pub(crate) async fn a_change_is_made_to_the_revision_that_was_read(store: Arc<impl Comments>) {
    let comment = sample::comment(&sample::lesson("revisions"), &sample::learner(), 0);
    let never_added = change(store.as_ref(), &comment, &comment.next()).await;
    assert_eq!(never_added, CommentWritten::Conflict);
    add(store.as_ref(), &comment).await;
    let (second, gone) = (comment.next(), comment.removed());
    assert_eq!(
        change(store.as_ref(), &comment, &gone).await,
        CommentWritten::Yes
    );
    assert_eq!(
        change(store.as_ref(), &comment, &second).await,
        CommentWritten::Conflict
    );
    assert_eq!(store.comment(&comment.id).await.unwrap(), Some(gone));
}

pub(crate) async fn a_lesson_has_as_many_places_as_are_said(store: Arc<impl Comments + 'static>) {
    let (lesson, other) = (sample::lesson("full"), sample::lesson("empty"));
    assert!(!store.take_place(&other, 0).await.unwrap());
    let taken = crowd(&store, |store, _| {
        let lesson = lesson.clone();
        async move { store.take_place(&lesson, 5).await.unwrap() }
    })
    .await;
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 5);
    assert!(!store.take_place(&lesson, 5).await.unwrap());
    // More room is room at once.
    assert!(store.take_place(&lesson, 6).await.unwrap());
    assert!(store.take_place(&other, 1).await.unwrap());
}

pub(crate) async fn comments_added_and_changed_at_once_are_all_there(
    store: Arc<impl Comments + 'static>,
) {
    let lesson = sample::lesson("busy");
    let added = crowd(&store, |store, _| {
        let comment = sample::comment(&lesson, &sample::learner(), 0);
        async move {
            add(store.as_ref(), &comment).await;
            comment
        }
    })
    .await;
    assert_eq!(store.thread(&lesson).await.unwrap().len(), CROWD);
    let done = crowd(&store, |store, turn| {
        let before = added[turn / 2].clone();
        async move { change(store.as_ref(), &before, &before.removed()).await }
    })
    .await;
    let yes = done.iter().filter(|one| **one == CommentWritten::Yes);
    assert_eq!(yes.count(), CROWD / 2, "each once");
}

pub(crate) async fn what_waits_is_listed_until_somebody_looked(store: Arc<impl Comments>) {
    let mut comment = sample::comment(&sample::lesson("queue"), &sample::learner(), 0);
    comment.moderation.queued = true;
    let of = async || {
        let queued = store.queued().await.unwrap();
        queued.into_iter().find(|one| one.id == comment.id)
    };
    add(store.as_ref(), &comment).await;
    let listed = of().await.unwrap();
    assert_eq!((&listed.lesson, listed.urgent), (&comment.lesson, false));
    let mut held = comment.next();
    held.moderation.state = State::Held;
    assert_eq!(
        change(store.as_ref(), &comment, &held).await,
        CommentWritten::Yes
    );
    assert!(of().await.unwrap().urgent);
    let gone = held.removed();
    assert_eq!(
        change(store.as_ref(), &held, &gone).await,
        CommentWritten::Yes
    );
    assert_eq!(of().await, None);
}

pub(crate) async fn whoever_is_banned_adds_nothing(store: Arc<impl Comments>) {
    let comment = sample::comment(&sample::lesson("banned"), &sample::learner(), 0);
    let banned = Standing {
        banned_at: Some(sample::now()),
        ..Standing::default()
    };
    let written = store.save_standing(&comment.author, &banned.next()).await;
    assert_eq!(written.unwrap(), Written::Yes);
    let added = store.add_comment(&comment, None).await.unwrap();
    assert_eq!(added, Added::Banned);
    assert_eq!(store.comment(&comment.id).await.unwrap(), None);
    let free = Standing {
        banned_at: None,
        ..banned.next()
    };
    let written = store.save_standing(&comment.author, &free.next()).await;
    assert_eq!(written.unwrap(), Written::Yes);
    add(store.as_ref(), &comment).await;
}

pub(crate) async fn a_learner_reports_a_comment_once(store: Arc<impl Comments>) {
    let comment = sample::comment(&sample::lesson("reported"), &sample::learner(), 0);
    add(store.as_ref(), &comment).await;
    let reporter = sample::learner();
    let report = |before: &Comment| CommentChange {
        reported_by: Some((reporter.clone(), sample::now())),
        ..CommentChange::of(before.clone(), before.next())
    };
    let first = report(&comment);
    let written = store.change_comment(&first).await.unwrap();
    assert_eq!(written, CommentWritten::Yes);
    let again = store.change_comment(&report(&first.after)).await.unwrap();
    assert_eq!(again, CommentWritten::ReportedBefore);
    let stored = store.comment(&comment.id).await.unwrap();
    assert_eq!(stored, Some(first.after), "the second one changed nothing");
    let traces = store.comment_traces(&reporter).await.unwrap();
    assert_eq!(traces.reports.len(), 1);
    assert_eq!(traces.reports[0].comment, comment.id);
}

pub(crate) async fn a_decision_leaves_a_trail_without_a_name(store: Arc<impl Comments>) {
    let comment = sample::comment(&sample::lesson("trail"), &sample::learner(), 0);
    add(store.as_ref(), &comment).await;
    let judge = sample::learner();
    let mut before = comment.clone();
    for decision in [Decision::Hide, Decision::Approve] {
        let change = CommentChange {
            decided: Some(Decided {
                by: judge.clone(),
                decision,
                at: sample::now(),
            }),
            ..CommentChange::of(before.clone(), before.next())
        };
        let written = store.change_comment(&change).await.unwrap();
        assert_eq!(written, CommentWritten::Yes);
        before = change.after;
    }
    let trail = store.trail(&comment.id).await.unwrap();
    let told: Vec<_> = trail.iter().map(|s| (s.revision, s.decision)).collect();
    assert_eq!(told, [(1, Decision::Hide), (2, Decision::Approve)]);
    assert!(!format!("{trail:?}").contains(judge.as_str()));
    let traces = store.comment_traces(&judge).await.unwrap();
    assert_eq!(traces.decisions.len(), 2);
}

pub(crate) async fn of_many_who_change_a_standing_one_is_first(
    store: Arc<impl Comments + 'static>,
) {
    let learner = sample::learner();
    let empty = store.standing(&learner).await.unwrap();
    assert_eq!(empty, Standing::default());
    let done = crowd(&store, |store, _| {
        let (learner, next) = (learner.clone(), empty.next());
        async move { store.save_standing(&learner, &next).await.unwrap() }
    })
    .await;
    let first = done.iter().filter(|one| **one == Written::Yes).count();
    assert_eq!(first, 1);
}

pub(crate) async fn a_comment_with_a_new_author_is_found_by_that_one(store: Arc<impl Comments>) {
    let (guest, learner) = (sample::learner(), sample::learner());
    let comment = sample::comment(&sample::lesson("adopted"), &guest, 0);
    add(store.as_ref(), &comment).await;
    let adopted = Comment {
        author: learner.clone(),
        ..comment.next()
    };
    let written = change(store.as_ref(), &comment, &adopted).await;
    assert_eq!(written, CommentWritten::Yes);
    assert!(store.comments_by(&guest).await.unwrap().is_empty());
    assert_eq!(store.comments_by(&learner).await.unwrap(), [adopted]);
}

pub(crate) async fn an_erased_author_has_no_comments(store: Arc<impl Comments>) {
    let (author, nobody) = (sample::learner(), sample::learner());
    let mut comments = Vec::new();
    for name in ["a", "b"] {
        let comment = sample::comment(&sample::lesson(name), &author, 0);
        add(store.as_ref(), &comment).await;
        comments.push(comment);
    }
    let mut found = store.comments_by(&author).await.unwrap();
    found.sort_by(|a, b| a.lesson.cmp(&b.lesson));
    assert_eq!(found, comments);
    for comment in &comments {
        let written = change(store.as_ref(), comment, &comment.erased(&nobody)).await;
        assert_eq!(written, CommentWritten::Yes);
    }
    assert!(store.comments_by(&author).await.unwrap().is_empty());
    let stored = store.comment(&comments[0].id).await.unwrap().unwrap();
    assert_eq!((stored.author, stored.deleted), (nobody, true));
}
