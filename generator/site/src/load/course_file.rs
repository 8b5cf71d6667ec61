//! `course.md`, `module.md` and lessons as written.

use jiff::Timestamp;

use crate::{
    diagnostic::Diagnostic,
    load::{
        fields::{Fields, Placed},
        front_matter,
        price::Prices,
        tests_table::TestsTable,
    },
    text::SourceText,
};

/// Keys that only the original may have; a translation takes them from there.
const COURSE_FACTS: &[&str] = &[
    "id",
    "prices",
    "prerequisites",
    "tags",
    "draft",
    "publish_at",
    "math",
    "tests",
];
const LESSON_FACTS: &[&str] = &[
    "id",
    "free",
    "duration",
    "draft",
    "publish_at",
    "math",
    "comments",
];

/// `course.md`.
#[derive(Debug, Clone)]
pub(crate) struct CourseFile {
    pub(crate) id: Option<Placed<String>>,
    pub(crate) title: Option<Placed<String>>,
    pub(crate) summary: Option<String>,
    pub(crate) level: Option<String>,
    pub(crate) prices: Prices,
    pub(crate) duration: Option<u32>,
    pub(crate) objectives: Vec<String>,
    pub(crate) prerequisites: Vec<Placed<String>>,
    pub(crate) audience: Vec<String>,
    pub(crate) instructors: Vec<String>,
    pub(crate) questions: Vec<Question>,
    pub(crate) tags: Vec<String>,
    pub(crate) draft: bool,
    pub(crate) publish_at: Option<Timestamp>,
    /// Whether it has formulas; `None` for as around it.
    pub(crate) math: Option<bool>,
    /// How its samples are run.
    pub(crate) tests: TestsTable,
    /// Addresses that it had before.
    pub(crate) aliases: Vec<Placed<String>>,
    /// Byte where the body begins.
    pub(crate) body: usize,
}

/// What people ask before they buy, and what the author says to it. Plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) question: String,
    pub(crate) answer: String,
}

/// `module.md`.
#[derive(Debug, Clone)]
pub(crate) struct ModuleFile {
    pub(crate) title: Option<Placed<String>>,
    pub(crate) objectives: Vec<String>,
}

/// A lesson.
#[derive(Debug, Clone)]
pub(crate) struct LessonFile {
    pub(crate) id: Option<Placed<String>>,
    pub(crate) title: Option<Placed<String>>,
    pub(crate) summary: Option<String>,
    pub(crate) duration: Option<u32>,
    pub(crate) free: bool,
    pub(crate) objectives: Vec<String>,
    pub(crate) draft: bool,
    pub(crate) publish_at: Option<Timestamp>,
    /// Whether it has formulas; `None` for as around it.
    pub(crate) math: Option<bool>,
    /// Whether its discussion takes something new.
    pub(crate) comments: bool,
    /// Addresses that it had before.
    pub(crate) aliases: Vec<Placed<String>>,
    /// Byte where the body begins.
    pub(crate) body: usize,
}

impl CourseFile {
    /// Reads `course.md`, or its translation, which may hold words only.
    pub(crate) fn read(
        text: &SourceText,
        is_translation: bool,
        report: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let front_matter = front_matter::read(text, report)?;
        let body = front_matter.body;
        let mut fields = Fields::of(text, front_matter, report);
        if is_translation {
            refuse_facts(&mut fields, COURSE_FACTS);
        }
        let file = Self {
            id: fields.text("id"),
            title: fields.required_text("title"),
            summary: fields.text("summary").map(|summary| summary.value),
            level: fields.text("level").map(|level| level.value),
            prices: fields.prices(),
            duration: fields.seconds("duration"),
            objectives: values(fields.texts("objectives")),
            prerequisites: fields.texts("prerequisites"),
            audience: values(fields.texts("audience")),
            instructors: values(fields.texts("instructors")),
            questions: questions(&mut fields),
            tags: values(fields.texts("tags")),
            draft: fields.flag("draft").is_some_and(|draft| draft.value),
            publish_at: fields.moment("publish_at"),
            math: fields.flag("math").map(|math| math.value),
            tests: TestsTable::read(&mut fields),
            aliases: fields.texts("aliases"),
            body,
        };
        fields.finish();
        Some(file)
    }
}

