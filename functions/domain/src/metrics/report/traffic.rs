//! Pages seen and the way from a visit to a purchase. Visitors are told apart within one day and never followed over days.

use std::collections::HashMap;

use super::Period;
use super::Record;
use super::day::{Day, day_of};
use super::figures::{PageFunnel, PageViews, Source};
use super::seen::{Marks, Names, mark_of, share};

/// What stands for a visit without a source.
const DIRECT: &str = "direct";

/// Traffic of a period.
#[derive(Debug)]
pub(super) struct Traffic {
    first: Day,
    last: Day,
    paths: Names,
    sources: Names,
    campaigns: Names,
    pages: HashMap<u32, Counts>,
    origins: HashMap<(u32, u32), Counts>,
    days: HashMap<Day, Counts>,
    /// Marks of what was counted once already: a visitor on a page, from a source, on a day.
    counted: Marks,
    viewers: Marks,
    checkouts: Marks,
    buyers: Marks,
}

/// Views, and the visitor-days that they come from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) views: u64,
    pub(super) visitors: u64,
}

impl Traffic {
    pub(super) fn new(period: Period) -> Self {
        let (first, last) = period.days();
        Self {
            first,
            last,
            paths: Names::default(),
            sources: Names::default(),
            campaigns: Names::default(),
            pages: HashMap::new(),
            origins: HashMap::new(),
            days: HashMap::new(),
            counted: Marks::default(),
            viewers: Marks::default(),
            checkouts: Marks::default(),
            buyers: Marks::default(),
        }
    }

    pub(super) fn view(&mut self, record: &Record<'_>) {
        let Some(day) = self.day(record) else { return };
        let visitor = visitor(record);
        self.viewers.insert(visitor);
        let path = self.paths.number(&record.path);
        let source = self.sources.number(source(record));
        let campaign = self.campaigns.number(&record.utm_campaign);
        let counted = &mut self.counted;
        let mut add = |counts: &mut Counts, what: (u8, u32, u32)| {
            counts.views += 1;
            counts.visitors += u64::from(counted.insert(mark_of((what, visitor, day))));
        };
        add(self.pages.entry(path).or_default(), (0, path, 0));
        add(
            self.origins.entry((source, campaign)).or_default(),
            (1, source, campaign),
        );
        add(self.days.entry(day).or_default(), (2, 0, 0));
    }

    pub(super) fn checkout(&mut self, record: &Record<'_>) {
        if self.day(record).is_some() {
            self.checkouts.insert(visitor(record));
        }
    }

    /// Where a purchase does not say which visitor made it, its order counts for one.
    pub(super) fn purchase(&mut self, record: &Record<'_>) {
        if self.day(record).is_none() {
            return;
        }
        let who = match (record.visitor.as_ref(), record.order.as_ref()) {
            ("", "") => mark_of(("id", &record.id)),
            ("", order) => mark_of(("order", order)),
            _ => visitor(record),
        };
        self.buyers.insert(who);
    }

    pub(super) fn funnel(&self) -> PageFunnel {
        let (view, checkout, purchase) = (
            self.viewers.count(),
            self.checkouts.count(),
            self.buyers.count(),
        );
        PageFunnel {
            view,
            checkout,
            purchase,
            view_to_checkout: share(checkout, view),
            checkout_to_purchase: share(purchase, checkout),
            view_to_purchase: share(purchase, view),
        }
    }

    /// Pages by views, most first.
    pub(super) fn pages(&self) -> Vec<PageViews> {
        let mut pages: Vec<PageViews> = self
            .pages
            .iter()
            .map(|(path, counts)| PageViews {
                path: self.paths.name(*path).to_owned(),
                views: counts.views,
                visitor_days: counts.visitors,
            })
            .collect();
        pages.sort_by(|a, b| b.views.cmp(&a.views).then_with(|| a.path.cmp(&b.path)));
        pages
    }

    /// Sources and campaigns by visitor-days, most first.
    pub(super) fn sources(&self) -> Vec<Source> {
        let mut sources: Vec<Source> = self
            .origins
            .iter()
            .map(|((source, campaign), counts)| Source {
                source: self.sources.name(*source).to_owned(),
                campaign: self.campaigns.name(*campaign).to_owned(),
                views: counts.views,
                visitor_days: counts.visitors,
            })
            .collect();
        sources.sort_by(|a, b| {
            b.visitor_days
                .cmp(&a.visitor_days)
                .then_with(|| (&a.source, &a.campaign).cmp(&(&b.source, &b.campaign)))
        });
        sources
    }

    /// Views and visitor-days of each day of the period, in its order.
    pub(super) fn by_day(&self) -> Vec<(Day, Counts)> {
        (self.first..=self.last)
            .map(|day| (day, self.days.get(&day).copied().unwrap_or_default()))
            .collect()
    }

    fn day(&self, record: &Record<'_>) -> Option<Day> {
        let day = day_of(record.at);
        (self.first..=self.last).contains(&day).then_some(day)
    }
}

/// Traffic is counted by visitor; what an older record has is the learner.
fn visitor(record: &Record<'_>) -> u64 {
    match record.visitor.as_ref() {
        "" => mark_of(("learner", &record.learner)),
        visitor => mark_of(("visitor", visitor)),
    }
}

/// The campaign's source, or else the page that led here.
fn source<'a>(record: &'a Record<'_>) -> &'a str {
    match (record.utm_source.as_ref(), record.referrer.as_ref()) {
        ("", "") => DIRECT,
        ("", referrer) => referrer,
        (source, _) => source,
    }
}
