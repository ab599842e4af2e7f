//! Giving a machine user another name, or another person who answers for it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::domain::account::User;
use crate::domain::audit::Action;
use crate::store::{Change, Machine, MachineChange};
use crate::web::forms::{Errors, Signed, deed, done};
use crate::web::frame::{Frame, Place};
use crate::web::pages::people::machine_new::{Choice, Facts, choices};
use crate::web::pages::people::{machine, persons};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::{Shared, View, pages};

#[derive(Template)]
#[template(
    path = "people/machine_edit.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    machine: &'a Machine,
    name: &'a str,
    choices: Vec<Choice>,
    errors: &'a Errors,
}

/// GET `/sftp/machines/{id}/edit`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let machine = machine::find(&view, &visitor, &id).await?;
    let account = visitor.account()?;
    let people = persons(&view, account.id).await?;
    let facts = Facts {
        name: machine.user.display_name.clone(),
        contact: machine
            .user
            .contact
            .map(|id| id.to_string())
            .unwrap_or_default(),
    };
    let errors = Errors::default();
    Ok(drawn(&view, &visitor, (&machine, &people), &facts, &errors))
}

/// POST `/sftp/machines/{id}/edit`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    Path(id): Path<String>,
    sent: Signed,
) -> Result<Response, Problem> {
    let machine = machine::find(&view, &sent.visitor, &id).await?;
    let account = sent.visitor.account()?;
    let people = persons(&view, account.id).await?;
    let typed = Facts::read(&sent.fields);
    let mut errors = Errors::default();
    let Some(facts) = typed.check(&people, &mut errors) else {
        return Ok(drawn(
            &view,
            &sent.visitor,
            (&machine, &people),
            &typed,
            &errors,
        ));
    };
    let contact = people.iter().find(|user| user.id == facts.contact);
    let contact = contact.map_or("", |user| user.login.as_str());
    let note = format!("{}, contact {contact}", facts.name);
    let login = machine.user.login.as_str();
    let change = Change {
        deed: deed(
            &view,
            (&sent.visitor, sent.from),
            Action::MachineChanged,
            login,
            &note,
        ),
        mails: Vec::new(),
    };
    let which = (account.id, machine.user.id);
    let changed = view.deps.store.set_machine(which, &facts, &change).await;
    match changed? {
        MachineChange::Done(id) => Ok(done(&format!("/sftp/machines/{id}?notice=edited"))),
        MachineChange::NoContact => {
            errors.add(
                "contact",
                "Select the person answerable for this machine user",
            );
            Ok(drawn(
                &view,
                &sent.visitor,
                (&machine, &people),
                &typed,
                &errors,
            ))
        }
        _ => Err(Problem::NotFound),
    }
}

fn drawn(
    view: &View,
    visitor: &Visitor,
    (machine, people): (&Machine, &[User]),
    typed: &Facts,
    errors: &Errors,
) -> Response {
    let is_faulty = !errors.is_empty();
    let page = Page {
        frame: Frame::new(view, Some(visitor), "Edit this machine user")
            .at(Place::Sftp)
            .faulty(is_faulty),
        name: &typed.name,
        choices: choices(people, &typed.contact),
        visitor,
        machine,
        errors,
    };
    pages::form(is_faulty, &page)
}
