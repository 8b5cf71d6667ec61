//! How the discussion under lessons is let in and looked after, set by `[comments]` in `site.toml`.

use serde::{Deserialize, Serialize};

/// The rules of a site; an unknown key is an error, since a rule that a function doesn't know would
/// silently not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CommentRules {
    /// Which comments an author sees before others do.
    pub policy: CommentPolicy,
    /// When authors are told of what waits for them.
    pub notices: Notices,
    /// Minutes in which a comment may be changed by its writer; 0: never.
    pub edit_minutes: u32,
    /// So many learners must report a comment before it is held; 0: reports hold nothing.
    pub reports: u32,
    /// Links in a comment of somebody unknown that still need no look.
    pub links: u32,
}

/// Which comments an author sees before others do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommentPolicy {
    /// None but what looks like spam.
    #[default]
    Open,
    /// Those of learners of whom no comment was approved yet.
    First,
    /// All.
    Held,
    /// Nobody may write under any lesson.
    Closed,
}

/// When authors are told of what waits for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Notices {
    /// Within minutes.
    Once,
    /// Once a day.
    #[default]
    Daily,
    /// Never.
    Off,
}

impl CommentRules {
    /// The keys of `[comments]`, for messages.
    pub const KEYS: [&'static str; 5] = ["policy", "notices", "edit_minutes", "reports", "links"];

    /// Whether they need not be written.
    #[must_use]
    pub fn are_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl CommentPolicy {
    /// As it is written.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("open", Self::Open),
        ("first", Self::First),
        ("held", Self::Held),
        ("closed", Self::Closed),
    ];
}

impl Notices {
    /// As it is written.
    pub const NAMES: [(&'static str, Self); 3] = [
        ("once", Self::Once),
        ("daily", Self::Daily),
        ("off", Self::Off),
    ];
}

impl Default for CommentRules {
    fn default() -> Self {
        Self {
            policy: CommentPolicy::Open,
            notices: Notices::Daily,
            edit_minutes: 15,
            reports: 3,
            links: 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_is_usual_and_unknown_keys_are_refused() {
        let rules: CommentRules = serde_json::from_str(r#"{"policy": "first"}"#).unwrap();
        assert_eq!(
            rules,
            CommentRules {
                policy: CommentPolicy::First,
                ..CommentRules::default()
            }
        );
        assert!(serde_json::from_str::<CommentRules>(r#"{"polcy": "first"}"#).is_err());
        assert!(serde_json::from_str::<CommentRules>(r#"{"policy": "no"}"#).is_err());
    }

    #[test]
    fn keys_and_names_are_those_of_the_types() {
        let json = serde_json::to_value(CommentRules::default()).unwrap();
        for key in CommentRules::KEYS {
            assert!(json.get(key).is_some(), "{key}");
        }
        assert_eq!(json.as_object().unwrap().len(), CommentRules::KEYS.len());
        for (name, policy) in CommentPolicy::NAMES {
            assert_eq!(serde_json::to_value(policy).unwrap(), name);
        }
        for (name, notices) in Notices::NAMES {
            assert_eq!(serde_json::to_value(notices).unwrap(), name);
        }
    }
}
