//! Log-ins that were refused: the newest of each account, and of log-in names that nobody has.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{AccountCode, AccountId};
use crate::domain::entry::RefusalReason;
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, clean_maybe, count, fit, micros, moment, whole, word};
use crate::store::schema::{accounts, refusals};
use crate::store::{Store, StoreFault};

/// So many refusals are kept for each account, and for names of nobody together.
const KEPT_PER_ACCOUNT: i64 = 1000;

/// A refused log-in to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The account of the log-in name; `None` if nobody has it, or it is one of the authority's own.
    pub account: Option<AccountId>,
    /// What was typed, kept short.
    pub login: String,
    /// Why.
    pub reason: RefusalReason,
    /// What is worth knowing besides: the kind of key, the algorithms that the client offered.
    pub detail: String,
    /// `SHA256:…` of the key that was shown.
    pub fingerprint: Option<String>,
    /// What the client calls itself.
    pub client: String,
    /// Where it came from.
    pub remote_ip: String,
    /// When it came first.
    pub first: Timestamp,
    /// When it came last.
    pub last: Timestamp,
    /// How often, if the same came again and again.
    pub times: u64,
}

/// A refused log-in, with the account's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalRow {
    /// The account's code, if the log-in name belongs to one.
    pub account: Option<AccountCode>,
    /// What was refused.
    pub refused: Refused,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = refusals)]
struct Stored {
    account_id: Option<i64>,
    login: String,
    reason: String,
    detail: String,
    fingerprint: Option<String>,
    client: String,
    remote_ip: String,
    first: i64,
    last: i64,
    times: i64,
}

impl Stored {
    fn into_refused(self) -> QueryResult<Refused> {
        Ok(Refused {
            account: self.account_id.map(AccountId),
            login: self.login,
            reason: word(&self.reason)?,
            detail: self.detail,
            fingerprint: self.fingerprint,
            client: self.client,
            remote_ip: self.remote_ip,
            first: moment(self.first)?,
            last: moment(self.last)?,
            times: count(self.times)?,
        })
    }
}

fn insert(db: &mut Db, new: &Refused) -> QueryResult<()> {
    each!(db, c => diesel::insert_into(refusals::table)
        .values((
            refusals::account_id.eq(new.account.map(|account| account.0)),
            refusals::login.eq(clean(&new.login)),
            refusals::reason.eq(new.reason.as_str()),
            refusals::detail.eq(clean(&new.detail)),
            refusals::fingerprint.eq(clean_maybe(new.fingerprint.as_ref())),
            refusals::client.eq(clean(&new.client)),
            refusals::remote_ip.eq(&new.remote_ip),
            refusals::first.eq(micros(new.first)),
            refusals::last.eq(micros(new.last)),
            refusals::times.eq(whole(new.times)),
        ))
        .execute(c))?;
    Ok(())
}

/// Removes what is older than the newest that are kept.
fn trim(db: &mut Db, account: Option<AccountId>) -> QueryResult<()> {
    let newest_to_go: Option<i64> = match account {
        Some(account) => each!(db, c => refusals::table
            .filter(refusals::account_id.eq(account.0))
            .order(refusals::id.desc())
            .offset(KEPT_PER_ACCOUNT)
            .select(refusals::id)
            .first(c)
            .optional())?,
        None => each!(db, c => refusals::table
            .filter(refusals::account_id.is_null())
            .order(refusals::id.desc())
            .offset(KEPT_PER_ACCOUNT)
            .select(refusals::id)
            .first(c)
            .optional())?,
    };
    let Some(last) = newest_to_go else {
        return Ok(());
    };
    match account {
        Some(account) => each!(db, c => diesel::delete(refusals::table)
            .filter(refusals::account_id.eq(account.0))
            .filter(refusals::id.le(last))
            .execute(c))?,
        None => each!(db, c => diesel::delete(refusals::table)
            .filter(refusals::account_id.is_null())
            .filter(refusals::id.le(last))
            .execute(c))?,
    };
    Ok(())
}

impl Store {
    /// Keeps refused log-ins, and removes the oldest of each account that has too many.
    pub async fn keep_refusals(&self, new: Vec<Refused>) -> Result<(), StoreFault> {
        self.write(move |db| {
            let mut touched: Vec<Option<AccountId>> = Vec::new();
            for refused in &new {
                insert(db, refused)?;
                if !touched.contains(&refused.account) {
                    touched.push(refused.account);
                }
            }
            for account in touched {
                trim(db, account)?;
            }
            Ok(())
        })
        .await
    }

    /// Refused log-ins, newest first: of one account, or all, also of names that nobody has.
    pub async fn refusals(
        &self,
        of: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<RefusalRow>, StoreFault> {
        self.read(move |db| {
            let rows: Vec<(Stored, Option<String>)> = match of {
                Some(account) => each!(db, c => refusals::table
                    .left_join(accounts::table)
                    .filter(refusals::account_id.eq(account.0))
                    .order(refusals::id.desc())
                    .limit(limit.into())
                    .select((Stored::as_select(), accounts::code.nullable()))
                    .load(c))?,
                None => each!(db, c => refusals::table
                    .left_join(accounts::table)
                    .order(refusals::id.desc())
                    .limit(limit.into())
                    .select((Stored::as_select(), accounts::code.nullable()))
                    .load(c))?,
            };
            rows.into_iter()
                .map(|(stored, code)| {
                    let account = code.as_deref().map(AccountCode::new).transpose();
                    Ok(RefusalRow {
                        account: fit(account)?,
                        refused: stored.into_refused()?,
                    })
                })
                .collect()
        })
        .await
    }
}
