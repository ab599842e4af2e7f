//! The keys of a machine user: adding one with the declaration, and removing one.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::Credential;
use crate::domain::audit::Action;
use crate::domain::public_key::PublicKey;
use crate::domain::registration::name;
use crate::letters::people::KeyFacts;
use crate::store::{Change, Machine, MachineChange, MachineKey};
use crate::web::forms::{Errors, Fields, Signed, deed, done};
use crate::web::frame::{Frame, Place};
use crate::web::pages::joining::terms;
use crate::web::pages::people::declaration::{self, Ticks};
use crate::web::pages::people::machine::{self, KeyLine};
use crate::web::pages::people::told::{self, News};
use crate::web::pages::people::{persons, row_number};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::{Shared, View, pages};

/// Said of a key that anybody has, without saying who.
pub(super) const KEY_TAKEN: &str =
    "This key is in use already. Make a new pair of keys for this machine user";

/// A key as it was typed. A private key is never kept, not even in the form that is shown again.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    /// What was pasted.
    pub(super) key: String,
    /// What people call it.
    pub(super) label: String,
    /// The declaration.
    pub(super) ticks: Ticks,
}

impl Typed {
    pub(super) fn read(fields: &Fields) -> Self {
        Self {
            key: fields.get("key").to_owned(),
            label: fields.get("label").to_owned(),
            ticks: Ticks::read(fields),
        }
    }

    /// The key, if key, label and declaration are as they should be.
    pub(super) fn check(
        &mut self,
        in_force: Option<u64>,
        errors: &mut Errors,
    ) -> Option<MachineKey> {
        let parsed = PublicKey::parse(&self.key);
        if self.key.is_empty() {
            errors.add("key", "Paste the public key");
        } else if let Err(unfit) = &parsed {
            errors.add("key", sentence(&unfit.0));
            // Whatever it is, it is not for others to see.
            self.key.clear();
        }
        let label = self.labelled(parsed.as_ref().ok(), errors);
        self.ticks.check(in_force, errors);
        let key = parsed.ok()?;
        errors.is_empty().then(|| MachineKey {
            line: key.to_openssh(),
            fingerprint: key.fingerprint(),
            label,
        })
    }

    /// The label, or what stood behind the key.
    fn labelled(&self, key: Option<&PublicKey>, errors: &mut Errors) -> String {
        if self.label.is_empty() {
            let comment = key.map_or("", PublicKey::comment);
            return if comment.is_empty() { "key" } else { comment }.to_owned();
        }
        name(&self.label).unwrap_or_else(|_| {
            errors.add(
                "label",
                "The label must be one line of 150 characters or fewer",
            );
            String::new()
        })
    }
}

/// `the key is …` with a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[derive(Template)]
#[template(path = "people/key_add.html", config = "src/web/templates/askama.toml")]
struct Add<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    machine: &'a Machine,
    typed: &'a Typed,
    ticks: Ticks,
    errors: &'a Errors,
}

/// GET `/sftp/machines/{id}/keys`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let machine = machine::find(&view, &visitor, &id).await?;
    let typed = Typed {
        ticks: Ticks::none(&view).await?,
        ..Typed::default()
    };
    let errors = Errors::default();
    Ok(drawn(&view, &visitor, &machine, &typed, &errors))
}

/// POST `/sftp/machines/{id}/keys`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    Path(id): Path<String>,
    sent: Signed,
) -> Result<Response, Problem> {
    let sent = sent.by(Right::ManageMachines)?;
    let machine = machine::find(&view, &sent.visitor, &id).await?;
    let account = sent.visitor.account()?;
    let mut typed = Typed::read(&sent.fields);
    let mut errors = Errors::default();
    let in_force = terms::in_force(&view).await?;
    let Some(key) = typed.check(in_force, &mut errors) else {
        return Ok(drawn(&view, &sent.visitor, &machine, &typed, &errors));
    };
    let declared = declaration::by(&sent.visitor, in_force);
    let login = machine.user.login.as_str();
    let note = format!(
        "{}, {}; {}",
        key.label,
        key.fingerprint,
        declaration::in_words(declared)
    );
    let deed = deed(
        &view,
        (&sent.visitor, sent.from),
        Action::KeyAdded,
        login,
        &note,
    );
    let people = persons(&view, account.id).await?;
    let whom = (people.as_slice(), machine.user.contact);
    let news = News::KeyAdded(facts(login, &key));
    let change = Change {
        mails: told::machine_news(&view, &sent.visitor, whom, &news, &deed),
        deed,
    };
    let which = (account.id, machine.user.id);
    let store = &view.deps.store;
    let added = store.add_machine_key(which, &key, declared, &change).await;
    match added? {
        MachineChange::Done(id) => Ok(done(&format!("/sftp/machines/{id}?notice=key"))),
        MachineChange::KeyTaken => {
            errors.add("key", KEY_TAKEN);
            Ok(drawn(&view, &sent.visitor, &machine, &typed, &errors))
        }
        _ => Err(Problem::NotFound),
    }
}

