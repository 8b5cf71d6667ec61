//! Who is here: learners day by day, cohorts, and activity by what led buyers here.

use tuition_domain::mail::Locale;
use tuition_domain::metrics::report::Report;

use super::chart::{Series, heat, line};
use super::paper::{self, Table, day, figure, wide_card};
use super::words::Words;

pub(super) fn section(report: &Report, words: &Words) -> String {
    let parts = [
        learners(report, words),
        cohorts(report, words),
        touches(report, words),
    ];
    paper::section(words.say("Activity", "活跃度"), &parts)
}

fn learners(report: &Report, words: &Words) -> String {
    let name = words.say("Learners", "学员");
    let series = [Series {
        class: "s3",
        name,
        values: report.days.iter().map(|day| day.learners as f64).collect(),
    }];
    let figures = [
        ("DAU", words.decimal(report.dau_mean)),
        ("WAU", words.number(report.wau)),
        ("MAU", words.number(report.mau)),
        ("DAU ÷ MAU", words.percent(report.stickiness)),
    ];
    let description = figures
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect::<Vec<_>>()
        .join(", ");
    let rows = report
        .days
        .iter()
        .map(|one| vec![day(one.day), words.number(one.learners)]);
    let table = Table::new(&[words.say("Day", "日期"), name], rows);
    let ends = (day(report.period.from), day(report.period.to));
    let title = words.say("Signed-in learners a day", "每日登录学员");
    figure(
        &line("learners", title, description, ends, &series, table),
        words,
    )
}

fn cohorts(report: &Report, words: &Words) -> String {
    let longest = report
        .cohorts
        .iter()
        .map(|cohort| cohort.active.len())
        .max()
        .unwrap_or(0);
    let columns: Vec<String> = (0..longest).map(|month| month.to_string()).collect();
    let rows: Vec<(String, Vec<Option<f64>>)> = report
        .cohorts
        .iter()
        .map(|cohort| {
            (
                format!("{} ({})", cohort.month, words.number(cohort.learners)),
                cohort.active.clone(),
            )
        })
        .collect();
    let mut head = vec![words.say("First paid in", "首次付费月份")];
    head.extend(columns.iter().map(String::as_str));
    let table = Table::new(
        &head,
        rows.iter().map(|(name, shares)| {
            let shares = shares.iter().map(|share| words.percent(*share));
            let missing = std::iter::repeat_n(String::new(), longest - shares.len());
            std::iter::once(name.clone())
                .chain(shares)
                .chain(missing)
                .collect()
        }),
    );
    let description = match words.0 {
        Locale::En => {
            "Of the learners who paid first in a month, the share who were here in that month and in each one after"
        }
        Locale::Zh => "按首次付费月份分组，各组学员在当月及之后每个月的活跃比例",
    };
    let title = words.say(
        "Who comes back, by month of first payment",
        "按首次付费月份的留存",
    );
    figure(
        &heat(
            "cohorts",
            title,
            description.to_owned(),
            &columns,
            &rows,
            table,
        ),
        words,
    )
}

fn touches(report: &Report, words: &Words) -> String {
    let rows = report.activity_by_first_touch.iter().map(|(touch, one)| {
        let mean = (one.learners > 0).then(|| one.activity / one.learners as f64);
        vec![
            touch.clone(),
            words.number(one.learners),
            words.decimal(one.activity),
            words.maybe(mean),
        ]
    });
    let head = [
        words.say("First touch", "首次来源"),
        words.say("Buyers", "买家"),
        "G",
        words.say("Mean", "平均"),
    ];
    wide_card(
        words.say(
            "Activity by what led buyers here first",
            "按首次来源的活跃度",
        ),
        &Table::new(&head, rows).cut(words),
    )
}
