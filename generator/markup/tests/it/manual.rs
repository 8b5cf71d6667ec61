//! The manual's page about notation: what it shows as source is what stands rendered below.

use tuition_markup::{Options, code_blocks, no_includes, scan};

use crate::html;

const LESSON: &str =
    include_str!("../../../../content/courses/publishing-with-tuition/02-writing/01-notation.md");

const TESTED: &str = include_str!(
    "../../../../content/courses/publishing-with-tuition/02-writing/02-tested-code.md"
);

#[test]
fn every_example_of_the_manual_is_followed_by_what_it_becomes() {
    for (lesson, least) in [(LESSON, 8), (TESTED, 4)] {
        let blocks = code_blocks(lesson, &no_includes);
        let examples: Vec<_> = blocks
            .iter()
            .filter(|block| block.fence().language == "md")
            .collect();
        assert!(examples.len() >= least);
        for example in examples {
            let after = lesson[example.range.end..].trim_start();
            assert!(
                after.starts_with(&example.code),
                "not what is shown:\n{}",
                example.code
            );
        }
    }
}

#[test]
fn the_manual_has_no_mistake_and_shows_every_notation() {
    let (_, body) = LESSON[4..].split_once("\n+++\n").unwrap();
    assert_eq!(scan(body, &Options::default(), &no_includes).problems, []);
    let html = html(body);
    for shape in [
        "<table>",
        "<dl>",
        "<label><input type=\"checkbox\" disabled checked>",
        "<div class=\"alert tip\"",
        "<kbd>",
        "<section class=\"footnotes\"",
        "<mark data-n=\"2\">",
        "<ins data-n=\"3\">",
        "<del data-n=\"4\">",
        "<span class=\"p\">$ </span>",
        "<div class=\"tabs\"",
    ] {
        assert!(html.contains(shape), "{shape}");
    }
}
