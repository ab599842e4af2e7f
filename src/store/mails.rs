//! The outbox: notices gathered into mails, and mails with their attempts.

use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::account::{Account, MailAddress, MailPreference, UserId};
use crate::domain::notice::{Attempt, Mail, MailId, NewMail, Notice, NoticeId};
use crate::store::{Store, StoreFault};

/// A person who may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The user.
    pub user: UserId,
    /// Its name.
    pub name: String,
    /// Its address.
    pub mail: MailAddress,
    /// What it wants to hear of.
    pub preference: MailPreference,
}

/// The notices of one account that wait, with those who may be told.
#[derive(Debug, Clone)]
pub struct WindowDue {
    /// Whose they are.
    pub account: Account,
    /// When the last mail of this account was put into the outbox.
    pub last_mail: Option<Timestamp>,
    /// The Message-ID of the account's first mail of the last 24 hours.
    pub first_message_id: Option<String>,
    /// The notices, oldest first; at most 10,000.
    pub notices: Vec<Notice>,
    /// The account's active users with a mail address.
    pub recipients: Vec<Recipient>,
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailNext {
    /// It was taken.
    Sent,
    /// Try again then.
    Again(Timestamp),
    /// Never again.
    GiveUp,
}

impl Store {
    /// For each account with notices that wait: when the oldest of them was made, the oldest
    /// failure among them, and when the account's last mail was made. Cheap: asked every second.
    pub async fn waiting_windows(
        &self,
    ) -> Result<
        Vec<(
            crate::domain::account::AccountId,
            Timestamp,
            Option<Timestamp>,
            Option<Timestamp>,
        )>,
        StoreFault,
    > {
        todo!()
    }

    /// The waiting notices of one account.
    pub async fn window(
        &self,
        account: crate::domain::account::AccountId,
    ) -> Result<Option<WindowDue>, StoreFault> {
        let _ = account;
        todo!()
    }

    /// Puts mails into the outbox and marks the notices that they tell of, in one transaction.
    /// A mail whose Message-ID and recipient are there already is not put in again.
    pub async fn close_window(
        &self,
        notices: &[NoticeId],
        mails: &[NewMail],
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let _ = (notices, mails, now);
        todo!()
    }

    /// Takes up to `limit` mails that are due, and keeps other nodes from them for `lease`.
    pub async fn due_mails(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Mail>, StoreFault> {
        let _ = (now, lease, limit);
        todo!()
    }

    /// Writes an attempt into a mail's history and says what follows.
    pub async fn mail_attempted(
        &self,
        id: MailId,
        attempt: &Attempt,
        next: MailNext,
    ) -> Result<(), StoreFault> {
        let _ = (id, attempt, next);
        todo!()
    }

    /// The newest mails, with where they stand.
    pub async fn mails(&self, limit: u32) -> Result<Vec<Mail>, StoreFault> {
        let _ = limit;
        todo!()
    }

    /// The attempts of a mail, oldest first.
    pub async fn mail_attempts(&self, id: MailId) -> Result<Vec<Attempt>, StoreFault> {
        let _ = id;
        todo!()
    }

    /// Makes a mail due now, whatever became of it before; `false` if it was sent or is not there.
    pub async fn retry_mail(&self, id: MailId, now: Timestamp) -> Result<bool, StoreFault> {
        let _ = (id, now);
        todo!()
    }
}
