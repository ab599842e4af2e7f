//! Signing in: first the mail address, then the password.
//!
//! *Invariant*: the second step looks the same whoever the address belongs to; every failure gets
//! the same words, and `access` takes the same time for each.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::access::Guest;
use crate::web::forms::{Errors, Fields, Open};
use crate::web::frame::Frame;
use crate::web::pages::joining::next::{asked_next, local, next_of, page_with};
use crate::web::pages::joining::stay;
use crate::web::pages::problem::Problem;
use crate::web::session::{self, Visitor, form_token, redirect, with_cookie};
use crate::web::{Shared, View, pages};

/// What is said of every wrong address and every wrong password.
const WRONG: &str = "Enter a correct email address and password";

/// Where staff begin.
const STAFF_HOME: &str = "/staff/home";

/// The value of the field `entry` on the staff's page.
const STAFF: &str = "staff";

#[derive(Template)]
#[template(
    path = "joining/sign_in.html",
    config = "src/web/templates/askama.toml"
)]
struct SignIn<'a> {
    frame: Frame<'a>,
    csrf: &'a str,
    next: &'a str,
    is_staff: bool,
    email: &'a str,
    errors: &'a Errors,
}

#[derive(Template)]
#[template(
    path = "joining/enter_password.html",
    config = "src/web/templates/askama.toml"
)]
struct EnterPassword<'a> {
    frame: Frame<'a>,
    csrf: &'a str,
    next: &'a str,
    is_staff: bool,
    email: &'a str,
    errors: &'a Errors,
}

/// GET `/sign-in`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let next = asked_next(&query);
    if visitor.is_some() {
        return redirect(next);
    }
    first_step(&view, &headers, next, false)
}

/// GET `/staff`: the same for the authority's own people.
pub(crate) async fn staff(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
) -> Response {
    match visitor {
        Some(visitor) if visitor.is_staff() => redirect(STAFF_HOME),
        Some(_) => Problem::Forbidden.into_response(),
        None => first_step(&view, &headers, STAFF_HOME, true),
    }
}

/// GET `/sign-in/password`: there is nothing to show without an address.
pub(crate) async fn restart() -> Response {
    redirect("/sign-in")
}

fn first_step(view: &View, headers: &HeaderMap, next: &str, is_staff: bool) -> Response {
    let token = form_token(view, headers);
    let form = SignIn {
        frame: Frame::new(view, None, title(is_staff)),
        csrf: &token.value,
        next,
        is_staff,
        email: "",
        errors: &Errors::default(),
    };
    with_cookie(pages::page(StatusCode::OK, &form), token.cookie)
}

const fn title(is_staff: bool) -> &'static str {
    if is_staff { "Staff sign in" } else { "Sign in" }
}

/// POST `/sign-in`: the address.
pub(crate) async fn submit(State(view): State<Shared>, form: Open) -> Response {
    let email = form.fields.get("email");
    let mut errors = Errors::default();
    if email.is_empty() {
        errors.add("email", "Enter your email address");
    } else if !email.contains('@') || email.len() > 254 {
        errors.add(
            "email",
            "Enter an email address in the correct format, like name@example.com",
        );
    }
    if errors.is_empty() {
        return second_step(&view, &form.fields, &form.csrf, &errors);
    }
    let is_staff = form.fields.get("entry") == STAFF;
    let page = SignIn {
        frame: Frame::new(&view, None, title(is_staff)).faulty(true),
        csrf: &form.csrf,
        next: next_of(&form.fields),
        is_staff,
        email,
        errors: &errors,
    };
    pages::page(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The page that asks for the password, with what was typed except the password.
fn second_step(view: &View, fields: &Fields, csrf: &str, errors: &Errors) -> Response {
    let page = EnterPassword {
        frame: Frame::new(view, None, "Enter password").faulty(!errors.is_empty()),
        csrf,
        next: next_of(fields),
        is_staff: fields.get("entry") == STAFF,
        email: fields.get("email"),
        errors,
    };
    pages::form(!errors.is_empty(), &page)
}

/// POST `/sign-in/password`.
pub(crate) async fn finish(
    State(view): State<Shared>,
    before: Option<Visitor>,
    form: Open,
) -> Result<Response, Problem> {
    let (email, password) = (form.fields.get("email"), form.fields.exact("password"));
    let mut errors = Errors::default();
    if password.is_empty() {
        errors.add("password", "Enter your password");
        return Ok(second_step(&view, &form.fields, &form.csrf, &errors));
    }
    let access = &view.deps.access;
    let guest = access.by_password(email, password, form.from).await;
    let is_staff = form.fields.get("entry") == STAFF;
    let is_welcome =
        |guest: &Guest| session::may_sign_in(guest) && (!is_staff || guest.user.role.is_staff());
    let Some(guest) = guest.filter(is_welcome) else {
        tracing::info!(
            login = masked(email),
            remote_ip = %form.from,
            door = "web",
            "a sign-in was refused"
        );
        errors.add("password", WRONG);
        return Ok(second_step(&view, &form.fields, &form.csrf, &errors));
    };
    tracing::info!(
        user = %guest.user.id,
        login = masked(guest.user.login.as_str()),
        remote_ip = %form.from,
        door = "web",
        "signed in"
    );
    let next = next_of(&form.fields);
    enter(&view, before.as_ref(), &form.headers, &guest, next).await
}

/// Begins a session for a guest who proved who they are, and sends them on: to the question whether
/// to stay signed in if they are asked it, and then to `next`.
pub(crate) async fn enter(
    view: &View,
    before: Option<&Visitor>,
    headers: &HeaderMap,
    guest: &Guest,
    next: &str,
) -> Result<Response, Problem> {
    if let Some(before) = before {
        session::end(view, before).await?;
    }
    let user = guest.user.id;
    let is_asked = view.deps.store.is_asked_to_stay(user).await?;
    let wish = stay::wanted(view, headers, user).filter(|_| !is_asked);
    let cookie = session::begin(view, guest, wish.is_some()).await?;
    let next = local(next);
    let must_change = guest.must_change_password || session::is_expired(view, guest);
    let to = if must_change {
        page_with(session::PASSWORD_PAGE, next)
    } else if is_asked {
        page_with(stay::PAGE, next)
    } else {
        next.to_owned()
    };
    // Signing in again makes the wish last as long as the new session.
    Ok(with_cookie(with_cookie(redirect(&to), Some(cookie)), wish))
}

/// A log-in name for the log: its first letter and what follows the `@`. People type passwords into
/// the wrong box, and the log holds no full addresses.
pub(crate) fn masked(login: &str) -> String {
    let (local, host) = login.split_once('@').unwrap_or((login, ""));
    let first: String = local.chars().take(1).collect();
    let host: String = host.chars().take(100).collect();
    let at = if host.is_empty() { "" } else { "@" };
    format!("{first}***{at}{host}").escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_holds_no_full_address_and_no_line_breaks() {
        assert_eq!(masked("ann@example.com"), "a***@example.com");
        assert_eq!(masked("hunter2"), "h***");
        assert_eq!(masked("a@b\n\u{1b}[31m"), "a***@b\\n\\u{1b}[31m");
    }
}
