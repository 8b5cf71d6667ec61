//! Changes of address.

use std::sync::Arc;

use tuition_domain::access::{AddressChange, Changed, Mailbox, NewAddress, Profile, Proofs};
use tuition_domain::email::Email;
use tuition_domain::identity::LearnerId;
use tuition_domain::mail::Locale;
use tuition_domain::outbox::{Notice, QueuedMail};
use tuition_domain::ports::{AddressChanges, Learners, Outbox, Written};

use super::crowd;
use crate::sample;

pub(crate) async fn a_change_replaces_the_one_before(store: Arc<impl AddressChanges>) {
    let id = sample::learner();
    let [first, second] = ["a", "b"].map(|to| waiting(&id, to));
    store.save_change(&first).await.unwrap();
    let proved = store.prove(&first, Mailbox::Old).await.unwrap();
    assert_eq!(proved, Some(only(Mailbox::Old)));
    let stored = store.change_of(&id).await.unwrap();
    assert_eq!(stored, Some((first.clone(), only(Mailbox::Old))));
    store.save_change(&second).await.unwrap();
    let stored = store.change_of(&id).await.unwrap();
    assert_eq!(stored, Some((second.clone(), Proofs::default())));
    assert_eq!(store.prove(&first, Mailbox::New).await.unwrap(), None);
    for _ in 0..2 {
        store.drop_change(&id).await.unwrap();
    }
    assert_eq!(store.change_of(&id).await.unwrap(), None);
    assert_eq!(store.prove(&second, Mailbox::New).await.unwrap(), None);
}

pub(crate) async fn of_two_proofs_at_once_the_later_sees_both(
    store: Arc<impl AddressChanges + 'static>,
) {
    let change = waiting(&sample::learner(), "both");
    store.save_change(&change).await.unwrap();
    let seen = crowd(&store, |store, turn| {
        let change = change.clone();
        let mailbox = if turn % 2 == 0 {
            Mailbox::Old
        } else {
            Mailbox::New
        };
        async move { store.prove(&change, mailbox).await.unwrap().unwrap() }
    })
    .await;
    let both = |proofs: &&Proofs| proofs.old && proofs.new;
    assert!(seen.iter().any(|proofs| both(&proofs)));
    assert!(seen.iter().filter(|proofs| !both(proofs)).count() < seen.len());
}

pub(crate) async fn a_learner_moves_to_a_new_address_in_one_step(
    store: Arc<impl AddressChanges + Learners + Outbox>,
) {
    let (old, new) = (sample::email("old"), sample::email("new"));
    let id = sample::account(store.as_ref(), &old).await;
    let change = sample::change(&id, &old, &new);
    store.save_change(&change).await.unwrap();
    let moves = moved(store.as_ref(), &change).await;
    assert_eq!(store.move_learner(&moves).await.unwrap(), Changed::Yes);
    assert_eq!(
        store.profile(&id).await.unwrap(),
        Some(moves.profile.clone())
    );
    let fresh = sample::learner();
    assert_eq!(store.learner_of(&new, &fresh).await.unwrap(), id);
    assert_eq!(store.change_of(&id).await.unwrap(), None);
    let former = store.former_learner(&old).await.unwrap();
    assert_eq!(former, Some((id.clone(), sample::now())));
    for (address, notice) in [(&old, &moves.notices[0]), (&new, &moves.notices[1])] {
        let queued = store.mail_to(address).await.unwrap();
        assert_eq!(queued, std::slice::from_ref(notice));
    }
    let again = store.move_learner(&moves).await.unwrap();
    assert_ne!(again, Changed::Yes, "it waits no longer");
    // The old address is anybody's.
    assert_eq!(store.learner_of(&old, &fresh).await.unwrap(), fresh);
}

pub(crate) async fn an_address_that_leads_to_somebody_is_not_taken_from_them(
    store: Arc<impl AddressChanges + Learners>,
) {
    let (old, taken) = (sample::email("old"), sample::email("taken"));
    let id = sample::account(store.as_ref(), &old).await;
    let owner = sample::learner();
    assert_eq!(store.learner_of(&taken, &owner).await.unwrap(), owner);
    let change = sample::change(&id, &old, &taken);
    store.save_change(&change).await.unwrap();
    let moves = moved(store.as_ref(), &change).await;
    assert_eq!(store.move_learner(&moves).await.unwrap(), Changed::Taken);
    assert_eq!(store.learner_of(&taken, &id).await.unwrap(), owner);
    assert_eq!(store.learner_of(&old, &owner).await.unwrap(), id);
    assert_eq!(store.profile(&id).await.unwrap().unwrap().email, old);
    assert_eq!(store.former_learner(&old).await.unwrap(), None);
}

pub(crate) async fn a_profile_that_was_written_meanwhile_is_not_overwritten_by_a_move(
    store: Arc<impl AddressChanges + Learners>,
) {
    let (old, new) = (sample::email("old"), sample::email("new"));
    let id = sample::account(store.as_ref(), &old).await;
    let change = sample::change(&id, &old, &new);
    store.save_change(&change).await.unwrap();
    let moves = moved(store.as_ref(), &change).await;
    let named = Profile {
        email: old,
        name: "Name".to_owned(),
        ..moves.profile.clone()
    };
    assert_eq!(store.save_profile(&named).await.unwrap(), Written::Yes);
    assert_eq!(store.move_learner(&moves).await.unwrap(), Changed::Conflict);
    assert_eq!(store.profile(&id).await.unwrap(), Some(named));
    let fresh = sample::learner();
    assert_eq!(store.learner_of(&new, &fresh).await.unwrap(), fresh);
}

pub(crate) async fn of_many_who_want_one_address_one_gets_it(
    store: Arc<impl AddressChanges + Learners + 'static>,
) {
    let new = sample::email("wanted");
    let got = crowd(&store, |store, _| {
        let new = new.clone();
        async move {
            let old = sample::email("old");
            let id = sample::account(store.as_ref(), &old).await;
            let change = sample::change(&id, &old, &new);
            store.save_change(&change).await.unwrap();
            let moves = moved(store.as_ref(), &change).await;
            (id, store.move_learner(&moves).await.unwrap())
        }
    })
    .await;
    let winners: Vec<_> = got
        .iter()
        .filter(|(_, moved)| *moved == Changed::Yes)
        .collect();
    assert_eq!(winners.len(), 1);
    let leads_to = store.learner_of(&new, &sample::learner()).await.unwrap();
    assert_eq!(leads_to, winners[0].0);
}

fn waiting(id: &LearnerId, to: &str) -> AddressChange {
    sample::change(id, &sample::email("old"), &sample::email(to))
}

fn only(mailbox: Mailbox) -> Proofs {
    Proofs {
        old: mailbox == Mailbox::Old,
        new: mailbox == Mailbox::New,
    }
}

/// The move that a change with both proofs leads to.
async fn moved(store: &impl Learners, change: &AddressChange) -> NewAddress {
    let stored = store.profile(&change.learner).await.unwrap().unwrap();
    let notice = |notice, to: &Email| {
        QueuedMail::notice(notice, to, Locale::En, None, &tuition_adapters::OsEntropy)
    };
    NewAddress {
        profile: Profile {
            email: change.to.clone(),
            revision: stored.revision + 1,
            epoch: stored.epoch + 1,
            ..stored
        },
        now: sample::now(),
        former_until: sample::later(60 * 86_400),
        notices: vec![
            notice(Notice::AddressLeft, &change.from),
            notice(Notice::AddressTaken, &change.to),
        ],
        leased: sample::later(120),
        change: change.clone(),
    }
}
