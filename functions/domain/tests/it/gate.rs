//! The gate against `infra/edge/vectors.json`, which the edge's JavaScript passes as well.
//!
//! Tokens are minted here from their description with a bare HMAC, not by the code under test.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Sha256, Sha384, Sha512};
use tuition_domain::gate::{self, Cookies, Decision, Request, Site};
use tuition_domain::token::{self, Claims, Keys, KeysFile};

pub(crate) const VECTORS: &str = include_str!("../../../../infra/edge/vectors.json");

#[test]
fn every_vector_is_decided_as_written() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let keys = keys_of(&vectors);
    let text = |pointer: &str| vectors.pointer(pointer).unwrap().as_str().unwrap();
    let site = Site {
        keys: &keys,
        iss: text("/config/iss"),
        aud: text("/config/aud"),
    };
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 200, "only {} vectors", cases.len());

    let mut wrong = Vec::new();
    for case in cases {
        let now = case.get("now").unwrap_or(&vectors["now"]).as_i64().unwrap();
        let request = &case["request"];
        let cookies = cookies_of(&vectors, request, now);
        let decision = gate::decide(
            &Request {
                method: request["method"].as_str().unwrap_or("GET"),
                path: request["uri"].as_str().unwrap(),
                query: request["rawQueryString"].as_str(),
                cookies: &cookies,
            },
            &site,
            Timestamp::from_second(now).unwrap(),
        );
        let (kind, got) = in_words(&decision);
        if got != case["expect"] {
            wrong.push(format!(
                "{}: {got} instead of {}",
                case["name"], case["expect"]
            ));
        }
        let cache_control = vectors["cache_control"].get(kind).and_then(Value::as_str);
        assert_eq!(decision.cache_control(), cache_control, "{}", case["name"]);
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_minted_token_has_the_form_that_the_edge_checks() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let now = Timestamp::from_second(1_900_000_000).unwrap();
    let claims = Claims::new(
        "https://learn.example",
        "learner-1",
        vec!["编程".to_owned()],
        now,
    );
    let minted = token::mint(&keys_of(&vectors), &claims);

    let (input, signature) = minted.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let decoded = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(
        decoded(header),
        json!({"alg": "HS256", "typ": "at+jwt", "kid": "k1"})
    );
    assert_eq!(
        decoded(payload),
        json!({
            "iss": "https://learn.example", "aud": "https://learn.example", "sub": "learner-1",
            "iat": 1_900_000_000, "exp": 1_900_000_900, "courses": ["编程"],
        })
    );
    let key = URL_SAFE_NO_PAD
        .decode(vectors["keys"]["k1"].as_str().unwrap())
        .unwrap();
    assert_eq!(signature, sign("HS256", &key, input));
}

pub(crate) fn keys_of(vectors: &Value) -> Keys {
    let file = json!({ "signing": "k1", "keys": vectors["keys"] });
    let file: KeysFile = serde_json::from_value(file).unwrap();
    Keys::try_from(&file).unwrap()
}

/// What came of it, in the words of the vectors.
pub(crate) fn in_words(decision: &Decision) -> (&'static str, Value) {
    match decision {
        Decision::Pass => ("pass", json!({"pass": true})),
        Decision::NotFound => ("not_found", json!({"not_found": true})),
        Decision::Redirect { location } => ("redirect", json!({"redirect": location})),
        Decision::Members { path } => ("members", json!({"members": path})),
        Decision::Renew { location } => ("renew", json!({"renew": location})),
        Decision::Public { path } => ("public", json!({"public": path})),
    }
}

/// The cookies of a vector, which has them in the shape of a CloudFront Functions event.
fn cookies_of(vectors: &Value, request: &Value, now: i64) -> Cookies {
    let mut pairs = Vec::new();
    for (name, cookie) in request["cookies"].as_object().into_iter().flatten() {
        let all = cookie["multiValue"].as_array().cloned();
        for one in all.unwrap_or_else(|| vec![cookie.clone()]) {
            pairs.push((name.clone(), token_of(vectors, &one["value"], now)));
        }
    }
    pairs.into_iter().collect()
}

/// Mints the token that a vector describes; `infra/edge/README.md` says how to read one.
fn token_of(vectors: &Value, value: &Value, now: i64) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let spec = &value["token"];
    let header = merged(
        json!({"alg": "HS256", "typ": "at+jwt", "kid": "k1"}),
        &spec["header"],
    );
    let issued = now - spec["age"].as_i64().unwrap_or(60);
    let expires = issued + spec["life"].as_i64().unwrap_or(900);
    let mut base = json!({
        "iss": vectors["config"]["iss"], "aud": vectors["config"]["aud"], "sub": "learner-1",
        "iat": issued, "exp": expires, "courses": ["rust"],
    });
    if let Some(pad) = spec["pad"].as_u64() {
        base["pad"] = json!("x".repeat(usize::try_from(pad).unwrap()));
    }
    let claims = merged(base, &spec["claims"]);

    let body = match spec["payload"].as_str() {
        Some(text) => URL_SAFE_NO_PAD.encode(text),
        None => encoded(&claims),
    };
    let part = |name: &str, else_encoded: String| {
        let given = spec["parts"][name].as_str();
        given.map_or(else_encoded, str::to_owned)
    };
    let input = format!(
        "{}.{}",
        part("header", encoded(&header)),
        part("payload", body)
    );
    let key = spec["key"].as_str().or(header["kid"].as_str()).unwrap();
    let signed = sign(
        header["alg"].as_str().unwrap_or_default(),
        &secret_of(vectors, key),
        &input,
    );

    let after = &spec["after"];
    let sent = match after.get("claims") {
        Some(changes) => format!("{}.{}", encoded(&header), encoded(&merged(claims, changes))),
        None => input,
    };
    let signature = after["signature"].as_str().unwrap_or(&signed);
    format!(
        "{sent}.{signature}{}",
        after["append"].as_str().unwrap_or_default()
    )
}

pub(crate) fn secret_of(vectors: &Value, name: &str) -> Vec<u8> {
    if name == "config" {
        return serde_json::to_vec(&vectors["config"]).unwrap();
    }
    let secret = vectors["keys"]
        .get(name)
        .or_else(|| vectors["strangers"].get(name));
    URL_SAFE_NO_PAD
        .decode(secret.unwrap().as_str().unwrap())
        .unwrap()
}

pub(crate) fn sign(alg: &str, key: &[u8], input: &str) -> String {
    macro_rules! tag {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(key).unwrap();
            mac.update(input.as_bytes());
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        }};
    }
    match alg {
        "HS384" => tag!(Sha384),
        "HS512" => tag!(Sha512),
        _ => tag!(Sha256),
    }
}

/// `changes` over `base`; null removes.
fn merged(base: Value, changes: &Value) -> Value {
    let Value::Object(mut all) = base else {
        unreachable!("a header and claims are objects")
    };
    all.extend(changes.as_object().cloned().unwrap_or_default());
    Value::Object(
        all.into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect::<Map<_, _>>(),
    )
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap())
}
