//! Mermaid to SVG that stands in the page: no browser, no script, no style that the site's policy forbids.
//!
//! Colours are custom properties of the theme, so that a diagram follows the reader from light to dark. To those who
//! don't see it, it is a picture with a name, and its source stands below.

mod edges;
mod frame;
mod kind;
mod paint;
mod svg;

use std::{
    borrow::Cow,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

pub(crate) use kind::Kind;
use mermaid_svg::{ParseError, RenderError, Theme, render_with};

use crate::{
    Drawings, Labels, Problem, Severity,
    diagram::svg::{LABEL, Node},
    escape::escape_text,
};

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

/// A diagram that could be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// SVG, its ids and its name still to be filled in.
    svg: Arc<str>,
    kind: Kind,
    title: Option<Arc<str>>,
    /// Whether parts of it lie on each other.
    is_crossed: bool,
}

/// A drawing, or why there is none.
pub(crate) type Drawn = Result<Drawing, Mistake>;

/// Writes a diagram with its source below, for those who can't see it. `number` is its place among those of the text.
/// `false`, and nothing written, if it can't be drawn; [`check`] says why.
pub(crate) fn write(
    out: &mut String,
    source: &str,
    number: usize,
    labels: &Labels<'_>,
    drawings: Option<&Drawings>,
) -> bool {
    let Ok(drawing) = draw(source, drawings) else {
        return false;
    };
    let kind = labels.diagram_kinds.get(drawing.kind as usize);
    let kind = kind.copied().unwrap_or_default();
    let name = match &drawing.title {
        Some(title) => format!("{kind}: {title}"),
        None => kind.to_owned(),
    };
    out.push_str("<figure class=\"diagram\">");
    svg::place(out, &drawing.svg, number, &name);
    out.push_str("<details><summary>");
    escape_text(out, labels.diagram);
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
    let mistake = match draw(source, drawings) {
        Err(mistake) => mistake,
        Ok(drawing) if drawing.is_crossed => return Some(crossed(range)),
        Ok(_) => return None,
    };
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

fn crossed(range: &Range<usize>) -> Problem {
    Problem {
        severity: Severity::Warning,
        code: "diagram-layout",
        range: range.clone(),
        message: "parts of the diagram lie on each other".to_owned(),
        hint: "lead arrows to what is in a box instead of to the box, try another direction, or make two diagrams of it"
            .to_owned(),
    }
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
    let kind = Kind::of(source);
    let timeless = match kind {
        Kind::Gantt => Cow::Owned(without_today(source)),
        _ => Cow::Borrowed(source),
    };
    // A bug in the drawing must not take the build down.
    let drawn = catch_unwind(AssertUnwindSafe(|| render_with(&timeless, &theme())))
        .map_err(|_| wrong("the diagram can't be drawn"))?;
    match drawn {
        Ok(drawn) => finish(&drawn, source, kind).ok_or_else(|| {
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

/// A gantt chart that does not know what day it is: the line for today would move with the clock of the build.
fn without_today(source: &str) -> String {
    let lines = source
        .lines()
        .map(|line| match line.trim_start().starts_with("todayMarker") {
            true => "",
            false => line,
        });
    let mut out: String = lines.flat_map(|line| [line, "\n"]).collect();
    out.push_str("todayMarker off\n");
    out
}

/// A drawing as it stands in a page; `None` if it holds what it may not.
fn finish(drawn: &str, source: &str, kind: Kind) -> Option<Drawing> {
    let mut nodes = svg::parse(drawn)?;
    paint::paint(&mut nodes, kind);
    edges::bend(&mut nodes);
    // A picture whose size isn't known keeps the one it has.
    let _ = frame::fit(&mut nodes);
    name(&mut nodes);
    Some(Drawing {
        svg: svg::write(&nodes).into(),
        kind,
        title: kind::title(source).map(Into::into),
        is_crossed: frame::is_crossed(&nodes, kind),
    })
}

/// One picture to those who listen, named by its own title or by what will be said of it.
fn name(nodes: &mut [Node]) {
    let root = nodes.iter_mut().find_map(|node| match node {
        Node::Start(element) if element.name == "svg" => Some(element),
        _ => None,
    });
    if let Some(root) = root {
        root.remove("aria-roledescription");
        root.set("role", "img");
        if root.get("aria-labelledby").is_none() {
            root.set("aria-label", LABEL);
        }
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
    let edge_of_slices = var("var(--edge)");
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
        pie_stroke: Some(edge_of_slices),
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
            let drawn = draw_anew(source).unwrap();
            let svg = &drawn.svg;
            assert!(svg.contains("知识付费"), "{svg}");
            assert!(!drawn.is_crossed, "{svg}");
            assert_ne!(drawn.kind, Kind::Other);
            assert!(!svg.contains("=\"#"), "a colour of its own: {svg}");
            assert!(svg.contains("var(--"), "{svg}");
            assert!(!svg.contains("style="), "{svg}");
            for _ in 0..10 {
                assert_eq!(draw_anew(source).unwrap(), drawn);
            }
        }
    }

    #[test]
    fn a_title_for_those_who_listen_is_in_the_picture() {
        let svg = draw_anew(
            "graph TB\n    accTitle: The title\n    accDescr: What it shows\n    A --> B\n",
        )
        .unwrap()
        .svg;
        assert!(
            svg.contains("The title") && svg.contains("What it shows"),
            "{svg}"
        );
    }

    #[test]
    fn a_picture_has_a_name_in_the_language_of_the_page() {
        let said = |source: &str| {
            let labels = Labels {
                diagram_kinds: ["流程图", "", "", "", "", "", "饼图", "图"],
                ..Labels::default()
            };
            let mut out = String::new();
            assert!(write(&mut out, source, 1, &labels, None));
            let (_, rest) = out.split_once(" role=\"img\"").unwrap();
            rest.split('>').next().unwrap().to_owned()
        };
        assert!(said("graph TB\n  A --> B\n").contains(" aria-label=\"流程图\""));
        let pie = said("pie title A \"b\" & c\n  \"x\" : 1\n");
        assert!(
            pie.contains(" aria-label=\"饼图: A &quot;b&quot; &amp; c\""),
            "{pie}"
        );
        let named = said("graph TB\n  accTitle: T\n  A --> B\n");
        assert!(named.contains("aria-labelledby=\"diagram:1:") && !named.contains("aria-label="));
    }

    #[test]
    fn a_gantt_chart_does_not_know_what_day_it_is() {
        // From long ago to far away, so that today lies in it.
        let chart = "gantt\n  dateFormat YYYY-MM-DD\n  todayMarker stroke:red\n  section A\n  B :b, 2000-01-01, 40000d\n";
        let drawn = draw_anew(chart).unwrap();
        assert!(!drawn.svg.contains("today"), "{}", drawn.svg);
        // It would be there, and the mistake is still told at its line.
        assert!(mermaid_svg::render(chart).unwrap().contains("today"));
    }

    #[test]
    fn a_diagram_whose_parts_lie_on_each_other_is_told() {
        let source = "stateDiagram-v2\n  [*] --> Open\n  Open --> Paid : webhook\n  Paid --> Refunded : refund\n  Open --> Expired : 24 h\n  Refunded --> [*]\n  state Paid {\n    [*] --> Granted\n    Granted --> Mailed\n  }\n";
        let problem = check(source, "", &(0..0), None).unwrap();
        assert_eq!(
            (problem.code, problem.severity),
            ("diagram-layout", Severity::Warning)
        );
        assert_eq!(
            check(
                "stateDiagram-v2\n  [*] --> A\n  A --> B: go\n  B --> A\n",
                "",
                &(0..0),
                None
            ),
            None
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
            if let Ok(Drawing { svg, .. }) = draw_anew(source) {
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
