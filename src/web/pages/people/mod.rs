//! The people of an account: its users, what they hear by mail, and the programs that hand in files for it.

use axum::Router;

use crate::web::Shared;

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
}
