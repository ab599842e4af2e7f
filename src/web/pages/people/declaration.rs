//! The standing declaration that a machine user's files rest on, in place of the two ticks that a person
//! sets at each upload.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::access::Right;
use crate::domain::audit::Action;
use crate::store::{Change, Declaration, Machine, MachineChange};
use crate::web::forms::{Errors, Fields, Signed, deed, done};
use crate::web::frame::{Frame, Place};
use crate::web::pages::joining::terms;
use crate::web::pages::people::machine;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::{Shared, View, pages};

/// The two boxes as they were sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ticks {
    /// That the information is complete and accurate.
    pub(super) accurate: bool,
    /// That the terms were read and agreed to.
    pub(super) terms: bool,
    /// The version of the terms that the form shows.
    pub(super) version: Option<u64>,
}

impl Ticks {
    pub(super) fn read(fields: &Fields) -> Self {
        Self {
            accurate: fields.get("accurate") == "yes",
            terms: fields.get("terms") == "yes",
            version: fields.get("version").parse().ok(),
        }
    }

    /// Without a tick, for a form that shows the terms in force.
    pub(super) async fn none(view: &View) -> Result<Self, Problem> {
        Ok(Self {
            version: terms::in_force(view).await?,
            ..Self::default()
        })
    }

    /// Says what is missing, and shows the terms in force from now on.
    pub(super) fn check(&mut self, in_force: Option<u64>, errors: &mut Errors) {
        if !self.accurate {
            errors.add(
                "accurate",
                "Confirm that the information provided will be complete and accurate",
            );
        }
        if let Some(changed) = terms::changed(self.version, in_force) {
            errors.add("terms", changed);
            self.terms = false;
        } else if !self.terms {
            errors.add(
                "terms",
                "Confirm that you have read and agreed to the Terms and Conditions",
            );
        }
        self.version = in_force;
    }
}

/// What the visitor declares, for this version of the terms.
pub(super) fn by(visitor: &Visitor, version: Option<u64>) -> Declaration {
    Declaration {
        by: visitor.guest.user.id,
        version,
    }
}

/// For the audit log.
pub(super) fn in_words(declaration: Declaration) -> String {
    match declaration.version {
        Some(version) => format!("declared for version {version} of the terms"),
        None => "declared while no terms were in force".to_owned(),
    }
}

#[derive(Template)]
#[template(
    path = "people/declaration.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    machine: &'a Machine,
    ticks: Ticks,
    errors: &'a Errors,
}

/// GET `/sftp/machines/{id}/declaration`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let machine = machine::find(&view, &visitor, &id).await?;
    let ticks = Ticks::none(&view).await?;
    let errors = Errors::default();
    Ok(drawn(&view, &visitor, &machine, ticks, &errors))
}

/// POST `/sftp/machines/{id}/declaration`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    Path(id): Path<String>,
    sent: Signed,
) -> Result<Response, Problem> {
    let sent = sent.by(Right::ManageMachines)?;
    let machine = machine::find(&view, &sent.visitor, &id).await?;
    let account = sent.visitor.account()?;
    let in_force = terms::in_force(&view).await?;
    let mut ticks = Ticks::read(&sent.fields);
    let mut errors = Errors::default();
    ticks.check(in_force, &mut errors);
    if !errors.is_empty() {
        return Ok(drawn(&view, &sent.visitor, &machine, ticks, &errors));
    }
    let declaration = by(&sent.visitor, in_force);
    let login = machine.user.login.as_str();
    let note = in_words(declaration);
    let change = Change {
        deed: deed(
            &view,
            (&sent.visitor, sent.from),
            Action::TermsAgreed,
            login,
            &note,
        ),
        mails: Vec::new(),
    };
    let which = (account.id, machine.user.id);
    let store = &view.deps.store;
    let signed = store.declare_for_machine(which, declaration, &change).await;
    match signed? {
        MachineChange::Done(id) => Ok(done(&format!("/sftp/machines/{id}?notice=declared"))),
        _ => Err(Problem::NotFound),
    }
}

fn drawn(
    view: &View,
    visitor: &Visitor,
    machine: &Machine,
    ticks: Ticks,
    errors: &Errors,
) -> Response {
    let is_faulty = !errors.is_empty();
    let page = Page {
        frame: Frame::new(view, Some(visitor), "Sign the declaration")
            .at(Place::Sftp)
            .faulty(is_faulty),
        visitor,
        machine,
        ticks,
        errors,
    };
    pages::form(is_faulty, &page)
}
