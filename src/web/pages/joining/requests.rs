//! The requests that wait for staff, with the day on which the promise of each ends.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::Timestamp;
use crate::domain::registration::{Registration, RegistrationStatus};
use crate::domain::working_days::promise_ends;
use crate::web::frame::{Frame, Place};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::{moment, shown};
use crate::web::{Shared, View, pages};

/// The most that are listed of those that wait, and of those that were decided last.
const LISTED_MAX: u32 = 200;
const DECIDED_MAX: u32 = 25;

/// A request in the list.
pub(crate) struct Line {
    /// Its reference.
    pub(crate) reference: String,
    /// For whom an account is wanted.
    pub(crate) manufacturer: String,
    /// Who asks.
    pub(crate) applicant: String,
    /// The applicant's address.
    pub(crate) mail: String,
    /// When the address was confirmed.
    pub(crate) confirmed: String,
    /// `10 December 2026`.
    pub(crate) promised: String,
    /// Is that day over?
    pub(crate) is_late: bool,
    /// Is that day today?
    pub(crate) is_due: bool,
    /// What became of it.
    pub(crate) decided: Option<String>,
    /// Was it approved?
    pub(crate) is_approved: bool,
}

impl Line {
    pub(crate) fn of(view: &View, request: &Registration) -> Self {
        let since = request.confirmed.unwrap_or(request.created);
        let date = |at: Timestamp| at.to_zoned(view.zone.clone()).date();
        let holidays = view.registration.holidays();
        let ends = promise_ends(date(since), view.registration.review_days, &holidays);
        let today = date(view.deps.clock.now());
        let applicant = &request.applicant;
        Self {
            reference: request.reference.to_string(),
            manufacturer: shown(&applicant.manufacturer),
            applicant: shown(&applicant.full_name()),
            mail: applicant.mail.to_string(),
            confirmed: moment(since, &view.zone),
            promised: ends.strftime("%-d %B %Y").to_string(),
            is_late: today > ends,
            is_due: today == ends,
            decided: request.decided.map(|at| moment(at, &view.zone)),
            is_approved: request.status == RegistrationStatus::Approved,
        }
    }
}

#[derive(Template)]
#[template(
    path = "joining/requests.html",
    config = "src/web/templates/askama.toml"
)]
struct Requests<'a> {
    frame: Frame<'a>,
    waiting: Vec<Line>,
    decided: Vec<Line>,
    review_days: u32,
}

/// GET `/staff/requests`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    visitor.need(Right::Review)?;
    let store = &view.deps.store;
    let waiting = store.registrations(RegistrationStatus::Waiting, LISTED_MAX);
    let (waiting, decided) = (
        waiting.await?,
        store.decided_registrations(DECIDED_MAX).await?,
    );
    let line = |request: &Registration| Line::of(&view, request);
    let page = Requests {
        frame: Frame::new(&view, Some(&visitor), "Requests for an account").at(Place::Office),
        waiting: waiting.iter().map(line).collect(),
        decided: decided.iter().map(line).collect(),
        review_days: view.registration.review_days,
    };
    Ok(pages::page(StatusCode::OK, &page))
}
