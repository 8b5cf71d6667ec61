//! Mailed sign-in links: one row per address holds the link, so that a newer one replaces it and
//! erasure finds it; a small row per token leads there.
//!
//! A link is alive exactly as long as the address's row names its token (`alive`). Both rows come
//! and go together, so that nothing that holds the hash of an address is ever left behind. Being a
//! transaction, a step has a token under which DynamoDB knows a repeat: should the answer be lost
//! on the way, the SDK's second try gets the same `Yes` instead of finding the link used up by
//! itself.

use async_trait::async_trait;
use tuition_domain::access::Link;
use tuition_domain::email::Email;
use tuition_domain::identity::SecretHash;
use tuition_domain::ports::{Links, Unavailable, Written};

use super::call::Transacted;
use super::failure::{contended, pause};
use super::row;
use super::write::Write;
use super::{Store, Table, keys};

/// How often a link is saved anew when another one for the address was faster.
const TURNS: u32 = 7;

#[async_trait]
impl Links for Table {
    async fn save_link(&self, link: &Link) -> Result<(), Unavailable> {
        let address = link.email.hash();
        let key = keys::link_of(&address);
        for turn in 0..TURNS {
            pause(turn).await;
            let old = self.get(Store::Lasting, &key).await?;
            let old = old.as_ref().map(|item| row::text_of(item, "alive"));
            let old = old.transpose()?.and_then(SecretHash::parse);
            let mut pointer = row::row(&keys::link(&link.token));
            pointer.insert("address".to_owned(), row::text(&address));
            pointer.insert("expires".to_owned(), row::expires(link.expires_at));
            let mut item = row::with_doc(&key, link)?;
            item.insert("alive".to_owned(), row::text(link.token.as_str()));
            item.insert("tries".to_owned(), row::number(0));
            item.insert("expires".to_owned(), row::expires(link.expires_at));
            let mut writes = vec![Write::put(pointer)];
            writes.push(match &old {
                Some(old) => Write::put(item)
                    .when("alive = :old")
                    .value(":old", row::text(old.as_str())),
                None => Write::put(item).when("attribute_not_exists(pk)"),
            });
            // Whether there was one must not be told by the time that this takes, so that without
            // an old pointer one goes that never was.
            if old.as_ref() != Some(&link.token) {
                let gone = old.unwrap_or_else(|| link.browser.clone());
                writes.push(Write::delete(keys::link(&gone)));
            }
            match self.transact(writes).await? {
                Transacted::Done => return Ok(()),
                // Somebody asked for another one meanwhile: the later one lives.
                Transacted::Refused(_) | Transacted::Contended => {}
            }
        }
        Err(contended())
    }

    async fn link_of(&self, email: &Email) -> Result<Option<Link>, Unavailable> {
        let key = keys::link_of(&email.hash());
        let item = self.get(Store::Lasting, &key).await?;
        item.as_ref().map(row::doc).transpose()
    }

    async fn link(&self, token: &SecretHash) -> Result<Option<Link>, Unavailable> {
        let Some(pointer) = self.get(Store::Lasting, &keys::link(token)).await? else {
            return Ok(None);
        };
        let key = keys::link_of(row::text_of(&pointer, "address")?);
        let Some(item) = self.get(Store::Lasting, &key).await? else {
            return Ok(None);
        };
        let link: Link = row::doc(&item)?;
        Ok(Some(link).filter(|link| link.token.matches(token)))
    }

    async fn consume_link(&self, link: &Link) -> Result<Written, Unavailable> {
        let key = keys::link_of(&link.email.hash());
        let consume = Write::delete(key.clone())
            .when("alive = :token")
            .value(":token", row::text(link.token.as_str()));
        let pointer = Write::delete(keys::link(&link.token));
        match self.transact(vec![consume, pointer]).await? {
            Transacted::Done => Ok(Written::Yes),
            Transacted::Refused(_) => Ok(Written::Conflict),
            // Others were in the way each time. If one of them got it, that is an answer.
            Transacted::Contended => {
                let left = self.get(Store::Lasting, &key).await?;
                let alive = left.is_some_and(|item| {
                    row::text_of(&item, "alive").is_ok_and(|token| token == link.token.as_str())
                });
                if alive {
                    Err(contended())
                } else {
                    Ok(Written::Conflict)
                }
            }
        }
    }

    async fn count_code_try(&self, link: &Link) -> Result<u32, Unavailable> {
        let count = Write::update(keys::link_of(&link.email.hash()), "ADD tries :one")
            .when("alive = :token")
            .value(":token", row::text(link.token.as_str()))
            .value(":one", row::number(1));
        match self.update(Store::Lasting, count).await? {
            Some(item) => Ok(u32::try_from(row::number_of(&item, "tries")?).unwrap_or(u32::MAX)),
            // Nothing is left to guess at: no number of codes is few enough.
            None => Ok(u32::MAX),
        }
    }
}
