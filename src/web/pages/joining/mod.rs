//! Coming to the service: its start, asking for an account, invitations, signing in and out,
//! passwords, terms, the requests that staff decide, and the pages that never change.

mod about;
mod asking;
pub(crate) mod choosing;
mod code;
mod details;
mod ended;
mod forgotten;
mod guide;
mod home;
pub(crate) mod inviting;
pub(crate) mod next;
mod redeem;
mod register;
mod request;
mod requests;
mod reset;
mod sign_in;
mod sign_out;
mod stay;
pub(crate) mod terms;
mod update_password;

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};

use crate::web::Shared;
use crate::web::session::{PASSWORD_PAGE, TERMS_PAGE};

/// So long an answer takes at least that must not tell whether an address is known: several times what
/// the longest of its cases takes, a transaction on a slow disk, and less than people notice.
pub(crate) const EVEN: Duration = Duration::from_millis(300);

/// The same after the same time, whichever way the work went.
async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let (done, ()) = tokio::join!(work, tokio::time::sleep(EVEN));
    done
}

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(home::show))
        .merge(registering())
        .merge(signing_in())
        .route("/terms", get(terms::newest))
        .route("/terms/{version}", get(terms::one))
        .route(TERMS_PAGE, get(terms::ask).post(terms::agree))
        .route("/staff/requests", get(requests::show))
        .route("/staff/requests/{reference}", get(request::show))
        .route(
            "/staff/requests/{reference}/approve",
            post(request::approve),
        )
        .route("/staff/requests/{reference}/refuse", post(request::refuse))
        .route("/accessibility", get(about::accessibility))
        .route("/cookies", get(about::cookies))
        .route("/guide", get(guide::show))
}

/// From the wish for an account to the confirmed request, and from the invitation to the user.
fn registering() -> Router<Shared> {
    Router::new()
        .route("/register", get(register::start))
        .route(
            "/register/details",
            get(details::show).post(details::submit),
        )
        .route("/register/code/{token}/image", get(code::image))
        .route("/register/code/{token}/audio", get(code::audio))
        .route("/register/done/{reference}", get(register::done))
        .route(
            "/register/confirm/{token}",
            get(register::ask).post(register::confirm),
        )
        .route("/redeem/{token}", get(redeem::show).post(redeem::submit))
        .route("/redeem/{token}/password", post(redeem::create))
}

/// Signing in and out, and passwords.
fn signing_in() -> Router<Shared> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route(
            "/sign-in/password",
            get(sign_in::restart).post(sign_in::finish),
        )
        .route("/staff", get(sign_in::staff))
        .route("/sign-out", post(sign_out::submit))
        .route(stay::PAGE, get(stay::show).post(stay::submit))
        .route(
            PASSWORD_PAGE,
            get(update_password::show).post(update_password::submit),
        )
        .route("/forgotten", get(forgotten::show).post(forgotten::submit))
        .route("/reset/{token}", get(reset::show).post(reset::submit))
}
