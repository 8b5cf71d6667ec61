//! From what a tally kept to the figures. Sums of numbers with decimals are made in the order of the learners' names.

mod learning;

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use tuition_catalog::Currency;

use self::learning::{Buyer, Buyers};
use super::activity::activity;
use super::cohorts::cohorts;
use super::day::{Day, date_of};
use super::figures::{
    DayFigures, Movements, OtherCurrency, Report, SatisfactionParts, Subscribers, TouchActivity,
};
use super::reading::LessonRead;
use super::satisfaction::satisfaction;
use super::seen::{count, money_share, real, share};
use super::{Activity, Cohort, Period, Satisfaction, Tally};

/// Months of recurring revenue shown.
const MONTHS: i32 = 12;

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
            searches: self.interest.searches(),
            lesson_use: self.interest.lessons(),
            links_out: self.interest.links(),
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
