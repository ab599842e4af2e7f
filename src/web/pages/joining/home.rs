//! The home page: the way in for those signed out, the entries for those signed in.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::access::{Guest, Right};
use crate::web::frame::Frame;
use crate::web::session::{self, Visitor, redirect};
use crate::web::{Shared, pages};

/// Something to do, for whoever has the right.
struct Entry {
    name: &'static str,
    path: &'static str,
    text: &'static str,
    right: Right,
    /// For the authority's own people, or for manufacturers; `None` for both.
    for_staff: Option<bool>,
}

const ENTRIES: &[Entry] = &[
    Entry {
        name: "Submissions",
        path: "/submissions",
        text: "See the status of every file that was sent, what was wrong with those that failed, and download receipts.",
        right: Right::ViewSubmissions,
        for_staff: None,
    },
    Entry {
        name: "Upload eCoC files",
        path: "/uploads/new",
        text: "Send certificates of conformity as XML files.",
        right: Right::Upload,
        for_staff: None,
    },
    Entry {
        name: "Manage users",
        path: "/users",
        text: "Invite people of your organisation, change what they may do, and take their access away.",
        right: Right::ManageUsers,
        for_staff: None,
    },
    Entry {
        name: "SFTP",
        path: "/sftp",
        text: "Let your systems send files: how to connect, host keys, and the keys of your machine users.",
        right: Right::ViewSubmissions,
        for_staff: Some(false),
    },
    Entry {
        name: "Requests for an account",
        path: "/staff/requests",
        text: "Approve or refuse requests of manufacturers, before the promised day.",
        right: Right::Review,
        for_staff: None,
    },
    Entry {
        name: "Back office",
        path: "/staff/home",
        text: "What is waiting, and how the service does.",
        right: Right::Review,
        for_staff: None,
    },
];

#[derive(Template)]
#[template(path = "joining/home.html", config = "src/web/templates/askama.toml")]
struct Home<'a> {
    frame: Frame<'a>,
    entries: Vec<&'static Entry>,
}

#[derive(Template)]
#[template(path = "joining/start.html", config = "src/web/templates/askama.toml")]
struct Start<'a> {
    frame: Frame<'a>,
}

/// What this guest may do.
fn entries(guest: &Guest) -> Vec<&'static Entry> {
    let is_staff = guest.user.role.is_staff();
    let fits = |entry: &&Entry| {
        guest.may(entry.right) && entry.for_staff.is_none_or(|staff| staff == is_staff)
    };
    ENTRIES.iter().filter(fits).collect()
}

/// GET `/`.
pub(crate) async fn show(State(view): State<Shared>, visitor: Option<Visitor>) -> Response {
    let Some(visitor) = visitor else {
        let frame = Frame::new(&view, None, "Welcome");
        return pages::page(StatusCode::OK, &Start { frame });
    };
    match session::detour(&view, &visitor).await {
        Ok(None) => {}
        Ok(Some(page)) => return redirect(page),
        Err(problem) => return problem.into_response(),
    }
    let page = Home {
        frame: Frame::new(&view, Some(&visitor), "Home"),
        entries: entries(&visitor.guest),
    };
    pages::page(StatusCode::OK, &page)
}
