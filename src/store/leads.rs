//! By which filter of a list its rows are found: the queries, for either engine.
//!
//! One filter, the *lead*, finds the rows by its index. The others are written so that no index serves
//! them: an engine that does not know the values would choose the wrong one.

use diesel::backend::Backend;
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use diesel::sqlite::Sqlite;

use crate::domain::outcome::Outcome;
use crate::domain::submission::Door;
use crate::store::connection::Db;
use crate::store::lists::{COUNTED_MAX, Filter, Sort};
use crate::store::rows::{count, micros, whole_small};
use crate::store::schema::{accounts, submissions};
use crate::store::search::{Span, VinSearch, span};

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

/// Adds a condition on a column to `$query`: as it is, or with `$hidden` behind it, in a form of the same
/// value that no index serves.
macro_rules! condition {
    ($query:ident, $is_plain:expr, $column:ident: $kind:ty, $hidden:literal, $method:ident, $value:expr) => {
        $query = if $is_plain {
            $query.filter(submissions::$column.$method($value))
        } else {
            let hidden = sql::<$kind>(concat!("submissions.", stringify!($column), $hidden));
            $query.filter(hidden.$method($value))
        };
    };
}

/// Lets through what the filter lets through. A macro, because each engine's query is a type of its own.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $way:expr) => {{
        let (mut query, filter, lead) = ($query, $filter, $way.lead);
        let is_in_order = !lead.is_scattered();
        if let Some(account) = filter.account {
            condition!(query, lead.follows_account(), account_id: BigInt, " + 0", eq, account.0);
        }
        if let Some(from) = filter.from {
            condition!(query, is_in_order, complete: BigInt, " + 0", ge, micros(from));
        }
        if let Some(before) = filter.before {
            condition!(query, is_in_order, complete: BigInt, " + 0", lt, micros(before));
        }
        if filter.failed_only {
            // Held ones have this status too. Its index has failed rows alone: SQLite must see the word to take it.
            query = query.filter(sql::<Bool>(if lead == Lead::Failed {
                "submissions.status = 'Failed'"
            } else {
                "submissions.status || '' = 'Failed'"
            }));
        }
        if filter.held_only {
            query = query
                .filter(submissions::decided.is_null())
                .filter(submissions::is_held.eq(true));
        }
        if let Some(outcome) = filter.outcome {
            let is_lead = lead == Lead::Outcome;
            condition!(query, is_lead, outcome: Nullable<Text>, " || ''", eq, outcome.as_str());
        }
        if let Some(door) = filter.door {
            condition!(query, lead == Lead::Door, door: Text, " || ''", eq, door.as_str());
        }
        if let Some(stage) = filter.stage {
            let (is_lead, stage) = (lead == Lead::Stage, whole_small(stage));
            condition!(query, is_lead, manufacturer_stage_number: Nullable<Integer>, " + 0", eq, stage);
        }
        if let Some(approval) = &filter.approval {
            let (is_lead, number) = (lead == Lead::Approval, approval.clone());
            condition!(query, is_lead, type_approval_number: Nullable<Text>, " || ''", eq, number);
        }
        if let Some(user) = filter.user {
            condition!(query, lead == Lead::User, user_id: Nullable<BigInt>, " + 0", eq, user.0);
        }
        if let Some(Span { from, to }) = filter.file_name.as_deref().and_then(span) {
            let is_lead = lead == Lead::FileName;
            condition!(query, is_lead, file_name: Text, " || ''", ge, from);
            condition!(query, is_lead, file_name: Text, " || ''", lt, to);
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
                condition!(query, is_lead, vin_upper: Nullable<Text>, " || ''", ge, from);
                condition!(query, is_lead, vin_upper: Nullable<Text>, " || ''", lt, to);
                rest
            }
            VinSearch::Ends(Span { from, to }, rest) => {
                condition!(query, is_lead, vin_reversed: Nullable<Text>, " || ''", ge, from);
                condition!(query, is_lead, vin_reversed: Nullable<Text>, " || ''", lt, to);
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

/// A column in a form of the same value whose order no index has: an engine would go through all of an
/// index whose beginning is in that order.
macro_rules! hidden {
    ($column:ident: $kind:ty, $hidden:literal) => {
        sql::<Nullable<$kind>>(concat!("submissions.", stringify!($column), $hidden))
    };
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
            Sort::Vin => sorted!(query, hidden!(vin: Text, " || ''"), down, $nulls),
            Sort::IviVersion => {
                sorted!(query, hidden!(ivi_version_number: Integer, " + 0"), down, $nulls)
            }
            Sort::TypeApproval => {
                sorted!(query, hidden!(type_approval_number: Text, " || ''"), down, $nulls)
            }
            Sort::Stage => {
                sorted!(query, hidden!(manufacturer_stage_number: Integer, " + 0"), down, $nulls)
            }
            Sort::Category => {
                sorted!(query, hidden!(vehicle_category: Text, " || ''"), down, $nulls)
            }
            Sort::Status => sorted!(query, hidden!(status: Text, " || ''"), down, $nulls),
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
pub(super) fn count_rows(db: &mut Db, filter: &Filter) -> QueryResult<u64> {
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
pub(super) fn load_ids(db: &mut Db, filter: &Filter, is_many: bool) -> QueryResult<Vec<i64>> {
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

/// Is a part of a VIN looked for of which neither beginning nor end is known?
pub(super) fn is_in_the_middle(filter: &Filter) -> bool {
    let vin = VinSearch::parse(filter.vin.as_deref().unwrap_or_default());
    matches!(vin, VinSearch::Like(_)) && Lead::of(filter) == Lead::Newest
}
