//! The authority's own people at work: accounts, users, what is held, mails, terms, the audit log.
//!
//! *Trust*: who only reviews may look at the queues and at what is held; everything else takes
//! `Right::Operate`. What is done is noted in the audit log in the transaction that does it.

mod account;
mod accounts;
mod audit;
mod held;
mod home;
mod live;
mod mail;
mod outbox;
pub(crate) mod pager;
mod reject;
mod terms;
mod terms_version;
mod user;
mod users;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path};
use axum::routing::{get, post};

use crate::domain::Timestamp;
use crate::web::pages::problem::Problem;
use crate::web::text::moment;
use crate::web::{Shared, View};

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/staff/home", get(home::show))
        .route("/staff/live", get(live::show))
        .route("/staff/accounts", get(accounts::show))
        .route("/staff/accounts/{code}", get(account::show))
        .route("/staff/accounts/{code}/suspend", post(account::suspend))
        .route("/staff/accounts/{code}/resume", post(account::resume))
        .route("/staff/accounts/{code}/primary", post(account::primary))
        .route("/staff/users", get(users::show))
        .route("/staff/users/{id}", get(user::show))
        .route("/staff/users/{id}/suspend", post(user::suspend))
        .route("/staff/users/{id}/resume", post(user::resume))
        .route("/staff/users/{id}/invite", post(user::invite))
        .route("/staff/held", get(held::show))
        .route("/staff/held/{number}/retry", post(held::retry))
        .route(
            "/staff/held/{number}/reject",
            get(reject::show).post(reject::submit),
        )
        .route("/staff/outbox", get(outbox::show))
        .route("/staff/outbox/{id}", get(mail::show))
        .route("/staff/outbox/{id}/retry", post(mail::retry))
        .route(
            "/staff/terms",
            get(terms::show)
                .post(terms::publish)
                .layer(DefaultBodyLimit::max(terms::FORM_MAX)),
        )
        .route("/staff/terms/{version}", get(terms_version::show))
        .route("/staff/audit", get(audit::show))
}

/// The pairs of an address's query.
type Query = axum::extract::Query<Vec<(String, String)>>;

/// The first value of this name in an address's query, without blanks around it.
fn asked<'q>(query: &'q [(String, String)], name: &str) -> &'q str {
    let found = query.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.trim())
}

/// What the address's `done` says was just done, in a sentence; what is not in the table is nothing.
fn told(
    query: &[(String, String)],
    table: &[(&'static str, &'static str)],
) -> Option<&'static str> {
    let done = asked(query, "done");
    let found = table.iter().find(|(word, _)| *word == done);
    found.map(|(_, sentence)| *sentence)
}

/// A part of the address's path.
type Part = Result<Path<String>, PathRejection>;

/// The part of the path as a value; a page that cannot be is not found.
fn part<T>(part: Part, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Problem> {
    let Path(text) = part.map_err(|_unreadable| Problem::NotFound)?;
    read(&text).ok_or(Problem::NotFound)
}

/// A moment for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct When {
    text: String,
    at: String,
}

impl When {
    fn of(view: &View, at: Timestamp) -> Self {
        Self {
            text: moment(at, &view.zone),
            at: at.to_string(),
        }
    }
}

/// How long ago that was, roughly: `5 seconds`, `3 minutes`, `2 hours`, `4 days`.
fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = u64::try_from(now.duration_since(then).as_secs()).unwrap_or(0);
    let (number, unit) = match seconds {
        0..=119 => (seconds, "second"),
        120..=7_199 => (seconds / 60, "minute"),
        7_200..=172_799 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_the_unit_that_reads_best() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let ago = |seconds: i64| age(now, Timestamp::from_second(1_000_000 - seconds).unwrap());
        assert_eq!((ago(0), ago(1)), ("0 seconds".into(), "1 second".into()));
        assert_eq!(
            (ago(119), ago(120)),
            ("119 seconds".into(), "2 minutes".into())
        );
        assert_eq!(
            (ago(7_200), ago(172_800)),
            ("2 hours".into(), "2 days".into())
        );
        assert_eq!(ago(-5), "0 seconds", "clocks differ");
    }
}
