//! MathML of KaTeX to what browsers draw (MathML Core, with a few classes of the theme for what Core leaves to CSS).
//!
//! Classes: on cells `l r` (where the content stands), `s e` (no room at the start, at the end), `v h` (a line behind,
//! below), `n` (the number of an equation); on boxes `box left right top bottom up down across`, `pad`; `vec` on an
//! arrow above a letter.

use super::{
    letters,
    tree::{self, Element, Node},
};

/// Takes the `<math>` out of KaTeX's output and makes it what browsers know.
///
/// An error is the name of something that they don't.
pub(super) fn tidy(html: &str) -> Result<String, String> {
    let math = html.find("<math").and_then(|start| {
        let end = html.rfind("</math>")? + "</math>".len();
        html.get(start..end)
    });
    let Some(mut math) = math.and_then(tree::parse) else {
        return Err("MathML".to_owned());
    };
    element(&mut math)?;
    let mut out = String::with_capacity(html.len());
    tree::write(&mut out, &math);
    Ok(out)
}

fn element(this: &mut Element) -> Result<(), String> {
    match this.name.as_str() {
        "mi" | "mo" | "mn" | "mtext" | "ms" => token(this),
        "mover" => rule(this, "top"),
        "munder" => rule(this, "bottom"),
        "menclose" => enclose(this)?,
        "mpadded" => padded(this),
        "mtable" => table(this),
        _ => {}
    }
    let is_ours = |value: &str| value.split(' ').all(|class| CLASSES.contains(&class));
    this.attributes.retain(|(key, value)| match key.as_str() {
        "xmlns" | "style" | "columnalign" | "columnspacing" | "columnlines" | "rowspacing"
        | "rowlines" | "notation" => false,
        "class" => is_ours(value),
        "mathvariant" => value == "normal",
        _ => true,
    });
    functions(this);
    this.elements().try_for_each(element)
}

/// What stands between a function's name and its argument, invisibly.
const APPLY: &str = "\u{2061}";

/// Room around the names of functions, as TeX has it: `n log n`, but `log(n)`.
fn functions(this: &mut Element) {
    let is = |node: Option<&Node>, wanted: &dyn Fn(&Element) -> bool| matches!(node, Some(Node::Element(element)) if wanted(element));
    let applies = |node: Option<&Node>| is(node, &|element| element.text() == Some(APPLY));
    let is_operator = |element: &Element| element.name == "mo" || element.name == "mspace";
    let children = std::mem::take(&mut this.children);
    for (position, child) in children.iter().enumerate() {
        let before = position
            .checked_sub(1)
            .and_then(|before| children.get(before));
        let follows_operand = before.is_some() && !is(before, &is_operator) && !applies(before);
        if applies(children.get(position + 1)) && follows_operand {
            this.children.push(Node::Element(thin_space()));
        }
        this.children.push(child.clone());
        let after = children.get(position + 1);
        if applies(Some(child)) && after.is_some() && !is(after, &is_operator) {
            this.children.push(Node::Element(thin_space()));
        }
    }
}

fn thin_space() -> Element {
    Element {
        name: "mspace".to_owned(),
        attributes: vec![("width".to_owned(), "0.1667em".to_owned())],
        children: Vec::new(),
    }
}

/// All classes that stand in the theme's style sheet.
const CLASSES: [&str; 17] = [
    "l", "r", "s", "e", "v", "h", "n", "box", "left", "right", "top", "bottom", "up", "down",
    "across", "pad", "vec",
];

fn token(this: &mut Element) {
    if this.elements().next().is_some() {
        // Letters hold no elements; browsers would put them one after the other.
        this.name = "mrow".to_owned();
        this.attributes.clear();
        return;
    }
    if let Some(variant) = this
        .get("mathvariant")
        .filter(|variant| *variant != "normal")
        .map(str::to_owned)
    {
        for child in &mut this.children {
            if let Node::Text(text) = child {
                *text = letters::style(text, &variant);
            }
        }
    }
    // Only these two grow with what is between them.
    let bar = match (this.text(), this.get("fence")) {
        (Some("∣"), Some("true")) => "|",
        (Some("∥"), Some("true")) => "‖",
        _ => return,
    };
    this.children = vec![Node::Text(bar.to_owned())];
    this.set("stretchy", "true");
}

