//! The question after signing in: stay signed in on this browser?

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::web::forms::Signed;
use crate::web::frame::Frame;
use crate::web::pages::joining::next::{asked_next, next_of};
use crate::web::pages::problem::Problem;
use crate::web::session::{self, Visitor, redirect, with_cookie};
use crate::web::text::span;
use crate::web::{Shared, View, pages};

/// Where the question is asked.
pub(crate) const PAGE: &str = "/stay-signed-in";

/// The cookie that remembers a `Yes` which is not to be asked for again.
pub(crate) const STAY: &str = "ecocd-stay";

#[derive(Template)]
#[template(path = "joining/stay.html", config = "src/web/templates/askama.toml")]
struct Stay<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    next: &'a str,
    kept: String,
}

/// Does this browser remember that its visitor wants to stay signed in?
pub(crate) fn is_wanted(view: &View, headers: &HeaderMap) -> bool {
    session::cookie(headers, &view.cookie_name(STAY)) == Some("yes")
}

/// GET `/stay-signed-in`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let page = Stay {
        frame: Frame::new(&view, Some(&visitor), "Stay signed in?"),
        visitor: &visitor,
        next: asked_next(&query),
        kept: span(view.settings.kept_max),
    };
    pages::page(StatusCode::OK, &page)
}

/// POST `/stay-signed-in`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    headers: HeaderMap,
    form: Signed,
) -> Result<Response, Problem> {
    let Signed {
        visitor, fields, ..
    } = form;
    let is_yes = fields.get("stay") == "yes";
    let is_last_time = fields.has("hide");
    let store = &view.deps.store;
    if is_last_time {
        store.ask_to_stay(visitor.guest.user.id, false).await?;
    }
    let mut response = redirect(next_of(&fields));
    if is_yes {
        let cookie = session::keep(&view, &headers, &visitor).await?;
        response = with_cookie(response, cookie);
    }
    if is_last_time {
        response = with_cookie(
            response,
            Some(view.lasting_cookie(STAY, if is_yes { "yes" } else { "no" })),
        );
    }
    Ok(response)
}
