//! Formulas to MathML, which browsers show by themselves.
//!
//! No fonts, styles or scripts: KaTeX's HTML needs inline styles, which the site's policy forbids, and five to ten times
//! the bytes. KaTeX reads the formula; [`mathml`] makes of its MathML what browsers know of it (MathML Core).

mod letters;
mod mathml;
mod tree;

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use katex::{
    KatexContext, Settings, render_to_string,
    types::{OutputFormat, StrictMode, StrictSetting, TrustSetting},
};

use crate::{Drawings, Problem, Severity};

/// Bytes; longer formulas are no formulas.
const LONGEST: usize = 10_000;

/// Bytes of MathML; a formula that becomes longer is one that its own macros have blown up.
const LONGEST_MATHML: usize = 1_000_000;

/// How often a formula may use macros.
const MOST_EXPANSIONS: usize = 1_000;

/// Bytes that the macros of a formula's own may write all in all.
const MOST_EXPANDED: usize = 100_000;

/// Levels of groups; the reader of formulas calls itself for each.
const DEEPEST: usize = 100;

/// The colour of commands that KaTeX refuses; a formula that asks for it would be told as wrong, so it is an odd one.
const REFUSED: &str = "#c0ff1e";

/// How a formula stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `$…$`: in a line.
    Inline,
    /// `$$…$$`: on lines of its own.
    Display,
}

impl Shape {
    /// Bytes of the marks before and after it.
    fn marks(self) -> usize {
        match self {
            Self::Inline => 1,
            Self::Display => 2,
        }
    }
}

/// Why a formula can't be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    message: String,
    /// Byte of the formula.
    at: usize,
}

/// MathML, or why there is none.
pub(crate) type Rendered = Result<Arc<str>, Mistake>;

/// The MathML of a formula. The same formula gives the same bytes, drawn before or not.
pub(crate) fn render(formula: &str, shape: Shape, drawings: Option<&Drawings>) -> Rendered {
    let Some(drawings) = drawings else {
        return render_anew(formula, shape);
    };
    let kept = match shape {
        Shape::Inline => &drawings.inline,
        Shape::Display => &drawings.display,
    };
    kept.get_or(formula, || render_anew(formula, shape))
}

/// What is wrong with a formula that stands at `range` of the text, its marks included.
pub(crate) fn check(
    formula: &str,
    shape: Shape,
    range: &Range<usize>,
    drawings: Option<&Drawings>,
) -> Option<Problem> {
    match render(formula, shape, drawings) {
        Err(mistake) => {
            let start = range.start + shape.marks() + mistake.at.min(formula.len());
            Some(Problem {
                severity: Severity::Error,
                code: "math",
                range: start..range.end.max(start),
                message: mistake.message,
                hint: "write \\$ where no formula is meant; what can be written: https://katex.org/docs/supported.html"
                    .to_owned(),
            })
        }
        Ok(_) if shape == Shape::Inline && is_prose(formula) => Some(Problem {
            severity: Severity::Warning,
            code: "math-look-alike",
            range: range.clone(),
            message: format!(
                "\"${formula}$\" looks like text between two prices, not like a formula"
            ),
            hint: "write \\$ for a dollar sign, or put words of a formula into \\text{…}"
                .to_owned(),
        }),
        Ok(_) => None,
    }
}

fn render_anew(formula: &str, shape: Shape) -> Rendered {
    let wrong = |message: &str, at| {
        Err(Mistake {
            message: message.to_owned(),
            at,
        })
    };
    if formula.len() > LONGEST {
        return wrong("a formula of more than 10,000 bytes", 0);
    }
    if let Some(at) = too_deep(formula) {
        return wrong("a formula nested more than 100 levels deep", at);
    }
    // A bug in the reader of formulas must not take the build down.
    let rendered = catch_unwind(AssertUnwindSafe(|| {
        let settings = Settings::builder()
            .display_mode(shape == Shape::Display)
            .output(OutputFormat::Mathml)
            .strict(StrictSetting::Mode(StrictMode::Ignore))
            .trust(TrustSetting::Bool(false))
            .error_color(REFUSED.to_owned())
            .max_expand(expansions(formula))
            .build();
        CONTEXT.with(|context| render_to_string(context, formula, &settings))
    }));
    match rendered {
        Err(_) => wrong("the formula can't be read", 0),
        Ok(Err(error)) => Err(Mistake {
            at: position(&error.to_string()).unwrap_or(0),
            message: format!(
                "a formula with a mistake: {}",
                lower(&error.kind.to_string())
            ),
        }),
        Ok(Ok(html)) if html.contains(REFUSED) => wrong(
            "a formula with a command that is not allowed (links, pictures and HTML)",
            0,
        ),
        Ok(Ok(html)) => match mathml::tidy(&html) {
            Ok(mathml) if mathml.len() > LONGEST_MATHML => wrong(
                "a formula that becomes too long: macros that repeat each other",
                0,
            ),
            Ok(mathml) => Ok(mathml.into()),
            Err(unknown) => wrong(
                &format!("a formula with {unknown}, which browsers can't show"),
                0,
            ),
        },
    }
}

thread_local! {
    static CONTEXT: KatexContext = KatexContext::default();
}

/// How often the macros in a formula may be used. Those of KaTeX are short, one of the author's may be as long as the
/// formula.
fn expansions(formula: &str) -> usize {
    let has_own = [
        "def",
        "\\newcommand",
        "\\renewcommand",
        "\\providecommand",
        "\\let",
    ]
    .iter()
    .any(|word| formula.contains(word));
    match has_own {
        true => (MOST_EXPANDED / formula.len().max(1)).clamp(20, MOST_EXPANSIONS),
        false => MOST_EXPANSIONS,
    }
}

