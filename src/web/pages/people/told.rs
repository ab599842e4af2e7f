//! Who is told by mail of what is done on this area's pages: always, whatever people prefer.

use crate::domain::account::{Account, MailAddress, Role, User, UserId, UserKind};
use crate::domain::audit::Deed;
use crate::domain::notice::NewMail;
use crate::letters::joining::Entry;
use crate::letters::people::{self, KeyFacts};
use crate::letters::{self, Letter, Recipient};
use crate::web::View;
use crate::web::pages::joining::inviting::FirstEntry;
use crate::web::session::Visitor;

/// Who is invited, and into which account.
pub(super) struct Invited<'a> {
    /// Where the invitation goes.
    pub(super) to: &'a MailAddress,
    /// First and last name.
    pub(super) name: &'a str,
    /// The user, if it is there already.
    pub(super) user: Option<UserId>,
    /// The account.
    pub(super) account: &'a Account,
    /// What the person may do there.
    pub(super) role: Role,
}

/// The mail that carries an invitation.
pub(super) fn invitation(
    view: &View,
    invited: &Invited<'_>,
    entry: &FirstEntry,
    deed: &Deed,
) -> NewMail {
    let entry = Entry {
        url: &entry.link.url,
        password: entry.password.as_deref(),
        days: view.invitation.days,
    };
    let work = (invited.account.name.as_str(), invited.role);
    let letter = people::invitation(&view.service, invited.name, work, &entry);
    let to = Recipient {
        to: invited.to,
        user: invited.user,
        account: Some(invited.account.id),
    };
    letters::write(&view.service, &to, &deed.id, &letter)
}

/// Where mail for a person goes: people sign in with their address, whatever else is known of them.
pub(super) fn address(user: &User) -> Option<MailAddress> {
    let own = || MailAddress::new(user.login.as_str()).ok();
    user.mail.clone().or_else(own)
}

/// To one user, if mail reaches it.
fn to_user(view: &View, user: &User, deed: &Deed, letter: &Letter) -> Option<NewMail> {
    let to = Recipient {
        to: &address(user)?,
        user: Some(user.id),
        account: user.account,
    };
    Some(letters::write(&view.service, &to, &deed.id, letter))
}

/// The manufacturer's name and the visitor's.
fn names(visitor: &Visitor) -> (&str, &str) {
    let account = visitor.guest.account.as_ref();
    (
        account.map_or("", |account| account.name.as_str()),
        &visitor.guest.user.display_name,
    )
}

/// To a user whose role changed.
pub(super) fn role_changed(
    view: &View,
    visitor: &Visitor,
    (user, role): (&User, Role),
    deed: &Deed,
) -> Vec<NewMail> {
    let (manufacturer, by) = names(visitor);
    let name = &user.display_name;
    let letter = people::role_changed(&view.service, name, manufacturer, role.title(), by);
    to_user(view, user, deed, &letter).into_iter().collect()
}

/// To a user who has no access any more.
pub(super) fn access_removed(
    view: &View,
    visitor: &Visitor,
    user: &User,
    deed: &Deed,
) -> Vec<NewMail> {
    let (manufacturer, by) = names(visitor);
    let letter = people::access_removed(&view.service, &user.display_name, manufacturer, by);
    to_user(view, user, deed, &letter).into_iter().collect()
}

/// What happened to a machine user.
pub(super) enum News<'a> {
    /// It has a key more.
    KeyAdded(KeyFacts<'a>),
    /// It has a key less.
    KeyRemoved(KeyFacts<'a>),
    /// It is gone.
    Removed(&'a str),
}

/// To those answerable for a machine user: its contact, and the Primary Users.
pub(super) fn machine_news(
    view: &View,
    visitor: &Visitor,
    (persons, contact): (&[User], Option<UserId>),
    news: &News<'_>,
    deed: &Deed,
) -> Vec<NewMail> {
    let (manufacturer, by) = names(visitor);
    let service = &view.service;
    let letter = match *news {
        News::KeyAdded(key) => people::key_added(service, key, manufacturer, by),
        News::KeyRemoved(key) => people::key_removed(service, key, manufacturer, by),
        News::Removed(machine) => people::machine_removed(service, machine, manufacturer, by),
    };
    persons
        .iter()
        .filter(|user| user.kind == UserKind::Person)
        .filter(|user| user.role == Role::Primary || Some(user.id) == contact)
        .filter_map(|user| to_user(view, user, deed, &letter))
        .collect()
}
