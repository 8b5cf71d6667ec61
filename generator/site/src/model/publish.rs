//! What is published at a given moment.

use jiff::Timestamp;

/// The moment of the build, and whether drafts count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Publication {
    pub(crate) now: Timestamp,
    pub(crate) drafts: bool,
}

impl Publication {
    /// Whether something with these marks is published.
    pub(crate) fn includes(&self, draft: bool, publish_at: Option<Timestamp>) -> bool {
        self.drafts || (!draft && publish_at.is_none_or(|moment| moment <= self.now))
    }
}
