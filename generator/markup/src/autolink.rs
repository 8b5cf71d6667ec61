//! Addresses that stand in a text without brackets become links: `https://…`, `http://…`, `www.…`, `a@b.example`.
//!
//! The rules are those of GitHub Flavored Markdown, extended autolinks (§6.9), with two additions for scripts that put no
//! spaces between words: an address may follow such a letter, and their punctuation ends it.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

/// Events with links in place of bare addresses. Code, links, alternative texts and raw HTML stay as they are.
pub(crate) fn link<'a>(events: Vec<(Event<'a>, Range<usize>)>) -> Vec<(Event<'a>, Range<usize>)> {
    let mut out: Vec<(Event<'a>, Range<usize>)> = Vec::with_capacity(events.len());
    let mut pending: Option<(CowStr<'a>, Range<usize>)> = None;
    let mut closed = 0_usize;
    for (event, range) in events {
        match (&event, &mut pending) {
            // The parser cuts texts at every character that could have meant something.
            (Event::Text(text), Some((before, whole)))
                if closed == 0 && whole.end == range.start =>
            {
                *before = format!("{before}{text}").into();
                whole.end = range.end;
                continue;
            }
            (Event::Text(text), None) if closed == 0 => {
                pending = Some((text.clone(), range));
                continue;
            }
            _ => {}
        }
        if let Some((text, range)) = pending.take() {
            split(text, range, &mut out);
        }
        match &event {
            Event::Start(Tag::CodeBlock(_) | Tag::Link { .. } | Tag::Image { .. }) => closed += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::Link | TagEnd::Image) => {
                closed = closed.saturating_sub(1);
            }
            _ => {}
        }
        match event {
            // A text that doesn't follow the one before it begins a new one.
            Event::Text(text) if closed == 0 => pending = Some((text, range)),
            event => out.push((event, range)),
        }
    }
    if let Some((text, range)) = pending {
        split(text, range, &mut out);
    }
    out
}

fn split<'a>(text: CowStr<'a>, range: Range<usize>, out: &mut Vec<(Event<'a>, Range<usize>)>) {
    let found = addresses(&text);
    if found.is_empty() {
        return out.push((Event::Text(text), range));
    }
    // With entities in it the text is shorter than its source; then the place is that of the whole.
    let is_literal = text.len() == range.len();
    let place = |part: &Range<usize>| match is_literal {
        true => range.start + part.start..range.start + part.end,
        false => range.clone(),
    };
    let put = |part: Range<usize>, out: &mut Vec<_>| {
        if let Some(piece) = text.get(part.clone()).filter(|piece| !piece.is_empty()) {
            out.push((Event::Text(piece.to_owned().into()), place(&part)));
        }
    };
    let mut from = 0;
    for address in found {
        put(from..address.range.start, out);
        let tag = Tag::Link {
            link_type: match address.is_mail {
                true => LinkType::Email,
                false => LinkType::Autolink,
            },
            dest_url: address.destination.into(),
            title: "".into(),
            id: "".into(),
        };
        from = address.range.end;
        let source = place(&address.range);
        out.push((Event::Start(tag), source.clone()));
        put(address.range, out);
        out.push((Event::End(TagEnd::Link), source));
    }
    put(from..text.len(), out);
}

struct Address {
    range: Range<usize>,
    destination: String,
    is_mail: bool,
}

fn addresses(text: &str) -> Vec<Address> {
    let mut found = Vec::new();
    if !text.contains("://") && !text.contains("www.") && !text.contains('@') {
        return found;
    }
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let is_start =
            before.is_none_or(|ch| !ch.is_ascii_alphanumeric() && !matches!(ch, '/' | '@' | '.'));
        let address = is_start
            .then(|| web(rest, at).or_else(|| mail(rest, at)))
            .flatten();
        at = match address {
            Some(address) => {
                let end = address.range.end;
                found.push(address);
                end
            }
            None => at + skip(rest),
        };
    }
    found
}

