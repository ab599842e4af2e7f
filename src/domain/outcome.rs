//! Findings, and the outcome that follows from them.

use std::borrow::Cow;

use crate::domain::account::AccountId;
use crate::domain::record::Holder;
use crate::domain::submission::{Door, Sha256, Status, SubmissionNumber};
use crate::domain::{Timestamp, words};

words! {
    /// How much a finding weighs.
    Severity {
        /// Said for information.
        Info = "info",
        /// Accepted, but doubtful.
        Warning = "warning",
        /// Not accepted.
        Error = "error",
    }
}

words! {
    /// At which depth of reading a finding was made.
    Layer {
        /// The file as a file: its name, size, completeness.
        Transport = "transport",
        /// The octets as text.
        Encoding = "encoding",
        /// The text as XML.
        Xml = "xml",
        /// The XML against the schema.
        Schema = "schema",
        /// The values against each other and against what we hold.
        Rule = "rule",
        /// The electronic signature.
        Signature = "signature",
    }
}

/// Where in the file as sent: both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

/// One thing that a check saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable code, such as `S03-pattern`; its first three letters are the reason's code.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Where in the reading it was made.
    pub layer: Layer,
    /// The place; `None` when it is about the file as a whole.
    pub place: Option<Place>,
    /// The path with positions, such as `/InitialVehicleInformation/Header[1]/IviVersionNumber[1]`;
    /// empty when it is about the file as a whole.
    pub path: String,
    /// The value found, at most 100 characters, control characters escaped.
    pub value: Option<String>,
    /// What would have been right.
    pub expected: Option<String>,
    /// One plain sentence: what is wrong.
    pub message: String,
    /// What to do about it, or where to read more; may be empty.
    pub help: Cow<'static, str>,
}

/// At most this many findings go into a receipt; past it the receipt says `truncated`.
///
/// Reason: nobody mends more than that by hand, and a hostile file must not make a large answer.
pub const FINDINGS_MAX: usize = 200;

/// How many findings of each severity, counted before any were cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: u32,
    /// Warnings.
    pub warnings: u32,
    /// For information.
    pub infos: u32,
    /// Were findings left out?
    pub is_truncated: bool,
}

impl Counts {
    /// Counts `findings`, none of which was cut yet.
    pub fn of(findings: &[Finding]) -> Self {
        Self::within(findings, FINDINGS_MAX)
    }

    /// The same, when at most `findings_max` are going to be listed.
    fn within(findings: &[Finding], findings_max: usize) -> Self {
        let count = |severity| {
            let number = findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count();
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            is_truncated: findings.len() > findings_max,
        }
    }

    /// These, with errors that were only counted, since there are more than are ever listed.
    #[must_use]
    pub fn and_unlisted(self, errors: u32) -> Self {
        Self {
            errors: self.errors.saturating_add(errors),
            is_truncated: self.is_truncated || errors > 0,
            ..self
        }
    }
}

words! {
    /// Why a submission ended as it did.
    Outcome {
        /// Recorded.
        Accepted = "accepted",
        /// Recorded; something in it is doubtful.
        AcceptedWithWarnings = "accepted-with-warnings",
        /// The very octets that were recorded before, sent again by a machine: nothing new recorded.
        Replayed = "replayed",
        /// Something is wrong with it.
        Rejected = "rejected",
        /// Another document holds its key.
        Duplicate = "duplicate",
        /// Our fault, ended by an operator.
        NotProcessed = "not-processed",
    }
}

impl Outcome {
    /// The status that goes with it.
    pub const fn status(self) -> Status {
        match self {
            Self::Accepted | Self::AcceptedWithWarnings | Self::Replayed => Status::Succeeded,
            Self::Rejected | Self::Duplicate | Self::NotProcessed => Status::Failed,
        }
    }
}

words! {
    /// What the sender should do next.
    Retry {
        /// Nothing: sending it again changes nothing.
        No = "no",
        /// Send the same file again.
        SameFile = "same-file",
        /// Mend the file, then send it.
        AfterFix = "after-fix",
    }
}

/// The portal's words for a key that is taken.
pub const DUPLICATE_TITLE: &str = "Duplicate submission";
/// The portal's words for a key that is taken.
pub const DUPLICATE_MESSAGE: &str = "A submission with the same VehicleIdentificationNumber, IviVersionNumber and ManufacturerStageNumber already exists.";

/// The first submission of a key, as the sender of the second may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateOf {
    /// Its number.
    pub number: SubmissionNumber,
    /// When it was accepted.
    pub decided: Timestamp,
    /// The SHA-256 of its octets.
    pub sha256: Sha256,
    /// Are its octets those of this submission?
    pub same_bytes: bool,
}

