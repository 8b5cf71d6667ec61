//! From what a tally kept to the figures. Sums of numbers with decimals are made in the order of the learners' names.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::ToSpan as _;
use tuition_catalog::Currency;

use super::activity::activity;
use super::cohorts::cohorts;
use super::day::{Day, date_of};
use super::figures::{
    CourseFigures, DayFigures, LessonFunnel, Movements, OtherCurrency, Report, SatisfactionParts,
    Subscribers, TouchActivity,
};
use super::money::Bought;
use super::params::Course;
use super::reading::LessonRead;
use super::satisfaction::satisfaction;
use super::seen::{count, money_share, real, share};
use super::{Activity, Cohort, Period, Satisfaction, Tally};

/// Months of recurring revenue shown.
const MONTHS: i32 = 12;

/// Somebody who bought something for good.
struct Buyer {
    number: u32,
    bought: Bought,
    /// Places of the courses that it opens.
    courses: Vec<usize>,
    /// In the order of lessons' names.
    reads: Vec<LessonRead>,
    /// Of the lessons that they bought.
    learned: Learned,
}

/// How far a buyer is with what they bought.
#[derive(Default)]
struct Learned {
    lessons: u64,
    finished: u64,
    /// Covered seconds of all seconds.
    seconds: u64,
    of_seconds: u64,
}

impl Learned {
    fn completion(&self) -> Option<f64> {
        share(self.finished, self.lessons)
    }

    fn watched(&self) -> Option<f64> {
        share(self.seconds, self.of_seconds)
    }
}

impl Buyer {
    fn read(&self, lesson: u32) -> Option<&LessonRead> {
        let at = self
            .reads
            .binary_search_by_key(&lesson, |read| read.lesson)
            .ok()?;
        self.reads.get(at)
    }

    fn finished(&self, lesson: u32) -> bool {
        self.read(lesson).is_some_and(|read| read.finished)
    }
}

/// Buyers by name.
type Buyers = BTreeMap<String, Buyer>;

impl Tally {
    /// Computes every figure.
    #[must_use]
    pub fn report(mut self) -> Report {
        self.money.sort();
        let readers = self.readers();
        let courses = self.courses();
        let buyers = self.buyers(&courses);
        let currency = self.params.main_currency();
        let window = self.params.activity_window();
        let reach = self.presence.reach(window);
        let pleased = self.satisfied(&buyers);
        let active = self.active(&buyers, window);
        let money = self.money_in(currency);
        let others = self
            .money
            .currencies(self.period)
            .into_iter()
            .filter(|other| *other != currency);
        let completed = buyers.values().filter(|buyer| buyer.learned.lessons > 0);
        let finished_all = completed
            .clone()
            .filter(|buyer| buyer.learned.finished == buyer.learned.lessons);
        let each = |of: fn(&LessonRead) -> bool| -> BTreeMap<String, u64> {
            let counted = |buyer: &Buyer| count(buyer.reads.iter().filter(|read| of(read)).count());
            buyers
                .iter()
                .map(|(name, buyer)| (name.clone(), counted(buyer)))
                .collect()
        };
        let moved = self.money.subscriptions.movements(self.period, currency);
        let mut subscribers = Subscribers {
            start: self.names(&moved.before),
            end: self.names(&moved.after),
        };
        subscribers.start.sort_unstable();
        subscribers.end.sort_unstable();
        let churn = share(count(moved.left), count(moved.before.len()));
        let arpu = (!moved.after.is_empty())
            .then(|| money_share(moved.movements.end, 1))
            .flatten();
        let arpu = arpu.map(|end| end / real(count(moved.after.len())));
        Report {
            period: self.period,
            activity_window: window,
            currency: currency.to_string(),
            records: self.records,
            coverage: self.coverage(&buyers),
            lessons_finished: each(|read| read.finished),
            lessons_started: each(|read| read.seconds > 0),
            completion_rate: buyers
                .iter()
                .filter_map(|(name, buyer)| Some((name.clone(), buyer.learned.completion()?)))
                .collect(),
            course_completion_rate: share(count(finished_all.count()), count(completed.count())),
            lesson_funnel: self.lesson_funnel(&buyers),
            retention: self.retention(&buyers),
            readers,
            courses: self.course_figures(&courses, &buyers),
            csat: self.voices.csat.satisfied(),
            csat_mean: self.voices.csat.mean(),
            csat_answers: self.voices.csat.count(),
            nps: self.voices.nps.net_promoters(),
            nps_answers: self.voices.nps.count(),
            satisfaction: pleased.values().map(|one| one.satisfaction).sum(),
            satisfaction_mean: mean(pleased.values().map(|one| one.satisfaction)),
            satisfaction_answered: count(
                pleased
                    .values()
                    .filter(|one| one.components.csat.is_some())
                    .count(),
            ),
            satisfaction_of: pleased,
            activity: active.values().map(|one| one.activity).sum(),
            activity_mean: mean(active.values().map(|one| one.activity)),
            activity_by_first_touch: by_touch(&buyers, &active),
            activity_of: active,
            dau_last: reach.last_day,
            dau_mean: reach.mean_of_days,
            wau: reach.week,
            mau: reach.window,
            stickiness: reach.stickiness,
            cohorts: self.cohorts(&buyers),
            page_funnel: self.traffic.funnel(),
            pages: self.traffic.pages(),
            sources: self.traffic.sources(),
            days: self.days(),
            takings: self.money.takings(self.period),
            revenue: money.revenue,
            offers: money.offers,
            mrr_months: self.months(currency),
            subscribers,
            logo_churn_monthly: churn,
            revenue_churn_gross: moved.gross_churn(),
            nrr: moved.retention(),
            arpu,
            ltv: arpu
                .zip(churn)
                .filter(|(_, churn)| *churn > 0.0)
                .map(|(arpu, churn)| arpu / churn),
            mrr: moved.movements,
            revenue_of: money.revenue_of,
            revenue_sum: money.revenue_sum,
            other_currencies: others
                .map(|other| (other.to_string(), self.money_in(other).without_nothing()))
                .collect(),
            params: self.params,
        }
    }

