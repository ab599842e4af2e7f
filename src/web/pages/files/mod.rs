//! Files handed in: the list of submissions, each in detail, and what can be downloaded of it.

mod downloads;
mod submission;
mod submissions;

use axum::Router;
use axum::routing::get;

use crate::web::Shared;

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/submissions", get(submissions::show))
        .route("/submissions/{number}", get(submission::show))
        .route("/submissions/{number}/receipt", get(downloads::receipt))
        .route("/submissions/{number}/document", get(downloads::document))
}
