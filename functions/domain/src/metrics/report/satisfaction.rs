//! What learners say: scores of satisfaction and recommendation, and F, satisfaction as far as it was observed.

use std::collections::HashMap;

use tuition_catalog::SatisfactionWeights;

use super::figures::{Satisfaction, SatisfactionParts};
use super::seen::{real, share};

/// Answers of one kind, by score.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Answers([u64; 11]);

impl Answers {
    pub(super) fn add(&mut self, score: u8) {
        if let Some(count) = self.0.get_mut(usize::from(score)) {
            *count += 1;
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    pub(super) fn mean(&self) -> Option<f64> {
        let sum = (0_u64..)
            .zip(self.0)
            .map(|(score, count)| score * count)
            .sum();
        share(sum, self.count())
    }

    fn between(&self, least: usize, most: usize) -> u64 {
        self.0.get(least..=most).unwrap_or_default().iter().sum()
    }

    /// Share of scores 4–5 of 1–5.
    pub(super) fn satisfied(&self) -> Option<f64> {
        share(self.between(4, 5), self.count())
    }

    /// Net promoter score, −100 to 100: % of 9–10 less % of 0–6.
    pub(super) fn net_promoters(&self) -> Option<f64> {
        let (promoters, detractors) = (real(self.between(9, 10)), real(self.between(0, 6)));
        (self.count() > 0).then(|| 100.0 * (promoters - detractors) / real(self.count()))
    }
}

/// All answers.
#[derive(Debug, Default)]
pub(super) struct Voices {
    pub(super) csat: Answers,
    pub(super) nps: Answers,
    by_learner: HashMap<u32, Answers>,
    csat_by_course: HashMap<Box<str>, Answers>,
    nps_by_course: HashMap<Box<str>, Answers>,
}

impl Voices {
    /// `None` if there is no such score.
    pub(super) fn csat(&mut self, learner: u32, course: &str, score: u8) -> Option<()> {
        (1..=5).contains(&score).then_some(())?;
        self.csat.add(score);
        self.by_learner.entry(learner).or_default().add(score);
        self.csat_by_course
            .entry(course.into())
            .or_default()
            .add(score);
        Some(())
    }

    /// `None` if there is no such score.
    pub(super) fn nps(&mut self, course: &str, score: u8) -> Option<()> {
        (0..=10).contains(&score).then_some(())?;
        self.nps.add(score);
        self.nps_by_course
            .entry(course.into())
            .or_default()
            .add(score);
        Some(())
    }

    /// How satisfied a learner is on average, 0–1.
    pub(super) fn csat_of(&self, learner: u32) -> Option<f64> {
        self.by_learner
            .get(&learner)?
            .mean()
            .map(|mean| (mean - 1.0) / 4.0)
    }

    /// Answers about a course: satisfaction, recommendation.
    pub(super) fn of_course(&self, course: &str) -> (Answers, Answers) {
        let of = |all: &HashMap<Box<str>, Answers>| all.get(course).copied().unwrap_or_default();
        (of(&self.csat_by_course), of(&self.nps_by_course))
    }
}

/// 100 × the weighted mean of what was observed; an answer that was not given is not a zero. `None` if nothing was.
pub(super) fn satisfaction(
    parts: SatisfactionParts,
    weights: &SatisfactionWeights,
) -> Option<Satisfaction> {
    let all = [
        (parts.csat, weights.csat),
        (parts.sentiment, weights.sentiment),
        (parts.completion, weights.completion),
        (parts.watch, weights.watch),
    ];
    let (mut sum, mut weight) = (0.0, 0.0);
    for (value, of) in all {
        if let Some(value) = value {
            sum += of * value;
            weight += of;
        }
    }
    (weight > 0.0).then(|| Satisfaction {
        components: parts,
        satisfaction: 100.0 * sum / weight,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_not_given_is_not_a_zero() {
        let weights = SatisfactionWeights::default();
        let parts = SatisfactionParts {
            csat: Some(1.0),
            ..SatisfactionParts::default()
        };
        assert_eq!(satisfaction(parts, &weights).unwrap().satisfaction, 100.0);
        assert!(satisfaction(SatisfactionParts::default(), &weights).is_none());
    }

    #[test]
    fn promoters_and_detractors_are_counted_by_their_scores() {
        let mut answers = Answers::default();
        assert_eq!(
            (answers.net_promoters(), answers.satisfied(), answers.mean()),
            (None, None, None)
        );
        for score in [0, 6, 7, 8, 9, 10, 10, 10] {
            answers.add(score);
        }
        assert_eq!(answers.net_promoters(), Some(25.0));
        assert_eq!((answers.count(), answers.mean()), (8, Some(7.5)));
    }
}