    /// Lessons of each course by their numbers, in reading order.
    fn courses(&self) -> Vec<(Course, Vec<u32>)> {
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

    fn buyers(&mut self, courses: &[(Course, Vec<u32>)]) -> Buyers {
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

    fn opens(&self, bought: &Bought, course: &str) -> bool {
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

    fn coverage(&self, buyers: &Buyers) -> BTreeMap<String, BTreeMap<Arc<str>, f64>> {
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

    fn lesson_funnel(&self, buyers: &Buyers) -> BTreeMap<String, LessonFunnel> {
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

    fn retention(&self, buyers: &Buyers) -> BTreeMap<String, [f64; 10]> {
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

    fn readers(&self) -> BTreeMap<String, LessonFunnel> {
        let named = |(lesson, (started, finished)): (u32, (u64, u64))| {
            (
                self.reading.name(lesson).to_owned(),
                LessonFunnel { started, finished },
            )
        };
        self.reading.by_everybody().into_iter().map(named).collect()
    }

    fn course_figures(
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

    fn satisfied(&self, buyers: &Buyers) -> BTreeMap<String, Satisfaction> {
        let of = |name: &String, buyer: &Buyer| {
            let sentiment = self.comments.sentiment.get(name);
            let parts = SatisfactionParts {
                csat: self.voices.csat_of(buyer.number),
                sentiment: sentiment.and_then(|all| mean(all.iter().copied())),
                completion: buyer.learned.completion(),
                watch: buyer.learned.watched(),
            };
            satisfaction(parts, &self.params.satisfaction)
        };
        buyers
            .iter()
            .filter_map(|(name, buyer)| Some((name.clone(), of(name, buyer)?)))
            .collect()
    }

    fn active(&self, buyers: &Buyers, window: Period) -> BTreeMap<String, Activity> {
        let of = |name: &String, buyer: &Buyer| {
            activity(
                self.presence.days_of(buyer.number, window),
                buyer
                    .reads
                    .iter()
                    .map(|read| u64::from(read.recent_seconds))
                    .sum(),
                count(
                    buyer
                        .reads
                        .iter()
                        .filter(|read| read.finished_recently)
                        .count(),
                ),
                self.comments.posts.get(name).copied().unwrap_or(0),
                &self.params.activity,
                &self.params.saturation,
            )
        };
        buyers
            .iter()
            .map(|(name, buyer)| (name.clone(), of(name, buyer)))
            .collect()
    }

    fn cohorts(&self, buyers: &Buyers) -> Vec<Cohort> {
        let mut first: BTreeMap<u32, Day> = buyers
            .values()
            .map(|buyer| (buyer.number, buyer.bought.first_day))
            .collect();
        for (learner, day) in self.money.subscriptions.first_days() {
            let earliest = first.entry(learner).or_insert(day);
            *earliest = day.min(*earliest);
        }
        cohorts(&first, &self.presence, self.period, self.params.since)
    }

    fn days(&self) -> Vec<DayFigures> {
        let learners = self.presence.by_day(self.period);
        let days = self.traffic.by_day().into_iter().zip(learners);
        days.map(|((day, counts), learners)| DayFigures {
            day: date_of(day),
            views: counts.views,
            visitors: counts.visitors,
            learners,
        })
        .collect()
    }

    fn months(&self, currency: Currency) -> Vec<Movements> {
        let last = self.period.to.first_of_month();
        let from = last.saturating_sub((MONTHS - 1).months());
        let months = Period {
            from,
            to: self.period.to,
        }
        .months();
        months
            .into_iter()
            .map(|month| {
                self.money
                    .subscriptions
                    .movements(month, currency)
                    .movements
            })
            .collect()
    }

    fn money_in(&self, currency: Currency) -> OtherCurrency {
        let by_learner = self.money.by_learner(self.period, currency);
        OtherCurrency {
            revenue: self.money.revenue(self.period, currency),
            offers: self.money.by_offer(self.period, currency),
            mrr: self
                .money
                .subscriptions
                .movements(self.period, currency)
                .movements,
            revenue_sum: by_learner.values().sum(),
            revenue_of: by_learner
                .into_iter()
                .map(|(learner, sum)| (self.learners.name(learner).to_owned(), sum))
                .collect(),
        }
    }

    fn names(&self, learners: &[u32]) -> Vec<String> {
        learners
            .iter()
            .map(|learner| self.learners.name(*learner).to_owned())
            .collect()
    }
}

impl OtherCurrency {
    /// Leaves out the learners who brought nothing in it.
    fn without_nothing(mut self) -> Self {
        self.revenue_of.retain(|_, sum| *sum != 0);
        self
    }
}

fn by_touch(
    buyers: &Buyers,
    active: &BTreeMap<String, Activity>,
) -> BTreeMap<String, TouchActivity> {
    let mut touches: BTreeMap<String, TouchActivity> = BTreeMap::new();
    for (name, buyer) in buyers {
        let touch = touches.entry(buyer.bought.touch.clone()).or_default();
        touch.learners += 1;
        touch.activity += active.get(name).map_or(0.0, |one| one.activity);
    }
    touches
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut many) = (0.0, 0);
    for value in values {
        sum += value;
        many += 1;
    }
    (many > 0).then(|| sum / real(many))
}
