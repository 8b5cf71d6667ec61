//! Erasing an account, and the last mail that says so.

use jiff::SignedDuration;

use super::{AccessPorts, Account, end_others, send_now};
use crate::comments::rewrite;
use crate::identity::LearnerId;
use crate::outbox::{Notice, QueuedMail, lease};
use crate::ports::{Erasure, Unavailable};

/// How long the last mail is tried to be sent; then the address goes unsaid.
const FAREWELL: SignedDuration = SignedDuration::from_hours(72);

/// Erases a learner: their sessions are over, their comments become *deleted*, every record that
/// identifies them goes, ledger and events keep their totals under an id that leads nowhere. The
/// same goes for what was done in browsers that paid for the learner without being signed in.
///
/// A last mail confirms it. It is queued in the very step in which the address goes, and leaves
/// the queue when it is sent, or after three days.
pub async fn erase_account(ports: &AccessPorts, account: &Account) -> Result<(), Unavailable> {
    let profile = &account.profile;
    let sessions = ports.reader.sessions.as_ref();
    // Their own browser comes last: cut off anywhere, they may press the button again.
    end_others(sessions, &profile.id, Some(&account.session.secret)).await?;
    let nobody = LearnerId::random(ports.entropy.as_ref());
    let held = ports.reader.learners.entitlements(&profile.id).await?;
    // The learner comes last, too: until then their orders lead to the guests.
    for entitlement in held {
        let guest = LearnerId::of_guest(&entitlement.order);
        erase_one(ports, guest, &nobody, None).await?;
    }
    let now = ports.reader.clock.now();
    let suppressed = ports.suppressions.is_suppressed(&profile.email).await?;
    let farewell = (!suppressed).then(|| {
        let until = now.saturating_add(FAREWELL).ok();
        let (to, locale) = (&profile.email, profile.locale);
        QueuedMail::notice(Notice::Erased, to, locale, until, ports.entropy.as_ref())
    });
    erase_one(ports, profile.id.clone(), &nobody, farewell.clone()).await?;
    if let Some(queued) = farewell {
        send_now(ports, &queued).await;
    }
    Ok(())
}

async fn erase_one(
    ports: &AccessPorts,
    learner: LearnerId,
    nobody: &LearnerId,
    farewell: Option<QueuedMail>,
) -> Result<(), Unavailable> {
    for comment in ports.comments.comments_by(&learner).await? {
        rewrite(ports.comments.as_ref(), &comment.id, &mut |comment| {
            (comment.author == learner).then(|| comment.erased(nobody))
        })
        .await?;
    }
    let erasure = Erasure {
        learner,
        nobody: nobody.clone(),
        farewell,
        leased: lease(ports.reader.clock.now()),
    };
    ports.reader.learners.erase(&erasure).await
}
