//! Whether a comment is shown at once: the site's policy, and what gives spam away. No service is
//! asked, and no word is forbidden.

use tuition_catalog::{CommentPolicy, CommentRules};

use super::{Standing, State, Why};

/// What becomes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Who may see it.
    pub state: State,
    /// Why not everybody.
    pub why: Option<Why>,
}

/// Texts that short are said again in good faith ("Thanks!").
const SHORT: usize = 24;

/// What is known of a text and whose it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) standing: &'a Standing,
    pub(super) by_author: bool,
    /// As it will be shown.
    pub(super) html: &'a str,
    /// They posted the very same lately.
    pub(super) repeated: bool,
}

/// Judges a text by the rules of the site. Authors need nobody's leave.
pub(super) fn judge(rules: &CommentRules, case: Case<'_>) -> Verdict {
    let why = if case.by_author {
        None
    } else if rules.policy == CommentPolicy::Held {
        Some(Why::Policy)
    } else if case.standing.trusted {
        None
    } else if rules.policy == CommentPolicy::First {
        Some(Why::First)
    } else if links(case.html) > rules.links {
        Some(Why::Links)
    } else if case.repeated {
        Some(Why::Repeated)
    } else {
        None
    };
    let state = if why.is_some() {
        State::Held
    } else {
        State::Shown
    };
    Verdict { state, why }
}

/// Whether it is worth looking whether they said the same before.
pub(super) fn may_repeat(body: &str) -> bool {
    body.trim().len() > SHORT
}

fn links(html: &str) -> u32 {
    u32::try_from(html.matches("<a ").count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(policy: CommentPolicy, trusted: bool, by_author: bool, html: &str) -> Option<Why> {
        let rules = CommentRules {
            policy,
            ..CommentRules::default()
        };
        let standing = Standing {
            trusted,
            ..Standing::default()
        };
        let case = Case {
            standing: &standing,
            by_author,
            html,
            repeated: html == "again",
        };
        judge(&rules, case).why
    }

    #[test]
    fn the_policy_decides_first_then_what_gives_spam_away() {
        let many = "<a href=x>1</a><a href=y>2</a><a href=z>3</a>";
        use CommentPolicy::{First, Held, Open};
        assert_eq!(verdict(Open, false, false, "text"), None);
        assert_eq!(verdict(Open, false, false, many), Some(Why::Links));
        assert_eq!(verdict(Open, false, false, "again"), Some(Why::Repeated));
        assert_eq!(verdict(Open, true, false, many), None, "they are known");
        assert_eq!(verdict(First, false, false, "text"), Some(Why::First));
        assert_eq!(verdict(First, true, false, many), None);
        assert_eq!(verdict(Held, true, false, "text"), Some(Why::Policy));
        for policy in [Open, First, Held] {
            assert_eq!(verdict(policy, false, true, many), None);
        }
    }

    #[test]
    fn thanks_may_be_said_twice() {
        assert!(!may_repeat("Thanks, that helped!"));
        assert!(may_repeat("Buy cheap watches at watches.example"));
    }
}
