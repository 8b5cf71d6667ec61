//! The manual's page about notation: what it shows as source is what stands rendered below.

use tuition_markup::{Options, code_blocks, no_includes, render, scan};

const LESSON: &str =
    include_str!("../../../../content/courses/publishing-with-tuition/02-writing/01-notation.md");

const FORMULAS: &str =
    include_str!("../../../../content/courses/publishing-with-tuition/02-writing/03-formulas.md");

const DIAGRAMS: &str =
    include_str!("../../../../content/courses/publishing-with-tuition/02-writing/04-diagrams.md");

const TESTED: &str = include_str!(
    "../../../../content/courses/publishing-with-tuition/02-writing/02-tested-code.md"
);

#[test]
fn every_example_of_the_manual_is_followed_by_what_it_becomes() {
    for (lesson, least) in [(LESSON, 8), (TESTED, 4), (FORMULAS, 4), (DIAGRAMS, 4)] {
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
    let html = without_mistake(LESSON, false);
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

#[test]
fn the_manual_draws_every_formula_and_every_kind_of_diagram() {
    let formulas = without_mistake(FORMULAS, true);
    // In lines, and alone.
    assert_eq!(formulas.matches("<math>").count(), 3);
    assert_eq!(formulas.matches("<math display=\"block\">").count(), 5);
    for shape in [
        "<mtd class=\"r e\">",
        "class=\"box\"",
        "class=\"up\"",
        "class=\"top\"",
        "<mtext>准确率</mtext>",
    ] {
        assert!(formulas.contains(shape), "{shape}");
    }
    let diagrams = without_mistake(DIAGRAMS, false);
    let named = diagrams.matches(" role=\"img\"").count();
    assert_eq!((diagrams.matches("<svg").count(), named), (7, 7));
    for kind in [
        "Sequence diagram",
        "Class diagram",
        "State diagram",
        "Gantt chart: A course",
        "Pie chart: Where",
    ] {
        assert!(
            diagrams.contains(&format!(" aria-label=\"{kind}")),
            "{kind}"
        );
    }
}

/// The HTML of a lesson in which nothing is wrong.
fn without_mistake(lesson: &str, math: bool) -> String {
    let (_, body) = lesson[4..].split_once("\n+++\n").unwrap();
    let options = Options {
        math,
        ..Options::default()
    };
    assert_eq!(scan(body, &options, &no_includes).problems, []);
    render(body, &options, &|_| None, &no_includes).html
}
