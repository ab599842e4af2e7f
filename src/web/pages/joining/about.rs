//! The small pages that never change: accessibility and cookies.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::frame::Frame;
use crate::web::pages::joining::stay;
use crate::web::session::{self, Visitor};
use crate::web::text::span;
use crate::web::{Shared, once, pages};

#[derive(Template)]
#[template(
    path = "joining/accessibility.html",
    config = "src/web/templates/askama.toml"
)]
struct Accessibility<'a> {
    frame: Frame<'a>,
}

#[derive(Template)]
#[template(
    path = "joining/cookies.html",
    config = "src/web/templates/askama.toml"
)]
struct Cookies<'a> {
    frame: Frame<'a>,
    session_name: String,
    form_name: String,
    stay_name: String,
    told_name: String,
    kept: String,
    idle: String,
    longest: String,
}

/// GET `/accessibility`.
pub(crate) async fn accessibility(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
) -> Response {
    let frame = Frame::new(&view, visitor.as_ref(), "Accessibility statement");
    pages::page(StatusCode::OK, &Accessibility { frame })
}

/// GET `/cookies`.
pub(crate) async fn cookies(State(view): State<Shared>, visitor: Option<Visitor>) -> Response {
    let frame = Frame::new(&view, visitor.as_ref(), "Cookies");
    let page = Cookies {
        frame,
        session_name: view.cookie_name(session::SESSION),
        form_name: view.cookie_name(session::FORM),
        stay_name: view.cookie_name(stay::STAY),
        told_name: view.cookie_name(once::TOLD),
        kept: span(view.settings.kept_max),
        idle: span(view.settings.idle_max),
        longest: span(view.settings.session_max),
    };
    pages::page(StatusCode::OK, &page)
}
