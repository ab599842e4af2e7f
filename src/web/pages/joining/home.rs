//! The home page: the way in for those signed out, the entries for those signed in.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::frame::Frame;
use crate::web::session::Visitor;
use crate::web::{Shared, pages};

#[derive(Template)]
#[template(path = "joining/home.html", config = "src/web/templates/askama.toml")]
struct Home<'a> {
    frame: Frame<'a>,
}

#[derive(Template)]
#[template(path = "joining/start.html", config = "src/web/templates/askama.toml")]
struct Start<'a> {
    frame: Frame<'a>,
}

/// GET `/`.
pub(crate) async fn show(State(view): State<Shared>, visitor: Option<Visitor>) -> Response {
    if visitor.is_some() {
        let frame = Frame::new(&view, visitor.as_ref(), "Home");
        pages::page(StatusCode::OK, &Home { frame })
    } else {
        let frame = Frame::new(&view, None, "Welcome");
        pages::page(StatusCode::OK, &Start { frame })
    }
}
