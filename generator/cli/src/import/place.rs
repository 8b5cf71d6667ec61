//! Paths of a book: joined, taken apart, and written so that a link can hold them.

/// A relative path resolved against the folder of a file; `None` when it is absolute or climbs out.
pub(super) fn join(file: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') || relative.contains(['\\', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// How to write the path of a file in a text that is another file.
pub(super) fn relative(from: &str, file: &str) -> String {
    let mut from: Vec<&str> = from.split('/').collect();
    from.pop();
    let to: Vec<&str> = file.split('/').collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    up.chain(to.into_iter().skip(shared))
        .collect::<Vec<_>>()
        .join("/")
}

/// What would end a destination in Markdown, or begin an escape, in percent escapes.
pub(super) fn encode(path: &str) -> String {
    path.chars()
        .map(|ch| match ch {
            ' ' | '(' | ')' | '<' | '>' | '%' | '"' | '#' | '?' => {
                format!("%{:02X}", u32::from(ch))
            }
            other => other.to_string(),
        })
        .collect()
}

/// Percent escapes undone; what is no UTF-8 then stays.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = (*first == b'%').then(|| tail.get(..2)).flatten();
        let value =
            digits.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match value {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_taken_apart_again() {
        assert_eq!(
            join("src/a/b.md", "../../code/x.rs").as_deref(),
            Some("code/x.rs")
        );
        assert_eq!(join("src/b.md", "../../x"), None);
        assert_eq!(join("src/b.md", "/etc/passwd"), None);
        assert_eq!(relative("c/01/a.md", "c/img/x.png"), "../img/x.png");
        assert_eq!(encode("a b(1).png"), "a%20b%281%29.png");
        assert_eq!(decode("a%20b%zz"), "a b%zz");
    }
}
