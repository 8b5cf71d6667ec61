//! A rotation at a deployed stage, as its requests go over the wire. Parameter Store and KeyValueStore are played by one
//! function here, from their documented protocols; no emulator has a KeyValueStore. Parameter Store once more by
//! ministack, where the task starts one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_config::Region;
use aws_sdk_ssm::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tuition_adapters::OsEntropy;
use tuition_domain::ports::Clock;
use tuition_domain::token::rotation::{Advance, Begin, Phase, SPREAD, advance, begin};

use super::*;

const STORE: &str =
    "arn:aws:cloudfront::123456789012:key-value-store/00000000-0000-0000-0000-000000000000";

/// Both services, and all that they were sent.
#[derive(Debug, Default)]
struct Aws {
    parameters: BTreeMap<String, String>,
    gate: BTreeMap<String, String>,
    tag: u32,
    /// How many more changes come too late.
    conflicts: u32,
    requests: Vec<String>,
}

impl Aws {
    fn answer(&mut self, request: &HttpRequest) -> (u16, Value, Option<String>) {
        let header = |name| request.headers().get(name).unwrap_or_default().to_owned();
        let body: Value =
            serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let (_, rest) = request.uri().split_once("://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let path = path.split('?').next().unwrap();
        let target = header("x-amz-target");
        self.requests
            .push(format!("{} {host}/{path} {target}", request.method()));
        if host.starts_with("ssm.") {
            assert!(header("authorization").starts_with("AWS4-HMAC-SHA256 "));
            return self.parameter_store(&target, &body);
        }
        // One signature for all regions, as the service demands.
        assert!(header("authorization").starts_with("AWS4-ECDSA-P256-SHA256 "));
        assert_eq!(header("x-amz-region-set"), "*");
        self.key_value_store(request.method(), path, &header("if-match"), &body)
    }

    fn parameter_store(&mut self, target: &str, body: &Value) -> (u16, Value, Option<String>) {
        let name = body["Name"].as_str().unwrap().to_owned();
        match target {
            "AmazonSSM.GetParameter" => {
                assert_eq!(body["WithDecryption"], true);
                match self.parameters.get(&name) {
                    Some(value) => (
                        200,
                        json!({"Parameter": {"Name": name, "Value": value}}),
                        None,
                    ),
                    None => (400, json!({"__type": "ParameterNotFound"}), None),
                }
            }
            "AmazonSSM.PutParameter" => {
                assert_eq!(
                    (&body["Type"], &body["Overwrite"]),
                    (&json!("SecureString"), &json!(true))
                );
                let value = body["Value"].as_str().unwrap().to_owned();
                self.parameters.insert(name, value);
                (200, json!({"Version": 1}), None)
            }
            other => panic!("{other}"),
        }
    }

    fn key_value_store(
        &mut self,
        method: &str,
        path: &str,
        tag: &str,
        body: &Value,
    ) -> (u16, Value, Option<String>) {
        let store = STORE.replace(':', "%3A").replace('/', "%2F");
        let rest = path
            .strip_prefix(&format!("key-value-stores/{store}"))
            .unwrap();
        let whole = json!({"ItemCount": self.gate.len(), "TotalSizeInBytes": 1, "KvsARN": STORE, "Created": 1_795_000_000});
        let current = || Some(format!("tag-{}", self.tag));
        match (method, rest.strip_prefix("/keys/")) {
            ("GET", None) if rest.is_empty() => return (200, whole, current()),
            ("GET", None) => {
                let items: Vec<Value> = self
                    .gate
                    .iter()
                    .map(|(key, value)| json!({"Key": key, "Value": value}))
                    .collect();
                return (200, json!({ "Items": items }), None);
            }
            _ => {}
        }
        if self.conflicts > 0 {
            self.conflicts -= 1;
            self.tag += 1;
            return (409, json!({"__type": "ConflictException"}), None);
        }
        assert_eq!(
            Some(tag.to_owned()),
            current(),
            "a change names what it changes"
        );
        let key = rest.strip_prefix("/keys/").unwrap().to_owned();
        match method {
            "PUT" => self
                .gate
                .insert(key, body["Value"].as_str().unwrap().to_owned()),
            "DELETE" if !self.gate.contains_key(&key) => {
                return (404, json!({"__type": "ResourceNotFoundException"}), None);
            }
            "DELETE" => self.gate.remove(&key),
            other => panic!("{other}"),
        };
        self.tag += 1;
        (200, whole, Some(format!("tag-{}", self.tag)))
    }
}

#[derive(Debug, Clone)]
struct Wire(Arc<Mutex<Aws>>);

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body, tag) = self.0.lock().unwrap().answer(&request);
        let mut response =
            HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()));
        if let Some(tag) = tag {
            response.headers_mut().insert("etag", tag);
        }
        if let Some(kind) = body["__type"].as_str() {
            response
                .headers_mut()
                .insert("x-amzn-errortype", kind.to_owned());
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

fn identity() -> aws_config::ConfigLoader {
    let credentials = Credentials::new("test", "test", None, None, "test");
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
}

async fn stage() -> (DeployedStage, Arc<Mutex<Aws>>) {
    let aws = Arc::new(Mutex::new(Aws::default()));
    aws.lock()
        .unwrap()
        .gate
        .insert(CONFIG_ENTRY.to_owned(), "{}".to_owned());
    let wire = SharedHttpConnector::new(Wire(Arc::clone(&aws)));
    let sdk = identity()
        .http_client(http_client_fn(move |_, _| wire.clone()))
        .load()
        .await;
    (DeployedStage::at("live", STORE.to_owned(), &sdk), aws)
}

struct Hands(Mutex<Timestamp>);

impl Hands {
    fn new() -> Self {
        Self(Mutex::new(Timestamp::from_second(1_800_000_000).unwrap()))
    }

    fn wait(&self, time: SignedDuration) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Runs a rotation to its end, and returns what it did.
async fn rotated(store: &dyn KeyStore, clock: &Hands) -> Vec<Advance> {
    let (mut done, mut how) = (Vec::new(), Begin::Yes);
    loop {
        let step = advance(store, clock, &OsEntropy, how).await.unwrap();
        how = Begin::No;
        match step {
            Advance::Settled => return done,
            Advance::Waits { phase, .. } => clock.wait(match phase {
                Phase::Verifying => SPREAD,
                _ => SignedDuration::from_mins(16),
            }),
            did => done.push(did),
        }
    }
}

#[tokio::test]
async fn a_stage_gets_its_first_key_and_then_another_one() {
    let (stage, aws) = stage().await;
    assert_eq!(stage.stored().await.unwrap(), None);
    let first = begin(&stage, &OsEntropy).await.unwrap();
    let clock = Hands::new();
    let done = rotated(&stage, &clock).await;
    let keys = stage.keys().await.unwrap();
    let [
        Advance::Made { id },
        Advance::Signs { .. },
        Advance::Removed { id: gone },
    ] = &*done
    else {
        panic!("{done:?}");
    };
    assert_eq!((id, gone), (&keys.signing, &first));
    assert_eq!(stage.at_gate().await.unwrap(), BTreeSet::from([id.clone()]));

    let aws = aws.lock().unwrap();
    assert_eq!(aws.gate[id], keys.keys[id]);
    assert!(aws.gate.contains_key(CONFIG_ENTRY), "what is no key stays");
    let names: Vec<&String> = aws.parameters.keys().collect();
    assert_eq!(names, ["/tuition/live/access-keys"]);
    let hosts: BTreeSet<&str> = aws
        .requests
        .iter()
        .filter_map(|request| request.split([' ', '/']).nth(1))
        .collect();
    let expected = [
        "123456789012.cloudfront-kvs.global.api.aws",
        "ssm.eu-central-1.amazonaws.com",
    ];
    assert_eq!(hosts, BTreeSet::from(expected));
}

#[tokio::test]
async fn a_change_that_came_too_late_is_made_again() {
    let (stage, aws) = stage().await;
    aws.lock().unwrap().conflicts = 2;
    stage.give_to_gate("k1", "secret").await.unwrap();
    assert_eq!(aws.lock().unwrap().gate["k1"], "secret");
    aws.lock().unwrap().conflicts = 2;
    stage.take_from_gate("k1").await.unwrap();
    stage.take_from_gate("k1").await.unwrap();
    aws.lock().unwrap().conflicts = u32::MAX;
    let refused = stage.give_to_gate("k2", "hidden-text").await.unwrap_err();
    assert!(
        refused.to_string().contains("ConflictException"),
        "{refused}"
    );
    assert!(!format!("{refused:?}").contains("hidden-text"));
}

/// Run by `cargo task audit emulator`, which starts it.
#[tokio::test]
#[ignore = "needs an emulator of AWS, whose address is in TUITION_EMULATOR"]
async fn a_rotation_on_parameter_store_in_the_emulator() {
    let emulator = environment("TUITION_EMULATOR").expect("TUITION_EMULATOR");
    let (mut stage, aws) = stage().await;
    let sdk = identity().endpoint_url(emulator).load().await;
    stage.ssm = aws_sdk_ssm::Client::new(&sdk);
    let first = begin(&stage, &OsEntropy).await.unwrap();
    let done = rotated(&stage, &Hands::new()).await;
    assert_eq!(done.len(), 3, "{done:?}");
    let keys = stage.keys().await.unwrap();
    assert!(keys.signing != first && keys.keys.len() == 1);
    assert_eq!(
        aws.lock().unwrap().gate[&keys.signing],
        keys.keys[&keys.signing]
    );
    assert!(aws.lock().unwrap().parameters.is_empty());
}
