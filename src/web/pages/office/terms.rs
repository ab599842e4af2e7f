//! The terms and conditions: all versions, and a form that publishes the next one.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::audit::Action;
use crate::store;
use crate::web::forms::{self, Errors, Signed};
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::{Query, When, told};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::count;
use crate::web::{Shared, View, pages};

/// The longest text, in characters.
const BODY_MAX: usize = 15_000;

/// The largest body of the form, in octets.
///
/// Reason: a character is four octets at most, each three letters long when a form carries it; the
/// rest is for the other fields.
pub(super) const FORM_MAX: usize = BODY_MAX * 12 + 4096;

/// What was just done.
const DONE: &[(&str, &str)] = &[
    (
        "published",
        "The new version is in force. Every user is asked to agree to it at their next page.",
    ),
    (
        "nothing",
        "That is the text in force already: no new version was published.",
    ),
];

struct Line {
    version: u64,
    published: When,
    agreed: String,
    is_in_force: bool,
}

#[derive(Template)]
#[template(path = "office/terms.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    done: Option<&'static str>,
    errors: Errors,
    lines: Vec<Line>,
    next: u64,
    body: String,
}

/// GET `/staff/terms`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let all = view.deps.store.all_terms().await?;
    // The next version mostly is the one in force with a few words changed.
    let body = all.first().map(|newest| newest.body.clone());
    let mut page = filled(&view, &visitor, &all).await?;
    page.body = body.unwrap_or_default();
    page.done = told(&query, DONE);
    Ok(pages::page(StatusCode::OK, &page))
}

async fn filled<'a>(
    view: &'a View,
    visitor: &'a Visitor,
    all: &[store::Terms],
) -> Result<Page<'a>, Problem> {
    let counts = view.deps.store.agreements().await?;
    let counts: HashMap<u64, u64> = counts.into_iter().collect();
    let newest = all.first().map_or(0, |newest| newest.version);
    let line = |terms: &store::Terms| Line {
        version: terms.version,
        published: When::of(view, terms.published),
        agreed: count(counts.get(&terms.version).copied().unwrap_or(0)),
        is_in_force: terms.version == newest,
    };
    Ok(Page {
        frame: Frame::new(view, Some(visitor), "Terms and conditions").at(Place::Office),
        visitor,
        done: None,
        errors: Errors::default(),
        lines: all.iter().map(line).collect(),
        next: newest.saturating_add(1),
        body: String::new(),
    })
}

fn checked(body: &str, is_meant: bool) -> Errors {
    let mut errors = Errors::default();
    if body.is_empty() {
        errors.add("body", "Enter the text of the new version");
    }
    if body.chars().count() > BODY_MAX {
        errors.add(
            "body",
            format!(
                "The text must be {} characters or less",
                count(BODY_MAX as u64)
            ),
        );
    }
    if !is_meant {
        errors.add(
            "meant",
            "Confirm that every user is to be asked to agree again",
        );
    }
    errors
}

/// POST `/staff/terms`.
pub(super) async fn publish(State(view): State<Shared>, form: Signed) -> Result<Response, Problem> {
    let form = form.by(Right::Operate)?;
    let body = form.fields.get("body").replace("\r\n", "\n");
    let errors = checked(&body, form.fields.has("meant"));
    let all = view.deps.store.all_terms().await?;
    if !errors.is_empty() {
        let page = filled(&view, &form.visitor, &all).await?;
        let page = Page {
            frame: page.frame.faulty(true),
            errors,
            body,
            ..page
        };
        return Ok(pages::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let before = all.first().map_or(0, |newest| newest.version);
    let details = format!("version {}", before.saturating_add(1));
    let (visitor, action) = (&form.visitor, Action::TermsPublished);
    let deed = forms::deed(&view, (visitor, form.from), action, "terms", &details);
    let version = view.deps.store.publish_terms(&body, &deed).await?;
    let done = if version > before {
        "published"
    } else {
        "nothing"
    };
    Ok(forms::done(&format!("/staff/terms?done={done}")))
}
