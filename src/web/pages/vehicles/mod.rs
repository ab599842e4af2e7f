//! The record of a vehicle: what was accepted of it, readable.

use axum::Router;

use crate::web::Shared;

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
}
