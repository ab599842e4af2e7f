//! The pages for links that were used, or have ended, or never were: what to do instead.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::frame::Frame;
use crate::web::session::Visitor;
use crate::web::{View, pages};

#[derive(Template)]
#[template(path = "joining/ended.html", config = "src/web/templates/askama.toml")]
struct Ended<'a> {
    frame: Frame<'a>,
    heading: &'static str,
    paragraphs: &'static [&'static str],
    /// Where to begin again, and what that is called.
    way: (&'static str, &'static str),
}

fn drawn(
    view: &View,
    visitor: Option<&Visitor>,
    heading: &'static str,
    paragraphs: &'static [&'static str],
    way: (&'static str, &'static str),
) -> Response {
    let page = Ended {
        frame: Frame::new(view, visitor, heading),
        heading,
        paragraphs,
        way,
    };
    pages::page(StatusCode::GONE, &page)
}

/// A link that set a new password.
pub(crate) fn password_link(view: &View, visitor: Option<&Visitor>) -> Response {
    drawn(
        view,
        visitor,
        "This link can no longer be used",
        &[
            "It was used before, it has ended, or a newer one was sent after it.",
            "If you have not chosen a new password yet, ask for another link.",
        ],
        ("/forgotten", "Ask for another link"),
    )
}

/// The link of an invitation.
pub(crate) fn invitation(view: &View, visitor: Option<&Visitor>) -> Response {
    drawn(
        view,
        visitor,
        "This invitation can no longer be used",
        &[
            "It was used before, it has ended, or a newer one was sent after it.",
            "If you have used it, sign in. If you have not, ask your manufacturer’s Primary User for a new invitation.",
            "If you are to be the Primary User yourself, write to us at the address below: we send it again.",
        ],
        ("/sign-in", "Sign in"),
    )
}

/// The link that confirms the address of a request.
pub(crate) fn confirmation(view: &View, visitor: Option<&Visitor>) -> Response {
    drawn(
        view,
        visitor,
        "This link can no longer be used",
        &[
            "It was used before, or it has ended.",
            "If you have confirmed your email address already, you do not need to do anything. If you have not, send your request again.",
        ],
        ("/register", "Register for an eCoC account"),
    )
}
