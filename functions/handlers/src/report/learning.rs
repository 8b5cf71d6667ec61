//! Lessons: who started and finished them, and where in a lesson readers stop.

use tuition_domain::mail::Locale;
use tuition_domain::metrics::report::{Course, Report};

use super::chart::{Bar, bars, heat};
use super::paper::{self, Table, figure, wide_card};
use super::words::Words;

/// Courses that get charts of their own; all are in the table.
const COURSES: usize = 6;

pub(super) fn section(report: &Report, words: &Words) -> String {
    let mut parts = vec![courses(report, words)];
    for (number, course) in report
        .params
        .courses
        .iter()
        .enumerate()
        .filter(|(_, course)| is_read(report, course))
        .take(COURSES)
    {
        parts.push(funnel(report, course, number, words));
        parts.push(retention(report, course, number, words));
    }
    parts.retain(|part| !part.is_empty());
    paper::section(words.say("Learning", "学习"), &parts)
}

fn is_read(report: &Report, course: &Course) -> bool {
    course
        .lessons
        .iter()
        .any(|lesson| report.readers.contains_key(lesson))
}

fn title_of(course: &Course) -> &str {
    if course.title.is_empty() {
        &course.id
    } else {
        &course.title
    }
}

/// Lessons with their titles, in reading order.
fn lessons(course: &Course) -> impl Iterator<Item = (&String, &str)> {
    course.lessons.iter().enumerate().map(|(at, lesson)| {
        (
            lesson,
            course
                .titles
                .get(at)
                .map_or(lesson.as_str(), String::as_str),
        )
    })
}

fn courses(report: &Report, words: &Words) -> String {
    let title = |id: &str| {
        let course = report.params.courses.iter().find(|course| course.id == id);
        course.map_or_else(|| id.to_owned(), |course| title_of(course).to_owned())
    };
    let rows = report.courses.iter().map(|one| {
        vec![
            title(&one.course),
            words.number(one.buyers),
            words.number(one.started),
            words.number(one.completed),
            words.percent(one.completion_rate),
            words.percent(one.csat),
            words.maybe(one.nps),
        ]
    });
    let head = [
        words.say("Course", "课程"),
        words.say("Buyers", "买家"),
        words.say("Started", "已开始"),
        words.say("Finished all", "全部学完"),
        words.say("Share", "占比"),
        "CSAT",
        "NPS",
    ];
    let mut table = Table::new(&head, rows).cut(words);
    if table.note.is_empty() {
        table.note = match words.0 {
            Locale::En => format!(
                "Of all buyers {} finished everything they bought.",
                words.percent(report.course_completion_rate)
            ),
            Locale::Zh => format!(
                "全部买家中，学完所购全部内容的占 {}。",
                words.percent(report.course_completion_rate)
            ),
        };
    }
    wide_card(words.say("Courses", "课程"), &table)
}

fn funnel(report: &Report, course: &Course, number: usize, words: &Words) -> String {
    let of = |lesson: &String| report.readers.get(lesson).copied().unwrap_or_default();
    let shown: Vec<Bar> = lessons(course)
        .map(|(lesson, title)| {
            let read = of(lesson);
            Bar {
                name: title.to_owned(),
                value: read.started as f64,
                inner: Some(read.finished as f64),
                label: format!(
                    "{} / {}",
                    words.number(read.finished),
                    words.number(read.started)
                ),
            }
        })
        .collect();
    let rows = lessons(course).map(|(lesson, title)| {
        let (all, buyers) = (
            of(lesson),
            report
                .lesson_funnel
                .get(lesson)
                .copied()
                .unwrap_or_default(),
        );
        let mut row = vec![title.to_owned()];
        row.extend(
            [all.started, all.finished, buyers.started, buyers.finished]
                .map(|count| words.number(count)),
        );
        row
    });
    let (started, finished) = (
        words.say("Started", "已开始"),
        words.say("Finished", "已学完"),
    );
    let head = [
        words.say("Lesson", "课时"),
        started,
        finished,
        words.say("Buyers started", "买家已开始"),
        words.say("Buyers finished", "买家已学完"),
    ];
    let description = match words.0 {
        Locale::En => format!(
            "{}: readers who started and finished each lesson, in reading order",
            title_of(course)
        ),
        Locale::Zh => format!("{}：按课时顺序，每课开始与学完的人数", title_of(course)),
    };
    let legend = vec![("s1", started), ("s2", finished)];
    let title = words.say("Lessons started and finished", "各课时的开始与学完人数");
    named(
        figure(
            &bars(
                &format!("lessons-{number}"),
                title,
                description,
                &shown,
                legend,
                Table::new(&head, rows),
            ),
            words,
        ),
        course,
    )
}

fn retention(report: &Report, course: &Course, number: usize, words: &Words) -> String {
    let rows: Vec<(String, Vec<Option<f64>>)> = lessons(course)
        .filter_map(|(lesson, title)| {
            Some((
                title.to_owned(),
                report.retention.get(lesson)?.map(Some).to_vec(),
            ))
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns: Vec<String> = (0..10).map(|tenth| format!("{}%", tenth * 10)).collect();
    let mut head = vec![words.say("Lesson", "课时")];
    head.extend(columns.iter().map(String::as_str));
    let table = Table::new(
        &head,
        rows.iter().map(|(name, shares)| {
            let shares = shares.iter().map(|share| words.percent(*share));
            std::iter::once(name.clone()).chain(shares).collect()
        }),
    );
    let description = match words.0 {
        Locale::En => format!(
            "{}: of the buyers who started a lesson, the share who saw any of each tenth of it",
            title_of(course)
        ),
        Locale::Zh => format!(
            "{}：开始某课时的买家中，看过该课时每十分之一内容的比例",
            title_of(course)
        ),
    };
    let title = words.say("Where readers stop in a lesson", "课时内的留存");
    named(
        figure(
            &heat(
                &format!("retention-{number}"),
                title,
                description,
                &columns,
                &rows,
                table,
            ),
            words,
        ),
        course,
    )
}

/// The course's name below the heading of its chart.
fn named(figure: String, course: &Course) -> String {
    let name = tuition_domain::mail::escape(title_of(course));
    figure.replacen("</h3>", &format!("</h3><p class=\"note\">{name}</p>"), 1)
}
