//! A part of a file: what a player asks for when somebody seeks in a video (RFC 9110 §14). At the CDN the cache
//! answers this by itself.

use std::ops::Range;

use http::header::{IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue};

/// How much of a file a request wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it. Also the answer to what is no range of bytes, or to several at once: a server may ignore both.
    Whole,
    /// These bytes; neither empty nor beyond the end.
    Bytes(Range<usize>),
    /// A range that begins behind the end.
    Unsatisfiable,
}

/// What the headers of a GET ask of a file of `length` bytes that has this ETag now.
pub fn part(headers: &HeaderMap, etag: &str, length: usize) -> Part {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let Some(asked) = headers.get(RANGE).and_then(text) else {
        return Part::Whole;
    };
    // The rest of a file that has changed meanwhile would not fit what the player has of it.
    if headers
        .get(IF_RANGE)
        .is_some_and(|seen| seen.as_bytes() != etag.as_bytes())
    {
        return Part::Whole;
    }
    asked
        .strip_prefix("bytes=")
        .and_then(|set| bytes(set, length))
        .unwrap_or(Part::Whole)
}

/// `first-last`, `first-`, or `-count` from the end; `None` for anything else.
fn bytes(set: &str, length: usize) -> Option<Part> {
    let (first, last) = set.trim().split_once('-')?;
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Some(first), None) if last.is_empty() => first..length,
        (None, Some(count)) if first.is_empty() => length.saturating_sub(count)..length,
        _ => return None,
    };
    Some(if range.is_empty() {
        Part::Unsatisfiable
    } else {
        Part::Bytes(range)
    })
}

/// Digits alone; more than a `usize` holds is as far as it goes.
fn number(text: &str) -> Option<usize> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What of ten bytes is sent for these headers.
    fn of_ten(range: &'static str, if_range: Option<&'static str>) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static(range));
        if let Some(seen) = if_range {
            headers.insert(IF_RANGE, HeaderValue::from_static(seen));
        }
        part(&headers, "\"m-1\"", 10)
    }

    #[test]
    fn one_range_of_bytes_is_sent_as_far_as_there_are_any() {
        assert_eq!(of_ten("bytes=0-3", None), Part::Bytes(0..4));
        assert_eq!(of_ten("bytes=4-", None), Part::Bytes(4..10));
        assert_eq!(of_ten("bytes=9-99", None), Part::Bytes(9..10));
        assert_eq!(of_ten("bytes=-3", None), Part::Bytes(7..10));
        assert_eq!(of_ten("bytes=-99", None), Part::Bytes(0..10));
        assert_eq!(
            of_ten("bytes=0-99999999999999999999999", None),
            Part::Bytes(0..10)
        );
        for beyond in ["bytes=10-", "bytes=10-20", "bytes=-0"] {
            assert_eq!(of_ten(beyond, None), Part::Unsatisfiable, "{beyond}");
        }
    }

    #[test]
    fn what_is_no_single_range_gets_the_whole_file() {
        for odd in [
            "bytes=0-1,4-5",
            "bytes=3-1",
            "bytes=-",
            "bytes=a-b",
            "bytes=+1-2",
            "lines=1-2",
            "",
        ] {
            assert_eq!(of_ten(odd, None), Part::Whole, "{odd}");
        }
        assert_eq!(part(&HeaderMap::new(), "\"m-1\"", 10), Part::Whole);
    }

    #[test]
    fn the_rest_of_another_version_is_not_sent() {
        assert_eq!(of_ten("bytes=4-", Some("\"m-1\"")), Part::Bytes(4..10));
        assert_eq!(of_ten("bytes=4-", Some("\"p-1\"")), Part::Whole);
    }
}
