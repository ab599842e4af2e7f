//! The authority's own people at work: accounts, users, what is held, mails, terms, the audit log.

use axum::Router;

use crate::web::Shared;

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
}
