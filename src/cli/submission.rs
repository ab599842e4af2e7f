//! `ecocd submission`: what was handed in, and what became of it.

use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use serde_json::Value as Json;

use crate::cli::arguments::{self, Output};
use crate::cli::desk::{Desk, at_desk};
use crate::cli::ending::Ending;
use crate::cli::moment;
use crate::cli::table::{Table, details, safe, sheet, text};
use crate::domain::audit::Action;
use crate::domain::outcome::Outcome;
use crate::domain::submission::SubmissionNumber;
use crate::store::{Detail, Filter, Row, Summary};

/// Does what was asked.
pub(crate) fn run(config: Option<&Path>, wish: arguments::Submission) -> anyhow::Result<Ending> {
    at_desk(config, async |desk| match wish {
        arguments::Submission::List {
            vin,
            failed,
            held,
            account,
            limit,
            output,
        } => {
            let account = match &account {
                Some(code) => Some(desk.account(code).await?.id),
                None => None,
            };
            let filter = Filter {
                account,
                vin: vin.map(|vin| vin.trim().to_owned()),
                failed_only: failed,
                held_only: held,
                is_descending: true,
                limit,
                ..Filter::default()
            };
            list(desk, &filter, output).await
        }
        arguments::Submission::Show { number, output } => show(desk, &number, output).await,
        arguments::Submission::Retry { number, output } => retry(desk, &number, output).await,
    })
}

/// A submission, for programs.
#[derive(Debug, Serialize)]
struct Form {
    submission: String,
    status: &'static str,
    outcome: Option<&'static str>,
    is_held: bool,
    lane: &'static str,
    door: &'static str,
    account: String,
    submitted_by: String,
    uploaded_by: String,
    file_name: String,
    path: String,
    size_bytes: u64,
    sha256: String,
    first_byte: String,
    complete: String,
    decided: Option<String>,
    attempts: u32,
    vin: Option<String>,
    ivi_version_number: Option<u32>,
    manufacturer_stage_number: Option<u32>,
    type_approval_number: Option<String>,
    vehicle_category: Option<String>,
    title: Option<String>,
}

impl Form {
    fn of(row: &Row) -> Self {
        let (submission, facts) = (&row.submission, &row.facts);
        Self {
            submission: submission.number.to_string(),
            status: submission.status.as_str(),
            outcome: row.outcome.map(Outcome::as_str),
            is_held: submission.is_held,
            lane: submission.lane.as_str(),
            door: submission.door.as_str(),
            account: submission.account_code.to_string(),
            submitted_by: submission.submitted_by.clone(),
            uploaded_by: submission.uploaded_by.clone(),
            file_name: submission.file_name.clone(),
            path: submission.path.clone(),
            size_bytes: submission.size_bytes,
            sha256: submission.sha256.to_string(),
            first_byte: moment::stamp(submission.first_byte),
            complete: moment::stamp(submission.complete),
            decided: submission.decided.map(moment::stamp),
            attempts: submission.attempts,
            vin: facts.vin.clone(),
            ivi_version_number: facts.ivi_version_number,
            manufacturer_stage_number: facts.manufacturer_stage_number,
            type_approval_number: facts.type_approval_number.clone(),
            vehicle_category: facts.vehicle_category.clone(),
            title: row.title.clone(),
        }
    }
}

async fn list(desk: &Desk, filter: &Filter, output: Output) -> anyhow::Result<()> {
    let page = desk.store.submissions(filter).await?;
    let forms: Vec<Form> = page.rows.iter().map(Form::of).collect();
    output.answer(&forms, || {
        let mut table = Table::new([
            "NUMBER", "CREATED", "ACCOUNT", "VIN", "IVI", "STAGE", "STATUS", "OUTCOME", "FILE",
        ]);
        for row in &page.rows {
            table.row(cells(row));
        }
        let rows = table.or("No submissions.");
        let shown = page.rows.len();
        if page.total > u64::try_from(shown).unwrap_or(u64::MAX) {
            let more = if page.has_more { "more than " } else { "" };
            format!(
                "{rows}{shown} of {more}{}; --limit shows more\n",
                page.total
            )
        } else {
            rows
        }
    })
}

fn cells(row: &Row) -> [String; 9] {
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let submission = &row.submission;
    [
        submission.number.to_string(),
        moment::shown(submission.complete),
        submission.account_code.to_string(),
        row.facts.vin.clone().unwrap_or_default(),
        number(row.facts.ivi_version_number),
        number(row.facts.manufacturer_stage_number),
        status(row),
        row.outcome
            .map(|outcome| outcome.to_string())
            .unwrap_or_default(),
        submission.path.clone(),
    ]
}

/// The status in the portal's words, and that a person must look, if so.
fn status(row: &Row) -> String {
    let submission = &row.submission;
    if submission.is_held {
        "held".to_owned()
    } else {
        submission.status.to_string()
    }
}

/// A finding, for programs.
#[derive(Debug, Serialize)]
struct FindingForm<'a> {
    code: &'a str,
    severity: &'static str,
    line: Option<u32>,
    column: Option<u32>,
    path: &'a str,
    value: Option<&'a str>,
    expected: Option<&'a str>,
    message: &'a str,
    help: &'a str,
}

impl<'a> FindingForm<'a> {
    fn of(finding: &'a Summary) -> Self {
        Self {
            code: &finding.code,
            severity: finding.severity.as_str(),
            line: finding.place.map(|(line, _)| line),
            column: finding.place.map(|(_, column)| column),
            path: &finding.path,
            value: finding.value.as_deref(),
            expected: finding.expected.as_deref(),
            message: &finding.message,
            help: &finding.help,
        }
    }
}

