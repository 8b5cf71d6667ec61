//! What a mail's receiver says back: bounces and complaints, as SES publishes them through SNS.
//!
//! The message is an SES event record in an SNS `Notification`, as SNS posts it to an HTTP subscriber.
//! Sources: <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>. It is not signed: the
//! keys for that are Amazon's.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Mail;
use jiff::Timestamp;

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Feedback {
    /// The mail was not delivered.
    Bounce(Bounce),
    /// It was, and its receiver called it spam.
    Complaint,
}

/// How a mail was not delivered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Bounce {
    /// There is no such address.
    Permanent,
    /// Not now: the mailbox is full.
    Transient,
}

/// The envelope that SNS posts, `id` being its message id and that of the feedback.
pub(crate) fn notification(mail: &Mail, feedback: Feedback, id: &str, now: Timestamp) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": event(mail, feedback, id, now).to_string(),
        "Timestamp": millis(now),
        "SignatureVersion": "1",
        "Signature": "bm90IHNpZ25lZDogdGhlIHRlc3Qgb3V0Ym94",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-test-outbox.pem",
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    })
}

/// The topic that the test outbox publishes to.
pub(crate) const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:test-outbox";

fn event(mail: &Mail, feedback: Feedback, id: &str, now: Timestamp) -> Value {
    let everyone: Vec<&str> = mail
        .to
        .iter()
        .chain(&mail.cc)
        .chain(&mail.bcc)
        .map(|address| bare(address))
        .collect();
    match feedback {
        Feedback::Bounce(bounce) => {
            let (kind, subtype, status, diagnosis) = match bounce {
                Bounce::Permanent => (
                    "Permanent",
                    "General",
                    "5.1.1",
                    "smtp; 550 5.1.1 user unknown",
                ),
                Bounce::Transient => (
                    "Transient",
                    "MailboxFull",
                    "4.2.2",
                    "smtp; 452 4.2.2 mailbox full",
                ),
            };
            let recipients: Vec<Value> = everyone
                .iter()
                .map(|address| {
                    json!({
                        "emailAddress": address,
                        "action": "failed",
                        "status": status,
                        "diagnosticCode": diagnosis,
                    })
                })
                .collect();
            json!({
                "eventType": "Bounce",
                "bounce": {
                    "bounceType": kind,
                    "bounceSubType": subtype,
                    "bouncedRecipients": recipients,
                    "timestamp": millis(now),
                    "feedbackId": id,
                    "reportingMTA": "dsn; mta.example",
                },
                "mail": about(mail, &everyone),
            })
        }
        Feedback::Complaint => {
            let recipients: Vec<Value> = everyone
                .iter()
                .map(|address| json!({ "emailAddress": address }))
                .collect();
            json!({
                "eventType": "Complaint",
                "complaint": {
                    "arrivalDate": millis(now),
                    "complainedRecipients": recipients,
                    "complaintFeedbackType": "abuse",
                    "complaintSubType": null,
                    "feedbackId": id,
                    "timestamp": millis(now),
                    "userAgent": "Test outbox",
                },
                "mail": about(mail, &everyone),
            })
        }
    }
}

fn about(mail: &Mail, everyone: &[&str]) -> Value {
    let mut headers = vec![
        json!({ "name": "From", "value": mail.from }),
        json!({ "name": "To", "value": mail.to.join(", ") }),
        json!({ "name": "Subject", "value": mail.subject }),
    ];
    headers.extend(
        mail.headers
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value })),
    );
    json!({
        "timestamp": millis(mail.sent_at),
        "messageId": mail.id,
        "source": mail.from,
        "sourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.org",
        "sendingAccountId": "000000000000",
        "destination": everyone,
        "headersTruncated": false,
        "headers": headers,
        "commonHeaders": {
            "from": [mail.from],
            "to": mail.to,
            "messageId": mail.id,
            "subject": mail.subject,
        },
        "tags": {},
    })
}

/// `a@example.org` of `Name <a@example.org>`.
fn bare(address: &str) -> &str {
    address
        .rsplit_once('<')
        .and_then(|(_, rest)| rest.strip_suffix('>'))
        .unwrap_or(address)
}

/// As AWS writes times: `2026-01-01T00:00:00.000Z`.
fn millis(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            id: "m-1".to_owned(),
            from: "Shop <shop@example.org>".to_owned(),
            to: vec!["Ann <ann@example.org>".to_owned()],
            cc: Vec::new(),
            bcc: vec!["b@example.org".to_owned()],
            reply_to: Vec::new(),
            subject: "收据".to_owned(),
            text: "x".to_owned(),
            html: String::new(),
            headers: [("X-Key".to_owned(), "k".to_owned())].into(),
            sent_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_bounce_names_mail_and_addresses() {
        let now = "2026-01-02T03:04:05.678Z".parse().unwrap();
        let feedback = Feedback::Bounce(Bounce::Permanent);
        let envelope = notification(&mail(), feedback, "f-1", now);
        assert_eq!(envelope["Type"], "Notification");
        assert_eq!(envelope["Timestamp"], "2026-01-02T03:04:05.678Z");
        let event: Value = serde_json::from_str(envelope["Message"].as_str().unwrap()).unwrap();
        assert_eq!(event["eventType"], "Bounce");
        assert_eq!(event["bounce"]["bounceType"], "Permanent");
        let bounced = &event["bounce"]["bouncedRecipients"];
        assert_eq!(bounced[0]["emailAddress"], "ann@example.org");
        assert_eq!(bounced[1]["emailAddress"], "b@example.org");
        assert_eq!(event["mail"]["messageId"], "m-1");
        assert_eq!(event["mail"]["headers"][3]["name"], "X-Key");
    }

    #[test]
    fn a_complaint_names_who_complained() {
        let envelope = notification(&mail(), Feedback::Complaint, "f-2", Timestamp::UNIX_EPOCH);
        let event: Value = serde_json::from_str(envelope["Message"].as_str().unwrap()).unwrap();
        assert_eq!(event["eventType"], "Complaint");
        let complained = &event["complaint"]["complainedRecipients"];
        assert_eq!(complained[0]["emailAddress"], "ann@example.org");
    }
}
