//! Learners by the month in which they paid first, and how many of them came back in each month after.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::Period;
use super::activity::Presence;
use super::day::{Day, date_of, month_name};
use super::seen::{count, share};

/// Who paid first in one month.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Cohort {
    /// As `2026-06`.
    pub month: String,
    /// How many they are.
    pub learners: u64,
    /// Share of them who were here in that month, the next, and so on; `null` for a month that the records say nothing
    /// of.
    pub active: Vec<Option<f64>>,
}

/// The cohorts up to a period's last month, oldest first.
pub(super) fn cohorts(
    first_days: &BTreeMap<u32, Day>,
    presence: &Presence,
    period: Period,
    since: Option<Date>,
) -> Vec<Cohort> {
    let mut members: BTreeMap<Date, Vec<u32>> = BTreeMap::new();
    for (learner, day) in first_days {
        members
            .entry(date_of(*day).first_of_month())
            .or_default()
            .push(*learner);
    }
    members
        .into_iter()
        .filter(|(month, _)| *month <= period.to)
        .map(|(month, learners)| {
            let months = Period {
                from: month,
                to: period.to,
            }
            .months();
            let here = |month: Period| {
                learners
                    .iter()
                    .filter(|learner| presence.was_in(**learner, month))
                    .count()
            };
            let all = count(learners.len());
            Cohort {
                month: month_name(month),
                learners: all,
                active: months
                    .into_iter()
                    .map(|month| {
                        share(count(here(month)), all)
                            .filter(|_| since.is_none_or(|since| since <= month.from))
                    })
                    .collect(),
            }
        })
        .collect()
}