/// Everything known of one submission, for programs.
#[derive(Debug, Serialize)]
struct DetailForm<'a> {
    #[serde(flatten)]
    submission: Form,
    reason: Option<&'a str>,
    message: Option<&'a str>,
    duplicate_of: Option<String>,
    held_why: Option<&'a str>,
    answered: Option<String>,
    findings: Vec<FindingForm<'a>>,
    /// The receipt as the sender got it.
    receipt: Option<Json>,
}

impl<'a> DetailForm<'a> {
    fn of(detail: &'a Detail) -> Self {
        Self {
            submission: Form::of(&detail.row),
            reason: detail.reason.as_deref(),
            message: detail.message.as_deref(),
            duplicate_of: detail.duplicate_of.as_ref().map(ToString::to_string),
            held_why: detail.held_why.as_deref(),
            answered: detail.answered.map(moment::stamp),
            findings: detail.findings.iter().map(FindingForm::of).collect(),
            receipt: detail
                .receipt
                .as_deref()
                .and_then(|json| serde_json::from_str(json).ok()),
        }
    }
}

async fn show(desk: &Desk, number: &SubmissionNumber, output: Output) -> anyhow::Result<()> {
    let detail = find(desk, number).await?;
    output.answer(&DetailForm::of(&detail), || {
        let facts = sheet(&lines(&detail));
        if detail.findings.is_empty() {
            return facts;
        }
        let mut findings: Vec<String> = detail.findings.iter().flat_map(paragraph).collect();
        if detail.findings_left_out > 0 {
            findings.push(format!(
                "{} more findings are not listed",
                detail.findings_left_out
            ));
        }
        format!("{facts}\n{}", text(&findings))
    })
}

async fn find(desk: &Desk, number: &SubmissionNumber) -> anyhow::Result<Detail> {
    let detail = desk.store.submission(number, None).await?;
    detail.with_context(|| format!("there is no submission {number}"))
}

fn lines(detail: &Detail) -> Vec<(&'static str, String)> {
    let words = |words: &Option<String>| words.clone().unwrap_or_default();
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let row = &detail.row;
    let (submission, facts) = (&row.submission, &row.facts);
    let session = submission.session.as_ref();
    vec![
        ("Number", submission.number.to_string()),
        ("Status", status(row)),
        (
            "Outcome",
            row.outcome
                .map(|outcome| outcome.to_string())
                .unwrap_or_default(),
        ),
        ("Reason", words(&detail.reason)),
        ("Title", words(&row.title)),
        ("Message", words(&detail.message)),
        ("Held because", words(&detail.held_why)),
        (
            "Duplicate of",
            detail
                .duplicate_of
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        ),
        (
            "Account",
            format!("{} ({})", submission.account_code, submission.account_name),
        ),
        ("Submitted by", submission.submitted_by.clone()),
        ("Uploaded by", submission.uploaded_by.clone()),
        ("Door", format!("{}, {}", submission.door, submission.lane)),
        ("File", submission.path.clone()),
        ("Size", format!("{} octets", submission.size_bytes)),
        ("SHA-256", submission.sha256.to_string()),
        ("VIN", words(&facts.vin)),
        ("IVI reference", words(&facts.ivi_reference_id)),
        ("IVI version", number(facts.ivi_version_number)),
        ("Stage", number(facts.manufacturer_stage_number)),
        ("Type approval", words(&facts.type_approval_number)),
        ("Category", words(&facts.vehicle_category)),
        ("First octet", moment::shown(submission.first_byte)),
        ("Complete", moment::shown(submission.complete)),
        (
            "Decided",
            submission.decided.map(moment::shown).unwrap_or_default(),
        ),
        (
            "Answered",
            detail.answered.map(moment::shown).unwrap_or_default(),
        ),
        ("Attempts", submission.attempts.to_string()),
        (
            "From",
            session
                .map(|session| format!("{} ({})", session.remote_ip, session.client))
                .unwrap_or_default(),
        ),
        (
            "Key",
            session
                .and_then(|session| session.key_fingerprint.clone())
                .unwrap_or_default(),
        ),
    ]
}

/// A finding as a paragraph: place, severity, code and sentence, then what helps.
fn paragraph(finding: &Summary) -> Vec<String> {
    let place = finding
        .place
        .map(|(line, column)| format!("{line}:{column}: "))
        .unwrap_or_default();
    let (severity, code) = (finding.severity, &finding.code);
    let message = safe(&finding.message);
    let mut lines = vec![format!("{place}{severity}: {message} [{code}]")];
    lines.extend(details(
        &finding.path,
        finding.value.as_deref(),
        finding.expected.as_deref(),
        &finding.help,
    ));
    lines
}

async fn retry(desk: &Desk, number: &SubmissionNumber, output: Output) -> anyhow::Result<()> {
    let before = find(desk, number).await?;
    let deed = desk.deed(Action::SubmissionRetried, number.as_str(), "");
    if !desk.store.retry_submission(number, &deed).await? {
        anyhow::bail!(
            "{number} is not held ({}): only what is held can be sent through again",
            status(&before.row)
        );
    }
    let after = find(desk, number).await?;
    output.answer(&Form::of(&after.row), || {
        format!("{number} is sent through again.\n")
    })
}
