//! One mail with all its attempts; try it again.
//!
//! *Why not* its text: account mails carry links and temporary passwords that are their reader's alone.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::audit::Action;
use crate::domain::notice::{Attempt, Mail, MailId, MailStatus};
use crate::web::forms::{self, Signed};
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::outbox::{colour, title};
use crate::web::pages::office::{Part, Query, When, part, told};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::{count, shown};
use crate::web::{Shared, View, pages};

/// What was just done.
const DONE: &[(&str, &str)] = &[
    (
        "retried",
        "The email is tried again now. Reload this page to see how it went.",
    ),
    ("nothing", "The email was sent before: nothing was changed."),
];

struct Line {
    started: When,
    took: String,
    is_success: bool,
    answer: String,
}

#[derive(Template)]
#[template(path = "office/mail.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    done: Option<&'static str>,
    id: i64,
    to: String,
    subject: String,
    status: &'static str,
    colour: &'static str,
    may_retry: bool,
    message_id: String,
    created: When,
    next: Option<When>,
    lines: Vec<Line>,
}

async fn find(view: &View, id: Part) -> Result<Mail, Problem> {
    let id = part(id, |id| id.parse().ok().map(MailId))?;
    let found = view.deps.store.mail(id).await?;
    found.ok_or(Problem::NotFound)
}

/// GET `/staff/outbox/{id}`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    id: Part,
    query: Query,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let mail = find(&view, id).await?;
    let attempts = view.deps.store.mail_attempts(mail.id).await?;
    let page = Page {
        frame: Frame::new(&view, Some(&visitor), &format!("Mail {}", mail.id.0)).at(Place::Office),
        visitor: &visitor,
        done: told(&query, DONE),
        id: mail.id.0,
        to: mail.mail.to.to_string(),
        subject: shown(&mail.mail.subject),
        status: title(mail.status),
        colour: colour(mail.status),
        may_retry: mail.status != MailStatus::Sent,
        message_id: mail.mail.message_id.clone(),
        created: When::of(&view, mail.created),
        next: mail.next_attempt.map(|next| When::of(&view, next)),
        lines: attempts.iter().map(|one| line(&view, one)).collect(),
    };
    Ok(pages::page(StatusCode::OK, &page))
}

fn line(view: &View, attempt: &Attempt) -> Line {
    Line {
        started: When::of(view, attempt.started),
        took: format!("{} ms", count(attempt.duration_ms.into())),
        is_success: attempt.is_success,
        answer: shown(&attempt.answer),
    }
}

/// POST `/staff/outbox/{id}/retry`.
pub(super) async fn retry(
    State(view): State<Shared>,
    id: Part,
    form: Signed,
) -> Result<Response, Problem> {
    let form = form.by(Right::Operate)?;
    let mail = find(&view, id).await?;
    let subject = format!("mail {}", mail.id.0);
    let (visitor, action) = (&form.visitor, Action::MailRetried);
    let deed = forms::deed(&view, (visitor, form.from), action, &subject, "");
    let is_due = view.deps.store.retry_mail(mail.id, &deed).await?;
    let done = if is_due { "retried" } else { "nothing" };
    let id = mail.id.0;
    Ok(forms::done(&format!("/staff/outbox/{id}?done={done}")))
}
