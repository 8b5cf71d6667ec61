//! Learners, sessions, mailed links.

use std::sync::Arc;

use tuition_domain::identity::SessionToken;
use tuition_domain::ports::{Erasures, Learners, Links, Sessions, Written};

use super::crowd;
use crate::sample;

pub(crate) async fn many_callers_with_one_address_get_one_learner(
    store: Arc<impl Learners + 'static>,
) {
    let email = sample::email("one");
    let got = crowd(&store, |store, _| {
        let email = email.clone();
        async move {
            let fresh = sample::learner();
            store.learner_of(&email, &fresh).await.unwrap()
        }
    })
    .await;
    assert!(got.iter().all(|id| *id == got[0]));
    let none = store.profile(&got[0]).await.unwrap();
    assert!(none.is_none(), "nobody has proved the address yet");
}

pub(crate) async fn a_profile_is_replaced_only_while_it_exists(store: Arc<impl Learners>) {
    let email = sample::email("profile");
    let id = sample::account(store.as_ref(), &email).await;
    let mut profile = store.profile(&id).await.unwrap().unwrap();
    profile.name = "名".to_owned();
    profile.revision += 1;
    assert_eq!(store.save_profile(&profile).await.unwrap(), Written::Yes);
    assert_eq!(store.profile(&id).await.unwrap().unwrap(), profile);
    let again = store.save_profile(&profile).await.unwrap();
    assert_eq!(
        again,
        Written::Conflict,
        "somebody has written this revision"
    );
    profile.revision += 1;
    profile.id = sample::learner();
    assert_eq!(
        store.save_profile(&profile).await.unwrap(),
        Written::Conflict
    );
    assert_eq!(store.profile(&profile.id).await.unwrap(), None);
}

pub(crate) async fn sessions_are_listed_oldest_first_and_end_for_good(store: Arc<impl Sessions>) {
    let owner = sample::learner();
    let mut made = Vec::new();
    for created in [30, 10, 20] {
        let (session, secret) = sample::session(&owner, created);
        store.save_session(&session).await.unwrap();
        made.push((session, secret));
    }
    let (other, _) = sample::session(&sample::learner(), 0);
    store.save_session(&other).await.unwrap();
    made.sort_by_key(|(session, _)| session.created_at);
    let listed = store.sessions(&owner).await.unwrap();
    assert!(listed.iter().eq(made.iter().map(|(session, _)| session)));

    let (mut session, secret) = made.remove(0);
    let token = SessionToken {
        owner: owner.clone(),
        secret,
    };
    session.expires_at = sample::later(9999);
    store.save_session(&session).await.unwrap();
    assert_eq!(store.session(&token).await.unwrap(), Some(session.clone()));
    for _ in 0..2 {
        store.end_session(&owner, &session.secret).await.unwrap();
    }
    assert_eq!(store.session(&token).await.unwrap(), None);
    assert_eq!(store.sessions(&owner).await.unwrap().len(), 2);
    let stranger = SessionToken {
        owner: sample::learner(),
        ..token
    };
    assert_eq!(store.session(&stranger).await.unwrap(), None);
}

pub(crate) async fn only_the_latest_link_of_an_address_is_alive(store: Arc<impl Links>) {
    let email = sample::email("link");
    let (first, second) = (sample::link(&email), sample::link(&email));
    store.save_link(&first).await.unwrap();
    assert_eq!(store.link(&first.token).await.unwrap(), Some(first.clone()));
    store.save_link(&second).await.unwrap();
    store.save_link(&second).await.unwrap();
    assert_eq!(store.link(&first.token).await.unwrap(), None);
    assert_eq!(store.consume_link(&first).await.unwrap(), Written::Conflict);
    assert_eq!(
        store.link(&second.token).await.unwrap(),
        Some(second.clone())
    );
    assert_eq!(store.consume_link(&second).await.unwrap(), Written::Yes);
    assert_eq!(store.link(&second.token).await.unwrap(), None);
    assert_eq!(
        store.consume_link(&second).await.unwrap(),
        Written::Conflict
    );
}

pub(crate) async fn of_many_who_use_a_link_one_is_signed_in(store: Arc<impl Links + 'static>) {
    let link = sample::link(&sample::email("crowd"));
    store.save_link(&link).await.unwrap();
    let got = crowd(&store, |store, _| {
        let link = link.clone();
        async move { store.consume_link(&link).await.unwrap() }
    })
    .await;
    assert_eq!(got.iter().filter(|w| **w == Written::Yes).count(), 1);
}

pub(crate) async fn tries_at_a_code_are_counted_for_the_link_alive(
    store: Arc<impl Links + 'static>,
) {
    let email = sample::email("codes");
    let link = sample::link(&email);
    store.save_link(&link).await.unwrap();
    let mut counts = crowd(&store, |store, _| {
        let link = link.clone();
        async move { store.count_code_try(&link).await.unwrap() }
    })
    .await;
    counts.sort_unstable();
    let expected: Vec<u32> = (1..=u32::try_from(super::CROWD).unwrap()).collect();
    assert_eq!(counts, expected);
    let next = sample::link(&email);
    store.save_link(&next).await.unwrap();
    assert_eq!(store.count_code_try(&next).await.unwrap(), 1);
    let dead = store.count_code_try(&link).await.unwrap();
    assert!(dead > 1000, "guessing at a dead link is never few enough");
    assert_eq!(store.consume_link(&next).await.unwrap(), Written::Yes);
    let used = store.count_code_try(&next).await.unwrap();
    assert!(used > 1000);
    assert_eq!(
        store.link(&next.token).await.unwrap(),
        None,
        "nothing came back"
    );
}

pub(crate) async fn an_erased_learner_can_not_be_found_and_may_come_anew(
    store: Arc<impl Learners + Sessions + Links>,
) {
    let email = sample::email("erased");
    let id = sample::account(store.as_ref(), &email).await;
    let (session, secret) = sample::session(&id, 0);
    store.save_session(&session).await.unwrap();
    let link = sample::link(&email);
    store.save_link(&link).await.unwrap();
    for _ in 0..2 {
        store.erase(&sample::erasure(&id)).await.unwrap();
    }
    assert_eq!(store.profile(&id).await.unwrap(), None);
    let token = SessionToken {
        owner: id.clone(),
        secret,
    };
    assert_eq!(store.session(&token).await.unwrap(), None);
    assert_eq!(store.link(&link.token).await.unwrap(), None);
    let again = sample::learner();
    let new = store.learner_of(&email, &again).await.unwrap();
    assert_eq!(new, again);
}

pub(crate) async fn who_was_erased_is_known_and_nobody_else_is(
    store: Arc<impl Learners + Erasures>,
) {
    let id = sample::account(store.as_ref(), &sample::email("known")).await;
    let other = sample::account(store.as_ref(), &sample::email("other")).await;
    assert!(!store.is_erased(&id).await.unwrap());
    // One who left no profile, a guest, is erased too.
    let guest = sample::learner();
    for gone in [&id, &guest] {
        store.erase(&sample::erasure(gone)).await.unwrap();
        assert!(store.is_erased(gone).await.unwrap());
    }
    assert!(!store.is_erased(&other).await.unwrap());
}
