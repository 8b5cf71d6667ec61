//! `content/offers.toml` as written: what is for sale besides single courses.

use tuition_catalog::{OfferKind, Term};

use crate::{
    diagnostic::Diagnostic,
    load::{
        fields::{Fields, Placed},
        node::Value,
        price::Prices,
        toml,
    },
    nearest::did_you_mean,
    text::SourceText,
};

/// Where offers stand.
pub(crate) const PATH: &str = "content/offers.toml";

/// One `[[offers]]`.
#[derive(Debug, Clone)]
pub(crate) struct OfferFile {
    /// Where the table begins, for messages about what is missing.
    pub(crate) at: usize,
    pub(crate) id: Placed<String>,
    pub(crate) kind: OfferKind,
    pub(crate) title: String,
    /// `None` for `"*"`.
    pub(crate) courses: Option<Vec<Placed<String>>>,
    pub(crate) prices: Prices,
    pub(crate) term: Option<Term>,
}

/// Reads all offers; one with a mistake that leaves it without meaning is reported and left out.
pub(crate) fn read(text: &SourceText, report: &mut Vec<Diagnostic>) -> Vec<OfferFile> {
    let table = toml::read(text, &text.text, 0, report);
    let mut fields = Fields::new(text, table, report);
    let offers = fields
        .tables("offers")
        .into_iter()
        .filter_map(|table| offer(&mut fields, table))
        .collect();
    if let Some(node) = fields.take("coupons") {
        fields.report.push(text.error(
            node.at,
            "unsupported-offer",
            "coupons are not supported yet",
            "take them out for now",
        ));
    }
    fields.finish();
    offers
}

fn offer(fields: &mut Fields<'_>, table: Placed<crate::load::node::Table>) -> Option<OfferFile> {
    let mut inner = Fields::new(fields.text, table.value, fields.report);
    let id = inner.text("id");
    let kind = inner.text("kind");
    let title = inner.text("title");
    let courses = courses(&mut inner);
    let prices = inner.prices();
    let term = inner.text("term");
    let term = term.and_then(|term| match term.value.as_str() {
        "month" => Some(Term::Month),
        "year" => Some(Term::Year),
        _ => inner.wrong(
            term.at,
            "term",
            "is neither month nor year",
            "write term = \"year\"",
        ),
    });
    inner.finish();
    let mut missing = |name: &str| {
        fields.report.push(fields.text.error(
            table.at,
            "missing-key",
            format!("an offer needs \"{name}\""),
            format!("add {name} = … below [[offers]]"),
        ));
    };
    if id.is_none() {
        missing("id");
    }
    if title.is_none() {
        missing("title");
    }
    let Some(kind) = kind else {
        missing("kind");
        return None;
    };
    let kind = offer_kind(fields, &kind)?;
    let of_a_term = match kind {
        OfferKind::Pass => Some("pass"),
        OfferKind::Subscription => Some("subscription"),
        _ => None,
    };
    if let Some(name) = of_a_term.filter(|_| term.is_none()) {
        fields.report.push(fields.text.error(
            table.at,
            "missing-key",
            format!("a {name} needs \"term\""),
            "add term = \"year\" or term = \"month\"",
        ));
    }
    let courses = courses.unwrap_or_else(|| {
        fields.report.push(fields.text.error(
            table.at,
            "missing-key",
            "an offer needs \"courses\"",
            "add courses = [\"…\"] or courses = \"*\"",
        ));
        Some(Vec::new())
    });
    Some(OfferFile {
        at: table.at,
        id: id?,
        kind,
        title: title?.value,
        courses,
        prices,
        term,
    })
}

/// `None` when nothing is written; `Some(None)` for `"*"`.
fn courses(fields: &mut Fields<'_>) -> Option<Option<Vec<Placed<String>>>> {
    let node = fields.take("courses")?;
    match node.value {
        Value::Text(star) if star == "*" => Some(None),
        Value::List(items) => {
            let mut courses = Vec::new();
            for item in items {
                match item.value {
                    Value::Text(id) => courses.push(Placed {
                        at: item.at,
                        value: id,
                    }),
                    _ => {
                        fields.wrong::<()>(
                            item.at,
                            "courses",
                            "holds something else than course ids",
                            "write courses = [\"rust\"] or \"*\"",
                        );
                    }
                }
            }
            Some(Some(courses))
        }
        _ => {
            fields.wrong::<()>(
                node.at,
                "courses",
                "is neither a list nor \"*\"",
                "write courses = [\"rust\"] or \"*\"",
            );
            Some(Some(Vec::new()))
        }
    }
}

fn offer_kind(fields: &mut Fields<'_>, kind: &Placed<String>) -> Option<OfferKind> {
    match kind.value.as_str() {
        "bundle" => return Some(OfferKind::Bundle),
        "pass" => return Some(OfferKind::Pass),
        "subscription" => return Some(OfferKind::Subscription),
        "donation" | "free" | "service" => {
            let message = format!("offers of kind \"{}\" are not supported yet", kind.value);
            fields.report.push(fields.text.error(
                kind.at,
                "unsupported-offer",
                message,
                "supported: bundle, pass, subscription; a course is priced in its course.md",
            ));
        }
        "course" => {
            let hint =
                "write prices in the course.md; [[offers]] is for what covers several courses";
            fields.report.push(fields.text.error(
                kind.at,
                "unsupported-offer",
                "a single course is not an offer of its own",
                hint,
            ));
        }
        other => {
            let hint = did_you_mean(
                other,
                ["bundle", "pass", "subscription"],
                "supported: bundle, pass, subscription",
            );
            fields.report.push(fields.text.error(
                kind.at,
                "value",
                format!("no kind of offer is called \"{other}\""),
                hint,
            ));
        }
    }
    None
}
