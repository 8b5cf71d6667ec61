//! What mail servers say of mail that was sent: addresses that don't exist, people who complain.

use jiff::{SignedDuration, Timestamp};

use crate::email::Email;
use crate::ports::{Suppressions, Unavailable};

/// What came back of one mail, for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// The recipient.
    pub email: Email,
    /// What was said.
    pub kind: FeedbackKind,
}

/// The sorts of feedback that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedbackKind {
    /// The mailbox is full or away: a later mail may arrive.
    TransientBounce,
    /// There is no such mailbox.
    PermanentBounce,
    /// The recipient marked it as spam.
    Complaint,
}

/// After this an address that did not exist may be tried again: mailboxes come back.
const BOUNCE_HOLD: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Who complained is left alone for five years.
const COMPLAINT_HOLD: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);

/// Takes feedback in: no mail goes to an address that refused it, or whose owner complained. The
/// same feedback again changes nothing.
pub async fn take_feedback(
    suppressions: &dyn Suppressions,
    feedback: &Feedback,
    now: Timestamp,
) -> Result<(), Unavailable> {
    let hold = match feedback.kind {
        FeedbackKind::TransientBounce => return Ok(()),
        FeedbackKind::PermanentBounce => BOUNCE_HOLD,
        FeedbackKind::Complaint => COMPLAINT_HOLD,
    };
    let until = now.saturating_add(hold).unwrap_or(Timestamp::MAX);
    suppressions.suppress(&feedback.email, until).await
}
