//! The interface's description (OpenAPI 3.1) of all four functions, put together of what stands at
//! the handlers. It is written by a test, so that no function carries what makes it; access serves
//! the text.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};

use crate::problem::Code;
use crate::{access, checkout, comments, metrics};

const ABOUT: &str = "What a browser may ask of a site made with Tuition.

Times are RFC 3339 in UTC, money is in minor units. A call that changes something needs the `Origin` of the site. A body has \
at most 64 KiB and no member that is not named here. A failure is an RFC 9457 problem whose `code` programs may rely on; who \
prefers `text/html` gets a page. No answer has the status 403.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Tuition", description = ABOUT, license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    tags(
        (name = "checkout", description = "Offers, checkout sessions, the payment provider's events"),
        (name = "access", description = "Sign-in, sessions, the account"),
        (name = "comments", description = "The thread under a lesson"),
        (name = "metrics", description = "Usage events, and what an author sees of them"),
    ),
)]
struct Site;

/// The description as it is served: pretty JSON with a final line break.
fn description() -> String {
    let mut site = Site::openapi();
    let others = [
        checkout::Description::openapi(),
        metrics::Description::openapi(),
        metrics::ratings::Description::openapi(),
    ];
    let others = others.into_iter().chain(comments::descriptions());
    for function in access::descriptions().into_iter().chain(others) {
        site.merge(function);
    }
    let components = site.components.get_or_insert_default();
    let cookies = [
        (
            "session",
            "__Host-tuition_session",
            "A signed-in browser, or one that paid; without https it is `tuition_session`",
        ),
        (
            "access",
            "tuition_access",
            "The access token of a signed-in browser, or of one that paid, good for fifteen minutes",
        ),
        (
            "buyer",
            "tuition_checkout",
            "The browser that opened a checkout session",
        ),
        (
            "asking",
            "tuition_sign_in",
            "The browser that asked for a sign-in link",
        ),
    ];
    for (name, cookie, about) in cookies {
        let key = ApiKey::Cookie(ApiKeyValue::with_description(cookie, about));
        components.add_security_scheme(name, SecurityScheme::ApiKey(key));
    }
    let mut text = serde_json::to_value(&site).unwrap();
    let schemas = text["components"]["schemas"].as_object_mut().unwrap();
    schemas.insert("Problem".to_owned(), problem());
    let schemas = schemas.clone();
    let mut refusals = Map::new();
    let mut names = BTreeSet::new();
    for (path, item) in text["paths"].as_object_mut().unwrap() {
        for (method, operation) in item.as_object_mut().unwrap() {
            let codes = problems_of(path, method, operation, &schemas);
            let refused = references_to(codes, &mut refusals);
            let responses = operation["responses"].as_object_mut().unwrap();
            let answers = responses.len() + refused.len();
            responses.extend(refused);
            assert_eq!(responses.len(), answers, "{method} {path}: told twice");
            let tag = operation["tags"][0].as_str().unwrap();
            let name = operation["operationId"].as_str().unwrap();
            let name = format!("{tag}_{name}");
            operation["operationId"] = json!(name);
            assert!(names.insert(name), "{method} {path}: a name of another");
        }
    }
    text["components"]["responses"] = Value::Object(refusals);
    let mut text = serde_json::to_string_pretty(&text).unwrap();
    text.push('\n');
    text
}

/// The shape of every refusal.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "code", "instance"],
        "properties": {
            "type": { "type": "string", "format": "uri", "description": "`urn:tuition:problem:` and the code" },
            "title": { "type": "string", "description": "One sentence, for people" },
            "status": { "type": "integer" },
            "code": { "type": "string", "enum": Code::ALL, "description": meanings(Code::ALL) },
            "instance": { "type": "string", "format": "uri", "description": "This one occurrence, as the log has it" },
            "course": { "type": "string", "description": "Where what is owned already is" },
            "reason": { "type": "string", "description": "Why a coupon does not apply" },
        },
    })
}

