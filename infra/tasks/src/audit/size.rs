//! `cargo task audit size`: how large a site of a thousand pages becomes. Writes `generator/site/AUDIT.md`.
//!
//! The texts are made up, the same each time. Each has five parts with two paragraphs, lists, a table, and three blocks
//! of code of 13 to 30 lines, taken in turn from six languages. They are built twice: as plain pages, which is what other
//! generators are compared by, and as lessons of 20 free courses, which show the course's outline and a place for
//! questions besides.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::report::{self, Report};
use crate::workspace::Workspace;

const TABLE: &str = "generator/site/AUDIT.md";

/// Megabytes that a thousand pages may take.
const BUDGET: u64 = 14;

const COURSES: usize = 20;
const MODULES: usize = 5;
const LESSONS: usize = 10;

/// Language of a fence, attributes, code with `{noun}` and `{Type}` to be filled in.
const CODE: [(&str, &str, &str); 6] = [
    (
        "rust",
        "file=\"src/main.rs\"",
        include_str!("size/rust.txt"),
    ),
    ("python", "", include_str!("size/python.txt")),
    ("console", "", include_str!("size/console.txt")),
    ("js", "file=\"count.js\"", include_str!("size/js.txt")),
    ("toml", "file=\"Cargo.toml\"", include_str!("size/toml.txt")),
    ("sql", "", include_str!("size/sql.txt")),
];

const NOUNS: [&str; 12] = [
    "word", "token", "record", "event", "order", "reader", "lesson", "packet", "branch", "commit",
    "buffer", "cursor",
];

const SENTENCES: [&str; 16] = [
    "A {noun} that nobody owns is a {noun} that nobody frees, and the compiler says so before the program runs.",
    "Start with the smallest thing that could work: one {noun}, one function, one test.",
    "The error message names the line, and `{noun}` in it is the value that was moved away.",
    "What looks like a copy is often only another name for the same {noun}.",
    "Measure before you change anything; most of the time is spent where nobody looked.",
    "If two threads share a {noun}, one of them has to wait, and it should be clear which.",
    "Read the *whole* message first: its last line is where the {noun} came from.",
    "You will see this pattern again when we talk about [lifetimes](https://doc.rust-lang.org/book/).",
    "It is tempting to reach for a global {noun} here; the next lesson shows what that costs.",
    "The second version does the same with half the code, because the {noun} is parsed once.",
    "Nothing stops you from writing `{noun}.clone()`, but ask first who needs the second one.",
    "In production the input is longer, stranger and sometimes missing, so treat it as hostile.",
    "Every **{noun}** has exactly one place where it is made, and one where it is given back.",
    "Try it: change the limit to zero and predict what is printed before you run it.",
    "A name says what a thing is for; a type says what can go wrong with it.",
    "The table below compares three ways to store a {noun}, with what each of them costs.",
];

/// Makes the site, builds it and writes the table; more than the budget fails.
pub(crate) fn audit(workspace: &Workspace, report: &mut Report) {
    let folder = workspace.target.join("size");
    let built = report.command(
        "the tool",
        &mut workspace.cargo(["build", "--package=tuition", "--locked"]),
    );
    if !built {
        return report.skip(TABLE, "there is nothing to build with");
    }
    report.step("a thousand pages, twice", || {
        let tool = workspace.debug_binary("tuition");
        let built = |kind: Kind| {
            let folder = folder.join(kind.name());
            let input = write_site(&folder, kind)?;
            let mut command = workspace.command(&tool);
            command
                .args(["build", "--now", "2026-01-01T00:00:00Z", "--site"])
                .arg(&folder)
                .arg("--out")
                .arg(folder.join("dist"));
            report::run(&mut command)?;
            Ok::<_, String>((input, weigh(&folder.join("dist"))?))
        };
        let (input, pages) = built(Kind::Pages)?;
        let (_, lessons) = built(Kind::Lessons)?;
        let table = table(&input, &pages, &lessons);
        report::say(&table);
        fs::write(workspace.path(TABLE), table).map_err(|error| error.to_string())?;
        match pages.total > BUDGET * 1_000_000 {
            true => Err(format!("{} bytes are more than {BUDGET} MB", pages.total)),
            false => Ok(()),
        }
    });
}

