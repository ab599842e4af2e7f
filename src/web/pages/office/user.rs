//! One user: who it is, how it comes in; suspend, resume, and an invitation sent again.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::{
    Account, Credential, CredentialKind, Role, Standing, User, UserId, UserKind,
};
use crate::domain::audit::Action;
use crate::letters::office as letters;
use crate::store::{Change, Stood};
use crate::web::forms::{self, Signed};
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::{Part, Query, When, part, told};
use crate::web::pages::people::invite::send_again;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::shown;
use crate::web::{Shared, View, pages};

/// What was just done.
const DONE: &[(&str, &str)] = &[
    (
        "suspended",
        "The user is suspended, signed out, and not let in.",
    ),
    ("resumed", "The user is resumed, and let in again."),
    (
        "nothing",
        "Somebody else did so before: nothing was changed.",
    ),
    (
        "invited",
        "The invitation is sent again; the one before works no longer.",
    ),
    (
        "taken-up",
        "The invitation was taken up already: nothing was sent.",
    ),
    ("self", "You cannot suspend yourself: ask another operator."),
];

/// A key of the user.
struct Key {
    label: String,
    fingerprint: String,
    last_used: Option<When>,
}

#[derive(Template)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a template asks for each by its name"
)]
#[template(path = "office/user.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    done: Option<&'static str>,
    id: i64,
    login: String,
    name: String,
    role: &'static str,
    account: Option<(String, String)>,
    is_machine: bool,
    is_suspended: bool,
    is_self: bool,
    /// Was the user invited, and has not come yet?
    is_invited: bool,
    mail: Option<String>,
    from: String,
    created: When,
    has_password: bool,
    keys: Vec<Key>,
    contact: Option<(i64, String)>,
}

async fn find(view: &View, id: Part) -> Result<User, Problem> {
    let id = part(id, |id| id.parse().ok().map(UserId))?;
    let users = view.deps.store.users(None).await?;
    let found = users.into_iter().find(|user| user.id == id);
    found.ok_or(Problem::NotFound)
}

/// GET `/staff/users/{id}`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    id: Part,
    query: Query,
) -> Result<Response, Problem> {
    visitor.need(Right::Operate)?;
    let store = &view.deps.store;
    let user = find(&view, id).await?;
    let accounts = store.accounts().await?;
    let account = accounts.iter().find(|one| Some(one.id) == user.account);
    let credentials = store.credentials(user.id).await?;
    let users = store.users(user.account).await?;
    let contact = users.iter().find(|one| Some(one.id) == user.contact);
    let done = told(&query, DONE);
    let page = filled(&view, &visitor, &user, account, &credentials);
    let page = Page {
        done,
        is_invited: is_invited(&view, &user).await?,
        contact: contact.map(|contact| (contact.id.0, shown(&contact.display_name))),
        ..page
    };
    Ok(pages::page(StatusCode::OK, &page))
}

fn filled<'a>(
    view: &'a View,
    visitor: &'a Visitor,
    user: &User,
    account: Option<&Account>,
    credentials: &[Credential],
) -> Page<'a> {
    let name = shown(&user.display_name);
    let keys = credentials
        .iter()
        .filter(|one| one.kind == CredentialKind::PublicKey);
    let mut passwords = credentials
        .iter()
        .filter(|one| one.kind == CredentialKind::Password);
    Page {
        frame: Frame::new(view, Some(visitor), &format!("User {name}")).at(Place::Office),
        visitor,
        done: None,
        id: user.id.0,
        login: user.login.to_string(),
        role: user.role.title(),
        account: account.map(|one| (one.code.to_string(), shown(&one.name))),
        is_machine: user.kind == UserKind::Machine,
        is_suspended: user.standing == Standing::Suspended,
        is_self: user.id == visitor.guest.user.id,
        is_invited: false,
        mail: user.mail.as_ref().map(ToString::to_string),
        from: user.from.to_string(),
        created: When::of(view, user.created),
        has_password: passwords.next().is_some(),
        keys: keys.map(|key| as_key(view, key)).collect(),
        contact: None,
        name,
    }
}

fn as_key(view: &View, key: &Credential) -> Key {
    Key {
        label: shown(&key.label),
        fingerprint: key.fingerprint.clone().unwrap_or_default(),
        last_used: key.last_used.map(|used| When::of(view, used)),
    }
}

/// May the user's invitation be sent again?
async fn is_invited(view: &View, user: &User) -> Result<bool, Problem> {
    if user.account.is_none() || user.standing == Standing::Suspended {
        return Ok(false);
    }
    let store = &view.deps.store;
    let pending = store.pending_invitations(user.account).await?;
    Ok(pending.iter().any(|one| one.user.id == user.id))
}

/// POST `/staff/users/{id}/invite`: a Primary User has nobody else to ask.
pub(super) async fn invite(
    State(view): State<Shared>,
    id: Part,
    form: Signed,
) -> Result<Response, Problem> {
    let form = form.by(Right::Operate)?;
    let user = find(&view, id).await?;
    let accounts = view.deps.store.accounts().await?;
    let account = accounts.iter().find(|one| Some(one.id) == user.account);
    let account = account.ok_or(Problem::NotFound)?;
    let by = (&form.visitor, form.from);
    let is_sent =
        is_invited(&view, &user).await? && send_again(&view, by, &user, account).await?.is_some();
    let done = if is_sent { "invited" } else { "taken-up" };
    Ok(forms::done(&format!(
        "/staff/users/{}?done={done}",
        user.id.0
    )))
}

/// POST `/staff/users/{id}/suspend`.
pub(super) async fn suspend(
    State(view): State<Shared>,
    id: Part,
    form: Signed,
) -> Result<Response, Problem> {
    stand(&view, id, form, Standing::Suspended).await
}

/// POST `/staff/users/{id}/resume`.
pub(super) async fn resume(
    State(view): State<Shared>,
    id: Part,
    form: Signed,
) -> Result<Response, Problem> {
    stand(&view, id, form, Standing::Active).await
}

async fn stand(
    view: &View,
    id: Part,
    form: Signed,
    standing: Standing,
) -> Result<Response, Problem> {
    let form = form.by(Right::Operate)?;
    let user = find(view, id).await?;
    let back = |done: &str| forms::done(&format!("/staff/users/{}?done={done}", user.id.0));
    let (action, done) = match standing {
        // Whoever is alone could never undo it.
        Standing::Suspended if user.id == form.visitor.guest.user.id => return Ok(back("self")),
        Standing::Suspended => (Action::UserSuspended, "suspended"),
        Standing::Active => (Action::UserResumed, "resumed"),
    };
    let login = user.login.as_str();
    let deed = forms::deed(view, (&form.visitor, form.from), action, login, "");
    let is_told = user.kind == UserKind::Person && user.role != Role::None;
    let letter = is_told.then(|| letters::user_stands(&view.service, &user, standing, &deed.id));
    let change = Change {
        mails: letter.flatten().into_iter().collect(),
        deed,
    };
    let store = &view.deps.store;
    let done = match store.stand_user(&user.login, standing, &change).await? {
        Stood::Changed => done,
        Stood::Already => "nothing",
        Stood::Unknown => return Err(Problem::NotFound),
    };
    view.deps.access.refresh().await?;
    Ok(back(done))
}
