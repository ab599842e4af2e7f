//! Accounts.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{Account, AccountCode, AccountId, Standing};
use crate::domain::handing_in::{DoneMarker, HandingIn, NamePattern};
use crate::domain::networks::Networks;
use crate::store::audit::{Change, tell};
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, fit, micros, moment, word};
use crate::store::schema::{accounts, counters};
use crate::store::{Store, StoreFault};

/// What came of adding something with a unique name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added<T> {
    /// It is there now.
    New(T),
    /// The name was taken.
    Taken,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub(super) struct AccountRow {
    id: i64,
    code: String,
    name: String,
    standing: String,
    from_networks: String,
    passwords: bool,
    created: i64,
    done_marker: Option<String>,
    ignored: String,
}

impl AccountRow {
    pub(super) fn into_account(self) -> QueryResult<Account> {
        let marker = self.done_marker.as_deref().map(DoneMarker::new);
        let ignored: Result<_, _> = self.ignored.lines().map(NamePattern::new).collect();
        Ok(Account {
            handing_in: HandingIn {
                done_marker: fit(marker.transpose())?,
                ignored: fit(ignored)?,
            },
            id: AccountId(self.id),
            code: fit(AccountCode::new(&self.code))?,
            name: self.name,
            standing: word(&self.standing)?,
            from: fit(Networks::new(&self.from_networks))?,
            passwords: self.passwords,
            created: moment(self.created)?,
        })
    }
}

/// All accounts, by code.
pub(super) fn load_accounts(db: &mut Db) -> QueryResult<Vec<Account>> {
    let rows: Vec<AccountRow> = each!(db, c => accounts::table
        .order(accounts::code)
        .select(AccountRow::as_select())
        .load(c))?;
    rows.into_iter().map(AccountRow::into_account).collect()
}

/// Notes that accounts, users or credentials have changed. In the same transaction as the change.
pub(super) fn bump_roster(db: &mut Db) -> QueryResult<()> {
    each!(db, c => diesel::update(counters::table.filter(counters::name.eq("roster")))
        .set(counters::value.eq(counters::value + 1))
        .execute(c))?;
    Ok(())
}

/// Adds an account, in a transaction of the caller's.
pub(super) fn insert_account(
    db: &mut Db,
    code: &AccountCode,
    name: &str,
    now: Timestamp,
) -> QueryResult<Added<Account>> {
    let row: Option<AccountRow> = each!(db, c => diesel::insert_into(accounts::table)
        .values((
            accounts::code.eq(code.as_str()),
            accounts::name.eq(name),
            accounts::standing.eq(Standing::Active.as_str()),
            accounts::created.eq(micros(now)),
        ))
        .on_conflict_do_nothing()
        .returning(AccountRow::as_returning())
        .get_result(c)
        .optional())?;
    let Some(row) = row else {
        return Ok(Added::Taken);
    };
    bump_roster(db)?;
    Ok(Added::New(row.into_account()?))
}

fn put_handing_in(db: &mut Db, code: &AccountCode, handing_in: &HandingIn) -> QueryResult<usize> {
    let marker = handing_in.done_marker.as_ref().map(DoneMarker::as_str);
    let patterns: Vec<&str> = handing_in.ignored.iter().map(NamePattern::as_str).collect();
    let ignored = patterns.join("\n");
    each!(db, c => diesel::update(accounts::table)
        .filter(accounts::code.eq(code.as_str()))
        .set((accounts::done_marker.eq(marker), accounts::ignored.eq(&ignored)))
        .execute(c))
}

/// Where the users may log in from, and whether with a password; what is `None` stays.
fn put_entry(
    db: &mut Db,
    code: &AccountCode,
    from: Option<&Networks>,
    passwords: Option<bool>,
) -> QueryResult<usize> {
    let mut changed = 0;
    if let Some(from) = from {
        let from = from.to_string();
        changed = each!(db, c => diesel::update(accounts::table)
            .filter(accounts::code.eq(code.as_str()))
            .set(accounts::from_networks.eq(&from))
            .execute(c))?;
    }
    if let Some(passwords) = passwords {
        changed = each!(db, c => diesel::update(accounts::table)
            .filter(accounts::code.eq(code.as_str()))
            .set(accounts::passwords.eq(passwords))
            .execute(c))?;
    }
    Ok(changed)
}

