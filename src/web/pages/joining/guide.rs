//! The guide for users: one page, for everybody, that can be printed.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::config::{Challenge, FirstPassword};
use crate::domain::outcome::FINDINGS_MAX;
use crate::domain::receipt::{FILE_NAME_BYTES_MAX, RECEIPT_SUFFIX};
use crate::web::frame::Frame;
use crate::web::pages::files;
use crate::web::pages::joining::forgotten;
use crate::web::session::Visitor;
use crate::web::text::{count, span};
use crate::web::{Shared, View, pages};

/// Below which headings the guide stands: the anchor, and the words.
const PARTS: &[(&str, &str)] = &[
    ("file", "Create a file"),
    ("access", "Get access"),
    ("account", "Create an account"),
    ("registration-email", "The registration email"),
    ("sign-in", "Sign in, and your password"),
    ("users", "Manage users"),
    ("upload", "Upload files"),
    ("submissions", "View submissions"),
    ("outcomes", "Outcomes, and what to do"),
    ("vehicle", "The record of a vehicle"),
    ("sftp", "Send files by SFTP"),
    ("emails", "Emails"),
    ("refused", "When something is refused"),
    ("assistance", "Assistance"),
];

#[derive(Template)]
#[template(path = "joining/guide.html", config = "src/web/templates/askama.toml")]
struct Guide<'a> {
    frame: Frame<'a>,
    parts: &'static [(&'static str, &'static str)],
    receipt_suffix: &'static str,
    /// The largest file, as the upload page has it.
    size_max: String,
    files_max: u32,
    name_max: String,
    findings_max: String,
    /// Does the form for an account always ask for a verification code?
    has_code: bool,
    review_days: u32,
    confirm_within: String,
    invitation_days: u32,
    /// Does an invitation carry a temporary password?
    is_temporary: bool,
    link_lasts: String,
    /// How long a password lasts, if it ends.
    password_lasts: Option<String>,
    idle: String,
    kept: String,
    /// May people log in by SFTP with their password?
    passwords: bool,
}

fn guide<'a>(view: &'a View, visitor: Option<&'a Visitor>) -> Guide<'a> {
    let web = &view.settings;
    Guide {
        frame: Frame::new(view, visitor, "User guide"),
        parts: PARTS,
        receipt_suffix: RECEIPT_SUFFIX,
        size_max: files::size(view),
        files_max: web.upload_files_max,
        name_max: count(FILE_NAME_BYTES_MAX as u64),
        findings_max: count(FINDINGS_MAX as u64),
        has_code: view.registration.challenge == Challenge::Always,
        review_days: view.registration.review_days,
        confirm_within: span(view.registration.confirm_within),
        invitation_days: view.invitation.days,
        is_temporary: view.invitation.password == FirstPassword::Temporary,
        link_lasts: span(forgotten::LASTS),
        password_lasts: (!web.password_age_max.is_zero()).then(|| span(web.password_age_max)),
        idle: span(web.idle_max),
        kept: span(web.kept_max),
        passwords: view.sftp.settings.passwords,
    }
}

/// GET `/guide`.
pub(crate) async fn show(State(view): State<Shared>, visitor: Option<Visitor>) -> Response {
    pages::page(StatusCode::OK, &guide(&view, visitor.as_ref()))
}
