//! What was decided about a comment, as a page for an author who runs no script.

use axum::response::Response;
use tuition_catalog::SiteInfo;
use tuition_domain::comments::{CommentId, Step, Trail};
use tuition_domain::mail::{Locale, escape};

use super::super::frame;
use super::words::Words;
use crate::comments::{QUEUE, thread_page};

/// The page of a comment's trail. It stays when the comment's text is gone.
pub fn trail(site: &SiteInfo, id: &CommentId, trail: &Trail, locale: Locale) -> Response {
    let words = Words::of(locale);
    let steps: String = trail.steps.iter().map(|one| step(one, &words)).collect();
    let steps = if steps.is_empty() {
        format!("<p>{}</p>", words.undecided)
    } else {
        format!("<ol class=\"trail\">{steps}</ol>")
    };
    let body = format!(
        "<p><a href=\"{}#comment-{}\">{}</a> · <a href=\"{QUEUE}\">{}</a></p><h1>{}</h1>{steps}",
        escape(&thread_page(&trail.lesson)),
        id.as_str(),
        words.discussion,
        words.queue,
        words.trail,
    );
    frame(site, locale, &body)
}

fn step(step: &Step, words: &Words) -> String {
    let who = if step.mine { words.you } else { words.another };
    let seen = if step.from == step.to {
        words.seen_by(step.to).to_owned()
    } else {
        format!("{} → {}", words.seen_by(step.from), words.seen_by(step.to))
    };
    let at = step.at.strftime("%Y-%m-%d %H:%M UTC");
    format!(
        "<li><b>{}</b> · {who} · <time datetime=\"{}\">{at}</time><br>{}{seen}</li>",
        words.decided(step.decision),
        step.at,
        words.seen,
    )
}

#[cfg(test)]
mod tests {
    use tuition_domain::comments::{Decision, State};

    use super::*;

    #[test]
    fn a_step_says_what_who_when_and_for_whom_in_both_languages() {
        let one = Step {
            decision: Decision::Hide,
            from: State::Shown,
            to: State::Hidden,
            at: "2026-05-04T12:30:05Z".parse().unwrap(),
            revision: 3,
            mine: false,
        };
        let html = step(&one, &Words::of(Locale::En));
        assert!(html.contains("<b>Hidden</b> · Another author"), "{html}");
        assert!(html.contains("2026-05-04 12:30 UTC</time>"), "{html}");
        assert!(html.contains("everybody → authors"), "{html}");
        let own = Step { mine: true, ..one };
        let html = step(&own, &Words::of(Locale::Zh));
        assert!(html.contains("<b>已隐藏</b> · 您"), "{html}");
    }
}
