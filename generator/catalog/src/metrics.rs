//! How the author's report weighs what learners do, set by `[metrics]` in `site.toml`.

use serde::{Deserialize, Serialize};

/// Weights and saturation points of the report. They are product choices and stand beside the figures.
///
/// In `site.toml` an unknown key is an error; in `catalog.json` it is too, since a weight that a function doesn't
/// know would silently not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Weights of satisfaction.
    pub satisfaction: SatisfactionWeights,
    /// Weights of activity.
    pub activity: ActivityWeights,
    /// Where activity saturates.
    pub saturation: Saturation,
}

/// How much each part counts for satisfaction; of what was not observed the weight goes to the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SatisfactionWeights {
    /// The learner's score of a course.
    pub csat: f64,
    /// Mean sentiment of their comments.
    pub sentiment: f64,
    /// Lessons they finished of those they bought.
    pub completion: f64,
    /// Share of what they bought that they watched or read.
    pub watch: f64,
}

/// How much each part counts for activity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActivityWeights {
    /// Days on which they were here.
    pub active_days: f64,
    /// Minutes watched or read.
    pub watch_min: f64,
    /// Lessons finished.
    pub lessons: f64,
    /// Comments written.
    pub posts: f64,
}

/// Where each part of activity saturates: at this value it counts 63 %, at three times as much 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Saturation {
    /// Days.
    pub active_days: f64,
    /// Minutes.
    pub watch_min: f64,
    /// Lessons.
    pub lessons: f64,
    /// Comments.
    pub posts: f64,
}

impl Metrics {
    /// Whether nothing was set.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with the numbers, if anything, by the name of its key.
    #[must_use]
    pub fn mistake(&self) -> Option<&'static str> {
        let SatisfactionWeights {
            csat,
            sentiment,
            completion,
            watch,
        } = self.satisfaction;
        let ActivityWeights {
            active_days,
            watch_min,
            lessons,
            posts,
        } = self.activity;
        let weights = [csat, sentiment, completion, watch];
        if !is_weighing(&weights) {
            return Some("satisfaction");
        }
        if !is_weighing(&[active_days, watch_min, lessons, posts]) {
            return Some("activity");
        }
        let Saturation {
            active_days,
            watch_min,
            lessons,
            posts,
        } = self.saturation;
        let points = [active_days, watch_min, lessons, posts];
        (!points.iter().all(|point| point.is_finite() && *point > 0.0)).then_some("saturation")
    }
}

/// None below 0, and together above 0.
fn is_weighing(weights: &[f64]) -> bool {
    weights
        .iter()
        .all(|weight| weight.is_finite() && *weight >= 0.0)
        && weights.iter().sum::<f64>() > 0.0
}

impl Default for SatisfactionWeights {
    fn default() -> Self {
        Self {
            csat: 0.4,
            sentiment: 0.2,
            completion: 0.25,
            watch: 0.15,
        }
    }
}

impl Default for ActivityWeights {
    fn default() -> Self {
        Self {
            active_days: 0.4,
            watch_min: 0.3,
            lessons: 0.2,
            posts: 0.1,
        }
    }
}

impl Default for Saturation {
    fn default() -> Self {
        Self {
            active_days: 8.0,
            watch_min: 120.0,
            lessons: 6.0,
            posts: 4.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_keeps_its_default_and_unknown_keys_are_refused() {
        let read: Metrics = serde_json::from_str(r#"{"satisfaction": {"csat": 0.5}}"#).unwrap();
        assert_eq!(
            (read.satisfaction.csat, read.satisfaction.watch),
            (0.5, 0.15)
        );
        assert!(!read.is_default() && Metrics::default().is_default());
        assert!(serde_json::from_str::<Metrics>(r#"{"satisfaction": {"mood": 1}}"#).is_err());
    }

    #[test]
    fn a_weight_that_weighs_nothing_is_a_mistake() {
        let read = |json: &str| serde_json::from_str::<Metrics>(json).unwrap().mistake();
        assert_eq!(read("{}"), None);
        assert_eq!(
            read(r#"{"satisfaction": {"watch": -1}}"#),
            Some("satisfaction")
        );
        let nothing =
            r#"{"activity": {"active_days": 0, "watch_min": 0, "lessons": 0, "posts": 0}}"#;
        assert_eq!(read(nothing), Some("activity"));
        assert_eq!(read(r#"{"saturation": {"posts": 0}}"#), Some("saturation"));
    }
}
