//! Mermaid to SVG that stands in the page: no browser, no script, no style that the site's policy forbids.
//!
//! Colours are custom properties of the theme, so that a diagram follows the reader from light to dark.

mod svg;

use std::{
    borrow::Cow,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use mermaid_svg::{ParseError, RenderError, Theme, render_with};

use crate::{Drawings, Problem, Severity, escape::escape_text};

/// The language of a fence that is a diagram.
const LANGUAGE: &str = "mermaid";

/// Bytes and lines; larger ones take long to lay out, and nobody reads them.
const LONGEST: usize = 20_000;
const MOST_LINES: usize = 400;

/// Whether a fence of this language is a diagram.
pub(crate) fn is_diagram(language: &str) -> bool {
    language == LANGUAGE
}

/// Why a diagram can't be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    message: String,
    /// From 1, within the source.
    line: usize,
}

/// SVG, or why there is none.
pub(crate) type Drawn = Result<Arc<str>, Mistake>;

/// Writes a diagram with its source below, for those who can't see it. `number` is its place among those of the text.
/// `false`, and nothing written, if it can't be drawn; [`check`] says why.
pub(crate) fn write(
    out: &mut String,
    source: &str,
    number: usize,
    label: &str,
    drawings: Option<&Drawings>,
) -> bool {
    let Ok(drawn) = draw(source, drawings) else {
        return false;
    };
    out.push_str("<figure class=\"diagram\">");
    svg::number(out, &drawn, number);
    out.push_str("<details><summary>");
    escape_text(out, label);
    out.push_str("</summary><pre tabindex=\"0\"><code>");
    escape_text(out, source);
    out.push_str("</code></pre></details></figure>\n");
    true
}

/// What is wrong with a diagram whose fence stands at `range` of `text`.
pub(crate) fn check(
    source: &str,
    text: &str,
    range: &Range<usize>,
    drawings: Option<&Drawings>,
) -> Option<Problem> {
    let mistake = draw(source, drawings).err()?;
    let fence = text.get(range.clone()).unwrap_or_default();
    // The fence itself is the line before the first.
    let start: usize = fence
        .split_inclusive('\n')
        .take(mistake.line)
        .map(str::len)
        .sum();
    let line = fence
        .get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    Some(Problem {
        severity: Severity::Error,
        code: "diagram",
        range: range.start + start + indent..range.start + start + line.len(),
        message: mistake.message,
        hint: "see https://mermaid.js.org/intro/syntax-reference.html, or call the fence text to show the source"
            .to_owned(),
    })
}

fn draw(source: &str, drawings: Option<&Drawings>) -> Drawn {
    match drawings {
        Some(drawings) => drawings.diagrams.get_or(source, || draw_anew(source)),
        None => draw_anew(source),
    }
}

fn draw_anew(source: &str) -> Drawn {
    let wrong = |message: &str| Mistake {
        message: message.to_owned(),
        line: 1,
    };
    if source.len() > LONGEST || source.lines().count() > MOST_LINES {
        return Err(wrong(&format!(
            "a diagram of more than {LONGEST} bytes or {MOST_LINES} lines"
        )));
    }
    // A bug in the drawing must not take the build down.
    let drawn = catch_unwind(AssertUnwindSafe(|| render_with(source, &theme())))
        .map_err(|_| wrong("the diagram can't be drawn"))?;
    match drawn {
        Ok(drawn) => svg::tidy(&drawn).map(Into::into).ok_or_else(|| {
            wrong("the diagram holds what a page may not: scripts, links or pictures")
        }),
        Err(RenderError::Parse(ParseError::Syntax { message, line, .. })) => Err(Mistake {
            message: format!("a diagram with a mistake: {message}"),
            line: line.max(1),
        }),
        Err(RenderError::Parse(ParseError::UnknownDiagramType(name))) => Err(wrong(&format!(
            "there is no kind of diagram called \"{name}\""
        ))),
        Err(RenderError::Parse(ParseError::Empty)) => Err(wrong("the diagram is empty")),
        Err(error) => Err(wrong(&error.to_string())),
    }
}

