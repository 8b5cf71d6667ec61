//! Learners, what they own, and their signed-in browsers. Erasure is a file of its own.

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_domain::access::{Entitlement, Profile, Session};
use tuition_domain::email::Email;
use tuition_domain::identity::{LearnerId, SecretHash, SessionToken};
use tuition_domain::ports::{Erasure, Learners, Sessions, Unavailable, Written};

use super::call::Transacted;
use super::failure::contended;
use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys};

#[async_trait]
impl Learners for Table {
    async fn learner_of(&self, email: &Email, fresh: &LearnerId) -> Result<LearnerId, Unavailable> {
        let key = keys::learner_of(email);
        // More turns than two are needed only when the learner is erased in between.
        for _ in 0..4 {
            if let Some(item) = self.get(Store::Lasting, &key).await? {
                row::check_schema(&item)?;
                return LearnerId::parse(row::text_of(&item, "learner")?)
                    .ok_or_else(|| row::missing(&item, "learner"));
            }
            let mut mapping = row::row(&key);
            mapping.insert("learner".to_owned(), row::text(fresh.as_str()));
            let write = Write::put(mapping).when("attribute_not_exists(pk)");
            if self.write(Store::Lasting, write).await? == Written::Yes {
                return Ok(fresh.clone());
            }
        }
        Err(contended())
    }

    async fn ensure_profile(&self, profile: &Profile) -> Result<Option<Profile>, Unavailable> {
        if let Some(stored) = self.profile(&profile.id).await? {
            return Ok(Some(stored));
        }
        let first = Write::put(profile_row(profile)?).when("attribute_not_exists(pk)");
        let still_theirs = Write::check(keys::learner_of(&profile.email))
            .when("learner = :id")
            .value(":id", row::text(profile.id.as_str()));
        match self.transact(vec![first, still_theirs]).await? {
            Transacted::Done => Ok(Some(profile.clone())),
            Transacted::Refused(_) => self.profile(&profile.id).await,
            Transacted::Contended => Err(contended()),
        }
    }

    async fn profile(&self, id: &LearnerId) -> Result<Option<Profile>, Unavailable> {
        let item = self.get(Store::Lasting, &keys::profile(id)).await?;
        item.as_ref().map(row::doc).transpose()
    }

    async fn save_profile(&self, profile: &Profile) -> Result<Written, Unavailable> {
        self.write(Store::Lasting, later_profile(profile)?).await
    }

    async fn entitlements(&self, id: &LearnerId) -> Result<Vec<Entitlement>, Unavailable> {
        let items = self.query(&keys::entitlements(id), None).await?;
        items.iter().map(row::doc).collect()
    }

    async fn former_learner(
        &self,
        email: &Email,
    ) -> Result<Option<(LearnerId, Timestamp)>, Unavailable> {
        let key = keys::former_learner(&email.hash());
        let Some(item) = self.get(Store::Lasting, &key).await? else {
            return Ok(None);
        };
        row::check_schema(&item)?;
        let learner = LearnerId::parse(row::text_of(&item, "learner")?)
            .ok_or_else(|| row::missing(&item, "learner"))?;
        let left_at = row::text_of(&item, "left_at")?
            .parse()
            .map_err(|_| row::missing(&item, "left_at"))?;
        Ok(Some((learner, left_at)))
    }

    async fn erase(&self, erasure: &Erasure) -> Result<(), Unavailable> {
        self.erase_learner(erasure).await
    }
}

fn profile_row(profile: &Profile) -> Result<Item, Unavailable> {
    let mut item = row::with_doc(&keys::profile(&profile.id), profile)?;
    item.insert("revision".to_owned(), row::number(profile.revision));
    Ok(item)
}

/// Replaces a profile by its next revision.
pub(super) fn later_profile(profile: &Profile) -> Result<Write, Unavailable> {
    let before = profile.revision.saturating_sub(1);
    Ok(Write::put(profile_row(profile)?)
        .when("revision = :before")
        .value(":before", row::number(before)))
}

#[async_trait]
impl Sessions for Table {
    async fn session(&self, token: &SessionToken) -> Result<Option<Session>, Unavailable> {
        let key = keys::session(&token.owner, &token.secret.hash());
        let item = self.get(Store::Lasting, &key).await?;
        item.as_ref().map(row::doc).transpose()
    }

    async fn save_session(&self, session: &Session) -> Result<(), Unavailable> {
        let key = keys::session(&session.owner, &session.secret);
        let mut item = row::with_doc(&key, session)?;
        item.insert("expires".to_owned(), row::expires(session.expires_at));
        self.set(Store::Lasting, item).await
    }

    async fn change_session(&self, session: &Session) -> Result<Written, Unavailable> {
        let key = keys::session(&session.owner, &session.secret);
        let mut item = row::with_doc(&key, session)?;
        item.insert("expires".to_owned(), row::expires(session.expires_at));
        let write = Write::put(item).when("attribute_exists(pk)");
        self.write(Store::Lasting, write).await
    }

    async fn sessions(&self, owner: &LearnerId) -> Result<Vec<Session>, Unavailable> {
        let items = self.query(&keys::sessions(owner), None).await?;
        let mut sessions: Vec<Session> = items.iter().map(row::doc).collect::<Result<_, _>>()?;
        sessions.sort_by(|a, b| {
            let by_age = a.created_at.cmp(&b.created_at);
            by_age.then_with(|| a.secret.cmp(&b.secret))
        });
        Ok(sessions)
    }

    async fn end_session(&self, owner: &LearnerId, secret: &SecretHash) -> Result<(), Unavailable> {
        self.remove(&keys::session(owner, secret)).await
    }
}