/// What the texts are in the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pages,
    Lessons,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Lessons => "lessons",
        }
    }
}

/// What was written.
#[derive(Default)]
struct Input {
    pages: usize,
    bytes: usize,
    code: usize,
}

fn write_site(folder: &Path, kind: Kind) -> Result<Input, String> {
    let failed = |error: std::io::Error| error.to_string();
    let content = folder.join("content");
    if content.exists() {
        fs::remove_dir_all(&content).map_err(failed)?;
    }
    let put = |path: PathBuf, text: &str| {
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(path, text)
    };
    put(
        content.join("site.toml"),
        "title = \"A thousand pages\"\nbase_url = \"https://pages.example\"\nlanguages = [\"en\"]\ncurrency = \"USD\"\n\
         \n[author]\nname = \"The author\"\nemail = \"author@pages.example\"\n",
    )
    .map_err(failed)?;
    let mut input = Input::default();
    for course in 0..COURSES {
        let name = content.join(format!("courses/course-{course:02}"));
        if kind == Kind::Lessons {
            let about = format!(
                "+++\ntitle = \"Course {course}\"\nsummary = \"{}\"\n+++\n{}\n",
                sentence(course),
                paragraph(course)
            );
            put(name.join("course.md"), &about).map_err(failed)?;
        }
        for module in 0..MODULES {
            let folder = name.join(format!("{module:02}-module-{module}"));
            if kind == Kind::Lessons {
                let about = format!("+++\ntitle = \"Part {module}\"\n+++\n");
                put(folder.join("module.md"), &about).map_err(failed)?;
            }
            for lesson in 0..LESSONS {
                let number = (course * MODULES + module) * LESSONS + lesson;
                let (text, code) = self::lesson(number);
                let path = match kind {
                    Kind::Pages => content.join(format!("pages/part-{course}/page-{number}.md")),
                    Kind::Lessons => {
                        folder.join(format!("{lesson:02}-lesson-{module}-{lesson}.md"))
                    }
                };
                put(path, &text).map_err(failed)?;
                input.pages += 1;
                input.bytes += text.len();
                input.code += code;
            }
        }
    }
    Ok(input)
}

/// A lesson's text, and how many bytes of it are code.
fn lesson(number: usize) -> (String, usize) {
    let noun = pick(&NOUNS, number);
    let mut text = format!(
        "+++\ntitle = \"{number}: the {noun}\"\n+++\n\n{}\n",
        paragraph(number)
    );
    let mut bytes = 0;
    for part in 0..5 {
        let seed = number * 31 + part * 7;
        let _ = write!(
            text,
            "\n## {} a {}\n\n{}\n\n{}\n",
            pick(&["Read", "Write", "Share", "Test", "Store"], part),
            pick(&NOUNS, seed),
            paragraph(seed),
            paragraph(seed + 3)
        );
        if part % 2 == 0 {
            let (language, attributes, code) = pick(&CODE, number + part / 2 * 2 + part);
            let code = filled(code, number);
            bytes += code.len();
            let _ = write!(
                text,
                "\n```{}\n{code}```\n",
                [language, attributes].join(" ").trim_end()
            );
        } else {
            let items = (0..4).map(|item| format!("- {}\n", sentence(seed + item)));
            let _ = write!(text, "\n{}", items.collect::<String>());
        }
    }
    let rows = (0..4).map(|row| {
        format!(
            "| `{}` | {} | {} |\n",
            pick(&NOUNS, number + row),
            number * 7 + row,
            sentence(number + row)
        )
    });
    let _ = write!(
        text,
        "\n## Compare\n\n| kind | cost | note |\n|------|-----:|------|\n{}",
        rows.collect::<String>()
    );
    (text, bytes)
}

fn paragraph(seed: usize) -> String {
    (0..3)
        .map(|at| sentence(seed * 5 + at * 3))
        .collect::<Vec<_>>()
        .join(" ")
}

fn sentence(seed: usize) -> String {
    filled(pick(&SENTENCES, seed), seed)
}

