//! A site in one text: `-- path --` on a line of its own begins a file.

use tuition_site::Files;

/// Reads the files of an archive; what stands before the first is a comment.
pub(crate) fn parse(text: &str) -> Files {
    let mut files = Files::new();
    let mut current: Option<(String, String)> = None;
    let mut finish = |file: Option<(String, String)>| {
        if let Some((path, content)) = file {
            let before = files.insert(path.clone(), content.into_bytes().into());
            assert!(before.is_none(), "{path} stands twice");
        }
    };
    for line in text.split_inclusive('\n') {
        let name = line
            .trim_end()
            .strip_prefix("-- ")
            .and_then(|rest| rest.strip_suffix(" --"));
        match (name, &mut current) {
            (Some(name), _) => finish(current.replace((name.to_owned(), String::new()))),
            (None, Some((_, content))) => content.push_str(line),
            (None, None) => {}
        }
    }
    finish(current);
    files
}

#[test]
fn files_are_told_apart() {
    let files = parse("comment\n-- a.md --\none\n-- b/c.md --\ntwo\n\n");
    let texts: Vec<_> = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), std::str::from_utf8(bytes).unwrap()))
        .collect();
    assert_eq!(texts, [("a.md", "one\n"), ("b/c.md", "two\n\n")]);
}
