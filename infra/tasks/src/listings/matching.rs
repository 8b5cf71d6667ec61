//! Whether the lines of a listing stand in a file of code.

/// The first line of a listing that is not where it should be in `code`.
pub(super) fn first_strange<'a>(listing: &[&'a str], code: &[&str]) -> Option<&'a str> {
    let mut from = 0;
    for part in listing.split(|line| line.trim() == "// …") {
        if part.is_empty() {
            continue;
        }
        match find(part, code.get(from..).unwrap_or_default()) {
            Found::At(at) => from += at + part.len(),
            Found::UpTo(matched) => return part.get(matched).copied(),
        }
    }
    None
}

enum Found {
    /// Index of the first line.
    At(usize),
    /// Nowhere; so many lines matched at the best place.
    UpTo(usize),
}

fn find(part: &[&str], code: &[&str]) -> Found {
    let mut best = 0;
    for at in 0..code.len() {
        let window = code.get(at..).unwrap_or_default();
        let matched = matching(part, window);
        if matched == part.len() {
            return Found::At(at);
        }
        best = best.max(matched);
    }
    Found::UpTo(best)
}

/// How many lines agree from the start, given the indentation by which the first one differs.
fn matching(part: &[&str], window: &[&str]) -> usize {
    let (Some(shown), Some(written)) = (part.first(), window.first()) else {
        return 0;
    };
    let Some(indent) = written
        .strip_suffix(shown)
        .filter(|indent| indent.trim().is_empty())
    else {
        return 0;
    };
    part.iter()
        .zip(window)
        .take_while(|(shown, written)| {
            let line = written.strip_prefix(indent).unwrap_or(written.trim_start());
            line == **shown
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str =
        "use a;\n\nimpl X {\n    fn one() {\n        1\n    }\n\n    fn two() {}\n}\n";

    fn check(listing: &str, expected: Option<&str>) {
        let code: Vec<&str> = CODE.lines().collect();
        let listing: Vec<&str> = listing.lines().collect();
        assert_eq!(first_strange(&listing, &code), expected);
    }

    #[test]
    fn consecutive_lines_pass_with_or_without_their_common_indentation() {
        check("use a;\n\nimpl X {", None);
        check("fn one() {\n    1\n}\n\nfn two() {}", None);
        check(
            "impl X {\n    fn one() {\n    // …\n    fn two() {}\n}",
            None,
        );
    }

    #[test]
    fn a_changed_missing_or_moved_line_is_named() {
        check("fn one() {\n    2\n}", Some("    2"));
        check("use a;\nimpl X {", Some("impl X {"));
        check("fn two() {}\n// …\nfn one() {", Some("fn one() {"));
        check("fn one() {\n1\n}", Some("1"));
    }
}
