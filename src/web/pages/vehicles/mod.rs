//! The record of a vehicle: what was accepted of it, readable, and version beside version.

mod certificate;
mod compare;
mod record;
mod sheet;

use axum::Router;
use axum::routing::get;

use crate::access::Right;
use crate::certificate::Reader;
use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::domain::submission::SubmissionNumber;
use crate::store::Row;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::{moment, shown};
use crate::web::{Shared, View, pages};

/// The longest VIN that is looked for. Reason: a VIN has 17 letters; a site's own schema may allow more.
const VIN_MAX: usize = 64;

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/vehicles/{vin}", get(record::show))
        .route("/vehicles/{vin}/compare", get(compare::show))
        .route("/vehicles/{vin}/{number}", get(certificate::show))
}

/// A moment for people and for programs.
struct When {
    text: String,
    at: String,
}

impl When {
    fn new(view: &View, at: Timestamp) -> Self {
        Self {
            text: moment(at, &view.zone),
            at: at.to_string(),
        }
    }
}

/// One accepted version of one stage, as it is shown.
struct Version {
    number: String,
    stage: String,
    /// The IVI version number.
    ivi: String,
    approval: String,
    category: String,
    account: String,
    status: &'static str,
    colour: &'static str,
    outcome: &'static str,
    sent: When,
    accepted: When,
    is_in_force: bool,
}

impl Version {
    fn new(view: &View, row: &Row) -> Self {
        let submission = &row.submission;
        let status = pages::shown_status(row);
        let text = |fact: Option<&String>| fact.map_or_else(absent, |text| shown(text));
        let number = |fact: Option<u32>| fact.map_or_else(absent, |number| number.to_string());
        Self {
            number: submission.number.to_string(),
            stage: number(row.facts.manufacturer_stage_number),
            ivi: number(row.facts.ivi_version_number),
            approval: text(row.facts.type_approval_number.as_ref()),
            category: text(row.facts.vehicle_category.as_ref()),
            account: shown(&submission.account_name),
            status: status.as_str(),
            colour: pages::colour(status),
            outcome: row.outcome.map_or("", pages::outcome_title),
            sent: When::new(view, submission.complete),
            accepted: When::new(view, submission.decided.unwrap_or(submission.complete)),
            is_in_force: false,
        }
    }
}

/// The accepted versions of a vehicle, stage by stage, newest first: the first of a stage is in force.
fn versions(view: &View, rows: &[Row]) -> Vec<Version> {
    let mut versions: Vec<Version> = rows.iter().map(|row| Version::new(view, row)).collect();
    let mut last = String::new();
    for version in &mut versions {
        version.is_in_force = last != version.stage;
        last.clone_from(&version.stage);
    }
    versions
}

/// What stands where nothing could be read.
fn absent() -> String {
    "not known".to_owned()
}

/// Whose records the visitor may see, if any.
fn scope(visitor: &Visitor) -> Result<Option<AccountId>, Problem> {
    visitor.need(Right::ViewSubmissions)?;
    visitor.scope()
}

/// The VIN of an address, as documents write it.
fn vin(text: &str) -> Result<String, Problem> {
    let is_plain = text.bytes().all(|octet| octet.is_ascii_alphanumeric());
    if is_plain && (1..=VIN_MAX).contains(&text.len()) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(Problem::NotFound)
    }
}

/// Has documents read on a thread that may take its time.
///
/// Reason: a document of a megabyte takes many milliseconds, in which this thread would answer nobody.
async fn read<T, W>(view: &View, work: W) -> Result<T, Problem>
where
    T: Send + 'static,
    W: FnOnce(&Reader) -> T + Send + 'static,
{
    let reader = view.deps.certificates.clone();
    let tasks = &view.deps.tasks;
    let done = tasks.block("web: read a document", move || work(&reader));
    let panicked = || Problem::broken("reading the document panicked");
    done.await.ok_or_else(panicked)
}

/// One record of a vehicle with its document's octets. Not there, and not yours: the same answer.
async fn document(
    view: &View,
    scope: Option<AccountId>,
    vin: &str,
    number: &str,
) -> Result<(Row, Vec<u8>), Problem> {
    let number = SubmissionNumber::new(number).map_err(|_unfit| Problem::NotFound)?;
    let store = &view.deps.store;
    let row = store.record(vin, &number, scope).await?;
    let row = row.ok_or(Problem::NotFound)?;
    let octets = store.document(&row.submission.sha256).await?;
    Ok((row, octets.ok_or(Problem::NotFound)?))
}
