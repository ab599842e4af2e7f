//! The audit log: who did what, to what, when and from where; and whether it is whole.

use std::fmt::Write;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;

use crate::access::Right;
use crate::domain::audit::{Action, Entry};
use crate::store::{AuditCheck, AuditSearch};
use crate::web::forms::Errors;
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::{Query, When, asked};
use crate::web::pages::problem::Problem;
use crate::web::paging::ROWS;
use crate::web::session::Visitor;
use crate::web::text::{count, query_value, shown};
use crate::web::{Shared, View, dates, pages};

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

/// What an address of the log asks for. Texts are as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Wanted {
    subject: String,
    actor: String,
    action: Option<Action>,
    from: String,
    to: String,
}

impl Wanted {
    /// Reads the query. What it does not know is passed over.
    fn read(query: &[(String, String)]) -> Self {
        let text = |name: &str| asked(query, name).to_owned();
        Self {
            subject: text("subject"),
            actor: text("actor"),
            action: asked(query, "action").parse().ok(),
            from: text("from"),
            to: text("to"),
        }
    }

    /// What of it cannot be looked for.
    fn errors(&self) -> Errors {
        let mut errors = Errors::default();
        dates::check(&self.from, &self.to, &mut errors);
        errors
    }

    fn is_filtered(&self) -> bool {
        *self != Self::default()
    }

    /// The same for the store.
    fn search(&self, zone: &TimeZone) -> AuditSearch {
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        AuditSearch {
            subject: text(&self.subject),
            actor: text(&self.actor),
            action: self.action,
            from: dates::from(&self.from, zone),
            before: dates::before(&self.to, zone),
        }
    }

    /// The log's address with these filters, from below the entry with this number if there is one.
    fn address(&self, below: Option<u64>) -> String {
        let mut address = "/staff/audit".to_owned();
        let below = below.map(|number| number.to_string()).unwrap_or_default();
        let pairs = [
            ("subject", self.subject.as_str()),
            ("actor", &self.actor),
            ("action", self.action.map_or("", Action::as_str)),
            ("from", &self.from),
            ("to", &self.to),
            ("before", &below),
        ];
        let mut mark = '?';
        for (name, value) in pairs {
            if !value.is_empty() {
                // Writing to a String cannot fail.
                let _ = write!(address, "{mark}{name}={}", query_value(value));
                mark = '&';
            }
        }
        address
    }
}

/// An action to choose in the form.
struct Choice {
    value: &'static str,
    title: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "office/audit.html", config = "src/web/templates/askama.toml")]
struct Log<'a> {
    frame: Frame<'a>,
    wanted: &'a Wanted,
    errors: Errors,
    actions: Vec<Choice>,
    check: Option<Check>,
    lines: Vec<Line>,
    older: Option<String>,
    is_newest: bool,
}

impl Log<'_> {
    /// The log's address with these filters.
    fn address(&self) -> String {
        self.wanted.address(None)
    }

    /// Is one of the filters in use that are folded away?
    fn is_open(&self) -> bool {
        let subject = Wanted {
            subject: self.wanted.subject.clone(),
            ..Wanted::default()
        };
        *self.wanted != subject
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
    let wanted = Wanted::read(&query);
    let errors = wanted.errors();
    let below: Option<u64> = asked(&query, "before").parse().ok();
    // One more than is shown tells whether there are older ones.
    let mut entries = if errors.is_empty() {
        let search = wanted.search(&view.zone);
        store.audit_found(&search, below, ROWS + 1).await?
    } else {
        Vec::new()
    };
    let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let has_older = entries.len() > rows;
    entries.truncate(rows);
    let last = entries.last().filter(|_| has_older);
    let check = if asked(&query, "verify").is_empty() {
        None
    } else {
        Some(checked(store.verify_audit().await?))
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let log = Log {
        frame: Frame::new(&view, Some(&visitor), "Audit log")
            .at(Place::Office)
            .faulty(!errors.is_empty()),
        errors,
        actions: actions(&wanted),
        check,
        lines: entries.iter().map(|entry| line(&view, entry)).collect(),
        older: last.map(|entry| wanted.address(Some(entry.number))),
        is_newest: below.is_none(),
        wanted: &wanted,
    };
    Ok(pages::page(status, &log))
}

/// All that can be done, to choose from.
fn actions(wanted: &Wanted) -> Vec<Choice> {
    let choice = |&action: &Action| Choice {
        value: action.as_str(),
        title: title(action),
        is_chosen: wanted.action == Some(action),
    };
    let mut choices: Vec<Choice> = Action::ALL.iter().map(choice).collect();
    choices.sort_unstable_by(|one, other| one.title.cmp(&other.title));
    choices
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
    }

    #[test]
    fn every_filter_is_kept_in_the_address() {
        assert_eq!(Wanted::default().address(None), "/staff/audit");
        let pairs = [
            ("subject", "a&b"),
            ("actor", "oz@staff.example"),
            ("action", "role-changed"),
            ("from", "28/5/2026"),
            ("to", "2026-05-29"),
        ];
        let own = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let wanted = Wanted::read(&own);
        assert!(wanted.errors().is_empty() && wanted.is_filtered());
        let address = wanted.address(Some(7));
        let (_, query) = address.split_once('?').unwrap();
        let decoded: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
        assert_eq!(decoded[..5], own);
        assert_eq!(decoded[5], ("before".to_owned(), "7".to_owned()));
    }
}
