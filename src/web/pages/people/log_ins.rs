//! Who of the account is in by SFTP, and whose log-ins were refused lately, with the reason.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::store::{RefusalRow, VisitRow};
use crate::web::frame::{Frame, Place};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::{count, moment, shown};
use crate::web::{Shared, View, pages};

/// So many refused log-ins are shown.
const REFUSALS_SHOWN: u32 = 20;

/// An open session as it is shown.
struct Session {
    login: String,
    client: String,
    remote_ip: String,
    credential: String,
    began: String,
    files: String,
}

/// A refused log-in as it is shown.
struct Refused {
    login: String,
    reason: String,
    detail: String,
    fingerprint: Option<String>,
    client: String,
    remote_ip: String,
    last: String,
    times: Option<String>,
}

#[derive(Template)]
#[template(path = "people/log_ins.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    sessions: Vec<Session>,
    refusals: Vec<Refused>,
}

/// GET `/sftp/log-ins`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    visitor.need(Right::ManageMachines)?;
    let account = visitor.account()?;
    let store = &view.deps.store;
    let open = store.visits_of(account.id).await?;
    let refusals = store.refusals(Some(account.id), REFUSALS_SHOWN).await;
    let refusals = refusals?;
    let page = Page {
        frame: Frame::new(&view, Some(&visitor), "Log-ins by SFTP").at(Place::Sftp),
        sessions: open.iter().map(|row| session(&view, row)).collect(),
        refusals: refusals.iter().map(|row| refusal(&view, row)).collect(),
    };
    Ok(pages::page(StatusCode::OK, &page))
}

fn session(view: &View, row: &VisitRow) -> Session {
    let about = &row.visiting;
    Session {
        login: row.login.to_string(),
        client: shown(&about.client),
        remote_ip: about.remote_ip.clone(),
        credential: about.credential.clone(),
        began: moment(about.began, &view.zone),
        files: count(about.files),
    }
}

fn refusal(view: &View, row: &RefusalRow) -> Refused {
    let refused = &row.refused;
    let mut letters = refused.reason.sentence().chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    Refused {
        login: shown(&refused.login),
        reason: format!("{first}{}", letters.as_str()),
        detail: shown(&refused.detail),
        fingerprint: refused.fingerprint.clone(),
        client: shown(&refused.client),
        remote_ip: refused.remote_ip.clone(),
        last: moment(refused.last, &view.zone),
        times: (refused.times > 1).then(|| count(refused.times)),
    }
}
