//! What account mails say: one event a mail, always sent, whatever the recipient's preference.
//!
//! *Why a room of its own*: the pages put such a mail into the outbox in the transaction of what it
//! tells of, and may not use `mail`, which sends.
//!
//! *Trust*: names are what people typed; control characters and those that turn the direction of
//! writing are made visible before they go anywhere, and nothing of them can begin a header.

pub mod joining;
pub mod office;
pub mod people;

use askama::Template;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::config::{Service, message_host};
use crate::domain::account::{AccountId, MailAddress, UserId};
use crate::domain::harmless::harmless;
use crate::domain::notice::NewMail;

/// A piece of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A paragraph.
    Text(String),
    /// What to follow, and where it leads.
    Link(String, String),
}

/// A letter before it is addressed.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    subject: String,
    parts: Vec<Part>,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Links and passwords stay out of every log.
        write!(form, "Letter({:?})", self.subject)
    }
}

impl Letter {
    /// A letter without content.
    pub fn new(subject: &str) -> Self {
        Self {
            subject: harmless(subject),
            parts: Vec::new(),
        }
    }

    /// The same with a paragraph more.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.parts.push(Part::Text(harmless(text)));
        self
    }

    /// The same with a link more; `url` is one of ours.
    #[must_use]
    pub fn link(mut self, label: &str, url: &str) -> Self {
        self.parts.push(Part::Link(harmless(label), url.to_owned()));
        self
    }
}

#[derive(Template)]
#[template(path = "letter.txt", config = "src/letters/templates/askama.toml")]
struct Text<'a> {
    letter: &'a Letter,
    service: &'a Service,
}

#[derive(Template)]
#[template(path = "letter.html", config = "src/letters/templates/askama.toml")]
struct Html<'a> {
    letter: &'a Letter,
    service: &'a Service,
}

/// To whom a letter goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient<'a> {
    /// The address.
    pub to: &'a MailAddress,
    /// The user, if the person is one.
    pub user: Option<UserId>,
    /// The account that it is about.
    pub account: Option<AccountId>,
}

/// A letter ready for the outbox. `id` is unique to the event (a deed's id): the same event gives
/// the same Message-ID, so that it is put in once however often that is tried.
pub fn write(service: &Service, to: &Recipient<'_>, id: &str, letter: &Letter) -> NewMail {
    let host = message_host(&service.public_url);
    // The address makes two letters of one event differ, without showing it to the other.
    let mut seal = Sha256::new();
    seal.update(id);
    seal.update([0]);
    seal.update(to.to.as_str());
    let seal = HEXLOWER.encode(seal.finalize().get(..16).unwrap_or_default());
    NewMail {
        to: to.to.clone(),
        user: to.user,
        account: to.account,
        message_id: format!("account.{seal}@{host}"),
        references: None,
        subject: letter.subject.clone(),
        // Writing into a text cannot fail, and these templates do nothing else.
        text: Text { letter, service }.render().unwrap_or_default(),
        html: Html { letter, service }.render().unwrap_or_default(),
        csv: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_the_same_in_text_and_html() {
        let letter = Letter::new("Hello\r\nBcc: x")
            .text("You & <b>I</b>")
            .link("Redeem invitation", "http://127.0.0.1:8080/redeem/abc");
        let to = MailAddress::new("ann@example.com").unwrap();
        let to = Recipient {
            to: &to,
            user: None,
            account: None,
        };
        let service = Service::default();
        let mail = write(&service, &to, "1", &letter);
        assert_eq!(mail.subject, "Hello\\u{d}\\u{a}Bcc: x");
        assert!(mail.text.starts_with(
            "You & <b>I</b>\n\nRedeem invitation:\nhttp://127.0.0.1:8080/redeem/abc\n\nQuestions?"
        ), "{}", mail.text);
        assert!(
            mail.html.contains("You &#38; &#60;b&#62;I&#60;/b&#62;"),
            "{}",
            mail.html
        );
        assert!(
            mail.html
                .contains("href=\"http://127.0.0.1:8080/redeem/abc\"")
        );
        assert_eq!(
            mail,
            write(&service, &to, "1", &letter),
            "the same event, the same mail"
        );
        assert_ne!(
            mail.message_id,
            write(&service, &to, "2", &letter).message_id
        );
        assert!(
            mail.message_id.ends_with("@127.0.0.1"),
            "{}",
            mail.message_id
        );
        assert!(!format!("{letter:?}").contains("redeem"));
    }
}
