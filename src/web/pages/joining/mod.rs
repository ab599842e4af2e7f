//! Coming to the service: its start, signing in and out, and the pages that never change.

mod about;
mod home;
mod sign_in;
mod sign_out;

use axum::Router;
use axum::routing::{get, post};

use crate::web::Shared;

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(home::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-out", post(sign_out::submit))
        .route("/accessibility", get(about::accessibility))
        .route("/cookies", get(about::cookies))
}
