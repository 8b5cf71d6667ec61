//! The parts that a page is put together of: sections, tiles, tables, figures with their data.

use jiff::civil::Date;
use tuition_domain::mail::escape;

use super::chart::Chart;
use super::words::Words;

/// Rows of a long table that are shown; the rest is in the files beside the page.
pub(super) const ROWS: usize = 50;

/// `2026-06-30`.
pub(super) fn day(date: Date) -> String {
    date.to_string()
}

/// One figure with its name and what it is made of.
pub(super) fn tile(short: &str, name: &str, value: &str, note: &str) -> String {
    format!(
        "<section class=\"tile\"><h2>{name} <abbr>{short}</abbr></h2><p class=\"value\">{}</p><p>{note}</p></section>",
        escape(value)
    )
}

/// A part of the page under a heading.
pub(super) fn section(heading: &str, parts: &[String]) -> String {
    format!(
        "<section class=\"part\"><h2>{heading}</h2><div class=\"cards\">{}</div></section>",
        parts.concat()
    )
}

/// A table on a card of its own.
pub(super) fn card(heading: &str, table: &Table) -> String {
    format!(
        "<div class=\"card\"><h3>{heading}</h3>{}</div>",
        table.html(heading)
    )
}

/// A table as wide as the page.
pub(super) fn wide_card(heading: &str, table: &Table) -> String {
    format!(
        "<div class=\"card whole\"><h3>{heading}</h3>{}</div>",
        table.html(heading)
    )
}

/// A chart, what its colours mean, and its data.
pub(super) fn figure(chart: &Chart, words: &Words) -> String {
    let legend: String = chart
        .legend
        .iter()
        .map(|(class, label)| format!("<li><span class=\"key {class}\"></span>{label}</li>"))
        .collect();
    let legend = if legend.is_empty() {
        legend
    } else {
        format!("<ul class=\"legend\">{legend}</ul>")
    };
    format!(
        "<figure class=\"card\"><h3>{}</h3>{}{legend}<details><summary>{}</summary>{}</details></figure>",
        chart.title,
        chart.svg(),
        words.say("Data", "数据"),
        chart.table.html(chart.title),
    )
}

/// Rows of texts; the first of a row names it.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// What is said below it; may be empty.
    pub(super) note: String,
}

impl Table {
    pub(super) fn new(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        Self {
            head: head.iter().map(|name| (*name).to_owned()).collect(),
            rows: rows.into_iter().collect(),
            note: String::new(),
        }
    }

    /// Only the first rows, and how many there are.
    pub(super) fn cut(mut self, words: &Words) -> Self {
        let all = self.rows.len();
        if all > ROWS {
            self.rows.truncate(ROWS);
            self.note = match words.0 {
                tuition_domain::mail::Locale::En => format!("The first {ROWS} of {all}."),
                tuition_domain::mail::Locale::Zh => format!("共 {all} 行，此处显示前 {ROWS} 行。"),
            };
        }
        self
    }

    fn html(&self, name: &str) -> String {
        if self.rows.is_empty() {
            return "<p class=\"note\">–</p>".to_owned();
        }
        let head: String = self
            .head
            .iter()
            .map(|name| format!("<th scope=\"col\">{}</th>", escape(name)))
            .collect();
        let row = |cells: &Vec<String>| {
            let mut cells = cells.iter().map(|cell| escape(cell));
            let first = cells.next().unwrap_or_default();
            let rest: String = cells.map(|cell| format!("<td>{cell}</td>")).collect();
            format!("<tr><th scope=\"row\">{first}</th>{rest}</tr>")
        };
        let rows: String = self.rows.iter().map(row).collect();
        let note = if self.note.is_empty() {
            String::new()
        } else {
            format!("<p class=\"note\">{}</p>", self.note)
        };
        format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{name}\"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{note}"
        )
    }
}
