//! The compiler's words about a sample, with the author's file and lines in place of those that were compiled.

use crate::test::lines::Lines;

/// Puts a rendered message in the author's terms, the numbers in the margin of quoted code included.
pub(super) fn place(rendered: &str, lines: &Lines<'_>) -> String {
    let rendered: Vec<&str> = rendered.trim_end().lines().collect();
    let width = rendered
        .iter()
        .find_map(|line| arrow(line))
        .map_or(0, |(margin, ..)| margin);
    let (mut is_own, mut first) = (false, None);
    // What each line becomes; the second is the number in its margin.
    let mut parts: Vec<(String, Option<usize>)> = Vec::new();
    for line in &rendered {
        if let Some((_, mark, place)) = arrow(line) {
            let (path, _) = place.split_once(':').unwrap_or((place, ""));
            is_own = lines.is_own(path);
            first = first.or(Some(is_own));
            let place = match is_own {
                true => own(place, lines),
                false => place.to_owned(),
            };
            parts.push((format!("{mark} {place}"), None));
        } else if let Some((number, rest)) = quoted(line, width) {
            let number = match is_own {
                true if lines.is_added(number) => None,
                true => Some(lines.line(number)),
                false => Some(number),
            };
            parts.push((rest.to_owned(), number));
        } else {
            if !line.starts_with([' ', '.']) {
                // Advice that names no file is about the one where the mistake is.
                is_own = first.unwrap_or_default();
            }
            parts.push(((*line).to_owned(), None));
        }
    }
    let widest = parts.iter().filter_map(|(_, number)| *number).max();
    let wanted = widest.map_or(width, |number| number.to_string().len());
    let mut out = String::new();
    for ((text, number), line) in parts.iter().zip(&rendered) {
        match number {
            Some(number) => out.push_str(&format!("{number:<wanted$}{text}")),
            None if arrow(line).is_some() || quoted(line, width).is_some() => {
                out.push_str(&format!("{:wanted$}{text}", ""));
            }
            None => out.push_str(&with_margin(line, width, wanted)),
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

/// `   --> src/main.rs:2:5`: width of the margin, the arrow, and the place.
fn arrow(line: &str) -> Option<(usize, &str, &str)> {
    let trimmed = line.trim_start();
    let margin = line.len() - trimmed.len();
    let mark = ["-->", ":::"]
        .into_iter()
        .find(|mark| trimmed.starts_with(mark))?;
    let place = trimmed.get(mark.len()..)?.trim();
    Some((margin, mark, place))
}

/// `e2024/src/x.rs:12:5` with the author's file and line.
fn own(place: &str, lines: &Lines<'_>) -> String {
    let mut parts = place.split(':').skip(1);
    let number = parts.next().and_then(|number| number.parse().ok());
    match (number, parts.next()) {
        (Some(line), Some(column)) => format!("{}:{}:{column}", lines.shown(), lines.line(line)),
        _ => lines.shown().to_owned(),
    }
}

/// `12 | code` or ` 1 + code` in a margin of some width: the number, and the rest from the space before the bar.
fn quoted(line: &str, width: usize) -> Option<(usize, &str)> {
    let margin = line.len() - line.trim_start_matches(' ').len();
    let line = line.get(margin..).filter(|_| margin < width)?;
    let end = line.find(|ch: char| !ch.is_ascii_digit())?;
    let number = line.get(..end)?.parse().ok()?;
    let rest = line.get(end..)?.trim_start();
    let is_code = ["|", "~", "+", "-", "/"]
        .iter()
        .any(|mark| rest.starts_with(mark));
    let before = line.len() - rest.len();
    is_code.then(|| (number, line.get(before - 1..).unwrap_or_default()))
}

/// A line without a number: its margin grows or shrinks with the others.
fn with_margin(line: &str, width: usize, wanted: usize) -> String {
    let margin = line.len() - line.trim_start().len();
    if margin < width {
        // The first line of a message, or `...` for lines left out.
        return line.to_owned();
    }
    format!("{:wanted$}{}", "", line.get(width..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::lines::tests::sample;

    #[test]
    fn numbers_in_the_margin_are_those_of_the_authors_file() {
        let mut sample =
            sample("let s = String::new();\nlet t = s;\n// ...\n// ...\nprintln!(\"{s}\");\n");
        sample.first_line = Some(98);
        let lines = Lines::new(&sample, "s01.rs", 1);
        let rendered = "error[E0382]: borrow of moved value: `s`\n --> e2024/src/s01.rs:6:12\n  |\n2 | let s = String::new();\n  |     - move occurs\n3 | let t = s;\n  |         - value moved here\n...\n6 | println!(\"{s}\");\n  |            ^ value borrowed here after move\n  |\n  = note: this error originates in a macro\n ::: /rustc/abc/library/core/src/fmt/mod.rs:7:1\n  |\n7 | fn inside() {}\n  | ^^^^^^^^^^^\nhelp: consider cloning\n  |\n3 | let t = s.clone();\n  |          ++++++++\n\n";
        let placed = "error[E0382]: borrow of moved value: `s`\n   --> content/a.md:102:12\n    |\n98  | let s = String::new();\n    |     - move occurs\n99  | let t = s;\n    |         - value moved here\n...\n102 | println!(\"{s}\");\n    |            ^ value borrowed here after move\n    |\n    = note: this error originates in a macro\n   ::: /rustc/abc/library/core/src/fmt/mod.rs:7:1\n    |\n7   | fn inside() {}\n    | ^^^^^^^^^^^\nhelp: consider cloning\n    |\n99  | let t = s.clone();\n    |          ++++++++";
        assert_eq!(place(rendered, &lines), placed);
    }

    #[test]
    fn what_was_put_around_a_sample_has_no_line() {
        let sample = sample(&"x\n".repeat(12));
        let lines = Lines::new(&sample, "s01.rs", 1);
        let rendered = "error: unclosed\n  --> samples-2024/src/s01.rs:12:3\n   |\n 1 | fn main() {\n   |           - unclosed\n...\n12 | x\n   |  ^\nhelp: import\n   |\n 2 + use std::fs;\n   |\n";
        let placed = "error: unclosed\n  --> content/a.md:21:3\n   |\n   | fn main() {\n   |           - unclosed\n...\n21 | x\n   |  ^\nhelp: import\n   |\n11 + use std::fs;\n   |";
        assert_eq!(place(rendered, &lines), placed);
    }

    #[test]
    fn a_message_without_a_place_stays_as_it_is() {
        let sample = sample("x\n");
        let lines = Lines::new(&sample, "s01.rs", 0);
        let rendered =
            "error: linking with `cc` failed: exit status: 1\n  |\n  = note: undefined symbol";
        assert_eq!(place(rendered, &lines), rendered);
    }
}
