//! Configurations that start, and those that must not.

use std::collections::BTreeMap;

use super::*;

type Variables = BTreeMap<&'static str, String>;

fn deployed(stage: &str, stripe_key: &str) -> Variables {
    let secret = tuition_domain::token::Secret::from_bytes([7; 32]).to_base64url();
    BTreeMap::from([
        ("TUITION_STAGE", stage.to_owned()),
        ("TUITION_ORIGIN", "https://courses.example".to_owned()),
        ("TUITION_TABLE", "shop".to_owned()),
        ("TUITION_EPHEMERAL_TABLE", "shop-ephemeral".to_owned()),
        ("TUITION_CATALOG", "/var/task/catalog.json".to_owned()),
        ("TUITION_EDGE_SECRET", "e".repeat(32)),
        (
            "TUITION_ACCESS_KEYS",
            format!("{{\"signing\": \"k1\", \"keys\": {{\"k1\": \"{secret}\"}}}}"),
        ),
        (
            "TUITION_MAIL_FROM",
            "Courses <hello@courses.example>".to_owned(),
        ),
        ("TUITION_STRIPE_KEY", stripe_key.to_owned()),
        ("TUITION_WEBHOOK_SECRETS", "whsec_a, whsec_b".to_owned()),
    ])
}

fn local() -> Variables {
    let mut variables = deployed("local", "sk_test_local");
    variables.insert("TUITION_ORIGIN", "http://127.0.0.1:8080".to_owned());
    variables.insert("TUITION_WEBHOOK_SECRETS", "whsec_local".to_owned());
    for name in [
        "TUITION_DYNAMODB_URL",
        "TUITION_STRIPE_URL",
        "TUITION_SES_URL",
    ] {
        variables.insert(name, "http://127.0.0.1:9000".to_owned());
    }
    variables
}

fn checkout(variables: &Variables) -> Result<CheckoutConfig, ConfigError> {
    CheckoutConfig::parse(|name| variables.get(name).cloned())
}

