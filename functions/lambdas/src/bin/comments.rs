//! The comments function: configuration → adapters → router → Lambda.

use tuition_adapters::config::CommentConfig;
use tuition_adapters::{Outside, comment_ports};
use tuition_handlers::comments::{Comments, router};
use tuition_lambdas::Told;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    tuition_lambdas::start_log();
    let told = Told::read(&["edge-secret"]).await?;
    let config = CommentConfig::parse(|name| told.lookup(name))?;
    let outside = Outside::deployed(&config.base)?;
    lambda_http::run(router(Comments {
        front: tuition_lambdas::front(&config.base, &outside),
        ports: comment_ports(&config, &outside),
    }))
    .await
}
