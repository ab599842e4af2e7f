//! The outbox: mails and their attempts.

use std::time::Duration;

use diesel::dsl::max;
use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{AccountId, MailAddress, UserId};
use crate::domain::audit::Deed;
use crate::domain::notice::{Attempt, Mail, MailId, MailStatus, NewMail, NoticeId};
use crate::store::audit::note;
use crate::store::connection::{Db, each};
use crate::store::rows::{
    clean, clean_maybe, count, fit, micros, moment, moment_maybe, small, whole, word,
};
use crate::store::schema::{mail_attempts, mails, notices};
use crate::store::windows::ACCOUNT_MAIL;
use crate::store::{Store, StoreFault};

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailNext {
    /// It was taken.
    Sent,
    /// Try again then.
    Again(Timestamp),
    /// Never again.
    GiveUp,
}

/// A page of the outbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailPage {
    /// Newest first.
    pub mails: Vec<Mail>,
    /// How many there are in all.
    pub total: u64,
}

/// Puts mails into the outbox, and marks in `$mark` the notices that they tell of; or neither, and says
/// `false`, if one of them has the mark. A macro, because each column is a type of its own.
macro_rules! tell_of {
    ($db:expr, $mark:expr, $notices:expr, $mails:expr, $now:expr) => {{
        let notices: Vec<i64> = $notices.iter().map(|id| id.0).collect();
        let marked: Vec<i64> = each!($db, c => diesel::update(notices::table)
            .filter(notices::id.eq_any(&notices))
            .filter($mark.is_null())
            .set($mark.eq(micros($now)))
            .returning(notices::id)
            .get_results(c))?;
        let is_first = marked.len() == notices.len();
        if is_first {
            insert_mails($db, $mails, $now)?;
        } else {
            each!($db, c => diesel::update(notices::table)
                .filter(notices::id.eq_any(&marked))
                .set($mark.eq(None::<i64>))
                .execute(c))?;
        }
        Ok(is_first)
    }};
}
pub(super) use tell_of;

/// What stands for the text of an account's mail that was sent.
const TEXT_GONE: &str =
    "The text was removed when the mail was sent: such mails carry links and passwords.";

impl Store {
    /// Puts mails into the outbox and marks the notices that they tell of, in one transaction.
    /// A mail whose Message-ID and recipient are there already is not put in again.
    ///
    /// `false` if one of the notices was marked before, by another node: then nothing is changed,
    /// and what is left of them waits for the next look. So two nodes that find the same window
    /// due at the same time tell of it once.
    pub async fn close_window(
        &self,
        notices: &[NoticeId],
        mails: &[NewMail],
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let (notices, mails) = (notices.to_vec(), mails.to_vec());
        self.write(move |db| tell_of!(db, notices::closed, &notices, &mails, now))
            .await
    }

