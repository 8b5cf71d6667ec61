//! The embedded DynamoDB over its own protocol; the AWS SDK meets it in the adapters' tests.

use http::Method;
use serde_json::{Value, json};

use crate::stage::{Reply, Stage, send};

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0";

pub async fn call(url: &str, operation: &str, body: &Value) -> Reply {
    let target = format!("DynamoDB_20120810.{operation}");
    let headers = [
        ("authorization", AUTHORIZATION),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-date", "20260101T000000Z"),
        ("x-amz-target", target.as_str()),
    ];
    send(
        &crate::stage::client(),
        Method::POST,
        url,
        &headers,
        body.to_string(),
    )
    .await
}

pub fn table() -> Value {
    json!({
        "TableName": "table",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
    })
}

#[tokio::test]
async fn a_condition_is_held_against_what_is_written() {
    let stage = Stage::start().await;
    let url = stage.stand_ins.dynamodb_url();
    call(&url, "CreateTable", &table()).await.ok();
    let put = json!({
        "TableName": "table",
        "Item": { "pk": { "S": "a" } },
        "ConditionExpression": "attribute_not_exists(pk)",
    });
    call(&url, "PutItem", &put).await.ok();
    let refused = call(&url, "PutItem", &put).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("ConditionalCheckFailedException"));
}
