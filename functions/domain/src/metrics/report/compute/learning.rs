//! What buyers learned: how far each is with what they bought, and how lessons and courses were read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::super::Tally;
use super::super::figures::{CourseFigures, LessonFunnel};
use super::super::money::Bought;
use super::super::params::Course;
use super::super::reading::LessonRead;
use super::super::seen::{count, real, share};

/// Somebody who bought something for good.
pub(super) struct Buyer {
    pub(super) number: u32,
    pub(super) bought: Bought,
    /// Places of the courses that it opens.
    pub(super) courses: Vec<usize>,
    /// In the order of lessons' names.
    pub(super) reads: Vec<LessonRead>,
    /// Of the lessons that they bought.
    pub(super) learned: Learned,
}

/// How far a buyer is with what they bought.
#[derive(Default)]
pub(super) struct Learned {
    pub(super) lessons: u64,
    pub(super) finished: u64,
    /// Covered seconds of all seconds.
    pub(super) seconds: u64,
    pub(super) of_seconds: u64,
}

impl Learned {
    pub(super) fn completion(&self) -> Option<f64> {
        share(self.finished, self.lessons)
    }

    pub(super) fn watched(&self) -> Option<f64> {
        share(self.seconds, self.of_seconds)
    }
}

impl Buyer {
    pub(super) fn read(&self, lesson: u32) -> Option<&LessonRead> {
        let at = self
            .reads
            .binary_search_by_key(&lesson, |read| read.lesson)
            .ok()?;
        self.reads.get(at)
    }

    pub(super) fn finished(&self, lesson: u32) -> bool {
        self.read(lesson).is_some_and(|read| read.finished)
    }
}

/// Buyers by name.
pub(super) type Buyers = BTreeMap<String, Buyer>;

impl Tally {
    /// Lessons of each course by their numbers, in reading order.
    pub(super) fn courses(&self) -> Vec<(Course, Vec<u32>)> {
        let numbered = |course: Course| {
            let lessons = course
                .lessons
                .iter()
                .filter_map(|lesson| self.reading.lesson(lesson))
                .collect();
            (course, lessons)
        };
        self.params.courses().into_iter().map(numbered).collect()
    }

    pub(super) fn buyers(&mut self, courses: &[(Course, Vec<u32>)]) -> Buyers {
        let bought = self.money.buyers();
        let mut reads: HashMap<u32, Vec<LessonRead>> = self
            .reading
            .take_of(|learner| bought.contains_key(&learner));
        let mut buyers = Buyers::new();
        for (number, bought) in bought {
            let own: Vec<usize> = courses
                .iter()
                .enumerate()
                .filter(|(_, (course, _))| self.opens(&bought, &course.id))
                .map(|(at, _)| at)
                .collect();
            let lessons: BTreeSet<u32> = own
                .iter()
                .filter_map(|at| courses.get(*at))
                .flat_map(|(_, lessons)| lessons.iter().copied())
                .collect();
            let mut buyer = Buyer {
                number,
                bought,
                courses: own,
                reads: reads.remove(&number).unwrap_or_default(),
                learned: Learned::default(),
            };
            buyer.learned = Learned {
                lessons: count(lessons.len()),
                finished: count(
                    lessons
                        .iter()
                        .filter(|lesson| buyer.finished(**lesson))
                        .count(),
                ),
                seconds: lessons
                    .iter()
                    .filter_map(|lesson| buyer.read(*lesson))
                    .map(|read| u64::from(read.seconds))
                    .sum(),
                of_seconds: lessons
                    .iter()
                    .map(|lesson| u64::from(self.reading.length(*lesson)))
                    .sum(),
            };
            buyers.insert(self.learners.name(number).to_owned(), buyer);
        }
        buyers
    }

    pub(super) fn opens(&self, bought: &Bought, course: &str) -> bool {
        let opens = |offer: &String| {
            self.params
                .offers
                .get(offer)
                .is_some_and(|terms| terms.opens(course))
        };
        bought
            .offers
            .iter()
            .any(|offer| opens(offer) || offer == course)
    }

