//! The receipt's JSON, field by field, as `docs/receipt.schema.json` describes it.
//!
//! Every field is always present, `null` where nothing is known: a program that reads receipts
//! never has to ask whether a name is there. Additions are allowed, changes are not.

use serde::Serialize;

use crate::domain::Timestamp;
use crate::domain::outcome::{DuplicateOf, Finding, Verdict};
use crate::domain::receipt::{RECEIPT_VERSION, Receipt};
use crate::domain::record::Facts;
use crate::domain::submission::{SessionFacts, Submission, SubmissionNumber};

/// Writes a receipt as JSON.
pub(super) fn render(receipt: &Receipt) -> String {
    match serde_json::to_string_pretty(&Form::of(receipt)) {
        Ok(mut json) => {
            json.push('\n');
            json
        }
        // The form has text, numbers and lists only: there is nothing that could fail.
        Err(_impossible) => String::new(),
    }
}

#[derive(Serialize)]
struct Form<'a> {
    receipt_version: &'static str,
    receipt_id: &'a str,
    submission: &'a str,
    r#final: bool,
    status: &'static str,
    outcome: &'static str,
    reason: Option<&'a str>,
    title: &'a str,
    message: &'a str,
    retry: &'static str,
    lane: &'static str,
    door: &'static str,
    account: &'a str,
    submitted_by: String,
    file: File<'a>,
    times: Times,
    session: Option<Session<'a>>,
    document: Document<'a>,
    duplicate_of: Option<Duplicate<'a>>,
    supersedes: Option<&'a str>,
    findings: Vec<Found<'a>>,
    counts: Counted,
    signature: Signature,
    ruleset: Basis<'a>,
    producer: Maker<'a>,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    path: &'a str,
    size_bytes: u64,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Times {
    first_byte: String,
    complete: String,
    decided: String,
}

#[derive(Serialize)]
struct Session<'a> {
    id: &'a str,
    client: &'a str,
    remote_ip: &'a str,
    key_fingerprint: Option<&'a str>,
}

#[derive(Serialize)]
struct Document<'a> {
    vin: Option<&'a str>,
    ivi_reference_id: Option<&'a str>,
    ivi_version_number: Option<u32>,
    manufacturer_stage_number: Option<u32>,
    type_approval_number: Option<&'a str>,
    vehicle_category: Option<&'a str>,
    r#type: Option<&'a str>,
    variant: Option<&'a str>,
    version: Option<&'a str>,
}

#[derive(Serialize)]
struct Duplicate<'a> {
    submission: &'a str,
    decided: String,
    sha256: &'a str,
    same_bytes: bool,
}

#[derive(Serialize)]
struct Found<'a> {
    code: &'static str,
    severity: &'static str,
    layer: &'static str,
    line: Option<u32>,
    column: Option<u32>,
    path: &'a str,
    value: Option<&'a str>,
    expected: Option<&'a str>,
    message: &'a str,
    help: &'a str,
}

#[derive(Serialize)]
struct Counted {
    error: u32,
    warning: u32,
    info: u32,
    truncated: bool,
}

/// Signatures are not checked yet; the names are there for when they are.
#[derive(Serialize)]
struct Signature {
    result: &'static str,
    signer: Option<&'static str>,
    issuer: Option<&'static str>,
    valid_until: Option<&'static str>,
}

#[derive(Serialize)]
struct Basis<'a> {
    schema: &'a str,
    schema_version: &'a str,
    schema_sha256: &'a str,
    rules_version: &'a str,
}

#[derive(Serialize)]
struct Maker<'a> {
    program: &'static str,
    version: &'a str,
    node: &'a str,
}

