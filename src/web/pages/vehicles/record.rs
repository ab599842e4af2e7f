//! A vehicle: every version of every stage that was accepted, and what else was sent for its VIN.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::account::AccountId;
use crate::store::{Filter, Row, VERSIONS_MAX};
use crate::web::frame::{Frame, Place};
use crate::web::pages::problem::Problem;
use crate::web::pages::vehicles::{Version, scope, versions, vin};
use crate::web::session::Visitor;
use crate::web::{Shared, View, pages};

/// The most other submissions that are listed. Reason: the list of submissions shows the rest.
const OTHERS_MAX: u32 = 25;

#[derive(Template)]
#[template(
    path = "vehicles/record.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    vin: String,
    stages: Vec<Stage>,
    others: Vec<Version>,
    is_staff: bool,
    is_cut: bool,
}

/// A stage with its versions, newest first.
struct Stage {
    name: String,
    versions: Vec<Version>,
}

impl Page<'_> {
    /// Are there two versions that can be compared?
    fn can_compare(&self) -> bool {
        let versions: usize = self.stages.iter().map(|stage| stage.versions.len()).sum();
        versions > 1
    }
}

/// GET `/vehicles/{vin}`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let scope = scope(&visitor)?;
    let Path(typed) = path.map_err(|_unreadable| Problem::NotFound)?;
    let vin = vin(&typed)?;
    let rows = view.deps.store.vehicle(&vin, scope).await?;
    let others = others(&view, &vin, scope, &rows).await?;
    if rows.is_empty() && others.is_empty() {
        return Err(Problem::NotFound);
    }
    let is_cut = u32::try_from(rows.len()).map_or(true, |count| count >= VERSIONS_MAX);
    let frame = Frame::new(&view, Some(&visitor), &format!("Vehicle {vin}")).at(Place::Submission);
    let page = Page {
        frame,
        vin,
        stages: stages(versions(&view, &rows)),
        others,
        is_staff: visitor.is_staff(),
        is_cut,
    };
    Ok(pages::page(StatusCode::OK, &page))
}

fn stages(versions: Vec<Version>) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for version in versions {
        match stages.last_mut() {
            Some(stage) if stage.name == version.stage => stage.versions.push(version),
            _ => stages.push(Stage {
                name: version.stage.clone(),
                versions: vec![version],
            }),
        }
    }
    stages
}

/// What was sent for this VIN and holds no record, newest first.
async fn others(
    view: &View,
    vin: &str,
    scope: Option<AccountId>,
    records: &[Row],
) -> Result<Vec<Version>, Problem> {
    let filter = Filter {
        account: scope,
        vin: Some(vin.to_owned()),
        is_descending: true,
        limit: OTHERS_MAX + VERSIONS_MAX,
        ..Filter::default()
    };
    let page = view.deps.store.submissions(&filter).await?;
    let is_record = |row: &Row| {
        records
            .iter()
            .any(|record| record.submission.id == row.submission.id)
    };
    let most = usize::try_from(OTHERS_MAX).unwrap_or(usize::MAX);
    Ok(page
        .rows
        .iter()
        .filter(|row| !is_record(row))
        .take(most)
        .map(|row| Version::new(view, row))
        .collect())
}
