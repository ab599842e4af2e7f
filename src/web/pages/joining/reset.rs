//! The page behind the mailed link that sets a new password.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::access::Guest;
use crate::domain::registration::LinkPurpose;
use crate::intake::digest;
use crate::web::forms::{Errors, Open};
use crate::web::frame::Frame;
use crate::web::pages::joining::{choosing, ended};
use crate::web::pages::problem::Problem;
use crate::web::session::{Visitor, form_token, with_cookie};
use crate::web::{Shared, View, pages};

#[derive(Template)]
#[template(path = "joining/reset.html", config = "src/web/templates/askama.toml")]
struct Reset<'a> {
    frame: Frame<'a>,
    csrf: &'a str,
    token: &'a str,
    email: &'a str,
    errors: &'a Errors,
}

#[derive(Template)]
#[template(
    path = "joining/reset_done.html",
    config = "src/web/templates/askama.toml"
)]
struct Done<'a> {
    frame: Frame<'a>,
}

/// Whose link it is, while it may be used.
async fn guest(view: &View, token: &str) -> Result<Option<Guest>, Problem> {
    let store = &view.deps.store;
    let now = view.deps.clock.now();
    let user = store
        .link_user(&digest(token.as_bytes()), LinkPurpose::Reset, now)
        .await?;
    Ok(user.and_then(|user| view.deps.access.guest(user)))
}

/// GET `/reset/{token}`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let Some(guest) = guest(&view, &token).await? else {
        return Ok(ended::password_link(&view, visitor.as_ref()));
    };
    let form = form_token(&view, &headers);
    let page = Reset {
        frame: Frame::new(&view, visitor.as_ref(), "Choose a new password"),
        csrf: &form.value,
        token: &token,
        email: guest.user.login.as_str(),
        errors: &Errors::default(),
    };
    Ok(with_cookie(pages::page(StatusCode::OK, &page), form.cookie))
}

/// POST `/reset/{token}`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    Path(token): Path<String>,
    form: Open,
) -> Result<Response, Problem> {
    let Some(guest) = guest(&view, &token).await? else {
        return Ok(ended::password_link(&view, visitor.as_ref()));
    };
    let mut errors = Errors::default();
    choosing::check(&form.fields, &guest.user.login, None, &mut errors);
    if !errors.is_empty() {
        let page = Reset {
            frame: Frame::new(&view, visitor.as_ref(), "Choose a new password").faulty(true),
            csrf: &form.csrf,
            token: &token,
            email: guest.user.login.as_str(),
            errors: &errors,
        };
        return Ok(pages::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let chosen = (form.fields.exact("new-password"), form.from);
    let link = (token.as_str(), LinkPurpose::Reset);
    // Pressed twice at once: one of the two set the password.
    if !choosing::choose_by_link(&view, &guest.user, chosen, link).await? {
        return Ok(ended::password_link(&view, visitor.as_ref()));
    }
    tracing::info!(user = %guest.user.id, door = "web", "a password was set by a mailed link");
    let page = Done {
        frame: Frame::new(&view, visitor.as_ref(), "Your password has been changed"),
    };
    Ok(pages::page(StatusCode::OK, &page))
}
