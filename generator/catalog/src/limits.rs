//! How often a visitor may do what costs something, set by `[limits]` in `site.toml`.

use serde::{Deserialize, Serialize};

/// Upper bounds that the functions enforce; all are whole numbers, 0 forbids the action.
///
/// In `site.toml` an unknown key is an error; in `catalog.json` it is too, since a limit that a function
/// doesn't know would silently not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Sign-in links mailed to one address in an hour.
    pub links_per_address_per_hour: u32,
    /// Sign-in links asked for from one network (IPv4 /24, IPv6 /48) in an hour.
    pub links_per_network_per_hour: u32,
    /// Wrong guesses of the six-digit code before its link is void.
    pub code_attempts: u32,
    /// Checkout sessions opened from one network in an hour.
    pub checkouts_per_network_per_hour: u32,
    /// Comments, edits and reports of one learner in a minute.
    pub posts_per_minute: u32,
    /// Comments of learners under one lesson, deleted ones too: a thread is read whole to be sorted.
    #[serde(skip_serializing_if = "is_usual_room")]
    pub comments_per_lesson: u32,
    /// Batches of usage events from one network in a minute.
    pub event_batches_per_network_per_minute: u32,
    /// Browsers one learner may be signed in with; one more signs the oldest out.
    pub devices: u32,
}

impl Limits {
    /// The keys of `[limits]`, for messages.
    pub const KEYS: [&'static str; 8] = [
        "links_per_address_per_hour",
        "links_per_network_per_hour",
        "code_attempts",
        "checkouts_per_network_per_hour",
        "posts_per_minute",
        "comments_per_lesson",
        "event_batches_per_network_per_minute",
        "devices",
    ];
}

/// How many comments a lesson has room for, if a site says nothing.
const ROOM: u32 = 1000;

/// What says nothing new is not written, so that functions of before read the catalog.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn is_usual_room(room: &u32) -> bool {
    *room == ROOM
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            links_per_address_per_hour: 5,
            links_per_network_per_hour: 20,
            code_attempts: 5,
            checkouts_per_network_per_hour: 600,
            posts_per_minute: 10,
            comments_per_lesson: ROOM,
            event_batches_per_network_per_minute: 240,
            devices: 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_keeps_its_default_and_unknown_keys_are_refused() {
        let limits: Limits = serde_json::from_str(r#"{"posts_per_minute": 600}"#).unwrap();
        assert_eq!(
            limits,
            Limits {
                posts_per_minute: 600,
                ..Limits::default()
            }
        );
        assert!(serde_json::from_str::<Limits>(r#"{"posts": 1}"#).is_err());
    }

    #[test]
    fn the_keys_for_messages_are_those_of_the_struct() {
        let unusual = Limits {
            comments_per_lesson: 1,
            ..Limits::default()
        };
        let json = serde_json::to_value(unusual).unwrap();
        let mut keys: Vec<_> = json
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut listed = Limits::KEYS.to_vec();
        keys.sort_unstable();
        listed.sort_unstable();
        assert_eq!(keys, listed);
    }
}
