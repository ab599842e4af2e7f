//! One submission judged and decided, with its receipt. Pure but for the identifier it is handed.

use crate::check::{self, Reading, Schema, Settings};
use crate::domain::Timestamp;
use crate::domain::outcome::{Case, Verdict, decide_within, not_processed};
use crate::domain::receipt::{Producer, Receipt};
use crate::domain::record::{Background, Facts, Holder};
use crate::domain::submission::{Door, Submission};

/// By what a submission is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge<'a> {
    /// The schema.
    pub(super) schema: &'a Schema,
    /// The limits and weights.
    pub(super) settings: &'a Settings,
    /// The node's name, for receipts.
    pub(super) node: &'a str,
}

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matter<'a> {
    /// The submission.
    pub(super) submission: &'a Submission,
    /// What was read of it.
    pub(super) reading: &'a Reading,
    /// What the rules must know of other documents.
    pub(super) background: &'a Background,
    /// Who turned out to hold the key when the verdict was filed; takes the place of the
    /// background's, which was older.
    pub(super) holder: Option<&'a Holder>,
    /// As which door the octets sent again are seen; see [`decide_within`].
    pub(super) door: Door,
}

impl Judge<'_> {
    /// Judges and decides.
    pub(super) fn receipt(&self, matter: &Matter<'_>, id: String, now: Timestamp) -> Receipt {
        let Matter {
            submission,
            reading,
            background,
            ..
        } = *matter;
        let mut findings = reading.findings.clone();
        findings.extend(check::judge(reading, background, self.settings, now));
        let mut verdict = decide_within(
            findings,
            &Case {
                account: submission.account,
                door: matter.door,
                sha256: &submission.sha256,
                holder: matter.holder.or(background.holder.as_ref()),
            },
            usize::try_from(self.settings.findings_max).unwrap_or(usize::MAX),
        );
        verdict.counts = verdict.counts.and_unlisted(reading.unlisted);
        Receipt {
            supersedes: supersedes(&verdict, background),
            facts: reading.facts.clone(),
            ..self.bare(submission, verdict, id, now)
        }
    }

    /// The receipt of a submission that an operator ends with a sentence, unread.
    pub(super) fn ended(
        &self,
        submission: &Submission,
        sentence: &str,
        id: String,
        now: Timestamp,
    ) -> Receipt {
        self.bare(submission, not_processed(sentence), id, now)
    }

    /// A receipt that says nothing of what is in the document.
    fn bare(
        &self,
        submission: &Submission,
        verdict: Verdict,
        id: String,
        now: Timestamp,
    ) -> Receipt {
        Receipt {
            id,
            submission: Submission {
                status: verdict.outcome.status(),
                decided: Some(now),
                ..submission.clone()
            },
            decided: now,
            verdict,
            facts: Facts::default(),
            supersedes: None,
            ruleset: self.schema.ruleset(),
            producer: Producer {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                node: self.node.to_owned(),
            },
        }
    }
}

/// Only what is recorded takes the place of anything.
fn supersedes(
    verdict: &Verdict,
    background: &Background,
) -> Option<crate::domain::submission::SubmissionNumber> {
    if is_recorded(verdict) {
        background.supersedes.clone()
    } else {
        None
    }
}

/// Does this verdict make a record (on the live lane)?
pub(super) const fn is_recorded(verdict: &Verdict) -> bool {
    use crate::domain::outcome::Outcome;
    matches!(
        verdict.outcome,
        Outcome::Accepted | Outcome::AcceptedWithWarnings
    )
}
