//! Looking submissions up, and sending a held one through again.

use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::domain::outcome::{Outcome, Severity};
use crate::domain::record::Facts;
use crate::domain::submission::{Submission, SubmissionNumber};
use crate::store::{Store, StoreFault};

/// Which submissions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this account's; `None` for all (staff and operators).
    pub account: Option<AccountId>,
    /// The VIN; `*` stands for any run of characters. Without `*` the whole VIN is meant.
    pub vin: Option<String>,
    /// Only those that failed (held ones are shown as failed).
    pub failed_only: bool,
    /// Only held ones.
    pub held_only: bool,
    /// By which column, and which way.
    pub sort: Sort,
    /// Upside down?
    pub is_descending: bool,
    /// Rows to pass over.
    pub offset: u32,
    /// Rows to give, at most 500.
    pub limit: u32,
}

/// A column of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// `Created On`.
    #[default]
    Created,
    /// `VIN`.
    Vin,
    /// `IVI`.
    IviVersion,
    /// `Type Approval`.
    TypeApproval,
    /// `Account`.
    Account,
    /// `Stage`.
    Stage,
    /// `Cat`.
    Category,
    /// `Status`.
    Status,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The submission.
    pub submission: Submission,
    /// What could be read from the document.
    pub facts: Facts,
    /// The outcome, once decided.
    pub outcome: Option<Outcome>,
    /// The verdict's title, once decided.
    pub title: Option<String>,
}

/// A page of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many rows the filter lets through in all.
    pub total: u64,
}

/// A finding as it was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The stable code.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Line and column, if it has a place.
    pub place: Option<(u32, u32)>,
    /// XPath with positions; may be empty.
    pub path: String,
    /// The value found.
    pub value: Option<String>,
    /// What would have been right.
    pub expected: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

/// Everything known of one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The list's row.
    pub row: Row,
    /// The code of the leading reason.
    pub reason: Option<String>,
    /// The verdict's sentence.
    pub message: Option<String>,
    /// The submission that holds the key, if this one is a duplicate or replay of the same account.
    pub duplicate_of: Option<SubmissionNumber>,
    /// The findings, in the receipt's order.
    pub findings: Vec<Summary>,
    /// The receipt as JSON, once decided.
    pub receipt: Option<String>,
    /// Why it is held, if it is.
    pub held_why: Option<String>,
    /// When the receipt was written where the sender finds it.
    pub answered: Option<Timestamp>,
}

impl Store {
    /// A page of submissions.
    pub async fn submissions(&self, filter: &Filter) -> Result<Page, StoreFault> {
        let _ = filter;
        todo!()
    }

    /// One submission; of `account` only, if given.
    pub async fn submission(
        &self,
        number: &SubmissionNumber,
        account: Option<AccountId>,
    ) -> Result<Option<Detail>, StoreFault> {
        let _ = (number, account);
        todo!()
    }

    /// Sends a held submission through again, with no attempts counted; `false` if it is not held.
    pub async fn retry_submission(&self, number: &SubmissionNumber) -> Result<bool, StoreFault> {
        let _ = number;
        todo!()
    }

    /// How many submissions have no outcome and are not held, and when the oldest came.
    pub async fn unfinished(&self) -> Result<(u64, Option<Timestamp>), StoreFault> {
        todo!()
    }
}