/// A submission decided: everything that its receipt says of the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Why it ended so.
    pub outcome: Outcome,
    /// The code of the leading reason, such as `S01`; `None` when accepted.
    pub reason: Option<String>,
    /// A few words.
    pub title: String,
    /// One plain sentence.
    pub message: String,
    /// What to do next.
    pub retry: Retry,
    /// Who holds the key, if that is why (and the holder is of the same account).
    pub duplicate_of: Option<DuplicateOf>,
    /// The findings, errors first, then by place; at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// How many there were.
    pub counts: Counts,
}

/// What [`decide`] must know besides the findings.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// Whose submission it is.
    pub account: AccountId,
    /// How it came: the web calls the same octets a duplicate, machines a replay.
    pub door: Door,
    /// The SHA-256 of its octets.
    pub sha256: &'a Sha256,
    /// Who holds its key, if anybody.
    pub holder: Option<&'a Holder>,
}

/// Decides. Errors weigh most, then the key, then warnings.
///
/// A file that is wrong in itself is `rejected` even when its key is taken: the sender must mend it
/// first anyway, and the findings say more.
pub fn decide(findings: Vec<Finding>, case: &Case<'_>) -> Verdict {
    decide_within(findings, case, FINDINGS_MAX)
}

/// The same, but lists no more than `findings_max` findings, nor more than [`FINDINGS_MAX`].
pub fn decide_within(mut findings: Vec<Finding>, case: &Case<'_>, findings_max: usize) -> Verdict {
    let findings_max = findings_max.min(FINDINGS_MAX);
    let counts = Counts::within(&findings, findings_max);
    // The leading reason is the deepest error that stopped the reading: layers come in the order
    // of reading, so the first error of the first layer leads.
    findings.sort_by(|one, other| {
        other
            .severity
            .cmp(&one.severity)
            .then(one.layer.cmp(&other.layer))
            .then(one.place.cmp(&other.place))
    });
    findings.truncate(findings_max);
    if let Some(lead) = findings
        .first()
        .filter(|finding| finding.severity == Severity::Error)
    {
        let reason: String = lead.code.chars().take(3).collect();
        return Verdict {
            outcome: Outcome::Rejected,
            title: reason_title(&reason).to_owned(),
            message: lead.message.clone(),
            retry: if reason == "T02" {
                Retry::SameFile
            } else {
                Retry::AfterFix
            },
            reason: Some(reason),
            duplicate_of: None,
            findings,
            counts,
        };
    }
    if let Some(holder) = case.holder {
        return taken(holder, case, findings, counts);
    }
    let (outcome, title, message) = if counts.warnings > 0 {
        let noun = if counts.warnings == 1 {
            "warning"
        } else {
            "warnings"
        };
        let message = format!(
            "The certificate was recorded, with {} {noun}.",
            counts.warnings
        );
        (
            Outcome::AcceptedWithWarnings,
            "Accepted with warnings",
            message,
        )
    } else {
        (
            Outcome::Accepted,
            "Accepted",
            "The certificate was recorded.".to_owned(),
        )
    };
    Verdict {
        outcome,
        reason: None,
        title: title.to_owned(),
        message,
        retry: Retry::No,
        duplicate_of: None,
        findings,
        counts,
    }
}

/// The verdict on a submission whose key `holder` has.
fn taken(holder: &Holder, case: &Case<'_>, findings: Vec<Finding>, counts: Counts) -> Verdict {
    let same_bytes = holder.sha256 == *case.sha256;
    let same_account = holder.account == case.account;
    // Another manufacturer's submission is never shown, not even its number.
    let duplicate_of = same_account.then(|| DuplicateOf {
        number: holder.number.clone(),
        decided: holder.decided,
        sha256: holder.sha256.clone(),
        same_bytes,
    });
    if same_bytes && same_account && case.door != Door::Web {
        return Verdict {
            outcome: Outcome::Replayed,
            reason: None,
            title: "Accepted before".to_owned(),
            message: format!(
                "These very octets were accepted before as {}; nothing was recorded twice.",
                holder.number
            ),
            retry: Retry::No,
            duplicate_of,
            findings,
            counts,
        };
    }
    Verdict {
        outcome: Outcome::Duplicate,
        reason: Some(if same_bytes { "D02" } else { "D01" }.to_owned()),
        title: DUPLICATE_TITLE.to_owned(),
        message: DUPLICATE_MESSAGE.to_owned(),
        retry: Retry::No,
        duplicate_of,
        findings,
        counts,
    }
}

/// The verdict with which an operator ends a held submission.
pub fn not_processed(message: &str) -> Verdict {
    Verdict {
        outcome: Outcome::NotProcessed,
        reason: Some("E01".to_owned()),
        title: "File processing failed".to_owned(),
        message: message.to_owned(),
        retry: Retry::SameFile,
        duplicate_of: None,
        findings: Vec::new(),
        counts: Counts::default(),
    }
}

