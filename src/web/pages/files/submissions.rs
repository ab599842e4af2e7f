//! The list of submissions: filter, order, pages.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::domain::account::{User, UserKind};
use crate::domain::outcome::Outcome;
use crate::domain::submission::Door;
use crate::store::{COUNTED_MAX, LOOKED_MAX, Page, Row, Sort};
use crate::web::forms::Errors;
use crate::web::frame::{Frame, Place};
use crate::web::pages::files::wanted::{COLUMNS, Wanted, first_is_descending, name_of, title_of};
use crate::web::pages::files::whose::Whose;
use crate::web::pages::problem::Problem;
use crate::web::paging::{self, Step};
use crate::web::session::Visitor;
use crate::web::text::{count, moment, shown};
use crate::web::{Shared, View, pages};

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

/// Something to choose in the form.
struct Choice {
    value: String,
    title: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(
    path = "files/submissions.html",
    config = "src/web/templates/askama.toml"
)]
struct List<'a> {
    frame: Frame<'a>,
    wanted: &'a Wanted,
    errors: Errors,
    heads: Vec<Head>,
    lines: Vec<Line>,
    total: u64,
    has_more: bool,
    /// Rows that came before were not looked at.
    looked_from: Option<String>,
    /// Rows that came before are not among those that are sorted.
    sorted_from: Option<String>,
    first: u64,
    pages: u64,
    people: Vec<Choice>,
    outcomes: Vec<Choice>,
    doors: Vec<Choice>,
    is_staff: bool,
    /// The most rows of the CSV, and of those that are sorted by another column than the time.
    rows_max: String,
    /// The most rows that are looked through for the middle of a VIN.
    looked_max: String,
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
        self.wanted.is_filtered()
    }

    /// The same list for programs.
    fn csv_address(&self) -> String {
        let wanted = self.wanted;
        let query = wanted.query(wanted.sort, wanted.is_descending, 1);
        format!("/submissions.csv{query}")
    }

    fn sort_name(&self) -> &'static str {
        name_of(self.wanted.sort)
    }

    fn sort_title(&self) -> &'static str {
        title_of(self.wanted.sort)
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
        if shown == self.total && !self.has_more {
            return format!("{} {noun}", self.total);
        }
        let (first, last) = (
            count(self.first),
            count(self.first + shown.saturating_sub(1)),
        );
        let more = if self.has_more { "more than " } else { "" };
        format!(
            "Showing {first} to {last} of {more}{} {noun}",
            count(self.total)
        )
    }
}

/// GET `/submissions`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let answer = list(&view, &visitor, Wanted::read(&query)).await;
    answer.map_err(IntoResponse::into_response)
}

async fn list(view: &View, visitor: &Visitor, mut wanted: Wanted) -> Result<Response, Problem> {
    let errors = wanted.errors();
    let page = if errors.is_empty() {
        fetch(view, visitor, &mut wanted).await?
    } else {
        Page::default()
    };
    let pages_all = paging::pages(page.total);
    let title = if pages_all > 1 {
        format!("Submissions (page {} of {pages_all})", wanted.page)
    } else {
        "Submissions".to_owned()
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let list = List {
        frame: Frame::new(view, Some(visitor), &title)
            .at(Place::Submissions)
            .faulty(!errors.is_empty()),
        errors,
        heads: heads(&wanted),
        lines: page.rows.iter().map(|row| line(view, row)).collect(),
        total: page.total,
        has_more: page.has_more,
        looked_from: page.looked_from.map(|from| moment(from, &view.zone)),
        sorted_from: page.sorted_from.map(|from| moment(from, &view.zone)),
        first: (wanted.page - 1) * u64::from(paging::ROWS) + 1,
        pages: pages_all,
        people: people(view, visitor, &wanted).await?,
        outcomes: outcomes(&wanted),
        doors: doors(&wanted),
        is_staff: visitor.is_staff(),
        rows_max: count(COUNTED_MAX.into()),
        looked_max: count(LOOKED_MAX.into()),
        wanted: &wanted,
    };
    Ok(pages::page(status, &list))
}

/// The page that is wanted, or the first one if there is no such page any more.
async fn fetch(view: &View, visitor: &Visitor, wanted: &mut Wanted) -> Result<Page, Problem> {
    let whose = Whose::asked(view, visitor, wanted).await?;
    let store = &view.deps.store;
    let page = store
        .submissions(&wanted.filter(view, whose, wanted.page))
        .await?;
    if wanted.page <= paging::pages(page.total) {
        return Ok(page);
    }
    wanted.page = 1;
    Ok(store.submissions(&wanted.filter(view, whose, 1)).await?)
}

/// The users of the visitor's account, to choose from; staff name one.
async fn people(view: &View, visitor: &Visitor, wanted: &Wanted) -> Result<Vec<Choice>, Problem> {
    let Some(account) = visitor.scope()? else {
        return Ok(Vec::new());
    };
    let users = view.deps.store.users(Some(account)).await?;
    let choice = |user: &User| {
        let value = user.id.to_string();
        let name = shown(&user.display_name);
        Choice {
            title: match user.kind {
                UserKind::Person => name,
                UserKind::Machine => format!("{name} (machine user)"),
            },
            is_chosen: value == wanted.by,
            value,
        }
    };
    Ok(users.iter().map(choice).collect())
}

fn outcomes(wanted: &Wanted) -> Vec<Choice> {
    let choice = |&outcome: &Outcome| Choice {
        value: outcome.to_string(),
        title: pages::outcome_title(outcome).to_owned(),
        is_chosen: wanted.outcome == Some(outcome),
    };
    Outcome::ALL.iter().map(choice).collect()
}

fn doors(wanted: &Wanted) -> Vec<Choice> {
    let choice = |&door: &Door| Choice {
        value: door.to_string(),
        title: door_title(door).to_owned(),
        is_chosen: wanted.door == Some(door),
    };
    Door::ALL.iter().map(choice).collect()
}

/// How a file came, in words for people.
pub(super) const fn door_title(door: Door) -> &'static str {
    match door {
        Door::Sftp => "SFTP",
        Door::Folder => "Drop folder",
        Door::Web => "Upload page",
    }
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
