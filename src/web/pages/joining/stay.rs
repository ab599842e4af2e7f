//! The question after signing in: stay signed in on this browser?

use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use crate::domain::account::UserId;
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

/// For how long a browser remembers it, from the last time of signing in. Reason: it must outlive the
/// session that is kept, and browsers keep no cookie longer.
const REMEMBERED: Duration = Duration::from_hours(400 * 24);

#[derive(Template)]
#[template(path = "joining/stay.html", config = "src/web/templates/askama.toml")]
struct Stay<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    next: &'a str,
    kept: String,
}

/// The wish of one user to stay signed in, as this browser remembers it: of another one who uses it,
/// nothing is known.
fn wish(user: UserId) -> String {
    format!("yes-{user}")
}

/// If this browser remembers that the user wants to stay signed in: what makes it remember it longer.
pub(crate) fn wanted(view: &View, headers: &HeaderMap, user: UserId) -> Option<HeaderValue> {
    let wish = wish(user);
    let is_wanted = session::cookie(headers, &view.cookie_name(STAY)) == Some(wish.as_str());
    is_wanted.then(|| view.lasting_cookie(STAY, &wish, REMEMBERED))
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
    let (store, user) = (&view.deps.store, visitor.guest.user.id);
    if is_last_time {
        store.ask_to_stay(user, false).await?;
    }
    let mut response = redirect(next_of(&fields));
    if is_yes {
        let cookie = session::keep(&view, &headers, &visitor).await?;
        response = with_cookie(response, cookie);
    }
    if is_last_time {
        let answer = if is_yes { wish(user) } else { "no".to_owned() };
        response = with_cookie(
            response,
            Some(view.lasting_cookie(STAY, &answer, REMEMBERED)),
        );
    }
    Ok(response)
}
