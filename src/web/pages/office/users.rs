//! All users, by a part of their name or address.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::{Standing, UserKind};
use crate::store::{FoundUser, UserSearch};
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::pager::{self, Pager};
use crate::web::pages::office::{Query, asked};
use crate::web::pages::problem::Problem;
use crate::web::paging::{ROWS, Step, pages as pages_of};
use crate::web::session::Visitor;
use crate::web::text::{query_value, shown};
use crate::web::{Shared, pages};

struct Line {
    id: i64,
    login: String,
    name: String,
    role: &'static str,
    account: Option<(String, String)>,
    is_machine: bool,
    is_suspended: bool,
}

#[derive(Template)]
#[template(path = "office/users.html", config = "src/web/templates/askama.toml")]
struct Users<'a> {
    frame: Frame<'a>,
    part: String,
    staff_only: bool,
    lines: Vec<Line>,
    pager: Pager,
}

impl Users<'_> {
    fn is_filtered(&self) -> bool {
        self.staff_only || !self.part.is_empty()
    }
}

/// GET `/staff/users`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let part = asked(&query, "q").to_owned();
    let staff_only = !asked(&query, "staff").is_empty();
    let mut current = pager::wanted(asked(&query, "page"));
    let search = |page| UserSearch {
        part: part.clone(),
        account: None,
        staff_only,
        offset: pager::offset(page),
        limit: ROWS,
    };
    let store = &view.deps.store;
    let mut found = store.find_users(&search(current)).await?;
    if current > pages_of(found.total) {
        current = 1;
        found = store.find_users(&search(1)).await?;
    }
    let pager = Pager::new(current, found.total, "user", &address(&part, staff_only));
    let users = Users {
        frame: Frame::new(&view, Some(&visitor), &pager.titled("Users")).at(Place::Office),
        part,
        staff_only,
        lines: found.users.iter().map(line).collect(),
        pager,
    };
    Ok(pages::page(StatusCode::OK, &users))
}

/// The list's address with this filter.
fn address(part: &str, staff_only: bool) -> String {
    let staff = if staff_only { "&staff=on" } else { "" };
    format!("/staff/users?q={}{staff}", query_value(part))
}

fn line(found: &FoundUser) -> Line {
    let user = &found.user;
    let account = found.account.as_ref();
    Line {
        id: user.id.0,
        login: user.login.to_string(),
        name: shown(&user.display_name),
        role: user.role.title(),
        account: account.map(|(code, name)| (code.to_string(), shown(name))),
        is_machine: user.kind == UserKind::Machine,
        is_suspended: user.standing == Standing::Suspended,
    }
}
