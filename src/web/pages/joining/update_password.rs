//! Changing the password: because it is the temporary one, because it is too old, or by choice.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;

use crate::web::forms::{Errors, Signed};
use crate::web::frame::Frame;
use crate::web::pages::joining::next::{asked_next, next_of};
use crate::web::pages::joining::{choosing, sign_in};
use crate::web::pages::problem::Problem;
use crate::web::session::{self, Visitor};
use crate::web::{Shared, View, pages};

#[derive(Template)]
#[template(
    path = "joining/update_password.html",
    config = "src/web/templates/askama.toml"
)]
struct UpdatePassword<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    is_forced: bool,
    next: &'a str,
    errors: &'a Errors,
}

fn drawn(view: &View, visitor: &Visitor, next: &str, errors: &Errors) -> Response {
    let guest = &visitor.guest;
    let page = UpdatePassword {
        frame: Frame::new(view, Some(visitor), "Update your password").faulty(!errors.is_empty()),
        visitor,
        is_forced: guest.must_change_password || session::is_expired(view, guest),
        next,
        errors,
    };
    pages::form(!errors.is_empty(), &page)
}

/// GET `/update-password`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    drawn(&view, &visitor, asked_next(&query), &Errors::default())
}

/// POST `/update-password`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    headers: axum::http::HeaderMap,
    form: Signed,
) -> Result<Response, Problem> {
    let Signed {
        visitor,
        fields,
        from,
    } = form;
    let user = &visitor.guest.user;
    let current = fields.exact("current-password");
    let mut errors = Errors::default();
    if current.is_empty() {
        errors.add("current-password", "Enter your current password");
    }
    choosing::check(&fields, &user.login, Some(current), &mut errors);
    if errors.is_empty() {
        let access = &view.deps.access;
        let proved = access.by_password(user.login.as_str(), current, from).await;
        if proved.is_none_or(|guest| guest.user.id != user.id) {
            errors.add("current-password", "Current password is not correct");
        }
    }
    if !errors.is_empty() {
        return Ok(drawn(&view, &visitor, next_of(&fields), &errors));
    }
    choosing::choose(&view, user, fields.exact("new-password"), from).await?;
    tracing::info!(user = %user.id, door = "web", "a password was changed");
    // All sessions ended, this one too.
    let guest = view.deps.access.guest(user.id).ok_or(Problem::Forbidden)?;
    sign_in::enter(&view, None, &headers, &guest, next_of(&fields)).await
}
