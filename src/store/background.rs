//! What the rules must know of other documents: who holds the key, which versions came before.

use diesel::dsl::{exists, max};
use diesel::prelude::*;

use crate::domain::account::AccountId;
use crate::domain::record::{Background, Facts, Holder, Key};
use crate::domain::submission::{Sha256, SubmissionId, SubmissionNumber};
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, fit, moment, small, whole_small};
use crate::store::schema::{records, submissions};
use crate::store::{Store, StoreFault};

impl Store {
    /// What the rules must know of other documents.
    ///
    /// `supersedes` and `approval_before` come from records of `account` only: nobody learns another
    /// manufacturer's numbers by handing in a higher version of its VIN.
    pub async fn background(
        &self,
        account: AccountId,
        facts: &Facts,
    ) -> Result<Background, StoreFault> {
        let facts = facts.clone();
        self.read(move |db| load(db, account, &facts)).await
    }
}

/// The accepted submission that holds `key`.
pub(super) fn load_holder(db: &mut Db, key: &Key) -> QueryResult<Option<Holder>> {
    let row: Option<(i64, String, i64, i64, String)> = each!(db, c => records::table
        .inner_join(submissions::table)
        .filter(records::vin.eq(clean(&key.vin)))
        .filter(records::ivi_version_number.eq(whole_small(key.ivi_version_number)))
        .filter(
            records::manufacturer_stage_number.eq(whole_small(key.manufacturer_stage_number)),
        )
        .select((
            records::submission_id,
            submissions::number,
            records::account_id,
            records::recorded,
            submissions::sha256,
        ))
        .first(c)
        .optional())?;
    row.map(|(id, number, account, recorded, sha256)| {
        Ok(Holder {
            submission: SubmissionId(id),
            number: fit(SubmissionNumber::new(&number))?,
            account: AccountId(account),
            decided: moment(recorded)?,
            sha256: fit(Sha256::new(&sha256))?,
        })
    })
    .transpose()
}

fn load(db: &mut Db, account: AccountId, facts: &Facts) -> QueryResult<Background> {
    let holder = match facts.key() {
        Some(key) => load_holder(db, &key)?,
        None => None,
    };
    let mut background = Background {
        holder,
        has_earlier_stage: has_earlier_stage(db, facts)?,
        is_reference_used: is_reference_used(db, facts)?,
        ..Background::default()
    };
    if let (Some(vin), Some(stage)) = (&facts.vin, facts.manufacturer_stage_number) {
        let (vin, stage) = (clean(vin), whole_small(stage));
        // No version is -1: without one of its own, every version is another one.
        let version = facts.ivi_version_number.map_or(-1, whole_small);
        let highest: Option<i32> = each!(db, c => records::table
            .filter(records::vin.eq(&vin))
            .filter(records::manufacturer_stage_number.eq(stage))
            .filter(records::ivi_version_number.ne(version))
            .select(max(records::ivi_version_number))
            .first(c))?;
        background.version_highest = highest.map(small).transpose()?;
        let before: Option<(String, Option<String>)> = each!(db, c => records::table
            .inner_join(submissions::table)
            .filter(records::vin.eq(&vin))
            .filter(records::manufacturer_stage_number.eq(stage))
            .filter(records::ivi_version_number.lt(version))
            .filter(records::account_id.eq(account.0))
            .order(records::ivi_version_number.desc())
            .select((submissions::number, records::type_approval_number))
            .first(c)
            .optional())?;
        if let Some((number, approval)) = before {
            background.supersedes = Some(fit(SubmissionNumber::new(&number))?);
            background.approval_before = approval;
        }
    }
    Ok(background)
}

fn has_earlier_stage(db: &mut Db, facts: &Facts) -> QueryResult<bool> {
    let (Some(vin), Some(stage @ 2..)) = (&facts.vin, facts.manufacturer_stage_number) else {
        return Ok(true);
    };
    each!(db, c => diesel::select(exists(records::table
        .filter(records::vin.eq(clean(vin)))
        .filter(records::manufacturer_stage_number.eq(whole_small(stage - 1)))))
        .get_result(c))
}

/// Does a document of another key bear the reference? The holder of the same key is this very
/// document, handed in again.
fn is_reference_used(db: &mut Db, facts: &Facts) -> QueryResult<bool> {
    let Some(reference) = &facts.ivi_reference_id else {
        return Ok(false);
    };
    let keys: Vec<(String, i32, i32)> = each!(db, c => records::table
        .filter(records::ivi_reference_id.eq(clean(reference)))
        .select((
            records::vin,
            records::ivi_version_number,
            records::manufacturer_stage_number,
        ))
        .limit(2)
        .load(c))?;
    let own = facts.key().map(|key| {
        (
            clean(&key.vin).into_owned(),
            whole_small(key.ivi_version_number),
            whole_small(key.manufacturer_stage_number),
        )
    });
    Ok(keys.into_iter().any(|key| Some(key) != own))
}
