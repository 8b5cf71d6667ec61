//! Reads a raw message (RFC 5322, MIME) into what the outbox shows. Attachments are refused.

use mailparse::{DispositionType, MailAddr, MailHeaderMap as _, ParsedMail};
use thiserror::Error;

use super::Letter;

/// Why a raw message was not taken.
#[derive(Debug, Error)]
pub(crate) enum RawError {
    #[error("the message cannot be read: {0}")]
    Unreadable(#[from] mailparse::MailParseError),
    #[error("the message has a part that the outbox would lose: {0}")]
    UnsupportedPart(String),
    #[error("the message has neither text nor HTML")]
    Empty,
}

pub(crate) fn read_raw(bytes: &[u8]) -> Result<Letter, RawError> {
    let message = mailparse::parse_mail(bytes)?;
    let mut letter = Letter {
        from: addresses(&message, "From")?
            .into_iter()
            .next()
            .unwrap_or_default(),
        to: addresses(&message, "To")?,
        cc: addresses(&message, "Cc")?,
        bcc: addresses(&message, "Bcc")?,
        reply_to: addresses(&message, "Reply-To")?,
        subject: message
            .headers
            .get_first_value("Subject")
            .unwrap_or_default(),
        ..Letter::default()
    };
    for header in &message.headers {
        let name = header.get_key();
        let shown_elsewhere = ["from", "to", "cc", "bcc", "reply-to", "subject"];
        if shown_elsewhere.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        let value = header.get_value();
        letter
            .headers
            .entry(name)
            .and_modify(|all| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert(value);
    }
    for part in message.parts() {
        let kind = part.ctype.mimetype.as_str();
        let attached = part.get_content_disposition().disposition == DispositionType::Attachment;
        match kind {
            multipart if multipart.starts_with("multipart/") => {}
            "text/plain" if !attached => letter.text.push_str(&part.get_body()?),
            "text/html" if !attached => letter.html.push_str(&part.get_body()?),
            other => return Err(RawError::UnsupportedPart(other.to_owned())),
        }
    }
    if letter.text.is_empty() && letter.html.is_empty() {
        return Err(RawError::Empty);
    }
    Ok(letter)
}

fn addresses(message: &ParsedMail<'_>, name: &str) -> Result<Vec<String>, RawError> {
    let mut out = Vec::new();
    for header in message.headers.get_all_headers(name) {
        for address in mailparse::addrparse_header(header)?.iter() {
            match address {
                MailAddr::Single(one) => out.push(one.to_string()),
                MailAddr::Group(group) => out.extend(group.addrs.iter().map(ToString::to_string)),
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_multipart_message_reads_as_it_was_written() {
        let raw = concat!(
            "From: Shop <shop@example.org>\r\nTo: a@example.org, B <b@example.org>\r\n",
            "Subject: =?UTF-8?B?6K++56iL?=\r\nX-Key: k1\r\nMIME-Version: 1.0\r\n",
            "Content-Type: multipart/alternative; boundary=x\r\n\r\n",
            "--x\r\nContent-Type: text/plain; charset=utf-8\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9 =\r\nhere\r\n",
            "--x\r\nContent-Type: text/html; charset=utf-8\r\n",
            "Content-Transfer-Encoding: base64\r\n\r\nPHA+5L2g5aW9PC9wPg==\r\n--x--\r\n",
        );
        let letter = read_raw(raw.as_bytes()).unwrap();
        assert_eq!(letter.subject, "课程");
        assert_eq!(letter.to.len(), 2);
        assert!(letter.to[1].contains("b@example.org"));
        assert_eq!(letter.text.trim_end(), "café here");
        assert_eq!(letter.html.trim_end(), "<p>你好</p>");
        assert_eq!(letter.headers["X-Key"], "k1");
    }

    #[test]
    fn an_attachment_is_refused_rather_than_lost() {
        let raw = concat!(
            "From: a@example.org\r\nTo: b@example.org\r\nMIME-Version: 1.0\r\n",
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n",
            "--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n",
            "--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\nx\r\n--x--\r\n",
        );
        assert!(matches!(
            read_raw(raw.as_bytes()),
            Err(RawError::UnsupportedPart(_))
        ));
    }
}
