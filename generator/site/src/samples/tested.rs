//! When the samples of a lesson were last run, for the pages that say so and for builds that insist on it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Group, read::Reader};
use crate::{Files, diagnostic::Diagnostic, model::Model};

/// That a sample did what it must, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tested {
    /// When it was run.
    pub at: Timestamp,
    /// What the repository held then: letters and digits; `None` without one.
    pub commit: Option<String>,
}

/// What is known of a text all of whose samples passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestedSamples {
    /// How many, from 1.
    pub(crate) count: usize,
    /// The one that was run longest ago.
    pub(crate) oldest: Tested,
}

/// The lessons all of whose samples passed, by the path of the text.
#[derive(Debug, Default)]
pub(crate) struct TestedLessons {
    whole: BTreeMap<String, TestedSamples>,
    /// Paid lessons as everyone sees them: their samples are those of the teaser, read from the teaser alone.
    teasers: BTreeMap<String, TestedSamples>,
}

impl TestedLessons {
    /// Looks all samples up in `tested`, which is by key.
    pub(crate) fn new(
        model: &Model,
        groups: &[Group],
        files: &Files,
        tested: &BTreeMap<String, Tested>,
    ) -> Self {
        let mut lessons = Self::default();
        if tested.is_empty() {
            return lessons;
        }
        let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for sample in groups.iter().flat_map(|group| &group.samples) {
            keys.entry(&sample.place.path)
                .or_default()
                .push(&sample.key);
        }
        for (path, keys) in keys {
            if let Some(all) = all(&keys, tested) {
                lessons.whole.insert(path.to_owned(), all);
            }
        }
        for course in &model.courses {
            let settings = course.tests.or(&model.site.tests);
            // What is wrong with the settings has been said.
            let reader = Reader::new(files, &settings, &mut Vec::new());
            let paid = course.lessons.iter().filter(|lesson| lesson.paid);
            for text in paid.flat_map(|lesson| lesson.texts.values()) {
                let found = reader.read(&text.body, text.body.teaser());
                let keys: Vec<&str> = found
                    .samples
                    .iter()
                    .map(|sample| sample.key.as_str())
                    .collect();
                if let Some(all) = all(&keys, tested) {
                    lessons.teasers.insert(text.body.file.path.clone(), all);
                }
            }
        }
        lessons
    }

    /// Of a whole text.
    pub(crate) fn whole(&self, path: &str) -> Option<&TestedSamples> {
        self.whole.get(path)
    }

    /// Of what everyone sees of a paid one.
    pub(crate) fn teaser(&self, path: &str) -> Option<&TestedSamples> {
        self.teasers.get(path)
    }
}

fn all(keys: &[&str], tested: &BTreeMap<String, Tested>) -> Option<TestedSamples> {
    let records: Option<Vec<&Tested>> = keys.iter().map(|key| tested.get(*key)).collect();
    let oldest = records?.into_iter().min()?.clone();
    Some(TestedSamples {
        count: keys.len(),
        oldest,
    })
}

/// Reports every sample that has no record.
pub(crate) fn require(
    groups: &[Group],
    tested: &BTreeMap<String, Tested>,
    report: &mut Vec<Diagnostic>,
) {
    let samples = groups.iter().flat_map(|group| &group.samples);
    report.extend(
        samples
            .filter(|sample| !tested.contains_key(&sample.key))
            .map(|sample| {
                let message = "the sample has not been tested as it stands here";
                sample
                    .place
                    .error("untested", message, "run `tuition test`")
            }),
    );
}
