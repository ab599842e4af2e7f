//! Windows: the notices of an account that wait to be gathered into mails.

use std::collections::HashMap;

use diesel::dsl::{max, min};
use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{
    Account, AccountId, CredentialKind, MailAddress, MailPreference, Role, Standing, UserId,
};
use crate::domain::notice::{Notice, NoticeId};
use crate::store::accounts::AccountRow;
use crate::store::connection::{Db, each};
use crate::store::fixed_addresses::load_fixed;
use crate::store::rows::{fit, micros, moment, moment_maybe, word};
use crate::store::schema::{
    accounts, credentials, invitations, mails, notices, submissions, users, verdicts,
};
use crate::store::{Store, StoreFault};

/// The most notices of one window.
const NOTICES_MAX: i64 = 10_000;

/// The Message-IDs of mails about an account: a changed password neither delays outcomes nor begins their thread.
pub(super) const ACCOUNT_MAIL: &str = "account.%";

/// The length of a day, in microseconds.
const DAY_MICROS: i64 = 86_400_000_000;

/// A person or a fixed address who may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The user; `None` for a fixed address.
    pub user: Option<UserId>,
    /// Its name; a fixed address has that of its account.
    pub name: String,
    /// Its address.
    pub mail: MailAddress,
    /// What it wants to hear of.
    pub preference: MailPreference,
}

/// The notices of one account that wait, with those who may be told.
#[derive(Debug, Clone)]
pub struct WindowDue {
    /// Whose they are.
    pub account: Account,
    /// When the last mail about outcomes of this account was put into the outbox.
    pub last_mail: Option<Timestamp>,
    /// The Message-ID of the account's first mail about outcomes of the 24 hours before the newest of
    /// `notices`.
    pub first_message_id: Option<String>,
    /// The notices, oldest first; at most 10,000.
    pub notices: Vec<Notice>,
    /// The account's active users with access and a mail address, but for those who were invited and have not
    /// come yet; then its fixed addresses.
    pub recipients: Vec<Recipient>,
}

/// An account whose notices wait: which, the oldest, the oldest failure, its last mail.
type Waiting = (AccountId, Timestamp, Option<Timestamp>, Option<Timestamp>);

impl Store {
    /// For each account with notices that wait: when the oldest of them was made, the oldest
    /// failure among them, and when the account's last mail was made. Cheap: asked every second.
    pub async fn waiting_windows(&self) -> Result<Vec<Waiting>, StoreFault> {
        self.read(load_waiting).await
    }

    /// The waiting notices of one account.
    pub async fn window(&self, account: AccountId) -> Result<Option<WindowDue>, StoreFault> {
        self.read(move |db| load_window(db, account, Gather::Window))
            .await
    }
}

fn load_waiting(db: &mut Db) -> QueryResult<Vec<Waiting>> {
    // Both read the partial index alone.
    let oldest: Vec<(i64, bool, Option<i64>)> = each!(db, c => notices::table
        .filter(notices::closed.is_null())
        .group_by((notices::account_id, notices::is_failure))
        .select((notices::account_id, notices::is_failure, min(notices::decided)))
        .load(c))?;
    let mut waiting: HashMap<i64, (i64, Option<i64>)> = HashMap::new();
    for (account, is_failure, decided) in oldest {
        let decided = decided.unwrap_or(i64::MAX);
        let entry = waiting.entry(account).or_insert((decided, None));
        entry.0 = entry.0.min(decided);
        if is_failure {
            entry.1 = Some(decided);
        }
    }
    let mut accounts: Vec<i64> = waiting.keys().copied().collect();
    accounts.sort_unstable();
    let mut windows = Vec::with_capacity(accounts.len());
    for account in accounts {
        let Some((oldest, failure)) = waiting.remove(&account) else {
            continue;
        };
        windows.push((
            AccountId(account),
            moment(oldest)?,
            moment_maybe(failure)?,
            last_mail(db, account)?,
        ));
    }
    Ok(windows)
}

fn last_mail(db: &mut Db, account: i64) -> QueryResult<Option<Timestamp>> {
    let last: Option<i64> = each!(db, c => mails::table
        .filter(mails::account_id.eq(account))
        .filter(mails::message_id.not_like(ACCOUNT_MAIL))
        .select(max(mails::created))
        .first(c))?;
    moment_maybe(last)
}

/// Which of an account's notices are meant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gather {
    /// Those that no window has told of.
    Window,
    /// Those decided before then that no daily summary has told of.
    Day(Timestamp),
}

