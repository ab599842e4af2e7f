//! One account: its users, its standing, its limits; suspend, resume, change the Primary User.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::{
    Account, AccountCode, FixedAddress, MailPreference, Role, Standing, User, UserId, UserKind,
};
use crate::domain::audit::{Action, Deed};
use crate::domain::handing_in::NamePattern;
use crate::domain::notice::NewMail;
use crate::letters::office as letters;
use crate::store::{AccountFigures, Change, Stood};
use crate::web::forms::{self, Errors, Signed};
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::{Part, Query, When, part, told};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::{count, shown};
use crate::web::{Shared, View, pages};

/// What was just done.
const DONE: &[(&str, &str)] = &[
    (
        "suspended",
        "The account is suspended. Its users are signed out, and none of them is let in. They have been told by email.",
    ),
    (
        "resumed",
        "The account is resumed. Its users are let in again. They have been told by email.",
    ),
    (
        "primary",
        "The Primary User was changed. Both people have been told by email.",
    ),
    (
        "nothing",
        "Somebody else did so before: nothing was changed.",
    ),
];

/// A user of the account.
struct Line {
    id: i64,
    login: String,
    name: String,
    role: &'static str,
    is_machine: bool,
    is_suspended: bool,
    /// Was the invitation not taken up yet?
    is_invited: bool,
}

/// Somebody who may become the Primary User.
struct Candidate {
    id: i64,
    title: String,
}

#[derive(Template)]
#[template(path = "office/account.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    done: Option<&'static str>,
    errors: Errors,
    code: String,
    name: String,
    is_suspended: bool,
    created: When,
    keys: String,
    newest: Option<When>,
    from: String,
    passwords: bool,
    done_marker: Option<String>,
    ignored: String,
    /// With what each gets.
    fixed: Vec<(String, MailPreference)>,
    lines: Vec<Line>,
    candidates: Vec<Candidate>,
    primary: Option<String>,
}

/// The account, its figures and its users.
struct Found {
    figures: AccountFigures,
    users: Vec<User>,
    fixed: Vec<FixedAddress>,
    /// Who has not taken up the invitation yet.
    invited: Vec<UserId>,
}

impl Found {
    fn account(&self) -> &Account {
        &self.figures.account
    }

    fn primary(&self) -> Option<&User> {
        self.users.iter().find(|user| user.role == Role::Primary)
    }

    /// Persons who are let in, have come in once, and are not the Primary User already.
    fn candidates(&self) -> impl Iterator<Item = &User> {
        self.users.iter().filter(|user| {
            user.kind == UserKind::Person
                && user.standing == Standing::Active
                && !self.invited.contains(&user.id)
                && matches!(user.role, Role::Upload | Role::View)
        })
    }
}

async fn find(view: &View, code: Part) -> Result<Found, Problem> {
    let code = part(code, |code| AccountCode::new(code).ok())?;
    let store = &view.deps.store;
    let all = store.account_figures().await?;
    let figures = all.into_iter().find(|one| one.account.code == code);
    let figures = figures.ok_or(Problem::NotFound)?;
    let users = store.users(Some(figures.account.id)).await?;
    let fixed = store.fixed_addresses(Some(figures.account.id)).await?;
    let pending = store.pending_invitations(Some(figures.account.id)).await?;
    Ok(Found {
        figures,
        users,
        fixed,
        invited: pending.iter().map(|pending| pending.user.id).collect(),
    })
}

/// GET `/staff/accounts/{code}`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    code: Part,
    query: Query,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let found = find(&view, code).await?;
    let done = told(&query, DONE);
    let page = filled(&view, &visitor, &found, done, Errors::default());
    Ok(pages::page(StatusCode::OK, &page))
}

fn filled<'a>(
    view: &'a View,
    visitor: &'a Visitor,
    found: &Found,
    done: Option<&'static str>,
    errors: Errors,
) -> Page<'a> {
    let account = found.account();
    let title = format!("Account {}", account.code);
    let patterns: Vec<&str> = account
        .handing_in
        .ignored
        .iter()
        .map(NamePattern::as_str)
        .collect();
    let marker = account.handing_in.done_marker.as_ref();
    Page {
        frame: Frame::new(view, Some(visitor), &title)
            .at(Place::Office)
            .faulty(!errors.is_empty()),
        visitor,
        done,
        errors,
        code: account.code.to_string(),
        name: shown(&account.name),
        is_suspended: account.standing == Standing::Suspended,
        created: When::of(view, account.created),
        keys: count(found.figures.keys),
        newest: found.figures.newest.map(|newest| When::of(view, newest)),
        from: account.from.to_string(),
        passwords: account.passwords,
        done_marker: marker.map(|marker| marker.as_str().to_owned()),
        ignored: patterns.join(", "),
        fixed: found.fixed.iter().map(fixed).collect(),
        lines: found.users.iter().map(|user| line(user, found)).collect(),
        candidates: found.candidates().map(candidate).collect(),
        primary: found.primary().map(|user| shown(&user.display_name)),
    }
}

