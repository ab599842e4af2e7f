//! Looking submissions up.

use diesel::dsl::{count_star, min};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;

use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::domain::outcome::{Outcome, Severity};
use crate::domain::record::Facts;
use crate::domain::submission::{Status, Submission, SubmissionNumber};
use crate::store::connection::{Db, each};
use crate::store::rows::{count, fit, load_rows, moment_maybe, word};
use crate::store::schema::{accounts, findings, receipts, submissions, verdicts};
use crate::store::search::VinSearch;
use crate::store::{Store, StoreFault};

/// The most rows of one page.
const PAGE_ROWS_MAX: u32 = 500;

/// Which submissions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this account's; `None` for all (staff and operators).
    pub account: Option<AccountId>,
    /// The VIN; `*` stands for any run of characters. Without `*` the whole VIN is meant.
    pub vin: Option<String>,
    /// Only those that failed (held ones are shown as failed).
    pub failed_only: bool,
    /// Only held ones.
    pub held_only: bool,
    /// By which column, and which way.
    pub sort: Sort,
    /// Upside down?
    pub is_descending: bool,
    /// Rows to pass over.
    pub offset: u32,
    /// Rows to give, at most 500.
    pub limit: u32,
}

/// A column of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// `Created On`.
    #[default]
    Created,
    /// `VIN`.
    Vin,
    /// `IVI`.
    IviVersion,
    /// `Type Approval`.
    TypeApproval,
    /// `Account`.
    Account,
    /// `Stage`.
    Stage,
    /// `Cat`.
    Category,
    /// `Status`.
    Status,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The submission.
    pub submission: Submission,
    /// What could be read from the document.
    pub facts: Facts,
    /// The outcome, once decided.
    pub outcome: Option<Outcome>,
    /// The verdict's title, once decided.
    pub title: Option<String>,
}

/// A page of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many rows the filter lets through in all.
    pub total: u64,
}

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
    /// A page of submissions.
    pub async fn submissions(&self, filter: &Filter) -> Result<Page, StoreFault> {
        let filter = filter.clone();
        self.read(move |db| load_page(db, &filter)).await
    }

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

/// Lets through what the filter lets through. A macro, because each engine's query is a type of its own.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        if let Some(account) = $filter.account {
            query = query.filter(submissions::account_id.eq(account.0));
        }
        if $filter.failed_only {
            // Held ones have this status too.
            query = query.filter(submissions::status.eq(Status::Failed.as_str()));
        }
        if $filter.held_only {
            query = query
                .filter(submissions::decided.is_null())
                .filter(submissions::is_held.eq(true));
        }
        match VinSearch::parse($filter.vin.as_deref().unwrap_or_default()) {
            VinSearch::Any => query,
            VinSearch::Whole(vin) => query.filter(submissions::vin_upper.eq(vin)),
            VinSearch::Begins(span) => query
                .filter(submissions::vin_upper.ge(span.from))
                .filter(submissions::vin_upper.lt(span.to)),
            VinSearch::Ends(span) => query
                .filter(submissions::vin_reversed.ge(span.from))
                .filter(submissions::vin_reversed.lt(span.to)),
            VinSearch::Like(like) => query.filter(submissions::vin_upper.like(like).escape('\\')),
        }
    }};
}

/// Sorts by one column, then newest first. `sqlite` has empty values first by itself.
macro_rules! sorted {
    ($query:expr, $column:expr, $down:expr, sqlite) => {
        sorted!(@ $query, $column.asc(), $column.desc(), $down)
    };
    ($query:expr, $column:expr, $down:expr, pg) => {
        sorted!(@ $query, $column.asc().nulls_first(), $column.desc().nulls_last(), $down)
    };
    (@ $query:expr, $up:expr, $down_order:expr, $down:expr) => {{
        let newest = (submissions::complete.desc(), submissions::id.desc());
        if $down {
            $query.order(($down_order, newest.0, newest.1))
        } else {
            $query.order(($up, newest.0, newest.1))
        }
    }};
}

/// The page's rows by number, for one engine.
macro_rules! page_ids {
    ($filter:expr, $engine:ty, $nulls:ident) => {{
        let filter = $filter;
        let down = filter.is_descending;
        let query = submissions::table
            .select(submissions::id)
            .into_boxed::<$engine>();
        let query = narrowed!(query, filter);
        let query = match filter.sort {
            Sort::Created if down => {
                query.order((submissions::complete.desc(), submissions::id.desc()))
            }
            Sort::Created => query.order((submissions::complete.asc(), submissions::id.asc())),
            Sort::Vin => sorted!(query, submissions::vin, down, $nulls),
            Sort::IviVersion => sorted!(query, submissions::ivi_version_number, down, $nulls),
            Sort::TypeApproval => sorted!(query, submissions::type_approval_number, down, $nulls),
            Sort::Stage => sorted!(query, submissions::manufacturer_stage_number, down, $nulls),
            Sort::Category => sorted!(query, submissions::vehicle_category, down, $nulls),
            Sort::Status => sorted!(query, submissions::status, down, $nulls),
            Sort::Account => sorted!(
                query,
                accounts::table
                    .filter(accounts::id.eq(submissions::account_id))
                    .select(accounts::code)
                    .single_value(),
                down,
                $nulls
            ),
        };
        query
            .limit(i64::from(filter.limit.min(PAGE_ROWS_MAX)))
            .offset(i64::from(filter.offset))
    }};
}

/// The page's rows by number, for SQLite; a test looks at its plan.
pub(super) fn page_ids_sqlite(filter: &Filter) -> submissions::BoxedQuery<'_, Sqlite, BigInt> {
    page_ids!(filter, Sqlite, sqlite)
}

fn page_ids_pg(filter: &Filter) -> submissions::BoxedQuery<'_, Pg, BigInt> {
    page_ids!(filter, Pg, pg)
}

fn load_page(db: &mut Db, filter: &Filter) -> QueryResult<Page> {
    let (ids, total): (Vec<i64>, i64) = match db {
        Db::Sqlite(c) => {
            let all = submissions::table
                .select(count_star())
                .into_boxed::<Sqlite>();
            (
                page_ids_sqlite(filter).load(c)?,
                narrowed!(all, filter).first(c)?,
            )
        }
        Db::Pg(boxed) => {
            let c = &mut **boxed;
            let all = submissions::table.select(count_star()).into_boxed::<Pg>();
            (
                page_ids_pg(filter).load(c)?,
                narrowed!(all, filter).first(c)?,
            )
        }
    };
    Ok(Page {
        rows: load_rows(db, &ids)?,
        total: count(total)?,
    })
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
