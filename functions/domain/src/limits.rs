//! How often somebody may do something: fixed windows, counted in the store.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::ports::{Counters, Unavailable};

/// One limit: at most `most` in each window of `seconds`.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is counted, e.g. `link-address`.
    pub name: &'static str,
    /// How many are fine.
    pub most: u32,
    /// The length of a window, in seconds.
    pub seconds: i64,
}

/// Too many; worth another try after so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// Seconds until the window ends, at least 1.
    pub retry_after: i64,
}

/// Counts one use by `who` in a sliding window: this window's count, and of the one before the
/// share that still lies within the last `seconds`. The store sees only hashes of `who`, salted
/// by the window, and they are gone two windows later.
pub async fn count(
    counters: &dyn Counters,
    limit: Limit,
    who: &str,
    now: Timestamp,
) -> Result<Result<(), TooMany>, Unavailable> {
    let window = now.as_second().div_euclid(limit.seconds);
    let into = now.as_second().rem_euclid(limit.seconds);
    let until = now
        .saturating_add(SignedDuration::from_secs(2 * limit.seconds))
        .unwrap_or(Timestamp::MAX);
    let (used, before) = counters
        .count(
            &key(limit, window, who),
            &key(limit, window - 1, who),
            until,
        )
        .await?;
    Ok(weigh(limit, used, before, into))
}

fn key(limit: Limit, window: i64, who: &str) -> String {
    format!(
        "{}#{}",
        limit.name,
        hex::encode(Sha256::digest(format!("{window}|{who}")))
    )
}

/// `into`: seconds since this window began.
fn weigh(limit: Limit, used: u64, before: u64, into: i64) -> Result<(), TooMany> {
    let left = u64::try_from(limit.seconds - into).unwrap_or(1).max(1);
    let length = u64::try_from(limit.seconds).unwrap_or(1).max(1);
    let weighed = used
        .saturating_mul(length)
        .saturating_add(before.saturating_mul(left));
    if weighed <= u64::from(limit.most).saturating_mul(length) {
        Ok(())
    } else {
        Err(TooMany {
            retry_after: limit.seconds - into,
        })
    }
}

/// The network prefix under which an address is counted and visitors are told apart: /24 for
/// IPv4, /48 for IPv6 (the size of one site's allocation, RFC 6177).
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_slides_over_the_minute() {
        let limit = Limit {
            name: "post",
            most: 10,
            seconds: 60,
        };
        assert_eq!(weigh(limit, 10, 0, 30), Ok(()));
        assert_eq!(weigh(limit, 11, 0, 30), Err(TooMany { retry_after: 30 }));
        // Ten in the last second before the minute, one in the first after it.
        assert!(weigh(limit, 1, 10, 0).is_err());
        // Half a minute later five of the ten still count.
        assert_eq!(weigh(limit, 5, 10, 30), Ok(()));
        assert!(weigh(limit, 6, 10, 30).is_err());
    }

    #[test]
    fn neighbours_share_a_prefix_and_strangers_do_not() {
        let net = |text: &str| network(text.parse().unwrap());
        assert_eq!(net("203.0.113.7"), net("203.0.113.200"));
        assert_eq!(net("::ffff:203.0.113.7"), net("203.0.113.7"));
        assert_ne!(net("203.0.113.7"), net("203.0.114.7"));
        assert_eq!(net("2001:db8:1:2::1"), net("2001:db8:1:3::9"));
        assert_ne!(net("2001:db8:1::1"), net("2001:db8:2::1"));
    }
}
