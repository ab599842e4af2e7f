//! The pages, one file each, and how a template becomes an answer.
//!
//! An area is a folder; its `routes` lists what it answers. `web/tests/rights.rs` holds a table of every
//! route and who may ask for it, and fails when one is missing from it.

pub(crate) mod files;
pub(crate) mod joining;
pub(crate) mod office;
pub(crate) mod people;
pub(crate) mod problem;
pub(crate) mod unsent;
pub(crate) mod vehicles;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::domain::outcome::Outcome;
use crate::domain::submission::{Lane, Status};
use crate::store::Row;
use crate::web::pages::problem::Problem;

/// Draws a page.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => Problem::broken(&error.to_string()).into_response(),
    }
}

/// Draws a page with a form; one that is shown again because of what was typed says so by its status.
pub(crate) fn form(is_faulty: bool, template: &impl Template) -> Response {
    let status = if is_faulty {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page(status, template)
}

/// How a submission's status is shown: held ones as failed.
pub(crate) fn shown_status(row: &Row) -> Status {
    if row.submission.is_held {
        Status::Failed
    } else {
        row.submission.status
    }
}

/// The colour of a status. Colour never stands alone: the tag holds the word.
pub(crate) const fn colour(status: Status) -> &'static str {
    match status {
        Status::Received => "grey",
        Status::Processing => "blue",
        Status::Succeeded => "green",
        Status::Failed => "red",
    }
}

/// Does the row wait for its outcome?
pub(crate) fn is_unfinished(row: &Row) -> bool {
    matches!(shown_status(row), Status::Received | Status::Processing)
}

/// Is it of the test lane, where nothing counts?
pub(crate) fn is_test(row: &Row) -> bool {
    row.submission.lane == Lane::Test
}

/// The outcome in words for people.
pub(crate) const fn outcome_title(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "Accepted",
        Outcome::AcceptedWithWarnings => "Accepted with warnings",
        Outcome::Replayed => "Accepted before: the same file was sent again",
        Outcome::Rejected => "Rejected",
        Outcome::Duplicate => "Duplicate",
        Outcome::NotProcessed => "Not processed",
    }
}