/// What a letter says of a key.
pub(super) fn facts<'a>(login: &'a str, key: &'a MachineKey) -> KeyFacts<'a> {
    KeyFacts {
        machine: login,
        label: &key.label,
        fingerprint: &key.fingerprint,
    }
}

fn drawn(
    view: &View,
    visitor: &Visitor,
    machine: &Machine,
    typed: &Typed,
    errors: &Errors,
) -> Response {
    let is_faulty = !errors.is_empty();
    let page = Add {
        frame: Frame::new(view, Some(visitor), "Add a key")
            .at(Place::Sftp)
            .faulty(is_faulty),
        ticks: typed.ticks,
        visitor,
        machine,
        typed,
        errors,
    };
    pages::form(is_faulty, &page)
}

#[derive(Template)]
#[template(
    path = "people/key_remove.html",
    config = "src/web/templates/askama.toml"
)]
struct Ask<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    machine: &'a Machine,
    key: KeyLine,
    is_last: bool,
}

/// The key of a machine user that the address names.
fn key_of<'a>(machine: &'a Machine, key: &str) -> Result<&'a Credential, Problem> {
    let number = row_number(key)?;
    let found = machine.keys.iter().find(|key| key.id.0 == number);
    found.ok_or(Problem::NotFound)
}

/// GET `/sftp/machines/{id}/keys/{key}/remove`.
pub(crate) async fn ask(
    State(view): State<Shared>,
    visitor: Visitor,
    Path((id, key)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let machine = machine::find(&view, &visitor, &id).await?;
    let key = key_of(&machine, &key)?;
    let page = Ask {
        frame: Frame::new(&view, Some(&visitor), "Remove this key").at(Place::Sftp),
        key: KeyLine::of(&view, &machine, key),
        is_last: machine.keys.len() == 1,
        visitor: &visitor,
        machine: &machine,
    };
    Ok(pages::page(StatusCode::OK, &page))
}

/// POST `/sftp/machines/{id}/keys/{key}/remove`.
pub(crate) async fn remove(
    State(view): State<Shared>,
    Path((id, key)): Path<(String, String)>,
    sent: Signed,
) -> Result<Response, Problem> {
    let machine = machine::find(&view, &sent.visitor, &id).await?;
    let account = sent.visitor.account()?;
    let key = key_of(&machine, &key)?;
    let login = machine.user.login.as_str();
    let facts = KeyFacts {
        machine: login,
        label: &key.label,
        fingerprint: key.fingerprint.as_deref().unwrap_or_default(),
    };
    let note = format!("{}, {}", facts.label, facts.fingerprint);
    let deed = deed(
        &view,
        (&sent.visitor, sent.from),
        Action::KeyRemoved,
        login,
        &note,
    );
    let people = persons(&view, account.id).await?;
    let whom = (people.as_slice(), machine.user.contact);
    let news = News::KeyRemoved(facts);
    let change = Change {
        mails: told::machine_news(&view, &sent.visitor, whom, &news, &deed),
        deed,
    };
    let which = (account.id, machine.user.id);
    let removed = view.deps.store.remove_machine_key(which, key.id, &change);
    if !removed.await? {
        return Err(Problem::NotFound);
    }
    Ok(done(&format!(
        "/sftp/machines/{}?notice=key-removed",
        machine.user.id
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_private_key_is_not_shown_again() {
        let mut typed = Typed {
            key: "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl".to_owned(),
            ..Typed::default()
        };
        let mut errors = Errors::default();
        assert_eq!(typed.check(None, &mut errors), None);
        assert!(typed.key.is_empty());
        assert!(errors.of("key").unwrap().contains("Replace it"));
        assert!(errors.of("accurate").is_some() && errors.of("terms").is_some());
    }
}
