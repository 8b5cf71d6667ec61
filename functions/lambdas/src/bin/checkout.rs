//! The checkout function: configuration → adapters → router → Lambda.

use tuition_adapters::config::CheckoutConfig;
use tuition_adapters::{Outside, checkout_ports, tokens};
use tuition_domain::access::Tokens;
use tuition_handlers::checkout::{Checkout, router};
use tuition_lambdas::Told;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    tuition_lambdas::start_log();
    let told = Told::read(&[
        "edge-secret",
        "access-keys",
        "stripe-key",
        "webhook-secrets",
    ])
    .await?;
    let config = CheckoutConfig::parse(|name| told.lookup(name))?;
    let outside = Outside::deployed(&config.base)?;
    let ports = checkout_ports(&config, &outside)?;
    let keys = told.current_keys(&config.keys, &outside);
    let router = router(Checkout {
        front: tuition_lambdas::front(&config.base, &outside),
        ports: ports.clone(),
        tokens: Tokens {
            keys: keys.clone(),
            ..tokens(&config.keys, &config.base)
        },
        webhook: config.webhook.clone(),
    });
    tuition_lambdas::run_with_jobs(keys.before(router), ports).await
}
