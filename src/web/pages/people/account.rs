//! A person's own details: name, address, role, password, and the browsers signed in with.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::audit::Action;
use crate::store::OpenBrowser;
use crate::web::forms::{Signed, deed, done};
use crate::web::frame::{Frame, Place};
use crate::web::pages::people::notice;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::moment;
use crate::web::{Shared, View, pages};

/// A browser as it is shown.
struct Browser {
    began: String,
    seen: String,
    is_kept: bool,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "people/account.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    notice: Option<&'static str>,
    mail: String,
    role: &'static str,
    /// The manufacturer; `None` for staff.
    account: Option<&'a str>,
    browsers: Vec<Browser>,
}

/// GET `/account`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let user = &visitor.guest.user;
    let now = view.deps.clock.now();
    let store = &view.deps.store;
    let open = store.open_browsers(user.id, now, view.limits()).await;
    let open = open?;
    let mail = user.mail.as_ref().map(ToString::to_string);
    let account = visitor.guest.account.as_ref();
    let page = Page {
        frame: Frame::new(&view, Some(&visitor), "Your details").at(Place::Details),
        notice: notice(&query),
        mail: mail.unwrap_or_else(|| user.login.to_string()),
        role: user.role.title(),
        account: account.map(|account| account.name.as_str()),
        browsers: open
            .iter()
            .map(|one| browser(&view, &visitor, one))
            .collect(),
        visitor: &visitor,
    };
    Ok(pages::page(StatusCode::OK, &page))
}

fn browser(view: &View, visitor: &Visitor, open: &OpenBrowser) -> Browser {
    Browser {
        began: moment(open.session.created, &view.zone),
        seen: moment(open.session.seen, &view.zone),
        is_kept: open.session.is_kept,
        is_this: open.token == visitor.token.as_str(),
    }
}

/// POST `/account/browsers`: signs out everywhere else.
pub(crate) async fn sign_out_elsewhere(
    State(view): State<Shared>,
    sent: Signed,
) -> Result<Response, Problem> {
    let user = &sent.visitor.guest.user;
    let login = user.login.as_str();
    let deed = deed(
        &view,
        (&sent.visitor, sent.from),
        Action::BrowsersSignedOut,
        login,
        "",
    );
    let store = &view.deps.store;
    let ended = store.end_other_browsers(user.id, &sent.visitor.token, &deed);
    ended.await?;
    Ok(done("/account?notice=signed-out"))
}
