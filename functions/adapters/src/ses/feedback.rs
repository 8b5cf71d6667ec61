//! What Amazon SES publishes of bounces and complaints, as a function gets it through SNS
//! (Amazon SES, "Examples of event data that SES publishes to Amazon SNS").

use serde::Deserialize;
use tuition_domain::email::Email;
use tuition_domain::feedback::{Feedback, FeedbackKind};

/// What SNS hands to a function.
#[derive(Deserialize)]
struct Delivery {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "Sns")]
    sns: Notification,
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Message")]
    message: String,
}

/// An event; a member for each kind that matters.
#[derive(Deserialize)]
struct Event {
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// The feedback in what SNS hands over: none for other kinds of event, and for addresses that
/// are none of ours.
///
/// # Errors
/// When it is no delivery of SNS, or a message in it is no JSON of SES.
pub fn feedback(delivery: &serde_json::Value) -> Result<Vec<Feedback>, serde_json::Error> {
    let delivery = Delivery::deserialize(delivery)?;
    let mut all = Vec::new();
    for record in delivery.records {
        let event: Event = serde_json::from_str(&record.sns.message)?;
        if let Some(bounce) = event.bounce {
            let kind = match bounce.bounce_type.as_str() {
                "Permanent" => FeedbackKind::PermanentBounce,
                _ => FeedbackKind::TransientBounce,
            };
            all.extend(of(bounce.bounced_recipients, kind));
        }
        if let Some(complaint) = event.complaint {
            all.extend(of(complaint.complained_recipients, FeedbackKind::Complaint));
        }
    }
    Ok(all)
}

fn of(recipients: Vec<Recipient>, kind: FeedbackKind) -> impl Iterator<Item = Feedback> {
    recipients.into_iter().filter_map(move |recipient| {
        // `Name <address>` is possible here too.
        let address = recipient.email_address;
        let bare = address
            .rsplit_once('<')
            .map_or(address.as_str(), |(_, rest)| rest.trim_end_matches('>'));
        let email = Email::parse(bare).ok()?;
        Some(Feedback { email, kind })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(message: &serde_json::Value) -> Vec<(String, FeedbackKind)> {
        let delivery = json!({"Records": [{"EventSource": "aws:sns", "Sns": {
            "Type": "Notification", "Message": message.to_string()}}]});
        feedback(&delivery)
            .unwrap()
            .into_iter()
            .map(|feedback| (feedback.email.as_str().to_owned(), feedback.kind))
            .collect()
    }

    #[test]
    fn bounces_and_complaints_name_their_recipients() {
        let bounce = |kind: &str| {
            json!({"eventType": "Bounce", "mail": {}, "bounce": {"bounceType": kind,
                "bouncedRecipients": [{"emailAddress": "A Name <a@x.example>", "status": "5.1.1"}]}})
        };
        let a = "a@x.example".to_owned();
        assert_eq!(
            told(&bounce("Permanent")),
            [(a.clone(), FeedbackKind::PermanentBounce)]
        );
        assert_eq!(
            told(&bounce("Undetermined")),
            [(a.clone(), FeedbackKind::TransientBounce)]
        );
        let complaint = json!({"eventType": "Complaint", "complaint": {
            "complainedRecipients": [{"emailAddress": "a@x.example"}]}});
        assert_eq!(told(&complaint), [(a, FeedbackKind::Complaint)]);
        assert!(told(&json!({"eventType": "Delivery", "delivery": {}})).is_empty());
    }

    #[test]
    fn what_is_no_delivery_is_refused() {
        assert!(feedback(&json!({"job": "outbox"})).is_err());
        let broken = json!({"Records": [{"Sns": {"Message": "no json"}}]});
        assert!(feedback(&broken).is_err());
    }
}