/// A line over or under the whole is a border; an arrow over a letter is one that fonts have.
fn rule(this: &mut Element, side: &str) {
    let Some(Node::Element(mark)) = this.children.last_mut() else {
        return;
    };
    match (mark.text(), mark.get("stretchy")) {
        (Some("‾"), Some("true")) => {
            this.children.pop();
            this.name = "mrow".to_owned();
            this.attributes = vec![("class".to_owned(), side.to_owned())];
        }
        (Some("\u{20d7}"), _) => {
            mark.children = vec![Node::Text("→".to_owned())];
            mark.set("stretchy", "false");
            mark.set("class", "vec");
        }
        _ => {}
    }
}

fn enclose(this: &mut Element) -> Result<(), String> {
    let notation = this.get("notation").unwrap_or_default();
    let classes: Vec<&str> = notation
        .split_whitespace()
        .map(|word| match word {
            "box" | "left" | "right" | "top" | "bottom" => Ok(word),
            "updiagonalstrike" => Ok("up"),
            "downdiagonalstrike" => Ok("down"),
            "horizontalstrike" => Ok("across"),
            other => Err(format!("the notation \"{other}\"")),
        })
        .collect::<Result<_, _>>()?;
    let classes = classes.join(" ");
    this.name = "mrow".to_owned();
    this.set("class", &classes);
    Ok(())
}

/// Room around something, with or without a border: browsers know lengths, not additions to them.
fn padded(this: &mut Element) {
    let adds = |key| this.get(key).is_some_and(|value| value.starts_with('+'));
    if !adds("width") && !adds("height") {
        return;
    }
    let class = match this
        .get("style")
        .is_some_and(|style| style.contains("border"))
    {
        true => "box",
        false => "pad",
    };
    this.attributes
        .retain(|(key, _)| key == "mathbackground" || key == "mathcolor");
    this.set("class", class);
}

/// What stands on a table about its cells, on the cells.
fn table(this: &mut Element) {
    let list = |key| -> Vec<String> {
        let words = this.get(key).unwrap_or_default().split_whitespace();
        words.map(str::to_owned).collect()
    };
    let (aligns, gaps) = (list("columnalign"), list("columnspacing"));
    let (column_lines, row_lines) = (list("columnlines"), list("rowlines"));
    // A formula with a tag: as wide as the page, the tag in the last cell.
    let is_tagged = this.get("width").is_some();
    if is_tagged {
        this.attributes.retain(|(key, _)| key != "width");
        this.set("displaystyle", "true");
    }
    for (row_number, row) in this.elements().enumerate() {
        // Cells that only fill the line, and numbers that aren't there.
        row.children.retain(|cell| match cell {
            Node::Element(cell) => {
                let is_for_width = cell.get("class").is_some() || cell.get("width").is_some();
                !cell.children.is_empty() || !is_for_width
            }
            Node::Text(_) => true,
        });
        if let Some(tag) = row.elements().next_back().filter(|_| is_tagged) {
            tag.set("class", "mml-eqn-num");
        }
        for (column, cell) in row.elements().enumerate() {
            if cell
                .get("class")
                .is_some_and(|class| class.contains("eqn-num"))
            {
                cell.set("class", "n");
                continue;
            }
            let before = column.checked_sub(1).and_then(|before| at(&gaps, before));
            let classes = [
                ("l", at(&aligns, column) == Some("left")),
                ("r", at(&aligns, column) == Some("right")),
                ("s", before.is_some_and(is_no_gap)),
                (
                    "e",
                    column + 1 < aligns.len() && at(&gaps, column).is_some_and(is_no_gap),
                ),
                (
                    "v",
                    column_lines.get(column).is_some_and(|line| line != "none"),
                ),
                (
                    "h",
                    row_lines.get(row_number).is_some_and(|line| line != "none"),
                ),
            ];
            let classes: Vec<_> = classes
                .iter()
                .filter(|(_, is_on)| *is_on)
                .map(|(name, _)| *name)
                .collect();
            cell.attributes.retain(|(key, _)| key != "class");
            if !classes.is_empty() {
                cell.set("class", &classes.join(" "));
            }
        }
    }
}

/// The entry of a list whose last one goes on.
fn at(list: &[String], position: usize) -> Option<&str> {
    list.get(position).or(list.last()).map(String::as_str)
}

