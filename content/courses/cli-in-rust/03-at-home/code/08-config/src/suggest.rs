//! "Did you mean …?": the nearest of a few known words.

/// The known word nearest to `word`, if it is near enough to be what was meant:
/// at most one edit for every three letters begun.
pub fn nearest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = word.chars().count().div_ceil(3);
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|&(edits, _)| edits <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The least number of insertions, deletions, replacements and swaps of
/// neighbours that turn `a` into `b`, where nothing is edited twice (optimal
/// string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().collect(), b.chars().collect());
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replace = last[j] + usize::from(a[i] != b[j]);
            let mut best = replace.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("", "sort"), 4);
        assert_eq!(distance("sort", "sort"), 0);
        assert_eq!(distance("srot", "sort"), 1);
        assert_eq!(distance("sor", "sort"), 1);
        assert_eq!(distance("sport", "sort"), 1);
        assert_eq!(distance("help", "sort"), 4);
    }

    #[test]
    fn only_near_words_are_suggested() {
        let known = ["--help", "--sort", "--version"];
        assert_eq!(nearest("--srot", known), Some("--sort"));
        assert_eq!(nearest("--verison", known), Some("--version"));
        assert_eq!(nearest("--color", known), None);
    }
}
