//! What was accepted of a vehicle: every version of every stage.

use diesel::prelude::*;

use crate::domain::account::AccountId;
use crate::domain::submission::SubmissionNumber;
use crate::store::connection::{Db, each};
use crate::store::rows::load_rows;
use crate::store::schema::{records, submissions};
use crate::store::{Row, Store, StoreFault};

/// The most versions of one vehicle that are listed. Reason: twenty corrections are many; a page must
/// stay one that can be read.
pub const VERSIONS_MAX: u32 = 200;

/// The submissions that hold a record of a VIN, stage by stage, newest version first. A macro, because
/// a test looks at its plan.
macro_rules! versions {
    ($vin:expr) => {
        records::table
            .filter(records::vin.eq($vin))
            .order((
                records::manufacturer_stage_number.asc(),
                records::ivi_version_number.desc(),
            ))
            .select(records::submission_id)
            .limit(i64::from(VERSIONS_MAX))
    };
}
#[cfg(test)]
pub(super) use versions;

impl Store {
    /// What was accepted of a vehicle, stage by stage, the newest version first; of `account` only, if
    /// given. At most [`VERSIONS_MAX`].
    pub async fn vehicle(
        &self,
        vin: &str,
        account: Option<AccountId>,
    ) -> Result<Vec<Row>, StoreFault> {
        let vin = vin.to_owned();
        self.read(move |db| {
            let ids: Vec<i64> = each!(db, c => match account {
                Some(account) => versions!(&vin)
                    .filter(records::account_id.eq(account.0))
                    .load(c),
                None => versions!(&vin).load(c),
            })?;
            load_rows(db, &ids)
        })
        .await
    }

    /// The submission of this number, if it holds a record of this VIN; of `account` only, if given.
    pub async fn record(
        &self,
        vin: &str,
        number: &SubmissionNumber,
        account: Option<AccountId>,
    ) -> Result<Option<Row>, StoreFault> {
        let (vin, number) = (vin.to_owned(), number.clone());
        self.read(move |db| {
            let found = find_record(db, &vin, &number)?;
            let id = found
                .filter(|(_, owner)| account.is_none_or(|account| account.0 == *owner))
                .map(|(id, _)| id);
            Ok(load_rows(db, id.as_slice())?.pop())
        })
        .await
    }
}

/// A record's submission and account.
fn find_record(
    db: &mut Db,
    vin: &str,
    number: &SubmissionNumber,
) -> QueryResult<Option<(i64, i64)>> {
    each!(db, c => records::table
        .inner_join(submissions::table)
        .filter(submissions::number.eq(number.as_str()))
        .filter(records::vin.eq(vin))
        .select((records::submission_id, records::account_id))
        .first(c)
        .optional())
}