fn is_no_gap(gap: &str) -> bool {
    gap.trim_end_matches(char::is_alphabetic)
        .parse::<f64>()
        .is_ok_and(|gap| gap < 0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn math(inner: &str) -> String {
        let tidy = tidy(&format!("<span><math xmlns=\"x\">{inner}</math></span>")).unwrap();
        tidy.strip_prefix("<math>")
            .unwrap()
            .strip_suffix("</math>")
            .unwrap()
            .to_owned()
    }

    #[test]
    fn styled_letters_become_characters_and_attributes_are_sorted() {
        assert_eq!(
            math(
                "<mi mathvariant=\"double-struck\">Rk</mi><mi mathvariant=\"normal\">e</mi><mspace width=\"1em\" height=\"2em\"/>"
            ),
            "<mi>ℝ𝕜</mi><mi mathvariant=\"normal\">e</mi><mspace height=\"2em\" width=\"1em\"/>"
        );
    }

    #[test]
    fn bars_grow_and_letters_hold_no_elements() {
        assert_eq!(
            math(
                "<mo fence=\"true\">∣</mo><mo>∣</mo><mo lspace=\"0\"><mover><mo><mo>=</mo></mo><mo>!</mo></mover></mo>"
            ),
            "<mo fence=\"true\" stretchy=\"true\">|</mo><mo>∣</mo><mrow><mover><mrow><mo>=</mo></mrow><mo>!</mo></mover></mrow>"
        );
    }

    #[test]
    fn names_of_functions_have_room() {
        let space = "<mspace width=\"0.1667em\"/>";
        assert_eq!(
            math(
                "<mi>n</mi><mi>log</mi><mo>\u{2061}</mo><mi>n</mi><mo>=</mo><mi>sin</mi><mo>\u{2061}</mo><mo>(</mo>"
            ),
            format!(
                "<mi>n</mi>{space}<mi>log</mi><mo>\u{2061}</mo>{space}<mi>n</mi><mo>=</mo><mi>sin</mi><mo>\u{2061}</mo><mo>(</mo>"
            )
        );
    }

    #[test]
    fn what_css_draws_has_a_class() {
        assert_eq!(
            math(
                "<mover accent=\"true\"><mi>x</mi><mo stretchy=\"true\">‾</mo></mover><menclose notation=\"updiagonalstrike box\"><mi>y</mi></menclose>"
            ),
            "<mrow class=\"top\"><mi>x</mi></mrow><mrow class=\"up box\"><mi>y</mi></mrow>"
        );
        assert_eq!(
            math(
                "<mpadded width=\"+6pt\" height=\"+6pt\" voffset=\"3pt\" mathbackground=\"white\" style=\"border: 1px\"><mi>x</mi></mpadded><mpadded width=\"0\"></mpadded>"
            ),
            "<mpadded class=\"box\" mathbackground=\"white\"><mi>x</mi></mpadded><mpadded width=\"0\"></mpadded>"
        );
        let unknown = tidy("<math><menclose notation=\"phasorangle\"></menclose></math>");
        assert_eq!(unknown.unwrap_err(), "the notation \"phasorangle\"");
    }

    #[test]
    fn cells_know_their_side_room_and_lines() {
        assert_eq!(
            math(
                "<mtable columnalign=\"right left\" columnspacing=\"0em\" rowspacing=\"1em\"><mtr><mtd class=\"mtr-glue\"></mtd><mtd><mi>a</mi></mtd><mtd></mtd><mtd class=\"mml-eqn-num\"><mn>1</mn></mtd></mtr></mtable>"
            ),
            "<mtable><mtr><mtd class=\"r e\"><mi>a</mi></mtd><mtd class=\"l s\"></mtd><mtd class=\"n\"><mn>1</mn></mtd></mtr></mtable>"
        );
        assert_eq!(
            math(
                "<mtable width=\"100%\"><mtr><mtd width=\"50%\"></mtd><mtd><mi>x</mi></mtd><mtd width=\"50%\"></mtd><mtd><mtext>(1)</mtext></mtd></mtr></mtable>"
            ),
            "<mtable displaystyle=\"true\"><mtr><mtd><mi>x</mi></mtd><mtd class=\"n\"><mtext>(1)</mtext></mtd></mtr></mtable>"
        );
        assert_eq!(
            math(
                "<mtable columnalign=\"center center\" columnlines=\"solid\" rowlines=\"solid\"><mtr><mtd></mtd><mtd></mtd></mtr><mtr><mtd></mtd><mtd></mtd></mtr></mtable>"
            ),
            "<mtable><mtr><mtd class=\"v h\"></mtd><mtd class=\"h\"></mtd></mtr><mtr><mtd class=\"v\"></mtd><mtd></mtd></mtr></mtable>"
        );
    }
}
