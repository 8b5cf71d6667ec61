//! HTML and URL escaping.

/// Appends text with `&`, `<` and `>` escaped.
pub fn escape_text(out: &mut String, text: &str) {
    escape(out, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        _ => None,
    });
}

/// Appends text for a double-quoted attribute: as [`escape_text`], and `"` too.
pub fn escape_attribute(out: &mut String, text: &str) {
    escape(out, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        _ => None,
    });
}

/// Appends a URL for a quoted attribute; quotes, spaces, controls, backslashes and backticks become percent escapes,
/// letters of any script stay readable.
pub(crate) fn escape_url(out: &mut String, url: &str) {
    for ch in url.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '"' => out.push_str("%22"),
            '\'' => out.push_str("%27"),
            '\\' => out.push_str("%5C"),
            '`' => out.push_str("%60"),
            ' ' => out.push_str("%20"),
            control if control.is_ascii_control() => {
                use std::fmt::Write as _;
                let _ = write!(out, "%{:02X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
}

fn escape(out: &mut String, text: &str, entity: impl Fn(u8) -> Option<&'static str>) {
    let mut rest = text;
    while let Some((at, entity)) = rest
        .bytes()
        .enumerate()
        .find_map(|(at, byte)| Some((at, entity(byte)?)))
    {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        out.push_str(entity);
        // What is escaped is one ASCII byte, so this is a character boundary.
        rest = tail.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}
