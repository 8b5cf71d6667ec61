//! Learners, their sessions, mailed links and changes of address, in memory.

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_domain::access::{
    AddressChange, Changed, Entitlement, Link, Mailbox, NewAddress, Profile, Proofs, Session,
};
use tuition_domain::email::Email;
use tuition_domain::identity::{LearnerId, SecretHash, SessionToken};
use tuition_domain::ports::{
    AddressChanges, Erasure, Learners, Links, Sessions, Unavailable, Written,
};

use super::{Rows, Store};

#[async_trait]
impl Learners for Store {
    async fn learner_of(&self, email: &Email, fresh: &LearnerId) -> Result<LearnerId, Unavailable> {
        self.call(|rows, _| {
            let learner = rows.learners.entry(email.clone());
            learner.or_insert(fresh.clone()).clone()
        })
        .await
    }

    async fn ensure_profile(&self, profile: &Profile) -> Result<Option<Profile>, Unavailable> {
        self.call(|rows, _| {
            let theirs = rows.learners.get(&profile.email) == Some(&profile.id);
            match rows.profiles.get(&profile.id) {
                None if theirs => {
                    rows.profiles.insert(profile.id.clone(), profile.clone());
                    Some(profile.clone())
                }
                stored => stored.cloned(),
            }
        })
        .await
    }

    async fn profile(&self, id: &LearnerId) -> Result<Option<Profile>, Unavailable> {
        self.call(|rows, _| rows.profiles.get(id).cloned()).await
    }

    async fn save_profile(&self, profile: &Profile) -> Result<Written, Unavailable> {
        self.call(|rows, _| rows.replace_profile(profile)).await
    }

    async fn entitlements(&self, id: &LearnerId) -> Result<Vec<Entitlement>, Unavailable> {
        self.call(|rows, _| {
            let held = rows.entitlements.values();
            held.filter(|right| right.learner == *id).cloned().collect()
        })
        .await
    }

    async fn former_learner(
        &self,
        email: &Email,
    ) -> Result<Option<(LearnerId, Timestamp)>, Unavailable> {
        self.call(|rows, _| rows.former.get(email).cloned()).await
    }

    async fn erase(&self, erasure: &Erasure) -> Result<(), Unavailable> {
        let Erasure {
            learner: id,
            nobody,
            farewell,
            leased,
        } = erasure;
        self.call(|rows, _| {
            for versions in rows.orders.values_mut() {
                let Some(mut order) = versions.last().cloned() else {
                    continue;
                };
                let held = order.holder.as_ref() == Some(id);
                if !held && order.buyer.as_ref() != Some(id) {
                    continue;
                }
                if held {
                    order.holder = Some(nobody.clone());
                    order.email = None;
                }
                order.buyer = None;
                order.browser = SecretHash::parse(&"0".repeat(64)).unwrap();
                order.erased = true;
                order.version += 1;
                versions.push(order);
            }
            for entry in rows.ledger.iter_mut().filter(|e| e.learner == *id) {
                entry.learner = nobody.clone();
            }
            rows.standings.remove(id);
            rows.unsubscribes.retain(|(learner, _), _| learner != id);
            rows.reports.retain(|(by, _), _| by != id);
            rows.entitlements.retain(|(learner, _), _| learner != id);
            rows.sessions.retain(|(owner, _), _| owner != id);
            rows.covered.retain(|(learner, _), _| learner != id);
            rows.former.retain(|_, (learner, _)| learner != id);
            rows.learners.retain(|_, learner| learner != id);
            rows.changes.remove(id);
            if rows.profiles.remove(id).is_some()
                && let Some(queued) = farewell
            {
                let row = (queued.clone(), *leased);
                rows.outbox.insert(queued.key.clone(), row);
            }
        })
        .await
    }
}

impl Rows {
    fn replace_profile(&mut self, profile: &Profile) -> Written {
        match self.profiles.get_mut(&profile.id) {
            Some(stored) if stored.revision + 1 == profile.revision => {
                *stored = profile.clone();
                Written::Yes
            }
            _ => Written::Conflict,
        }
    }
}

#[async_trait]
impl Sessions for Store {
    async fn session(&self, token: &SessionToken) -> Result<Option<Session>, Unavailable> {
        let key = (token.owner.clone(), token.secret.hash());
        self.call(|rows, _| rows.sessions.get(&key).cloned()).await
    }

    async fn save_session(&self, session: &Session) -> Result<(), Unavailable> {
        let key = (session.owner.clone(), session.secret.clone());
        self.call(|rows, _| drop(rows.sessions.insert(key, session.clone())))
            .await
    }

