//! Two versions or stages of a vehicle side by side.

use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::certificate::{Comparison, Difference, Kind};
use crate::domain::account::AccountId;
use crate::web::forms::Errors;
use crate::web::frame::{Frame, Place};
use crate::web::pages::problem::Problem;
use crate::web::pages::vehicles::sheet::texts;
use crate::web::pages::vehicles::{Version, document, read, scope, versions, vin};
use crate::web::session::Visitor;
use crate::web::text::shown;
use crate::web::{Shared, View, pages};

/// What the address may ask.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// A submission's number.
    from: String,
    /// Another's.
    to: String,
    /// `yes`: what did not change is wanted too.
    all: String,
}

#[derive(Template)]
#[template(
    path = "vehicles/compare.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    errors: Errors,
    vin: String,
    versions: Vec<Version>,
    from: String,
    to: String,
    wants_all: bool,
    is_staff: bool,
    found: Option<Found>,
}

/// What came of a comparison.
struct Found {
    from: String,
    to: String,
    changed: usize,
    added: usize,
    removed: usize,
    same: usize,
    is_whole: bool,
    parts: Vec<Part>,
}

impl Found {
    fn is_the_same(&self) -> bool {
        self.changed == 0 && self.added == 0 && self.removed == 0
    }
}

/// A section with its differences.
struct Part {
    title: &'static str,
    lines: Vec<Line>,
}

/// A field in both documents.
struct Line {
    item: &'static str,
    name: String,
    place: String,
    kind: &'static str,
    colour: &'static str,
    from: Vec<String>,
    to: Vec<String>,
}

/// GET `/vehicles/{vin}/compare`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    path: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let scope = scope(&visitor)?;
    let Path(typed) = path.map_err(|_unreadable| Problem::NotFound)?;
    let vin = vin(&typed)?;
    let Query(asked) = asked.unwrap_or_default();
    let rows = view.deps.store.vehicle(&vin, scope).await?;
    if rows.is_empty() {
        return Err(Problem::NotFound);
    }
    let versions = versions(&view, &rows);
    let (from, to) = chosen(&versions, &asked);
    let errors = wrong(&asked);
    let is_asked = !asked.from.is_empty() || !asked.to.is_empty();
    let wants_all = asked.all == "yes";
    let found = if is_asked && errors.is_empty() {
        Some(compared(&view, scope, &vin, &asked).await?)
    } else {
        None
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let title = format!("Compare versions of {vin}");
    let frame = Frame::new(&view, Some(&visitor), &title)
        .at(Place::Submission)
        .faulty(!errors.is_empty());
    let page = Page {
        frame,
        errors,
        vin,
        versions,
        from,
        to,
        wants_all,
        is_staff: visitor.is_staff(),
        found,
    };
    Ok(pages::page(status, &page))
}

/// What is chosen in the form: what was asked, or else the newest version and the one before it.
fn chosen(versions: &[Version], asked: &Asked) -> (String, String) {
    let number = |at: usize| versions.get(at).map(|version| version.number.clone());
    if asked.from.is_empty() && asked.to.is_empty() {
        return (number(1).unwrap_or_default(), number(0).unwrap_or_default());
    }
    (asked.from.clone(), asked.to.clone())
}

/// What is wrong with the choice; nothing if none was made yet.
fn wrong(asked: &Asked) -> Errors {
    let mut errors = Errors::default();
    match (asked.from.as_str(), asked.to.as_str()) {
        ("", "") => (),
        ("", _) => errors.add("from", "Select the version to compare from"),
        (_, "") => errors.add("to", "Select the version to compare with"),
        (from, to) if from == to => errors.add("to", "Select two different versions"),
        _ => (),
    }
    errors
}

async fn compared(
    view: &View,
    scope: Option<AccountId>,
    vin: &str,
    asked: &Asked,
) -> Result<Found, Problem> {
    let (from, old) = document(view, scope, vin, &asked.from).await?;
    let (to, new) = document(view, scope, vin, &asked.to).await?;
    let comparison = read(view, move |reader| reader.compare(&old, &new)).await?;
    let name = |version: &Version| format!("Stage {}, version {}", version.stage, version.ivi);
    let (from, to) = (Version::new(view, &from), Version::new(view, &to));
    Ok(Found {
        from: name(&from),
        to: name(&to),
        changed: comparison.count(Kind::Changed),
        added: comparison.count(Kind::Added),
        removed: comparison.count(Kind::Removed),
        same: comparison.count(Kind::Same),
        is_whole: comparison.is_whole,
        parts: parts(&comparison, asked.all == "yes"),
    })
}

/// The sections that hold something to show.
fn parts(comparison: &Comparison, wants_all: bool) -> Vec<Part> {
    comparison
        .sections
        .iter()
        .map(|(title, differences)| Part {
            title,
            lines: differences
                .iter()
                .filter(|difference| wants_all || difference.kind != Kind::Same)
                .map(line)
                .collect(),
        })
        .filter(|part| !part.lines.is_empty())
        .collect()
}

fn line(difference: &Difference) -> Line {
    let field = &difference.field;
    let (kind, colour) = match difference.kind {
        Kind::Same => ("The same", "grey"),
        Kind::Changed => ("Changed", "blue"),
        Kind::Added => ("Added", "green"),
        Kind::Removed => ("Removed", "red"),
    };
    let place = match (difference.table.as_str(), difference.row.as_str()) {
        ("", _) => String::new(),
        (table, "") => shown(table),
        (table, row) => format!("{}: {}", shown(table), shown(row)),
    };
    Line {
        item: field.item.unwrap_or_default(),
        name: shown(&field.name),
        place,
        kind,
        colour,
        from: texts(field, &difference.from),
        to: texts(field, &difference.to),
    }
}
