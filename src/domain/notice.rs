//! Messages to people: what waits in the outbox, and what became of each attempt.

use crate::domain::account::{AccountId, MailAddress, UserId};
use crate::domain::{Timestamp, id, words};

id! {
    /// A notice's row.
    NoticeId
}
id! {
    /// A mail's row in the outbox.
    MailId
}

words! {
    /// Where a mail in the outbox stands.
    MailStatus {
        /// To be sent, now or later.
        Waiting = "waiting",
        /// Taken by the mail server.
        Sent = "sent",
        /// Refused for good, or given up after the last attempt.
        Failed = "failed",
    }
}

/// One outcome that people are to be told of. Written in the transaction that files the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its row.
    pub id: NoticeId,
    /// Whose users are told.
    pub account: AccountId,
    /// The submission's number.
    pub submission: String,
    /// Did it fail?
    pub is_failure: bool,
    /// The sender's name for the file.
    pub file_name: String,
    /// The VIN, if it could be read.
    pub vin: Option<String>,
    /// The verdict's title.
    pub title: String,
    /// The verdict's sentence.
    pub message: String,
    /// When it was decided.
    pub decided: Timestamp,
}

/// A mail ready for the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// To whom.
    pub to: MailAddress,
    /// Whose mail it is, if a user's.
    pub user: Option<UserId>,
    /// Of which account it tells.
    pub account: Option<AccountId>,
    /// Without angle brackets; decided by what the mail tells, so that it never changes on a retry.
    pub message_id: String,
    /// The Message-ID of the day's first mail, if this is not the first.
    pub references: Option<String>,
    /// The subject.
    pub subject: String,
    /// The plain text body.
    pub text: String,
    /// The HTML twin.
    pub html: String,
    /// The window's outcomes as CSV, attached.
    pub csv: Option<String>,
}

/// A mail in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its row.
    pub id: MailId,
    /// What is sent.
    pub mail: NewMail,
    /// Where it stands.
    pub status: MailStatus,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, if it waits.
    pub next_attempt: Option<Timestamp>,
    /// When it was put into the outbox.
    pub created: Timestamp,
    /// What the last attempt said.
    pub last_answer: Option<String>,
    /// When somebody last had it tried again.
    pub retried: Option<Timestamp>,
}

/// One try at sending a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub started: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// Did the server take it?
    pub is_success: bool,
    /// What the server, or our side of the wire, said.
    pub answer: String,
}
