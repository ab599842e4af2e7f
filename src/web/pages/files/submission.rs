//! One submission: the portal's fields, the file, the outcome and its findings.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::access::Right;
use crate::domain::Timestamp;
use crate::domain::outcome::{Outcome, Severity};
use crate::domain::submission::{Lane, Status, SubmissionNumber};
use crate::store::{Detail, Summary};
use crate::web::frame::{Frame, Place};
use crate::web::pages::files::submissions::door_title;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::{count, header_value as path_part, moment, shown};
use crate::web::{Shared, View, pages};

/// A moment for people and for programs.
struct When {
    text: String,
    at: String,
}

/// A finding as it is shown.
struct Line {
    code: String,
    severity: &'static str,
    colour: &'static str,
    place: Option<String>,
    path: String,
    value: Option<String>,
    expected: Option<String>,
    message: String,
    help: String,
}

/// What stands above the fields.
enum Ending {
    /// The portal's words for our own fault.
    Held {
        /// What the pipeline noted.
        why: Option<String>,
    },
    /// The verdict's title and message, framed.
    Failed,
    /// Nothing; the verdict stands below the fields.
    Other,
}

/// A step of what happened.
struct Event {
    what: &'static str,
    when: Option<When>,
}

/// The fields of portal.md M2 that come from the document, in its words and order.
type Field = (&'static str, String);

#[derive(Template)]
#[template(
    path = "files/submission.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    number: String,
    facts: Vec<Field>,
    status: &'static str,
    colour: &'static str,
    outcome: Option<&'static str>,
    created: When,
    events: Vec<Event>,
    vehicle: Option<String>,
    is_unfinished: bool,
    uploaded_by: String,
    /// The version of the terms that it rests on.
    terms_version: Option<u64>,
    submitted_by: String,
    account: String,
    file_name: String,
    size: String,
    sha256: String,
    door: &'static str,
    is_test: bool,
    title: Option<String>,
    message: Option<String>,
    ending: Ending,
    duplicate_of: Option<String>,
    findings: Vec<Line>,
    findings_left_out: usize,
    has_receipt: bool,
}

impl Page<'_> {
    /// Does the verdict stand below the fields?
    fn is_told_below(&self) -> bool {
        matches!(self.ending, Ending::Other) && self.message.is_some()
    }
}

/// A submission that the visitor may see, by the number in the address.
pub(crate) async fn find(
    view: &View,
    visitor: &Visitor,
    number: Result<Path<String>, PathRejection>,
) -> Result<Detail, Problem> {
    visitor.need(Right::ViewSubmissions)?;
    let scope = visitor.scope()?;
    let Path(number) = number.map_err(|_unreadable| Problem::NotFound)?;
    let number = SubmissionNumber::new(&number).map_err(|_unfit| Problem::NotFound)?;
    let found = view.deps.store.submission(&number, scope).await?;
    // Not there, and not yours: the same answer, so that no number can be probed.
    found.ok_or(Problem::NotFound)
}

/// GET `/submissions/{number}`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    number: Result<Path<String>, PathRejection>,
) -> Result<Response, Response> {
    let detail = find(&view, &visitor, number)
        .await
        .map_err(IntoResponse::into_response)?;
    let title = format!("Submission detail {}", detail.row.submission.number);
    let frame = Frame::new(&view, Some(&visitor), &title).at(Place::Submission);
    Ok(pages::page(
        StatusCode::OK,
        &filled(&view, &visitor, frame, &detail),
    ))
}

