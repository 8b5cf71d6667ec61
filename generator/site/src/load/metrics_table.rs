//! `[metrics]` in `site.toml`: how the author's report weighs what learners do.

use tuition_catalog::Metrics;

use super::fields::Fields;

/// Reads the table where there is one; what it doesn't say keeps its default.
pub(crate) fn read(fields: &mut Fields<'_>) -> Metrics {
    let mut metrics = Metrics::default();
    let Some(table) = fields.table("metrics") else {
        return metrics;
    };
    let at = table.at;
    let mut inner = Fields::new(fields.text, table.value, fields.report);
    let weights = &mut metrics.satisfaction;
    numbers(
        &mut inner,
        "satisfaction",
        [
            ("csat", &mut weights.csat),
            ("sentiment", &mut weights.sentiment),
            ("completion", &mut weights.completion),
            ("watch", &mut weights.watch),
        ],
    );
    let weights = &mut metrics.activity;
    numbers(
        &mut inner,
        "activity",
        [
            ("active_days", &mut weights.active_days),
            ("watch_min", &mut weights.watch_min),
            ("lessons", &mut weights.lessons),
            ("posts", &mut weights.posts),
        ],
    );
    let points = &mut metrics.saturation;
    numbers(
        &mut inner,
        "saturation",
        [
            ("active_days", &mut points.active_days),
            ("watch_min", &mut points.watch_min),
            ("lessons", &mut points.lessons),
            ("posts", &mut points.posts),
        ],
    );
    inner.finish();
    match metrics.mistake() {
        None => metrics,
        Some(name) => {
            let (what, hint) = match name {
                "saturation" => (
                    "has a point that is not above 0",
                    "write how much is much: active_days = 8",
                ),
                _ => (
                    "weighs nothing",
                    "write weights from 0 on, at least one of them above 0",
                ),
            };
            fields.wrong::<()>(at, name, what, hint);
            Metrics::default()
        }
    }
}

fn numbers(fields: &mut Fields<'_>, table: &'static str, keys: [(&'static str, &mut f64); 4]) {
    let Some(table) = fields.table(table) else {
        return;
    };
    let mut inner = Fields::new(fields.text, table.value, fields.report);
    for (name, value) in keys {
        if let Some(number) = inner.number(name) {
            *value = number;
        }
    }
    inner.finish();
}