impl CourseFile {
    /// Stands for a file that can't be read: paid, so that a mistake opens nothing.
    pub(crate) fn unreadable(slug: &str) -> Self {
        Self {
            id: None,
            title: Some(Placed {
                at: 0,
                value: slug.to_owned(),
            }),
            summary: None,
            level: None,
            prices: Prices::Listed(Placed {
                at: 0,
                value: Vec::new(),
            }),
            duration: None,
            objectives: Vec::new(),
            prerequisites: Vec::new(),
            audience: Vec::new(),
            instructors: Vec::new(),
            questions: Vec::new(),
            tags: Vec::new(),
            draft: false,
            publish_at: None,
            math: None,
            tests: TestsTable::default(),
            aliases: Vec::new(),
            body: 0,
        }
    }
}

impl ModuleFile {
    /// Reads `module.md` or its translation.
    pub(crate) fn read(text: &SourceText, report: &mut Vec<Diagnostic>) -> Option<Self> {
        let front_matter = front_matter::read(text, report)?;
        let body = text.text.get(front_matter.body..).unwrap_or_default();
        if let Some(lead) = body.find(|ch: char| !ch.is_whitespace()) {
            let hint = "the course page shows a module's title and objectives; move the text to course.md or a lesson";
            report.push(
                text.error(
                    front_matter.body + lead,
                    "module-body",
                    "the text of a module is not shown anywhere",
                    hint,
                )
                .into_warning(),
            );
        }
        let mut fields = Fields::of(text, front_matter, report);
        let file = Self {
            title: fields.required_text("title"),
            objectives: values(fields.texts("objectives")),
        };
        fields.finish();
        Some(file)
    }
}

impl LessonFile {
    /// Reads a lesson, or its translation, which may hold words only.
    pub(crate) fn read(
        text: &SourceText,
        is_translation: bool,
        report: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let front_matter = front_matter::read(text, report)?;
        let body = front_matter.body;
        let mut fields = Fields::of(text, front_matter, report);
        if is_translation {
            refuse_facts(&mut fields, LESSON_FACTS);
        }
        let file = Self {
            id: fields.text("id"),
            title: fields.required_text("title"),
            summary: fields.text("summary").map(|summary| summary.value),
            duration: fields.seconds("duration"),
            free: fields.flag("free").is_some_and(|free| free.value),
            objectives: values(fields.texts("objectives")),
            draft: fields.flag("draft").is_some_and(|draft| draft.value),
            publish_at: fields.moment("publish_at"),
            math: fields.flag("math").map(|math| math.value),
            comments: fields.flag("comments").is_none_or(|flag| flag.value),
            aliases: fields.texts("aliases"),
            body,
        };
        if let Some(node) = fields
            .take("video")
            .filter(|node| node.value != crate::load::node::Value::Flag(false))
        {
            let warning = fields.text.error(
                node.at,
                "not-rendered",
                "videos are not rendered yet",
                "the page is built without",
            );
            fields.report.push(warning.into_warning());
        }
        fields.finish();
        Some(file)
    }
}

fn refuse_facts(fields: &mut Fields<'_>, names: &[&'static str]) {
    fields.refuse(
        names,
        "belongs in the original, not in a translation",
        "delete it here: facts are the same in every language",
    );
}

/// `[[questions]]`; one without an answer, or the other way round, is reported and left out.
fn questions(fields: &mut Fields<'_>) -> Vec<Question> {
    let tables = fields.tables("questions");
    let mut questions = Vec::with_capacity(tables.len());
    for table in tables {
        let mut inner = Fields::new(fields.text, table.value, fields.report);
        let (question, answer) = (inner.text("question"), inner.text("answer"));
        inner.finish();
        match (question, answer) {
            (Some(question), Some(answer)) => questions.push(Question {
                question: question.value,
                answer: answer.value,
            }),
            _ => fields.report.push(fields.text.error(
                table.at,
                "missing-key",
                "a question is asked and answered",
                "write question = \"…\" and answer = \"…\" below [[questions]]",
            )),
        }
    }
    questions
}

/// The texts without their places.
pub(crate) fn values(placed: Vec<Placed<String>>) -> Vec<String> {
    placed.into_iter().map(|placed| placed.value).collect()
}
