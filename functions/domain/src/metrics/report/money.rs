//! What was paid and given back, by currency, source and offer, and to whom it is owed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tuition_catalog::Currency;

use super::day::{Day, day_of};
use super::figures::{OfferFigures, Revenue, Takings, Touch};
use super::seen::{Names, count, mark_of, money_share, share};
use super::subscriptions::{Fee, Subscriptions};
use super::{Params, Period, Record};

/// The source of who came without one.
const DIRECT: &str = "direct";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    Purchase,
    Payment,
    Refund,
    Dispute,
}

/// One movement of money.
#[derive(Debug, Clone)]
struct Fact {
    at: Timestamp,
    day: Day,
    /// Mark of the record's id.
    id: u64,
    /// Mark of the order; of the id where there is none.
    order: u64,
    what: Moved,
    learner: u32,
    offer: u32,
    amount: i64,
    discount: i64,
    currency: Currency,
    first_touch: u32,
    last_touch: u32,
    /// Whether the offer is paid again each term.
    renews: bool,
}

/// All money.
#[derive(Debug, Default)]
pub(super) struct Money {
    facts: Vec<Fact>,
    offers: Names,
    touches: Names,
    pub(super) subscriptions: Subscriptions,
}

/// What a learner bought first.
#[derive(Debug, Clone, Default)]
pub(super) struct Bought {
    /// Day of their first purchase.
    pub(super) first_day: Day,
    /// What led them here first.
    pub(super) touch: String,
    /// Ids of what they bought.
    pub(super) offers: BTreeSet<String>,
}

impl Money {
    pub(super) fn purchase(
        &mut self,
        record: &Record<'_>,
        learner: u32,
        params: &Params,
    ) -> Option<()> {
        self.take(record, Moved::Purchase, learner, params)
    }

    pub(super) fn payment(
        &mut self,
        record: &Record<'_>,
        learner: u32,
        params: &Params,
    ) -> Option<()> {
        self.take(record, Moved::Payment, learner, params)
    }

    pub(super) fn refund(
        &mut self,
        record: &Record<'_>,
        learner: u32,
        params: &Params,
    ) -> Option<()> {
        self.take(record, Moved::Refund, learner, params)
    }

    pub(super) fn dispute(
        &mut self,
        record: &Record<'_>,
        learner: u32,
        params: &Params,
    ) -> Option<()> {
        self.take(record, Moved::Dispute, learner, params)
    }

    pub(super) fn subscription(
        &mut self,
        record: &Record<'_>,
        learner: u32,
        params: &Params,
        starts: bool,
    ) -> Option<()> {
        let offer = self.offers.number(&record.offer);
        let key = (learner, offer, mark_of(&record.order));
        if starts {
            let terms = params.offers.get(record.offer.as_ref())?;
            let monthly = terms.monthly(record.amount.unwrap_or(terms.amount));
            let currency = currency_of(record, params)?;
            self.subscriptions
                .start(key, record.at, Fee { monthly, currency });
        } else {
            self.subscriptions.end(key, record.at);
        }
        Some(())
    }

    /// `None` if the record does not say how much of what, and nothing else does.
    fn take(
        &mut self,
        record: &Record<'_>,
        what: Moved,
        learner: u32,
        params: &Params,
    ) -> Option<()> {
        let terms = params.offers.get(record.offer.as_ref());
        let id = mark_of(&record.id);
        self.facts.push(Fact {
            at: record.at,
            day: day_of(record.at),
            id,
            order: if record.order.is_empty() {
                id
            } else {
                mark_of(&record.order)
            },
            what,
            learner,
            offer: self.offers.number(&record.offer),
            amount: record.amount?,
            discount: record.discount.unwrap_or(0),
            currency: currency_of(record, params)?,
            first_touch: self.touches.number(touch(&record.first_touch)),
            last_touch: self.touches.number(touch(&record.last_touch)),
            renews: what == Moved::Payment || terms.is_some_and(|terms| terms.renews()),
        });
        Some(())
    }

    /// To be called once all records are there. From then on facts stand in the order of time.
    pub(super) fn sort(&mut self) {
        self.facts.sort_unstable_by_key(|fact| (fact.at, fact.id));
        self.subscriptions.sort();
    }

    /// Who bought something for good, ever, and what.
    pub(super) fn buyers(&self) -> BTreeMap<u32, Bought> {
        let mut buyers: BTreeMap<u32, Bought> = BTreeMap::new();
        for fact in self
            .facts
            .iter()
            .filter(|fact| fact.what == Moved::Purchase)
        {
            let bought = buyers.entry(fact.learner).or_insert_with(|| Bought {
                first_day: fact.day,
                touch: self.touches.name(fact.first_touch).to_owned(),
                offers: BTreeSet::new(),
            });
            bought
                .offers
                .insert(self.offers.name(fact.offer).to_owned());
        }
        buyers
    }

    /// Every currency in which something moved in the period.
    pub(super) fn currencies(&self, period: Period) -> BTreeSet<Currency> {
        self.within(period).map(|fact| fact.currency).collect()
    }

