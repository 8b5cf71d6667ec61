//! Mail against the SES double.

use serde_json::json;
use tuition_adapters::{SesMailer, aws};
use tuition_domain::ports::Mailer as _;

use crate::sample;
use crate::stage::Stage;

fn mailer(stage: &Stage) -> SesMailer {
    let url = stage.stand_ins.mail_url();
    SesMailer::new(
        &aws::made_up(),
        Some(&url),
        "Shop <shop@x.example>".to_owned(),
    )
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let stage = Stage::start().await;
    let to = sample::email("reader");
    let mail = sample::mail(&to);
    mailer(&stage).send(&mail).await.unwrap();
    let outbox = stage.outbox().await;
    assert_eq!(outbox.len(), 1);
    let arrived = &outbox[0];
    assert!(arrived["to"].to_string().contains(to.as_str()));
    assert_eq!(arrived["subject"], mail.subject);
    assert_eq!(arrived["text"], mail.text);
    assert_eq!(arrived["html"], mail.html);
}

#[tokio::test]
async fn a_refused_mail_is_an_error_that_names_nobody() {
    let stage = Stage::start().await;
    for status in [400, 429, 500] {
        stage
            .post("/_dev/outbox/faults", json!({"status": status}))
            .await;
        let to = sample::email("reader");
        let error = mailer(&stage).send(&sample::mail(&to)).await.unwrap_err();
        let error = format!("{error:?}");
        assert!(!error.contains("x.example"), "{error}");
    }
    assert!(stage.outbox().await.is_empty());
}
