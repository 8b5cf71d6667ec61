//! When subscriptions were on and for which fee, and how monthly recurring revenue moved.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use tuition_catalog::Currency;

use super::Period;
use super::day::{Day, day_number, day_of, month_name};
use super::figures::Movements;
use super::seen::money_share;

/// What tells two subscriptions apart: learner, offer, and a mark of the order.
type Key = (u32, u32, u64);

/// What a subscription costs a month, from a moment on; `None`: it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    at: Timestamp,
    /// Of what is at one moment, the end comes last.
    ends: bool,
    fee: Option<Fee>,
}

/// A fee per month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fee {
    pub(super) monthly: i64,
    pub(super) currency: Currency,
}

/// All subscriptions.
#[derive(Debug, Default)]
pub(super) struct Subscriptions(HashMap<Key, Vec<Change>>);

impl Subscriptions {
    /// A subscription begins, or goes on with another fee.
    pub(super) fn start(&mut self, key: Key, at: Timestamp, fee: Fee) {
        self.0.entry(key).or_default().push(Change {
            at,
            ends: false,
            fee: Some(fee),
        });
    }

    pub(super) fn end(&mut self, key: Key, at: Timestamp) {
        self.0.entry(key).or_default().push(Change {
            at,
            ends: true,
            fee: None,
        });
    }

    /// To be called once all changes are there.
    pub(super) fn sort(&mut self) {
        for changes in self.0.values_mut() {
            changes.sort_unstable();
        }
    }

    /// Who ever subscribed, with the day on which they did first.
    pub(super) fn first_days(&self) -> impl Iterator<Item = (u32, Day)> {
        self.0.iter().filter_map(|((learner, _, _), changes)| {
            let first = changes.iter().find(|change| change.fee.is_some())?;
            Some((*learner, day_of(first.at)))
        })
    }

    /// Monthly fees of the learners who are subscribed at the end of a day.
    fn at_end_of(&self, day: Day, currency: Currency) -> BTreeMap<u32, i64> {
        let mut fees = BTreeMap::new();
        for ((learner, _, _), changes) in &self.0 {
            let last = changes.iter().rfind(|change| day_of(change.at) <= day);
            if let Some(fee) = last
                .and_then(|change| change.fee)
                .filter(|fee| fee.currency == currency)
            {
                *fees.entry(*learner).or_default() += fee.monthly;
            }
        }
        fees
    }

    /// Monthly fees of the learners whose subscription is on, on any day of a month: it began before the month's end
    /// and did not end before its first day.
    pub(super) fn active_in(&self, month: Period, currency: Currency) -> BTreeMap<u32, i64> {
        let (first, last) = month.days();
        let mut fees = BTreeMap::new();
        for ((learner, _, _), changes) in &self.0 {
            let before = changes.iter().rfind(|change| day_of(change.at) < first);
            let within = changes.iter().rfind(|change| {
                (first..=last).contains(&day_of(change.at)) && change.fee.is_some()
            });
            let fee = within.or(before).and_then(|change| change.fee);
            if let Some(fee) = fee.filter(|fee| fee.currency == currency) {
                *fees.entry(*learner).or_default() += fee.monthly;
            }
        }
        fees
    }

    /// How monthly recurring revenue moved from the end of the day before a period to the end of its last day.
    pub(super) fn movements(&self, period: Period, currency: Currency) -> Moved {
        let (first, last) = (day_number(period.from), day_number(period.to));
        let before = self.at_end_of(first - 1, currency);
        let after = self.at_end_of(last, currency);
        let mut movements = Movements {
            month: month_name(period.from),
            start: before.values().sum(),
            end: after.values().sum(),
            ..Movements::default()
        };
        let learners: BTreeSet<&u32> = before.keys().chain(after.keys()).collect();
        for learner in learners {
            match (before.get(learner), after.get(learner)) {
                (None, Some(fee)) => movements.new += fee,
                (Some(fee), None) => movements.churned += fee,
                (Some(old), Some(new)) => {
                    movements.expansion += (new - old).max(0);
                    movements.contraction += (old - new).max(0);
                }
                (None, None) => {}
            }
        }
        movements.identity_holds = movements.start + movements.new + movements.expansion
            - movements.contraction
            - movements.churned
            == movements.end;
        let left = before
            .keys()
            .filter(|learner| !after.contains_key(learner))
            .count();
        Moved {
            movements,
            left,
            before: before.into_keys().collect(),
            after: after.into_keys().collect(),
        }
    }
}

/// Movements, and whose they were.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) movements: Movements,
    /// Subscribed before, in no particular order.
    pub(super) before: Vec<u32>,
    /// Subscribed after, in no particular order.
    pub(super) after: Vec<u32>,
    /// Of those before, how many are not among those after.
    pub(super) left: usize,
}

impl Moved {
    /// Churned ÷ start.
    pub(super) fn gross_churn(&self) -> Option<f64> {
        money_share(self.movements.churned, self.movements.start)
    }

    /// Net revenue retention: what is left of the start, with expansion.
    pub(super) fn retention(&self) -> Option<f64> {
        let Movements {
            start,
            expansion,
            contraction,
            churned,
            ..
        } = self.movements;
        money_share(start + expansion - contraction - churned, start)
    }
}
