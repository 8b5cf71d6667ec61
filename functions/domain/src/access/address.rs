//! Changing the address of an account: proved at both mailboxes, by somebody who is signed in.
//!
//! A link goes to the address that the account has, another to the one that it is to have. Each
//! works only in a browser that is signed in to the account: whoever gets such a mail by a slip of
//! the pen can do nothing with it, and whoever holds a stolen session alone can't either. When both
//! are proved, everything moves in one step. Nothing that is answered before tells whether the new
//! address has an account or takes mail.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    AccessPorts, Account, Profile, Reader, Session, SignInError, SignedIn, count_links, end_others,
    send_now,
};
use crate::email::{Email, NotAnEmail};
use crate::identity::{LearnerId, Secret, SecretHash};
use crate::limits::TooMany;
use crate::mail::{self, Locale};
use crate::next::NextPath;
use crate::outbox::{Notice, QueuedMail, lease};
use crate::ports::Unavailable;

/// Life of both links: an hour, since mail to an address never written to may be held up for some
/// minutes (greylisting).
pub const CHANGE_SECONDS: i64 = 3600;

/// How long it is known whose an address was: a checkout that was begun before the change may be
/// paid by a method that takes weeks.
const FORMER: SignedDuration = SignedDuration::from_hours(60 * 24);

/// A change that waits, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressChange {
    /// Whose.
    pub learner: LearnerId,
    /// The address they have.
    pub from: Email,
    /// The address they want.
    pub to: Email,
    /// Hash of the token in the mail to `from`.
    pub from_token: SecretHash,
    /// Hash of the token in the mail to `to`.
    pub to_token: SecretHash,
    /// Language of the notices.
    pub locale: Locale,
    /// Where to go when a link was used.
    pub next: NextPath,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// First instant at which it is dead.
    pub expires_at: Timestamp,
}

/// One of the two mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mailbox {
    /// The one that the account has.
    Old,
    /// The one that it is to have.
    New,
}

/// Which mailboxes are proved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Proofs {
    /// The one that the account has.
    pub old: bool,
    /// The one that it is to have.
    pub new: bool,
}

/// Everything that changes in one step when a learner moves to a new address.
#[derive(Debug, Clone)]
pub struct NewAddress {
    /// The change as it waits.
    pub change: AddressChange,
    /// The profile with the new address.
    pub profile: Profile,
    /// When.
    pub now: Timestamp,
    /// Until when it is known whose the old address was.
    pub former_until: Timestamp,
    /// The mails that say so, to both.
    pub notices: Vec<QueuedMail>,
    /// Until when those are hidden from others than the caller.
    pub leased: Timestamp,
}

/// What became of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is done.
    Yes,
    /// The new address leads to another learner. Nothing was written.
    Taken,
    /// The change waits no longer, or the profile was written by somebody else. Nothing was
    /// written.
    Conflict,
}

/// Why an address stays what it is.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// No mail could be sent to this text.
    #[error(transparent)]
    Email(#[from] NotAnEmail),
    /// It is the address that the account has.
    #[error("the account has this address")]
    Same,
    /// Asked too often.
    #[error("too many links")]
    TooMany(TooMany),
    /// The link is wrong, used, replaced or too old.
    #[error("the link does not work any more")]
    Gone,
    /// The new address has an account of its own. Told only to who has proved both.
    #[error("the address has another account")]
    Taken,
    /// A store or the mail provider is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<SignInError> for AddressError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Email(error) => error.into(),
            SignInError::TooMany(error) => Self::TooMany(error),
            SignInError::Gone => Self::Gone,
            SignInError::Unavailable(error) => error.into(),
        }
    }
}

/// Mails a link to both addresses. A change that waited before is replaced.
pub async fn ask_change(
    ports: &AccessPorts,
    account: &Account,
    address: &str,
    next: NextPath,
    from: IpAddr,
    locale: Locale,
) -> Result<(), AddressError> {
    let to = Email::parse(address)?;
    let profile = &account.profile;
    if to == profile.email {
        return Err(AddressError::Same);
    }
    count_links(ports, &[&profile.email, &to], from).await?;
    let now = ports.reader.clock.now();
    let [from_token, to_token] = [(); 2].map(|()| Secret::random(ports.entropy.as_ref()));
    let change = AddressChange {
        learner: profile.id.clone(),
        from: profile.email.clone(),
        to,
        from_token: from_token.hash(),
        to_token: to_token.hash(),
        locale,
        next,
        asked_at: now,
        expires_at: now
            .saturating_add(SignedDuration::from_secs(CHANGE_SECONDS))
            .unwrap_or(Timestamp::MAX),
    };
    ports.changes.save_change(&change).await?;
    let site = &ports.reader.catalog.catalog().site.title;
    let url = |token: &Secret| format!("{}/api/access/emails/{}", ports.origin, token.expose());
    let old = mail::leave_address(&change.from, &change.to, site, &url(&from_token), locale);
    let new = mail::take_address(&change.to, site, &url(&to_token), locale);
    ports.mail(&old).await?;
    ports.mail(&new).await?;
    Ok(())
}

