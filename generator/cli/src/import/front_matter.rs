//! Front matter of a chapter. mdBook knows none, but people bring it from elsewhere.

use super::note::Notes;

/// The text with its front matter blanked, so that lines keep their numbers, and the title in it.
pub(super) fn take(text: &str, path: &str, notes: &mut Notes) -> (String, Option<String>) {
    let Some((mark, separator)) = [("---", ':'), ("+++", '=')].into_iter().find(|(mark, _)| {
        text.lines()
            .next()
            .is_some_and(|line| line.trim_end() == *mark)
    }) else {
        return (text.to_owned(), None);
    };
    let end = text
        .lines()
        .skip(1)
        .position(|line| line.trim_end() == mark);
    let Some(end) = end.map(|end| end + 1) else {
        return (text.to_owned(), None);
    };
    let inner: Vec<&str> = text.lines().take(end).skip(1).collect();
    // A rule, a text and another rule are no front matter.
    let is_data = inner.iter().all(|line| {
        line.trim().is_empty() || line.contains(separator) || line.starts_with([' ', '-', '#'])
    });
    if !is_data {
        return (text.to_owned(), None);
    }
    let mut title = None;
    for (number, line) in inner.iter().enumerate() {
        let Some((key, value)) = line
            .split_once(separator)
            .filter(|_| !line.starts_with([' ', '#']))
        else {
            continue;
        };
        if key.trim() == "title" {
            title = Some(value.trim().trim_matches(['"', '\'']).to_owned());
        } else {
            let message = format!("the key \"{}\" of the front matter is left out", key.trim());
            let hint = "see the manual for the keys of a lesson";
            notes.line(path, number + 2, "import-front-matter", message, hint);
        }
    }
    let rest: String = text.split_inclusive('\n').skip(end + 1).collect();
    (format!("{}{rest}", "\n".repeat(end + 1)), title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_is_taken_and_lines_keep_their_numbers() {
        let mut notes = Notes::default();
        let text = "---\ntitle: \"A: b\"\nweight: 3\n---\n# Text\n";
        let (rest, title) = take(text, "a.md", &mut notes);
        assert_eq!(
            (rest.as_str(), title.as_deref()),
            ("\n\n\n\n# Text\n", Some("A: b"))
        );
        assert_eq!(notes.into_sorted()[0].line, 3);
        let rule = "---\nA text.\n\n---\n";
        assert_eq!(take(rule, "a.md", &mut Notes::default()).0, rule);
    }
}
