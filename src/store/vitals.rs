//! How the work stands, in a few numbers, for whoever watches over the service.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::notice::MailStatus;
use crate::store::connection::{Db, each};
use crate::store::rows::{count, moment_maybe};
use crate::store::schema::{mails, submissions};
use crate::store::{Store, StoreFault};

/// How the work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vitals {
    /// Submissions without an outcome, held ones left out.
    pub unfinished: u64,
    /// When the oldest of them was whole.
    pub oldest: Option<Timestamp>,
    /// Submissions that wait for an operator.
    pub held: u64,
    /// Mails that wait to be sent.
    pub mails_waiting: u64,
    /// Mails that were given up.
    pub mails_failed: u64,
}

pub(super) fn load_vitals(db: &mut Db) -> QueryResult<Vitals> {
    let (unfinished, oldest): (i64, Option<i64>) = each!(db, c => submissions::table
        .filter(submissions::decided.is_null())
        .filter(submissions::is_held.eq(false))
        .select((count_star(), min(submissions::complete)))
        .first(c))?;
    let held: i64 = each!(db, c => submissions::table
        .filter(submissions::decided.is_null())
        .filter(submissions::is_held.eq(true))
        .select(count_star())
        .first(c))?;
    let waiting: i64 = each!(db, c => mails::table
        .filter(mails::next_attempt.is_not_null())
        .filter(mails::status.eq(MailStatus::Waiting.as_str()))
        .select(count_star())
        .first(c))?;
    let failed: i64 = each!(db, c => mails::table
        .filter(mails::status.eq(MailStatus::Failed.as_str()))
        .select(count_star())
        .first(c))?;
    Ok(Vitals {
        unfinished: count(unfinished)?,
        oldest: moment_maybe(oldest)?,
        held: count(held)?,
        mails_waiting: count(waiting)?,
        mails_failed: count(failed)?,
    })
}

impl Store {
    /// How the work stands.
    pub async fn vitals(&self) -> Result<Vitals, StoreFault> {
        self.read(load_vitals).await
    }
}