/// The portal's words for a reason's code.
fn reason_title(reason: &str) -> &'static str {
    match reason.as_bytes().first() {
        Some(b'T') => "Invalid file",
        Some(b'N' | b'X' | b'S') => "Invalid xml",
        Some(b'G') => "Invalid signature",
        _ => "Invalid data",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::submission::SubmissionId;

    fn finding(code: &'static str, severity: Severity, layer: Layer, line: u32) -> Finding {
        Finding {
            code,
            severity,
            layer,
            place: Some(Place { line, column: 1 }),
            path: String::new(),
            value: None,
            expected: None,
            message: format!("{code} at {line}"),
            help: Cow::default(),
        }
    }

    fn sha(letter: char) -> Sha256 {
        Sha256::new(&letter.to_string().repeat(64)).unwrap()
    }

    fn holder(letter: char) -> Holder {
        Holder {
            submission: SubmissionId(1),
            number: SubmissionNumber::new("SUB-22222222").unwrap(),
            account: AccountId(1),
            decided: Timestamp::UNIX_EPOCH,
            sha256: sha(letter),
        }
    }

    fn outcome(
        findings: Vec<Finding>,
        account: i64,
        door: Door,
        holder: Option<&Holder>,
    ) -> Verdict {
        decide(
            findings,
            &Case {
                account: AccountId(account),
                door,
                sha256: &sha('a'),
                holder,
            },
        )
    }

    #[test]
    fn the_same_octets_are_replayed_by_machines_and_duplicate_on_the_web() {
        let holder = holder('a');
        assert_eq!(
            outcome(vec![], 1, Door::Sftp, Some(&holder)).outcome,
            Outcome::Replayed
        );
        let web = outcome(vec![], 1, Door::Web, Some(&holder));
        assert_eq!(
            (web.outcome, web.reason.as_deref()),
            (Outcome::Duplicate, Some("D02"))
        );
    }

    #[test]
    fn another_accounts_submission_is_never_named() {
        let verdict = outcome(vec![], 2, Door::Sftp, Some(&holder('a')));
        assert_eq!(verdict.outcome, Outcome::Duplicate);
        assert_eq!(verdict.duplicate_of, None);
        assert_eq!(verdict.message, DUPLICATE_MESSAGE);
    }

    #[test]
    fn the_first_error_of_the_first_layer_leads() {
        let verdict = outcome(
            vec![
                finding("B01-version-zero", Severity::Error, Layer::Rule, 2),
                finding("B20-x", Severity::Warning, Layer::Rule, 1),
                finding("S03-pattern", Severity::Error, Layer::Schema, 9),
            ],
            1,
            Door::Sftp,
            Some(&holder('a')),
        );
        assert_eq!(verdict.outcome, Outcome::Rejected);
        assert_eq!(verdict.reason.as_deref(), Some("S03"));
        assert_eq!(verdict.title, "Invalid xml");
        assert_eq!((verdict.counts.errors, verdict.counts.warnings), (2, 1));
    }

    #[test]
    fn warnings_do_not_reject() {
        let verdict = outcome(
            vec![finding("B20-x", Severity::Warning, Layer::Rule, 1)],
            1,
            Door::Sftp,
            None,
        );
        assert_eq!(verdict.outcome, Outcome::AcceptedWithWarnings);
        assert_eq!(
            verdict.message,
            "The certificate was recorded, with 1 warning."
        );
    }

    #[test]
    fn a_receipt_holds_two_hundred_findings_and_counts_all() {
        let many = (0..300)
            .map(|line| finding("S03-x", Severity::Error, Layer::Schema, line))
            .collect();
        let verdict = outcome(many, 1, Door::Sftp, None);
        assert_eq!(verdict.findings.len(), FINDINGS_MAX);
        assert_eq!(verdict.counts.errors, 300);
        assert!(verdict.counts.is_truncated);
    }

    #[test]
    fn a_site_may_list_fewer_findings_but_never_more() {
        let listed = |count: u32, unlisted: u32, findings_max| {
            let many = (0..count)
                .map(|line| finding("S03-x", Severity::Error, Layer::Schema, line))
                .collect();
            let sha256 = sha('a');
            let case = Case {
                account: AccountId(1),
                door: Door::Sftp,
                sha256: &sha256,
                holder: None,
            };
            let verdict = decide_within(many, &case, findings_max);
            let counts = verdict.counts.and_unlisted(unlisted);
            (verdict.findings.len(), counts.errors, counts.is_truncated)
        };
        assert_eq!(listed(3, 0, 3), (3, 3, false));
        assert_eq!(listed(4, 0, 3), (3, 4, true));
        assert_eq!(listed(3, 4, 3), (3, 7, true));
        assert_eq!(listed(300, 0, 1000), (FINDINGS_MAX, 300, true));
    }
}
