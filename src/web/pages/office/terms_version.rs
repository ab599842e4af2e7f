//! One version of the terms, and who agreed to it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::pager::{self, Pager};
use crate::web::pages::office::{Part, Query, When, asked, part};
use crate::web::pages::problem::Problem;
use crate::web::paging::{ROWS, Step};
use crate::web::session::Visitor;
use crate::web::{Shared, pages};

struct Line {
    login: String,
    /// Who declared for it, if it is a machine user.
    by: Option<String>,
    agreed: When,
}

#[derive(Template)]
#[template(
    path = "office/terms_version.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    version: u64,
    published: When,
    paragraphs: Vec<String>,
    lines: Vec<Line>,
    pager: Pager,
}

impl Page<'_> {
    fn title(&self) -> String {
        format!("Version {}", self.version)
    }
}

/// GET `/staff/terms/{version}`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    version: Part,
    query: Query,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let version: u64 = part(version, |version| version.parse().ok())?;
    let store = &view.deps.store;
    let all = store.all_terms().await?;
    let terms = all.into_iter().find(|terms| terms.version == version);
    let terms = terms.ok_or(Problem::NotFound)?;
    let counts = store.agreements().await?;
    let total = counts.iter().find(|(known, _)| *known == version);
    let total = total.map_or(0, |(_, number)| *number);
    let base = format!("/staff/terms/{version}");
    let wanted = pager::wanted(asked(&query, "page"));
    let current = wanted.min(crate::web::paging::pages(total));
    let agreed = store.agreed_to(version, pager::offset(current), ROWS);
    let line = |one: &crate::store::Agreed| Line {
        login: one.login.to_string(),
        by: (one.by != one.login).then(|| one.by.to_string()),
        agreed: When::of(&view, one.agreed),
    };
    let lines = agreed.await?.iter().map(line).collect();
    let pager = Pager::new(current, total, "user", &base);
    let title = pager.titled(&format!("Terms and conditions, version {version}"));
    let page = Page {
        frame: Frame::new(&view, Some(&visitor), &title).at(Place::Office),
        version,
        published: When::of(&view, terms.published),
        paragraphs: paragraphs(&terms.body),
        lines,
        pager,
    };
    Ok(pages::page(StatusCode::OK, &page))
}

/// Paragraphs are parted by empty lines.
fn paragraphs(body: &str) -> Vec<String> {
    let parts = body.split("\n\n").map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}
