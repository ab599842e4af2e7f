//! Mails that wait, were sent, or failed. The only page that shows whole addresses.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::notice::{Mail, MailStatus};
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::pager::{self, Pager};
use crate::web::pages::office::{Query, When, asked};
use crate::web::pages::problem::Problem;
use crate::web::paging::{ROWS, Step, pages as pages_of};
use crate::web::session::Visitor;
use crate::web::text::shown;
use crate::web::{Shared, View, pages};

struct Line {
    id: i64,
    to: String,
    subject: String,
    status: &'static str,
    colour: &'static str,
    attempts: u32,
    created: When,
    next: Option<When>,
    last_answer: String,
}

/// A choice of the filter.
struct Choice {
    value: &'static str,
    title: &'static str,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "office/outbox.html", config = "src/web/templates/askama.toml")]
struct Outbox<'a> {
    frame: Frame<'a>,
    choices: Vec<Choice>,
    lines: Vec<Line>,
    pager: Pager,
}

/// GET `/staff/outbox`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let status: Option<MailStatus> = asked(&query, "status").parse().ok();
    let mut current = pager::wanted(asked(&query, "page"));
    let store = &view.deps.store;
    let fetch = |page| store.mail_page(status, pager::offset(page), ROWS);
    let mut found = fetch(current).await?;
    if current > pages_of(found.total) {
        current = 1;
        found = fetch(1).await?;
    }
    let base = status.map_or_else(
        || "/staff/outbox".to_owned(),
        |status| format!("/staff/outbox?status={status}"),
    );
    let pager = Pager::new(current, found.total, "mail", &base);
    let outbox = Outbox {
        frame: Frame::new(&view, Some(&visitor), &pager.titled("Outbox")).at(Place::Office),
        choices: choices(status),
        lines: found.mails.iter().map(|mail| line(&view, mail)).collect(),
        pager,
    };
    Ok(pages::page(StatusCode::OK, &outbox))
}

fn choices(chosen: Option<MailStatus>) -> Vec<Choice> {
    let all = [
        (None, "", "All"),
        (
            Some(MailStatus::Waiting),
            "waiting",
            title(MailStatus::Waiting),
        ),
        (Some(MailStatus::Sent), "sent", title(MailStatus::Sent)),
        (
            Some(MailStatus::Failed),
            "failed",
            title(MailStatus::Failed),
        ),
    ];
    let choice = |(status, value, title)| Choice {
        value,
        title,
        is_chosen: status == chosen,
    };
    all.into_iter().map(choice).collect()
}

/// Where a mail stands, in a word.
pub(super) const fn title(status: MailStatus) -> &'static str {
    match status {
        MailStatus::Waiting => "Waiting",
        MailStatus::Sent => "Sent",
        MailStatus::Failed => "Failed",
    }
}

/// The colour of the word.
pub(super) const fn colour(status: MailStatus) -> &'static str {
    match status {
        MailStatus::Waiting => "blue",
        MailStatus::Sent => "green",
        MailStatus::Failed => "red",
    }
}

fn line(view: &View, mail: &Mail) -> Line {
    Line {
        id: mail.id.0,
        to: mail.mail.to.to_string(),
        subject: shown(&mail.mail.subject),
        status: title(mail.status),
        colour: colour(mail.status),
        attempts: mail.attempts,
        created: When::of(view, mail.created),
        next: mail.next_attempt.map(|next| When::of(view, next)),
        last_answer: shown(mail.last_answer.as_deref().unwrap_or_default()),
    }
}
