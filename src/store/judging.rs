//! What the pipeline needs: claim, ask, file, answer.

use std::sync::Arc;

use crate::domain::Timestamp;
use crate::domain::account::AccountCode;
use crate::domain::outcome::Verdict;
use crate::domain::record::{Background, Facts, Holder};
use crate::domain::submission::{Sha256, Submission, SubmissionId};
use crate::store::{Store, StoreFault};

/// A submission claimed for judging, its attempt already counted and committed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The submission; `attempts` counts this one.
    pub submission: Submission,
    /// Its octets as they came.
    pub octets: Vec<u8>,
}

/// What [`Store::claim`] found.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// To be judged now.
    pub claimed: Vec<Claimed>,
    /// Set aside just now, because they were begun `attempts_max` times without an end.
    pub held: Vec<Submission>,
}

/// A verdict to be filed.
#[derive(Debug, Clone)]
pub struct Filing {
    /// Which submission.
    pub submission: SubmissionId,
    /// The verdict. `Accepted` and `AcceptedWithWarnings` on the live lane make a record.
    pub verdict: Verdict,
    /// What could be read from the document.
    pub facts: Facts,
    /// The receipt's identifier.
    pub receipt_id: String,
    /// The receipt, as JSON, as it will be written.
    pub receipt: String,
    /// When it was decided.
    pub decided: Timestamp,
    /// Are people to be told? `false` on the test lane.
    pub has_notice: bool,
}

/// What came of filing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filed {
    /// Committed.
    Done,
    /// The verdict would have made a record, but another submission holds the key. Nothing was
    /// changed: decide again with this holder.
    DuplicateOf(Holder),
    /// It was filed before (by another node, after our lease ran out). Nothing was changed.
    Already,
}

/// A receipt that is filed and not yet written where the sender finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which submission.
    pub submission: SubmissionId,
    /// The submission's number.
    pub number: crate::domain::submission::SubmissionNumber,
    /// Whose drop folder.
    pub account_code: AccountCode,
    /// The path of the file as the sender sees it; the receipt goes beside it.
    pub path: String,
    /// `false` for files that never lay in a drop folder (web): the receipt goes to `/receipts` only.
    pub has_drop: bool,
    /// The receipt as JSON.
    pub receipt: String,
    /// When it was decided: the receipt file's time, and its day below `/receipts`.
    pub decided: Timestamp,
}

impl Store {
    /// Claims up to `limit` submissions that wait or whose lease ran out, oldest first; counts the
    /// attempt and commits before it hands out the octets.
    pub async fn claim(
        &self,
        limit: u32,
        node: &str,
        now: Timestamp,
        lease_until: Timestamp,
        attempts_max: u32,
    ) -> Result<Work, StoreFault> {
        let _ = (limit, node, now, lease_until, attempts_max);
        todo!()
    }

    /// Gives claimed submissions back unjudged, as if the attempt had not been made.
    pub async fn release(&self, submissions: &[SubmissionId]) -> Result<(), StoreFault> {
        let _ = submissions;
        todo!()
    }

    /// Sets a submission aside for an operator.
    pub async fn hold(&self, submission: SubmissionId, why: &str) -> Result<(), StoreFault> {
        let _ = (submission, why);
        todo!()
    }

    /// What the rules must know of other documents.
    pub async fn background(&self, facts: &Facts) -> Result<Background, StoreFault> {
        let _ = facts;
        todo!()
    }

    /// Files a verdict: status, outcome, findings, record, receipt and notice in one transaction.
    pub async fn file(&self, filing: Arc<Filing>) -> Result<Filed, StoreFault> {
        let _ = filing;
        todo!()
    }

    /// Receipts that are filed and not yet written, oldest first.
    pub async fn unanswered(&self, limit: u32) -> Result<Vec<Answer>, StoreFault> {
        let _ = limit;
        todo!()
    }

    /// Notes that these receipts are written.
    pub async fn answered(
        &self,
        submissions: &[SubmissionId],
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let _ = (submissions, now);
        todo!()
    }

    /// The octets of a document.
    pub async fn document(&self, sha256: &Sha256) -> Result<Option<Vec<u8>>, StoreFault> {
        let _ = sha256;
        todo!()
    }
}