impl Store {
    /// Adds an account, with its entry in the audit log.
    pub async fn open_account(
        &self,
        code: &AccountCode,
        name: &str,
        change: &Change,
    ) -> Result<Added<Account>, StoreFault> {
        let (code, name, change) = (code.clone(), clean(name).into_owned(), change.clone());
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            let added = insert_account(db, &code, &name, change.deed.at)?;
            if matches!(added, Added::New(_)) {
                tell(db, &change)?;
            }
            Ok(added)
        })
        .await
    }

    /// Adds an account, without a word in the audit log: for the door that runs by itself, and for
    /// tests. Everybody else has [`Store::open_account`].
    pub async fn add_account(
        &self,
        code: &AccountCode,
        name: &str,
        now: Timestamp,
    ) -> Result<Added<Account>, StoreFault> {
        let (code, name) = (code.clone(), clean(name).into_owned());
        self.write(move |db| insert_account(db, &code, &name, now))
            .await
    }

    /// All accounts, by code.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreFault> {
        self.read(load_accounts).await
    }

    /// The account with this code.
    pub async fn account(&self, code: &AccountCode) -> Result<Option<Account>, StoreFault> {
        let code = code.clone();
        self.read(move |db| {
            let row: Option<AccountRow> = each!(db, c => accounts::table
                .filter(accounts::code.eq(code.as_str()))
                .select(AccountRow::as_select())
                .first(c)
                .optional())?;
            row.map(AccountRow::into_account).transpose()
        })
        .await
    }

    /// Sets how an account hands its files in, where its users may log in from, and whether with a
    /// password, with the entry in the audit log; what is `None` stays. `false` if there is no account
    /// with this code.
    pub async fn change_account(
        &self,
        code: &AccountCode,
        handing_in: Option<&HandingIn>,
        (from, passwords): (Option<&Networks>, Option<bool>),
        change: &Change,
    ) -> Result<bool, StoreFault> {
        let (code, change) = (code.clone(), change.clone());
        let (handing_in, from) = (handing_in.cloned(), from.cloned());
        self.write(move |db| {
            let mut changed = put_entry(db, &code, from.as_ref(), passwords)?;
            if let Some(handing_in) = &handing_in {
                changed = put_handing_in(db, &code, handing_in)?;
            }
            if changed == 0 {
                return Ok(false);
            }
            bump_roster(db)?;
            tell(db, &change)?;
            Ok(true)
        })
        .await
    }

    /// Suspends or resumes, without a word in the audit log: for tests of what follows. Everybody else
    /// has [`Store::stand_account`].
    #[cfg(test)]
    pub(crate) async fn set_account_standing(
        &self,
        code: &AccountCode,
        standing: Standing,
    ) -> Result<bool, StoreFault> {
        let code = code.clone();
        self.write(move |db| {
            let changed = each!(db, c => diesel::update(accounts::table)
                .filter(accounts::code.eq(code.as_str()))
                .set(accounts::standing.eq(standing.as_str()))
                .execute(c))?;
            if changed > 0 {
                bump_roster(db)?;
            }
            Ok(changed > 0)
        })
        .await
    }

    /// Says where an account's users may log in from, and whether with a password, without a word in
    /// the audit log: for tests of what follows. Everybody else has [`Store::change_account`].
    #[cfg(test)]
    pub(crate) async fn set_account_entry(
        &self,
        code: &AccountCode,
        from: Option<Networks>,
        passwords: Option<bool>,
    ) -> Result<bool, StoreFault> {
        let code = code.clone();
        self.write(move |db| {
            let changed = put_entry(db, &code, from.as_ref(), passwords)?;
            if changed > 0 {
                bump_roster(db)?;
            }
            Ok(changed > 0)
        })
        .await
    }
}