fn filled(text: &str, seed: usize) -> String {
    let noun = pick(&NOUNS, seed / 3);
    let (first, rest) = noun.split_at(1);
    text.replace("{noun}", noun)
        .replace("{Type}", &format!("{}{rest}s", first.to_uppercase()))
}

fn pick<T: Copy>(list: &[T], seed: usize) -> T {
    let (before, after) = list.split_at(seed % list.len());
    *after
        .first()
        .or(before.first())
        .expect("a list that is not empty")
}

/// What a build wrote, in bytes.
#[derive(Default)]
struct Output {
    total: u64,
    html: u64,
    /// Code blocks within the pages, and of these the tags that colour.
    blocks: u64,
    spans: u64,
    /// Lists of the course's lessons within the pages.
    outline: u64,
    assets: u64,
    other: u64,
}

fn weigh(dist: &Path) -> Result<Output, String> {
    let mut output = Output::default();
    let mut folders = vec![dist.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| error.to_string())? {
            let path = entry.map_err(|error| error.to_string())?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).map_err(|error| error.to_string())?;
            let size = bytes.len() as u64;
            output.total += size;
            if path.extension().is_some_and(|kind| kind == "html") {
                output.html += size;
                let html = String::from_utf8_lossy(&bytes);
                for block in between(&html, "<figure class=\"code\"", "</figure>") {
                    output.blocks += block.len() as u64;
                    let spans =
                        block.matches("<span class=\"").count() * "<span class=\"k\"></span>".len();
                    output.spans += spans as u64;
                }
                output.outline += between(&html, "<details class=\"outline\"", "</details>")
                    .map(|part| part.len() as u64)
                    .sum::<u64>();
            } else if path.to_string_lossy().contains("/assets/") {
                output.assets += size;
            } else {
                output.other += size;
            }
        }
    }
    Ok(output)
}

fn between<'a>(html: &'a str, start: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(start)
        .skip(1)
        .filter_map(move |rest| rest.split(end).next())
}

/// One figure of a build.
type Figure = fn(&Output) -> u64;

fn table(input: &Input, pages: &Output, lessons: &Output) -> String {
    let mb = |bytes: u64| format!("{:.2}", bytes as f64 / 1e6);
    let mut text = format!(
        "# Audit\n\nWritten by `cargo task audit size`. {} texts of {} MB, {} MB of it code, made up and the same each time, are built \
         twice: as plain pages, and as lessons of {COURSES} free courses. A text has five parts with two paragraphs each, lists, a \
         table and three blocks of code of 13 to 30 lines in six languages.\n\n\
         | MB that come out | as pages | budget | as lessons |\n|---|---:|---:|---:|\n",
        input.pages,
        mb(input.bytes as u64),
        mb(input.code as u64),
    );
    let rows: [(&str, Figure); 7] = [
        ("all", |output| output.total),
        ("pages of HTML", |output| output.html),
        ("of these, code blocks", |output| output.blocks),
        ("of these, tags that colour", |output| output.spans),
        ("of the pages, outlines of courses", |output| output.outline),
        ("styles and scripts", |output| output.assets),
        ("catalog, feed, sitemap", |output| output.other),
    ];
    for (position, (what, bytes)) in rows.into_iter().enumerate() {
        let budget = if position == 0 {
            BUDGET.to_string()
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "| {what} | {} | {budget} | {} |",
            mb(bytes(pages)),
            mb(bytes(lessons))
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_is_the_same_each_time_and_holds_everything() {
        let (text, code) = lesson(7);
        assert_eq!((&text, code), (&lesson(7).0, lesson(7).1));
        assert!(
            code > 500 && text.len() > 3_000 && text.len() < 12_000,
            "{code} of {}",
            text.len()
        );
        for part in ["\n## ", "\n- ", "|-----:|", "\n```"] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
        assert!(
            !text.contains("{noun}") && !text.contains("{Type}"),
            "{text}"
        );
    }

    #[test]
    fn the_six_languages_come_in_turn() {
        let all: String = (0..6).map(|number| lesson(number).0).collect();
        for (language, ..) in CODE {
            assert!(all.contains(&format!("```{language}")), "{language}");
        }
    }
}
