//! The list of submissions: filter, order, pages.

use std::fmt::Write;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::domain::account::AccountId;
use crate::store::{Filter, Page, Row, Sort};
use crate::web::frame::{Frame, Place};
use crate::web::pages::problem::Problem;
use crate::web::paging::{self, Step};
use crate::web::session::Visitor;
use crate::web::text::{moment, query_value, shown};
use crate::web::{Shared, View, pages};

/// The longest VIN search.
///
/// Reason: a VIN has 17 letters; what is longer only makes the database work.
const VIN_MAX: usize = 64;

/// The columns: title, name in the address, how the store calls it, are its values numbers?
const COLUMNS: [(&str, &str, Sort, bool); 8] = [
    ("VIN", "vin", Sort::Vin, false),
    ("IVI", "ivi", Sort::IviVersion, true),
    ("Type Approval", "approval", Sort::TypeApproval, false),
    ("Account", "account", Sort::Account, false),
    ("Stage", "stage", Sort::Stage, true),
    ("Cat", "category", Sort::Category, false),
    ("Status", "status", Sort::Status, false),
    ("Created On", "created", Sort::Created, false),
];

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    vin: String,
    failed_only: bool,
    sort: Sort,
    is_descending: bool,
    page: u64,
}

impl Wanted {
    /// Reads the query. What it does not know, or what makes no sense, is passed over.
    fn read(query: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = query.iter().rev().find(|(key, _)| key == name);
            found.map(|(_, value)| value.trim())
        };
        let column = value("sort").and_then(|name| COLUMNS.iter().find(|column| column.1 == name));
        let sort = column.map_or(Sort::Created, |column| column.2);
        Self {
            vin: value("vin").unwrap_or_default().to_owned(),
            failed_only: value("failed").is_some_and(|text| !text.is_empty()),
            sort,
            is_descending: match value("order") {
                Some("ascending") => false,
                Some("descending") => true,
                _ => first_is_descending(sort),
            },
            page: value("page")
                .and_then(|text| text.parse().ok())
                .unwrap_or(1)
                .max(1),
        }
    }

    fn vin_error(&self) -> Option<String> {
        (self.vin.chars().count() > VIN_MAX)
            .then(|| format!("VIN must be {VIN_MAX} characters or fewer"))
    }

    fn filter(&self, account: Option<AccountId>, page: u64) -> Filter {
        let offset = (page - 1).saturating_mul(u64::from(paging::ROWS));
        Filter {
            account,
            vin: (!self.vin.is_empty()).then(|| self.vin.clone()),
            failed_only: self.failed_only,
            held_only: false,
            sort: self.sort,
            is_descending: self.is_descending,
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
            limit: paging::ROWS,
        }
    }

    /// The address of the same list, in this order, at this page. What is usual is left out.
    fn address(&self, sort: Sort, is_descending: bool, page: u64) -> String {
        let mut address = String::from("/submissions");
        let mut mark = '?';
        let mut add = |name: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = write!(address, "{mark}{name}={}", query_value(value));
            mark = '&';
        };
        if !self.vin.is_empty() {
            add("vin", &self.vin);
        }
        if self.failed_only {
            add("failed", "on");
        }
        if sort != Sort::Created {
            add("sort", name_of(sort));
        }
        if is_descending != first_is_descending(sort) {
            add(
                "order",
                if is_descending {
                    "descending"
                } else {
                    "ascending"
                },
            );
        }
        if page > 1 {
            add("page", &page.to_string());
        }
        address
    }
}

/// Newest first; everything else from its beginning.
fn first_is_descending(sort: Sort) -> bool {
    sort == Sort::Created
}

fn name_of(sort: Sort) -> &'static str {
    COLUMNS
        .iter()
        .find(|column| column.2 == sort)
        .map_or("created", |column| column.1)
}

/// The head of a column: a link that sorts by it, or turns the order round.
struct Head {
    title: &'static str,
    address: String,
    /// `ascending`, `descending`, or `none` if the list is in another order.
    order: &'static str,
    is_number: bool,
}

