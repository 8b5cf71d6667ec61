//! An imported book holds what the book held: headings, code blocks, tables, footnotes and images are counted in its
//! chapters and in the pages that their old addresses lead to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::sandbox::{code, errors, shown, tuition};

/// What is counted, in this order.
const KINDS: [&str; 5] = ["headings", "code blocks", "tables", "footnotes", "images"];

type Counts = [usize; 5];

#[test]
fn an_imported_book_has_as_many_of_everything_as_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book");
    for part in include_str!("cases/book.txt").split("\n-- ").skip(1) {
        let (path, text) = part.split_once(" --\n").unwrap();
        let path = book.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{text}\n")).unwrap();
    }
    let (table, total) = compare(&book);
    assert!(total.iter().all(|count| *count >= 3), "{table}");
}

#[test]
#[ignore = "wants a book: cargo task audit book PATH"]
#[expect(clippy::print_stdout, reason = "the counts are what it is run for")]
fn the_book_of_tuition_book_has_as_many_of_everything_as_its_source() {
    let book = std::env::var_os("TUITION_BOOK").expect("TUITION_BOOK names the folder of a book");
    println!("{}", compare(Path::new(&book)).0);
}

/// Imports and builds a book, and fails where a page has more or less than its chapter. The table has the sums.
fn compare(book: &Path) -> (String, Counts) {
    let folder = tempfile::tempdir().unwrap();
    let site = shown(&folder.path().join("site"));
    let imported = tuition(&["import", "mdbook", &shown(book), &site]);
    assert_eq!(code(&imported), 0, "{}", errors(&imported));
    let built = tuition(&["build", "--site", &site]);
    assert_eq!(code(&built), 0, "{}", errors(&built));
    let public = Path::new(&site).join("dist/public");
    let redirects = fs::read_to_string(Path::new(&site).join("content/redirects.toml")).unwrap();
    let redirects: BTreeMap<String, String> = redirects
        .parse::<toml::Table>()
        .unwrap()
        .into_iter()
        .map(|(from, to)| (from, to.as_str().unwrap().to_owned()))
        .collect();
    let mut wrong = String::new();
    let (mut of_source, mut of_pages) = (Counts::default(), Counts::default());
    let chapters = chapters(book);
    for (chapter, text) in &chapters {
        let page = chapter
            .replace("README.md", "index.md")
            .replace(".md", ".html");
        let to = redirects
            .iter()
            .find(|(from, _)| from.ends_with(&format!("/{page}")))
            .unwrap_or_else(|| panic!("no redirect from {page}"))
            .1;
        let html = fs::read_to_string(public.join(format!("{}index.html", &to[1..]))).unwrap();
        let (source, page) = (count_source(text), count_page(&html));
        if source != page {
            writeln!(wrong, "{chapter} {source:?}, {to} {page:?}").unwrap();
        }
        for kind in 0..KINDS.len() {
            of_source[kind] += source[kind];
            of_pages[kind] += page[kind];
        }
    }
    let mut table = format!(
        "| in {} chapters | source | pages |\n|---|---|---|\n",
        chapters.len()
    );
    for (kind, (source, pages)) in KINDS.iter().zip(of_source.iter().zip(of_pages)) {
        writeln!(table, "| {kind} | {source} | {pages} |").unwrap();
    }
    assert_eq!(wrong, "", "{KINDS:?}\n{table}");
    (table, of_source)
}

/// Chapters that the table of contents lists, with their text.
fn chapters(book: &Path) -> Vec<(String, String)> {
    let source = book.join("src");
    let summary = fs::read_to_string(source.join("SUMMARY.md")).unwrap();
    let mut seen = BTreeSet::new();
    let paths = Parser::new(&summary).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) if !dest_url.is_empty() => {
            Some(dest_url.to_string())
        }
        _ => None,
    });
    paths
        .filter(|path| seen.insert(path.clone()))
        .filter_map(|path| Some((path.clone(), fs::read_to_string(source.join(path)).ok()?)))
        .collect()
}

fn count_source(text: &str) -> Counts {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let [mut headings, mut blocks, mut tables, mut notes, mut images] = Counts::default();
    let (mut referred, mut begins_with_heading, mut begun) = (BTreeSet::new(), false, false);
    let mut defined = BTreeSet::new();
    for event in Parser::new_ext(text, options) {
        match &event {
            Event::Start(Tag::Heading { .. }) => {
                headings += 1;
                begins_with_heading |= !begun;
            }
            Event::Start(Tag::CodeBlock(_)) => blocks += 1,
            Event::Start(Tag::Table(_)) => tables += 1,
            Event::Start(Tag::Image { .. }) => images += 1,
            Event::Start(Tag::FootnoteDefinition(name)) => {
                defined.insert(name.to_string());
            }
            Event::FootnoteReference(name) => {
                referred.insert(name.to_string());
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                tables += html.matches("<table").count();
                images += html.matches("<img").count();
                blocks += html.matches("<pre").count();
            }
            _ => {}
        }
        // Anchors and comments before the first heading keep it the first.
        begun |= matches!(
            event,
            Event::Text(_) | Event::Code(_) | Event::Start(Tag::CodeBlock(_) | Tag::Image { .. })
        );
    }
    // A page shows the notes that its text refers to, and has a title in any case.
    notes += defined.intersection(&referred).count();
    headings += usize::from(!begins_with_heading);
    [headings, blocks, tables, notes, images]
}

fn count_page(html: &str) -> Counts {
    let (_, article) = html.split_once("<article>").unwrap();
    let (article, _) = article.split_once("</article>").unwrap();
    let tags = |name: &str| {
        let start = format!("<{name}");
        let starts = article.match_indices(&start);
        let is_whole = |at: usize| article[at + name.len() + 1..].starts_with([' ', '>']);
        starts.filter(|(at, _)| is_whole(*at)).count()
    };
    [
        (1..=6).map(|level| tags(&format!("h{level}"))).sum(),
        tags("pre"),
        tags("table"),
        article.matches("<li id=\"fn:").count(),
        tags("img"),
    ]
}
