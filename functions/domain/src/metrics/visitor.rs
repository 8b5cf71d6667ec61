//! Telling visitors of one day apart without keeping who they are.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use crate::limits::network;
use crate::ports::{DailySecrets, Entropy, Unavailable};

/// The random secret of the UTC day of `now`.
pub async fn daily_secret(
    secrets: &dyn DailySecrets,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<[u8; 32], Unavailable> {
    let mut fresh = [0; 32];
    entropy.fill(&mut fresh);
    secrets
        .daily_secret(now.to_zoned(TimeZone::UTC).date(), fresh)
        .await
}

/// The first 8 bytes, in hex, of SHA-256(secret ‖ "site|network|user agent"). Once the secret of
/// the day is destroyed nobody can tell whose it was.
pub fn visitor_id(secret: &[u8; 32], site: &str, address: IpAddr, user_agent: &str) -> String {
    let digest = Sha256::new()
        .chain_update(secret)
        .chain_update(format!("{site}|{}|{user_agent}", network(address)))
        .finalize();
    hex::encode(digest.get(..8).unwrap_or_default())
}
