//! The requests that wait for staff, with the day on which the promise of each ends.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::Timestamp;
use crate::domain::registration::{Registration, RegistrationStatus};
use crate::domain::working_days::promise_ends;
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::pager::{self, Pager};
use crate::web::pages::problem::Problem;
use crate::web::paging::{ROWS, Step, pages as pages_of};
use crate::web::session::Visitor;
use crate::web::text::{moment, shown};
use crate::web::{Shared, View, pages};

/// The most that are listed of those that were decided last.
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
    pager: Pager,
}

/// GET `/staff/requests`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    visitor.need(Right::Review)?;
    let store = &view.deps.store;
    let asked = query.iter().find(|(name, _)| name == "page");
    let mut current = pager::wanted(asked.map_or("", |(_, page)| page.as_str()));
    let status = RegistrationStatus::Waiting;
    let page = async |page| store.registrations(status, pager::offset(page), ROWS).await;
    let mut waiting = page(current).await?;
    if current > pages_of(waiting.total) {
        current = 1;
        waiting = page(1).await?;
    }
    // Below the first page nobody looks for what was decided.
    let decided = if current == 1 {
        store.decided_registrations(DECIDED_MAX).await?
    } else {
        Vec::new()
    };
    let pager = Pager::new(current, waiting.total, "request", "/staff/requests");
    let title = pager.titled("Requests for an account");
    let line = |request: &Registration| Line::of(&view, request);
    let page = Requests {
        frame: Frame::new(&view, Some(&visitor), &title).at(Place::Office),
        waiting: waiting.requests.iter().map(line).collect(),
        decided: decided.iter().map(line).collect(),
        review_days: view.registration.review_days,
        pager,
    };
    Ok(pages::page(StatusCode::OK, &page))
}
