//! `/_dev/outbox`: the sent mails as JSON for tests and as pages for people, and the fault switch.

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::feedback::{Bounce, Feedback, notification};
use super::publisher::Publisher;
use super::{Mail, Outbox, message_id};
use crate::dev::{Input, wants_html};
use crate::html::{escape, page, with_headers};
use crate::problem::Problem;

/// The routes below `/_dev/outbox`, with their full paths.
pub(crate) fn router(outbox: Outbox, publisher: Publisher) -> Router {
    Router::new()
        .route("/_dev/outbox/{id}/bounce", post(bounce))
        .route("/_dev/outbox/{id}/complaint", post(complain))
        .with_state((outbox.clone(), publisher))
        .merge(mails(outbox))
}

fn mails(outbox: Outbox) -> Router {
    Router::new()
        .route("/_dev/outbox", get(list))
        .route("/_dev/outbox/{id}", get(show))
        .route("/_dev/outbox/{id}/html", get(show_html))
        .route("/_dev/outbox/faults", post(set_fault))
        .with_state(outbox)
}

async fn list(State(outbox): State<Outbox>, headers: HeaderMap) -> Result<Response, Problem> {
    let mails = read(outbox).await?;
    if !wants_html(&headers) {
        return Ok(Json(mails).into_response());
    }
    let body = if mails.is_empty() {
        "<h1>Outbox</h1>\n<p>No mail yet.</p>".to_owned()
    } else {
        let shown: String = mails.iter().map(article).collect();
        format!("<h1>Outbox</h1>\n{shown}")
    };
    Ok(page("Outbox", BANNER, &body, &[]))
}

async fn show(
    State(outbox): State<Outbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mail = find(outbox, &id).await?;
    if !wants_html(&headers) {
        return Ok(Json(mail).into_response());
    }
    Ok(page(&mail.subject, BANNER, &article(&mail), &[]))
}

