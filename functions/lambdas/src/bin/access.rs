//! The access function: configuration → adapters → router → Lambda.

use tuition_adapters::config::{AccessConfig, environment};
use tuition_adapters::{Outside, access_ports, tokens};
use tuition_handlers::access::{Access, router};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    tuition_lambdas::start_log();
    let config = AccessConfig::parse(environment)?;
    let outside = Outside::deployed(&config.base)?;
    lambda_http::run(router(Access {
        front: tuition_lambdas::front(&config.base, &outside),
        ports: access_ports(&config, &outside),
        tokens: tokens(&config.keys, &config.base),
    }))
    .await
}
