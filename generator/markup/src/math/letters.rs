//! Styled letters as characters of their own: what MathML 3 says with `mathvariant`, browsers know by the character.

/// Text in a style. Character references stay as they are.
pub(super) fn style(text: &str, variant: &str) -> String {
    let mut in_reference = false;
    text.chars()
        .map(|ch| {
            in_reference = (in_reference || ch == '&') && ch != ';';
            match in_reference {
                true => ch,
                false => styled(ch, variant).unwrap_or(ch),
            }
        })
        .collect()
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
    fn letters_and_digits_are_found_in_their_blocks() {
        assert_eq!(style("Rk1", "double-struck"), "ℝ𝕜𝟙");
        assert_eq!(style("αA1&amp;", "bold"), "𝛂𝐀𝟏&amp;");
        assert_eq!(style("h+", "italic"), "ℎ+");
        assert_eq!(style("x", "unheard-of"), "x");
    }
}
