//! Adding a machine user: its log-in name, who answers for it, its first key, the declaration.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::{LoginName, User, UserId};
use crate::domain::audit::{Action, Deed};
use crate::domain::registration::name;
use crate::store::{Change, Declaration, MachineChange, MachineFacts, NewMachine};
use crate::web::forms::{Errors, Fields, Signed, deed, done};
use crate::web::frame::{Frame, Place};
use crate::web::pages::joining::terms;
use crate::web::pages::people::declaration::{self, Ticks};
use crate::web::pages::people::key::{self, KEY_TAKEN};
use crate::web::pages::people::told::{self, News};
use crate::web::pages::people::{persons, user_number};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::{Shared, View, pages};

/// The log-in name must be short enough to be typed.
const LOGIN_CHARS_MAX: usize = 32;

/// What was typed.
#[derive(Debug, Clone, Default)]
struct Typed {
    login: String,
    facts: Facts,
    key: key::Typed,
}

/// What a machine user is called, and who answers for it, as it was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) name: String,
    pub(super) contact: String,
}

impl Facts {
    pub(super) fn read(fields: &Fields) -> Self {
        Self {
            name: fields.get("name").to_owned(),
            contact: fields.get("contact").to_owned(),
        }
    }

    /// Both, if they are as they should be.
    pub(super) fn check(&self, people: &[User], errors: &mut Errors) -> Option<MachineFacts> {
        let name = name(&self.name);
        if self.name.is_empty() {
            errors.add("name", "Enter what this machine user is for");
        } else if name.is_err() {
            errors.add(
                "name",
                "The name must be one line of 150 characters or fewer",
            );
        }
        let contact = user_number(&self.contact).ok();
        let contact = contact.filter(|id| people.iter().any(|user| user.id == *id));
        if contact.is_none() {
            errors.add(
                "contact",
                "Select the person answerable for this machine user",
            );
        }
        Some(MachineFacts {
            name: name.ok()?,
            contact: contact?,
        })
    }
}

/// A person of the account, for the select.
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
}

/// The account's people, with the one chosen.
pub(super) fn choices(people: &[User], chosen: &str) -> Vec<Choice> {
    people
        .iter()
        .map(|user| Choice {
            id: user.id.to_string(),
            name: format!("{} ({})", user.display_name, user.login),
            is_chosen: user.id.to_string() == chosen,
        })
        .collect()
}

/// A short name, never one that could be somebody's mail address.
fn check_login(typed: &str, errors: &mut Errors) -> Option<LoginName> {
    if typed.is_empty() {
        errors.add("login", "Enter a log-in name");
        return None;
    }
    let is_short = typed.len() <= LOGIN_CHARS_MAX
        && typed.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && typed
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet));
    let login = LoginName::new(typed).ok().filter(|_| is_short);
    if login.is_none() {
        errors.add(
            "login",
            "The log-in name must be 2 to 32 of a to z, 0 to 9, dots, hyphens and underscores, and begin \
             with a letter",
        );
    }
    login
}

#[derive(Template)]
#[template(
    path = "people/machine_add.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    login: &'a str,
    example: String,
    name: &'a str,
    choices: Vec<Choice>,
    typed: &'a key::Typed,
    ticks: Ticks,
    errors: &'a Errors,
}

/// GET `/sftp/machines/add`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    visitor.need(Right::ManageMachines)?;
    let account = visitor.account()?;
    let people = persons(&view, account.id).await?;
    let mut typed = Typed::default();
    typed.key.ticks = Ticks::none(&view).await?;
    typed.facts.contact = visitor.guest.user.id.to_string();
    drawn(&view, &visitor, &people, &typed, &Errors::default())
}

/// POST `/sftp/machines/add`.
pub(crate) async fn submit(State(view): State<Shared>, sent: Signed) -> Result<Response, Problem> {
    let sent = sent.by(Right::ManageMachines)?;
    let account = sent.visitor.account()?;
    let people = persons(&view, account.id).await?;
    let mut typed = Typed {
        login: sent.fields.get("login").to_owned(),
        facts: Facts::read(&sent.fields),
        key: key::Typed::read(&sent.fields),
    };
    let mut errors = Errors::default();
    let login = check_login(&typed.login, &mut errors);
    let facts = typed.facts.check(&people, &mut errors);
    let in_force = terms::in_force(&view).await?;
    let key = typed.key.check(in_force, &mut errors);
    let (Some(login), Some(facts), Some(key)) = (login, facts, key) else {
        return drawn(&view, &sent.visitor, &people, &typed, &errors);
    };
    let declared = declaration::by(&sent.visitor, in_force);
    let new = NewMachine {
        account: account.id,
        login,
        facts,
        key,
    };
    let deed = noted(&view, &sent, &new, declared);
    let whom = (people.as_slice(), Some(new.facts.contact));
    let news = News::KeyAdded(key::facts(new.login.as_str(), &new.key));
    let change = Change {
        mails: told::machine_news(&view, &sent.visitor, whom, &news, &deed),
        deed,
    };
    let added = view.deps.store.add_machine(&new, declared, &change).await;
    let (field, message) = match added? {
        MachineChange::Done(id) => return Ok(made(id)),
        MachineChange::LoginTaken => ("login", "This log-in name is taken: choose another"),
        MachineChange::KeyTaken => ("key", KEY_TAKEN),
        MachineChange::NoContact | MachineChange::NoMachine => (
            "contact",
            "Select the person answerable for this machine user",
        ),
    };
    errors.add(field, message);
    drawn(&view, &sent.visitor, &people, &typed, &errors)
}

fn made(machine: UserId) -> Response {
    done(&format!("/sftp/machines/{machine}?notice=machine"))
}

fn noted(view: &View, sent: &Signed, new: &NewMachine, declared: Declaration) -> Deed {
    let NewMachine { login, key, .. } = new;
    let declared = declaration::in_words(declared);
    let note = format!("{}, {}; {declared}", key.label, key.fingerprint);
    let action = Action::MachineAdded;
    deed(
        view,
        (&sent.visitor, sent.from),
        action,
        login.as_str(),
        &note,
    )
}

fn drawn(
    view: &View,
    visitor: &Visitor,
    people: &[User],
    typed: &Typed,
    errors: &Errors,
) -> Result<Response, Problem> {
    let account = visitor.account()?;
    let is_faulty = !errors.is_empty();
    let page = Page {
        frame: Frame::new(view, Some(visitor), "Add a machine user")
            .at(Place::Sftp)
            .faulty(is_faulty),
        example: format!("{}-erp", account.code),
        login: &typed.login,
        name: &typed.facts.name,
        choices: choices(people, &typed.facts.contact),
        ticks: typed.key.ticks,
        typed: &typed.key,
        visitor,
        errors,
    };
    Ok(pages::form(is_faulty, &page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_cannot_be_called_like_a_mail_address() {
        let check = |text: &str| check_login(text, &mut Errors::default());
        let long = "a".repeat(33);
        for bad in ["", "a", "1a", "ann@example.com", "a b", "a/b", &long] {
            assert_eq!(check(bad), None, "{bad}");
        }
        assert_eq!(check("Acme-ERP_2.x").unwrap().as_str(), "acme-erp_2.x");
    }
}
