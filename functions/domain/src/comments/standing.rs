//! How a learner stands with the site, as far as comments go. One row each; nobody has one to begin
//! with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a learner stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// An author let a comment of theirs stand: the next ones need no look.
    pub trusted: bool,
    /// They may not write any more, since then.
    pub banned_at: Option<Timestamp>,
    /// They do not want to be told of answers.
    pub no_replies: bool,
    /// Rises with each write: the condition of the next one. 0: there is no row.
    pub revision: u64,
}

impl Standing {
    /// The next revision.
    pub fn next(&self) -> Self {
        Self {
            revision: self.revision.saturating_add(1),
            ..self.clone()
        }
    }

    /// Whether they may not write.
    pub fn is_banned(&self) -> bool {
        self.banned_at.is_some()
    }
}
