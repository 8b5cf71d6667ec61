//! Each notation once, as HTML.

use tuition_markup::{Labels, Options, ReferenceKind, Target, no_includes, render, scan};

use crate::html;

#[test]
fn every_notation_has_its_html() {
    insta::assert_snapshot!(html(include_str!("cases/notation.md")));
}

#[test]
fn headings_become_a_tree_with_stable_ids() {
    let text = "# Guide\n\nIntro.\n\n## Set *up* `cargo`\n\n### 安装\n\n#### Deep\n\n## Set up cargo\n\n## Own {#mine .wide}\n";
    let options = Options {
        title: Some("guide"),
        ..Options::default()
    };
    let outline = scan(text, &options, &no_includes);
    let ids: Vec<_> = outline.anchors.iter().map(String::as_str).collect();
    assert_eq!(
        ids,
        [
            "guide",
            "set-up-cargo",
            "安装",
            "deep",
            "set-up-cargo-1",
            "mine"
        ]
    );
    let toc: Vec<_> = outline
        .toc
        .iter()
        .map(|entry| (entry.title.as_str(), entry.children.len()))
        .collect();
    assert_eq!(toc, [("Set up cargo", 1), ("Set up cargo", 0), ("Own", 0)]);
    let html = render(text, &options, &|_| None, &no_includes).html;
    assert!(
        html.starts_with("<p>Intro.</p>"),
        "the title is not said twice: {html}"
    );
    assert!(html.contains("<h2 id=\"mine\" class=\"wide\">"), "{html}");
}

#[test]
fn a_text_that_begins_at_level_one_moves_down_one() {
    let html = html("# A\n\n## B\n\n###### C\n");
    assert!(
        html.contains("<h2 id=\"a\">")
            && html.contains("<h3 id=\"b\">")
            && html.contains("<h6 id=\"c\">"),
        "{html}"
    );
}

#[test]
fn references_are_placed_and_led_where_the_caller_says() {
    let text = "See [a](x.md#y \"t\") and ![b *c*](p.png), [d][r].\n\n[r]: z.md\n\n<img src=\"q.png\"> <https://e.example>\n";
    let outline = scan(text, &Options::default(), &no_includes);
    let found: Vec<_> = outline
        .references
        .iter()
        .map(|r| (r.kind, r.destination.as_str(), &text[r.range.clone()]))
        .collect();
    assert_eq!(
        found,
        [
            (ReferenceKind::Link, "x.md#y", "x.md#y"),
            (ReferenceKind::Embed, "p.png", "p.png"),
            (ReferenceKind::Link, "z.md", "[d][r]"),
            (ReferenceKind::Embed, "q.png", "q.png"),
            (
                ReferenceKind::Link,
                "https://e.example",
                "https://e.example"
            ),
        ]
    );
    let resolve = |reference: &tuition_markup::Reference| {
        let size = (reference.destination == "p.png").then_some((3, 4));
        (!reference.destination.contains(':')).then(|| Target {
            url: format!("/{} \"", reference.destination),
            size,
            title: None,
        })
    };
    insta::assert_snapshot!(render(text, &Options::default(), &resolve, &no_includes).html);
}

#[test]
fn the_teaser_ends_at_the_mark_or_after_the_first_paragraph() {
    let teaser = |text: &str| {
        let outline = scan(text, &Options::default(), &no_includes);
        (text[outline.teaser.range].to_owned(), outline.teaser.marked)
    };
    assert_eq!(
        teaser("# T\n\nOne.\n\nTwo.\n\n<!-- more -->\n\nPaid.\n"),
        ("# T\n\nOne.\n\nTwo.\n\n".to_owned(), true)
    );
    assert_eq!(
        teaser("```\ncode\n```\n\nOne.\n\nTwo.\n"),
        ("One.\n".to_owned(), false)
    );
    assert_eq!(teaser("- list\n"), (String::new(), false));
    assert_eq!(
        teaser("```\n<!-- more -->\n```\n\nOne.\n"),
        ("One.\n".to_owned(), false)
    );
    assert!(!html("One.\n\n<!--more-->\n\nTwo.\n").contains("more"));
}

#[test]
fn labels_speak_the_language_of_the_page() {
    let labels = Labels {
        alerts: ["注意", "提示", "重要", "警告", "小心"],
        ..Labels::default()
    };
    let html = render(
        "> [!WARNING]\n> x\n",
        &Options {
            labels,
            ..Options::default()
        },
        &|_| None,
        &no_includes,
    )
    .html;
    assert!(html.contains("<p class=\"alert-title\">警告</p>"), "{html}");
}

#[test]
fn the_first_paragraph_is_plain_text() {
    let outline = scan(
        "## H\n\nA *b* `c`\n[d](e) &amp; f.\n\nMore.\n",
        &Options::default(),
        &no_includes,
    );
    assert_eq!(outline.first_paragraph, "A b c d & f.");
    assert_eq!(outline.words.spaced, 7);
}

#[test]
fn marks_of_punctuation_stay_with_the_formula_before_them() {
    let html = |text: &str| {
        let options = Options {
            math: true,
            ..Options::default()
        };
        render(text, &options, &|_| None, &no_includes).html
    };
    let kept = html("误差是 $x$，仿佛 <b>$x$</b>。And ($x$), or $x$ alone.\n");
    assert_eq!(
        kept.matches("<span class=\"keep\"><math").count(),
        2,
        "{kept}"
    );
    assert!(kept.contains("</math>，</span>仿佛"), "{kept}");
    assert!(kept.contains("</math></b>。And"), "{kept}");
    assert!(kept.contains("</math>),</span> or"), "{kept}");
    assert!(kept.contains("</math> alone."), "{kept}");
}

#[test]
fn the_tilde_of_a_chinese_range_does_not_begin_a_line() {
    let html = |text: &str| render(text, &Options::default(), &|_| None, &no_includes).html;
    assert_eq!(
        html("打分：10～20 分或 <3～4。\n"),
        "<p>打分：1<span class=\"keep\">0～</span>20 分或 &lt;<span class=\"keep\">3～</span>4。</p>\n"
    );
    // Nothing stands before it, or something that is no text.
    assert_eq!(html("～*一*～\n"), "<p>～<em class=\"han\">一</em>～</p>\n");
    assert!(html("`a～b`\n").contains("<code>a～b</code>"));
}

#[test]
fn emphasis_of_an_east_asian_word_is_told_from_that_of_a_latin_one() {
    assert_eq!(
        html("*那个* 与 *The Mom Test*、*用 **Rust** 写*，*すし*、*한글*\n"),
        "<p><em class=\"han\">那个</em> 与 <em>The Mom Test</em>、\
         <em class=\"han\">用 <strong>Rust</strong> 写</em>，<em class=\"han\">すし</em>、<em class=\"han\">한글</em></p>\n"
    );
}

#[test]
fn a_drawing_says_whether_it_must_scroll() {
    let wide = |boxes: usize| {
        let nodes: Vec<_> = (0..boxes)
            .map(|n| format!("N{n}[A box with words {n}]"))
            .collect();
        let html = html(&format!(
            "```mermaid\nflowchart LR\n  {}\n```\n",
            nodes.join(" --> ")
        ));
        let (_, svg) = html.split_once("<svg").unwrap();
        let (head, _) = svg.split_once('>').unwrap();
        ["wide", "broad"].map(|class| head.contains(&format!("class=\"{class}\"")))
    };
    assert_eq!(wide(1), [false, false]);
    assert_eq!(wide(3), [false, true]);
    assert_eq!(wide(8), [true, false]);
}
