//! Visits: day by day, where they came from, which pages, and how many ended in a purchase.

use tuition_domain::metrics::report::Report;

use super::chart::{Bar, Series, bars, line};
use super::paper::{self, Table, card, day, figure};
use super::words::Words;

pub(super) fn section(report: &Report, words: &Words) -> String {
    paper::section(
        words.say("Visits", "访问"),
        &[
            days(report, words),
            funnel(report, words),
            sources(report, words),
            pages(report, words),
        ],
    )
}

fn days(report: &Report, words: &Words) -> String {
    let (views, visitors) = (
        words.say("Page views", "浏览量"),
        words.say("Visitors", "访客"),
    );
    let series = [
        Series {
            class: "s1",
            name: views,
            values: report.days.iter().map(|day| day.views as f64).collect(),
        },
        Series {
            class: "s2",
            name: visitors,
            values: report.days.iter().map(|day| day.visitors as f64).collect(),
        },
    ];
    let sum: u64 = report.days.iter().map(|day| day.views).sum();
    let visitor_days: u64 = report.days.iter().map(|day| day.visitors).sum();
    let description = format!(
        "{}: {}. {}: {}.",
        views,
        words.number(sum),
        words.say("Visitor-days", "访客·天"),
        words.number(visitor_days)
    );
    let rows = report.days.iter().map(|one| {
        vec![
            day(one.day),
            words.number(one.views),
            words.number(one.visitors),
            words.number(one.learners),
        ]
    });
    let table = Table::new(
        &[
            words.say("Day", "日期"),
            views,
            visitors,
            words.say("Learners", "学员"),
        ],
        rows,
    );
    let ends = (day(report.period.from), day(report.period.to));
    figure(
        &line(
            "days",
            words.say("Day by day", "逐日访问"),
            description,
            ends,
            &series,
            table,
        ),
        words,
    )
}

fn funnel(report: &Report, words: &Words) -> String {
    let funnel = &report.page_funnel;
    let steps = [
        (words.say("Saw a page", "浏览页面"), funnel.view, None),
        (
            words.say("Opened a checkout", "进入结账"),
            funnel.checkout,
            funnel.view_to_checkout,
        ),
        (
            words.say("Bought", "完成购买"),
            funnel.purchase,
            funnel.checkout_to_purchase,
        ),
    ];
    let bar = |(name, count, share): (&'static str, u64, Option<f64>)| Bar {
        name: name.to_owned(),
        value: count as f64,
        inner: None,
        label: match share {
            None => words.number(count),
            share => format!("{} ({})", words.number(count), words.percent(share)),
        },
    };
    let description = format!(
        "{} → {} → {}; {}",
        words.number(funnel.view),
        words.number(funnel.checkout),
        words.number(funnel.purchase),
        words.percent(funnel.view_to_purchase)
    );
    let rows = steps.map(|(name, count, share)| {
        vec![name.to_owned(), words.number(count), words.percent(share)]
    });
    let head = [
        words.say("Step", "步骤"),
        words.say("Visitor-days", "访客·天"),
        words.say("Of the step before", "占上一步"),
    ];
    let steps: Vec<Bar> = steps.into_iter().map(bar).collect();
    let title = words.say("From a visit to a purchase", "从访问到购买");
    figure(
        &bars(
            "funnel",
            title,
            description,
            &steps,
            Vec::new(),
            Table::new(&head, rows),
        ),
        words,
    )
}

fn sources(report: &Report, words: &Words) -> String {
    let name = |source: &str, campaign: &str| match campaign {
        "" => source.to_owned(),
        campaign => format!("{source} · {campaign}"),
    };
    let shown: Vec<Bar> = report
        .sources
        .iter()
        .take(12)
        .map(|one| Bar {
            name: name(&one.source, &one.campaign),
            value: one.visitor_days as f64,
            inner: None,
            label: words.number(one.visitor_days),
        })
        .collect();
    let rows = report.sources.iter().map(|one| {
        vec![
            name(&one.source, &one.campaign),
            words.number(one.visitor_days),
            words.number(one.views),
        ]
    });
    let head = [
        words.say("Source", "来源"),
        words.say("Visitor-days", "访客·天"),
        words.say("Page views", "浏览量"),
    ];
    let title = words.say("Where visitors come from", "访客来源");
    let description = match report.sources.first() {
        Some(first) => format!(
            "{}: {}",
            words.say("Most", "最多"),
            name(&first.source, &first.campaign)
        ),
        None => words.say("No visits", "暂无访问").to_owned(),
    };
    figure(
        &bars(
            "sources",
            title,
            description,
            &shown,
            Vec::new(),
            Table::new(&head, rows).cut(words),
        ),
        words,
    )
}

fn pages(report: &Report, words: &Words) -> String {
    let rows = report.pages.iter().map(|one| {
        vec![
            one.path.clone(),
            words.number(one.views),
            words.number(one.visitor_days),
        ]
    });
    let head = [
        words.say("Page", "页面"),
        words.say("Views", "浏览量"),
        words.say("Visitor-days", "访客·天"),
    ];
    card(
        words.say("Pages", "页面"),
        &Table::new(&head, rows).cut(words),
    )
}
