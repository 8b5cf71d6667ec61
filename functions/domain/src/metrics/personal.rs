//! What must not be kept of a text that a browser sent: whatever may lead to a person.

use std::net::IpAddr;

use super::Sender;

/// So many digits in one run are a number of somebody: of a telephone, a card, a passport. A date has eight.
const LONG_NUMBER: usize = 9;

/// Whether a text looks as if it led to somebody: an e-mail address, a long number, an address in the Internet, the
/// name of a browser.
pub(super) fn leads_to_a_person(text: &str, sender: &Sender) -> bool {
    has_mail_address(text)
        || has_long_number(text)
        || has_network_address(text)
        || names_a_browser(text, &sender.user_agent)
}

/// Something right before and right after an `@`, which may be percent-encoded.
fn has_mail_address(text: &str) -> bool {
    let plain = text.replace("%40", "@").replace('＠', "@");
    let parts: Vec<&str> = plain.split('@').collect();
    parts.windows(2).any(|pair| {
        let [before, after] = pair else { return false };
        before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric)
    })
}

/// Digits, and what people put between them to read them better.
fn has_long_number(text: &str) -> bool {
    let mut run = 0;
    for char in text.chars() {
        match char {
            char if char.is_numeric() => run += 1,
            ' ' | '\u{a0}' | '-' | '–' | '.' | '/' | '(' | ')' | '+' | '_' => {}
            _ => run = 0,
        }
        if run >= LONG_NUMBER {
            return true;
        }
    }
    false
}

fn has_network_address(text: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '.' | ':');
    text.split(|char| !is_part(char)).any(|word| {
        let word = word.trim_matches('.');
        let host = word.rsplit_once(':').map_or(word, |(host, _)| host);
        // `a::b` is a path of Rust and hardly an address.
        let has_digit = word.contains(|char: char| char.is_ascii_digit());
        has_digit && [word, host].iter().any(|one| one.parse::<IpAddr>().is_ok())
    })
}

/// Browsers have called themselves Mozilla since 1994; others are known by what this request says.
fn names_a_browser(text: &str, user_agent: &str) -> bool {
    let (text, user_agent) = (text.to_lowercase(), user_agent.trim().to_lowercase());
    text.contains("mozilla/") || (!user_agent.is_empty() && text.contains(&user_agent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(text: &str) -> bool {
        let sender = Sender {
            address: IpAddr::from([203, 0, 113, 7]),
            user_agent: "Strange/1.0".to_owned(),
        };
        leads_to_a_person(text, &sender)
    }

    #[test]
    fn what_leads_to_a_person_is_known() {
        for text in [
            "ada@example.org",
            "mail to ada@example",
            "ada%40example.org",
            "ada＠example.org",
            "阿达@example.org",
            "+1 (555) 123-4567",
            "13800138000",
            "138 0013 8000",
            "4111-1111-1111-1111",
            "１３８００１３８０００",
            "203.0.113.7",
            "from 203.0.113.7:8080 today",
            "2001:db8::7",
            "[2001:db8:1:2::7]:443",
            "Mozilla/5.0 (X11)",
            "I use strange/1.0 here",
        ] {
            assert!(leads(text), "{text}");
        }
    }

    #[test]
    fn what_people_search_for_and_how_campaigns_are_called_is_fine() {
        for text in [
            "",
            "lifetimes",
            "std::fs",
            "u8::MAX",
            "@Override",
            "a @ b",
            "所有权 和 借用",
            "E0382",
            "error 404",
            "2026-11-23",
            "spring_20261123",
            "v1.2.3",
            "127",
            "10:30",
            "mozilla",
        ] {
            assert!(!leads(text), "{text}");
        }
    }
}
