//! The report as tables for a spreadsheet (RFC 4180). Amounts are in minor units.

use tuition_domain::metrics::report::Report;

use crate::spreadsheet::harmless;

/// Each table with the name of its file.
pub(super) fn all(report: &Report) -> Result<Vec<(&'static str, Vec<u8>)>, csv::Error> {
    Ok(vec![
        ("learners.csv", learners(report)?),
        ("lessons.csv", lessons(report)?),
        ("days.csv", days(report)?),
        ("sources.csv", sources(report)?),
        ("searches.csv", searches(report)?),
        ("months.csv", months(report)?),
    ])
}

/// Whoever bought something or subscribes, by random id.
fn learners(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let head = [
        "learner",
        "F",
        "G",
        "R",
        "currency",
        "completion",
        "lessons_started",
        "lessons_finished",
        "active_days",
    ];
    let rows = report.revenue_of.iter().map(|(learner, revenue)| {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let activity = report.activity_of.get(learner);
        let counted = |counts: &std::collections::BTreeMap<String, u64>| {
            counts.get(learner).map_or_else(String::new, u64::to_string)
        };
        vec![
            harmless(learner),
            number(
                report
                    .satisfaction_of
                    .get(learner)
                    .map(|one| one.satisfaction),
            ),
            number(activity.map(|one| one.activity)),
            revenue.to_string(),
            report.currency.clone(),
            number(report.completion_rate.get(learner).copied()),
            counted(&report.lessons_started),
            counted(&report.lessons_finished),
            activity.map_or_else(String::new, |one| one.active_days.to_string()),
        ]
    });
    table(&head, rows)
}

/// Lessons by name: buyers, and everybody.
fn lessons(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut head = vec![
        "lesson",
        "buyers_started",
        "buyers_finished",
        "all_started",
        "all_finished",
    ];
    head.extend(["0", "10", "20", "30", "40", "50", "60", "70", "80", "90"]);
    let rows = report.lesson_funnel.iter().map(|(lesson, buyers)| {
        let all = report.readers.get(lesson).copied().unwrap_or_default();
        let counts = [buyers.started, buyers.finished, all.started, all.finished];
        let mut row = vec![harmless(lesson)];
        row.extend(counts.map(|count| count.to_string()));
        match report.retention.get(lesson) {
            Some(tenths) => row.extend(tenths.map(|share| share.to_string())),
            None => row.extend(std::iter::repeat_n(String::new(), 10)),
        }
        row
    });
    table(&head, rows)
}

fn days(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let rows = report.days.iter().map(|day| {
        let counts = [day.views, day.visitors, day.learners].map(|count| count.to_string());
        [vec![day.day.to_string()], counts.to_vec()].concat()
    });
    table(&["day", "views", "visitors", "learners"], rows)
}

/// What browsers said led here, in their words.
fn sources(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let rows = report.sources.iter().map(|one| {
        let counts = [one.views, one.visitor_days].map(|count| count.to_string());
        [
            vec![harmless(&one.source), harmless(&one.campaign)],
            counts.to_vec(),
        ]
        .concat()
    });
    table(&["source", "campaign", "views", "visitor_days"], rows)
}

/// What visitors searched for, in their words.
fn searches(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let rows = report.searches.words.iter().map(|one| {
        let counts = [one.asked, one.without_result].map(|count| count.to_string());
        [vec![harmless(&one.query)], counts.to_vec()].concat()
    });
    table(&["query", "asked", "without_result"], rows)
}

fn months(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let rows = report.mrr_months.iter().map(|month| {
        let moved = [
            month.start,
            month.new,
            month.expansion,
            month.contraction,
            month.churned,
            month.end,
        ];
        let amounts = moved.map(|amount| amount.to_string());
        [
            vec![month.month.clone()],
            amounts.to_vec(),
            vec![report.currency.clone()],
        ]
        .concat()
    });
    let head = [
        "month",
        "start",
        "new",
        "expansion",
        "contraction",
        "churned",
        "end",
        "currency",
    ];
    table(&head, rows)
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}
