//! The people of an account: its users, what they hear by mail, and the programs that hand in files for it.

mod account;
mod addresses;
mod declaration;
pub(crate) mod invite;
mod key;
mod log_ins;
mod machine;
mod machine_edit;
mod machine_new;
mod preferences;
mod recipes;
mod role;
mod sftp;
mod told;
mod users;

use axum::Router;
use axum::routing::{get, post};

use crate::domain::account::{AccountId, Role, User, UserId, UserKind};
use crate::web::pages::problem::Problem;
use crate::web::{Shared, View};

/// What this area answers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/users", get(users::show))
        .route("/users/invite", get(invite::show).post(invite::email))
        .route(
            "/users/invite/details",
            get(invite::back).post(invite::details),
        )
        .route("/users/invite/role", get(invite::back).post(invite::role))
        .route("/users/invited/{number}", get(invite::done))
        .route("/users/{id}/role", get(role::show).post(role::submit))
        .route("/users/{id}/resend", post(invite::resend))
        .route("/sftp", get(sftp::show))
        .route("/sftp/log-ins", get(log_ins::show))
        .route(
            "/sftp/machines/add",
            get(machine_new::show).post(machine_new::submit),
        )
        .route("/sftp/machines/{id}", get(machine::show))
        .route(
            "/sftp/machines/{id}/edit",
            get(machine_edit::show).post(machine_edit::submit),
        )
        .route(
            "/sftp/machines/{id}/remove",
            get(machine::ask).post(machine::remove),
        )
        .route(
            "/sftp/machines/{id}/declaration",
            get(declaration::show).post(declaration::submit),
        )
        .route("/sftp/machines/{id}/keys", get(key::show).post(key::submit))
        .route(
            "/sftp/machines/{id}/keys/{key}/remove",
            get(key::ask).post(key::remove),
        )
        .route(
            "/preferences",
            get(preferences::show).post(preferences::submit),
        )
        .route(
            "/preferences/addresses",
            get(addresses::show).post(addresses::add),
        )
        .route("/preferences/addresses/remove", post(addresses::remove))
        .route("/account", get(account::show))
        .route("/account/browsers", post(account::sign_out_elsewhere))
}

/// What is said at the top of a page after something was done, by its word in the address.
const NOTICES: [(&str, &str); 16] = [
    (
        "role",
        "The role is changed, and the person is told by mail",
    ),
    (
        "removed",
        "All roles and access are removed, and the person is told by mail",
    ),
    (
        "resent",
        "The invitation is sent again; the one before works no longer",
    ),
    (
        "too-many",
        "Nothing was sent: your account has sent as many invitations as an hour allows. Try again in an hour",
    ),
    (
        "machine",
        "The machine user is added, and its key works within a second",
    ),
    ("edited", "The change is saved"),
    (
        "machine-removed",
        "The machine user is removed, and its keys work no longer",
    ),
    ("key", "The key is added, and works within a second"),
    ("key-removed", "The key is removed, and works no longer"),
    ("declared", "The declaration is signed"),
    ("preference", "Your choice is saved"),
    ("address", "The address is added, and an email tells it so"),
    (
        "address-changed",
        "The address gets what you chose from now on",
    ),
    (
        "address-removed",
        "The address is removed, and an email tells it so",
    ),
    ("signed-out", "All other browsers are signed out"),
    ("nothing", "Nothing was changed"),
];

/// The sentence that a page was asked to show.
fn notice(query: &[(String, String)]) -> Option<&'static str> {
    let (_, wanted) = query.iter().find(|(name, _)| name == "notice")?;
    let found = NOTICES.iter().find(|(word, _)| word == wanted)?;
    Some(found.1)
}

/// The people of an account who have access.
async fn persons(view: &View, account: AccountId) -> Result<Vec<User>, Problem> {
    let users = view.deps.store.users(Some(account)).await;
    let mut users = users?;
    users.retain(|user| user.kind == UserKind::Person && user.role != Role::None);
    Ok(users)
}

/// The number of a row in an address.
fn row_number(text: &str) -> Result<i64, Problem> {
    let is_plain = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_plain);
    number.ok_or(Problem::NotFound)
}

/// The user whose number stands in an address.
fn user_number(text: &str) -> Result<UserId, Problem> {
    row_number(text).map(UserId)
}
