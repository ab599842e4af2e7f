//! Taking up an invitation: opening the mailed link shows a button, pressing it redeems. (Programs
//! that scan mails open links, and press nothing.)

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::access::Guest;
use crate::domain::registration::LinkPurpose;
use crate::intake::digest;
use crate::web::forms::{Errors, Open};
use crate::web::frame::Frame;
use crate::web::pages::joining::{choosing, ended, sign_in};
use crate::web::pages::problem::Problem;
use crate::web::session::{Visitor, form_token, redirect, with_cookie};
use crate::web::{Shared, View, pages};

/// Where somebody goes who took an invitation up that came with a temporary password.
const SIGN_IN: &str = "/sign-in";

#[derive(Template)]
#[template(path = "joining/redeem.html", config = "src/web/templates/askama.toml")]
struct Redeem<'a> {
    frame: Frame<'a>,
    csrf: &'a str,
    token: &'a str,
}

#[derive(Template)]
#[template(
    path = "joining/create_password.html",
    config = "src/web/templates/askama.toml"
)]
struct CreatePassword<'a> {
    frame: Frame<'a>,
    csrf: &'a str,
    token: &'a str,
    email: &'a str,
    errors: &'a Errors,
}

/// Whose invitation it is, while it may be taken up.
async fn guest(view: &View, token: &str) -> Result<Option<Guest>, Problem> {
    let now = view.deps.clock.now();
    let store = &view.deps.store;
    let user = store
        .link_user(&digest(token.as_bytes()), LinkPurpose::Redeem, now)
        .await?;
    let Some(user) = user else {
        return Ok(None);
    };
    let access = &view.deps.access;
    if let Some(guest) = access.guest(user) {
        return Ok(Some(guest));
    }
    // Invited within the last second: `access` has not heard of it yet.
    access.refresh().await?;
    Ok(access.guest(user))
}

/// GET `/redeem/{token}`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    if guest(&view, &token).await?.is_none() {
        return Ok(ended::invitation(&view, visitor.as_ref()));
    }
    let form = form_token(&view, &headers);
    let page = Redeem {
        frame: Frame::new(&view, visitor.as_ref(), "Redeem invitation"),
        csrf: &form.value,
        token: &token,
    };
    Ok(with_cookie(pages::page(StatusCode::OK, &page), form.cookie))
}

/// POST `/redeem/{token}`: the button `Register`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    Path(token): Path<String>,
    form: Open,
) -> Result<Response, Problem> {
    let Some(guest) = guest(&view, &token).await? else {
        return Ok(ended::invitation(&view, visitor.as_ref()));
    };
    if view.deps.access.password_since(guest.user.id).is_none() {
        let errors = Errors::default();
        return Ok(created(
            title(&view, visitor.as_ref()),
            &form.csrf,
            &token,
            &guest,
            &errors,
        ));
    }
    if !take(&view, &token, &guest, form.from).await? {
        return Ok(ended::invitation(&view, visitor.as_ref()));
    }
    Ok(redirect(SIGN_IN))
}

/// POST `/redeem/{token}/password`: of an invitation that came without one.
pub(crate) async fn create(
    State(view): State<Shared>,
    Path(token): Path<String>,
    visitor: Option<Visitor>,
    form: Open,
) -> Result<Response, Problem> {
    let Some(guest) = guest(&view, &token).await? else {
        return Ok(ended::invitation(&view, visitor.as_ref()));
    };
    let user = &guest.user;
    let mut errors = Errors::default();
    choosing::check(&form.fields, &user.login, None, &mut errors);
    if !errors.is_empty() {
        return Ok(created(
            title(&view, visitor.as_ref()),
            &form.csrf,
            &token,
            &guest,
            &errors,
        ));
    }
    let chosen = (form.fields.exact("new-password"), form.from);
    let link = (token.as_str(), LinkPurpose::Redeem);
    if !choosing::choose_by_link(&view, user, chosen, link).await? {
        return Ok(ended::invitation(&view, visitor.as_ref()));
    }
    tracing::info!(user = %user.id, door = "web", "an invitation was taken up");
    let guest = view.deps.access.guest(user.id).ok_or(Problem::Forbidden)?;
    sign_in::enter(&view, visitor.as_ref(), &form.headers, &guest, "/").await
}

/// Uses the link up; `false` if somebody was faster.
async fn take(
    view: &View,
    token: &str,
    guest: &Guest,
    from: std::net::IpAddr,
) -> Result<bool, Problem> {
    let deed = choosing::redeeming(view, &guest.user, from);
    let token = digest(token.as_bytes());
    let holder = view.deps.store.redeem_link(&token, &deed).await?;
    if holder.is_some() {
        tracing::info!(user = %guest.user.id, door = "web", "an invitation was taken up");
    }
    Ok(holder.is_some())
}

fn title<'a>(view: &'a View, visitor: Option<&'a Visitor>) -> Frame<'a> {
    Frame::new(view, visitor, "Create a password")
}

fn created(frame: Frame<'_>, csrf: &str, token: &str, guest: &Guest, errors: &Errors) -> Response {
    let page = CreatePassword {
        frame: frame.faulty(!errors.is_empty()),
        csrf,
        token,
        email: guest.user.login.as_str(),
        errors,
    };
    pages::form(!errors.is_empty(), &page)
}
