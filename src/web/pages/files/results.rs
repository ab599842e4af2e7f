//! What became of an upload, file by file, at an address that stays.

use std::fmt::Write;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::submission::{Lane, Status};
use crate::store::{Row, Upload, UploadFile};
use crate::web::frame::{Frame, Place};
use crate::web::pages::files::upload::refusal_text;
use crate::web::session::Visitor;
use crate::web::text::{moment, shown};
use crate::web::{View, pages};

/// A file as it is shown.
struct Line {
    file_name: String,
    status: &'static str,
    colour: &'static str,
    title: Option<String>,
    message: Option<String>,
    /// How many more errors there are than the one that the message tells of.
    more: u32,
    /// The portal's words for our own fault are shown.
    is_held: bool,
    /// The submission made of it.
    number: Option<String>,
    is_unfinished: bool,
}

#[derive(Template)]
#[template(path = "files/results.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    number: String,
    sent: String,
    sent_at: String,
    is_test: bool,
    summary: String,
    is_unfinished: bool,
    lines: Vec<Line>,
}

/// The page of an upload that was sent.
pub(super) fn page(view: &View, visitor: &Visitor, upload: &Upload) -> Response {
    let lines: Vec<Line> = upload.files.iter().map(|file| line(view, file)).collect();
    let sent = upload.sent.unwrap_or_else(|| view.deps.clock.now());
    let template = Page {
        frame: Frame::new(view, Some(visitor), "Upload results").at(Place::Upload),
        number: upload.number.to_string(),
        sent: moment(sent, &view.zone),
        sent_at: sent.to_string(),
        is_test: upload.lane == Lane::Test,
        summary: summary(&lines),
        is_unfinished: lines.iter().any(|line| line.is_unfinished),
        lines,
    };
    pages::page(StatusCode::OK, &template)
}

fn line(view: &View, file: &UploadFile) -> Line {
    let mut line = Line {
        file_name: shown(&file.file_name),
        status: "Waiting",
        colour: "grey",
        title: None,
        message: None,
        more: 0,
        is_held: false,
        number: None,
        is_unfinished: true,
    };
    if let Some(refusal) = file.refusal {
        (line.status, line.colour) = ("Failed", "red");
        line.message = Some(refusal_text(view, refusal));
        line.is_unfinished = false;
    }
    if let Some(row) = &file.submission {
        fill(&mut line, row, file.message.as_ref());
    }
    line
}

fn fill(line: &mut Line, row: &Row, message: Option<&(String, u32)>) {
    let status = pages::shown_status(row);
    line.colour = pages::colour(status);
    line.number = Some(row.submission.number.to_string());
    line.is_unfinished = pages::is_unfinished(row);
    line.status = match status {
        Status::Succeeded => "Success",
        other => other.as_str(),
    };
    line.is_held = row.submission.is_held;
    if status == Status::Failed && !line.is_held {
        line.title = row.title.as_deref().map(shown);
        line.message = message.map(|(message, _)| shown(message));
        line.more = message.map_or(0, |(_, errors)| errors.saturating_sub(1));
    }
}

/// `8 accepted, 2 failed`.
fn summary(lines: &[Line]) -> String {
    let number = |is: fn(&&Line) -> bool| lines.iter().filter(is).count();
    let accepted = number(|line| line.status == "Success");
    let failed = number(|line| line.status == "Failed");
    let open = number(|line| line.is_unfinished);
    let mut text = format!("{accepted} accepted, {failed} failed");
    if open > 0 {
        // Writing to a String cannot fail.
        let _ = write!(text, ", {open} being processed");
    }
    text
}