/// The problems after `changes` were made; an empty value removes the variable.
fn problems(mut variables: Variables, changes: &[(&'static str, &str)]) -> Vec<String> {
    for (name, value) in changes {
        variables.insert(name, (*value).to_owned());
    }
    match checkout(&variables) {
        Ok(_) => Vec::new(),
        Err(ConfigError(problems)) => problems,
    }
}

#[test]
fn each_stage_starts_with_what_belongs_to_it() {
    let live = checkout(&deployed("live", "sk_live_1")).unwrap();
    assert_eq!(live.base.stage, Stage::Live);
    assert_eq!(live.webhook.0, ["whsec_a", "whsec_b"]);
    assert!(live.stripe.url.is_none() && live.mail.ses_url.is_none());
    assert!(checkout(&deployed("pr-12", "rk_test_1")).is_ok());
    let local = checkout(&local()).unwrap();
    assert_eq!(
        local.base.dynamodb_url.as_deref(),
        Some("http://127.0.0.1:9000")
    );
}

#[test]
fn a_deployed_function_refuses_every_stand_in() {
    for (stage, key) in [("live", "sk_live_1"), ("preview", "sk_test_1")] {
        for name in [
            "TUITION_DYNAMODB_URL",
            "TUITION_STRIPE_URL",
            "TUITION_SES_URL",
        ] {
            for address in ["http://127.0.0.1:9000", "https://elsewhere.example"] {
                let found = problems(deployed(stage, key), &[(name, address)]);
                assert_eq!(found.len(), 1, "{stage} {name} {found:?}");
                assert!(found[0].contains(name));
            }
        }
        let local_secret = [("TUITION_WEBHOOK_SECRETS", "whsec_a,whsec_local")];
        assert_eq!(problems(deployed(stage, key), &local_secret).len(), 1);
        let local_origin = [("TUITION_ORIGIN", "http://127.0.0.1:8080")];
        assert_eq!(problems(deployed(stage, key), &local_origin).len(), 1);
    }
}

#[test]
fn keys_of_the_other_kind_of_money_are_refused() {
    for (stage, key) in [
        ("live", "sk_test_1"),
        ("live", "rk_test_1"),
        ("live", "pk_live_1"),
        ("live", "sk_live_"),
        ("preview", "sk_live_1"),
        ("local", "sk_live_1"),
    ] {
        let base = if stage == "local" {
            local()
        } else {
            deployed(stage, key)
        };
        let found = problems(base, &[("TUITION_STRIPE_KEY", key)]);
        assert_eq!(found.len(), 1, "{stage} {key} {found:?}");
    }
}

#[test]
fn the_local_stage_reaches_loopback_and_nothing_else() {
    for address in [
        "",
        "https://api.stripe.com",
        "http://10.0.0.1:9000",
        "http://localhost.example",
    ] {
        let found = problems(local(), &[("TUITION_STRIPE_URL", address)]);
        assert_eq!(found.len(), 1, "{address} {found:?}");
    }
    assert!(problems(local(), &[("TUITION_STRIPE_URL", "http://[::1]:9000")]).is_empty());
}

#[test]
fn all_problems_are_said_at_once_and_no_secret_is() {
    let found = problems(
        deployed("live", "sk_test_verysecret"),
        &[
            ("TUITION_ORIGIN", "https://courses.example/"),
            ("TUITION_TABLE", ""),
            ("TUITION_EDGE_SECRET", "verysecret"),
            ("TUITION_ACCESS_KEYS", "{\"signing\": \"verysecret\"}"),
            ("TUITION_WEBHOOK_SECRETS", "verysecret"),
            ("TUITION_MAIL_FROM", "Courses\r\nBcc: <a@x.example>"),
        ],
    );
    assert_eq!(found.len(), 7, "{found:#?}");
    assert!(!ConfigError(found).to_string().contains("verysecret"));
}

#[test]
fn day_secrets_do_not_lie_in_the_table_that_is_backed_up() {
    let found = problems(
        deployed("live", "sk_live_1"),
        &[("TUITION_EPHEMERAL_TABLE", "shop")],
    );
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_function_asks_for_nothing_that_it_does_not_need() {
    let all = deployed("live", "sk_live_1");
    let only = |names: &[&str]| -> Variables {
        let kept = all.iter().filter(|(name, _)| !names.contains(*name));
        kept.map(|(name, value)| (*name, value.clone())).collect()
    };
    let without_stripe = only(&["TUITION_STRIPE_KEY", "TUITION_WEBHOOK_SECRETS"]);
    let lookup = |name: &str| without_stripe.get(name).cloned();
    assert!(AccessConfig::parse(lookup).is_ok());
    assert!(CheckoutConfig::parse(lookup).is_err());
    let bare = only(&[
        "TUITION_STRIPE_KEY",
        "TUITION_WEBHOOK_SECRETS",
        "TUITION_MAIL_FROM",
        "TUITION_ACCESS_KEYS",
    ]);
    let lookup = |name: &str| bare.get(name).cloned();
    assert!(CommentConfig::parse(lookup).is_ok());
    assert!(AccessConfig::parse(lookup).is_err());
    assert!(MetricConfig::parse(lookup).is_err());
    let with_keys = only(&[
        "TUITION_STRIPE_KEY",
        "TUITION_WEBHOOK_SECRETS",
        "TUITION_MAIL_FROM",
    ]);
    assert!(MetricConfig::parse(|name| with_keys.get(name).cloned()).is_ok());
}

#[test]
fn aws_is_at_no_other_host_than_its_own_but_for_stage_local() {
    for name in ENDPOINTS {
        for stage in ["live", "preview-1"] {
            let key = if stage == "live" {
                "sk_live_x"
            } else {
                "sk_test_x"
            };
            let found = problems(deployed(stage, key), &[(name, "http://127.0.0.1:9000")]);
            assert!(
                matches!(&*found, [one] if one.starts_with(name)),
                "{found:?}"
            );
        }
        // An emulator sets it for every function.
        let found = problems(local(), &[(name, "http://127.0.0.1:9000")]);
        assert_eq!(found, Vec::<String>::new());
    }
}
