//! The list of submissions: filters, orders, pages, and by which filter the rows are found.
//!
//! *Limits*: rows are counted up to [`COUNTED_MAX`]. What is rarer is found by the index of one filter
//! (the *lead*) and sorted; what is more frequent is met soon by going through the list from its newest.
//! Both work in the order of some ten thousand rows, however many there are. A part of a VIN that is
//! neither its beginning nor its end is looked for in the newest [`LOOKED_MAX`] rows.

use diesel::backend::Backend;
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::sqlite::Sqlite;

use crate::domain::Timestamp;
use crate::domain::account::{AccountId, UserId};
use crate::domain::outcome::Outcome;
use crate::domain::record::Facts;
use crate::domain::submission::{Door, Status, Submission, SubmissionNumber};
use crate::store::connection::{Db, each};
use crate::store::rows::{count, fit, load_rows, micros, moment_maybe, whole, whole_small};
use crate::store::schema::{accounts, receipts, submissions};
use crate::store::search::{Span, VinSearch, span};
use crate::store::{Store, StoreFault};

/// So many rows are counted; of more it is only known that there are more.
pub const COUNTED_MAX: u32 = 10_000;

/// A VIN of which neither beginning nor end is known is looked for in so many of the newest rows.
///
/// Reason: there is no index for it, so each of them is looked at; see `docs/performance.md`.
pub const LOOKED_MAX: u32 = 100_000;

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
    /// Only those that ended so.
    pub outcome: Option<Outcome>,
    /// Only those that came this way.
    pub door: Option<Door>,
    /// Only those of this stage.
    pub stage: Option<u32>,
    /// Only those of this type approval, letter for letter.
    pub approval: Option<String>,
    /// Only files whose name begins so.
    pub file_name: Option<String>,
    /// Only those that this user handed in.
    pub user: Option<UserId>,
    /// Only those that came then or later.
    pub from: Option<Timestamp>,
    /// Only those that came before.
    pub before: Option<Timestamp>,
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
    /// How many rows the filter lets through in all, counted up to [`COUNTED_MAX`].
    pub total: u64,
    /// There are more than `total`.
    pub has_more: bool,
    /// Rows that came before were not looked at.
    pub looked_from: Option<Timestamp>,
}

/// By which filter the rows are found. The others are written so that no index serves them: an engine
/// without knowledge of the values would choose the wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Vin,
    FileName,
    Approval,
    User,
    Held,
    Outcome,
    Failed,
    Door,
    Stage,
    /// None: from the newest to the oldest.
    Newest,
}

impl Lead {
    /// The one that finds the fewest, as far as one can know.
    fn of(filter: &Filter) -> Self {
        let vin = VinSearch::parse(filter.vin.as_deref().unwrap_or_default());
        if !matches!(vin, VinSearch::Any | VinSearch::Like(_)) {
            Self::Vin
        } else if filter.held_only {
            Self::Held
        } else if filter.file_name.is_some() {
            Self::FileName
        } else if filter.approval.is_some() {
            Self::Approval
        } else if filter.user.is_some() {
            Self::User
        } else if matches!(vin, VinSearch::Like(_)) {
            // Its index has the VIN in it.
            Self::Newest
        } else {
            Self::of_words(filter)
        }
    }

    /// The same among the filters that have few different values: the rarer ones first.
    fn of_words(filter: &Filter) -> Self {
        let is_rare = |outcome: Outcome| outcome != Outcome::Accepted;
        if filter.outcome.is_some_and(is_rare) {
            Self::Outcome
        } else if filter.failed_only {
            Self::Failed
        } else if filter.stage.is_some_and(|stage| stage != 1) {
            Self::Stage
        } else if filter.door.is_some_and(|door| door != Door::Sftp) {
            Self::Door
        } else if filter.outcome.is_some() {
            Self::Outcome
        } else if filter.door.is_some() {
            Self::Door
        } else if filter.stage.is_some() {
            Self::Stage
        } else {
            Self::Newest
        }
    }

    /// Has its index the account first, where one is asked for?
    const fn follows_account(self) -> bool {
        matches!(
            self,
            Self::Outcome | Self::Failed | Self::Door | Self::Stage | Self::Newest
        )
    }

    /// Are its rows many spans of its index, so that they have to be sorted?
    const fn is_scattered(self) -> bool {
        matches!(self, Self::Vin | Self::FileName | Self::Held)
    }
}

