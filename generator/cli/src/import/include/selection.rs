//! The part of a file that an include shows: lines by number, or between the marks of an anchor.

/// Which lines of a file are meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Selection<'a> {
    All,
    /// Line numbers from 1, the last one included; `None` for to the end.
    Lines(usize, Option<usize>),
    Anchor(&'a str),
}

impl<'a> Selection<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let mut parts = text.splitn(3, ':');
        let first = parts.next().unwrap_or_default();
        let end = parts.next().map(str::parse::<usize>);
        match (first.parse::<usize>(), end) {
            (Ok(start), Some(end)) => Self::Lines(start.max(1), end.ok()),
            (Ok(start), None) => Self::Lines(start.max(1), Some(start.max(1))),
            (Err(_), Some(Ok(end))) if first.is_empty() => Self::Lines(1, Some(end)),
            (Err(_), _) if first.is_empty() => Self::All,
            (Err(_), _) => Self::Anchor(first),
        }
    }

    /// The selected lines.
    pub(super) fn take(&self, text: &str) -> String {
        match self {
            Self::All => text.trim_end_matches('\n').to_owned(),
            _ => self
                .marked(text)
                .filter(|(_, is_in)| *is_in)
                .map(|(line, _)| line)
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }

    /// All lines, those that aren't selected hidden as rustdoc hides them.
    pub(super) fn take_hiding(&self, text: &str) -> String {
        self.marked(text)
            .map(|(line, is_in)| match is_in {
                true => line.to_owned(),
                false => format!("# {line}"),
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Lines, and whether they are selected; with an anchor, the lines that are marks are gone.
    fn marked<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (&'t str, bool)> {
        let mut open = false;
        text.lines().enumerate().filter_map(move |(number, line)| {
            let number = number + 1;
            match self {
                Self::All => Some((line, true)),
                Self::Lines(start, end) => Some((
                    line,
                    number >= *start && end.is_none_or(|end| number <= end),
                )),
                Self::Anchor(name) => {
                    if is_anchor(line, "ANCHOR:", Some(name)) {
                        open = true;
                    } else if is_anchor(line, "ANCHOR_END:", Some(name)) {
                        open = false;
                    }
                    let is_mark =
                        is_anchor(line, "ANCHOR:", None) || is_anchor(line, "ANCHOR_END:", None);
                    (!is_mark).then_some((line, open))
                }
            }
        })
    }
}

/// Whether a line marks an anchor, of this name if one is asked for.
pub(super) fn is_anchor(line: &str, mark: &str, name: Option<&str>) -> bool {
    let Some((_, rest)) = line.split_once(mark) else {
        return false;
    };
    let rest = rest.trim_start();
    let end = rest
        .find(|ch: char| !(ch.is_alphanumeric() || ch == '_' || ch == '-'))
        .unwrap_or(rest.len());
    let found = rest.get(..end).unwrap_or_default();
    match name {
        Some(name) => found == name,
        None => !found.is_empty(),
    }
}
