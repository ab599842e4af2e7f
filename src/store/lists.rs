//! The list of submissions: filters, orders, pages, and by which filter the rows are found.
//!
//! *Limits*: rows are counted up to [`COUNTED_MAX`]. What is rarer is found by the index of one filter
//! (the *lead*) and sorted; what is more frequent is met soon by going through the list from its newest.
//! Both work in the order of some ten thousand rows, however many there are. By another column than the
//! time only the newest [`COUNTED_MAX`] are sorted. A part of a VIN that is neither its beginning nor its
//! end is looked for in the newest [`LOOKED_MAX`] rows.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{AccountId, UserId};
use crate::domain::outcome::Outcome;
use crate::domain::record::Facts;
use crate::domain::submission::{Door, Submission};
use crate::store::connection::{Db, each};
use crate::store::leads::{count_rows, is_in_the_middle, load_ids};
use crate::store::rows::{count, load_rows, moment_maybe, whole};
use crate::store::schema::submissions;
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
    /// Rows that came before are not among those that are sorted.
    pub sorted_from: Option<Timestamp>,
}

/// When the row came that has `newer` newer ones among those that the filter lets through.
fn came(db: &mut Db, filter: Filter, newer: u32) -> QueryResult<Option<Timestamp>> {
    let one = Filter {
        sort: Sort::Created,
        is_descending: true,
        offset: newer,
        limit: 1,
        ..filter
    };
    let Some(&id) = load_ids(db, &one, true)?.first() else {
        return Ok(None);
    };
    let complete = each!(db, c => submissions::table
        .find(id)
        .select(submissions::complete)
        .first(c))?;
    moment_maybe(Some(complete))
}

/// Bounds a search that no index serves; says from when on rows are looked at.
fn bounded(db: &mut Db, filter: &mut Filter) -> QueryResult<Option<Timestamp>> {
    if !is_in_the_middle(filter) {
        return Ok(None);
    }
    let wider = Filter {
        account: filter.account,
        from: filter.from,
        before: filter.before,
        ..Filter::default()
    };
    let oldest = came(db, wider, LOOKED_MAX)?;
    filter.from = oldest.or(filter.from);
    Ok(oldest)
}

/// Bounds what is sorted by another column than the time to the newest rows; says from when on.
///
/// Reason: an index for each column, alone and by account, would make each arrival dearer, and serve no
/// list that is filtered. No page shows more rows than these.
fn sortable(db: &mut Db, filter: &mut Filter, is_many: bool) -> QueryResult<Option<Timestamp>> {
    if !is_many || filter.sort == Sort::Created {
        return Ok(None);
    }
    let oldest = came(db, filter.clone(), COUNTED_MAX.saturating_sub(1))?;
    filter.from = oldest.or(filter.from);
    Ok(oldest)
}

fn load_page(db: &mut Db, mut filter: Filter) -> QueryResult<Page> {
    filter.limit = filter.limit.min(PAGE_ROWS_MAX);
    let looked_from = bounded(db, &mut filter)?;
    let mut sorted_from = None;
    let (ids, found) = if is_in_the_middle(&filter) && filter.sort == Sort::Created {
        look_once(db, &filter)?
    } else {
        let found = count_rows(db, &filter)?;
        let is_many = found > u64::from(COUNTED_MAX);
        sorted_from = sortable(db, &mut filter, is_many)?;
        (load_ids(db, &filter, is_many)?, found)
    };
    Ok(Page {
        rows: load_rows(db, &ids)?,
        total: found.min(COUNTED_MAX.into()),
        has_more: found > u64::from(COUNTED_MAX),
        looked_from,
        sorted_from,
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
    let rows = ids
        .iter()
        .skip(size(filter.offset))
        .take(size(filter.limit));
    Ok((rows.copied().collect(), count(whole(ids.len()))?))
}

/// Up to `most` rows' numbers from the first page on, as of one moment.
fn load_first(db: &mut Db, mut filter: Filter, most: u32) -> QueryResult<Vec<i64>> {
    bounded(db, &mut filter)?;
    let is_many = count_rows(db, &filter)? > u64::from(COUNTED_MAX);
    sortable(db, &mut filter, is_many)?;
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
}
