//! One machine user: who answers for it, its keys, the declaration; and removing it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::Credential;
use crate::domain::audit::Action;
use crate::domain::public_key::PublicKey;
use crate::store::{Change, Machine};
use crate::web::forms::{Signed, deed, done};
use crate::web::frame::{Frame, Place};
use crate::web::pages::joining::terms;
use crate::web::pages::people::told::{self, News};
use crate::web::pages::people::{notice, persons, user_number};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::{count, moment};
use crate::web::{Shared, View, pages};

/// A key as it is shown.
pub(super) struct KeyLine {
    pub(super) label: String,
    pub(super) kind: String,
    pub(super) fingerprint: String,
    pub(super) added: String,
    pub(super) used: String,
    pub(super) address: String,
}

impl KeyLine {
    pub(super) fn of(view: &View, machine: &Machine, key: &Credential) -> Self {
        let known = PublicKey::parse(&key.verifier).ok();
        let never = "Never".to_owned();
        Self {
            label: key.label.clone(),
            kind: known.map_or_else(String::new, |key| {
                format!("{}, {} bits", key.algorithm(), key.bits())
            }),
            fingerprint: key.fingerprint.clone().unwrap_or_default(),
            added: moment(key.created, &view.zone),
            used: key.last_used.map_or(never, |used| moment(used, &view.zone)),
            address: format!("/sftp/machines/{}/keys/{}/remove", machine.user.id, key.id),
        }
    }
}

/// How a machine user stands to the terms.
pub(super) enum Declared {
    /// Nobody has declared anything for it.
    Never,
    /// There are no terms yet that anything could be declared for.
    NotNeeded,
    /// Declared, for the terms in force.
    Now(String),
    /// Declared for terms that others have taken the place of.
    Before(String),
}

impl Declared {
    pub(super) fn of(view: &View, machine: &Machine, in_force: Option<u64>) -> Self {
        let Some(declared) = &machine.declared else {
            return match in_force {
                Some(_) => Self::Never,
                None => Self::NotNeeded,
            };
        };
        let said = format!(
            "By {} on {}, for version {} of the terms and conditions",
            declared.by,
            moment(declared.at, &view.zone),
            declared.version
        );
        if in_force.is_none_or(|version| version == declared.version) {
            Self::Now(said)
        } else {
            Self::Before(said)
        }
    }
}

/// The machine user in the address, of the visitor's own account.
pub(super) async fn find(view: &View, visitor: &Visitor, id: &str) -> Result<Machine, Problem> {
    visitor.need(Right::ManageMachines)?;
    let account = visitor.account()?;
    let id = user_number(id)?;
    let found = view.deps.store.machine(account.id, id).await;
    found?.ok_or(Problem::NotFound)
}

/// Who answers for a machine user, in words.
pub(super) fn contact(machine: &Machine) -> String {
    match &machine.contact {
        Some((name, true)) => name.clone(),
        Some((name, false)) => format!("{name} (has no access any more: name somebody else)"),
        None => "Nobody: name a contact".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "people/machine.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    machine: &'a Machine,
    notice: Option<&'static str>,
    contact: String,
    created: String,
    used: String,
    sessions: String,
    keys: Vec<KeyLine>,
    declared: Declared,
}

/// GET `/sftp/machines/{id}`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let machine = find(&view, &visitor, &id).await?;
    let in_force = terms::in_force(&view).await?;
    let title = format!("Machine user {}", machine.user.login);
    let keys = machine.keys.iter();
    let page = Page {
        frame: Frame::new(&view, Some(&visitor), &title).at(Place::Sftp),
        notice: notice(&query),
        contact: contact(&machine),
        created: moment(machine.user.created, &view.zone),
        used: used(&view, &machine),
        sessions: count(machine.sessions),
        keys: keys.map(|key| KeyLine::of(&view, &machine, key)).collect(),
        declared: Declared::of(&view, &machine, in_force),
        machine: &machine,
    };
    Ok(pages::page(StatusCode::OK, &page))
}

/// When a machine user last came in.
pub(super) fn used(view: &View, machine: &Machine) -> String {
    let used = machine.last_used;
    used.map_or_else(|| "Never".to_owned(), |used| moment(used, &view.zone))
}

#[derive(Template)]
#[template(
    path = "people/machine_remove.html",
    config = "src/web/templates/askama.toml"
)]
struct Ask<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    machine: &'a Machine,
}

/// GET `/sftp/machines/{id}/remove`.
pub(crate) async fn ask(
    State(view): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let machine = find(&view, &visitor, &id).await?;
    let page = Ask {
        frame: Frame::new(&view, Some(&visitor), "Remove this machine user").at(Place::Sftp),
        visitor: &visitor,
        machine: &machine,
    };
    Ok(pages::page(StatusCode::OK, &page))
}

/// POST `/sftp/machines/{id}/remove`.
pub(crate) async fn remove(
    State(view): State<Shared>,
    Path(id): Path<String>,
    sent: Signed,
) -> Result<Response, Problem> {
    let machine = find(&view, &sent.visitor, &id).await?;
    let account = sent.visitor.account()?;
    let login = machine.user.login.as_str();
    let prints: Vec<&str> = machine
        .keys
        .iter()
        .filter_map(|key| key.fingerprint.as_deref())
        .collect();
    let note = format!("machine user with the keys {}", prints.join(", "));
    let deed = deed(
        &view,
        (&sent.visitor, sent.from),
        Action::AccessRemoved,
        login,
        &note,
    );
    let people = persons(&view, account.id).await?;
    let whom = (people.as_slice(), machine.user.contact);
    let change = Change {
        mails: told::machine_news(&view, &sent.visitor, whom, &News::Removed(login), &deed),
        deed,
    };
    let store = &view.deps.store;
    let is_done = store.remove_access(Some(account.id), machine.user.id, &change);
    if !is_done.await? {
        return Err(Problem::NotFound);
    }
    Ok(done("/sftp?notice=machine-removed#machines"))
}