/// The byte that a message of KaTeX is about.
fn position(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once(" at position ")?;
    let digits = rest.split(':').next()?;
    digits.parse::<usize>().ok()?.checked_sub(1)
}

fn lower(message: &str) -> String {
    let mut chars = message.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}

/// The byte where groups, `\left` and `\begin` stand too deep in each other.
fn too_deep(formula: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, ch) in formula.char_indices() {
        let rest = formula.get(at..).unwrap_or_default();
        if ch == '{' || ch == '[' || rest.starts_with("\\left") || rest.starts_with("\\begin") {
            depth += 1;
        } else if ch == '}' || ch == ']' || rest.starts_with("\\right") || rest.starts_with("\\end")
        {
            depth = depth.saturating_sub(1);
        } else if matches!(ch, '^' | '_')
            || rest.starts_with("\\sqrt")
            || rest.starts_with("\\frac")
        {
            // Without braces each takes what follows as its own: `x^x^x` is refused, but `\sqrt\sqrt…` is not.
            let follows = rest
                .get(1..)
                .unwrap_or_default()
                .trim_start_matches(char::is_alphabetic);
            if follows.trim_start().starts_with('\\') {
                depth += 1;
            }
        }
        if depth > DEEPEST {
            return Some(at);
        }
    }
    None
}

/// Whether it holds words of a language and nothing that only formulas have: `5元和`, `5 and the other `.
fn is_prose(formula: &str) -> bool {
    let outside = without_text(formula);
    let has_ideograph = outside
        .chars()
        .any(|ch| matches!(ch, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'));
    let has_words = outside
        .split_whitespace()
        .filter(|word| word.len() > 1 && word.chars().all(char::is_alphabetic))
        .count()
        > 0;
    let begins_with_price = formula.starts_with(|ch: char| ch.is_ascii_digit());
    let is_formula = outside.contains(['\\', '^', '_', '=', '{']);
    (has_ideograph && !is_formula) || (has_words && begins_with_price && !is_formula)
}

/// The formula without the arguments of `\text{…}` and its like.
fn without_text(formula: &str) -> String {
    let mut out = String::new();
    let mut rest = formula;
    while let Some(at) = rest.find("\\text") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        rest = match after.split_once('}') {
            Some((_, after)) => after,
            None => return out,
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(formula: &str) -> String {
        render(formula, Shape::Inline, None).unwrap().to_string()
    }

    #[test]
    fn a_formula_is_mathml_and_its_text_is_escaped() {
        assert_eq!(
            shown("\\frac{a}{2}"),
            "<math><semantics><mrow><mfrac><mi>a</mi><mn>2</mn></mfrac></mrow><annotation encoding=\"application/x-tex\">\\frac{a}{2}</annotation></semantics></math>"
        );
        assert!(!shown("\\text{<script>alert(1)</script>}").contains("<script"));
        let block = render("x", Shape::Display, None).unwrap();
        assert!(block.starts_with("<math display=\"block\">"), "{block}");
    }

    #[test]
    fn mistakes_are_placed() {
        let at = |formula: &str| {
            let problem = check(formula, Shape::Display, &(10..14 + formula.len()), None).unwrap();
            (problem.code, problem.range.start, problem.message)
        };
        let (code, start, message) = at("a + \\fra{b}");
        assert_eq!((code, start), ("math", 16));
        assert!(message.contains("\\fra"), "{message}");
        assert_eq!(at("\\href{javascript:alert(1)}{x}").0, "math");
        assert_eq!(
            at(&"{".repeat(200)).2,
            "a formula nested more than 100 levels deep"
        );
        assert_eq!(
            at(&"x".repeat(20_000)).2,
            "a formula of more than 10,000 bytes"
        );
    }

    #[test]
    fn macros_that_repeat_each_other_end_soon() {
        let bombs = [
            format!("\\def\\a{{{}}}{}", "x".repeat(4000), "\\a".repeat(1500)),
            format!("\\def\\a{{{}}}{}", "x".repeat(4000), "\\a".repeat(390)),
            "\\def\\a{xx}\\def\\b{\\a\\a\\a\\a\\a\\a\\a\\a}\\def\\c{\\b\\b\\b\\b\\b\\b\\b\\b}\\def\\d{\\c\\c\\c\\c\\c\\c\\c\\c}\\d\\d\\d\\d".to_owned(),
            "\\def\\a{\\a\\a}\\a".to_owned(),
        ];
        for bomb in bombs {
            let problem = check(&bomb, Shape::Display, &(0..bomb.len() + 4), None);
            assert_eq!(problem.unwrap().code, "math", "{}", &bomb[..20]);
        }
    }

    #[test]
    fn a_macro_of_one_formula_is_none_of_the_next() {
        assert!(render("\\gdef\\zz{1} \\zz", Shape::Inline, None).is_ok());
        assert!(render("\\zz", Shape::Inline, None).is_err());
    }

    #[test]
    fn prices_are_told_from_formulas() {
        let looks = |formula: &str| {
            check(formula, Shape::Inline, &(0..formula.len() + 2), None).map(|problem| problem.code)
        };
        assert_eq!(looks("5元和"), Some("math-look-alike"));
        assert_eq!(looks("5 and "), Some("math-look-alike"));
        for formula in [
            "x",
            "2 x",
            "n_{中} = 1",
            "\\text{价格} 5",
            "10",
            "a b",
            "O(n)",
        ] {
            assert_eq!(looks(formula), None, "{formula}");
        }
    }

    #[test]
    fn a_formula_gives_the_same_bytes_each_time() {
        let formula = "\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix} \\tag{1}";
        let first = render_anew(formula, Shape::Display).unwrap();
        for _ in 0..20 {
            assert_eq!(render_anew(formula, Shape::Display).unwrap(), first);
        }
    }
}
