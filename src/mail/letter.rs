//! A mail of the outbox as it goes over the wire: MIME, headers, envelope.
//!
//! *Invariant*: the octets are ASCII, so any mail server takes them; the same mail gives the same
//! headers every time, so a server or reader that sees it twice knows it again.

use jiff::tz::TimeZone;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};

use crate::domain::notice::Mail;

/// Who writes.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    /// `From`, and the envelope's sender.
    pub(crate) from: Mailbox,
    /// `Reply-To`.
    pub(crate) reply_to: Option<Mailbox>,
    /// The time zone of the date in the attachment's name.
    pub(crate) zone: TimeZone,
}

/// A mail as it goes over the wire.
pub(crate) struct Letter {
    /// From whom, to whom.
    pub(crate) envelope: Envelope,
    /// Headers and body.
    pub(crate) octets: Vec<u8>,
}

/// Writes `mail` for the wire; a sentence if it cannot be sent to anybody as it is.
pub(crate) fn seal(mail: &Mail, sender: &Sender) -> Result<Letter, String> {
    let content = &mail.mail;
    let to: Mailbox = content.to.as_str().parse().map_err(|error| {
        format!(
            "'{}' is no address that mail can go to: {error}",
            content.to
        )
    })?;
    let bracketed = |id: &str| format!("<{id}>");
    let fixed = |name, value: &str| HeaderValue::new(name, value.to_owned());
    let mut builder = Message::builder()
        .from(sender.from.clone())
        .to(to)
        .subject(&*content.subject)
        .date(mail.created.into())
        .message_id(Some(bracketed(&content.message_id)))
        .raw_header(fixed(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated",
        ))
        // Exchange answers "out of office" to Reply-To whatever Auto-Submitted says.
        .raw_header(fixed(
            HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"),
            "All",
        ));
    if let Some(reply_to) = &sender.reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    if let Some(first) = &content.references {
        builder = builder
            .in_reply_to(bracketed(first))
            .references(bracketed(first));
    }
    let twins = MultiPart::alternative()
        .singlepart(SinglePart::plain(content.text.clone()))
        .singlepart(SinglePart::html(content.html.clone()));
    let body = match &content.csv {
        None => twins,
        Some(csv) => {
            let date = mail.created.to_zoned(sender.zone.clone()).date();
            let kind = ContentType::parse("text/csv; charset=utf-8; header=present")
                .map_err(|error| format!("the attachment has no type: {error}"))?;
            let table = Attachment::new(format!("ecoc-outcomes-{date}.csv"));
            MultiPart::mixed()
                .multipart(twins)
                .singlepart(table.body(csv.clone(), kind))
        }
    };
    let message = builder
        .multipart(body)
        .map_err(|error| format!("the mail cannot be written: {error}"))?;
    Ok(Letter {
        envelope: message.envelope().clone(),
        octets: message.formatted(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::samples::{mail, sender};
    use mail_parser::{MessageParser, MimeHeaders};

    #[test]
    fn a_reader_finds_text_twin_and_table_in_ascii_octets() {
        let sent = mail();
        let letter = seal(&sent, &sender()).unwrap();
        assert!(letter.octets.is_ascii());
        let read = MessageParser::default().parse(&letter.octets).unwrap();
        assert_eq!(read.subject(), Some(sent.mail.subject.as_str()));
        assert_eq!(read.message_id(), Some(sent.mail.message_id.as_str()));
        let date = read.date().unwrap().to_rfc3339();
        assert_eq!(date, "2026-06-12T10:02:00Z");
        let content = |text: &str| text.replace("\r\n", "\n");
        assert_eq!(content(&read.body_text(0).unwrap()), sent.mail.text);
        assert_eq!(content(&read.body_html(0).unwrap()), sent.mail.html);
        let table = read.attachment(0).unwrap();
        assert_eq!(
            table.attachment_name(),
            Some("ecoc-outcomes-2026-06-12.csv")
        );
        assert_eq!(table.content_type().unwrap().subtype(), Some("csv"));
        assert_eq!(table.text_contents(), sent.mail.csv.as_deref());
        assert_eq!(read.attachment_count(), 1);
    }

    #[test]
    fn the_headers_say_that_a_machine_wrote_and_where_to_ask() {
        let mut sent = mail();
        sent.mail.references = Some("ecoc.first@ecoc.example.org".to_owned());
        let letter = seal(&sent, &sender()).unwrap();
        let text = String::from_utf8(letter.octets.clone()).unwrap();
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        for header in [
            "From: \"Example Authority\" <ecocd@example.org>",
            "To: ann@example.com",
            "Reply-To: enquiries@example.org",
            "Auto-Submitted: auto-generated",
            "In-Reply-To: <ecoc.first@ecoc.example.org>",
            "References: <ecoc.first@ecoc.example.org>",
            "Message-ID: <ecoc.00112233445566778899.aabbccddeeff@ecoc.example.org>",
            "MIME-Version: 1.0",
        ] {
            assert!(headers.contains(header), "{header} is not in\n{headers}");
        }
        assert!(!headers.contains("Disposition-Notification-To"));
        assert!(headers.lines().all(|line| line.len() <= 78), "{headers}");
        let (from, to) = (letter.envelope.from().unwrap(), letter.envelope.to());
        assert_eq!(from.to_string(), "ecocd@example.org");
        assert_eq!(to.len(), 1);
    }

    #[test]
    fn a_line_end_in_a_value_never_becomes_a_header() {
        let mut sent = mail();
        sent.mail.subject = "x\r\nBcc: eve@example.org\r\n\r\nboo".to_owned();
        sent.mail.message_id = "a@b>\r\nBcc: eve@example.org".to_owned();
        sent.mail.references = Some("a@b>\r\nBcc: eve@example.org".to_owned());
        let letter = seal(&sent, &sender()).unwrap();
        let text = String::from_utf8(letter.octets).unwrap();
        assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
        let read = MessageParser::default().parse(text.as_bytes()).unwrap();
        assert!(read.bcc().is_none());
        assert_eq!(letter.envelope.to().len(), 1);
    }

    #[test]
    fn the_same_mail_has_the_same_headers_on_every_try() {
        let head = || {
            let letter = seal(&mail(), &sender()).unwrap();
            let text = String::from_utf8(letter.octets).unwrap();
            let (headers, _) = text.split_once("\r\n\r\n").unwrap();
            let steady = headers.lines().filter(|line| !line.contains("boundary"));
            steady.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(head(), head());
    }
}
