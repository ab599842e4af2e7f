//! One accepted document, readable as a certificate, and fit to be printed.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::frame::{Frame, Place};
use crate::web::pages::problem::Problem;
use crate::web::pages::vehicles::sheet::{Part, parts};
use crate::web::pages::vehicles::{Version, document, read, scope, versions, vin};
use crate::web::session::Visitor;
use crate::web::{Shared, pages};

#[derive(Template)]
#[template(
    path = "vehicles/certificate.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    vin: String,
    version: Version,
    sha256: String,
    parts: Vec<Part>,
    is_whole: bool,
    can_compare: bool,
}

/// GET `/vehicles/{vin}/{number}`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let scope = scope(&visitor)?;
    let Path((typed, number)) = path.map_err(|_unreadable| Problem::NotFound)?;
    let vin = vin(&typed)?;
    let (row, octets) = document(&view, scope, &vin, &number).await?;
    let rows = view.deps.store.vehicle(&vin, scope).await?;
    let is_this = |version: &Version| version.number == row.submission.number.as_str();
    let version = versions(&view, &rows).into_iter().find(is_this);
    let version = version.unwrap_or_else(|| Version::new(&view, &row));
    let made = read(&view, move |reader| {
        let certificate = reader.read(&octets);
        (parts(&certificate), certificate.is_whole)
    });
    let (parts, is_whole) = made.await?;
    let title = format!("Certificate of {vin}");
    let page = Page {
        frame: Frame::new(&view, Some(&visitor), &title).at(Place::Submission),
        vin,
        version,
        sha256: row.submission.sha256.to_string(),
        parts,
        is_whole,
        can_compare: rows.len() > 1,
    };
    Ok(pages::page(StatusCode::OK, &page))
}
