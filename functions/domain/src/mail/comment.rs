//! What learners and authors are told of discussions.

use super::{Locale, Mail, Part, compose};
use crate::email::Email;

/// An answer to a learner's comment. Its text is not in it: who may read the lesson finds it there,
/// and what is taken away there is taken away here.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The recipient.
    pub to: &'a Email,
    /// What makes it one mail.
    pub key: &'a str,
    /// The site's name.
    pub site: &'a str,
    /// Title of the lesson.
    pub lesson: &'a str,
    /// Who answered; may be empty.
    pub name: &'a str,
    /// Where the answer stands.
    pub url: &'a str,
    /// Where no more such mail is asked for, by one click.
    pub unsubscribe: &'a str,
    /// In which language.
    pub locale: Locale,
}

/// Somebody answered.
pub fn answered(about: Answered<'_>) -> Mail {
    let Answered {
        site, lesson, name, ..
    } = about;
    let (subject, lead, rest) = match about.locale {
        Locale::En => {
            let name = if name.is_empty() { "Somebody" } else { name };
            (
                format!("{name} answered you: {lesson}"),
                format!("{name} answered your comment under “{lesson}” at {site}:"),
                "You get this because you wrote there. No more such mail:",
            )
        }
        Locale::Zh => {
            let name = if name.is_empty() { "有人" } else { name };
            (
                format!("{name}回复了您：{lesson}"),
                format!("{name}回复了您在 {site} 课时《{lesson}》下的评论："),
                "您收到这封邮件是因为您曾在那里发表评论。不再接收此类邮件：",
            )
        }
    };
    let parts = [
        Part::Text(&lead),
        Part::Link(about.url),
        Part::Text(rest),
        Part::Link(about.unsubscribe),
    ];
    Mail {
        key: Some(about.key.to_owned()),
        unsubscribe: Some(about.unsubscribe.to_owned()),
        ..compose(about.to, subject, &parts)
    }
}

/// One comment of a digest.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Title of the lesson.
    pub lesson: String,
    /// Who wrote it; may be empty.
    pub name: String,
    /// The beginning of what they wrote.
    pub excerpt: String,
    /// Where it stands.
    pub url: String,
    /// Asked as a question.
    pub question: bool,
    /// Nobody sees it until an author looked.
    pub held: bool,
}

/// What waits for an author.
#[derive(Debug, Clone, Copy)]
pub struct Digest<'a> {
    /// The recipient.
    pub to: &'a Email,
    /// What makes it one mail.
    pub key: &'a str,
    /// The site's name.
    pub site: &'a str,
    /// Some of them, the oldest first; never empty.
    pub waiting: &'a [Waiting],
    /// How many there are in all.
    pub count: usize,
    /// The queue.
    pub url: &'a str,
    /// In which language.
    pub locale: Locale,
}

/// New comments.
pub fn digest(about: Digest<'_>) -> Mail {
    let Digest { site, count, .. } = about;
    let (subject, lead, all, rest) = match about.locale {
        Locale::En => (
            format!("New comments at {site}: {count}"),
            format!("New comments at {site}: {count}."),
            "All that waits for you:",
            "How often this mail comes is set in site.toml, under [comments].",
        ),
        Locale::Zh => (
            format!("{site} 有 {count} 条新评论"),
            format!("{site} 有 {count} 条新评论。"),
            "所有待处理的评论：",
            "这封邮件的频率在 site.toml 的 [comments] 中设置。",
        ),
    };
    let heads: Vec<String> = about
        .waiting
        .iter()
        .map(|one| head(one, about.locale))
        .collect();
    let mut parts = vec![Part::Text(&lead)];
    for (one, head) in about.waiting.iter().zip(&heads) {
        parts.extend([
            Part::Text(head),
            Part::Text(&one.excerpt),
            Part::Link(&one.url),
        ]);
    }
    parts.extend([Part::Text(all), Part::Link(about.url), Part::Text(rest)]);
    Mail {
        key: Some(about.key.to_owned()),
        ..compose(about.to, subject, &parts)
    }
}

fn head(one: &Waiting, locale: Locale) -> String {
    let (someone, question, held) = match locale {
        Locale::En => ("Somebody", "question", "not shown yet"),
        Locale::Zh => ("匿名", "提问", "尚未公开"),
    };
    let name = if one.name.is_empty() {
        someone
    } else {
        &one.name
    };
    let marks = [one.question.then_some(question), one.held.then_some(held)];
    let marks: String = marks
        .into_iter()
        .flatten()
        .map(|mark| format!(" · {mark}"))
        .collect();
    format!("{} · {name}{marks}", one.lesson)
}
