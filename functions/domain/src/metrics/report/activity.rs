//! Who was here on which days, and G, how active a learner is.

use std::collections::HashMap;

use serde::Serialize;
use tuition_catalog::{ActivityWeights, Saturation};
use utoipa::ToSchema;

use super::Period;
use super::day::{Day, day_number};
use super::day_set::DaySet;
use super::seen::{real, share};

/// How active a learner is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Activity {
    /// Days on which they were here.
    pub active_days: u32,
    /// Minutes that they watched or read.
    pub watch_minutes: f64,
    /// What it is made of, each 0–1.
    pub components: ActivityParts,
    /// 0–100.
    #[serde(rename = "G")]
    pub activity: f64,
}

/// Saturated parts of activity, each 0–1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct ActivityParts {
    /// Of active days.
    pub active_days: f64,
    /// Of minutes watched.
    pub watch_min: f64,
    /// Of lessons finished.
    pub lessons: f64,
    /// Of questions, answers and notes written.
    pub posts: f64,
}

/// 100 × the weighted sum of `1 − e^(−x/c)` of each part.
pub(super) fn activity(
    active_days: u32,
    watched_seconds: u64,
    finished: u64,
    posts: u64,
    weights: &ActivityWeights,
    points: &Saturation,
) -> Activity {
    let saturated = |value: f64, point: f64| 1.0 - (-value / point).exp();
    let watch_minutes = real(watched_seconds) / 60.0;
    let components = ActivityParts {
        active_days: saturated(f64::from(active_days), points.active_days),
        watch_min: saturated(watch_minutes, points.watch_min),
        lessons: saturated(real(finished), points.lessons),
        posts: saturated(real(posts), points.posts),
    };
    let sum = weights.active_days * components.active_days
        + weights.watch_min * components.watch_min
        + weights.lessons * components.lessons
        + weights.posts * components.posts;
    Activity {
        active_days,
        watch_minutes,
        components,
        activity: 100.0 * sum,
    }
}

/// Who was here when.
#[derive(Debug, Default)]
pub(super) struct Presence(HashMap<u32, DaySet>);

/// Learners of a day, of seven and of the whole window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reach {
    pub(super) last_day: u64,
    pub(super) mean_of_days: f64,
    pub(super) week: u64,
    pub(super) window: u64,
    /// Mean day ÷ window.
    pub(super) stickiness: Option<f64>,
}

impl Presence {
    pub(super) fn was_here(&mut self, learner: u32, day: Day) {
        self.0.entry(learner).or_default().insert(day);
    }

    /// Days of a window on which a learner was here.
    pub(super) fn days_of(&self, learner: u32, window: Period) -> u32 {
        let (first, last) = window.days();
        self.0
            .get(&learner)
            .map_or(0, |days| days.count(first, last))
    }

    /// Whether a learner was here in a period.
    pub(super) fn was_in(&self, learner: u32, period: Period) -> bool {
        let (first, last) = period.days();
        self.0
            .get(&learner)
            .is_some_and(|days| days.any(first, last))
    }

    /// Learners of each day of a period, in its order.
    pub(super) fn by_day(&self, period: Period) -> Vec<u64> {
        let (first, last) = period.days();
        (first..=last).map(|day| self.on(day)).collect()
    }

    pub(super) fn reach(&self, window: Period) -> Reach {
        let (first, last) = window.days();
        let days = self.by_day(window);
        let visits: u64 = days.iter().sum();
        let of = |first: Day| self.0.values().filter(|days| days.any(first, last)).count() as u64;
        let week = day_number(Period::ending(window.to, 7).from);
        let (week, window) = (of(week), of(first));
        let mean_of_days = real(visits) / real(days.len() as u64);
        Reach {
            last_day: days.last().copied().unwrap_or(0),
            mean_of_days,
            week,
            window,
            stickiness: share(1, window).map(|one| mean_of_days * one),
        }
    }

    fn on(&self, day: Day) -> u64 {
        self.0.values().filter(|days| days.contains(day)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_done_is_no_activity_and_much_comes_near_a_hundred() {
        let of = |days, seconds, finished, posts| {
            activity(
                days,
                seconds,
                finished,
                posts,
                &ActivityWeights::default(),
                &Saturation::default(),
            )
            .activity
        };
        assert_eq!(of(0, 0, 0, 0), 0.0);
        let much = of(1000, 10_000_000, 1000, 1000);
        assert!((99.999..=100.0).contains(&much), "{much}");
        assert!(of(2, 0, 0, 0) > of(1, 0, 0, 0));
    }
}
