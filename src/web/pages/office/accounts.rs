//! All accounts, and what each consists of.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::Standing;
use crate::store::AccountFigures;
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::When;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::{count, shown};
use crate::web::{Shared, View, pages};

struct Line {
    code: String,
    name: String,
    is_suspended: bool,
    persons: String,
    machines: String,
    keys: String,
    newest: Option<When>,
}

#[derive(Template)]
#[template(
    path = "office/accounts.html",
    config = "src/web/templates/askama.toml"
)]
struct Accounts<'a> {
    frame: Frame<'a>,
    lines: Vec<Line>,
}

/// GET `/staff/accounts`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let accounts = view.deps.store.account_figures().await?;
    let accounts = Accounts {
        frame: Frame::new(&view, Some(&visitor), "Accounts").at(Place::Office),
        lines: accounts.iter().map(|one| line(&view, one)).collect(),
    };
    Ok(pages::page(StatusCode::OK, &accounts))
}

fn line(view: &View, figures: &AccountFigures) -> Line {
    let account = &figures.account;
    Line {
        code: account.code.to_string(),
        name: shown(&account.name),
        is_suspended: account.standing == Standing::Suspended,
        persons: count(figures.persons),
        machines: count(figures.machines),
        keys: count(figures.keys),
        newest: figures.newest.map(|newest| When::of(view, newest)),
    }
}
