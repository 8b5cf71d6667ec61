//! A thread, and the queue of what waits for an author, for who runs no script: everything that the
//! lesson and the author's desk offer, as plain links and forms.

mod trail;
mod words;

use axum::response::Response;
use jiff::Timestamp;
use tuition_catalog::SiteInfo;
use tuition_domain::comments::{
    CommentId, CommentView, LessonRef, MAX_BODY_BYTES, Order, Queue, QueueItem, State, Thread,
};
use tuition_domain::mail::{Locale, escape};

pub use self::trail::trail;
use self::words::{Words, day};
use super::frame;
use crate::comments::thread_page;

/// What stands on the page of a thread.
#[derive(Debug, Clone, Copy)]
pub struct ThreadPage<'a> {
    /// One page of it.
    pub thread: &'a Thread,
    /// The lesson.
    pub lesson: &'a LessonRef,
    /// Its title.
    pub title: Option<&'a str>,
    /// Where it is read.
    pub path: &'a str,
    /// Which conversations come first.
    pub order: Order,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// When it is looked at.
    pub now: Timestamp,
}

/// The page of a thread.
pub fn thread(site: &SiteInfo, page: &ThreadPage<'_>, locale: Locale) -> Response {
    let words = Words::of(locale);
    let title = page.title.unwrap_or_default();
    let list = nested(page, &words);
    let next = page.thread.next.as_ref().map_or(String::new(), |cursor| {
        let url = format!(
            "{}&order={}&cursor={cursor}",
            thread_page(page.lesson),
            page.order.name()
        );
        let url = escape(&url);
        format!(
            "<p><a class=\"button quiet\" rel=\"next\" href=\"{url}\">{}</a></p>",
            words.more
        )
    });
    let body = format!(
        "<p><a href=\"{}\">{}</a></p><h1>{} ({})</h1><nav>{}</nav>\
         <ol class=\"thread\">{list}</ol>{next}{}",
        escape(page.path),
        escape(title),
        words.discussion,
        page.thread.count,
        orders(page, &words),
        new(page, &words)
    );
    frame(site, locale, &body)
}

fn orders(page: &ThreadPage<'_>, words: &Words) -> String {
    let names = [
        (Order::Oldest, words.oldest),
        (Order::Newest, words.newest),
        (Order::Questions, words.questions),
    ];
    let links = names.map(|(order, name)| {
        if order == page.order {
            return format!("<b aria-current=\"page\">{name}</b>");
        }
        let url = format!("{}&order={}", thread_page(page.lesson), order.name());
        format!("<a href=\"{}\">{name}</a>", escape(&url))
    });
    links.join(" · ")
}

/// The comments of a page as lists in lists: each comes before its answers. One whose conversation
/// began on the page before stands in the outer list and says what it is.
fn nested(page: &ThreadPage<'_>, words: &Words) -> String {
    let mut html = String::new();
    /// A comment whose element is open, and whether a list of answers is open in it.
    struct Open<'a>(&'a CommentId, bool);
    let mut open: Vec<Open<'_>> = Vec::new();
    let close = |Open(_, has_answers): Open<'_>| if has_answers { "</ol></li>" } else { "</li>" };
    for comment in &page.thread.comments {
        while let Some(above) = open.pop_if(|above| Some(above.0) != comment.parent.as_ref()) {
            html += close(above);
        }
        if let Some(above) = open.last_mut()
            && !above.1
        {
            html += "<ol>";
            above.1 = true;
        }
        html += &item(page, comment, open.is_empty(), words);
        open.push(Open(&comment.id, false));
    }
    while let Some(last) = open.pop() {
        html += close(last);
    }
    html
}

/// A comment; its element is left open for what answers it.
fn item(page: &ThreadPage<'_>, comment: &CommentView, is_outer: bool, words: &Words) -> String {
    let id = comment.id.as_str();
    let parent = comment.parent.as_ref().filter(|_| is_outer);
    let above = parent.map_or(String::new(), |parent| {
        let thread = escape(&thread_page(page.lesson));
        format!(
            "<p class=\"small\"><a href=\"{thread}#comment-{}\">{}</a></p>",
            parent.as_str(),
            words.answers
        )
    });
    if comment.deleted {
        let trail = if page.thread.may_moderate {
            format!(" · {}", trail_link(id, words))
        } else {
            String::new()
        };
        return format!(
            "<li id=\"comment-{id}\"><article class=\"comment\">{above}<p class=\"small\">{}{trail}</p></article>",
            words.deleted
        );
    }
    let tools = if page.signed_in {
        tools(page, comment, words)
    } else {
        String::new()
    };
    format!(
        "<li id=\"comment-{id}\"><article class=\"comment\">{above}{}<div>{}</div>{tools}</article>",
        head(comment, page.now, words),
        comment.html
    )
}

