//! Decisions about one comment: in any order, by several authors at once, beside edits and reports.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::comments::{LessonRef, Moderation};

fn comment(state: State) -> Comment {
    Comment {
        id: CommentId::parse(&"0".repeat(32)).unwrap(),
        lesson: LessonRef::parse("rust/traits").unwrap(),
        parent: None,
        author: LearnerId::parse(&"1".repeat(32)).unwrap(),
        author_name: "Name".to_owned(),
        by_author: false,
        by_owner: false,
        body: "text".to_owned(),
        html: "<p>text</p>".to_owned(),
        question: true,
        mistake: false,
        created_at: Timestamp::UNIX_EPOCH,
        edited_at: None,
        deleted: false,
        moderation: Moderation {
            state,
            queued: true,
            ..Moderation::default()
        },
        revision: 0,
    }
}

fn request(decision: Decision, revision: Option<u64>) -> DecisionRequest {
    DecisionRequest {
        decision,
        revision,
        commit: None,
    }
}

const ALL: [Decision; 9] = [
    Decision::Approve,
    Decision::Hide,
    Decision::Delete,
    Decision::Ban,
    Decision::Unban,
    Decision::Pin,
    Decision::Unpin,
    Decision::Answered,
    Decision::Open,
];

/// How strict a comment is kept from readers.
fn strictness(comment: &Comment) -> u8 {
    match (comment.deleted, comment.moderation.state) {
        (true, _) => 3,
        (false, State::Hidden) => 2,
        (false, State::Held) => 1,
        (false, State::Shown) => 0,
    }
}

proptest! {
    /// Each author saw the comment once, and decides on that. Whoever comes first: it ends as
    /// strict as the strictest of them wanted it.
    #[test]
    fn of_decisions_at_once_the_strictest_is_left(
        held in any::<bool>(),
        decisions in prop::collection::vec(prop::sample::select(ALL.to_vec()), 1..6),
    ) {
        let seen = comment(if held { State::Held } else { State::Shown });
        let wanted = decisions.iter().filter_map(|decision| {
            let after = decided(&seen, &request(*decision, Some(seen.revision)), None).ok()?;
            (after.deleted || after.moderation.state == State::Hidden).then(|| strictness(&after))
        });
        let wanted = wanted.max();
        let mut stored = seen.clone();
        for decision in &decisions {
            if let Ok(after) = decided(&stored, &request(*decision, Some(seen.revision)), None) {
                stored = after;
            }
        }
        if let Some(wanted) = wanted {
            prop_assert_eq!(strictness(&stored), wanted, "{:?}", decisions);
        }
    }

    #[test]
    fn what_is_deleted_stays_deleted(
        decisions in prop::collection::vec(prop::sample::select(ALL.to_vec()), 0..8),
    ) {
        let mut stored = comment(State::Shown).removed();
        for decision in decisions {
            let seen = Some(stored.revision);
            if let Ok(after) = decided(&stored, &request(decision, seen), None) {
                stored = after;
            }
            prop_assert!(stored.deleted && stored.body.is_empty() && stored.html.is_empty());
        }
    }
}

#[test]
fn approval_is_for_what_the_author_saw() {
    let seen = comment(State::Held);
    let edited = seen.next();
    let approve = |of: &Comment, revision| decided(of, &request(Decision::Approve, revision), None);
    assert!(approve(&seen, Some(0)).is_ok());
    assert!(matches!(
        approve(&edited, Some(0)),
        Err(DecisionError::Changed)
    ));
    // Who does not say what they saw approves nothing.
    for state in [State::Shown, State::Held, State::Hidden] {
        let one = comment(state);
        assert!(matches!(approve(&one, None), Err(DecisionError::Unseen)));
        assert!(approve(&one, Some(0)).is_ok());
    }
}

#[test]
fn what_an_author_decided_waits_no_longer() {
    for decision in [
        Decision::Approve,
        Decision::Hide,
        Decision::Delete,
        Decision::Ban,
        Decision::Answered,
    ] {
        let after = decided(&comment(State::Shown), &request(decision, Some(0)), None).unwrap();
        assert!(!after.moderation.queued, "{decision:?}");
    }
    let held = decided(
        &comment(State::Held),
        &request(Decision::Answered, Some(0)),
        None,
    );
    assert!(held.unwrap().moderation.queued, "nobody sees it yet");
}

#[test]
fn a_commit_is_named_as_git_names_it() {
    let fixed = |commit: Option<&str>| {
        commit_of(&DecisionRequest {
            decision: Decision::Fixed,
            revision: None,
            commit: commit.map(str::to_owned),
        })
    };
    assert_eq!(fixed(Some("ABCDEF1")).as_deref(), Some("abcdef1"));
    for wrong in [None, Some(""), Some("abc"), Some("main"), Some("abcdefg")] {
        assert_eq!(fixed(wrong), None);
    }
}

fn commit_of(request: &DecisionRequest) -> Option<String> {
    commit(request).ok().flatten()
}