fn fixed(fixed: &FixedAddress) -> (String, MailPreference) {
    (fixed.mail.to_string(), fixed.preference)
}

fn line(user: &User, found: &Found) -> Line {
    Line {
        id: user.id.0,
        login: user.login.to_string(),
        name: shown(&user.display_name),
        role: user.role.title(),
        is_machine: user.kind == UserKind::Machine,
        is_suspended: user.standing == Standing::Suspended,
        is_invited: found.invited.contains(&user.id),
    }
}

fn candidate(user: &User) -> Candidate {
    let (name, login, role) = (shown(&user.display_name), &user.login, user.role.title());
    Candidate {
        id: user.id.0,
        title: format!("{name} ({login}), {role}"),
    }
}

/// POST `/staff/accounts/{code}/suspend`.
pub(super) async fn suspend(
    State(view): State<Shared>,
    code: Part,
    form: Signed,
) -> Result<Response, Problem> {
    stand(&view, code, form, Standing::Suspended).await
}

/// POST `/staff/accounts/{code}/resume`.
pub(super) async fn resume(
    State(view): State<Shared>,
    code: Part,
    form: Signed,
) -> Result<Response, Problem> {
    stand(&view, code, form, Standing::Active).await
}

async fn stand(
    view: &View,
    code: Part,
    form: Signed,
    standing: Standing,
) -> Result<Response, Problem> {
    let form = form.by(Right::Operate)?;
    let found = find(view, code).await?;
    let code = &found.account().code;
    let (action, done) = match standing {
        Standing::Suspended => (Action::AccountSuspended, "suspended"),
        Standing::Active => (Action::AccountResumed, "resumed"),
    };
    let deed = forms::deed(view, (&form.visitor, form.from), action, code.as_str(), "");
    // Whoever is suspended alone is told nothing that is not so for them.
    let told = found.users.iter().filter(|user| {
        user.kind == UserKind::Person
            && user.role != Role::None
            && user.standing == Standing::Active
            && !found.invited.contains(&user.id)
    });
    let letter = |user: &User| {
        letters::account_stands(&view.service, found.account(), user, standing, &deed.id)
    };
    let change = Change {
        mails: told.filter_map(letter).collect(),
        deed,
    };
    let store = &view.deps.store;
    let done = match store.stand_account(code, standing, &change).await? {
        Stood::Changed => done,
        Stood::Already => "nothing",
        Stood::Unknown => return Err(Problem::NotFound),
    };
    view.deps.access.refresh().await?;
    Ok(forms::done(&format!("/staff/accounts/{code}?done={done}")))
}

/// POST `/staff/accounts/{code}/primary`.
pub(super) async fn primary(
    State(view): State<Shared>,
    code: Part,
    form: Signed,
) -> Result<Response, Problem> {
    let form = form.by(Right::Operate)?;
    let found = find(&view, code).await?;
    let chosen = form.fields.get("user").parse().ok().map(UserId);
    let next = found.candidates().find(|user| Some(user.id) == chosen);
    let Some(next) = next else {
        let mut errors = Errors::default();
        errors.add("user", "Select who is to become the Primary User");
        let page = filled(&view, &form.visitor, &found, None, errors);
        return Ok(pages::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let account = found.account();
    let before = found.primary();
    let details = match before {
        Some(before) => format!("{} in place of {}", next.login, before.login),
        None => next.login.to_string(),
    };
    let (visitor, code) = (&form.visitor, account.code.as_str());
    let deed = forms::deed(
        &view,
        (visitor, form.from),
        Action::PrimaryMoved,
        code,
        &details,
    );
    let change = Change {
        mails: mails(&view, account, next, before, &deed),
        deed,
    };
    let store = &view.deps.store;
    let done = if store.move_primary(account.id, next.id, &change).await? {
        "primary"
    } else {
        "nothing"
    };
    view.deps.access.refresh().await?;
    Ok(forms::done(&format!("/staff/accounts/{code}?done={done}")))
}

/// Whoever gets the role, and whoever had it, is told.
fn mails(
    view: &View,
    account: &Account,
    next: &User,
    before: Option<&User>,
    deed: &Deed,
) -> Vec<NewMail> {
    let given = letters::primary_given(&view.service, account, next, &deed.id);
    let taken = before
        .and_then(|before| letters::primary_taken(&view.service, account, before, next, &deed.id));
    given.into_iter().chain(taken).collect()
}
