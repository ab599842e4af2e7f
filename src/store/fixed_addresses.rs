//! Fixed addresses: who hears of an account's outcomes without being a user.

use diesel::prelude::*;

use crate::domain::account::{AccountId, FIXED_ADDRESSES_MAX, FixedAddress, MailAddress};
use crate::store::audit::{Change, is_noted, tell};
use crate::store::connection::{Db, each};
use crate::store::rows::{fit, micros, moment, word};
use crate::store::schema::fixed_addresses;
use crate::store::{Store, StoreFault};

/// What came of adding a fixed address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressAdded {
    /// It is there now.
    New,
    /// It was there, in whichever case of letters, and hears of other outcomes from now on.
    Changed,
    /// It was there, and hears of just that already; nothing was done, and nothing noted.
    Already,
    /// The account has as many as it may.
    TooMany,
}

/// The fixed addresses of an account, or (`None`) of all, in the order in which they were added.
pub(super) fn load_fixed(
    db: &mut Db,
    account: Option<AccountId>,
) -> QueryResult<Vec<FixedAddress>> {
    let rows: Vec<(i64, String, String, i64)> = each!(db, c => {
        let mut query = fixed_addresses::table
            .order((fixed_addresses::account_id, fixed_addresses::created, fixed_addresses::mail))
            .into_boxed();
        if let Some(account) = account {
            query = query.filter(fixed_addresses::account_id.eq(account.0));
        }
        query.load(c)
    })?;
    rows.into_iter()
        .map(|(account, mail, preference, created)| {
            Ok(FixedAddress {
                account: AccountId(account),
                mail: fit(MailAddress::new(&mail))?,
                preference: word(&preference)?,
                created: moment(created)?,
            })
        })
        .collect()
}

fn is_same(one: &MailAddress, other: &MailAddress) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

fn add(db: &mut Db, new: &FixedAddress, change: &Change) -> QueryResult<AddressAdded> {
    let known = load_fixed(db, Some(new.account))?;
    let before = known.iter().find(|fixed| is_same(&fixed.mail, &new.mail));
    match before {
        // The second run, after the first one's commit was in doubt.
        Some(_) if is_noted(db, &change.deed)? => return Ok(AddressAdded::New),
        Some(before) if before.preference == new.preference => return Ok(AddressAdded::Already),
        Some(before) => {
            each!(db, c => diesel::update(fixed_addresses::table
                .find((new.account.0, before.mail.as_str())))
                .set(fixed_addresses::mail_preference.eq(new.preference.as_str()))
                .execute(c))?;
        }
        None if known.len() >= FIXED_ADDRESSES_MAX => return Ok(AddressAdded::TooMany),
        None => {
            each!(db, c => diesel::insert_into(fixed_addresses::table)
                .values((
                    fixed_addresses::account_id.eq(new.account.0),
                    fixed_addresses::mail.eq(new.mail.as_str()),
                    fixed_addresses::mail_preference.eq(new.preference.as_str()),
                    fixed_addresses::created.eq(micros(new.created)),
                ))
                .execute(c))?;
        }
    }
    tell(db, change)?;
    Ok(before.map_or(AddressAdded::New, |_| AddressAdded::Changed))
}

impl Store {
    /// The fixed addresses of an account, or (`None`) of all.
    pub async fn fixed_addresses(
        &self,
        account: Option<AccountId>,
    ) -> Result<Vec<FixedAddress>, StoreFault> {
        self.read(move |db| load_fixed(db, account)).await
    }

    /// Adds a fixed address, or changes what one hears of.
    pub async fn add_fixed_address(
        &self,
        new: &FixedAddress,
        change: &Change,
    ) -> Result<AddressAdded, StoreFault> {
        let (new, change) = (new.clone(), change.clone());
        self.write(move |db| add(db, &new, &change)).await
    }

    /// Removes a fixed address; `false` if the account has none such.
    pub async fn remove_fixed_address(
        &self,
        account: AccountId,
        mail: &MailAddress,
        change: &Change,
    ) -> Result<bool, StoreFault> {
        let (mail, change) = (mail.clone(), change.clone());
        self.write(move |db| {
            let removed = each!(db, c => diesel::delete(fixed_addresses::table
                .find((account.0, mail.as_str())))
                .execute(c))?;
            if removed == 0 {
                return is_noted(db, &change.deed);
            }
            tell(db, &change)?;
            Ok(true)
        })
        .await
    }
}
