//! Giving a user of one's own account another role, or taking all roles and access away.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::{Role, User};
use crate::domain::audit::Action;
use crate::store::Change;
use crate::web::forms::{Errors, Signed, deed, done};
use crate::web::frame::{Frame, Place};
use crate::web::pages::people::invite::given_role;
use crate::web::pages::people::{persons, told, user_number, users};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::{Shared, View, pages};

/// What the select says for taking everything away.
const REMOVE: &str = "remove";

#[derive(Template)]
#[template(path = "people/role.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    account: &'a str,
    user: &'a User,
    /// The names of the machine users that this person answers for.
    machines: &'a [String],
    chosen: &'a str,
    errors: &'a Errors,
}

impl Page<'_> {
    fn is_chosen(&self, value: &str) -> bool {
        self.chosen == value
    }
}

/// The user in the address, whose role the visitor may change.
async fn find(view: &View, visitor: &Visitor, id: &str) -> Result<User, Problem> {
    visitor.need(Right::ManageUsers)?;
    let account = visitor.account()?;
    let id = user_number(id)?;
    let all = persons(view, account.id).await?;
    let user = all.into_iter().find(|user| user.id == id);
    let user = user.ok_or(Problem::NotFound)?;
    if users::may_change(visitor, &user) {
        Ok(user)
    } else {
        Err(Problem::Forbidden)
    }
}

/// The names of the machine users that somebody answers for.
async fn machines(view: &View, user: &User) -> Result<Vec<String>, Problem> {
    let Some(account) = user.account else {
        return Ok(Vec::new());
    };
    let all = view.deps.store.machines(account).await?;
    Ok(all
        .into_iter()
        .filter(|machine| machine.user.contact == Some(user.id))
        .map(|machine| machine.user.login.to_string())
        .collect())
}

/// GET `/users/{id}/role`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let user = find(&view, &visitor, &id).await?;
    let machines = machines(&view, &user).await?;
    drawn(&view, &visitor, (&user, &machines), &Errors::default())
}

/// POST `/users/{id}/role`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    Path(id): Path<String>,
    sent: Signed,
) -> Result<Response, Problem> {
    let user = find(&view, &sent.visitor, &id).await?;
    let typed = sent.fields.get("role");
    let machines = machines(&view, &user).await?;
    if typed == REMOVE {
        return remove(&view, &sent, &user, &machines).await;
    }
    let Some(role) = given_role(typed) else {
        let mut errors = Errors::default();
        errors.add("role", "Select a role for this user");
        return drawn(&view, &sent.visitor, (&user, &machines), &errors);
    };
    if role == user.role {
        return Ok(done("/users?notice=nothing"));
    }
    let note = format!("{} to {}", user.role.title(), role.title());
    let login = user.login.as_str();
    let deed = deed(
        &view,
        (&sent.visitor, sent.from),
        Action::RoleChanged,
        login,
        &note,
    );
    let change = Change {
        mails: told::role_changed(&view, &sent.visitor, (&user, role), &deed),
        deed,
    };
    let store = &view.deps.store;
    let is_done = store.set_role(user.account, user.id, role, &change).await;
    finish(&view, is_done?, "/users?notice=role").await
}

async fn remove(
    view: &View,
    sent: &Signed,
    user: &User,
    machines: &[String],
) -> Result<Response, Problem> {
    let mut note = user.role.title().to_owned();
    if !machines.is_empty() {
        note.push_str("; was the contact of ");
        note.push_str(&machines.join(", "));
    }
    let login = user.login.as_str();
    let deed = deed(
        view,
        (&sent.visitor, sent.from),
        Action::AccessRemoved,
        login,
        &note,
    );
    let change = Change {
        mails: told::access_removed(view, &sent.visitor, user, &deed),
        deed,
    };
    let store = &view.deps.store;
    let is_done = store.remove_access(user.account, user.id, &change).await;
    finish(view, is_done?, "/users?notice=removed").await
}

/// The list, with what was done; somebody else may have removed the user meanwhile.
async fn finish(view: &View, is_done: bool, path: &str) -> Result<Response, Problem> {
    // In this process it counts now, in others within a second.
    view.deps.access.refresh().await?;
    if is_done {
        Ok(done(path))
    } else {
        Err(Problem::NotFound)
    }
}

fn drawn(
    view: &View,
    visitor: &Visitor,
    (user, machines): (&User, &[String]),
    errors: &Errors,
) -> Result<Response, Problem> {
    let account = visitor.account()?;
    let is_faulty = !errors.is_empty();
    let page = Page {
        frame: Frame::new(view, Some(visitor), "Edit roles")
            .at(Place::Users)
            .faulty(is_faulty),
        account: &account.name,
        chosen: if is_faulty { "" } else { chosen(user.role) },
        visitor,
        user,
        machines,
        errors,
    };
    Ok(pages::form(is_faulty, &page))
}

fn chosen(role: Role) -> &'static str {
    role.as_str()
}
