//! `[comments]` in `site.toml`: how the discussion under lessons is let in and looked after.

use tuition_catalog::{CommentPolicy, CommentRules, Notices};

use crate::load::fields::Fields;

/// The rules, with defaults filled in.
pub(super) fn read(fields: &mut Fields<'_>) -> CommentRules {
    let mut rules = CommentRules::default();
    let Some(table) = fields.table("comments") else {
        return rules;
    };
    let mut inner = Fields::new(fields.text, table.value, fields.report);
    rules.policy = choice(&mut inner, "policy", &CommentPolicy::NAMES).unwrap_or(rules.policy);
    rules.notices = choice(&mut inner, "notices", &Notices::NAMES).unwrap_or(rules.notices);
    for (name, number) in [
        ("edit_minutes", &mut rules.edit_minutes),
        ("reports", &mut rules.reports),
        ("links", &mut rules.links),
    ] {
        if let Some(count) = inner.count(name) {
            *number = count;
        }
    }
    inner.finish();
    rules
}

fn choice<T: Copy>(
    fields: &mut Fields<'_>,
    name: &'static str,
    names: &[(&'static str, T)],
) -> Option<T> {
    let text = fields.text(name)?;
    let found = names.iter().find(|(known, _)| *known == text.value);
    if let Some((_, value)) = found {
        return Some(*value);
    }
    let known: Vec<_> = names
        .iter()
        .map(|(known, _)| format!("\"{known}\""))
        .collect();
    fields.wrong(
        text.at,
        name,
        "is none that is known",
        &format!("write one of {}", known.join(", ")),
    )
}