pub(super) fn load_window(
    db: &mut Db,
    account: AccountId,
    gather: Gather,
) -> QueryResult<Option<WindowDue>> {
    let row: Option<AccountRow> = each!(db, c => accounts::table
        .find(account.0)
        .select(AccountRow::as_select())
        .first(c)
        .optional())?;
    let Some(row) = row else {
        return Ok(None);
    };
    let notices = load_notices(db, account, gather)?;
    let Some(newest) = notices.iter().map(|notice| notice.decided).max() else {
        return Ok(None);
    };
    let day_before = newest.as_microsecond().saturating_sub(DAY_MICROS);
    let first_message_id: Option<String> = each!(db, c => mails::table
        .filter(mails::account_id.eq(account.0))
        .filter(mails::created.ge(day_before))
        .filter(mails::message_id.not_like(ACCOUNT_MAIL))
        .order((mails::created, mails::id))
        .select(mails::message_id)
        .first(c)
        .optional())?;
    let account = row.into_account()?;
    Ok(Some(WindowDue {
        last_mail: last_mail(db, account.id.0)?,
        first_message_id,
        notices,
        recipients: load_recipients(db, &account)?,
        account,
    }))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = notices)]
struct NoticeRow {
    id: i64,
    account_id: i64,
    is_failure: bool,
    decided: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = submissions)]
struct SubmissionPart {
    number: String,
    file_name: String,
    vin: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = verdicts)]
struct VerdictPart {
    title: String,
    message: String,
}

fn load_notices(db: &mut Db, account: AccountId, gather: Gather) -> QueryResult<Vec<Notice>> {
    macro_rules! waiting {
        ($which:expr) => {
            each!(db, c => notices::table
                .inner_join(submissions::table.inner_join(verdicts::table))
                .filter($which)
                .filter(notices::account_id.eq(account.0))
                .order((notices::decided, notices::id))
                .limit(NOTICES_MAX)
                .select((
                    NoticeRow::as_select(),
                    SubmissionPart::as_select(),
                    VerdictPart::as_select(),
                ))
                .load(c))?
        };
    }
    let rows: Vec<(NoticeRow, SubmissionPart, VerdictPart)> = match gather {
        Gather::Window => waiting!(notices::closed.is_null()),
        Gather::Day(until) => {
            waiting!(
                notices::summed
                    .is_null()
                    .and(notices::decided.lt(micros(until)))
            )
        }
    };
    rows.into_iter()
        .map(|(notice, submission, verdict)| {
            Ok(Notice {
                id: NoticeId(notice.id),
                account: AccountId(notice.account_id),
                submission: submission.number,
                is_failure: notice.is_failure,
                file_name: submission.file_name,
                vin: submission.vin,
                title: verdict.title,
                message: verdict.message,
                decided: moment(notice.decided)?,
            })
        })
        .collect()
}

fn load_recipients(db: &mut Db, account: &Account) -> QueryResult<Vec<Recipient>> {
    let rows: Vec<(i64, String, Option<String>, String)> = each!(db, c => {
        let chosen = credentials::table
            .filter(credentials::kind.eq(CredentialKind::Password.as_str()))
            .filter(credentials::ends.is_null())
            .select(credentials::user_id);
        // Their address may be mistyped, and somebody else's.
        let not_taken_up = invitations::table
            .filter(invitations::user_id.ne_all(chosen))
            .select(invitations::user_id);
        users::table
            .filter(users::account_id.eq(account.id.0))
            .filter(users::standing.eq(Standing::Active.as_str()))
            .filter(users::role.ne(Role::None.as_str()))
            .filter(users::mail.is_not_null())
            .filter(users::id.ne_all(not_taken_up))
            .order(users::id)
            .select((
                users::id,
                users::display_name,
                users::mail,
                users::mail_preference,
            ))
            .load(c)
    })?;
    let people = rows.into_iter().map(|(id, name, mail, preference)| {
        Ok(Recipient {
            user: Some(UserId(id)),
            name,
            mail: fit(MailAddress::new(&mail.unwrap_or_default()))?,
            preference: word(&preference)?,
        })
    });
    let mut recipients = people.collect::<QueryResult<Vec<_>>>()?;
    let fixed = load_fixed(db, Some(account.id))?;
    recipients.extend(fixed.into_iter().map(|fixed| Recipient {
        user: None,
        name: account.name.clone(),
        mail: fixed.mail,
        preference: fixed.preference,
    }));
    Ok(recipients)
}
