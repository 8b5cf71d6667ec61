//! The access function: configuration → adapters → router → Lambda.

use tuition_adapters::config::AccessConfig;
use tuition_adapters::{Outside, access_ports, tokens};
use tuition_domain::access::Tokens;
use tuition_handlers::access::{Access, router};
use tuition_lambdas::Told;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    tuition_lambdas::start_log();
    let told = Told::read(&["edge-secret", "access-keys"]).await?;
    let config = AccessConfig::parse(|name| told.lookup(name))?;
    let outside = Outside::deployed(&config.base)?;
    let keys = told.current_keys(&config.keys, &outside);
    let router = router(Access {
        front: tuition_lambdas::front(&config.base, &outside),
        ports: access_ports(&config, &outside),
        tokens: Tokens {
            keys: keys.clone(),
            ..tokens(&config.keys, &config.base)
        },
    });
    lambda_http::run(keys.before(router)).await
}
