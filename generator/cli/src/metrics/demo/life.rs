//! What a shop of middling size might see: visitors in waves of weeks, some of whom buy, read for some weeks, answer a
//! survey, and now and then want their money back.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use tuition_catalog::{Catalog, Money, Offer, OfferKind, Term};
use tuition_domain::checkout::{LedgerEntry, LedgerKind};
use tuition_domain::identity::{LearnerId, OrderId};
use tuition_domain::metrics::report::GENERATED;
use tuition_domain::metrics::{Event, EventKind, Utm, Who};

use super::DayOf;
use super::dice::Dice;

/// Sources of visits, campaign and how often out of a hundred; what is missing to it comes directly.
const SOURCES: [(&str, &str, &str, u32); 5] = [
    ("newsletter", "monthly", "", 14),
    ("wechat", "", "", 12),
    ("video", "launch", "", 8),
    ("", "", "search.example", 30),
    ("", "", "forum.example", 6),
];

/// Somebody who bought.
struct Learner {
    id: LearnerId,
    offer: Offer,
    price: Money,
    order: OrderId,
    /// Number of the day on which they paid first.
    since: u16,
    /// How keen they are, out of a thousand.
    keen: u32,
    /// How many lessons they went through.
    passed: usize,
    /// A subscription that ended, or money that went back.
    is_gone: bool,
    steps: u32,
}

/// The made-up shop.
pub(super) struct Life<'a> {
    catalog: &'a Catalog,
    offers: Vec<&'a Offer>,
    dice: Dice,
    first: Date,
    days: u16,
    learners: Vec<Learner>,
    count: u64,
    seed: u64,
}

impl<'a> Life<'a> {
    /// `days` days that end on `last`; `None` if nothing has a price.
    pub(super) fn new(catalog: &'a Catalog, seed: u64, last: Date, days: u16) -> Option<Self> {
        let sold = |offer: &&Offer| {
            !offer.prices.is_empty()
                && !matches!(
                    offer.kind,
                    OfferKind::Donation | OfferKind::Service | OfferKind::Free
                )
        };
        let offers: Vec<&Offer> = catalog.offers.iter().filter(sold).collect();
        (!offers.is_empty()).then(|| Self {
            catalog,
            offers,
            dice: Dice::new(seed),
            first: last.saturating_sub((i32::from(days) - 1).days()),
            days,
            learners: Vec::new(),
            count: 0,
            seed,
        })
    }

    /// Everything of the day with this number, from 0 on; to be asked for in order.
    pub(super) fn day(&mut self, number: u16) -> DayOf {
        let mut day = DayOf::default();
        let date = self.first.saturating_add(i32::from(number).days());
        self.visits(number, date, &mut day);
        let mut learners = std::mem::take(&mut self.learners);
        for learner in &mut learners {
            self.live(learner, number, date, &mut day);
        }
        self.learners = learners;
        day.events.sort_by_key(|event| event.at);
        day
    }

    fn visits(&mut self, number: u16, date: Date, day: &mut DayOf) {
        let grown = 40 + 140 * u32::from(number) / u32::from(self.days);
        let weekly = if date.weekday().to_monday_zero_offset() < 5 {
            100
        } else {
            62
        };
        let visitors = (grown * weekly / 100) + self.dice.below(grown / 4 + 1);
        for _ in 0..visitors {
            let visitor = self.dice.hex();
            let at = self.moment(date);
            let (source, campaign, referrer) = self.source();
            let pages = 1 + self.dice.below(4);
            for page in 0..pages {
                let path = self
                    .dice
                    .pick(&self.catalog.paths)
                    .cloned()
                    .unwrap_or_default();
                let first = page == 0;
                let text = |text: &str| {
                    if first {
                        text.to_owned()
                    } else {
                        String::new()
                    }
                };
                let kind = EventKind::PageView {
                    path,
                    utm: Utm {
                        source: text(source),
                        campaign: text(campaign),
                        ..Utm::default()
                    },
                    referrer: text(referrer),
                };
                let at = at + SignedDuration::from_secs(i64::from(page * 70));
                self.event(day, at, Who::Visitor(visitor.clone()), kind);
            }
            if self.dice.per_mille(28) {
                let offer = self.dice.pick(&self.offers).map(|offer| (*offer).clone());
                if let Some(offer) = offer {
                    self.checkout(
                        offer,
                        &visitor,
                        number,
                        at + SignedDuration::from_mins(6),
                        day,
                    );
                }
            }
        }
    }

    fn source(&mut self) -> (&'static str, &'static str, &'static str) {
        let mut at = self.dice.below(100);
        for (source, campaign, referrer, often) in SOURCES {
            if at < often {
                return (source, campaign, referrer);
            }
            at -= often;
        }
        ("", "", "")
    }

    fn checkout(
        &mut self,
        offer: Offer,
        visitor: &str,
        number: u16,
        at: Timestamp,
        day: &mut DayOf,
    ) {
        let kind = EventKind::CheckoutStart {
            offer: offer.id.clone(),
        };
        self.event(day, at, Who::Visitor(visitor.to_owned()), kind);
        let ids = (
            LearnerId::parse(&(self.dice.hex() + &self.dice.hex())),
            OrderId::parse(&format!("demo_{}", self.dice.hex())),
        );
        let is_main = !self.dice.per_mille(250);
        let price = if is_main {
            offer.prices.first()
        } else {
            offer.prices.last()
        }
        .copied();
        if let ((Some(id), Some(order)), Some(price)) = (ids, price)
            && self.dice.per_mille(430)
        {
            let mut learner = Learner {
                id,
                price,
                order,
                since: number,
                keen: 200 + self.dice.below(700),
                passed: 0,
                is_gone: false,
                steps: 0,
                offer,
            };
            let discount = if self.dice.per_mille(120) {
                price.amount * 15 / 100
            } else {
                0
            };
            learner.book(
                at + SignedDuration::from_mins(3),
                &[
                    (LedgerKind::Gross, price.amount),
                    (LedgerKind::Discount, discount),
                ],
                day,
            );
            self.learners.push(learner);
        }
    }

