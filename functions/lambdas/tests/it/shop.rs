//! The stand-ins, and the four routers over them as a deployed shop has them.

use std::path::Path;

use axum::Router;
use serde_json::json;
use tuition_adapters::config::{AccessConfig, CheckoutConfig, CommentConfig, MetricConfig};
use tuition_adapters::{
    Outside, Table, access_ports, checkout_ports, comment_ports, metric_ports, tokens,
};
use tuition_handlers::access::Access;
use tuition_handlers::checkout::Checkout;
use tuition_handlers::comments::Comments;
use tuition_handlers::metrics::Metrics;
use tuition_handlers::{access, checkout, comments, metrics};
use tuition_stand_ins::{Config, StandIns};

pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";
pub(crate) const EDGE_SECRET: &str = "0123456789abcdef0123456789abcdef";

pub(crate) struct Shop {
    _state: tempfile::TempDir,
    pub(crate) stand_ins: StandIns,
    variables: Vec<(String, String)>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let state = tempfile::tempdir().unwrap();
        let stand_ins = StandIns::start(Config::new(state.path(), ORIGIN))
            .await
            .unwrap();
        let catalog =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generator/catalog/samples/v1.json");
        let key = "A".repeat(43);
        let variables = [
            ("TUITION_STAGE", "local".to_owned()),
            ("TUITION_ORIGIN", ORIGIN.to_owned()),
            ("TUITION_TABLE", "tuition".to_owned()),
            ("TUITION_EPHEMERAL_TABLE", "tuition-ephemeral".to_owned()),
            ("TUITION_CATALOG", catalog.to_str().unwrap().to_owned()),
            ("TUITION_EDGE_SECRET", EDGE_SECRET.to_owned()),
            (
                "TUITION_ACCESS_KEYS",
                json!({"signing": "k1", "keys": {"k1": key}}).to_string(),
            ),
            ("TUITION_STRIPE_KEY", "sk_test_x".to_owned()),
            ("TUITION_WEBHOOK_SECRETS", "whsec_local".to_owned()),
            (
                "TUITION_MAIL_FROM",
                "Tuition <shop@tuition.example>".to_owned(),
            ),
            ("TUITION_DYNAMODB_URL", stand_ins.dynamodb_url()),
            ("TUITION_STRIPE_URL", stand_ins.stripe_url()),
            ("TUITION_SES_URL", stand_ins.mail_url()),
        ];
        let variables = variables
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec();
        Self {
            _state: state,
            stand_ins,
            variables,
        }
    }

    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    pub(crate) fn lookup(&self, name: &str) -> Option<String> {
        self.variables
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    }

    pub(crate) fn without(&self, name: &str, value: &str) -> Vec<(String, String)> {
        let mut variables = self.variables.clone();
        variables.retain(|(known, _)| known != name);
        variables.push((name.to_owned(), value.to_owned()));
        variables
    }

    /// The routers as `serve` makes them.
    pub(crate) async fn routers(&self) -> [Router; 4] {
        let checkout = CheckoutConfig::parse(|name| self.lookup(name)).unwrap();
        let outside = Outside::deployed(&checkout.base).unwrap();
        Table::of(&checkout.base, &outside).ensure().await.unwrap();
        self.routers_with("", "").await
    }

    /// The routers with one variable changed.
    pub(crate) async fn routers_with(&self, name: &str, value: &str) -> [Router; 4] {
        let lookup = |asked: &str| match asked == name {
            true => Some(value.to_owned()),
            false => self.lookup(asked),
        };
        let checkout = CheckoutConfig::parse(lookup).unwrap();
        let access = AccessConfig::parse(lookup).unwrap();
        let comments = CommentConfig::parse(lookup).unwrap();
        let metrics = MetricConfig::parse(lookup).unwrap();
        let outside = Outside::deployed(&checkout.base).unwrap();
        let front = tuition_lambdas::front(&checkout.base, &outside);
        [
            checkout::router(Checkout {
                front: front.clone(),
                ports: checkout_ports(&checkout, &outside).unwrap(),
                tokens: tokens(&checkout.keys, &checkout.base),
                webhook: checkout.webhook.clone(),
            }),
            access::router(Access {
                front: front.clone(),
                ports: access_ports(&access, &outside),
                tokens: tokens(&access.keys, &access.base),
            }),
            comments::router(Comments {
                front: front.clone(),
                ports: comment_ports(&comments, &outside),
            }),
            metrics::router(Metrics {
                front,
                ports: metric_ports(&metrics, &outside),
                tokens: tokens(&metrics.keys, &metrics.base),
            }),
        ]
    }
}
