//! The fault plan: which deliveries are lost, doubled, overtaken or late, by a seed; and which calls
//! go wrong, see `outages`.
//!
//! The n-th event after the plan was set meets the same fate whenever the same plan is set again.

use serde::{Deserialize, Serialize};

use super::outages::{self, Outages};
use super::store::{StoreError, Tx};

/// What `POST /_dev/till/faults` sets: fractions of the events, 0 to 1. All zero: no faults.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Never delivered, unless resent by hand.
    pub(crate) drop: f64,
    /// Delivered twice.
    pub(crate) duplicate: f64,
    /// Held back until a later event has been delivered, for a second at most.
    pub(crate) reorder: f64,
    /// Every delivery is this many seconds late, by the clock of the stage.
    pub(crate) delay_s: f64,
    /// The API answers every request with this status until it is null.
    pub(crate) api_status: Option<u16>,
    /// The money of a charge reaches the balance so many seconds after it succeeded, by the clock of the
    /// stage: until then `balance_transaction` is null, as it often is at Stripe.
    pub(crate) balance_delay_s: i64,
    /// Calls of the API that go wrong.
    pub(crate) api: Outages,
}

/// What the plan has in store for one event.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Fate {
    pub(crate) drop: bool,
    pub(crate) duplicate: bool,
    pub(crate) reorder: bool,
    pub(crate) delay_ms: i64,
}

impl Plan {
    /// What is wrong with the plan, if anything.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let fractions = [self.drop, self.duplicate, self.reorder];
        if fractions
            .iter()
            .any(|fraction| !(0.0..=1.0).contains(fraction))
        {
            return Some("drop, duplicate and reorder are fractions from 0 to 1");
        }
        if !(0.0..=LATEST_S).contains(&self.delay_s) {
            return Some("delay_s is 0 to 2592000 seconds");
        }
        if self
            .api_status
            .is_some_and(|status| !(400..600).contains(&status))
        {
            return Some("api_status is 400 to 599, or null");
        }
        if !(0..=LATEST_S as i64).contains(&self.balance_delay_s) {
            return Some("balance_delay_s is 0 to 2592000 seconds");
        }
        self.api.fault()
    }

    /// The fate of the `n`-th event since the plan was set, from 0.
    pub(crate) fn fate(&self, n: u64) -> Fate {
        let happens = |question: u64, fraction: f64| draw(self.seed, n, question) < fraction;
        Fate {
            drop: happens(1, self.drop),
            duplicate: happens(2, self.duplicate),
            reorder: happens(3, self.reorder),
            delay_ms: (self.delay_s * 1000.0).round() as i64,
        }
    }
}

/// A number from 0 to 1, always the same for the same three.
pub(crate) fn draw(seed: u64, n: u64, question: u64) -> f64 {
    let number = mix(mix(mix(seed) ^ n) ^ question);
    // 53 bits: as many as a double tells apart between 0 and 1.
    (number >> 11) as f64 / (1_u64 << 53) as f64
}

/// The name that the plan is kept under.
pub(crate) const PLAN: &str = "fault_plan";

/// The plan as it was set last.
pub(crate) fn plan(tx: &Tx<'_>) -> Result<Plan, StoreError> {
    Ok(tx.setting(PLAN)?.unwrap_or_default())
}

/// Sets the plan; its counts of events and calls start again.
pub(crate) fn set_plan(tx: &Tx<'_>, plan: &Plan) -> Result<(), StoreError> {
    tx.set_setting(PLAN, plan)?;
    tx.set_setting(outages::CALLS, &0_u64)?;
    tx.set_setting("fault_count", &0_u64)
}

/// The fate of the event that is being made.
pub(crate) fn next_fate(tx: &Tx<'_>) -> Result<Fate, StoreError> {
    let n: u64 = tx.setting("fault_count")?.unwrap_or_default();
    tx.set_setting("fault_count", &(n + 1))?;
    Ok(plan(tx)?.fate(n))
}

/// 30 days.
const LATEST_S: f64 = 2_592_000.0;

/// SplitMix64's output function: every bit of the answer depends on every bit of the input.
fn mix(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn third() -> Plan {
        Plan {
            seed: 7,
            drop: 1.0 / 3.0,
            ..Plan::default()
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_fates_and_another_seed_others() {
        let fates = |plan: &Plan| (0..100).map(|n| plan.fate(n)).collect::<Vec<_>>();
        assert_eq!(fates(&third()), fates(&third()));
        let other = Plan { seed: 8, ..third() };
        assert_ne!(fates(&third()), fates(&other));
    }

    #[test]
    fn a_fraction_is_met_about_as_often_as_it_says() {
        let dropped = (0..3000).filter(|n| third().fate(*n).drop).count();
        assert!((900..1100).contains(&dropped), "{dropped}");
        let all = Plan {
            drop: 1.0,
            ..third()
        };
        assert!((0..100).all(|n| all.fate(n).drop));
        assert!((0..100).all(|n| !Plan::default().fate(n).drop));
    }

    #[test]
    fn a_plan_that_cannot_be_is_refused() {
        for bad in [
            Plan {
                drop: 1.1,
                ..Plan::default()
            },
            Plan {
                reorder: -0.1,
                ..Plan::default()
            },
            Plan {
                duplicate: f64::NAN,
                ..Plan::default()
            },
            Plan {
                delay_s: -1.0,
                ..Plan::default()
            },
            Plan {
                api_status: Some(200),
                ..Plan::default()
            },
        ] {
            assert!(bad.fault().is_some(), "{bad:?}");
        }
        assert!(third().fault().is_none());
    }
}
