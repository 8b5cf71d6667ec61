//! Kinds of diagrams, and what is said of one to those who can't see it.

/// A kind of diagram, in the order of [`crate::Labels::diagram_kinds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Flowchart,
    Sequence,
    Class,
    State,
    Er,
    Gantt,
    Pie,
    /// Whatever else the drawing program knows.
    Other,
}

impl Kind {
    /// The kind that a source begins with, after what stands before it.
    pub(super) fn of(source: &str) -> Self {
        let mut lines = source.lines().map(str::trim).peekable();
        if lines.peek() == Some(&"---") {
            lines.next();
            while lines.next().is_some_and(|line| line != "---") {}
        }
        let first = lines.find(|line| !line.is_empty() && !line.starts_with("%%"));
        let word = first.and_then(|line| line.split([' ', ';', ':']).next());
        match word.unwrap_or_default() {
            "graph" | "flowchart" | "flowchart-elk" => Self::Flowchart,
            "sequenceDiagram" => Self::Sequence,
            "classDiagram" | "classDiagram-v2" => Self::Class,
            "stateDiagram" | "stateDiagram-v2" => Self::State,
            "erDiagram" => Self::Er,
            "gantt" => Self::Gantt,
            "pie" => Self::Pie,
            _ => Self::Other,
        }
    }
}

/// The title that a source gives its diagram, if any.
pub(super) fn title(source: &str) -> Option<&str> {
    source.lines().find_map(|line| {
        let line = line.trim();
        let rest = line.strip_prefix("pie").unwrap_or(line).trim_start();
        let rest = rest.strip_prefix("showData").unwrap_or(rest).trim_start();
        let title = rest.strip_prefix("title")?;
        let title = title
            .strip_prefix(':')
            .or_else(|| title.strip_prefix(' '))?;
        Some(title.trim().trim_matches(['"', '\''])).filter(|title| !title.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_titles_are_found_behind_settings() {
        let source =
            "---\ntitle: \"知识\"\nconfig: {}\n---\n%%{init: {}}%%\n\nflowchart LR; A-->B\n";
        assert_eq!(
            (Kind::of(source), title(source)),
            (Kind::Flowchart, Some("知识"))
        );
        assert_eq!(Kind::of("graph TB"), Kind::Flowchart);
        assert_eq!(Kind::of("mindmap\n"), Kind::Other);
        assert_eq!(title("pie showData title Time\n"), Some("Time"));
        assert_eq!(title("gantt\n  title  A b\n"), Some("A b"));
        assert_eq!(title("graph TB\n titles --> title\n"), None);
    }
}