    async fn change_session(&self, session: &Session) -> Result<Written, Unavailable> {
        let key = (session.owner.clone(), session.secret.clone());
        self.call(|rows, _| match rows.sessions.get_mut(&key) {
            Some(stored) => {
                *stored = session.clone();
                Written::Yes
            }
            None => Written::Conflict,
        })
        .await
    }

    async fn sessions(&self, owner: &LearnerId) -> Result<Vec<Session>, Unavailable> {
        self.call(|rows, _| {
            let own = rows.sessions.values().filter(|s| s.owner == *owner);
            let mut own: Vec<Session> = own.cloned().collect();
            own.sort_by_key(|session| session.created_at);
            own
        })
        .await
    }

    async fn end_session(&self, owner: &LearnerId, secret: &SecretHash) -> Result<(), Unavailable> {
        let key = (owner.clone(), secret.clone());
        self.call(|rows, _| drop(rows.sessions.remove(&key))).await
    }
}

#[async_trait]
impl Links for Store {
    async fn save_link(&self, link: &Link) -> Result<(), Unavailable> {
        self.call(|rows, _| drop(rows.links.insert(link.email.clone(), (link.clone(), 0))))
            .await
    }

    async fn link_of(&self, email: &Email) -> Result<Option<Link>, Unavailable> {
        self.call(|rows, _| rows.links.get(email).map(|(link, _)| link.clone()))
            .await
    }

    async fn link(&self, token: &SecretHash) -> Result<Option<Link>, Unavailable> {
        self.call(|rows, _| {
            let mut alive = rows.links.values().map(|(link, _)| link);
            alive.find(|link| link.token == *token).cloned()
        })
        .await
    }

    async fn consume_link(&self, link: &Link) -> Result<Written, Unavailable> {
        let is_unconditional = self.is_unconditional;
        self.call(|rows, _| match rows.links.get(&link.email) {
            Some((alive, _)) if alive.token == link.token => {
                rows.links.remove(&link.email);
                Written::Yes
            }
            _ if is_unconditional => Written::Yes,
            _ => Written::Conflict,
        })
        .await
    }

    async fn count_code_try(&self, link: &Link) -> Result<u32, Unavailable> {
        self.call(|rows, _| match rows.links.get_mut(&link.email) {
            Some((alive, tries)) if alive.token == link.token => {
                *tries += 1;
                *tries
            }
            _ => u32::MAX,
        })
        .await
    }
}

#[async_trait]
impl AddressChanges for Store {
    async fn save_change(&self, change: &AddressChange) -> Result<(), Unavailable> {
        let row = (change.clone(), Proofs::default());
        self.call(|rows, _| drop(rows.changes.insert(change.learner.clone(), row)))
            .await
    }

    async fn change_of(
        &self,
        learner: &LearnerId,
    ) -> Result<Option<(AddressChange, Proofs)>, Unavailable> {
        self.call(|rows, _| rows.changes.get(learner).cloned())
            .await
    }

    async fn prove(
        &self,
        change: &AddressChange,
        mailbox: Mailbox,
    ) -> Result<Option<Proofs>, Unavailable> {
        self.call(|rows, _| {
            let (waits, proofs) = rows.changes.get_mut(&change.learner)?;
            if waits != change {
                return None;
            }
            match mailbox {
                Mailbox::Old => proofs.old = true,
                Mailbox::New => proofs.new = true,
            }
            Some(*proofs)
        })
        .await
    }

    async fn drop_change(&self, learner: &LearnerId) -> Result<(), Unavailable> {
        self.call(|rows, _| drop(rows.changes.remove(learner)))
            .await
    }

    async fn move_learner(&self, new: &NewAddress) -> Result<Changed, Unavailable> {
        self.call(|rows, _| {
            let change = &new.change;
            if rows.learners.contains_key(&change.to) {
                return Changed::Taken;
            }
            let waits = rows.changes.get(&change.learner);
            let moves = waits.is_some_and(|(waits, _)| waits == change)
                && rows.learners.get(&change.from) == Some(&change.learner)
                && rows.replace_profile(&new.profile) == Written::Yes;
            if !moves {
                return Changed::Conflict;
            }
            rows.changes.remove(&change.learner);
            rows.learners.remove(&change.from);
            rows.learners
                .insert(change.to.clone(), change.learner.clone());
            let former = (change.learner.clone(), new.now);
            rows.former.insert(change.from.clone(), former);
            for queued in &new.notices {
                let row = (queued.clone(), new.leased);
                rows.outbox.insert(queued.key.clone(), row);
            }
            Changed::Yes
        })
        .await
    }
}
