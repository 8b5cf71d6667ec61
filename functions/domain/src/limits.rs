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
    /// Seconds until one more is fine if nobody tries in between, at least 1.
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

/// `into`: seconds since this window began. Tries that were refused are in the counts, but weigh
/// nothing later: who hammers waits no longer than who was patient.
fn weigh(limit: Limit, used: u64, before: u64, into: i64) -> Result<(), TooMany> {
    let most = u64::from(limit.most);
    let length = u64::try_from(limit.seconds).unwrap_or(1).max(1);
    let into = u64::try_from(into).unwrap_or(0).min(length - 1);
    let before = before.min(most);
    match free_from(most, length, used, before) {
        Some(free) if free <= into => Ok(()),
        _ => {
            let here = free_from(most, length, used.saturating_add(1), before);
            let next = free_from(most, length, 1, used.min(most)).map(|free| length + free);
            let free = here.or(next).unwrap_or(2 * length);
            let wait = free.saturating_sub(into).max(1);
            Err(TooMany {
                retry_after: i64::try_from(wait).unwrap_or(limit.seconds),
            })
        }
    }
}

/// The first second of a window of `length` seconds at which `used` in it, and the share that is
/// left of `before` in the one before it, are no more than `most`.
fn free_from(most: u64, length: u64, used: u64, before: u64) -> Option<u64> {
    let room = most.checked_sub(used)?;
    if before == 0 {
        return Some(0);
    }
    let second = length.saturating_sub(room.saturating_mul(length) / before);
    (second < length).then_some(second)
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
        assert!(weigh(limit, 11, 0, 30).is_err());
        // Ten in the last second before the minute, one in the first after it.
        assert!(weigh(limit, 1, 10, 0).is_err());
        // Half a minute later five of the ten still count.
        assert_eq!(weigh(limit, 5, 10, 30), Ok(()));
        assert!(weigh(limit, 6, 10, 30).is_err());
    }

    #[test]
    fn who_waits_as_long_as_told_is_let_in_and_not_much_later_than_needed() {
        for (most, seconds) in [(5, 3600), (10, 60), (1, 60), (20, 3600)] {
            let limit = Limit {
                name: "post",
                most,
                seconds,
            };
            for used in 1..=u64::from(most) + 3 {
                for before in 0..=u64::from(most) + 3 {
                    for into in (0..seconds).step_by(7) {
                        let Err(TooMany { retry_after }) = weigh(limit, used, before, into) else {
                            continue;
                        };
                        let after = |wait: i64| match into + wait {
                            at if at < seconds => weigh(limit, used + 1, before, at),
                            at if at < 2 * seconds => weigh(limit, 1, used, at - seconds),
                            at => weigh(limit, 1, 0, at - 2 * seconds),
                        };
                        let told = (limit, used, before, into, retry_after);
                        assert_eq!(after(retry_after), Ok(()), "{told:?}");
                        assert!(after(retry_after - 1).is_err(), "{told:?}");
                    }
                }
            }
        }
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
