//! The first words of a text, for descriptions: search engines show about so much, and each page holds them twice.

/// Characters of a description; those of Chinese, Japanese and Korean count twice.
const LONGEST: usize = 300;

/// A text cut off behind a word, with an ellipsis, if it is longer than a description.
pub(super) fn clip(text: &str) -> String {
    let mut width = 0;
    let end = text.char_indices().find(|(_, ch)| {
        width += if u32::from(*ch) >= 0x1100 { 2 } else { 1 };
        width > LONGEST
    });
    let Some(head) = end.and_then(|(end, _)| text.get(..end)) else {
        return text.to_owned();
    };
    // Scripts without spaces are cut where they are.
    let word = head.rfind(' ').filter(|at| head.len() - at < 40);
    let head = word.and_then(|at| head.get(..at)).unwrap_or(head);
    format!("{}…", head.trim_end_matches([',', ';', ':', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_ends_behind_a_word() {
        assert_eq!(clip("short"), "short");
        let long = clip(&"word, ".repeat(100));
        assert!(
            long.ends_with("word…") && long.chars().count() <= LONGEST,
            "{long}"
        );
        assert_eq!(clip(&"字".repeat(400)).chars().count(), LONGEST / 2 + 1);
        assert_eq!(clip(&"[".repeat(200_000)).len(), LONGEST + "…".len());
    }
}