/// A row as it is shown.
struct Line {
    address: String,
    /// The VIN, if it could be read.
    vin: Option<String>,
    file_name: String,
    ivi: String,
    approval: String,
    account: String,
    stage: String,
    category: String,
    status: &'static str,
    colour: &'static str,
    created: String,
    created_at: String,
    is_unfinished: bool,
    is_test: bool,
}

#[derive(Template)]
#[template(
    path = "files/submissions.html",
    config = "src/web/templates/askama.toml"
)]
struct List<'a> {
    frame: Frame<'a>,
    wanted: &'a Wanted,
    vin_error: Option<String>,
    heads: Vec<Head>,
    lines: Vec<Line>,
    total: u64,
    first: u64,
    pages: u64,
}

impl List<'_> {
    fn steps(&self) -> Vec<Step> {
        paging::steps(self.wanted.page, self.pages)
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates hand references in"
    )]
    fn page_address(&self, page: &u64) -> String {
        let wanted = self.wanted;
        wanted.address(wanted.sort, wanted.is_descending, *page)
    }

    fn previous(&self) -> Option<String> {
        let page = self.wanted.page - 1;
        (page > 0).then(|| self.page_address(&page))
    }

    fn next(&self) -> Option<String> {
        let page = self.wanted.page + 1;
        (page <= self.pages).then(|| self.page_address(&page))
    }

    fn is_filtered(&self) -> bool {
        !self.wanted.vin.is_empty() || self.wanted.failed_only
    }

    fn sort_name(&self) -> &'static str {
        name_of(self.wanted.sort)
    }

    fn order_name(&self) -> &'static str {
        if self.wanted.is_descending {
            "descending"
        } else {
            "ascending"
        }
    }

    /// Does the filter form have to carry the order along?
    fn has_own_order(&self) -> bool {
        let usual = first_is_descending(self.wanted.sort);
        self.wanted.sort != Sort::Created || self.wanted.is_descending != usual
    }

    /// `Showing 26 to 50 of 214 submissions`.
    fn summary(&self) -> String {
        let noun = if self.total == 1 {
            "submission"
        } else {
            "submissions"
        };
        let shown = u64::try_from(self.lines.len()).unwrap_or(u64::MAX);
        if shown == self.total {
            return format!("{} {noun}", self.total);
        }
        let last = self.first + shown.saturating_sub(1);
        format!("Showing {} to {last} of {} {noun}", self.first, self.total)
    }
}

/// GET `/submissions`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let mut wanted = Wanted::read(&query);
    let vin_error = wanted.vin_error();
    let page = if vin_error.is_some() {
        Page::default()
    } else {
        fetch(&view, &visitor, &mut wanted)
            .await
            .map_err(IntoResponse::into_response)?
    };
    let pages_all = paging::pages(page.total);
    let title = if pages_all > 1 {
        format!("Submissions (page {} of {pages_all})", wanted.page)
    } else {
        "Submissions".to_owned()
    };
    let frame = Frame::new(&view, Some(&visitor), &title)
        .at(Place::Submissions)
        .faulty(vin_error.is_some());
    let status = if vin_error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let list = List {
        frame,
        vin_error,
        heads: heads(&wanted),
        lines: page.rows.iter().map(|row| line(&view, row)).collect(),
        total: page.total,
        first: (wanted.page - 1) * u64::from(paging::ROWS) + 1,
        pages: pages_all,
        wanted: &wanted,
    };
    Ok(pages::page(status, &list))
}

/// The page that is wanted, or the first one if there is no such page any more.
async fn fetch(view: &View, visitor: &Visitor, wanted: &mut Wanted) -> Result<Page, Problem> {
    let account = visitor.scope()?;
    let store = &view.deps.store;
    let page = store
        .submissions(&wanted.filter(account, wanted.page))
        .await?;
    if wanted.page <= paging::pages(page.total) {
        return Ok(page);
    }
    wanted.page = 1;
    Ok(store.submissions(&wanted.filter(account, 1)).await?)
}