/// A change that waits, for its learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingChange {
    /// The address they want.
    #[schema(value_type = String)]
    pub email: Email,
    /// Which mailboxes are proved.
    pub confirmed: Proofs,
    /// First instant at which the links are dead.
    pub expires_at: Timestamp,
}

/// The change of a learner that waits and may still come about.
pub async fn waiting_change(
    ports: &AccessPorts,
    learner: &LearnerId,
) -> Result<Option<WaitingChange>, Unavailable> {
    let now = ports.reader.clock.now();
    let change = ports.changes.change_of(learner).await?;
    let alive = change.filter(|(change, _)| now < change.expires_at);
    Ok(alive.map(|(change, confirmed)| WaitingChange {
        email: change.to,
        confirmed,
        expires_at: change.expires_at,
    }))
}

/// What the page behind a link shows, to its learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePage {
    /// Whose mail the link was in.
    pub mailbox: Mailbox,
    /// The address that the account has.
    pub from: Email,
    /// The address that it is to have.
    pub to: Email,
}

/// Looks at a link without using it up.
pub async fn look_at_change(
    ports: &AccessPorts,
    account: &Account,
    token: &Secret,
) -> Result<ChangePage, AddressError> {
    let (change, mailbox) = named(ports, &account.profile.id, token).await?;
    Ok(ChangePage {
        mailbox,
        from: change.from,
        to: change.to,
    })
}

/// What a used link came to.
#[derive(Debug)]
pub enum Confirmed {
    /// The other mailbox is still to be proved.
    Waiting(NextPath),
    /// The account has its new address; all its sessions are over, and this one is new.
    Moved(Box<SignedIn>),
}

/// Uses a link: its mailbox is proved. With the second proof the account moves. A link may be used
/// again while the other one is waited for.
pub async fn confirm_change(
    ports: &AccessPorts,
    account: &Account,
    token: &Secret,
) -> Result<Confirmed, AddressError> {
    let (change, mailbox) = named(ports, &account.profile.id, token).await?;
    let proofs = ports.changes.prove(&change, mailbox).await?;
    match proofs.ok_or(AddressError::Gone)? {
        Proofs {
            old: true,
            new: true,
        } => move_account(ports, account, change).await,
        _ => Ok(Confirmed::Waiting(change.next)),
    }
}

async fn move_account(
    ports: &AccessPorts,
    account: &Account,
    change: AddressChange,
) -> Result<Confirmed, AddressError> {
    let entropy = ports.entropy.as_ref();
    let learners = &ports.reader.learners;
    let stored = learners.profile(&change.learner).await?;
    let stored = stored.ok_or(AddressError::Gone)?;
    let now = ports.reader.clock.now();
    let profile = Profile {
        email: change.to.clone(),
        epoch: stored.epoch.saturating_add(1),
        ..stored.next()
    };
    let notice = |notice, to| QueuedMail::notice(notice, to, change.locale, None, entropy);
    let new = NewAddress {
        profile: profile.clone(),
        now,
        former_until: now.saturating_add(FORMER).unwrap_or(Timestamp::MAX),
        notices: vec![
            notice(Notice::AddressLeft, &change.from),
            notice(Notice::AddressTaken, &change.to),
        ],
        leased: lease(now),
        change,
    };
    match ports.changes.move_learner(&new).await? {
        Changed::Yes => {}
        Changed::Taken => {
            ports.changes.drop_change(&profile.id).await?;
            return Err(AddressError::Taken);
        }
        Changed::Conflict => return Err(AddressError::Gone),
    }
    // The session that did it, too, gets a new secret: what proves the account has changed.
    let orders = account.session.orders.clone();
    let (session, token) = Session::of_account(&profile, orders, now, entropy);
    let sessions = ports.reader.sessions.as_ref();
    sessions.save_session(&session).await?;
    end_others(sessions, &profile.id, Some(&session.secret)).await?;
    for queued in &new.notices {
        send_now(ports, queued).await;
    }
    Ok(Confirmed::Moved(Box::new(SignedIn {
        reader: Reader::of(&ports.reader, session, Some(profile)).await?,
        token,
        next: new.change.next,
    })))
}

/// The change of a learner that this token belongs to, and in whose mail it was.
async fn named(
    ports: &AccessPorts,
    learner: &LearnerId,
    token: &Secret,
) -> Result<(AddressChange, Mailbox), AddressError> {
    let change = ports.changes.change_of(learner).await?;
    let (change, _) = change.ok_or(AddressError::Gone)?;
    let hash = token.hash();
    let mailbox = if change.from_token.matches(&hash) {
        Mailbox::Old
    } else if change.to_token.matches(&hash) {
        Mailbox::New
    } else {
        return Err(AddressError::Gone);
    };
    if change.expires_at <= ports.reader.clock.now() {
        return Err(AddressError::Gone);
    }
    Ok((change, mailbox))
}
