//! Lines of a sample as a tool counts them, to lines of the file that an author edits.

use tuition_site::Sample;

/// Where the lines of a sample are in its file.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    /// Name of the file that the tool was given, without folders.
    tool_file: &'a str,
    /// What the author knows it by.
    shown: &'a str,
    /// Added to a line of the tool's file.
    shift: isize,
    /// The last line of the tool's file that is the author's, and the first.
    own: (usize, usize),
}

impl<'a> Lines<'a> {
    /// For a sample in the file `tool_file` with so many `lines_before` that are not the author's.
    pub(super) fn new(sample: &'a Sample, tool_file: &'a str, lines_before: usize) -> Self {
        let count = sample.code.lines().count().max(1);
        let (shown, first) = match sample.first_line {
            Some(first) => (sample.place.path.as_str(), first),
            // Lines of a part of another file are counted from the part's first.
            None => ("the included code", 1),
        };
        Self {
            tool_file,
            shown,
            shift: first.cast_signed() - lines_before.cast_signed() - 1,
            own: (lines_before + 1, lines_before + count),
        }
    }

    /// A line of the tool's file as the author counts; what was added around the sample is its first or last line.
    pub(super) fn line(&self, line: usize) -> usize {
        let (first, last) = self.own;
        line.clamp(first, last).saturating_add_signed(self.shift)
    }

    /// Whether a line of the tool's file was put around the sample.
    pub(super) fn is_added(&self, line: usize) -> bool {
        let (first, last) = self.own;
        !(first..=last).contains(&line)
    }

    /// What the author knows the file by.
    pub(super) fn shown(&self) -> &'a str {
        self.shown
    }

    /// Whether a path of a tool's message is the sample's file.
    pub(super) fn is_own(&self, path: &str) -> bool {
        path.rsplit('/').next() == Some(self.tool_file)
    }

    /// A text of a tool in which the sample's file and a line after it are put in the author's terms:
    /// `/tmp/x/a.py", line 3`, `a.js:3`, `a.sh: line 3`.
    pub(super) fn place(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(self.tool_file) {
            let (before, after) = rest.split_at(at);
            let after = after.get(self.tool_file.len()..).unwrap_or_default();
            // A longer name that ends like it is another file.
            let folder = before
                .rfind(|ch: char| ch.is_whitespace() || matches!(ch, '"' | '\'' | '(' | '`'))
                .map_or(0, |space| {
                    space
                        + before
                            .get(space..)
                            .and_then(|rest| rest.chars().next())
                            .map_or(1, char::len_utf8)
                });
            let path = before.get(folder..).unwrap_or_default();
            let is_file = path.is_empty() || path.ends_with('/');
            let goes_on =
                after.starts_with(|ch: char| ch.is_alphanumeric() || matches!(ch, '_' | '-'));
            if !is_file || goes_on {
                out.push_str(before);
                out.push_str(self.tool_file);
                rest = after;
                continue;
            }
            out.push_str(before.get(..folder).unwrap_or_default());
            out.push_str(self.shown);
            rest = after;
            if let Some((lead, number, tail)) = number(after) {
                out.push_str(lead);
                out.push_str(&self.line(number).to_string());
                rest = tail;
            }
        }
        out.push_str(rest);
        out
    }
}

/// The line number that follows a file's name: what leads to it, the number, and what is behind.
fn number(after: &str) -> Option<(&str, usize, &str)> {
    let lead = ["\", line ", ": line ", ":"]
        .into_iter()
        .find(|lead| after.starts_with(lead))?;
    let digits = after.get(lead.len()..)?;
    let end = digits
        .find(|ch: char| !ch.is_ascii_digit())
        .unwrap_or(digits.len());
    let number = digits.get(..end)?.parse().ok()?;
    Some((after.get(..lead.len())?, number, digits.get(end..)?))
}

#[cfg(test)]
pub(super) mod tests {
    use tuition_site::{Must, Place, Program};

    use super::*;

    pub(in crate::test) fn sample(code: &str) -> Sample {
        Sample {
            place: Place {
                path: "content/a.md".to_owned(),
                line: 10,
                column: 1,
            },
            first_line: Some(11),
            code: code.to_owned(),
            file: "sample.py".to_owned(),
            program: Program::Python,
            must: Must::Succeed,
            stdout: None,
            key: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    #[test]
    fn places_of_tools_become_places_of_the_author() {
        let sample = sample("a\nb\nc\n");
        let lines = Lines::new(&sample, "sample.py", 0);
        for (said, meant) in [
            (
                "  File \"/tmp/x/1/code/sample.py\", line 2, in <module>",
                "  File \"content/a.md\", line 12, in <module>",
            ),
            (
                "/tmp/x/sample.py: line 3: nope",
                "content/a.md: line 13: nope",
            ),
            (
                "at f (/tmp/x/sample.py:1:7)\nsample.py:9",
                "at f (content/a.md:11:7)\ncontent/a.md:13",
            ),
            (
                "mysample.py:1 sample.pyc:2 sample.py says",
                "mysample.py:1 sample.pyc:2 content/a.md says",
            ),
            ("nothing", "nothing"),
        ] {
            assert_eq!(lines.place(said), meant);
        }
        let wrapped = Lines::new(&sample, "x.rs", 2);
        assert_eq!(
            [1, 2, 3, 4, 5, 6, 99].map(|line| wrapped.line(line)),
            [11, 11, 11, 12, 13, 13, 13]
        );
    }
}
