//! The floor that the comments function is measured beside: a bare axum handler that makes the same calls to the same table
//! through the same SDK, and answers what comes back as it is. For `cargo task audit comments`.
//!
//!   floor DYNAMODB_URL TABLE EPHEMERAL_TABLE LEARNER SESSION_KEY READ WRITTEN      prints "listening on http://127.0.0.1:PORT"

mod calls;

use std::io::Write as _;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::{StatusCode, header::CONTENT_TYPE};
use tuition_adapters::aws;

use calls::{Asked, Failure, Floor};

struct App {
    floor: Floor,
    /// Of the thread that is read.
    read: Asked,
    /// Of the one that is written to.
    written: Asked,
}

type Answer = Result<(StatusCode, [(http::HeaderName, &'static str); 1], String), StatusCode>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, lasting, ephemeral, learner, session, read, written] = arguments.as_slice() else {
        return Err("there are seven arguments".into());
    };
    let config = aws_sdk_dynamodb::config::Builder::from(&aws::made_up()).endpoint_url(url);
    let asked = |lesson: &String| Asked {
        learner: learner.clone(),
        session: session.clone(),
        lesson: lesson.clone(),
    };
    let app = App {
        floor: Floor::new(Client::from_conf(config.build()), lasting, ephemeral),
        read: asked(read),
        written: asked(written),
    };
    let routes = Router::new()
        .route("/api/comments", get(page).post(post))
        .with_state(Arc::new(app));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{}", listener.local_addr()?)?;
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn page(State(app): State<Arc<App>>) -> Answer {
    let docs = app.floor.page(&app.read).await.map_err(away)?;
    Ok(json(StatusCode::OK, format!("[{}]", docs.join(","))))
}

/// The document of the comment is what was sent.
async fn post(State(app): State<Arc<App>>, body: String) -> Answer {
    app.floor.post(&app.written, &body).await.map_err(away)?;
    Ok(json(StatusCode::CREATED, body))
}

fn json(
    status: StatusCode,
    text: String,
) -> (StatusCode, [(http::HeaderName, &'static str); 1], String) {
    (status, [(CONTENT_TYPE, "application/json")], text)
}

fn away(error: Failure) -> StatusCode {
    eprintln!("{error:?}");
    StatusCode::SERVICE_UNAVAILABLE
}
