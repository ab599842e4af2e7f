//! Signing out.

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use crate::web::Shared;
use crate::web::forms::Fields;
use crate::web::pages::problem::Problem;
use crate::web::session::{self, Visitor, redirect, with_cookie};

/// POST `/sign-out`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
    body: Result<axum::body::Bytes, BytesRejection>,
) -> Result<Response, Response> {
    let body = body.map_err(IntoResponse::into_response)?;
    let fields = Fields::read(&body).map_err(IntoResponse::into_response)?;
    let Some(visitor) = visitor else {
        // The session ran out before: what was wanted is so already.
        return Ok(redirect("/"));
    };
    if session::is_foreign(&view, &headers) || !visitor.owns(fields.exact("csrf")) {
        return Err(Problem::ForeignForm.into_response());
    }
    let cookie = session::end(&view, &visitor)
        .await
        .map_err(IntoResponse::into_response)?;
    tracing::info!(user = %visitor.guest.user.id, door = "web", "signed out");
    Ok(with_cookie(redirect("/"), Some(cookie)))
}
