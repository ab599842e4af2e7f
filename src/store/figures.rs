//! The figures that staff look at: how the service stands now, and what each account consists of.

use std::collections::HashMap;
use std::time::Duration;

use diesel::dsl::{count_star, max};
use diesel::prelude::*;

use crate::domain::account::{Account, CredentialKind, Role, UserKind};
use crate::domain::notice::MailStatus;
use crate::domain::registration::RegistrationStatus;
use crate::domain::submission::Door;
use crate::domain::{Timestamp, account::AccountId};
use crate::store::accounts::load_accounts;
use crate::store::connection::{Db, each};
use crate::store::rows::{count, micros, moment_maybe, whole, word};
use crate::store::schema::{
    credentials, mails, registrations, submissions, users, visits, web_sessions,
};
use crate::store::vitals::load_vitals;
use crate::store::{Store, StoreFault, Vitals};

/// How the service stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The work.
    pub vitals: Vitals,
    /// Requests for an account that wait for a decision.
    pub requests_waiting: u64,
    /// Mails that were given up.
    pub mails_failed: u64,
    /// Files taken in within the last minute.
    pub arrivals_minute: u64,
    /// Files taken in within the last day, by door; every door is there.
    pub arrivals_day: Vec<(Door, u64)>,
    /// Browsers that were used within the last half an hour.
    pub browsers: u64,
    /// SFTP sessions that are open, of all nodes.
    pub sftp_sessions: u64,
}

/// An account, and what it consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFigures {
    /// The account.
    pub account: Account,
    /// Persons with access.
    pub persons: u64,
    /// Machine users with access.
    pub machines: u64,
    /// Keys of all its users.
    pub keys: u64,
    /// When its newest submission came.
    pub newest: Option<Timestamp>,
}

/// Browsers count as in use for so long after their last request.
const IN_USE: Duration = Duration::from_mins(30);
/// The first span of arrivals.
const MINUTE: Duration = Duration::from_mins(1);
/// The second.
const DAY: Duration = Duration::from_hours(24);

fn before(now: Timestamp, span: Duration) -> i64 {
    micros(now).saturating_sub(whole(span.as_micros()))
}

fn load_figures(db: &mut Db, now: Timestamp) -> QueryResult<Figures> {
    let (minute, day, in_use) = (before(now, MINUTE), before(now, DAY), before(now, IN_USE));
    let requests: i64 = each!(db, c => registrations::table
        .filter(registrations::status.eq(RegistrationStatus::Waiting.as_str()))
        .select(count_star())
        .first(c))?;
    let failed: i64 = each!(db, c => mails::table
        .filter(mails::status.eq(MailStatus::Failed.as_str()))
        .select(count_star())
        .first(c))?;
    let last_minute: i64 = each!(db, c => submissions::table
        .filter(submissions::complete.gt(minute))
        .select(count_star())
        .first(c))?;
    let by_door: Vec<(String, i64)> = each!(db, c => submissions::table
        .filter(submissions::complete.gt(day))
        .group_by(submissions::door)
        .select((submissions::door, count_star()))
        .load(c))?;
    let browsers: i64 = each!(db, c => web_sessions::table
        .filter(web_sessions::seen.gt(in_use))
        .select(count_star())
        .first(c))?;
    let sftp: i64 = each!(db, c => visits::table.select(count_star()).first(c))?;
    let mut doors: HashMap<Door, u64> = HashMap::new();
    for (door, number) in by_door {
        doors.insert(word(&door)?, count(number)?);
    }
    let of = |door: &Door| (*door, doors.get(door).copied().unwrap_or(0));
    Ok(Figures {
        vitals: load_vitals(db)?,
        requests_waiting: count(requests)?,
        mails_failed: count(failed)?,
        arrivals_minute: count(last_minute)?,
        arrivals_day: Door::ALL.iter().map(of).collect(),
        browsers: count(browsers)?,
        sftp_sessions: count(sftp)?,
    })
}

/// Users with access, by account and kind.
fn count_users(db: &mut Db) -> QueryResult<HashMap<(i64, String), i64>> {
    let rows: Vec<((Option<i64>, String), i64)> = each!(db, c => users::table
        .filter(users::role.ne(Role::None.as_str()))
        .filter(users::account_id.is_not_null())
        .group_by((users::account_id, users::kind))
        .select(((users::account_id, users::kind), count_star()))
        .load(c))?;
    let known = rows
        .into_iter()
        .filter_map(|((account, kind), number)| Some(((account?, kind), number)));
    Ok(known.collect())
}

/// Public keys, by account.
fn count_keys(db: &mut Db) -> QueryResult<HashMap<i64, i64>> {
    let rows: Vec<(Option<i64>, i64)> = each!(db, c => credentials::table
        .inner_join(users::table)
        .filter(credentials::kind.eq(CredentialKind::PublicKey.as_str()))
        .group_by(users::account_id)
        .select((users::account_id, count_star()))
        .load(c))?;
    let known = rows
        .into_iter()
        .filter_map(|(account, number)| Some((account?, number)));
    Ok(known.collect())
}

/// When the newest submission of an account came: one step down an index.
fn newest(db: &mut Db, account: AccountId) -> QueryResult<Option<Timestamp>> {
    let complete: Option<i64> = each!(db, c => submissions::table
        .filter(submissions::account_id.eq(account.0))
        .select(max(submissions::complete))
        .first(c))?;
    moment_maybe(complete)
}

fn load_account_figures(db: &mut Db) -> QueryResult<Vec<AccountFigures>> {
    let (people, keys) = (count_users(db)?, count_keys(db)?);
    let mut figures = Vec::new();
    for account in load_accounts(db)? {
        let of_kind = |kind: UserKind| {
            let found = people.get(&(account.id.0, kind.as_str().to_owned()));
            count(found.copied().unwrap_or(0))
        };
        figures.push(AccountFigures {
            persons: of_kind(UserKind::Person)?,
            machines: of_kind(UserKind::Machine)?,
            keys: count(keys.get(&account.id.0).copied().unwrap_or(0))?,
            newest: newest(db, account.id)?,
            account,
        });
    }
    Ok(figures)
}

impl Store {
    /// How the service stands now.
    pub async fn figures(&self, now: Timestamp) -> Result<Figures, StoreFault> {
        self.read(move |db| load_figures(db, now)).await
    }

    /// All accounts with what they consist of, by code.
    pub async fn account_figures(&self) -> Result<Vec<AccountFigures>, StoreFault> {
        self.read(load_account_figures).await
    }
}
