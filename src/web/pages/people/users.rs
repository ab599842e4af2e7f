//! The users of a Primary User's own account, and the invitations that nobody took up yet.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::Timestamp;
use crate::domain::account::{AccountId, Role, Standing, User, UserKind};
use crate::store::Pending;
use crate::web::frame::{Frame, Place};
use crate::web::pages::people::{notice, persons};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::moment;
use crate::web::{Shared, View, pages};

/// Where ecocd's own identities come from, in the guide's word.
const SOURCE: &str = "eCoC";

/// The columns: their titles, and their names in addresses. `Name` is the list's own order.
const COLUMNS: [(&str, &str); 6] = [
    ("Name", "name"),
    ("Email", "email"),
    ("Account Name", "account"),
    ("eCoC Web Role", "role"),
    ("Source", "source"),
    ("Created On", "created"),
];

/// A column's head.
struct Head {
    title: &'static str,
    address: String,
    /// `ascending`, `descending`, or `none` if the list is in another order.
    order: &'static str,
}

/// A user as it is shown.
struct Line {
    name: String,
    email: String,
    role: &'static str,
    is_suspended: bool,
    created: String,
    created_at: String,
    /// The page to change the role on; `None` for whoever's role cannot be changed here.
    address: Option<String>,
    is_visitor: bool,
}

/// An invitation that nobody took up.
struct Waiting {
    number: String,
    name: String,
    email: String,
    sent: String,
    ends: String,
    address: String,
}

#[derive(Template)]
#[template(path = "people/users.html", config = "src/web/templates/askama.toml")]
struct Users<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    account: &'a str,
    source: &'static str,
    notice: Option<&'static str>,
    heads: Vec<Head>,
    lines: Vec<Line>,
    waiting: Vec<Waiting>,
}

/// In which order the list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Order {
    column: &'static str,
    is_descending: bool,
}

impl Order {
    fn read(query: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = query.iter().find(|(key, _)| key == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let wanted = value("sort");
        let known = COLUMNS.iter().find(|(_, name)| *name == wanted);
        Self {
            column: known.map_or("name", |(_, name)| name),
            is_descending: value("order") == "descending",
        }
    }

    fn heads(self) -> Vec<Head> {
        let head = |&(title, name): &(&'static str, &'static str)| {
            let is_current = name == self.column;
            let next = if is_current && !self.is_descending {
                "descending"
            } else {
                "ascending"
            };
            Head {
                title,
                address: format!("/users?sort={name}&order={next}"),
                order: match (is_current, self.is_descending) {
                    (false, _) => "none",
                    (true, false) => "ascending",
                    (true, true) => "descending",
                },
            }
        };
        COLUMNS.iter().map(head).collect()
    }

    /// Puts users into this order; those alike stay by name. All are of one account and source.
    fn sort(self, users: &mut [User]) {
        let name = |user: &User| (user.display_name.to_lowercase(), user.login.clone());
        users.sort_by_key(name);
        match self.column {
            "email" => users.sort_by_key(mail),
            "role" => users.sort_by_key(|user| user.role.title()),
            "created" => users.sort_by_key(|user| user.created),
            _ => (),
        }
        if self.is_descending {
            users.reverse();
        }
    }
}

/// The address that a person reads mail at.
fn mail(user: &User) -> String {
    let own = user.mail.as_ref().map(ToString::to_string);
    own.unwrap_or_else(|| user.login.to_string())
}

/// GET `/users`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    visitor.need(Right::ManageUsers)?;
    let account = visitor.account()?;
    let order = Order::read(&query);
    let mut users = persons(&view, account.id).await?;
    order.sort(&mut users);
    let page = Users {
        frame: Frame::new(&view, Some(&visitor), "Manage users").at(Place::Users),
        account: &account.name,
        source: SOURCE,
        notice: notice(&query),
        heads: order.heads(),
        lines: users
            .iter()
            .map(|user| line(&view, &visitor, user))
            .collect(),
        waiting: waiting(&view, account.id).await?,
        visitor: &visitor,
    };
    Ok(pages::page(StatusCode::OK, &page))
}

fn line(view: &View, visitor: &Visitor, user: &User) -> Line {
    let is_visitor = user.id == visitor.guest.user.id;
    Line {
        name: user.display_name.clone(),
        email: mail(user),
        role: user.role.title(),
        is_suspended: user.standing == Standing::Suspended,
        created: moment(user.created, &view.zone),
        created_at: user.created.to_string(),
        address: may_change(visitor, user).then(|| format!("/users/{}/role", user.id)),
        is_visitor,
    }
}

/// A Primary User gives Upload and View User roles: not to another Primary User, and not to itself.
pub(super) fn may_change(visitor: &Visitor, user: &User) -> bool {
    user.id != visitor.guest.user.id
        && user.kind == UserKind::Person
        && matches!(user.role, Role::Upload | Role::View)
}

async fn waiting(view: &View, account: AccountId) -> Result<Vec<Waiting>, Problem> {
    let now = view.deps.clock.now();
    let found = view.deps.store.pending_invitations(Some(account)).await;
    let found = found?;
    Ok(found
        .iter()
        .filter(|one| matches!(one.user.role, Role::Upload | Role::View))
        .map(|one| Waiting {
            number: one.invitation.reference(),
            name: one.user.display_name.clone(),
            email: mail(&one.user),
            sent: moment(one.invited, &view.zone),
            ends: ending(view, one, now),
            address: format!("/users/{}/resend", one.user.id),
        })
        .collect())
}

fn ending(view: &View, pending: &Pending, now: Timestamp) -> String {
    match pending.ends {
        Some(ends) if ends > now => format!("Works until {}", moment(ends, &view.zone)),
        Some(ends) => format!("Ended {}", moment(ends, &view.zone)),
        None => "Used or ended, and no password chosen".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(sort: &str, order: &str) -> Order {
        Order::read(&[
            ("sort".to_owned(), sort.to_owned()),
            ("order".to_owned(), order.to_owned()),
        ])
    }

    #[test]
    fn the_list_is_by_name_unless_another_column_is_asked_for() {
        let own = Order {
            column: "name",
            is_descending: false,
        };
        assert_eq!(Order::read(&[]), own);
        assert_eq!(order("password", "x"), own);
        assert!(order("created", "descending").is_descending);
        for (_, name) in COLUMNS {
            let marked: Vec<&str> = order(name, "")
                .heads()
                .iter()
                .map(|head| head.order)
                .collect();
            assert_eq!(
                marked.iter().filter(|mark| **mark == "ascending").count(),
                1
            );
            let again = order(name, "").heads();
            let current = again.iter().find(|head| head.order != "none").unwrap();
            assert_eq!(
                current.address,
                format!("/users?sort={name}&order=descending")
            );
        }
    }
}
