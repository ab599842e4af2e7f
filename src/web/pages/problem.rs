//! The pages for what went wrong. A handler answers with a [`Problem`]; [`draw`] turns it, and
//! every other bare refusal, into a page with the visitor's name still on it.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, COOKIE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::runtime;
use crate::store::StoreFault;
use crate::web::frame::Frame;
use crate::web::pages::joining::next::page_of;
use crate::web::session::{self, Visitor, redirect};
use crate::web::{Shared, View, pages};

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// There is no such page, or none that this visitor may know of.
    NotFound,
    /// The page is there, but not for this way of asking.
    WrongMethod,
    /// The visitor may not do that.
    Forbidden,
    /// A form did not carry the right token, or came from another site.
    ForeignForm,
    /// More was sent than any form holds.
    TooLarge,
    /// What was sent cannot be read.
    Unreadable,
    /// What was sent came too slowly.
    TooSlow,
    /// As much is under way as this visitor may have at a time, or everybody together.
    Busy,
    /// The same was sent too often of late.
    TooOften,
    /// It took too long.
    Slow,
    /// The database is away.
    Away,
    /// Our fault; the log has more under this reference.
    Broken(String),
}

impl Problem {
    /// Our fault: logs it under a new reference.
    pub(crate) fn broken(what: &str) -> Self {
        let reference: String = runtime::unique_id();
        tracing::error!(%reference, "a page could not be made: {what}");
        Self::Broken(reference)
    }

    /// What a bare refusal of the libraries below us means.
    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::WrongMethod,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::TOO_MANY_REQUESTS => Self::Busy,
            StatusCode::SERVICE_UNAVAILABLE => Self::Away,
            status if status.is_client_error() => Self::Unreadable,
            status => Self::broken(&format!("answered {status} without a page")),
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Forbidden | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Busy | Self::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::Slow | Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The heading.
    pub(crate) const fn title(&self) -> &'static str {
        match self {
            Self::NotFound | Self::WrongMethod => "Page not found",
            Self::Forbidden => "You do not have access to this page",
            Self::ForeignForm => "This form can no longer be used",
            Self::TooLarge => "Too much was sent",
            Self::Unreadable => "The request could not be read",
            Self::TooSlow => "What you sent came too slowly",
            Self::Busy => "Other uploads are under way",
            Self::TooOften => "Too many requests were sent",
            Self::Slow | Self::Away => "Sorry, the service is unavailable",
            Self::Broken(_) => "Sorry, there is a problem with the service",
        }
    }

    /// The paragraphs below the heading.
    pub(crate) fn paragraphs(&self) -> Vec<String> {
        let texts: &[&str] = match self {
            Self::NotFound => &[
                "If you typed the web address, check it is correct.",
                "If you pasted the web address, check you copied the entire address.",
                "What belongs to another account is not shown here either.",
            ],
            Self::WrongMethod => &[
                "A form is sent to this web address; there is nothing to see at it.",
                "Go back to the page before.",
            ],
            Self::Forbidden => &["Your role does not include this page."],
            Self::ForeignForm => &[
                "The page was open for too long, you signed out in another window, or your browser did not keep our cookie.",
                "Go back to the page before, reload it, and try again.",
            ],
            Self::TooLarge => &["Go back and send less."],
            Self::Unreadable => &["Go back to the page before, reload it, and try again."],
            Self::TooSlow => &[
                "Go back and send fewer files at a time, or send them by SFTP.",
                "Files that had come as a whole are kept for a while: they are in the list when you add others.",
            ],
            Self::Busy => &["Wait until they have ended, then try again."],
            Self::TooOften => &["More than usual came from your network. Try again in an hour."],
            Self::Slow | Self::Away => &[
                "You will be able to look up your submissions later.",
                "Files sent by SFTP are still taken in and kept, and will be processed.",
            ],
            Self::Broken(_) => &["Try again later."],
        };
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    /// What the visitor can quote, and the log knows.
    pub(crate) fn reference(&self) -> Option<&str> {
        match self {
            Self::Broken(reference) => Some(reference),
            _ => None,
        }
    }
}

impl From<StoreFault> for Problem {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Away(why) => {
                tracing::warn!("a page could not be made, the database is away: {why}");
                Self::Away
            }
            fault @ (StoreFault::Broken(_) | StoreFault::Unusable(_) | StoreFault::Older) => {
                Self::broken(&fault.to_string())
            }
        }
    }
}

impl IntoResponse for Problem {
    /// The bare refusal; [`draw`] makes a page of it.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Answers for every path that has no page.
pub(crate) async fn not_found() -> Problem {
    Problem::NotFound
}

/// Answers a page asked for in a way that it does not know. Whoever asks for the address of a form, as by
/// loading again what was refused, is led to the page that has the form.
pub(crate) async fn wrong_method(method: Method, uri: Uri) -> Response {
    let page = page_of(uri.path());
    if matches!(method, Method::GET | Method::HEAD) && page != uri.path() {
        return redirect(page);
    }
    Problem::WrongMethod.into_response()
}

#[derive(Template)]
#[template(path = "problem.html", config = "src/web/templates/askama.toml")]
struct ProblemPage<'a> {
    frame: Frame<'a>,
    problem: &'a Problem,
}

/// Draws the page of every answer that refuses without one.
pub(crate) async fn draw(State(view): State<Shared>, request: Request, next: Next) -> Response {
    let cookies = only(request.headers(), &COOKIE);
    let bare = next.run(request).await;
    let status = bare.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    if !is_refusal || has_page(bare.headers()) {
        return bare;
    }
    let problem = match bare.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        None => Problem::of(status),
    };
    // When the store is what fails, it is not asked who the visitor is.
    let visitor = match problem {
        Problem::Slow | Problem::Away | Problem::Broken(_) => None,
        _ => session::visitor(&view, &cookies).await.ok().flatten(),
    };
    let mut response = drawn(&view, visitor.as_ref(), &problem);
    if let Some(methods) = bare.headers().get(ALLOW) {
        response.headers_mut().insert(ALLOW, methods.clone());
    }
    if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
        let pause = HeaderValue::from_static("60");
        response.headers_mut().insert(RETRY_AFTER, pause);
    }
    response
}

fn drawn(view: &View, visitor: Option<&Visitor>, problem: &Problem) -> Response {
    let frame = Frame::new(view, visitor, problem.title());
    let page = ProblemPage { frame, problem };
    pages::page(problem.status(), &page)
}

fn has_page(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn only(headers: &HeaderMap, name: &HeaderName) -> HeaderMap {
    let values = headers.get_all(name).iter().cloned();
    values.map(|value| (name.clone(), value)).collect()
}