impl<'a> Form<'a> {
    fn of(receipt: &'a Receipt) -> Self {
        let Receipt {
            submission,
            verdict,
            ..
        } = receipt;
        Self {
            receipt_version: RECEIPT_VERSION,
            receipt_id: &receipt.id,
            submission: submission.number.as_str(),
            r#final: true,
            status: verdict.outcome.status().as_str(),
            outcome: verdict.outcome.as_str(),
            reason: verdict.reason.as_deref(),
            title: &verdict.title,
            message: &verdict.message,
            retry: verdict.retry.as_str(),
            lane: submission.lane.as_str(),
            door: submission.door.as_str(),
            account: submission.account_code.as_str(),
            submitted_by: submitted_by(submission),
            file: File {
                name: &submission.file_name,
                path: &submission.path,
                size_bytes: submission.size_bytes,
                sha256: submission.sha256.as_str(),
            },
            times: Times {
                first_byte: moment(submission.first_byte),
                complete: moment(submission.complete),
                decided: moment(receipt.decided),
            },
            session: submission.session.as_ref().map(Session::of),
            document: Document::of(&receipt.facts),
            duplicate_of: verdict.duplicate_of.as_ref().map(Duplicate::of),
            supersedes: receipt.supersedes.as_ref().map(SubmissionNumber::as_str),
            findings: verdict.findings.iter().map(Found::of).collect(),
            counts: Counted::of(verdict),
            signature: Signature {
                result: "not-checked",
                signer: None,
                issuer: None,
                valid_until: None,
            },
            ruleset: Basis {
                schema: &receipt.ruleset.schema,
                schema_version: &receipt.ruleset.schema_version,
                schema_sha256: &receipt.ruleset.schema_sha256,
                rules_version: &receipt.ruleset.rules_version,
            },
            producer: Maker {
                program: env!("CARGO_PKG_NAME"),
                version: &receipt.producer.version,
                node: &receipt.producer.node,
            },
        }
    }
}

impl<'a> Session<'a> {
    fn of(session: &'a SessionFacts) -> Self {
        Self {
            id: &session.id,
            client: &session.client,
            remote_ip: &session.remote_ip,
            key_fingerprint: session.key_fingerprint.as_deref(),
        }
    }
}

impl<'a> Document<'a> {
    fn of(facts: &'a Facts) -> Self {
        Self {
            vin: facts.vin.as_deref(),
            ivi_reference_id: facts.ivi_reference_id.as_deref(),
            ivi_version_number: facts.ivi_version_number,
            manufacturer_stage_number: facts.manufacturer_stage_number,
            type_approval_number: facts.type_approval_number.as_deref(),
            vehicle_category: facts.vehicle_category.as_deref(),
            r#type: facts.vehicle_type.as_deref(),
            variant: facts.variant.as_deref(),
            version: facts.version.as_deref(),
        }
    }
}

impl<'a> Duplicate<'a> {
    fn of(first: &'a DuplicateOf) -> Self {
        Self {
            submission: first.number.as_str(),
            decided: moment(first.decided),
            sha256: first.sha256.as_str(),
            same_bytes: first.same_bytes,
        }
    }
}

impl<'a> Found<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            code: finding.code,
            severity: finding.severity.as_str(),
            layer: finding.layer.as_str(),
            line: finding.place.map(|place| place.line),
            column: finding.place.map(|place| place.column),
            path: &finding.path,
            value: finding.value.as_deref(),
            expected: finding.expected.as_deref(),
            message: &finding.message,
            help: &finding.help,
        }
    }
}

impl Counted {
    const fn of(verdict: &Verdict) -> Self {
        Self {
            error: verdict.counts.errors,
            warning: verdict.counts.warnings,
            info: verdict.counts.infos,
            truncated: verdict.counts.is_truncated,
        }
    }
}

/// The person, or the machine user with the person answerable for it.
fn submitted_by(submission: &Submission) -> String {
    let (login, person) = (&submission.submitted_by, &submission.uploaded_by);
    if person.is_empty() || person == login {
        login.clone()
    } else {
        format!("{login} ({person})")
    }
}

/// RFC 3339, UTC, milliseconds.
fn moment(time: Timestamp) -> String {
    format!("{time:.3}")
}
