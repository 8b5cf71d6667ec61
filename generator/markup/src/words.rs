//! How long a text takes to read.

/// Counted words of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Words {
    /// Words of scripts that put spaces between them.
    pub spaced: u32,
    /// Characters of Chinese, Japanese and Korean, which don't.
    pub ideographs: u32,
    /// Lines of code.
    pub code_lines: u32,
}

impl Words {
    /// Seconds that reading takes: 220 words or 400 ideographs a minute, and 4 seconds for a line of code.
    ///
    /// Rates for attentive reading of non-fiction: Brysbaert 2019 (238 words/min silently, less for technical text).
    #[must_use]
    pub fn seconds(&self) -> u32 {
        (self.spaced * 60).div_ceil(220)
            + (self.ideographs * 60).div_ceil(400)
            + self.code_lines * 4
    }

    pub(crate) fn count_text(&mut self, text: &str) {
        let mut in_word = false;
        for ch in text.chars() {
            let ideograph = is_ideograph(ch);
            self.ideographs += u32::from(ideograph);
            let letter = !ideograph && ch.is_alphanumeric();
            self.spaced += u32::from(letter && !in_word);
            in_word = letter || (in_word && matches!(ch, '\'' | '’' | '-' | '_'));
        }
    }

    pub(crate) fn count_code(&mut self, code: &str) {
        let lines = code.lines().filter(|line| !line.trim().is_empty()).count();
        self.code_lines += u32::try_from(lines).unwrap_or(u32::MAX);
    }
}

fn is_ideograph(ch: char) -> bool {
    matches!(ch, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_ideographs_are_counted_apart() {
        let mut words = Words::default();
        words.count_text("It's a well-known fact, 所有权 matters");
        assert_eq!((words.spaced, words.ideographs), (5, 3));
        words.count_code("fn main() {\n\n}\n");
        assert_eq!(words.code_lines, 2);
        assert_eq!(words.seconds(), 2 + 1 + 8);
    }
}
