//! Mailed sign-in links: one row per address holds the link, so that a newer one replaces it and
//! erasure finds it; a small row per token leads there.
//!
//! A link is alive exactly as long as the address's row names its token (`alive`). Consuming is
//! one conditional delete. It goes as a transaction of one, for the token under which DynamoDB
//! knows a repeat: should the answer be lost on the way, the SDK's second try gets the same `Yes`
//! instead of finding the link used up by itself.

use async_trait::async_trait;
use tuition_domain::access::Link;
use tuition_domain::identity::SecretHash;
use tuition_domain::ports::{Links, Unavailable, Written};

use super::call::Transacted;
use super::failure::contended;
use super::row;
use super::write::Write;
use super::{Store, Table, keys};

#[async_trait]
impl Links for Table {
    async fn save_link(&self, link: &Link) -> Result<(), Unavailable> {
        let address = link.email.hash();
        let mut pointer = row::row(&keys::link(&link.token));
        pointer.insert("address".to_owned(), row::text(&address));
        pointer.insert("expires".to_owned(), row::expires(link.expires_at));
        self.set(Store::Lasting, pointer).await?;
        // This write is the step: before it the pointer leads to another link, or to none.
        let mut item = row::with_doc(&keys::link_of(&address), link)?;
        item.insert("alive".to_owned(), row::text(link.token.as_str()));
        item.insert("tries".to_owned(), row::number(0));
        item.insert("expires".to_owned(), row::expires(link.expires_at));
        if let Some(old) = self.replace(item).await? {
            let old = row::text_of(&old, "alive")?;
            if let Some(token) = SecretHash::parse(old).filter(|token| *token != link.token) {
                self.remove(&keys::link(&token)).await?;
            }
        }
        Ok(())
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
        match self.transact(vec![consume]).await? {
            Transacted::Done => {}
            Transacted::Refused(_) => return Ok(Written::Conflict),
            // Others were in the way each time. If one of them got it, that is an answer.
            Transacted::Contended => {
                let left = self.get(Store::Lasting, &key).await?;
                let alive = left.is_some_and(|item| {
                    row::text_of(&item, "alive").is_ok_and(|token| token == link.token.as_str())
                });
                return if alive {
                    Err(contended())
                } else {
                    Ok(Written::Conflict)
                };
            }
        }
        // The link is used up whatever becomes of its pointer, which expires by itself.
        if let Err(error) = self.remove(&keys::link(&link.token)).await {
            tracing::warn!(%error, "the pointer of a used link stays until it expires");
        }
        Ok(Written::Yes)
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