/// The colours of the page.
fn theme() -> Theme {
    let var = |name: &'static str| Cow::Borrowed(name);
    let (ink, soft, edge) = (var("var(--ink)"), var("var(--soft)"), var("var(--edge)"));
    let (ground, raised, wash) = (
        var("var(--ground)"),
        var("var(--raised)"),
        var("var(--accent-wash)"),
    );
    let accent = var("var(--accent)");
    let tints: Vec<Cow<'static, str>> = TINTS.iter().map(|tint| Cow::Borrowed(*tint)).collect();
    let [first, second, third, fourth, ..] = TINTS;
    Theme {
        fg: ink.clone(),
        fg_muted: soft.clone(),
        bg: ground.clone(),
        actor_fill: wash.clone(),
        actor_stroke: accent.clone(),
        lifeline: edge.clone(),
        arrow_stroke: ink.clone(),
        note_fill: raised.clone(),
        note_stroke: edge.clone(),
        activation_fill: raised.clone(),
        activation_stroke: edge.clone(),
        frame_label_fill: raised.clone(),
        flow_node_fill: wash,
        flow_node_stroke: accent,
        flow_edge_stroke: ink,
        flow_label_bg: ground.clone(),
        flow_cluster_fill: raised,
        flow_cluster_stroke: edge,
        cscale_palette: tints.clone().into(),
        pie_palette: tints.clone().into(),
        git_palette: tints.clone().into(),
        xychart_palette: tints.into(),
        pie_stroke: Some(ground),
        quadrant_default_fills: [first, second, third, fourth].map(Cow::Borrowed),
        font_family: Cow::Borrowed("inherit"),
        ..Theme::default()
    }
}

/// Fills that the ink of the page can be read on, in light and in dark.
const TINTS: [&str; 8] = [
    "color-mix(in srgb, var(--accent) 28%, var(--ground))",
    "color-mix(in srgb, var(--note) 28%, var(--ground))",
    "color-mix(in srgb, var(--warning) 28%, var(--ground))",
    "color-mix(in srgb, var(--important) 28%, var(--ground))",
    "color-mix(in srgb, var(--danger) 24%, var(--ground))",
    "color-mix(in srgb, var(--accent) 14%, var(--ground))",
    "color-mix(in srgb, var(--note) 14%, var(--ground))",
    "color-mix(in srgb, var(--warning) 14%, var(--ground))",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_drawn_with_labels_of_any_script() {
        for source in [
            "graph TB\n    A[知识付费] -->|是| B{社群运营}\n",
            "sequenceDiagram\n    participant 用户\n    用户->>服务器: 知识付费\n",
            "classDiagram\n    class 知识付费 {\n        +叫()\n    }\n",
            "stateDiagram-v2\n    [*] --> 知识付费\n",
            "erDiagram\n    CUSTOMER ||--o{ ORDER : 知识付费\n",
            "gantt\n    title 知识付费\n    dateFormat YYYY-MM-DD\n    section 一\n    任务 :a1, 2026-01-01, 30d\n",
            "pie title 知识付费\n    \"甲\" : 40\n    \"乙\" : 60\n",
        ] {
            let svg = draw_anew(source).unwrap();
            assert!(svg.contains("知识付费"), "{svg}");
            assert!(svg.contains("var(--"), "{svg}");
            assert!(!svg.contains("style="), "{svg}");
            assert_eq!(draw_anew(source).unwrap(), svg);
        }
    }

    #[test]
    fn a_title_for_those_who_listen_is_in_the_picture() {
        let svg = draw_anew(
            "graph TB\n    accTitle: The title\n    accDescr: What it shows\n    A --> B\n",
        )
        .unwrap();
        assert!(
            svg.contains("The title") && svg.contains("What it shows"),
            "{svg}"
        );
    }

    #[test]
    fn nothing_breaks_out_of_a_diagram() {
        for source in [
            "graph TB\n    A[\"<script>alert(1)</script>\"] --> B[\"<img src=x onerror=alert(1)>\"]\n",
            "graph TB\n    A --> B\n    click A href \"javascript:alert(1)\"\n",
            "graph TB\n    A --> B\n    style A fill:red\" onload=\"alert(1)\n",
            "%%{init: {\"themeVariables\": {\"primaryColor\": \"red\\\"/><script>alert(1)</script>\"}}}%%\ngraph TB\n    A --> B\n",
            "graph TB\n    A:::x --> B\n    classDef x fill:url(javascript:alert(1))\n",
        ] {
            if let Ok(svg) = draw_anew(source) {
                for bad in [
                    "<script",
                    "<img",
                    "javascript:",
                    " onload=\"",
                    " onerror=\"",
                    "<a ",
                    "style=\"",
                ] {
                    assert!(!svg.contains(bad), "{bad} in {svg}");
                }
            }
        }
    }

    #[test]
    fn mistakes_are_placed() {
        let text = "Text\n\n```mermaid\ngraph TB\n  A[[[ --> B\n```\n";
        let problem = check("graph TB\n  A[[[ --> B\n", text, &(6..text.len()), None).unwrap();
        assert_eq!(problem.code, "diagram");
        assert_eq!(&text[problem.range], "A[[[ --> B");
        let unknown = check("nonsense\n", "```mermaid\nnonsense\n```", &(0..23), None).unwrap();
        assert!(unknown.message.contains("nonsense") && unknown.range.start == 11);
        assert!(draw_anew(&"A --> B\n".repeat(1000)).is_err());
    }
}