    pub(super) fn coverage(&self, buyers: &Buyers) -> BTreeMap<String, BTreeMap<Arc<str>, f64>> {
        let lessons: Vec<Arc<str>> = self
            .params
            .lessons
            .keys()
            .map(|lesson| lesson.as_str().into())
            .collect();
        let name = |lesson: u32| {
            usize::try_from(lesson)
                .ok()
                .and_then(|at| lessons.get(at))
                .cloned()
        };
        let of = |buyer: &Buyer| {
            buyer
                .reads
                .iter()
                .filter_map(|read| Some((name(read.lesson)?, read.share)))
                .collect()
        };
        buyers
            .iter()
            .map(|(learner, buyer)| (learner.clone(), of(buyer)))
            .collect()
    }

    pub(super) fn lesson_funnel(&self, buyers: &Buyers) -> BTreeMap<String, LessonFunnel> {
        let mut funnel: BTreeMap<String, LessonFunnel> = self
            .params
            .lessons
            .keys()
            .map(|lesson| (lesson.clone(), LessonFunnel::default()))
            .collect();
        for read in buyers.values().flat_map(|buyer| &buyer.reads) {
            if let Some(lesson) = funnel.get_mut(self.reading.name(read.lesson)) {
                lesson.started += u64::from(read.seconds > 0);
                lesson.finished += u64::from(read.finished);
            }
        }
        funnel
    }

    pub(super) fn retention(&self, buyers: &Buyers) -> BTreeMap<String, [f64; 10]> {
        let mut counts: BTreeMap<u32, (u64, [u64; 10])> = BTreeMap::new();
        for read in buyers
            .values()
            .flat_map(|buyer| &buyer.reads)
            .filter(|read| read.seconds > 0)
        {
            let (starters, tenths) = counts.entry(read.lesson).or_default();
            *starters += 1;
            let touched = read.cover.tenths(self.reading.length(read.lesson));
            for (tenth, is_touched) in tenths.iter_mut().zip(touched) {
                *tenth += u64::from(is_touched);
            }
        }
        let shares =
            |(starters, tenths): (u64, [u64; 10])| tenths.map(|tenth| real(tenth) / real(starters));
        counts
            .into_iter()
            .map(|(lesson, counts)| (self.reading.name(lesson).to_owned(), shares(counts)))
            .collect()
    }

    pub(super) fn readers(&self) -> BTreeMap<String, LessonFunnel> {
        let named = |(lesson, (started, finished)): (u32, (u64, u64))| {
            (
                self.reading.name(lesson).to_owned(),
                LessonFunnel { started, finished },
            )
        };
        self.reading.by_everybody().into_iter().map(named).collect()
    }

    pub(super) fn course_figures(
        &self,
        courses: &[(Course, Vec<u32>)],
        buyers: &Buyers,
    ) -> Vec<CourseFigures> {
        let figures = |(at, (course, lessons)): (usize, &(Course, Vec<u32>))| {
            let own: Vec<&Buyer> = buyers
                .values()
                .filter(|buyer| buyer.courses.contains(&at))
                .collect();
            let started =
                |buyer: &&&Buyer| lessons.iter().any(|lesson| buyer.read(*lesson).is_some());
            let completed = |buyer: &&&Buyer| {
                !lessons.is_empty() && lessons.iter().all(|lesson| buyer.finished(*lesson))
            };
            let (csat, nps) = self.voices.of_course(&course.id);
            let all_finished = count(own.iter().filter(completed).count());
            CourseFigures {
                course: course.id.clone(),
                buyers: count(own.len()),
                started: count(own.iter().filter(started).count()),
                completed: all_finished,
                completion_rate: share(all_finished, count(own.len())),
                csat: csat.satisfied(),
                csat_answers: csat.count(),
                nps: nps.net_promoters(),
                nps_answers: nps.count(),
            }
        };
        courses.iter().enumerate().map(figures).collect()
    }
}