/// Who, when, and what it is.
fn head(comment: &CommentView, now: Timestamp, words: &Words) -> String {
    let name = if comment.author.name.is_empty() {
        words.someone
    } else {
        &comment.author.name
    };
    let in_text = comment
        .answered_in_text_at
        .map(|at| format!("{} {}", words.in_text, day(at)));
    let state = match comment.state {
        State::Shown => None,
        State::Held => Some(words.held),
        State::Hidden => Some(words.hidden),
    };
    let tags = [
        (comment.author.role == "author").then_some(words.author),
        comment.author.owner.then_some(words.owner),
        comment.pinned.then_some(words.pinned),
        comment.question.then_some(if comment.answered {
            words.answered
        } else {
            words.question
        }),
        comment.mistake.then_some(words.mistake),
        comment.edited_at.map(|_| words.edited),
        state,
        in_text.as_deref(),
    ];
    let tags: String = tags
        .into_iter()
        .flatten()
        .map(|tag| format!(" <span class=\"tag\">{tag}</span>"))
        .collect();
    let initials = initials(&comment.author.name);
    let avatar = if initials.is_empty() {
        String::new()
    } else {
        format!(
            "<span class=\"avatar\" aria-hidden=\"true\">{}</span> ",
            escape(&initials)
        )
    };
    format!(
        "<header>{avatar}<b>{}</b>{tags} <time datetime=\"{}\" title=\"{}\">{}</time></header>",
        escape(name),
        comment.created_at,
        day(comment.created_at),
        words.when(comment.created_at, now)
    )
}

/// The first letters of the first two words of a name.
fn initials(name: &str) -> String {
    let first = name
        .split_whitespace()
        .take(2)
        .filter_map(|word| word.chars().next());
    first.flat_map(char::to_uppercase).collect()
}

fn tools(page: &ThreadPage<'_>, comment: &CommentView, words: &Words) -> String {
    let id = comment.id.as_str();
    let mut tools = String::new();
    if !page.thread.closed {
        tools += &format!(
            "<details><summary>{0}</summary><form class=\"stack\" method=\"post\" action=\"/api/comments\">\
             <input type=\"hidden\" name=\"lesson\" value=\"{1}\"><input type=\"hidden\" name=\"parent\" value=\"{id}\">\
             <input type=\"hidden\" name=\"page\" value=\"thread\"><label for=\"reply-{id}\">{0}</label>\
             <textarea id=\"reply-{id}\" name=\"body\" rows=\"4\" maxlength=\"{MAX_BODY_BYTES}\" required></textarea>\
             <button class=\"button\">{2}</button></form></details>",
            words.reply,
            escape(page.lesson.as_str()),
            words.send
        );
    }
    if let Some(body) = &comment.body {
        tools += &format!(
            "<details><summary>{0}</summary><form class=\"stack\" method=\"post\" action=\"/api/comments/{id}\">\
             <input type=\"hidden\" name=\"page\" value=\"thread\"><label for=\"edit-{id}\">{0}</label>\
             <textarea id=\"edit-{id}\" name=\"body\" rows=\"4\" maxlength=\"{MAX_BODY_BYTES}\" required>\n{1}</textarea>\
             <button class=\"button\" name=\"action\" value=\"edit\">{2}</button></form></details>",
            words.edit,
            escape(body),
            words.save
        );
    }
    let mut acts = Vec::new();
    if comment.mine && comment.question && !comment.answered {
        acts.push(act(id, "", "action", "answered", words.is_answered));
    }
    if comment.mine {
        acts.push(act(id, "", "action", "delete", words.delete));
    } else {
        acts.push(act(id, "/report", "", "", words.report));
    }
    if page.thread.may_moderate {
        let decisions = [
            (
                "pin",
                words.pin,
                !comment.pinned && comment.parent.is_none(),
            ),
            ("unpin", words.unpin, comment.pinned),
            ("hide", words.hide, comment.state != State::Hidden),
            ("delete", words.delete, !comment.mine),
        ];
        for (decision, name, offered) in decisions {
            if offered {
                acts.push(act(id, "/moderation", "decision", decision, name));
            }
        }
        if comment.question || comment.mistake {
            tools += &fixed(id, words);
        }
        acts.push(trail_link(id, words));
    }
    tools + &format!("<footer>{}</footer>", acts.concat())
}