/// How an operation can fail: as it says itself, and as all of its kind do.
fn problems_of(
    path: &str,
    method: &str,
    operation: &mut Value,
    schemas: &Map<String, Value>,
) -> BTreeSet<Code> {
    let operation = operation.as_object_mut().unwrap();
    let own = operation.remove("x-problems").unwrap_or(json!([]));
    let own: Vec<Name> = serde_json::from_value(own).unwrap();
    let mut codes: BTreeSet<Code> = own.into_iter().map(|name| name.0).collect();
    codes.extend([Code::Internal, Code::Unavailable]);
    if path != "/api/checkout/webhook" {
        if method != "get" && path != "/api/comments/unsubscribe" {
            codes.insert(Code::Origin);
        }
        if let Some(body) = operation.get("requestBody") {
            codes.extend(body_problems(body, schemas));
        }
    }
    codes
}

/// One response for each status, written out in `refusals`, where others may use it too.
fn references_to(codes: BTreeSet<Code>, refusals: &mut Map<String, Value>) -> Map<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        let status = code.status().as_u16();
        by_status.entry(status).or_default().push(code);
    }
    let references = by_status.into_iter().map(|(status, codes)| {
        let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
        let name = names.join(".");
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        refusals.insert(name, refusal(status, &codes));
        (status.to_string(), reference)
    });
    references.collect()
}

/// What can be wrong with any body.
fn body_problems(body: &Value, schemas: &Map<String, Value>) -> Vec<Code> {
    let mut codes = vec![Code::Body, Code::Json, Code::TooLarge, Code::MediaType];
    for (kind, content) in body["content"].as_object().unwrap() {
        if kind == "application/x-www-form-urlencoded" {
            codes.push(Code::Form);
        }
        let schema = content["schema"]["$ref"].as_str().unwrap();
        let name = schema.rsplit('/').next().unwrap();
        if schemas[name]["additionalProperties"] == json!(false) {
            codes.push(Code::UnknownField);
        }
    }
    codes
}

fn refusal(status: u16, codes: &[Code]) -> Value {
    let mut response = json!({
        "description": meanings(codes),
        "content": {
            "application/problem+json": {
                "schema": {
                    "allOf": [
                        { "$ref": "#/components/schemas/Problem" },
                        { "properties": { "status": { "const": status }, "code": { "enum": codes } } },
                    ],
                },
            },
            "text/html": { "schema": { "type": "string" } },
        },
    });
    if status == 429 || status == 503 {
        response["headers"] = json!({
            "Retry-After": { "required": true, "description": "Seconds", "schema": { "type": "integer", "minimum": 1 } },
        });
    }
    response
}

fn meanings(codes: &[Code]) -> String {
    let lines: Vec<_> = codes
        .iter()
        .map(|code| format!("- `{}`: {}", code.as_str(), code.meaning()))
        .collect();
    lines.join("\n")
}

/// A code, as it stands at a handler.
struct Name(Code);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let found = Code::ALL.iter().find(|code| code.as_str() == text);
        found
            .map(|code| Self(*code))
            .ok_or_else(|| serde::de::Error::custom("no such code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_served_description_is_that_of_the_code() {
        let described = description();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
            #[expect(clippy::disallowed_methods, reason = "expected output is written anew")]
            std::fs::write(path, &described).unwrap();
        } else {
            let served = include_str!("../openapi.json");
            assert!(served == described, "run `cargo task golden`");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let text: Value = serde_json::from_str(&description()).unwrap();
        let mut wrong = Vec::new();
        references(&text, &mut |reference| {
            let pointer = reference.trim_start_matches('#');
            if text.pointer(pointer).is_none() {
                wrong.push(reference.to_owned());
            }
        });
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    fn references(value: &Value, found: &mut impl FnMut(&str)) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if name == "$ref" => found(text),
                        member => references(member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
}