fn filled<'a>(view: &View, visitor: &Visitor, frame: Frame<'a>, detail: &Detail) -> Page<'a> {
    let submission = &detail.row.submission;
    let status = pages::shown_status(&detail.row);
    let when = |at: Timestamp| When {
        text: moment(at, &view.zone),
        at: at.to_string(),
    };
    Page {
        frame,
        number: submission.number.to_string(),
        facts: facts(detail),
        status: status.as_str(),
        colour: pages::colour(status),
        outcome: detail.row.outcome.map(pages::outcome_title),
        created: when(submission.complete),
        events: events(view, detail),
        vehicle: vehicle(detail),
        is_unfinished: pages::is_unfinished(&detail.row),
        uploaded_by: shown(&submission.uploaded_by),
        terms_version: detail.terms_version,
        submitted_by: shown(&submission.submitted_by),
        account: shown(&submission.account_name),
        file_name: shown(&submission.file_name),
        size: count(submission.size_bytes),
        sha256: submission.sha256.to_string(),
        door: door_title(submission.door),
        is_test: submission.lane == Lane::Test,
        title: detail.row.title.as_deref().map(shown),
        message: detail.message.as_deref().map(shown),
        ending: ending_of(visitor, detail),
        duplicate_of: detail.duplicate_of.as_ref().map(ToString::to_string),
        findings: detail.findings.iter().map(line).collect(),
        findings_left_out: detail.findings_left_out,
        has_receipt: detail.receipt.is_some(),
    }
}

/// Received, judged, answered; what is yet to come has no time.
fn events(view: &View, detail: &Detail) -> Vec<Event> {
    let submission = &detail.row.submission;
    let when = |at: Timestamp| When {
        text: moment(at, &view.zone),
        at: at.to_string(),
    };
    let event = |what, at: Option<Timestamp>| Event {
        what,
        when: at.map(when),
    };
    vec![
        event("Received", Some(submission.complete)),
        event("Checked and decided", submission.decided),
        event("Receipt written", detail.answered),
    ]
}

/// The vehicle's record, once the file was accepted into it.
fn vehicle(detail: &Detail) -> Option<String> {
    let is_recorded = matches!(
        detail.row.outcome,
        Some(
            Outcome::Accepted
                | Outcome::AcceptedWithWarnings
                | Outcome::Replayed
                | Outcome::Duplicate
        )
    ) && detail.row.submission.lane == Lane::Live;
    let vin = detail.row.facts.vin.as_deref().filter(|_| is_recorded)?;
    Some(format!("/vehicles/{}", path_part(vin)))
}

fn ending_of(visitor: &Visitor, detail: &Detail) -> Ending {
    if detail.row.submission.is_held {
        // Why it is held speaks of our inside: for the authority's own people.
        let why = detail.held_why.as_deref();
        return Ending::Held {
            why: why.filter(|_| visitor.is_staff()).map(shown),
        };
    }
    match detail.row.submission.status {
        Status::Failed => Ending::Failed,
        Status::Received | Status::Processing | Status::Succeeded => Ending::Other,
    }
}

fn facts(detail: &Detail) -> Vec<Field> {
    let facts = &detail.row.facts;
    // What a fault of ours kept from being read says nothing of the file.
    let is_unread =
        detail.row.submission.is_held || detail.row.outcome == Some(Outcome::NotProcessed);
    let absent = || {
        if pages::is_unfinished(&detail.row) {
            "(not read yet)"
        } else if is_unread {
            "(not read)"
        } else {
            "(not readable)"
        }
        .to_owned()
    };
    let text = |fact: &Option<String>| fact.as_deref().map_or_else(absent, shown);
    let number = |fact: Option<u32>| fact.map_or_else(absent, |number| number.to_string());
    vec![
        ("Vehicle Identification Number", text(&facts.vin)),
        ("IVI Version Number", number(facts.ivi_version_number)),
        ("Type Approval Number", text(&facts.type_approval_number)),
        (
            "Manufacturer Stage Number",
            number(facts.manufacturer_stage_number),
        ),
        ("Vehicle Category", text(&facts.vehicle_category)),
    ]
}

fn line(finding: &Summary) -> Line {
    Line {
        code: shown(&finding.code),
        severity: match finding.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
            Severity::Info => "Information",
        },
        colour: match finding.severity {
            Severity::Error => "red",
            Severity::Warning => "yellow",
            Severity::Info => "grey",
        },
        place: finding
            .place
            .map(|(line, column)| format!("{line}:{column}")),
        path: shown(&finding.path),
        value: finding.value.as_deref().map(shown),
        expected: finding.expected.as_deref().map(shown),
        message: shown(&finding.message),
        help: shown(&finding.help),
    }
}