/// Leads to what was decided about a comment.
fn trail_link(id: &str, words: &Words) -> String {
    format!(
        "<a href=\"/api/comments/{id}/moderation\">{}</a>",
        words.trail
    )
}

/// Which change of the lesson answers a comment.
fn fixed(id: &str, words: &Words) -> String {
    format!(
        "<details><summary>{0}</summary><form class=\"stack\" method=\"post\" action=\"/api/comments/{id}/moderation\">\
         <input type=\"hidden\" name=\"page\" value=\"thread\"><input type=\"hidden\" name=\"decision\" value=\"fixed\">\
         <label for=\"commit-{id}\">{1}</label>\
         <input id=\"commit-{id}\" name=\"commit\" pattern=\"[0-9a-fA-F]{{7,64}}\" required>\
         <button class=\"button\">{2}</button></form></details>",
        words.is_in_text, words.commit, words.save
    )
}

/// One button that comes back to the thread.
fn act(id: &str, path: &str, field: &str, value: &str, name: &str) -> String {
    let field = if field.is_empty() {
        String::new()
    } else {
        format!(" name=\"{field}\" value=\"{value}\"")
    };
    format!(
        "<form method=\"post\" action=\"/api/comments/{id}{path}\"><input type=\"hidden\" name=\"page\" value=\"thread\">\
         <button class=\"button quiet\"{field}>{name}</button></form>"
    )
}

fn new(page: &ThreadPage<'_>, words: &Words) -> String {
    if page.thread.closed {
        return format!("<p>{}</p>", words.closed);
    }
    if !page.signed_in {
        let path = escape(page.path);
        return format!(
            "<p><a href=\"/sign-in/?next={path}\">{}</a></p>",
            words.sign_in
        );
    }
    format!(
        "<h2>{0}</h2><form class=\"stack\" method=\"post\" action=\"/api/comments\">\
         <input type=\"hidden\" name=\"lesson\" value=\"{1}\"><input type=\"hidden\" name=\"page\" value=\"thread\">\
         <label for=\"body\">{2}</label><textarea id=\"body\" name=\"body\" rows=\"6\" maxlength=\"{MAX_BODY_BYTES}\" required></textarea>\
         <label class=\"check\"><input type=\"checkbox\" name=\"question\"> {3}</label>\
         <label class=\"check\"><input type=\"checkbox\" name=\"mistake\"> {4}</label>\
         <button class=\"button\">{5}</button></form>",
        words.write,
        escape(page.lesson.as_str()),
        words.text,
        words.is_question,
        words.is_mistake,
        words.send
    )
}

/// The page of what waits.
pub fn queue(site: &SiteInfo, queue: &Queue, now: Timestamp, locale: Locale) -> Response {
    let words = Words::of(locale);
    let list: String = queue
        .comments
        .iter()
        .map(|waiting| waits(waiting, now, &words))
        .collect();
    let list = if list.is_empty() {
        format!("<p>{}</p>", words.nothing)
    } else {
        format!("<ol class=\"thread\">{list}</ol>")
    };
    let body = format!("<h1>{} ({})</h1>{list}", words.queue, queue.count);
    frame(site, locale, &body)
}

fn waits(waiting: &QueueItem, now: Timestamp, words: &Words) -> String {
    let comment = &waiting.comment;
    let id = comment.id.as_str();
    let why = waiting.why.map(|why| words.why(why)).unwrap_or_default();
    let reports = if waiting.reports > 0 {
        format!(" · {}: {}", words.reports, waiting.reports)
    } else {
        String::new()
    };
    let decisions = [
        ("approve", words.approve),
        ("hide", words.hide),
        ("delete", words.delete),
        ("ban", words.ban),
    ];
    let buttons = decisions.map(|(decision, name)| {
        format!(
            "<button class=\"button quiet\" name=\"decision\" value=\"{decision}\">{name}</button>"
        )
    });
    format!(
        "<li id=\"comment-{id}\"><article class=\"comment\"><p class=\"small\"><a href=\"{}\">{}</a> {why}{reports}</p>\
         {}<div>{}</div><form method=\"post\" action=\"/api/comments/{id}/moderation\">\
         <input type=\"hidden\" name=\"page\" value=\"queue\"><input type=\"hidden\" name=\"revision\" value=\"{}\">{}</form><p class=\"small\">{}</p></article></li>",
        escape(&waiting.path),
        escape(&waiting.title),
        head(comment, now, words),
        comment.html,
        comment.revision,
        buttons.concat(),
        trail_link(id, words)
    )
}
