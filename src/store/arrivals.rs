//! Arrivals: octets and row in one transaction, shared by all that come at the same time.

use std::sync::Arc;

use crate::domain::account::AccountId;
use crate::domain::submission::{Arrival, FileMark, Sha256, SubmissionId, SubmissionNumber};
use crate::store::{Store, StoreFault};

/// An arrival with its number.
#[derive(Debug, Clone)]
pub struct NewArrival {
    /// The number drawn for it.
    pub number: SubmissionNumber,
    /// The SHA-256 of its octets.
    pub sha256: Sha256,
    /// The arrival.
    pub arrival: Arc<Arrival>,
}

/// What came of taking an arrival in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// Committed.
    Taken(SubmissionId),
    /// The number was drawn before; draw another.
    NumberTaken,
}

/// A file in a drop folder that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drop {
    /// Whose drop folder.
    pub account: AccountId,
    /// The path as the sender sees it.
    pub path: String,
    /// The file as it was when it was taken.
    pub mark: FileMark,
    /// The SHA-256 of its octets.
    pub sha256: Sha256,
    /// The submission made of it.
    pub submission: SubmissionId,
}

impl Store {
    /// Commits an arrival: document (compressed, once per SHA-256), submission and, if it has a
    /// mark, the drop that takes the place of an older one of the same account and path.
    pub async fn arrive(&self, new: NewArrival) -> Result<Arrived, StoreFault> {
        let _ = new;
        todo!()
    }

    /// All drops, to be kept in memory by intake.
    pub async fn drops(&self) -> Result<Vec<Drop>, StoreFault> {
        todo!()
    }

    /// The file was touched, or renamed onto itself: it has a new mark and the same octets.
    pub async fn remark_drop(
        &self,
        account: AccountId,
        path: &str,
        mark: FileMark,
    ) -> Result<(), StoreFault> {
        let _ = (account, path, mark);
        todo!()
    }

    /// The file is gone from the drop folder.
    pub async fn forget_drop(&self, account: AccountId, path: &str) -> Result<(), StoreFault> {
        let _ = (account, path);
        todo!()
    }
}