/// To the next place where an address may begin: behind the word, else the search would look at each letter's rest.
fn skip(rest: &str) -> usize {
    let word = rest
        .find(|ch: char| !ch.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    let next = rest.get(word..).and_then(|rest| rest.chars().next());
    word + next.map_or(0, char::len_utf8)
}

fn web(rest: &str, at: usize) -> Option<Address> {
    let (prefix, scheme) = [("https://", ""), ("http://", ""), ("www.", "http://")]
        .into_iter()
        .find(|(prefix, _)| {
            rest.get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        })?;
    let end = rest
        .find(|ch: char| ch.is_whitespace() || ch == '<' || is_wide_punctuation(ch))
        .unwrap_or(rest.len());
    let url = trimmed(rest.get(..end)?);
    let host = url.get(prefix.len()..)?;
    let host = host.split(['/', '?', '#', ':']).next()?;
    let has_domain = host.contains('.') || !scheme.is_empty();
    let is_host = has_domain
        && !host.starts_with('.')
        && host
            .chars()
            .all(|ch| ch.is_alphanumeric() || matches!(ch, '-' | '_' | '.'))
        && host.rsplit('.').take(2).all(|part| !part.contains('_'));
    (is_host && !host.is_empty()).then(|| Address {
        range: at..at + url.len(),
        destination: format!("{scheme}{url}"),
        is_mail: false,
    })
}

fn mail(rest: &str, at: usize) -> Option<Address> {
    let local = rest
        .find(|ch: char| !ch.is_ascii_alphanumeric() && !matches!(ch, '.' | '-' | '_' | '+'))
        .filter(|_| rest.starts_with(|ch: char| ch.is_ascii_alphanumeric()))?;
    let domain = rest.get(local..)?.strip_prefix('@')?;
    let length = domain
        .find(|ch: char| !ch.is_ascii_alphanumeric() && !matches!(ch, '.' | '-' | '_'))
        .unwrap_or(domain.len());
    let domain = domain.get(..length)?.trim_end_matches('.');
    let is_domain = domain.contains('.')
        && domain.split('.').all(|part| !part.is_empty())
        && !domain.ends_with(['-', '_']);
    is_domain.then(|| {
        let length = local + 1 + domain.len();
        Address {
            range: at..at + length,
            destination: rest.get(..length).unwrap_or_default().to_owned(),
            is_mail: true,
        }
    })
}

/// Without the punctuation of the sentence around it.
fn trimmed(url: &str) -> &str {
    let mut url = url;
    loop {
        let shorter = url.trim_end_matches(['?', '!', '.', ',', ':', '*', '_', '~', '\'', '"']);
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if shorter.matches(')').count() > shorter.matches('(').count() => inner,
            _ => shorter,
        };
        let entity = shorter.strip_suffix(';').and_then(|inner| {
            let (before, name) = inner.rsplit_once('&')?;
            let is_name = !name.is_empty() && name.chars().all(|ch| ch.is_ascii_alphanumeric());
            is_name.then_some(before)
        });
        let shorter = entity.unwrap_or(shorter);
        if shorter.len() == url.len() {
            return url;
        }
        url = shorter;
    }
}

fn is_wide_punctuation(ch: char) -> bool {
    matches!(ch, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' | '“' | '”' | '‘' | '’' | '…')
}

#[cfg(test)]
mod tests {
    use super::addresses;

    fn found(text: &str) -> Vec<(&str, String)> {
        addresses(text)
            .into_iter()
            .map(|address| (&text[address.range], address.destination))
            .collect()
    }

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        for (text, shown) in [
            (
                "See https://example.com/a_b, then",
                "https://example.com/a_b",
            ),
            ("(https://example.com/x(y))", "https://example.com/x(y)"),
            ("https://example.com/?a=b&c;", "https://example.com/?a=b"),
            ("见https://example.com/路径。后", "https://example.com/路径"),
            ("「http://example.com/」", "http://example.com/"),
            ("**https://example.com**", "https://example.com"),
        ] {
            assert_eq!(found(text), [(shown, shown.to_owned())], "{text}");
        }
        assert_eq!(
            found("www.example.com and me.too+x@mail.example."),
            [
                ("www.example.com", "http://www.example.com".to_owned()),
                ("me.too+x@mail.example", "me.too+x@mail.example".to_owned())
            ]
        );
    }

    #[test]
    fn what_only_looks_like_an_address_stays_text() {
        for text in [
            "https://",
            "https://nodots",
            "xhttps://example.com",
            "ftp://example.com",
            "@mention",
            "a@b",
            "a@b.",
            "www.",
            "http://a_b.c_d",
            "user@host:path",
            "+@example.com",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
