//! Filing a verdict, and handing out the receipts that are to be written.
//!
//! *Invariant*: `records` has one row a key, and its unique index alone decides who comes first.

use std::borrow::Cow;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;

use crate::domain::Timestamp;
use crate::domain::account::AccountCode;
use crate::domain::outcome::{Outcome, Verdict};
use crate::domain::record::{Facts, Holder, Key};
use crate::domain::submission::{Lane, Status, SubmissionId, SubmissionNumber};
use crate::store::background::load_holder;
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, clean_maybe, fit, micros, moment, whole_small, word};
use crate::store::schema::{
    accounts, drops, findings, notices, receipts, records, submissions, verdicts,
};
use crate::store::search::reversed;
use crate::store::{Store, StoreFault};

/// A verdict to be filed.
#[derive(Debug, Clone)]
pub struct Filing {
    /// Which submission.
    pub submission: SubmissionId,
    /// The verdict. `Accepted` and `AcceptedWithWarnings` on the live lane make a record.
    pub verdict: Verdict,
    /// What could be read from the document.
    pub facts: Facts,
    /// The receipt's identifier.
    pub receipt_id: String,
    /// The receipt, as JSON, as it will be written.
    pub receipt: String,
    /// When it was decided.
    pub decided: Timestamp,
    /// Are people to be told? `false` on the test lane.
    pub has_notice: bool,
}

/// What came of filing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filed {
    /// Committed.
    Done,
    /// The verdict would have made a record, but another submission holds the key. Nothing was
    /// changed: decide again with this holder.
    DuplicateOf(Holder),
    /// It was filed before (by another node, after our lease ran out). Nothing was changed.
    Already,
}

/// Which receipts that are not yet written are wanted.
#[derive(Debug, Clone, Default)]
pub struct LeftOver {
    /// Those decided so lately are in somebody's hands, and are left out. What was decided later is
    /// not: then a clock was ahead.
    pub in_hand: Option<(Timestamp, Timestamp)>,
    /// Only those of later submissions: where the page before ended.
    pub after: Option<SubmissionId>,
    /// None of these accounts.
    pub except: Vec<AccountCode>,
    /// At most so many.
    pub limit: u32,
}

impl LeftOver {
    /// The oldest, at most so many.
    pub fn first(limit: u32) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }
}

/// A receipt that is filed and not yet written where the sender finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which submission.
    pub submission: SubmissionId,
    /// The submission's number.
    pub number: SubmissionNumber,
    /// Whose drop folder.
    pub account_code: AccountCode,
    /// The path of the file as the sender sees it; the receipt goes beside it.
    pub path: String,
    /// `false` for files that never lay in a drop folder (web): the receipt goes to `/receipts` only.
    pub has_drop: bool,
    /// The receipt as JSON.
    pub receipt: String,
    /// When it was decided: the receipt file's time, and its day below `/receipts`.
    pub decided: Timestamp,
}

impl Store {
    /// Files a verdict: status, outcome, findings, record, receipt and notice in one transaction.
    pub async fn file(&self, filing: Arc<Filing>) -> Result<Filed, StoreFault> {
        self.write(move |db| insert_filing(db, &filing)).await
    }

    /// Receipts that are filed and not yet written, oldest first.
    pub async fn unanswered(&self, wanted: LeftOver) -> Result<Vec<Answer>, StoreFault> {
        self.read(move |db| load_unanswered(db, &wanted)).await
    }

    /// Which of these submissions have a later one of the same path in the drop folder, whichever
    /// node took it in.
    pub async fn overtaken(
        &self,
        submissions: &[SubmissionId],
    ) -> Result<Vec<SubmissionId>, StoreFault> {
        let ids: Vec<i64> = submissions.iter().map(|id| id.0).collect();
        self.read(move |db| {
            let same_path = drops::account_id
                .eq(submissions::account_id)
                .and(drops::path.eq(submissions::path));
            let overtaken: Vec<i64> = each!(db, c => submissions::table
                .inner_join(drops::table.on(same_path))
                .filter(submissions::id.eq_any(&ids))
                .filter(drops::submission_id.gt(submissions::id))
                .select(submissions::id)
                .load(c))?;
            Ok(overtaken.into_iter().map(SubmissionId).collect())
        })
        .await
    }

