//! Which crate may depend on which: the arrows of `ARCHITECTURE.md`, as a table.

use crate::workspace::Crate;

/// One crate and what it may name in its `Cargo.toml`.
struct Rule {
    name: &'static str,
    /// In `[dependencies]`.
    may_need: &'static [&'static str],
    /// In `[dev-dependencies]`, besides.
    tests_may_need: &'static [&'static str],
}

const RULES: [Rule; 10] = [
    rule("tuition-catalog", &[], &[]),
    rule("tuition-markup", &[], &[]),
    rule("tuition-site", &["tuition-markup", "tuition-catalog"], &[]),
    rule(
        "tuition",
        &[
            "tuition-site",
            "tuition-catalog",
            "tuition-domain",
            "tuition-handlers",
            "tuition-adapters",
            "tuition-stand-ins",
        ],
        &["tuition-markup"],
    ),
    rule("tuition-domain", &["tuition-catalog"], &[]),
    rule(
        "tuition-handlers",
        &["tuition-domain", "tuition-catalog"],
        &[],
    ),
    rule(
        "tuition-adapters",
        &["tuition-domain", "tuition-catalog"],
        &["tuition-stand-ins"],
    ),
    rule("tuition-stand-ins", &[], &[]),
    rule(
        "tuition-lambdas",
        &[
            "tuition-handlers",
            "tuition-adapters",
            "tuition-domain",
            "tuition-catalog",
        ],
        &["tuition-stand-ins"],
    ),
    rule("tasks", &[], &[]),
];

const fn rule(
    name: &'static str,
    may_need: &'static [&'static str],
    tests_may_need: &'static [&'static str],
) -> Rule {
    Rule {
        name,
        may_need,
        tests_may_need,
    }
}

/// One line for each edge that is not allowed, and for each crate that has no rule.
pub(crate) fn wrong(crates: &[Crate]) -> Vec<String> {
    crates
        .iter()
        .flat_map(|one| wrong_of(one, crates))
        .collect()
}

fn wrong_of(one: &Crate, crates: &[Crate]) -> Vec<String> {
    let name = &one.name;
    let Some(rule) = RULES.iter().find(|rule| rule.name == name) else {
        return vec![format!(
            "  {name} has no rule: add it to infra/tasks/src/check/edges.rs"
        )];
    };
    let mut lines = Vec::new();
    for edge in &one.needs {
        let to = edge.to.as_str();
        let is_binary = crates
            .iter()
            .any(|other| other.name == to && !other.is_library);
        let in_tests = if edge.tests_only { " in tests" } else { "" };
        if is_binary {
            lines.push(format!(
                "  {name} → {to}{in_tests}: nothing depends on a binary"
            ));
            continue;
        }
        let is_allowed =
            rule.may_need.contains(&to) || edge.tests_only && rule.tests_may_need.contains(&to);
        if !is_allowed {
            lines.push(format!("  {name} → {to}{in_tests}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Edge;

    fn made(name: &str, is_library: bool, needs: &[(&str, bool)]) -> Crate {
        let needs = needs
            .iter()
            .map(|(to, tests_only)| Edge {
                to: (*to).to_owned(),
                tests_only: *tests_only,
            })
            .collect();
        Crate {
            name: name.to_owned(),
            is_library,
            needs,
        }
    }

    fn check(name: &str, to: &str, tests_only: bool) -> usize {
        let crates = [
            made(name, true, &[(to, tests_only)]),
            made("tuition-lambdas", false, &[]),
        ];
        wrong(&crates).len()
    }

    #[test]
    fn the_arrows_point_one_way() {
        assert_eq!(check("tuition-domain", "tuition-catalog", false), 0);
        assert_eq!(check("tuition-catalog", "tuition-domain", false), 1);
        assert_eq!(check("tuition-handlers", "tuition-adapters", false), 1);
        assert_eq!(check("tuition-adapters", "tuition-handlers", true), 1);
        assert_eq!(check("tuition-handlers", "tuition-site", false), 1);
        assert_eq!(check("tuition-adapters", "tuition-markup", true), 1);
    }

    #[test]
    fn stand_ins_serve_the_tests_of_what_is_deployed_and_never_itself() {
        assert_eq!(check("tuition-adapters", "tuition-stand-ins", true), 0);
        assert_eq!(check("tuition-adapters", "tuition-stand-ins", false), 1);
        assert_eq!(check("tuition-lambdas", "tuition-stand-ins", false), 1);
    }

    #[test]
    fn a_crate_without_a_rule_and_a_use_of_a_binary_are_told() {
        assert_eq!(check("tuition-news", "tuition-catalog", false), 1);
        assert_eq!(check("tuition", "tuition-lambdas", true), 1);
    }

    /// The table itself must have no cycle, or the check would allow one.
    #[test]
    fn what_is_allowed_has_no_cycle() {
        fn depth(name: &str, left: usize) -> bool {
            let rule = RULES.iter().find(|rule| rule.name == name).unwrap();
            left > 0 && rule.may_need.iter().all(|to| depth(to, left - 1))
        }
        assert!(RULES.iter().all(|rule| depth(rule.name, RULES.len())));
    }
}
