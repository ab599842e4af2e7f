//! Submissions that wait for a person: why, and how often they were tried; try again.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::audit::Action;
use crate::domain::submission::SubmissionNumber;
use crate::store;
use crate::web::forms::{self, Signed};
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::{Part, Query, When, part, told};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::shown;
use crate::web::{Shared, View, pages};

/// The most that are listed. More held ones have one cause, and go once it is mended.
const LISTED_MAX: u32 = 500;

/// What was just done.
const DONE: &[(&str, &str)] = &[
    (
        "retried",
        "The file is processed again. If it fails once more, it comes back to this list.",
    ),
    (
        "rejected",
        "The file is ended with your sentence. Its sender gets a receipt, and an email like for any file that failed.",
    ),
    (
        "nothing",
        "The file is held no more: somebody else was faster.",
    ),
];

struct Line {
    number: String,
    account: String,
    file_name: String,
    created: When,
    attempts: u32,
    why: String,
}

#[derive(Template)]
#[template(path = "office/held.html", config = "src/web/templates/askama.toml")]
struct Held<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    done: Option<&'static str>,
    may_act: bool,
    lines: Vec<Line>,
}

/// GET `/staff/held`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, Problem> {
    visitor.need(Right::Review)?;
    let held = view.deps.store.held(LISTED_MAX).await?;
    let page = Held {
        frame: Frame::new(&view, Some(&visitor), "Held submissions").at(Place::Office),
        visitor: &visitor,
        done: told(&query, DONE),
        may_act: visitor.guest.may(Right::Operate),
        lines: held.iter().map(|one| line(&view, one)).collect(),
    };
    Ok(pages::page(StatusCode::OK, &page))
}

fn line(view: &View, held: &store::Held) -> Line {
    let submission = &held.row.submission;
    Line {
        number: submission.number.to_string(),
        account: shown(&submission.account_name),
        file_name: shown(&submission.file_name),
        created: When::of(view, submission.complete),
        attempts: submission.attempts,
        why: shown(&held.why),
    }
}

/// The submission's number in the address.
pub(super) fn number(text: Part) -> Result<SubmissionNumber, Problem> {
    part(text, |text| SubmissionNumber::new(text).ok())
}

/// POST `/staff/held/{number}/retry`.
pub(super) async fn retry(
    State(view): State<Shared>,
    text: Part,
    form: Signed,
) -> Result<Response, Problem> {
    let form = form.by(Right::Operate)?;
    let number = number(text)?;
    let (visitor, action) = (&form.visitor, Action::SubmissionRetried);
    let deed = forms::deed(&view, (visitor, form.from), action, number.as_str(), "");
    let done = if view.deps.store.retry_submission(&number, &deed).await? {
        view.deps.intake.wake().notify_one();
        "retried"
    } else {
        "nothing"
    };
    Ok(forms::done(&format!("/staff/held?done={done}")))
}
