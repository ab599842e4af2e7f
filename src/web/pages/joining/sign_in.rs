//! Signing in with a mail address and a password.
//!
//! *Invariant*: every failure gets the same words, and `access` takes the same time for each.

use askama::Template;
use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::web::connections::Peer;
use crate::web::frame::Frame;
use crate::web::pages::problem::Problem;
use crate::web::session::{self, Visitor, form_token, redirect, with_cookie};
use crate::web::{Shared, View, pages};

/// What is said of every wrong address and every wrong password.
const WRONG: &str = "Enter a correct email address and password";

/// The form as it was sent.
#[derive(Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(
    path = "joining/sign_in.html",
    config = "src/web/templates/askama.toml"
)]
struct SignIn<'a> {
    frame: Frame<'a>,
    csrf: &'a str,
    next: &'a str,
    email: &'a str,
    email_error: Option<&'static str>,
    password_error: Option<&'static str>,
}

impl SignIn<'_> {
    /// The errors with the fields that they belong to.
    fn errors(&self) -> Vec<(&'static str, &'static str)> {
        let email = self.email_error.map(|error| ("email", error));
        // Said once, although both fields are marked.
        let password = self.password_error.map(|error| ("password", error));
        let password = password.filter(|_| self.email_error != self.password_error);
        email.into_iter().chain(password).collect()
    }
}

/// GET `/sign-in`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let next = query
        .iter()
        .find(|(name, _)| name == "next")
        .map_or("", |(_, next)| next.as_str());
    if visitor.is_some() {
        return redirect(local(next));
    }
    let token = form_token(&view, &headers);
    let form = SignIn {
        frame: Frame::new(&view, None, "Sign in"),
        csrf: &token.value,
        next: local(next),
        email: "",
        email_error: None,
        password_error: None,
    };
    with_cookie(pages::page(StatusCode::OK, &form), token.cookie)
}

/// POST `/sign-in`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    before: Option<Visitor>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    form: Result<Form<Sent>, FormRejection>,
) -> Result<Response, Response> {
    let Form(sent) = form.map_err(IntoResponse::into_response)?;
    if session::is_foreign(&view, &headers) || !session::owns_form(&view, &headers, &sent.csrf) {
        return Err(Problem::ForeignForm.into_response());
    }
    let email = sent.email.trim();
    let email_error = email.is_empty().then_some("Enter your email address");
    let password_error = sent.password.is_empty().then_some("Enter your password");
    if email_error.is_some() || password_error.is_some() {
        return Ok(again(&view, &sent, email_error, password_error));
    }
    let from = peer.map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.0);
    let access = &view.deps.access;
    let guest = access.by_password(email, &sent.password, from).await;
    let Some(guest) = guest.filter(session::may_sign_in) else {
        tracing::info!(
            login = masked(email),
            remote_ip = %from,
            door = "web",
            "a sign-in was refused"
        );
        return Ok(again(&view, &sent, Some(WRONG), Some(WRONG)));
    };
    if let Some(before) = before {
        session::end(&view, &before)
            .await
            .map_err(IntoResponse::into_response)?;
    }
    let cookie = session::begin(&view, &guest)
        .await
        .map_err(IntoResponse::into_response)?;
    tracing::info!(
        user = %guest.user.id,
        login = masked(guest.user.login.as_str()),
        remote_ip = %from,
        door = "web",
        "signed in"
    );
    Ok(with_cookie(redirect(local(&sent.next)), Some(cookie)))
}

/// The form again, with what was typed except the password.
fn again(
    view: &View,
    sent: &Sent,
    email_error: Option<&'static str>,
    password_error: Option<&'static str>,
) -> Response {
    let form = SignIn {
        frame: Frame::new(view, None, "Sign in").faulty(true),
        csrf: &sent.csrf,
        next: local(&sent.next),
        email: &sent.email,
        email_error,
        password_error,
    };
    pages::page(StatusCode::UNPROCESSABLE_ENTITY, &form)
}

/// Where to go after signing in: one of our own pages, and never anywhere else.
fn local(next: &str) -> &str {
    let is_ours = next == "/submissions"
        || next.starts_with("/submissions/")
        || next.starts_with("/submissions?");
    if is_ours && next.bytes().all(|b| b.is_ascii_graphic()) {
        next
    } else {
        "/"
    }
}

/// A log-in name for the log: its first letter and what follows the `@`. People type passwords into
/// the wrong box, and the log holds no full addresses.
fn masked(login: &str) -> String {
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
    fn signing_in_never_leads_to_another_site() {
        for hostile in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/submissions\r\nx: y",
            "/submissionsx",
            "/sign-out",
            "",
        ] {
            assert_eq!(local(hostile), "/", "{hostile:?}");
        }
        assert_eq!(local("/submissions?vin=*1"), "/submissions?vin=*1");
        assert_eq!(
            local("/submissions/SUB-22222222"),
            "/submissions/SUB-22222222"
        );
    }

    #[test]
    fn the_log_holds_no_full_address_and_no_line_breaks() {
        assert_eq!(masked("ann@example.com"), "a***@example.com");
        assert_eq!(masked("hunter2"), "h***");
        assert_eq!(masked("a@b\n\u{1b}[31m"), "a***@b\\n\\u{1b}[31m");
    }
}