fn heads(wanted: &Wanted) -> Vec<Head> {
    let head = |&(title, _, sort, is_number): &(&'static str, &str, Sort, bool)| {
        let is_current = wanted.sort == sort;
        let is_descending = if is_current {
            !wanted.is_descending
        } else {
            first_is_descending(sort)
        };
        Head {
            title,
            address: wanted.address(sort, is_descending, 1),
            order: match (is_current, wanted.is_descending) {
                (false, _) => "none",
                (true, true) => "descending",
                (true, false) => "ascending",
            },
            is_number,
        }
    };
    COLUMNS.iter().map(head).collect()
}

fn line(view: &View, row: &Row) -> Line {
    let text = |fact: &Option<String>| fact.as_deref().map(shown).unwrap_or_default();
    let number = |fact: Option<u32>| fact.map(|number| number.to_string()).unwrap_or_default();
    let status = pages::shown_status(row);
    let submission = &row.submission;
    Line {
        address: format!("/submissions/{}", submission.number),
        vin: row
            .facts
            .vin
            .as_deref()
            .map(shown)
            .filter(|vin| !vin.trim().is_empty()),
        file_name: shown(&submission.file_name),
        ivi: number(row.facts.ivi_version_number),
        approval: text(&row.facts.type_approval_number),
        account: shown(&submission.account_name),
        stage: number(row.facts.manufacturer_stage_number),
        category: text(&row.facts.vehicle_category),
        status: status.as_str(),
        colour: pages::colour(status),
        created: moment(submission.complete, &view.zone),
        created_at: submission.complete.to_string(),
        is_unfinished: pages::is_unfinished(row),
        is_test: pages::is_test(row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&str, &str)]) -> Wanted {
        let owned: Vec<(String, String)> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Wanted::read(&owned)
    }

    #[test]
    fn newest_first_is_usual() {
        let wanted = read(&[]);
        assert_eq!(
            (wanted.sort, wanted.is_descending, wanted.page),
            (Sort::Created, true, 1)
        );
        assert_eq!(
            wanted.address(wanted.sort, wanted.is_descending, 1),
            "/submissions"
        );
    }

    #[test]
    fn the_wildcard_reaches_the_store_as_typed() {
        let filter = read(&[("vin", " *P782332 ")]).filter(None, 3);
        assert_eq!(filter.vin.as_deref(), Some("*P782332"));
        assert_eq!((filter.offset, filter.limit), (50, 25));
    }

    #[test]
    fn every_column_sorts_both_ways_and_keeps_the_filter() {
        for (_, name, sort, _) in COLUMNS {
            let mut wanted = read(&[
                ("vin", "A*"),
                ("failed", "on"),
                ("sort", name),
                ("page", "7"),
            ]);
            assert_eq!(wanted.sort, sort);
            wanted.page = 1;
            let head = heads(&wanted)
                .into_iter()
                .find(|head| head.order != "none")
                .unwrap();
            assert!(
                head.address.starts_with("/submissions?vin=A*&failed=on"),
                "{}",
                head.address
            );
            let (_, query) = head.address.split_once('?').unwrap();
            let pairs: Vec<(String, String)> = query
                .split('&')
                .map(|pair| pair.split_once('=').unwrap())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let turned = Wanted::read(&pairs);
            assert_eq!(turned.sort, sort);
            assert_eq!(turned.is_descending, !wanted.is_descending, "{name}");
        }
    }

    #[test]
    fn nonsense_in_the_address_is_passed_over() {
        let wanted = read(&[
            ("page", "-3"),
            ("sort", "password"),
            ("order", "x"),
            ("failed", ""),
        ]);
        assert_eq!(wanted, read(&[]));
        assert_eq!(
            read(&[("page", "18446744073709551615")])
                .filter(None, u64::MAX)
                .offset,
            u32::MAX
        );
    }
}
