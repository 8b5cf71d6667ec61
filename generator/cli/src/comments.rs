//! `tuition comments`: what learners asked and found wrong, lesson by lesson, ready to be pasted as an
//! issue. Names nobody: an issue is public, and its readers need the question alone.

use std::io::Write as _;

use serde::Serialize;
use tuition_domain::checkout::CheckoutPorts;
use tuition_domain::comments::{Comment, LessonRef, open_matters};
use tuition_domain::ports::Unavailable;

use crate::Outcome;
use crate::arguments::{CommentsCommand, CommentsDo, Common};
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
    let done = export(&stage.ports, only.lesson.as_deref(), common.json).await;
    stage.close().await;
    done
}

/// A lesson of which something is open.
#[derive(Serialize)]
struct Open {
    /// `<course id>/<lesson id>`.
    lesson: String,
    course: String,
    title: String,
    url: String,
    comments: Vec<Matter>,
}

/// A question without an answer, or a mistake that was told of.
#[derive(Serialize)]
struct Matter {
    id: String,
    url: String,
    question: bool,
    mistake: bool,
    created_at: jiff::Timestamp,
    /// Markdown, as written.
    body: String,
}

async fn export(
    ports: &CheckoutPorts,
    only: Option<&str>,
    json: bool,
) -> Result<(), CommentsError> {
    let catalog = ports.reader.catalog.catalog();
    let mut all = Vec::new();
    for course in &catalog.courses {
        for lesson in &course.lessons {
            let name = format!("{}/{}", course.id, lesson.id);
            let wanted = only.is_none_or(|only| name == only || course.id == only);
            let Some(reference) = LessonRef::parse(&name).filter(|_| wanted) else {
                continue;
            };
            let open = open_matters(ports.comments.thread(&reference).await?);
            if open.is_empty() {
                continue;
            }
            let url = format!("{}/courses/{}/{}/", ports.origin, course.slug, lesson.slug);
            all.push(Open {
                lesson: name,
                course: course.title.clone(),
                title: lesson.title.clone(),
                comments: open.into_iter().map(|one| matter(one, &url)).collect(),
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

fn matter(comment: Comment, url: &str) -> Matter {
    Matter {
        url: format!("{url}#comment-{}", comment.id.as_str()),
        id: comment.id.as_str().to_owned(),
        question: comment.question,
        mistake: comment.mistake,
        created_at: comment.created_at,
        body: comment.body,
    }
}

fn markdown(all: &[Open]) -> String {
    let mut text = String::new();
    for open in all {
        text += &format!(
            "## {}: {}\n\n<{}>\n",
            line(&open.course),
            line(&open.title),
            open.url
        );
        let (mistakes, questions): (Vec<_>, Vec<_>) =
            open.comments.iter().partition(|one| one.mistake);
        for (head, some) in [
            ("Mistakes reported", mistakes),
            ("Open questions", questions),
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
    let mut item = format!("- [ ] [{day}]({})\n\n", one.url);
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
            created_at: "2026-05-04T12:00:00Z".parse().unwrap(),
            body: "Why?\n\n## @everyone\n- [x] done".to_owned(),
        };
        let item = item(&one);
        assert!(item.starts_with("- [ ] [2026-05-04](https://x.example/"));
        for line in item.lines().skip(2).filter(|line| !line.is_empty()) {
            assert!(line.starts_with("  > "), "{line}");
        }
        assert!(!item.contains("@everyone"));
    }
}
