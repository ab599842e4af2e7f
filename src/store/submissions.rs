//! Looking one submission up.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::domain::outcome::Severity;
use crate::domain::submission::SubmissionNumber;
use crate::store::connection::{Db, each};
use crate::store::rows::{count, fit, load_rows, moment_maybe, word};
use crate::store::schema::{findings, receipts, submissions, verdicts};
use crate::store::{Row, Store, StoreFault};

/// A finding as it was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The stable code.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Line and column, if it has a place.
    pub place: Option<(u32, u32)>,
    /// `XPath` with positions; may be empty.
    pub path: String,
    /// The value found.
    pub value: Option<String>,
    /// What would have been right.
    pub expected: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

/// Everything known of one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The list's row.
    pub row: Row,
    /// The code of the leading reason.
    pub reason: Option<String>,
    /// The verdict's sentence.
    pub message: Option<String>,
    /// The submission that holds the key, if this one is a duplicate or replay of the same account.
    pub duplicate_of: Option<SubmissionNumber>,
    /// The findings, in the receipt's order.
    pub findings: Vec<Summary>,
    /// How many more there were than a receipt lists.
    pub findings_left_out: usize,
    /// The receipt as JSON, once decided.
    pub receipt: Option<String>,
    /// Why it is held, if it is.
    pub held_why: Option<String>,
    /// When the receipt was written where the sender finds it.
    pub answered: Option<Timestamp>,
    /// The version of the terms that whoever handed it in had agreed to, or that was declared for it.
    pub terms_version: Option<u64>,
}

impl Store {
    /// One submission; of `account` only, if given.
    pub async fn submission(
        &self,
        number: &SubmissionNumber,
        account: Option<AccountId>,
    ) -> Result<Option<Detail>, StoreFault> {
        let number = number.clone();
        self.read(move |db| load_detail(db, &number, account)).await
    }

    /// How many submissions have no outcome and are not held, and when the oldest came.
    pub async fn unfinished(&self) -> Result<(u64, Option<Timestamp>), StoreFault> {
        self.read(|db| {
            let (number, oldest): (i64, Option<i64>) = each!(db, c => submissions::table
                .filter(submissions::decided.is_null())
                .filter(submissions::is_held.eq(false))
                .select((count_star(), min(submissions::complete)))
                .first(c))?;
            Ok((count(number)?, moment_maybe(oldest)?))
        })
        .await
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = findings)]
struct FindingRow {
    code: String,
    severity: String,
    line: Option<i64>,
    column_number: Option<i64>,
    path: String,
    value: Option<String>,
    expected: Option<String>,
    message: String,
    help: String,
}

impl FindingRow {
    fn into_summary(self) -> QueryResult<Summary> {
        let place = match (self.line, self.column_number) {
            (Some(line), Some(column)) => Some((count(line)?, count(column)?)),
            _ => None,
        };
        Ok(Summary {
            code: self.code,
            severity: word(&self.severity)?,
            place,
            path: self.path,
            value: self.value,
            expected: self.expected,
            message: self.message,
            help: self.help,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = verdicts)]
struct VerdictRow {
    reason: Option<String>,
    message: String,
    duplicate_of: Option<String>,
    errors: i32,
    warnings: i32,
    infos: i32,
}

impl VerdictRow {
    /// How many findings there were.
    fn findings(&self) -> usize {
        [self.errors, self.warnings, self.infos]
            .into_iter()
            .map(|count| usize::try_from(count).unwrap_or_default())
            .sum()
    }
}

fn load_detail(
    db: &mut Db,
    number: &SubmissionNumber,
    account: Option<AccountId>,
) -> QueryResult<Option<Detail>> {
    let found: Option<(i64, i64, Option<String>, Option<i64>)> = each!(db, c => submissions::table
        .filter(submissions::number.eq(number.as_str()))
        .select((
            submissions::id,
            submissions::account_id,
            submissions::held_why,
            submissions::terms_version,
        ))
        .first(c)
        .optional())?;
    let Some((id, owner, held_why, terms_version)) = found else {
        return Ok(None);
    };
    if account.is_some_and(|account| account.0 != owner) {
        return Ok(None);
    }
    let Some(row) = load_rows(db, &[id])?.pop() else {
        return Ok(None);
    };
    let verdict: Option<VerdictRow> = each!(db, c => verdicts::table
        .find(id)
        .select(VerdictRow::as_select())
        .first(c)
        .optional())?;
    let findings: Vec<FindingRow> = each!(db, c => findings::table
        .filter(findings::submission_id.eq(id))
        .order(findings::position)
        .select(FindingRow::as_select())
        .load(c))?;
    let receipt: Option<(String, Option<i64>)> = each!(db, c => receipts::table
        .find(id)
        .select((receipts::json, receipts::answered))
        .first(c)
        .optional())?;
    let (receipt, answered) = receipt.unzip();
    let found = verdict.as_ref().map_or(0, VerdictRow::findings);
    let (reason, message, duplicate_of) = match verdict {
        Some(verdict) => (verdict.reason, Some(verdict.message), verdict.duplicate_of),
        None => (None, None, None),
    };
    let findings: QueryResult<Vec<Summary>> =
        findings.into_iter().map(FindingRow::into_summary).collect();
    let findings = findings?;
    Ok(Some(Detail {
        row,
        reason,
        message,
        duplicate_of: fit(duplicate_of
            .as_deref()
            .map(SubmissionNumber::new)
            .transpose())?,
        findings_left_out: found.saturating_sub(findings.len()),
        findings,
        receipt,
        held_why,
        answered: moment_maybe(answered.flatten())?,
        terms_version: terms_version.map(count).transpose()?,
    }))
}
