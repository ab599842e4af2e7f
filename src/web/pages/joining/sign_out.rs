//! Signing out.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::web::Shared;
use crate::web::pages::problem::Problem;
use crate::web::session::{self, Visitor, redirect, with_cookie};

/// The form as it was sent.
#[derive(Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    csrf: String,
}

/// POST `/sign-out`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
    form: Result<Form<Sent>, FormRejection>,
) -> Result<Response, Response> {
    let Form(sent) = form.map_err(IntoResponse::into_response)?;
    let Some(visitor) = visitor else {
        // The session ran out before: what was wanted is so already.
        return Ok(redirect("/"));
    };
    if session::is_foreign(&view, &headers) || !visitor.owns(&sent.csrf) {
        return Err(Problem::ForeignForm.into_response());
    }
    let cookie = session::end(&view, &visitor)
        .await
        .map_err(IntoResponse::into_response)?;
    tracing::info!(user = %visitor.guest.user.id, door = "web", "signed out");
    Ok(with_cookie(redirect("/"), Some(cookie)))
}
