//! A forgotten password: a link that sets a new one, mailed to the address that was typed.
//!
//! *Invariant*: the answer, and the work behind it, is the same whether or not the address is known.

use std::net::IpAddr;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::domain::account::{LoginName, MailAddress, User, UserKind};
use crate::domain::audit::Action;
use crate::letters;
use crate::store::Change;
use crate::web::forms::{Errors, Open, open_deed};
use crate::web::frame::Frame;
use crate::web::lately::What;
use crate::web::pages::joining::{evenly, inviting, sign_in};
use crate::web::pages::problem::Problem;
use crate::web::session::{Visitor, form_token, with_cookie};
use crate::web::text::span;
use crate::web::{Shared, View, pages};

/// So long the mailed link works.
pub(super) const LASTS: Duration = Duration::from_hours(1);

/// Links for one address in an hour.
///
/// Reason: a stranger must not fill somebody's mailbox; a person needs one, and sometimes another.
const HOURLY_MAX: usize = 3;

/// Links that one place asks for in an hour.
const HOURLY_MAX_FROM: usize = 20;

#[derive(Template)]
#[template(
    path = "joining/forgotten.html",
    config = "src/web/templates/askama.toml"
)]
struct Forgotten<'a> {
    frame: Frame<'a>,
    csrf: &'a str,
    email: &'a str,
    errors: &'a Errors,
}

#[derive(Template)]
#[template(
    path = "joining/check_email.html",
    config = "src/web/templates/askama.toml"
)]
struct CheckEmail<'a> {
    frame: Frame<'a>,
    lasts: String,
}

/// GET `/forgotten`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
) -> Response {
    let token = form_token(&view, &headers);
    let form = Forgotten {
        frame: Frame::new(&view, visitor.as_ref(), "Forgot your password?"),
        csrf: &token.value,
        email: "",
        errors: &Errors::default(),
    };
    with_cookie(pages::page(StatusCode::OK, &form), token.cookie)
}

/// POST `/forgotten`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    form: Open,
) -> Result<Response, Problem> {
    let email = form.fields.get("email");
    let mut errors = Errors::default();
    if email.is_empty() {
        errors.add("email", "Enter your email address");
    } else if MailAddress::new(email).is_err() {
        errors.add(
            "email",
            "Enter an email address in the correct format, like name@example.com",
        );
    }
    if !errors.is_empty() {
        let page = Forgotten {
            frame: Frame::new(&view, visitor.as_ref(), "Forgot your password?").faulty(true),
            csrf: &form.csrf,
            email,
            errors: &errors,
        };
        return Ok(pages::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let now = view.deps.clock.now();
    let hour = Duration::from_hours(1);
    let address = email.to_ascii_lowercase();
    let lately = &view.lately;
    let too_often = lately.about(What::PasswordLinks, &address, hour, now) >= HOURLY_MAX
        || lately.is_flood(What::PasswordLinks, form.from, HOURLY_MAX_FROM, now);
    lately.add_from(What::PasswordLinks, form.from, now);
    if !too_often {
        lately.add_about(What::PasswordLinks, &address, now);
    }
    evenly(send(&view, &address, form.from, too_often)).await?;
    let page = CheckEmail {
        frame: Frame::new(&view, visitor.as_ref(), "Check your email"),
        lasts: span(LASTS),
    };
    Ok(pages::page(StatusCode::OK, &page))
}

/// Mails a link if somebody with this address may sign in.
async fn send(view: &View, address: &str, from: IpAddr, too_often: bool) -> Result<(), Problem> {
    let store = &view.deps.store;
    let user = match LoginName::new(address) {
        Ok(login) => store.user(&login).await?,
        Err(_never_ours) => None,
    };
    let user = user.filter(|user| may_have_link(view, user) && !too_often);
    tracing::info!(
        login = sign_in::masked(address),
        is_known = user.is_some(),
        remote_ip = %from,
        "a link to set a new password was asked for"
    );
    let Some(user) = user else {
        return Ok(());
    };
    let link = inviting::link(view, "reset", LASTS);
    let login = user.login.as_str();
    let deed = open_deed(view, (login, from), Action::PasswordLinkSent, login, "");
    let letter =
        letters::joining::password_link(&view.service, &user.display_name, &link.url, &span(LASTS));
    let mail = letters::joining::to_user(&view.service, &user, &deed.id, &letter);
    let change = Change {
        deed,
        mails: mail.into_iter().collect(),
    };
    store.add_reset_link(user.id, &link.new, &change).await?;
    Ok(())
}

fn may_have_link(view: &View, user: &User) -> bool {
    user.kind == UserKind::Person && view.deps.access.guest(user.id).is_some()
}