/// A page's rows are few, and found by `lead`; or many, and met from the newest on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    lead: Lead,
}

impl Way {
    /// To count, and to list what was found to be few.
    pub(super) fn few(filter: &Filter) -> Self {
        Self {
            lead: Lead::of(filter),
        }
    }

    /// To list what was found to be many.
    pub(super) fn many(filter: &Filter) -> Self {
        let lead = Lead::of(filter);
        Self {
            lead: if lead.is_scattered() {
                Lead::Newest
            } else {
                lead
            },
        }
    }
}

/// A condition on a column: as it is, or in a form that no index serves.
macro_rules! condition {
    ($query:expr, $is_plain:expr, $column:expr, $other:expr, $kind:ty, $method:ident, $value:expr) => {
        if $is_plain {
            $query.filter($column.$method($value))
        } else {
            $query.filter(sql::<$kind>($other).$method($value))
        }
    };
}

/// Lets through what the filter lets through. A macro, because each engine's query is a type of its own.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $way:expr) => {{
        let (mut query, filter, lead) = ($query, $filter, $way.lead);
        if let Some(account) = filter.account {
            query = condition!(
                query, lead.follows_account(), submissions::account_id,
                "submissions.account_id + 0", BigInt, eq, account.0
            );
        }
        let is_in_order = !lead.is_scattered();
        if let Some(from) = filter.from {
            query = condition!(
                query, is_in_order, submissions::complete,
                "submissions.complete + 0", BigInt, ge, micros(from)
            );
        }
        if let Some(before) = filter.before {
            query = condition!(
                query, is_in_order, submissions::complete,
                "submissions.complete + 0", BigInt, lt, micros(before)
            );
        }
        if filter.failed_only {
            // Held ones have this status too.
            query = condition!(
                query, lead == Lead::Failed, submissions::status,
                "submissions.status || ''", Text, eq, Status::Failed.as_str()
            );
        }
        if filter.held_only {
            query = query
                .filter(submissions::decided.is_null())
                .filter(submissions::is_held.eq(true));
        }
        if let Some(outcome) = filter.outcome {
            query = condition!(
                query, lead == Lead::Outcome, submissions::outcome,
                "submissions.outcome || ''", Nullable<Text>, eq, outcome.as_str()
            );
        }
        if let Some(door) = filter.door {
            query = condition!(
                query, lead == Lead::Door, submissions::door,
                "submissions.door || ''", Text, eq, door.as_str()
            );
        }
        if let Some(stage) = filter.stage {
            query = condition!(
                query, lead == Lead::Stage, submissions::manufacturer_stage_number,
                "submissions.manufacturer_stage_number + 0", Nullable<Integer>, eq,
                whole_small(stage)
            );
        }
        if let Some(approval) = &filter.approval {
            query = condition!(
                query, lead == Lead::Approval, submissions::type_approval_number,
                "submissions.type_approval_number || ''", Nullable<Text>, eq, approval.clone()
            );
        }
        if let Some(user) = filter.user {
            query = condition!(
                query, lead == Lead::User, submissions::user_id,
                "submissions.user_id + 0", Nullable<BigInt>, eq, user.0
            );
        }
        if let Some(Span { from, to }) = filter.file_name.as_deref().and_then(span) {
            let is_lead = lead == Lead::FileName;
            query = condition!(
                query, is_lead, submissions::file_name, "submissions.file_name || ''", Text, ge, from
            );
            query = condition!(
                query, is_lead, submissions::file_name, "submissions.file_name || ''", Text, lt, to
            );
        }
        with_vin!(query, filter, lead)
    }};
}

