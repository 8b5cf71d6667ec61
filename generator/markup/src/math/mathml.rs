//! MathML of KaTeX to MathML Core: styled letters as characters of their own, attributes in a fixed order.

use std::fmt::Write as _;

/// Takes the `<math>` out of KaTeX's output and makes it what browsers know.
///
/// KaTeX keeps attributes in hash maps: sorted, the same formula gives the same bytes.
pub(super) fn tidy(html: &str) -> String {
    let math = html.find("<math").and_then(|start| {
        let end = html.rfind("</math>")? + "</math>".len();
        html.get(start..end)
    });
    let mut out = String::with_capacity(html.len());
    let mut rest = math.unwrap_or_default();
    let mut variant: Option<String> = None;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        push_text(&mut out, text, variant.as_deref());
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (tag, after) = tag.split_at(end);
        variant = push_tag(&mut out, tag);
        rest = after;
    }
    out
}

/// Writes a tag; gives the style of the letters that follow, if it has one that browsers don't know.
fn push_tag(out: &mut String, tag: &str) -> Option<String> {
    let inner = tag.trim_start_matches('<').trim_end_matches('>');
    let (name, mut rest) = inner
        .split_once(|ch: char| ch.is_whitespace())
        .unwrap_or((inner, ""));
    let (mut attributes, mut variant) = (Vec::new(), None);
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').unwrap_or((after, ""));
        match key.trim() {
            "xmlns" => {}
            "mathvariant" if value != "normal" => variant = Some(value.to_owned()),
            key => attributes.push((key, value)),
        }
        rest = after;
    }
    attributes.sort_unstable();
    out.push('<');
    out.push_str(name);
    for (key, value) in attributes {
        // Writing to a String cannot fail.
        let _ = write!(out, " {key}=\"{value}\"");
    }
    out.push_str(if rest.trim() == "/" { "/>" } else { ">" });
    variant
}

fn push_text(out: &mut String, text: &str, variant: Option<&str>) {
    let Some(variant) = variant else {
        return out.push_str(text);
    };
    // A character reference is no letters.
    let mut in_reference = false;
    for ch in text.chars() {
        in_reference = (in_reference || ch == '&') && ch != ';';
        out.push(match in_reference {
            true => ch,
            false => styled(ch, variant).unwrap_or(ch),
        });
    }
}

/// The character of Unicode's mathematical alphanumeric symbols for a letter or digit in a style of MathML 3.
fn styled(ch: char, variant: &str) -> Option<char> {
    let (letters, greek, digits) = match variant {
        "bold" => (0x1d400, Some(0x1d6a8), Some(0x1d7ce)),
        "italic" => (0x1d434, Some(0x1d6e2), None),
        "bold-italic" => (0x1d468, Some(0x1d71c), None),
        "script" => (0x1d49c, None, None),
        "bold-script" => (0x1d4d0, None, None),
        "fraktur" => (0x1d504, None, None),
        "double-struck" => (0x1d538, None, Some(0x1d7d8)),
        "bold-fraktur" => (0x1d56c, None, None),
        "sans-serif" => (0x1d5a0, None, Some(0x1d7e2)),
        "bold-sans-serif" => (0x1d5d4, None, Some(0x1d7ec)),
        "sans-serif-italic" => (0x1d608, None, None),
        "sans-serif-bold-italic" => (0x1d63c, None, None),
        "monospace" => (0x1d670, None, Some(0x1d7f6)),
        _ => return None,
    };
    if let Some(older) = older(ch, variant) {
        return Some(older);
    }
    let code = u32::from(ch);
    let moved = match ch {
        'A'..='Z' => letters + code - u32::from('A'),
        'a'..='z' => letters + 26 + code - u32::from('a'),
        '0'..='9' => digits? + code - u32::from('0'),
        'Α'..='Ω' => greek? + code - u32::from('Α'),
        'α'..='ω' => greek? + 26 + code - u32::from('α'),
        _ => return None,
    };
    char::from_u32(moved)
}

/// Letters that Unicode had before it had the others.
fn older(ch: char, variant: &str) -> Option<char> {
    let pairs: &[(char, char)] = match variant {
        "italic" => &[('h', 'ℎ')],
        "script" => &[
            ('B', 'ℬ'),
            ('E', 'ℰ'),
            ('F', 'ℱ'),
            ('H', 'ℋ'),
            ('I', 'ℐ'),
            ('L', 'ℒ'),
            ('M', 'ℳ'),
            ('R', 'ℛ'),
            ('e', 'ℯ'),
            ('g', 'ℊ'),
            ('o', 'ℴ'),
        ],
        "fraktur" => &[('C', 'ℭ'), ('H', 'ℌ'), ('I', 'ℑ'), ('R', 'ℜ'), ('Z', 'ℨ')],
        "double-struck" => &[
            ('C', 'ℂ'),
            ('H', 'ℍ'),
            ('N', 'ℕ'),
            ('P', 'ℙ'),
            ('Q', 'ℚ'),
            ('R', 'ℝ'),
            ('Z', 'ℤ'),
        ],
        _ => &[],
    };
    pairs
        .iter()
        .find(|(plain, _)| *plain == ch)
        .map(|(_, styled)| *styled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styled_letters_become_characters_and_attributes_are_sorted() {
        let html = "<span><math xmlns=\"x\" display=\"block\"><mi mathvariant=\"double-struck\">Rk</mi><mi mathvariant=\"bold\">αA1&amp;</mi><mi mathvariant=\"normal\">e</mi><mspace width=\"1em\" height=\"2em\"/></math></span>";
        assert_eq!(
            tidy(html),
            "<math display=\"block\"><mi>ℝ𝕜</mi><mi>𝛂𝐀𝟏&amp;</mi><mi mathvariant=\"normal\">e</mi><mspace height=\"2em\" width=\"1em\"/></math>"
        );
    }
}
