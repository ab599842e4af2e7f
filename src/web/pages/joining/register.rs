//! Asking for an account: the start page, and what is shown once a request was sent or confirmed.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::domain::audit::Action;
use crate::domain::registration::Reference;
use crate::intake::digest;
use crate::web::forms::{Open, open_deed};
use crate::web::frame::Frame;
use crate::web::pages::joining::ended;
use crate::web::pages::problem::Problem;
use crate::web::session::{Visitor, form_token, with_cookie};
use crate::web::{Shared, pages};

#[derive(Template)]
#[template(
    path = "joining/register.html",
    config = "src/web/templates/askama.toml"
)]
struct Start<'a> {
    frame: Frame<'a>,
}

#[derive(Template)]
#[template(
    path = "joining/register_done.html",
    config = "src/web/templates/askama.toml"
)]
struct Done<'a> {
    frame: Frame<'a>,
    reference: Reference,
    is_confirmed: bool,
    review_days: u32,
}

#[derive(Template)]
#[template(
    path = "joining/register_confirm.html",
    config = "src/web/templates/askama.toml"
)]
struct Confirm<'a> {
    frame: Frame<'a>,
    csrf: &'a str,
    token: &'a str,
}

/// GET `/register`.
pub(crate) async fn start(State(view): State<Shared>, visitor: Option<Visitor>) -> Response {
    let frame = Frame::new(&view, visitor.as_ref(), "Register for an eCoC account");
    pages::page(StatusCode::OK, &Start { frame })
}

/// GET `/register/done/{reference}`: shows any reference, and says of none whether it exists.
pub(crate) async fn done(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    Path(reference): Path<String>,
) -> Result<Response, Problem> {
    let reference = Reference::new(&reference).map_err(|_nonsense| Problem::NotFound)?;
    let page = Done {
        frame: Frame::new(&view, visitor.as_ref(), "Request received"),
        reference,
        is_confirmed: false,
        review_days: view.registration.review_days,
    };
    Ok(pages::page(StatusCode::OK, &page))
}

/// GET `/register/confirm/{token}`: a button; programs that scan mails open links.
pub(crate) async fn ask(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    let form = form_token(&view, &headers);
    let page = Confirm {
        frame: Frame::new(&view, visitor.as_ref(), "Confirm your email address"),
        csrf: &form.value,
        token: &token,
    };
    with_cookie(pages::page(StatusCode::OK, &page), form.cookie)
}

/// POST `/register/confirm/{token}`.
pub(crate) async fn confirm(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    Path(token): Path<String>,
    form: Open,
) -> Result<Response, Problem> {
    let token = digest(token.as_bytes());
    let deed = open_deed(
        &view,
        ("", form.from),
        Action::RegistrationConfirmed,
        "",
        "",
    );
    let confirmed = view.deps.store.confirm_registration(&token, &deed).await?;
    let Some(request) = confirmed else {
        return Ok(ended::confirmation(&view, visitor.as_ref()));
    };
    tracing::info!(
        reference = %request.reference,
        remote_ip = %form.from,
        "a request for an account waits for staff"
    );
    let page = Done {
        frame: Frame::new(&view, visitor.as_ref(), "Email address confirmed"),
        reference: request.reference,
        is_confirmed: true,
        review_days: view.registration.review_days,
    };
    Ok(pages::page(StatusCode::OK, &page))
}
