//! What upkeep removes: only what is over and done with. Certificates, receipts, records and the audit
//! log have no place here. Of drop folders it is told which files were answered.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::domain::notice::MailStatus;
use crate::domain::registration::RegistrationStatus;
use crate::store::arrivals::{Drop, DropRow};
use crate::store::connection::{Db, each};
use crate::store::rows::micros;
use crate::store::schema::{
    drops, links, mail_attempts, mails, receipts, refusals, registrations, visits,
};
use crate::store::{Store, StoreFault};

/// The most mails or requests removed in one transaction, so that nobody waits for it for long.
const STEP: i64 = 500;

fn number(removed: usize) -> u64 {
    u64::try_from(removed).unwrap_or(u64::MAX)
}

/// Removes mails that were sent or given up, with their attempts. Each was told of to the end.
fn remove_mails(db: &mut Db, before: i64) -> QueryResult<usize> {
    let old: Vec<i64> = each!(db, c => mails::table
        .filter(mails::status.ne(MailStatus::Waiting.as_str()))
        .filter(mails::created.lt(before))
        .order(mails::id)
        .limit(STEP)
        .select(mails::id)
        .load(c))?;
    each!(db, c => diesel::delete(mail_attempts::table)
        .filter(mail_attempts::mail_id.eq_any(&old))
        .execute(c))?;
    each!(db, c => diesel::delete(mails::table).filter(mails::id.eq_any(&old)).execute(c))
}

/// Removes requests for an account whose address nobody confirmed, with their links.
fn remove_requests(db: &mut Db, before: i64) -> QueryResult<usize> {
    let old: Vec<i64> = each!(db, c => registrations::table
        .filter(registrations::status.eq(RegistrationStatus::Unconfirmed.as_str()))
        .filter(registrations::created.lt(before))
        .order(registrations::id)
        .limit(STEP)
        .select(registrations::id)
        .load(c))?;
    each!(db, c => diesel::delete(links::table)
        .filter(links::registration_id.eq_any(&old))
        .execute(c))?;
    each!(db, c => diesel::delete(registrations::table)
        .filter(registrations::id.eq_any(&old))
        .execute(c))
}

/// Files of a drop folder that were answered before `before`, by their paths, from after `after` on.
fn load_answered(
    db: &mut Db,
    account: i64,
    before: i64,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<DropRow>> {
    each!(db, c => drops::table
        .inner_join(receipts::table.on(receipts::submission_id.eq(drops::submission_id)))
        .filter(drops::account_id.eq(account))
        .filter(drops::path.gt(after))
        .filter(receipts::answered.lt(before))
        .order(drops::path)
        .limit(limit)
        .select(DropRow::as_select())
        .load(c))
}

impl Store {
    /// Files of an account's drop folder that were taken in and answered before `before`: at most
    /// `limit` of those whose paths come after `after`, in the order of their paths.
    pub async fn answered_drops(
        &self,
        account: AccountId,
        before: Timestamp,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Drop>, StoreFault> {
        let (after, before) = (after.to_owned(), micros(before));
        self.read(move |db| {
            let rows = load_answered(db, account.0, before, &after, limit.into())?;
            rows.into_iter().map(DropRow::into_drop).collect()
        })
        .await
    }

    /// Removes mails that were put into the outbox before `before` and are done with; says how many.
    /// At most 500 at a time: ask again while it says so many.
    pub async fn sweep_mails(&self, before: Timestamp) -> Result<u64, StoreFault> {
        let before = micros(before);
        self.write(move |db| Ok(number(remove_mails(db, before)?)))
            .await
    }

    /// Removes requests for an account that were sent before `before` and never confirmed; at most
    /// 500 at a time.
    pub async fn sweep_requests(&self, before: Timestamp) -> Result<u64, StoreFault> {
        let before = micros(before);
        self.write(move |db| Ok(number(remove_requests(db, before)?)))
            .await
    }

    /// Removes refused log-ins that came last before `before`.
    pub async fn sweep_refusals(&self, before: Timestamp) -> Result<u64, StoreFault> {
        let before = micros(before);
        self.write(move |db| {
            let removed = each!(db, c => diesel::delete(refusals::table)
                .filter(refusals::last.lt(before))
                .execute(c))?;
            Ok(number(removed))
        })
        .await
    }

    /// Forgets SFTP sessions without a request since `before`: their node died without a word.
    pub async fn sweep_visits(&self, before: Timestamp) -> Result<u64, StoreFault> {
        let before = micros(before);
        self.write(move |db| {
            let removed = each!(db, c => diesel::delete(visits::table)
                .filter(visits::last_request.lt(before))
                .execute(c))?;
            Ok(number(removed))
        })
        .await
    }
}
