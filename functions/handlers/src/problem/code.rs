//! What can be refused or fail, by the code that programs may rely on, with its status.

use http::StatusCode;
use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $name:ident = $status:ident $text:literal,)+) => {
        /// The code of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Code {
            /// All of them, by status.
            #[cfg(test)]
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The status that says the same to those who don't know the code.
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)+
                }
            }

            /// As it is written in a problem.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// What it means, for the interface's description.
            #[cfg(test)]
            pub fn meaning(self) -> String {
                match self {
                    $(Self::$name => [$($meaning.trim()),+].join(" "),)+
                }
            }
        }
    };
}

codes! {
    /// Can't be understood.
    Request = BAD_REQUEST "request",
    /// A call that changes something must come from a page of this site.
    Origin = BAD_REQUEST "origin",
    /// The body was cut off, or the text of a comment is no text.
    Body = BAD_REQUEST "body",
    /// The body is no JSON object of this kind.
    Json = BAD_REQUEST "json",
    /// The form can't be read, or has a field twice.
    Form = BAD_REQUEST "form",
    /// There is a field that is not known here.
    UnknownField = BAD_REQUEST "unknown-field",
    /// `next` is no path of this site.
    Next = BAD_REQUEST "next",
    /// The Idempotency-Key is not 1 to 255 characters.
    IdempotencyKey = BAD_REQUEST "idempotency-key",
    /// No offer is named.
    Offer = BAD_REQUEST "offer",
    /// No code is named.
    SignIn = BAD_REQUEST "code",
    /// No lesson is named.
    Lesson = BAD_REQUEST "lesson",
    /// `question` is neither true nor false.
    Question = BAD_REQUEST "question",
    /// `mistake` is neither true nor false.
    Mistake = BAD_REQUEST "mistake",
    /// `answered` is neither true nor false.
    Answered = BAD_REQUEST "answered",
    /// `replies` is neither true nor false.
    Replies = BAD_REQUEST "replies",
    /// `page` is none that a form leads back to.
    Page = BAD_REQUEST "page",
    /// There is no such action.
    Action = BAD_REQUEST "action",
    /// A thread has no such order.
    Order = BAD_REQUEST "order",
    /// `revision` is no whole number.
    Revision = BAD_REQUEST "revision",
    /// The cursor is none of ours.
    Cursor = BAD_REQUEST "cursor",
    /// The webhook's signature does not hold.
    Signature = BAD_REQUEST "signature",
    /// Nobody is signed in.
    SignedOut = UNAUTHORIZED "signed-out",
    /// It is not there, or not yours.
    NotFound = NOT_FOUND "not-found",
    /// This is not for sale.
    OfferNotFound = NOT_FOUND "offer-not-found",
    /// There is no subscription to manage.
    NoSubscription = NOT_FOUND "no-subscription",
    /// This method is not offered here.
    Method = METHOD_NOT_ALLOWED "method",
    /// It was bought before; `course` is where it is.
    AlreadyOwned = CONFLICT "already-owned",
    /// The new address has an account of its own.
    EmailTaken = CONFLICT "email-taken",
    /// Nobody may write under this lesson.
    Closed = CONFLICT "closed",
    /// As many comments stand under this lesson as the site lets stand there.
    Full = CONFLICT "full",
    /// The author of the site does not want them to write any more.
    Banned = CONFLICT "banned",
    /// The comment has stood too long to be changed.
    Late = CONFLICT "late",
    /// The comment has changed since; read it again.
    Changed = CONFLICT "changed",
    /// The link or code does not work any more.
    Link = GONE "link",
    /// The request, or the text of a comment, is too large.
    TooLarge = PAYLOAD_TOO_LARGE "too-large",
    /// The content type is not accepted here.
    MediaType = UNSUPPORTED_MEDIA_TYPE "media-type",
    /// This is no e-mail address.
    Email = UNPROCESSABLE_ENTITY "email",
    /// The account has this address.
    SameEmail = UNPROCESSABLE_ENTITY "same-email",
    /// A session is named by its id, and everywhere is true or false.
    SignOut = UNPROCESSABLE_ENTITY "sign-out",
    /// There is no price in this currency.
    Currency = UNPROCESSABLE_ENTITY "currency",
    /// This many can't be bought.
    Quantity = UNPROCESSABLE_ENTITY "quantity",
    /// The coupon does not apply; `reason` says why.
    Coupon = UNPROCESSABLE_ENTITY "coupon",
    /// The Idempotency-Key was used with another request.
    IdempotencyMismatch = UNPROCESSABLE_ENTITY "idempotency-mismatch",
    /// A text of the profile is too long, or has characters that it cannot have.
    Profile = UNPROCESSABLE_ENTITY "profile",
    /// The comment to answer has no such id, or stands under another lesson.
    Parent = UNPROCESSABLE_ENTITY "parent",
    /// There is nothing to read in the comment.
    Empty = UNPROCESSABLE_ENTITY "empty",
    /// Quotes and lists of the comment nest too deep.
    Nesting = UNPROCESSABLE_ENTITY "nesting",
    /// There are too many marks on one letter.
    Marks = UNPROCESSABLE_ENTITY "marks",
    /// What is approved is named by the `revision` that the author saw.
    Unseen = UNPROCESSABLE_ENTITY "unseen",
    /// This can't be decided about this comment.
    Decision = UNPROCESSABLE_ENTITY "decision",
    /// A commit is named by 7 to 64 hex digits.
    Commit = UNPROCESSABLE_ENTITY "commit",
    /// The batch is too long: at most 50 events, or 100 lessons and 100 places.
    Batch = UNPROCESSABLE_ENTITY "batch",
    /// Too many; wait for as many seconds as `Retry-After` says.
    TooMany = TOO_MANY_REQUESTS "too-many",
    /// Something went wrong on our side.
    Internal = INTERNAL_SERVER_ERROR "internal",
    /// Something that this needs is down.
    Unavailable = SERVICE_UNAVAILABLE "unavailable",
    /// Payments are down; nothing was charged.
    PaymentsUnavailable = SERVICE_UNAVAILABLE "payments-unavailable",
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_none_is_a_403() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            // The CDN would turn it into its page for what is not there.
            assert_ne!(code.status(), StatusCode::FORBIDDEN, "{code:?}");
            assert!(code.status().as_u16() >= 400, "{code:?}");
        }
    }
}
