//! Tiny books, whole: what becomes of each is a snapshot.

use std::fmt::Write as _;

use tuition_site::Files;

use super::book::{BookError, Options, import};

/// A book of one text: each file follows a line `-- path --`.
fn book(text: &str) -> Files {
    let mut files = Files::new();
    for part in format!("\n{text}").split("\n-- ").skip(1) {
        let (path, content) = part.split_once(" --\n").unwrap();
        files.insert(path.to_owned(), format!("{content}\n").into_bytes().into());
    }
    files
}

/// Files of the site, then the notes as they are printed.
fn imported(text: &str, options: &Options) -> String {
    let imported = import(&book(text), options).unwrap();
    let mut shown = String::new();
    for (path, bytes) in &imported.files {
        let content = String::from_utf8_lossy(bytes);
        writeln!(shown, "-- {path} --\n{}", content.trim_end()).unwrap();
    }
    writeln!(shown, "== notes ==").unwrap();
    for note in &imported.notes {
        writeln!(shown, "{note}").unwrap();
    }
    shown
}

#[test]
fn a_book_becomes_a_course_and_what_is_lost_is_told() {
    insta::assert_snapshot!(imported(
        include_str!("cases/whole.txt"),
        &Options::default()
    ));
}

#[test]
fn listings_of_the_rust_book_become_figures() {
    let options = Options {
        course: Some("tiny".to_owned()),
        into_site: true,
        ..Options::default()
    };
    insta::assert_snapshot!(imported(include_str!("cases/listing.txt"), &options));
}

#[test]
fn links_out_of_the_book_are_kept_where_its_address_is_known() {
    let options = Options {
        published: Some("https://doc.example/tiny/".to_owned()),
        ..Options::default()
    };
    let shown = imported(include_str!("cases/whole.txt"), &options);
    assert!(shown.contains(
        "[std](https://doc.example/std/index.html), [*that*](https://doc.example/std/x.html)"
    ));
    assert!(shown.contains("[root](https://doc.example/other/)"));
}

#[test]
fn what_is_no_book_is_refused() {
    let refused = |text| import(&book(text), &Options::default()).unwrap_err();
    assert_eq!(
        refused("-- a.md --\n"),
        BookError::NoSummary("src/SUMMARY.md".to_owned())
    );
    assert_eq!(
        refused("-- src/SUMMARY.md --\n- [A](a.md)\n"),
        BookError::Empty("src/SUMMARY.md".to_owned())
    );
}

#[test]
fn old_addresses_are_added_to_those_that_the_site_has() {
    let with = |redirects: &str| {
        let options = Options {
            course: Some("tiny".to_owned()),
            into_site: true,
            redirects: redirects.to_owned(),
            ..Options::default()
        };
        let imported = import(&book(include_str!("cases/whole.txt")), &options).unwrap();
        let list = imported.files.get("content/redirects.toml").cloned();
        let notes: Vec<_> = imported
            .notes
            .iter()
            .filter(|note| note.path == "content/redirects.toml")
            .map(|note| note.message.clone())
            .collect();
        (
            list.map(|list| String::from_utf8(list.to_vec()).unwrap()),
            notes,
        )
    };
    let (list, notes) = with("# Mine\n\"/tiny/end.html\" = \"/about/\"");
    let list = list.unwrap();
    assert!(list.starts_with("# Mine\n\"/tiny/end.html\" = \"/about/\"\n\n\"/tiny/ch01-one.html\" = \"/courses/tiny/one/\"\n"), "{list}");
    assert_eq!(list.matches("/tiny/end.html").count(), 1, "{list}");
    assert_eq!(notes, ["old addresses of the book lead elsewhere already"]);
    let (list, notes) = with("no = toml = at all");
    assert_eq!(list, None);
    assert!(notes[0].starts_with("the list can't be read"), "{notes:?}");
}