    /// A day in the life of somebody who bought.
    fn live(&mut self, learner: &mut Learner, number: u16, date: Date, day: &mut DayOf) {
        let age = number - learner.since;
        if learner.is_gone || age == 0 {
            return;
        }
        let noon = self.moment(date);
        if age < 14 && self.dice.per_mille(3) {
            learner.is_gone = true;
            learner.book(
                noon,
                &[(LedgerKind::Refund, learner.price.amount * 85 / 100)],
                day,
            );
            return;
        }
        if learner.renews_on(self.first, date) {
            if self.dice.per_mille(90) {
                learner.is_gone = true;
                return;
            }
            learner.book(noon, &[(LedgerKind::Gross, learner.price.amount)], day);
        }
        // Interest fades, and comes back now and then.
        let interest = learner.keen * 30 / (30 + u32::from(age)) + 12;
        if self.dice.per_mille(interest) {
            self.read(learner, noon, day);
        }
        if age == 21 && self.dice.per_mille(340) {
            self.answer(learner, noon, day);
        }
    }

    fn read(&mut self, learner: &mut Learner, at: Timestamp, day: &mut DayOf) {
        let who = Who::Learner(learner.id.clone());
        self.event(day, at, who.clone(), EventKind::Active);
        let lessons: Vec<(String, u32)> = self
            .catalog
            .covered(&learner.offer)
            .flat_map(|course| {
                course
                    .lessons
                    .iter()
                    .map(|lesson| (format!("{}/{}", course.id, lesson.id), lesson.seconds))
            })
            .collect();
        for _ in 0..=self.dice.below(2) {
            let Some((lesson, seconds)) = lessons.get(learner.passed) else {
                return;
            };
            let seconds = (*seconds).max(10);
            // Some lessons are harder than others, and everybody stops somewhere.
            let hard = 60 * u32::try_from(learner.passed % 5).unwrap_or(0);
            let is_whole = self
                .dice
                .per_mille((600 + learner.keen / 3).saturating_sub(hard));
            let to = if is_whole {
                seconds
            } else {
                seconds * (1 + self.dice.below(9)) / 10
            };
            let kind = EventKind::Watch {
                lesson: lesson.clone(),
                from: 0,
                to: to.max(1),
            };
            self.event(day, at + SignedDuration::from_mins(9), who.clone(), kind);
            if is_whole || self.dice.per_mille(550) {
                learner.passed += 1;
            } else if self.dice.per_mille(120) {
                learner.keen /= 8;
            }
        }
    }

    fn answer(&mut self, learner: &Learner, at: Timestamp, day: &mut DayOf) {
        let Some(course) = self
            .catalog
            .covered(&learner.offer)
            .next()
            .map(|course| course.id.clone())
        else {
            return;
        };
        let who = Who::Learner(learner.id.clone());
        let pleased = self.dice.per_mille(450 + learner.keen / 2);
        let low = u8::try_from(self.dice.below(3)).unwrap_or(0);
        let (csat, nps) = if pleased {
            (4 + low.min(1), 8 + low)
        } else {
            (2 + low, 3 + 2 * low)
        };
        self.event(
            day,
            at,
            who.clone(),
            EventKind::Csat {
                course: course.clone(),
                score: csat,
            },
        );
        self.event(day, at, who, EventKind::Nps { course, score: nps });
    }

    fn event(&mut self, day: &mut DayOf, at: Timestamp, who: Who, kind: EventKind) {
        self.count += 1;
        let id = format!("{GENERATED}{}/{}/{}", self.seed, self.first, self.count);
        day.events.push(Event { id, at, who, kind });
    }

    /// Some moment of the waking hours of a day.
    fn moment(&mut self, date: Date) -> Timestamp {
        let second = 6 * 3600 + self.dice.below(17 * 3600);
        let start = date
            .to_zoned(TimeZone::UTC)
            .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
        start + SignedDuration::from_secs(i64::from(second))
    }
}

impl Learner {
    fn book(&mut self, at: Timestamp, kinds: &[(LedgerKind, i64)], day: &mut DayOf) {
        self.steps += 1;
        let entries = kinds
            .iter()
            .filter(|(_, amount)| *amount != 0)
            .map(|(kind, amount)| LedgerEntry {
                id: format!("{GENERATED}{}/{}/{}", self.order, self.steps, kind.as_str()),
                at,
                kind: *kind,
                order: self.order.clone(),
                offer: self.offer.id.clone(),
                learner: self.id.clone(),
                money: Money {
                    amount: *amount,
                    currency: self.price.currency,
                },
            });
        day.ledger.push(entries.collect());
    }

    fn renews_on(&self, first: Date, date: Date) -> bool {
        let begun = first.saturating_add(i32::from(self.since).days());
        match (self.offer.kind, self.offer.term) {
            (OfferKind::Subscription, Some(Term::Month) | None) => {
                date.day() == begun.day().min(28)
            }
            (OfferKind::Subscription, Some(Term::Year)) => {
                date.day() == begun.day() && date.month() == begun.month()
            }
            _ => false,
        }
    }
}
