//! F, G and R of each learner, by random id, and how they are weighed.

use std::collections::BTreeSet;

use tuition_domain::mail::Locale;
use tuition_domain::metrics::report::Report;

use super::paper::{ROWS, Table, card};
use super::words::Words;

pub(super) fn section(report: &Report, words: &Words) -> String {
    let everybody: BTreeSet<&String> = report
        .revenue_of
        .keys()
        .chain(report.satisfaction_of.keys())
        .collect();
    let mut learners: Vec<&String> = everybody.into_iter().collect();
    let revenue = |learner: &String| report.revenue_of.get(learner).copied().unwrap_or(0);
    learners.sort_by_key(|learner| (std::cmp::Reverse(revenue(learner)), learner.as_str()));
    let all = learners.len();
    let rows = learners.into_iter().take(ROWS).map(|learner| {
        vec![
            learner.clone(),
            words.maybe(
                report
                    .satisfaction_of
                    .get(learner)
                    .map(|one| one.satisfaction),
            ),
            words.maybe(report.activity_of.get(learner).map(|one| one.activity)),
            words.money(revenue(learner), &report.currency),
            words.percent(report.completion_rate.get(learner).copied()),
        ]
    });
    let head = [
        words.say("Learner (random id)", "学员（随机编号）"),
        "F",
        "G",
        "R",
        words.say("Completed", "完成度"),
    ];
    let mut table = Table::new(&head, rows);
    table.note = match words.0 {
        Locale::En => format!(
            "{} of {all}. All of them sum up to F {}, G {}, R {}.",
            all.min(ROWS),
            words.decimal(report.satisfaction),
            words.decimal(report.activity),
            words.money(report.revenue_sum, &report.currency)
        ),
        Locale::Zh => format!(
            "共 {all} 位，此处显示 {} 位。全部合计：F {}，G {}，R {}。",
            all.min(ROWS),
            words.decimal(report.satisfaction),
            words.decimal(report.activity),
            words.money(report.revenue_sum, &report.currency)
        ),
    };
    let card = card(
        words.say("F, G, R of each learner", "每位学员的 F、G、R"),
        &table,
    );
    format!(
        "<section class=\"part\"><h2>{}</h2>{card}</section>",
        words.say("Learners", "学员")
    )
}

/// The weights and saturation points that the figures were computed with.
pub(super) fn weights(report: &Report, words: &Words) -> String {
    let params = &report.params;
    let (of_f, of_g, points) = (&params.satisfaction, &params.activity, &params.saturation);
    let row = |name: &str, weight: f64, point: Option<f64>| {
        vec![
            name.to_owned(),
            weight.to_string(),
            point.map_or_else(|| "–".to_owned(), |point| point.to_string()),
        ]
    };
    let rows = [
        row(
            words.say("F: score (CSAT)", "F：评分（CSAT）"),
            of_f.csat,
            None,
        ),
        row(
            words.say("F: sentiment of comments", "F：评论情感"),
            of_f.sentiment,
            None,
        ),
        row(
            words.say("F: lessons finished", "F：学完的课时"),
            of_f.completion,
            None,
        ),
        row(
            words.say("F: share watched or read", "F：观看或阅读比例"),
            of_f.watch,
            None,
        ),
        row(
            words.say("G: active days", "G：活跃天数"),
            of_g.active_days,
            Some(points.active_days),
        ),
        row(
            words.say("G: minutes watched or read", "G：观看或阅读分钟数"),
            of_g.watch_min,
            Some(points.watch_min),
        ),
        row(
            words.say("G: lessons finished", "G：学完的课时"),
            of_g.lessons,
            Some(points.lessons),
        ),
        row(
            words.say("G: comments written", "G：发表的评论"),
            of_g.posts,
            Some(points.posts),
        ),
    ];
    let head = [
        words.say("Part", "组成"),
        words.say("Weight", "权重"),
        words.say("Saturates at", "饱和点"),
    ];
    let mut table = Table::new(&head, rows);
    table.note = match words.0 {
        Locale::En => format!(
            "F is 100 × the weighted mean of what was observed: an answer that was not given is no zero. G is 100 × the weighted sum of 1 − e^(−x ÷ saturation). A lesson is finished from {} on. Set in [metrics] of site.toml.",
            words.percent(Some(params.finish_threshold))
        ),
        Locale::Zh => format!(
            "F = 100 × 已观察到的各项的加权平均：未作答不计为零。G = 100 × 各项 1 − e^(−x ÷ 饱和点) 的加权和。学到 {} 即视为学完。在 site.toml 的 [metrics] 中设置。",
            words.percent(Some(params.finish_threshold))
        ),
    };
    let card = card(
        words.say("How F and G are weighed", "F 与 G 的权重"),
        &table,
    );
    format!(
        "<section class=\"part\"><h2>{}</h2>{card}</section>",
        words.say("Weights", "权重")
    )
}