/// The mail's HTML alone, as a mail program would show it: no scripts, no foreign images, an origin
/// of its own.
async fn show_html(
    State(outbox): State<Outbox>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let mail = find(outbox, &id).await?;
    if mail.html.is_empty() {
        return Err(Problem::not_found("the mail has no HTML"));
    }
    Ok(with_headers(
        Html(mail.html).into_response(),
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
         sandbox allow-popups allow-top-navigation-by-user-activation",
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFault {
    /// 400 to 599, or null to take mails again.
    status: Option<u16>,
}

#[derive(Serialize)]
struct Fault {
    status: Option<u16>,
}

async fn set_fault(
    State(outbox): State<Outbox>,
    Input { value, .. }: Input<SetFault>,
) -> Result<Json<Fault>, Problem> {
    if value
        .status
        .is_some_and(|status| !(400..600).contains(&status))
    {
        return Err(Problem::bad_request(
            "status",
            "a fault's status is 400 to 599, or null",
        ));
    }
    outbox.set_fault(value.status);
    Ok(Json(Fault {
        status: outbox.fault(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounced {
    #[serde(rename = "type")]
    kind: Bounce,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The mail comes back; answers the notification that is handed over.
async fn bounce(
    State((outbox, publisher)): State<(Outbox, Publisher)>,
    Path(id): Path<String>,
    Input { value, form }: Input<Bounced>,
) -> Result<Response, Problem> {
    publish(outbox, publisher, &id, Feedback::Bounce(value.kind), form).await
}

/// Its receiver complains.
async fn complain(
    State((outbox, publisher)): State<(Outbox, Publisher)>,
    Path(id): Path<String>,
    Input { form, .. }: Input<Nothing>,
) -> Result<Response, Problem> {
    publish(outbox, publisher, &id, Feedback::Complaint, form).await
}

async fn publish(
    outbox: Outbox,
    publisher: Publisher,
    id: &str,
    feedback: Feedback,
    form: bool,
) -> Result<Response, Problem> {
    if !publisher.has_listener() {
        return Err(Problem::conflict(
            "no-listener",
            "this stage has nobody who takes bounces and complaints",
        ));
    }
    let now = outbox.now();
    let mail = find(outbox, id).await?;
    let feedback_id = message_id().map_err(|error| Problem::internal(&error))?;
    let notification = notification(&mail, feedback, &feedback_id, now);
    let queued = notification.clone();
    match tokio::task::spawn_blocking(move || publisher.publish(&queued)).await {
        Ok(Ok(())) if form => Ok(Redirect::to("/_dev/outbox").into_response()),
        Ok(Ok(())) => Ok(Json(notification).into_response()),
        Ok(Err(error)) => Err(Problem::internal(&error)),
        Err(error) => Err(Problem::internal(&error)),
    }
}

async fn read(outbox: Outbox) -> Result<Vec<Mail>, Problem> {
    match tokio::task::spawn_blocking(move || outbox.mails()).await {
        Ok(Ok(mails)) => Ok(mails),
        Ok(Err(error)) => Err(Problem::internal(&error)),
        Err(error) => Err(Problem::internal(&error)),
    }
}

async fn find(outbox: Outbox, id: &str) -> Result<Mail, Problem> {
    read(outbox)
        .await?
        .into_iter()
        .find(|mail| mail.id == id)
        .ok_or_else(|| Problem::not_found("no such mail"))
}

const BANNER: &str = "Test outbox — nothing is sent";

fn article(mail: &Mail) -> String {
    let html_link = if mail.html.is_empty() {
        String::new()
    } else {
        format!(
            "<p><a href=\"/_dev/outbox/{}/html\">As HTML</a></p>\n",
            escape(&mail.id)
        )
    };
    format!(
        "<article class=\"mail\">\n<h2><a href=\"/_dev/outbox/{id}\">{subject}</a></h2>\n\
         <p>To {to} · from {from} · <time datetime=\"{at}\">{at}</time></p>\n\
         <pre>{text}</pre>\n{html_link}\
         <form method=\"post\" action=\"/_dev/outbox/{id}/bounce\">\
         <button name=\"type\" value=\"permanent\">It bounces</button> \
         <button name=\"type\" value=\"transient\">It bounces for now</button></form>\n\
         <form method=\"post\" action=\"/_dev/outbox/{id}/complaint\"><button>Its receiver complains</button></form>\n\
         </article>\n",
        id = escape(&mail.id),
        subject = escape(&mail.subject),
        to = escape(&mail.to.join(", ")),
        from = escape(&mail.from),
        at = mail.sent_at,
        text = linked(&mail.text),
    )
}

/// Escaped `text` in which web addresses can be clicked.
fn linked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = next_address(rest) {
        let (before, from_address) = rest.split_at(start);
        let end = from_address
            .find(|character: char| character.is_whitespace() || "<>\"".contains(character))
            .unwrap_or(from_address.len());
        let (address, after) = from_address.split_at(end);
        // Punctuation after an address belongs to the sentence.
        let trimmed = address.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        let (address, punctuation) = address.split_at(trimmed.len());
        out.push_str(&escape(before));
        let address = escape(address);
        out.push_str(&format!("<a href=\"{address}\">{address}</a>"));
        out.push_str(&escape(punctuation));
        rest = after;
    }
    out.push_str(&escape(rest));
    out
}

fn next_address(text: &str) -> Option<usize> {
    [text.find("http://"), text.find("https://")]
        .into_iter()
        .flatten()
        .min()
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn addresses_in_a_mail_can_be_clicked_and_markup_cannot_run() {
        assert_eq!(
            linked("Go to http://127.0.0.1:1/a?x=1&y=2. <b>\nhttps://b.example/"),
            "Go to <a href=\"http://127.0.0.1:1/a?x=1&amp;y=2\">http://127.0.0.1:1/a?x=1&amp;y=2</a>. \
             &lt;b&gt;\n<a href=\"https://b.example/\">https://b.example/</a>"
        );
    }
}
