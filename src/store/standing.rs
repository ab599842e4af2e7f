//! Accounts and users suspended and resumed, each with its entry in the audit log.

use diesel::prelude::*;

use crate::domain::account::{AccountCode, LoginName, Standing};
use crate::store::accounts::bump_roster;
use crate::store::audit::{Change, tell};
use crate::store::connection::{Db, each};
use crate::store::schema::{accounts, users, web_sessions};
use crate::store::{Store, StoreFault};

/// What came of suspending or resuming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stood {
    /// It is so now, and was not before (or this very deed made it so).
    Changed,
    /// It was so before; nothing was done, and nothing noted.
    Already,
    /// There is no such account or user.
    Unknown,
}

/// Signs out every browser of these users.
fn end_sessions(db: &mut Db, of: &[i64]) -> QueryResult<()> {
    each!(db, c => diesel::delete(web_sessions::table)
        .filter(web_sessions::user_id.eq_any(of))
        .execute(c))?;
    Ok(())
}

impl Store {
    /// Suspends or resumes an account. Suspending signs out the browsers of all its users; their SFTP
    /// sessions are ended by `access` within seconds.
    pub async fn stand_account(
        &self,
        code: &AccountCode,
        standing: Standing,
        change: &Change,
    ) -> Result<Stood, StoreFault> {
        let (code, change) = (code.clone(), change.clone());
        self.write(move |db| {
            let found: Option<(i64, String)> = each!(db, c => accounts::table
                .filter(accounts::code.eq(code.as_str()))
                .select((accounts::id, accounts::standing))
                .first(c)
                .optional())?;
            let Some((id, before)) = found else {
                return Ok(Stood::Unknown);
            };
            if before == standing.as_str() {
                return already(db, &change);
            }
            each!(db, c => diesel::update(accounts::table.find(id))
                .set(accounts::standing.eq(standing.as_str()))
                .execute(c))?;
            if standing == Standing::Suspended {
                let of: Vec<i64> = each!(db, c => users::table
                    .filter(users::account_id.eq(id))
                    .select(users::id)
                    .load(c))?;
                end_sessions(db, &of)?;
            }
            tell(db, &change)?;
            bump_roster(db)?;
            Ok(Stood::Changed)
        })
        .await
    }

    /// Suspends or resumes a user. Suspending signs out all of its browsers.
    pub async fn stand_user(
        &self,
        login: &LoginName,
        standing: Standing,
        change: &Change,
    ) -> Result<Stood, StoreFault> {
        let (login, change) = (login.clone(), change.clone());
        self.write(move |db| {
            let found: Option<(i64, String)> = each!(db, c => users::table
                .filter(users::login.eq(login.as_str()))
                .select((users::id, users::standing))
                .first(c)
                .optional())?;
            let Some((id, before)) = found else {
                return Ok(Stood::Unknown);
            };
            if before == standing.as_str() {
                return already(db, &change);
            }
            each!(db, c => diesel::update(users::table.find(id))
                .set(users::standing.eq(standing.as_str()))
                .execute(c))?;
            if standing == Standing::Suspended {
                end_sessions(db, &[id])?;
            }
            tell(db, &change)?;
            bump_roster(db)?;
            Ok(Stood::Changed)
        })
        .await
    }
}

/// It was so before: by somebody else, or by this very deed, when its commit was in doubt.
fn already(db: &mut Db, change: &Change) -> QueryResult<Stood> {
    let is_own = crate::store::audit::is_noted(db, &change.deed)?;
    Ok(if is_own {
        Stood::Changed
    } else {
        Stood::Already
    })
}
