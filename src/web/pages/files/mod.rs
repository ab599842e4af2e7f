//! Files handed in: the upload page, the list of submissions, each in detail, and what can be downloaded.

mod crowd;
mod downloads;
mod export;
mod receive;
mod results;
mod sending;
mod submission;
mod submissions;
mod upload;
mod wanted;
mod whose;

use axum::Router;
use axum::routing::get;

use crate::web::Shared;

pub(crate) use crowd::Crowd;
pub(crate) use sending::mend;
#[cfg(test)]
pub(crate) use sending::mend_once;
pub(crate) use upload::size;

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/uploads/new", get(upload::fresh).post(upload::submit_new))
        .route("/uploads/{number}", get(upload::show).post(upload::submit))
        .route("/submissions", get(submissions::show))
        .route("/submissions.csv", get(export::csv))
        .route("/submissions/{number}", get(submission::show))
        .route("/submissions/{number}/receipt", get(downloads::receipt))
        .route("/submissions/{number}/document", get(downloads::document))
}