    /// Takes up to `limit` mails that are due, and keeps other nodes from them for `lease`.
    pub async fn due_mails(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Mail>, StoreFault> {
        let now = micros(now);
        let lease_until = now.saturating_add(whole(lease.as_micros()));
        self.write(move |db| take_due(db, now, lease_until, limit))
            .await
    }

    /// Writes an attempt into a mail's history and says what follows.
    pub async fn mail_attempted(
        &self,
        id: MailId,
        attempt: &Attempt,
        next: MailNext,
    ) -> Result<(), StoreFault> {
        let attempt = attempt.clone();
        self.write(move |db| note_attempt(db, id, &attempt, next))
            .await
    }

    /// The newest mails, with where they stand.
    pub async fn mails(&self, limit: u32) -> Result<Vec<Mail>, StoreFault> {
        self.read(move |db| {
            let rows: Vec<MailRow> = each!(db, c => mails::table
                .order(mails::id.desc())
                .limit(i64::from(limit))
                .select(MailRow::as_select())
                .load(c))?;
            rows.into_iter().map(MailRow::into_mail).collect()
        })
        .await
    }

    /// A page of the outbox, newest first: all mails, or those that stand so.
    pub async fn mail_page(
        &self,
        status: Option<MailStatus>,
        offset: u32,
        limit: u32,
    ) -> Result<MailPage, StoreFault> {
        self.read(move |db| load_page(db, status, offset, limit))
            .await
    }

    /// When the newest mail that was given up was tried for the last time, unless a later one was sent:
    /// of those to a user of the account, or to a fixed address (`None`), at this address.
    pub async fn given_up(
        &self,
        account: AccountId,
        user: Option<UserId>,
        to: &MailAddress,
    ) -> Result<Option<Timestamp>, StoreFault> {
        let to = to.clone();
        self.read(move |db| load_given_up(db, account, user, &to))
            .await
    }

    /// One mail.
    pub async fn mail(&self, id: MailId) -> Result<Option<Mail>, StoreFault> {
        self.read(move |db| {
            let row: Option<MailRow> = each!(db, c => mails::table
                .find(id.0)
                .select(MailRow::as_select())
                .first(c)
                .optional())?;
            row.map(MailRow::into_mail).transpose()
        })
        .await
    }

    /// The attempts of a mail, oldest first.
    pub async fn mail_attempts(&self, id: MailId) -> Result<Vec<Attempt>, StoreFault> {
        self.read(move |db| {
            let rows: Vec<(i64, i64, bool, String)> = each!(db, c => mail_attempts::table
                .filter(mail_attempts::mail_id.eq(id.0))
                .order(mail_attempts::started)
                .select((
                    mail_attempts::started,
                    mail_attempts::duration_ms,
                    mail_attempts::is_success,
                    mail_attempts::answer,
                ))
                .load(c))?;
            rows.into_iter()
                .map(|(started, duration_ms, is_success, answer)| {
                    Ok(Attempt {
                        started: moment(started)?,
                        duration_ms: count(duration_ms)?,
                        is_success,
                        answer,
                    })
                })
                .collect()
        })
        .await
    }

    /// Makes a mail due now, whatever became of it before; `false` if it was sent or is not there.
    pub async fn retry_mail(&self, id: MailId, deed: &Deed) -> Result<bool, StoreFault> {
        let deed = deed.clone();
        self.write(move |db| {
            let changed = each!(db, c => diesel::update(mails::table.find(id.0))
                .filter(mails::status.ne(MailStatus::Sent.as_str()))
                .set((
                    mails::status.eq(MailStatus::Waiting.as_str()),
                    mails::next_attempt.eq(micros(deed.at)),
                    mails::retried.eq(micros(deed.at)),
                    mails::lease_until.eq(None::<i64>),
                ))
                .execute(c))?;
            if changed > 0 {
                note(db, &deed)?;
            }
            Ok(changed > 0)
        })
        .await
    }

    /// Makes every mail due now that was given up; says how many there were.
    pub async fn retry_failed_mails(&self, deed: &Deed) -> Result<usize, StoreFault> {
        let deed = deed.clone();
        self.write(move |db| {
            let changed = each!(db, c => diesel::update(mails::table)
                .filter(mails::status.eq(MailStatus::Failed.as_str()))
                .set((
                    mails::status.eq(MailStatus::Waiting.as_str()),
                    mails::next_attempt.eq(micros(deed.at)),
                    mails::retried.eq(micros(deed.at)),
                    mails::lease_until.eq(None::<i64>),
                ))
                .execute(c))?;
            if changed > 0 {
                let mut deed = deed.clone();
                deed.details = format!("{changed} mails");
                note(db, &deed)?;
            }
            Ok(changed)
        })
        .await
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = mails)]
struct MailRow {
    id: i64,
    recipient: String,
    user_id: Option<i64>,
    account_id: Option<i64>,
    message_id: String,
    reference_ids: Option<String>,
    subject: String,
    text_body: String,
    html_body: String,
    csv: Option<String>,
    status: String,
    attempts: i32,
    next_attempt: Option<i64>,
    created: i64,
    last_answer: Option<String>,
    retried: Option<i64>,
}

impl MailRow {
    fn into_mail(self) -> QueryResult<Mail> {
        Ok(Mail {
            id: MailId(self.id),
            mail: NewMail {
                to: fit(MailAddress::new(&self.recipient))?,
                user: self.user_id.map(UserId),
                account: self.account_id.map(AccountId),
                message_id: self.message_id,
                references: self.reference_ids,
                subject: self.subject,
                text: self.text_body,
                html: self.html_body,
                csv: self.csv,
            },
            status: word(&self.status)?,
            attempts: small(self.attempts)?,
            next_attempt: moment_maybe(self.next_attempt)?,
            created: moment(self.created)?,
            last_answer: self.last_answer,
            retried: moment_maybe(self.retried)?,
        })
    }
}

fn load_given_up(
    db: &mut Db,
    account: AccountId,
    user: Option<UserId>,
    to: &MailAddress,
) -> QueryResult<Option<Timestamp>> {
    macro_rules! of_reader {
        ($query:expr) => {{
            let query = $query
                .filter(mails::account_id.eq(account.0))
                .filter(mails::recipient.eq(to.as_str()))
                .into_boxed();
            match user {
                Some(user) => query.filter(mails::user_id.eq(user.0)),
                None => query.filter(mails::user_id.is_null()),
            }
        }};
    }
    // Few are given up, and an index has them.
    let failed: Option<(i64, i64)> = each!(db, c => of_reader!(mails::table)
        .filter(mails::status.eq(MailStatus::Failed.as_str()))
        .order(mails::id.desc())
        .select((mails::id, mails::created))
        .first(c)
        .optional())?;
    let Some((id, created)) = failed else {
        return Ok(None);
    };
    let later: i64 = each!(db, c => of_reader!(mails::table)
        .filter(mails::created.ge(created))
        .filter(mails::status.eq(MailStatus::Sent.as_str()))
        .filter(mails::id.gt(id))
        .count()
        .get_result(c))?;
    if later > 0 {
        return Ok(None);
    }
    let last: Option<i64> = each!(db, c => mail_attempts::table
        .filter(mail_attempts::mail_id.eq(id))
        .select(max(mail_attempts::started))
        .first(c))?;
    moment(last.unwrap_or(created)).map(Some)
}

fn load_page(
    db: &mut Db,
    status: Option<MailStatus>,
    offset: u32,
    limit: u32,
) -> QueryResult<MailPage> {
    let rows: Vec<MailRow> = each!(db, c => {
        let mut query = mails::table
            .order(mails::id.desc())
            .offset(i64::from(offset))
            .limit(i64::from(limit))
            .select(MailRow::as_select())
            .into_boxed();
        if let Some(status) = status {
            query = query.filter(mails::status.eq(status.as_str()));
        }
        query.load(c)
    })?;
    let total: i64 = each!(db, c => {
        let mut query = mails::table.count().into_boxed();
        if let Some(status) = status {
            query = query.filter(mails::status.eq(status.as_str()));
        }
        query.get_result(c)
    })?;
    let mails: QueryResult<Vec<Mail>> = rows.into_iter().map(MailRow::into_mail).collect();
    Ok(MailPage {
        mails: mails?,
        total: count(total)?,
    })
}

pub(super) fn insert_mails(db: &mut Db, mails: &[NewMail], now: Timestamp) -> QueryResult<()> {
    for mail in mails {
        insert_mail(db, mail, now)?;
    }
    Ok(())
}

fn insert_mail(db: &mut Db, mail: &NewMail, now: Timestamp) -> QueryResult<()> {
    each!(db, c => diesel::insert_into(mails::table)
        .values((
            mails::recipient.eq(mail.to.as_str()),
            mails::user_id.eq(mail.user.map(|user| user.0)),
            mails::account_id.eq(mail.account.map(|account| account.0)),
            mails::message_id.eq(&mail.message_id),
            mails::reference_ids.eq(&mail.references),
            mails::subject.eq(clean(&mail.subject)),
            mails::text_body.eq(clean(&mail.text)),
            mails::html_body.eq(clean(&mail.html)),
            mails::csv.eq(clean_maybe(mail.csv.as_ref())),
            mails::status.eq(MailStatus::Waiting.as_str()),
            mails::attempts.eq(0),
            mails::next_attempt.eq(micros(now)),
            mails::created.eq(micros(now)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

fn take_due(db: &mut Db, now: i64, lease_until: i64, limit: u32) -> QueryResult<Vec<Mail>> {
    // The engines differ in nothing but the lock.
    macro_rules! due {
        () => {
            mails::table
                .filter(mails::next_attempt.le(now))
                .filter(mails::lease_until.is_null().or(mails::lease_until.le(now)))
                .order((mails::next_attempt, mails::id))
                .limit(i64::from(limit))
                .select(MailRow::as_select())
        };
    }
    let rows: Vec<MailRow> = match db {
        Db::Sqlite(c) => due!().load(c)?,
        Db::Pg(c) => due!().for_update().skip_locked().load(&mut **c)?,
    };
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    if !ids.is_empty() {
        each!(db, c => diesel::update(mails::table)
            .filter(mails::id.eq_any(&ids))
            .set(mails::lease_until.eq(lease_until))
            .execute(c))?;
    }
    rows.into_iter().map(MailRow::into_mail).collect()
}

fn note_attempt(db: &mut Db, id: MailId, attempt: &Attempt, next: MailNext) -> QueryResult<()> {
    let noted = each!(db, c => diesel::insert_into(mail_attempts::table)
        .values((
            mail_attempts::mail_id.eq(id.0),
            mail_attempts::started.eq(micros(attempt.started)),
            mail_attempts::duration_ms.eq(i64::from(attempt.duration_ms)),
            mail_attempts::is_success.eq(attempt.is_success),
            mail_attempts::answer.eq(clean(&attempt.answer)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if noted == 0 {
        // The second run, after the first one's commit was in doubt.
        return Ok(());
    }
    let (status, next_attempt) = match next {
        MailNext::Sent => (MailStatus::Sent, None),
        MailNext::Again(then) => (MailStatus::Waiting, Some(micros(then))),
        MailNext::GiveUp => (MailStatus::Failed, None),
    };
    if next == MailNext::Sent {
        // Its link or temporary password is its reader's alone: no copy outlives the sending.
        each!(db, c => diesel::update(mails::table.find(id.0))
            .filter(mails::message_id.like(ACCOUNT_MAIL))
            .set((mails::text_body.eq(TEXT_GONE), mails::html_body.eq("")))
            .execute(c))?;
    }
    // What was sent stays sent, whatever a slower node saw.
    each!(db, c => diesel::update(mails::table.find(id.0))
        .filter(mails::status.ne(MailStatus::Sent.as_str()))
        .set((
            mails::status.eq(status.as_str()),
            mails::attempts.eq(mails::attempts + 1),
            mails::next_attempt.eq(next_attempt),
            mails::lease_until.eq(None::<i64>),
            mails::last_answer.eq(clean(&attempt.answer)),
        ))
        .execute(c))?;
    Ok(())
}
