//! Entries of the audit log that staff look for: to what, by whom, what and when.
//!
//! *Limits*: one filter, the *lead*, finds the entries by its index, in the order of time, a page at a
//! time; the others are written so that no index serves them. Only two that seldom meet make anybody
//! look through all that the first finds.

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;

use crate::domain::Timestamp;
use crate::domain::audit::{Action, Entry};
use crate::store::audit::EntryRow;
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, micros, whole};
use crate::store::schema::audit;
use crate::store::{Store, StoreFault};

/// Which entries are looked for. Nothing asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSearch {
    /// To what it was done, letter for letter.
    pub subject: Option<String>,
    /// Who did it, letter for letter.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<Action>,
    /// Only what was done then or later.
    pub from: Option<Timestamp>,
    /// Only what was done before.
    pub before: Option<Timestamp>,
}

/// An entry, from the time and number of which older ones go on.
type Place = (i64, i64);

/// Adds the condition that a column has this value, hidden from its index behind another's.
macro_rules! same {
    ($query:ident, $is_lead:expr, $column:ident, $value:expr) => {
        if let Some(value) = $value {
            $query = if $is_lead {
                $query.filter(audit::$column.eq(value))
            } else {
                let hidden = sql::<Text>(concat!("audit.", stringify!($column), " || ''"));
                $query.filter(hidden.eq(value))
            };
        }
    };
}

/// The query for one engine; a macro, because each engine's is a type of its own.
macro_rules! found {
    ($search:expr, $below:expr, $limit:expr, $engine:ty) => {{
        let (search, limit) = ($search, i64::from($limit));
        let mut query = audit::table
            .order((audit::at.desc(), audit::id.desc()))
            .limit(limit)
            .select(audit::id)
            .into_boxed::<$engine>();
        let has_subject = search.subject.is_some();
        let has_actor = search.actor.is_some();
        same!(query, true, subject, search.subject.clone());
        same!(query, !has_subject, actor, search.actor.clone());
        let action = search.action.map(Action::as_str);
        same!(query, !has_subject && !has_actor, action, action);
        if let Some(from) = search.from {
            query = query.filter(audit::at.ge(micros(from)));
        }
        if let Some(before) = search.before {
            query = query.filter(audit::at.lt(micros(before)));
        }
        if let Some((at, id)) = $below {
            // The first part is what the index is entered by.
            query = query
                .filter(audit::at.le(at))
                .filter(audit::at.lt(at).or(audit::id.lt(id)));
        }
        query
    }};
}

type Boxed<'a, Engine> = audit::BoxedQuery<'a, Engine, BigInt>;

/// The entries' numbers, for SQLite; a test looks at the plan.
pub(super) fn found_sqlite(
    search: &AuditSearch,
    below: Option<Place>,
    limit: u32,
) -> Boxed<'_, Sqlite> {
    found!(search, below, limit, Sqlite)
}

/// The entries' numbers, for PostgreSQL; a test looks at the plan.
pub(super) fn found_pg(search: &AuditSearch, below: Option<Place>, limit: u32) -> Boxed<'_, Pg> {
    found!(search, below, limit, Pg)
}

/// Where the entry with this number stands in the order of time; nowhere if there is none.
fn place(db: &mut Db, number: Option<u64>) -> QueryResult<Option<Place>> {
    let Some(number) = number else {
        return Ok(None);
    };
    each!(db, c => audit::table
        .find(whole(number))
        .select((audit::at, audit::id))
        .first(c)
        .optional())
}

fn find(
    db: &mut Db,
    search: &AuditSearch,
    below: Option<u64>,
    limit: u32,
) -> QueryResult<Vec<Entry>> {
    let below = place(db, below)?;
    let ids: Vec<i64> = match db {
        Db::Sqlite(c) => found_sqlite(search, below, limit).load(c)?,
        Db::Pg(boxed) => found_pg(search, below, limit).load(&mut **boxed)?,
    };
    let rows: Vec<EntryRow> = each!(db, c => audit::table
        .filter(audit::id.eq_any(&ids))
        .order((audit::at.desc(), audit::id.desc()))
        .select(EntryRow::as_select())
        .load(c))?;
    rows.into_iter().map(EntryRow::into_entry).collect()
}

impl Store {
    /// Entries of the log that are looked for, newest first; `below` is the number of the one above the
    /// first.
    pub async fn audit_found(
        &self,
        search: &AuditSearch,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreFault> {
        let search = AuditSearch {
            subject: search
                .subject
                .as_deref()
                .map(|text| clean(text).into_owned()),
            actor: search.actor.as_deref().map(|text| clean(text).into_owned()),
            ..search.clone()
        };
        self.read(move |db| find(db, &search, below, limit)).await
    }
}
