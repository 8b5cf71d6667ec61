//! `tuition comments`: what learners asked and found wrong, open or answered, lesson by lesson, ready to be pasted as an
//! issue. Names nobody: an issue is public, and its readers need the question alone.

use std::io::Write as _;

use serde::Serialize;
use tuition_domain::checkout::CheckoutPorts;
use tuition_domain::comments::{InText, LessonRef, Matter as Told, matters};
use tuition_domain::ports::Unavailable;

use crate::Outcome;
use crate::arguments::{CommentsCommand, CommentsDo, Common, OfLesson};
use crate::stage::{Stage, StageError};

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
enum CommentsError {
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("the output can't be written: {0}")]
    Output(#[from] std::io::Error),
    #[error("the output can't be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// Runs the command.
pub(crate) fn run(common: &Common, command: &CommentsCommand) -> Outcome {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Outcome::Environment(error.into()),
    };
    match runtime.block_on(comments(common, command)) {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Environment(error.into()),
    }
}

async fn comments(common: &Common, command: &CommentsCommand) -> Result<(), CommentsError> {
    let stage = Stage::open(common, command.state.as_deref()).await?;
    let CommentsDo::Export(only) = &command.what;
    let done = export(&stage.ports, only, common.json).await;
    stage.close().await;
    done
}

/// A lesson of which there is something to tell.
#[derive(Serialize)]
struct Lesson {
    /// `<course id>/<lesson id>`.
    lesson: String,
    course: String,
    title: String,
    url: String,
    comments: Vec<Matter>,
}

/// A question, or a mistake that was told of.
#[derive(Serialize)]
struct Matter {
    id: String,
    url: String,
    question: bool,
    mistake: bool,
    answered: bool,
    /// The change of the lesson that answers it.
    answered_in_text: Option<InText>,
    created_at: jiff::Timestamp,
    /// Markdown, as written.
    body: String,
}

async fn export(ports: &CheckoutPorts, wanted: &OfLesson, json: bool) -> Result<(), CommentsError> {
    let catalog = ports.reader.catalog.catalog();
    let mut all = Vec::new();
    for course in &catalog.courses {
        for lesson in &course.lessons {
            let name = format!("{}/{}", course.id, lesson.id);
            let only = wanted.lesson.as_ref();
            let asked = only.is_none_or(|only| name == *only || course.id == *only);
            let Some(reference) = LessonRef::parse(&name).filter(|_| asked) else {
                continue;
            };
            let mut told = matters(ports.comments.thread(&reference).await?);
            told.retain(|one| wanted.all || !one.answered);
            if told.is_empty() {
                continue;
            }
            let url = format!("{}/courses/{}/{}/", ports.origin, course.slug, lesson.slug);
            all.push(Lesson {
                lesson: name,
                course: course.title.clone(),
                title: lesson.title.clone(),
                comments: told.into_iter().map(|one| matter(one, &url)).collect(),
                url,
            });
        }
    }
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, &serde_json::json!({ "lessons": all }))?;
        writeln!(out)?;
    } else {
        write!(out, "{}", markdown(&all))?;
    }
    Ok(())
}

fn matter(Told { comment, answered }: Told, url: &str) -> Matter {
    Matter {
        answered,
        answered_in_text: comment.moderation.in_text,
        url: format!("{url}#comment-{}", comment.id.as_str()),
        id: comment.id.as_str().to_owned(),
        question: comment.question,
        mistake: comment.mistake,
        created_at: comment.created_at,
        body: comment.body,
    }
}

fn markdown(all: &[Lesson]) -> String {
    let mut text = String::new();
    for lesson in all {
        text += &format!(
            "## {}: {}\n\n<{}>\n",
            line(&lesson.course),
            line(&lesson.title),
            lesson.url
        );
        let (answered, open): (Vec<_>, Vec<_>) =
            lesson.comments.iter().partition(|one| one.answered);
        let (mistakes, questions): (Vec<_>, Vec<_>) = open.into_iter().partition(|one| one.mistake);
        for (head, some) in [
            ("Mistakes reported", mistakes),
            ("Open questions", questions),
            ("Answered", answered),
        ] {
            if !some.is_empty() {
                text += &format!("\n### {head}\n\n");
            }
            for one in some {
                text += &item(one);
            }
        }
        text.push('\n');
    }
    text
}

/// A box to tick, with the text quoted: whatever stands in it stays inside.
fn item(one: &Matter) -> String {
    let day = one.created_at.strftime("%Y-%m-%d");
    let ticked = if one.answered { 'x' } else { ' ' };
    let in_text = one.answered_in_text.as_ref().map_or(String::new(), |text| {
        let day = text.at.strftime("%Y-%m-%d");
        format!(", answered in the text on {day} ({})", text.commit)
    });
    let mut item = format!("- [{ticked}] [{day}]({}){in_text}\n\n", one.url);
    for line in one.body.lines() {
        // A name after `@` would call somebody of that name on a forge.
        item += &format!("  > {}\n", line.replace('@', "@\u{200b}"));
    }
    item.push('\n');
    item
}

fn line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_inside_its_quote_and_calls_nobody() {
        let one = Matter {
            id: "0".repeat(32),
            url: "https://x.example/courses/a/b/#comment-0".to_owned(),
            question: true,
            mistake: false,
            answered: false,
            answered_in_text: None,
            created_at: "2026-05-04T12:00:00Z".parse().unwrap(),
            body: "Why?\n\n## @everyone\n- [x] done".to_owned(),
        };
        let item = item(&one);
        assert!(item.starts_with("- [ ] [2026-05-04](https://x.example/"));
        for line in item.lines().skip(2).filter(|line| !line.is_empty()) {
            assert!(line.starts_with("  > "), "{line}");
        }
        assert!(!item.contains("@everyone"));
        let answered = Matter {
            answered: true,
            answered_in_text: Some(InText {
                commit: "c0ffee1".to_owned(),
                at: "2026-06-01T00:00:00Z".parse().unwrap(),
            }),
            ..one
        };
        let item = super::item(&answered);
        assert!(item.starts_with("- [x] [2026-05-04](https://x.example/"));
        assert!(item.contains("#comment-0), answered in the text on 2026-06-01 (c0ffee1)\n"));
    }
}