/// The same for the VIN.
macro_rules! with_vin {
    ($query:expr, $filter:expr, $lead:expr) => {{
        let (mut query, is_lead) = ($query, $lead == Lead::Vin);
        let pattern = match VinSearch::parse($filter.vin.as_deref().unwrap_or_default()) {
            VinSearch::Any => None,
            VinSearch::Whole(vin) => {
                query = query.filter(submissions::vin_upper.eq(vin));
                None
            }
            VinSearch::Begins(Span { from, to }, rest) => {
                let other = "submissions.vin_upper || ''";
                query = condition!(
                    query, is_lead, submissions::vin_upper, other, Nullable<Text>, ge, from
                );
                query = condition!(
                    query, is_lead, submissions::vin_upper, other, Nullable<Text>, lt, to
                );
                rest
            }
            VinSearch::Ends(Span { from, to }, rest) => {
                let other = "submissions.vin_reversed || ''";
                query = condition!(
                    query, is_lead, submissions::vin_reversed, other, Nullable<Text>, ge, from
                );
                query = condition!(
                    query, is_lead, submissions::vin_reversed, other, Nullable<Text>, lt, to
                );
                rest
            }
            VinSearch::Like(pattern) => Some(pattern),
        };
        match pattern {
            Some(pattern) => query.filter(submissions::vin_upper.like(pattern).escape('\\')),
            None => query,
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

/// Sorts by the time, in a form that leads nobody to go through all rows in that order.
macro_rules! by_time {
    ($query:expr, $way:expr, $down:expr) => {{
        let time = || sql::<BigInt>("submissions.complete + 0");
        let (complete, id) = (submissions::complete, submissions::id);
        match ($way.lead.is_scattered(), $down) {
            (true, true) => $query.order((time().desc(), id.desc())),
            (true, false) => $query.order((time().asc(), id.asc())),
            (false, true) => $query.order((complete.desc(), id.desc())),
            (false, false) => $query.order((complete.asc(), id.asc())),
        }
    }};
}

/// The page's rows by number, for one engine.
macro_rules! page_ids {
    ($filter:expr, $way:expr, $engine:ty, $nulls:ident) => {{
        let (filter, way) = ($filter, $way);
        let down = filter.is_descending;
        let query = submissions::table
            .select(submissions::id)
            .into_boxed::<$engine>();
        let query = narrowed!(query, filter, way);
        let query = match filter.sort {
            Sort::Created => by_time!(query, way, down),
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
            .limit(i64::from(filter.limit))
            .offset(i64::from(filter.offset))
    }};
}

type Boxed<'a, Engine> = submissions::BoxedQuery<'a, Engine, BigInt>;

/// The page's rows by number, for SQLite; a test looks at its plan.
pub(super) fn page_ids_sqlite(filter: &Filter, way: Way) -> Boxed<'_, Sqlite> {
    page_ids!(filter, way, Sqlite, sqlite)
}

/// The page's rows by number, for PostgreSQL; a test looks at its plan.
pub(super) fn page_ids_pg(filter: &Filter, way: Way) -> Boxed<'_, Pg> {
    page_ids!(filter, way, Pg, pg)
}

/// How many rows a query would give, up to its limit.
#[derive(QueryId)]
struct Counted<Q>(Q);

impl<Q> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q, Connection> RunQueryDsl<Connection> for Counted<Q> {}

impl<Q, Engine> QueryFragment<Engine> for Counted<Q>
where
    Engine: Backend,
    Q: QueryFragment<Engine>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Engine>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS found");
        Ok(())
    }
}

/// How many rows the filter lets through, up to one more than [`COUNTED_MAX`].
fn count_rows(db: &mut Db, filter: &Filter) -> QueryResult<u64> {
    let (way, most) = (Way::few(filter), i64::from(COUNTED_MAX) + 1);
    let number: i64 = match db {
        Db::Sqlite(c) => {
            let all = submissions::table.select(submissions::id);
            let all = narrowed!(all.into_boxed::<Sqlite>(), filter, way);
            Counted(all.limit(most)).get_result(c)?
        }
        Db::Pg(boxed) => {
            let all = submissions::table.select(submissions::id);
            let all = narrowed!(all.into_boxed::<Pg>(), filter, way);
            Counted(all.limit(most)).get_result(&mut **boxed)?
        }
    };
    count(number)
}

/// The rows' numbers, in order.
fn load_ids(db: &mut Db, filter: &Filter, is_many: bool) -> QueryResult<Vec<i64>> {
    let way = if is_many {
        Way::many(filter)
    } else {
        Way::few(filter)
    };
    match db {
        Db::Sqlite(c) => page_ids_sqlite(filter, way).load(c),
        Db::Pg(boxed) => page_ids_pg(filter, way).load(&mut **boxed),
    }
}

/// When the row came that has [`LOOKED_MAX`] newer ones among those of its account and time.
fn oldest_looked_at(db: &mut Db, filter: &Filter) -> QueryResult<Option<i64>> {
    let wider = Filter {
        account: filter.account,
        from: filter.from,
        before: filter.before,
        offset: LOOKED_MAX,
        limit: 1,
        is_descending: true,
        ..Filter::default()
    };
    let ids = load_ids(db, &wider, true)?;
    match ids.first() {
        Some(id) => {
            let complete = each!(db, c => submissions::table
                .find(id)
                .select(submissions::complete)
                .first(c))?;
            Ok(Some(complete))
        }
        None => Ok(None),
    }
}

/// Bounds a search that no index serves; says from when on rows are looked at.
fn bounded(db: &mut Db, filter: &mut Filter) -> QueryResult<Option<Timestamp>> {
    if !is_in_the_middle(filter) {
        return Ok(None);
    }
    let oldest = oldest_looked_at(db, filter)?;
    let Some(oldest) = moment_maybe(oldest)? else {
        return Ok(None);
    };
    filter.from = Some(oldest);
    Ok(Some(oldest))
}

/// Is a part of a VIN looked for of which neither beginning nor end is known?
fn is_in_the_middle(filter: &Filter) -> bool {
    let vin = VinSearch::parse(filter.vin.as_deref().unwrap_or_default());
    matches!(vin, VinSearch::Like(_)) && Lead::of(filter) == Lead::Newest
}

fn load_page(db: &mut Db, mut filter: Filter) -> QueryResult<Page> {
    filter.limit = filter.limit.min(PAGE_ROWS_MAX);
    let looked_from = bounded(db, &mut filter)?;
    let (ids, found) = if is_in_the_middle(&filter) && filter.sort == Sort::Created {
        look_once(db, &filter)?
    } else {
        let found = count_rows(db, &filter)?;
        let is_many = found > u64::from(COUNTED_MAX);
        (load_ids(db, &filter, is_many)?, found)
    };
    Ok(Page {
        rows: load_rows(db, &ids)?,
        total: found.min(COUNTED_MAX.into()),
        has_more: found > u64::from(COUNTED_MAX),
        looked_from,
    })
}

/// The page's rows and how many there are, by going through the list once.
fn look_once(db: &mut Db, filter: &Filter) -> QueryResult<(Vec<i64>, u64)> {
    let all = Filter {
        offset: 0,
        limit: COUNTED_MAX + 1,
        ..filter.clone()
    };
    let ids = load_ids(db, &all, true)?;
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let rows = ids.iter().skip(size(filter.offset)).take(size(filter.limit));
    Ok((rows.copied().collect(), count(whole(ids.len()))?))
}

/// Up to `most` rows' numbers from the first page on, as of one moment.
fn load_first(db: &mut Db, mut filter: Filter, most: u32) -> QueryResult<Vec<i64>> {
    bounded(db, &mut filter)?;
    let is_many = count_rows(db, &filter)? > u64::from(COUNTED_MAX);
    (filter.offset, filter.limit) = (0, most.min(COUNTED_MAX));
    load_ids(db, &filter, is_many)
}

impl Store {
    /// A page of submissions.
    pub async fn submissions(&self, filter: &Filter) -> Result<Page, StoreFault> {
        let filter = filter.clone();
        self.read(move |db| load_page(db, filter.clone())).await
    }

    /// The first `most` submissions that the filter lets through, at most [`COUNTED_MAX`], whatever its
    /// page.
    pub async fn first_submissions(
        &self,
        filter: &Filter,
        most: u32,
    ) -> Result<Vec<Row>, StoreFault> {
        let filter = filter.clone();
        self.read(move |db| {
            let ids = load_first(db, filter.clone(), most)?;
            let mut rows = Vec::with_capacity(ids.len());
            for some in ids.chunks(500) {
                rows.extend(load_rows(db, some)?);
            }
            Ok(rows)
        })
        .await
    }

    /// The receipts of the first `most` submissions that the filter lets through.
    pub async fn first_receipts(
        &self,
        filter: &Filter,
        most: u32,
    ) -> Result<Vec<(SubmissionNumber, String)>, StoreFault> {
        let filter = filter.clone();
        self.read(move |db| {
            let mut found = Vec::new();
            for some in load_first(db, filter.clone(), most)?.chunks(500) {
                let rows: Vec<(String, String)> = each!(db, c => receipts::table
                    .inner_join(submissions::table)
                    .filter(receipts::submission_id.eq_any(some))
                    .order(receipts::submission_id.desc())
                    .select((submissions::number, receipts::json))
                    .load(c))?;
                for (number, json) in rows {
                    found.push((fit(SubmissionNumber::new(&number))?, json));
                }
            }
            Ok(found)
        })
        .await
    }
}