    /// One-time purchases of a period in one currency.
    pub(super) fn revenue(&self, period: Period, currency: Currency) -> Revenue {
        let mut revenue = Revenue::default();
        let (mut orders, mut refunded) = (BTreeSet::new(), BTreeSet::new());
        for fact in self
            .within(period)
            .filter(|fact| fact.currency == currency && !fact.renews)
        {
            let (touch, order) = match fact.what {
                Moved::Purchase => (fact.last_touch, fact.order),
                _ => self
                    .bought_by(fact)
                    .map_or((fact.last_touch, fact.order), |sale| {
                        (sale.last_touch, sale.order)
                    }),
            };
            let source = revenue
                .by_last_touch
                .entry(self.touches.name(touch).to_owned())
                .or_insert_with(Touch::default);
            match fact.what {
                Moved::Purchase | Moved::Payment => {
                    source.orders += u64::from(orders.insert(order));
                    source.gross += fact.amount;
                    source.net += fact.amount;
                    revenue.gross += fact.amount;
                }
                Moved::Refund => {
                    refunded.insert(order);
                    source.net -= fact.amount;
                    revenue.refunds += fact.amount;
                }
                Moved::Dispute => {
                    source.net -= fact.amount;
                    revenue.disputes += fact.amount;
                }
            }
        }
        revenue.orders = count(orders.len());
        revenue.refunded_orders = count(refunded.len());
        revenue.net_one_time = revenue.gross - revenue.refunds - revenue.disputes;
        revenue.refund_rate_orders = share(revenue.refunded_orders, revenue.orders);
        revenue.refund_rate_amount = money_share(revenue.refunds, revenue.gross);
        revenue
    }

    /// The purchase that money went back of: of the same order, or else the latest of this learner and offer.
    fn bought_by(&self, back: &Fact) -> Option<&Fact> {
        let sales = || {
            self.facts
                .iter()
                .filter(|fact| fact.what == Moved::Purchase && fact.learner == back.learner)
        };
        let of_order = sales().find(|sale| sale.order == back.order);
        of_order.or_else(|| sales().rfind(|sale| sale.offer == back.offer && sale.at <= back.at))
    }

    /// What moved in a period, of purchases and of subscriptions, by currency: equals the ledger.
    pub(super) fn takings(&self, period: Period) -> BTreeMap<String, Takings> {
        let mut all: BTreeMap<String, Takings> = BTreeMap::new();
        let (mut paid, mut refunded, mut discounted) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for fact in self.within(period) {
            let takings = all.entry(fact.currency.to_string()).or_default();
            match fact.what {
                Moved::Purchase => takings.one_time += fact.amount,
                Moved::Payment => takings.recurring += fact.amount,
                Moved::Refund => takings.refunds += fact.amount,
                Moved::Dispute => takings.disputes += fact.amount,
            }
            takings.discounts += fact.discount;
            match fact.what {
                Moved::Purchase | Moved::Payment => {
                    takings.orders += u64::from(paid.insert(fact.order))
                }
                Moved::Refund => takings.refunded_orders += u64::from(refunded.insert(fact.order)),
                Moved::Dispute => {}
            }
            if fact.discount > 0 && discounted.insert(fact.order) {
                takings.discounted_orders += 1;
            }
        }
        for takings in all.values_mut() {
            takings.gross = takings.one_time + takings.recurring;
            takings.net = takings.gross - takings.refunds - takings.disputes;
        }
        all
    }

    /// What each offer brought in a period, in one currency, most first.
    pub(super) fn by_offer(&self, period: Period, currency: Currency) -> Vec<OfferFigures> {
        let mut all: BTreeMap<u32, OfferFigures> = BTreeMap::new();
        let mut orders = BTreeSet::new();
        for fact in self.within(period).filter(|fact| fact.currency == currency) {
            let figures = all.entry(fact.offer).or_default();
            match fact.what {
                Moved::Purchase | Moved::Payment => {
                    figures.gross += fact.amount;
                    figures.discounts += fact.discount;
                    if orders.insert(fact.order) {
                        figures.orders += 1;
                        figures.discounted_orders += u64::from(fact.discount > 0);
                    }
                }
                Moved::Refund | Moved::Dispute => figures.back += fact.amount,
            }
        }
        let mut all: Vec<OfferFigures> = all
            .into_iter()
            .map(|(offer, figures)| OfferFigures {
                offer: self.offers.name(offer).to_owned(),
                ..figures
            })
            .collect();
        all.sort_by(|a, b| b.gross.cmp(&a.gross).then_with(|| a.offer.cmp(&b.offer)));
        all
    }

    /// What each learner brought in a period in one currency: purchases for good, less what went back, and one
    /// monthly fee per month and subscription. Everybody is there whom the ledger ever names.
    pub(super) fn by_learner(&self, period: Period, currency: Currency) -> BTreeMap<u32, i64> {
        let subscribers = self.subscriptions.first_days().map(|(learner, _)| learner);
        let everybody = self
            .facts
            .iter()
            .map(|fact| fact.learner)
            .chain(subscribers);
        let mut all: BTreeMap<u32, i64> = everybody.map(|learner| (learner, 0)).collect();
        for fact in self
            .within(period)
            .filter(|fact| fact.currency == currency && !fact.renews)
        {
            let sum = all.entry(fact.learner).or_default();
            match fact.what {
                Moved::Purchase | Moved::Payment => *sum += fact.amount,
                Moved::Refund | Moved::Dispute => *sum -= fact.amount,
            }
        }
        for month in period.months() {
            for (learner, fee) in self.subscriptions.active_in(month, currency) {
                *all.entry(learner).or_default() += fee;
            }
        }
        all
    }

    fn within(&self, period: Period) -> impl Iterator<Item = &Fact> {
        let (first, last) = period.days();
        self.facts
            .iter()
            .filter(move |fact| (first..=last).contains(&fact.day))
    }
}

fn touch(source: &str) -> &str {
    if source.is_empty() { DIRECT } else { source }
}

/// What the record says, or else what the offer costs.
fn currency_of(record: &Record<'_>, params: &Params) -> Option<Currency> {
    match record.currency.as_ref() {
        "" => Some(params.offers.get(record.offer.as_ref())?.currency),
        code => code.parse().ok(),
    }
}
