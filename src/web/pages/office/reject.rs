//! A held submission ended with a sentence of staff's: the sender reads it in the receipt.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::audit::Action;
use crate::domain::submission::SubmissionNumber;
use crate::store::Detail;
use crate::web::forms::{self, Errors, Signed};
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::held::number;
use crate::web::pages::office::{Part, When};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::shown;
use crate::web::{Shared, View, pages};

/// The longest sentence, in characters: it stands in receipts, lists and mails.
const SENTENCE_MAX: usize = 500;

#[derive(Template)]
#[template(path = "office/reject.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    errors: Errors,
    number: String,
    account: String,
    file_name: String,
    created: When,
    attempts: u32,
    why: String,
    sentence: String,
}

/// A submission that is held; `None` if it is held no more.
async fn find(view: &View, number: &SubmissionNumber) -> Result<Option<Detail>, Problem> {
    let detail = view.deps.store.submission(number, None).await?;
    let detail = detail.ok_or(Problem::NotFound)?;
    Ok(Some(detail).filter(|detail| detail.row.submission.is_held))
}

/// GET `/staff/held/{number}/reject`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    text: Part,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let Some(detail) = find(&view, &number(text)?).await? else {
        return Ok(forms::done("/staff/held?done=nothing"));
    };
    let page = filled(&view, &visitor, &detail, "", Errors::default());
    Ok(pages::page(StatusCode::OK, &page))
}

fn filled<'a>(
    view: &'a View,
    visitor: &'a Visitor,
    detail: &Detail,
    sentence: &str,
    errors: Errors,
) -> Page<'a> {
    let submission = &detail.row.submission;
    let title = format!("Reject {}", submission.number);
    Page {
        frame: Frame::new(view, Some(visitor), &title)
            .at(Place::Office)
            .faulty(!errors.is_empty()),
        visitor,
        errors,
        number: submission.number.to_string(),
        account: shown(&submission.account_name),
        file_name: shown(&submission.file_name),
        created: When::of(view, submission.complete),
        attempts: submission.attempts,
        why: shown(detail.held_why.as_deref().unwrap_or_default()),
        sentence: sentence.to_owned(),
    }
}

fn checked(sentence: &str) -> Errors {
    let mut errors = Errors::default();
    if sentence.is_empty() {
        errors.add("sentence", "Enter a sentence for the sender");
    }
    if sentence.chars().count() > SENTENCE_MAX {
        errors.add(
            "sentence",
            format!("The sentence must be {SENTENCE_MAX} characters or less"),
        );
    }
    if sentence.chars().any(char::is_control) {
        errors.add("sentence", "The sentence must be on one line");
    }
    errors
}

/// POST `/staff/held/{number}/reject`.
pub(super) async fn submit(
    State(view): State<Shared>,
    text: Part,
    form: Signed,
) -> Result<Response, Problem> {
    let form = form.by(Right::Operate)?;
    let number = number(text)?;
    let Some(detail) = find(&view, &number).await? else {
        return Ok(forms::done("/staff/held?done=nothing"));
    };
    let sentence = form.fields.get("sentence");
    let errors = checked(sentence);
    if !errors.is_empty() {
        let page = filled(&view, &form.visitor, &detail, sentence, errors);
        return Ok(pages::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let (visitor, action) = (&form.visitor, Action::SubmissionRejected);
    let deed = forms::deed(
        &view,
        (visitor, form.from),
        action,
        number.as_str(),
        sentence,
    );
    let store = &view.deps.store;
    let done = if store.reject_submission(&number, sentence, &deed).await? {
        view.deps.intake.wake().notify_one();
        "rejected"
    } else {
        "nothing"
    };
    Ok(forms::done(&format!("/staff/held?done={done}")))
}