    /// Notes that these receipts are written.
    pub async fn answered(
        &self,
        submissions: &[SubmissionId],
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let ids: Vec<i64> = submissions.iter().map(|id| id.0).collect();
        // After a power cut they are written once more, which changes nothing.
        self.write_unsynced(move |db| {
            each!(db, c => diesel::update(receipts::table)
                .filter(receipts::submission_id.eq_any(&ids))
                .filter(receipts::answered.is_null())
                .set(receipts::answered.eq(micros(now)))
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// This receipt, if there is one, is written and gone: it is to be written again.
    pub async fn answer_again(&self, submission: SubmissionId) -> Result<(), StoreFault> {
        self.write(move |db| {
            each!(db, c => diesel::update(receipts::table.find(submission.0))
                .set(receipts::answered.eq(None::<i64>))
                .execute(c))?;
            Ok(())
        })
        .await
    }
}

/// What filing must know of the submission itself.
struct Open {
    account: i64,
    lane: Lane,
}

#[derive(Insertable)]
#[diesel(table_name = findings, treat_none_as_default_value = false)]
struct FindingRow<'a> {
    submission_id: i64,
    position: i32,
    code: &'a str,
    severity: &'a str,
    layer: &'a str,
    line: Option<i64>,
    column_number: Option<i64>,
    path: Cow<'a, str>,
    value: Option<Cow<'a, str>>,
    expected: Option<Cow<'a, str>>,
    message: Cow<'a, str>,
    help: Cow<'a, str>,
}

fn insert_filing(db: &mut Db, filing: &Filing) -> QueryResult<Filed> {
    let open = match open_submission(db, filing)? {
        Ok(open) => open,
        Err(filed) => return Ok(filed),
    };
    let is_recorded = matches!(
        filing.verdict.outcome,
        Outcome::Accepted | Outcome::AcceptedWithWarnings
    );
    if is_recorded
        && open.lane == Lane::Live
        && let Some(holder) = insert_record(db, filing, open.account)?
    {
        return Ok(Filed::DuplicateOf(holder));
    }
    decide_submission(db, filing)?;
    insert_verdict(db, filing)?;
    insert_findings(db, filing)?;
    each!(db, c => diesel::insert_into(receipts::table)
        .values((
            receipts::submission_id.eq(filing.submission.0),
            receipts::receipt_id.eq(&filing.receipt_id),
            receipts::json.eq(clean(&filing.receipt)),
        ))
        .execute(c))?;
    if filing.has_notice {
        each!(db, c => diesel::insert_into(notices::table)
            .values((
                notices::submission_id.eq(filing.submission.0),
                notices::account_id.eq(open.account),
                notices::is_failure.eq(filing.verdict.outcome.status() == Status::Failed),
                notices::decided.eq(micros(filing.decided)),
            ))
            .execute(c))?;
    }
    Ok(Filed::Done)
}

/// Looks whether the submission still waits for a verdict, and keeps other nodes from filing one.
fn open_submission(db: &mut Db, filing: &Filing) -> QueryResult<Result<Open, Filed>> {
    let id = filing.submission.0;
    // The engines differ in nothing but the lock.
    macro_rules! this {
        () => {
            submissions::table.find(id).select((
                submissions::account_id,
                submissions::lane,
                submissions::decided,
            ))
        };
    }
    let (account, lane, decided): (i64, String, Option<i64>) = match db {
        Db::Sqlite(c) => this!().first(c)?,
        Db::Pg(c) => this!().for_update().first(&mut **c)?,
    };
    if decided.is_none() {
        let lane = word(&lane)?;
        return Ok(Ok(Open { account, lane }));
    }
    // The second run, after the first one's commit was in doubt, finds its own receipt.
    let receipt: Option<String> = each!(db, c => receipts::table
        .find(id)
        .select(receipts::receipt_id)
        .first(c)
        .optional())?;
    let is_own = receipt.as_deref() == Some(filing.receipt_id.as_str());
    Ok(Err(if is_own { Filed::Done } else { Filed::Already }))
}

/// Makes the record; gives the holder if the key is taken, and changes nothing then.
fn insert_record(db: &mut Db, filing: &Filing, account: i64) -> QueryResult<Option<Holder>> {
    let Some(key) = filing.facts.key() else {
        return Err(Error::QueryBuilderError(
            "a verdict that accepts a document without VIN, version or stage cannot be filed"
                .into(),
        ));
    };
    let Key {
        vin,
        ivi_version_number,
        manufacturer_stage_number,
    } = &key;
    let made = each!(db, c => diesel::insert_into(records::table)
        .values((
            records::submission_id.eq(filing.submission.0),
            records::account_id.eq(account),
            records::vin.eq(clean(vin)),
            records::ivi_version_number.eq(whole_small(*ivi_version_number)),
            records::manufacturer_stage_number.eq(whole_small(*manufacturer_stage_number)),
            records::ivi_reference_id.eq(clean_maybe(filing.facts.ivi_reference_id.as_ref())),
            records::type_approval_number
                .eq(clean_maybe(filing.facts.type_approval_number.as_ref())),
            records::recorded.eq(micros(filing.decided)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if made > 0 {
        return Ok(None);
    }
    // Committed by somebody else, for the insertion waited for it: it can be seen now.
    match load_holder(db, &key)? {
        Some(holder) => Ok(Some(holder)),
        None => Err(Error::QueryBuilderError(
            "a key is taken, but its record cannot be found".into(),
        )),
    }
}

fn decide_submission(db: &mut Db, filing: &Filing) -> QueryResult<()> {
    let facts = &filing.facts;
    let outcome = filing.verdict.outcome;
    let vin = facts.vin.as_deref().map(clean);
    let vin_upper = vin.as_ref().map(|vin| vin.to_uppercase());
    let vin_reversed = vin_upper.as_deref().map(reversed);
    each!(db, c => diesel::update(submissions::table.find(filing.submission.0))
        .set((
            submissions::status.eq(outcome.status().as_str()),
            submissions::is_held.eq(false),
            submissions::held_why.eq(None::<String>),
            submissions::claimed_by.eq(None::<String>),
            submissions::lease_until.eq(None::<i64>),
            submissions::vin.eq(&vin),
            submissions::vin_upper.eq(&vin_upper),
            submissions::vin_reversed.eq(&vin_reversed),
            submissions::ivi_version_number.eq(facts.ivi_version_number.map(whole_small)),
            submissions::manufacturer_stage_number
                .eq(facts.manufacturer_stage_number.map(whole_small)),
            submissions::type_approval_number.eq(clean_maybe(facts.type_approval_number.as_ref())),
            submissions::vehicle_category.eq(clean_maybe(facts.vehicle_category.as_ref())),
            submissions::decided.eq(micros(filing.decided)),
            submissions::outcome.eq(outcome.as_str()),
        ))
        .execute(c))?;
    Ok(())
}

fn insert_verdict(db: &mut Db, filing: &Filing) -> QueryResult<()> {
    let (verdict, facts) = (&filing.verdict, &filing.facts);
    let duplicate_of = verdict.duplicate_of.as_ref();
    each!(db, c => diesel::insert_into(verdicts::table)
        .values((
            verdicts::submission_id.eq(filing.submission.0),
            verdicts::reason.eq(&verdict.reason),
            verdicts::title.eq(clean(&verdict.title)),
            verdicts::message.eq(clean(&verdict.message)),
            verdicts::retry.eq(verdict.retry.as_str()),
            verdicts::duplicate_of.eq(duplicate_of.map(|first| first.number.as_str())),
            verdicts::errors.eq(whole_small(verdict.counts.errors)),
            verdicts::warnings.eq(whole_small(verdict.counts.warnings)),
            verdicts::infos.eq(whole_small(verdict.counts.infos)),
            verdicts::is_truncated.eq(verdict.counts.is_truncated),
            verdicts::ivi_reference_id.eq(clean_maybe(facts.ivi_reference_id.as_ref())),
            verdicts::vehicle_type.eq(clean_maybe(facts.vehicle_type.as_ref())),
            verdicts::variant.eq(clean_maybe(facts.variant.as_ref())),
            verdicts::version.eq(clean_maybe(facts.version.as_ref())),
        ))
        .execute(c))?;
    Ok(())
}

fn insert_findings(db: &mut Db, filing: &Filing) -> QueryResult<()> {
    let rows: Vec<FindingRow<'_>> = filing
        .verdict
        .findings
        .iter()
        .zip(0..)
        .map(|(finding, position)| FindingRow {
            submission_id: filing.submission.0,
            position,
            code: finding.code,
            severity: finding.severity.as_str(),
            layer: finding.layer.as_str(),
            line: finding.place.map(|place| place.line.into()),
            column_number: finding.place.map(|place| place.column.into()),
            path: clean(&finding.path),
            value: clean_maybe(finding.value.as_ref()),
            expected: clean_maybe(finding.expected.as_ref()),
            message: clean(&finding.message),
            help: clean(&finding.help),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    each!(db, c => diesel::insert_into(findings::table).values(&rows).execute(c))?;
    Ok(())
}

type Unanswered = (i64, String, String, String, bool, String, Option<i64>);

fn load_unanswered(db: &mut Db, wanted: &LeftOver) -> QueryResult<Vec<Answer>> {
    let in_hand = wanted.in_hand.map(|(from, to)| (micros(from), micros(to)));
    // Every moment is before the end of time.
    let (from, to) = in_hand.unwrap_or((i64::MAX, i64::MAX));
    let except: Vec<&str> = wanted.except.iter().map(AccountCode::as_str).collect();
    let rows: Vec<Unanswered> = each!(db, c => receipts::table
        .inner_join(submissions::table.inner_join(accounts::table))
        .filter(receipts::answered.is_null())
        .filter(receipts::submission_id.gt(wanted.after.map_or(0, |after| after.0)))
        .filter(submissions::decided.lt(from).or(submissions::decided.gt(to)))
        .filter(accounts::code.ne_all(&except))
        .order(receipts::submission_id)
        .limit(i64::from(wanted.limit))
        .select((
            receipts::submission_id,
            submissions::number,
            accounts::code,
            submissions::path,
            submissions::has_drop,
            receipts::json,
            submissions::decided,
        ))
        .load(c))?;
    rows.into_iter()
        .map(|(id, number, code, path, has_drop, receipt, decided)| {
            Ok(Answer {
                submission: SubmissionId(id),
                number: fit(SubmissionNumber::new(&number))?,
                account_code: fit(AccountCode::new(&code))?,
                path,
                has_drop,
                receipt,
                decided: moment(decided.unwrap_or_default())?,
            })
        })
        .collect()
}
