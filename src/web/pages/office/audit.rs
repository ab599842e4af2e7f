//! The audit log: who did what, to what, when and from where; and whether it is whole.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::audit::{Action, Entry};
use crate::store::AuditCheck;
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::{Query, When, asked};
use crate::web::pages::problem::Problem;
use crate::web::paging::ROWS;
use crate::web::session::Visitor;
use crate::web::text::{count, query_value, shown};
use crate::web::{Shared, View, pages};

struct Line {
    number: u64,
    at: When,
    actor: String,
    action: String,
    subject: String,
    details: String,
    remote_ip: Option<String>,
    digest: String,
}

/// What verifying found.
enum Check {
    Whole { entries: String, digest: String },
    Broken { number: u64 },
}

#[derive(Template)]
#[template(path = "office/audit.html", config = "src/web/templates/askama.toml")]
struct Log<'a> {
    frame: Frame<'a>,
    subject: String,
    check: Option<Check>,
    lines: Vec<Line>,
    older: Option<String>,
    is_newest: bool,
}

impl Log<'_> {
    /// The log's address with this filter.
    fn address(&self) -> String {
        address(&self.subject)
    }
}

fn address(subject: &str) -> String {
    if subject.is_empty() {
        "/staff/audit".to_owned()
    } else {
        format!("/staff/audit?subject={}", query_value(subject))
    }
}

/// GET `/staff/audit`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let store = &view.deps.store;
    let subject = asked(&query, "subject").to_owned();
    let before: Option<u64> = asked(&query, "before").parse().ok();
    let wanted = (!subject.is_empty()).then_some(subject.as_str());
    // One more than is shown tells whether there are older ones.
    let mut entries = store.audit_entries(wanted, before, ROWS + 1).await?;
    let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let has_older = entries.len() > rows;
    entries.truncate(rows);
    let last = entries.last().filter(|_| has_older);
    let older = last.map(|entry| older(&subject, entry.number));
    let check = if asked(&query, "verify").is_empty() {
        None
    } else {
        Some(checked(store.verify_audit().await?))
    };
    let log = Log {
        frame: Frame::new(&view, Some(&visitor), "Audit log").at(Place::Office),
        check,
        lines: entries.iter().map(|entry| line(&view, entry)).collect(),
        older,
        is_newest: before.is_none(),
        subject,
    };
    Ok(pages::page(StatusCode::OK, &log))
}

fn older(subject: &str, number: u64) -> String {
    let base = address(subject);
    let mark = if base.contains('?') { '&' } else { '?' };
    format!("{base}{mark}before={number}")
}

fn checked(check: AuditCheck) -> Check {
    match check {
        AuditCheck::Whole { entries, digest } => Check::Whole {
            entries: count(entries),
            digest,
        },
        AuditCheck::Broken { number, .. } => Check::Broken { number },
    }
}

fn line(view: &View, entry: &Entry) -> Line {
    let deed = &entry.deed;
    Line {
        number: entry.number,
        at: When::of(view, deed.at),
        actor: shown(&deed.actor),
        action: title(deed.action),
        subject: shown(&deed.subject),
        details: shown(&deed.details),
        remote_ip: deed.remote_ip.clone(),
        digest: entry.digest.chars().take(12).collect(),
    }
}

/// What was done, in words for people: the log's own word, as a sentence begins.
fn title(action: Action) -> String {
    let mut letters = action.as_str().chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let rest = letters.map(|letter| if letter == '-' { ' ' } else { letter });
    first.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_log_are_shown_as_people_write() {
        assert_eq!(title(Action::PrimaryMoved), "Primary moved");
        assert_eq!(older("", 7), "/staff/audit?before=7");
        assert_eq!(older("a&b", 7), "/staff/audit?subject=a%26b&before=7");
    }
}
