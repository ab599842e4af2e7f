//! Which outcomes a person hears of by mail.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;

use crate::domain::account::{MailPreference, Role};
use crate::domain::audit::Action;
use crate::web::forms::{Errors, Signed, deed, done};
use crate::web::frame::{Frame, Place};
use crate::web::pages::people::{notice, told};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::moment;
use crate::web::{Shared, View, pages};

/// A choice, in words.
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) title: &'static str,
    pub(super) hint: &'static str,
    pub(super) is_chosen: bool,
}

impl Choice {
    /// These choices, with the one that is chosen.
    pub(super) fn of(offered: &[MailPreference], chosen: Option<MailPreference>) -> Vec<Self> {
        let choice = |preference: &MailPreference| {
            let (title, hint) = words(*preference);
            Self {
                value: preference.as_str(),
                title,
                hint,
                is_chosen: Some(*preference) == chosen,
            }
        };
        offered.iter().map(choice).collect()
    }
}

/// The title and the hint of a choice.
pub(super) const fn words(preference: MailPreference) -> (&'static str, &'static str) {
    match preference {
        MailPreference::All => (
            "All outcomes",
            "What succeeded and what failed, gathered in one email",
        ),
        MailPreference::Failures => ("Failures only", "An email only if files failed"),
        MailPreference::Daily => ("Daily", "One summary a day"),
        MailPreference::None => ("None", "No emails about outcomes"),
    }
}

#[derive(Template)]
#[template(
    path = "people/preferences.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    notice: Option<&'static str>,
    mail: String,
    /// When mail to that address failed, unless some reached it later.
    failed: Option<String>,
    is_primary: bool,
    choices: Vec<Choice>,
    errors: &'a Errors,
}

/// GET `/preferences`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let chosen = chosen(&view, &visitor).await?;
    let shown = (notice(&query), chosen);
    drawn(&view, &visitor, shown, &Errors::default()).await
}

/// What the visitor has chosen, as the store has it now.
async fn chosen(view: &View, visitor: &Visitor) -> Result<MailPreference, Problem> {
    visitor.account()?;
    let user = &visitor.guest.user;
    let now = view.deps.store.user(&user.login).await?;
    Ok(now.map_or(user.mail_preference, |user| user.mail_preference))
}

/// POST `/preferences`.
pub(crate) async fn submit(State(view): State<Shared>, sent: Signed) -> Result<Response, Problem> {
    let before = chosen(&view, &sent.visitor).await?;
    let Ok(preference) = sent.fields.get("preference").parse::<MailPreference>() else {
        let mut errors = Errors::default();
        errors.add("preference", "Select which emails you want");
        return drawn(&view, &sent.visitor, (None, before), &errors).await;
    };
    if preference == before {
        return Ok(done("/preferences?notice=preference"));
    }
    let user = &sent.visitor.guest.user;
    let login = user.login.as_str();
    let note = format!("{before} to {preference}");
    let deed = deed(
        &view,
        (&sent.visitor, sent.from),
        Action::MailPreferenceChanged,
        login,
        &note,
    );
    let store = &view.deps.store;
    let saved = store.set_mail_preference(user.id, preference, &deed).await;
    saved?;
    Ok(done("/preferences?notice=preference"))
}

async fn drawn(
    view: &View,
    visitor: &Visitor,
    (notice, chosen): (Option<&'static str>, MailPreference),
    errors: &Errors,
) -> Result<Response, Problem> {
    let is_faulty = !errors.is_empty();
    let user = &visitor.guest.user;
    let (account, mail) = (visitor.account()?, told::address(user));
    let failed = match &mail {
        Some(mail) => {
            let store = &view.deps.store;
            store.given_up(account.id, Some(user.id), mail).await?
        }
        None => None,
    };
    let page = Page {
        frame: Frame::new(view, Some(visitor), "Emails about outcomes")
            .at(Place::Details)
            .faulty(is_faulty),
        visitor,
        notice,
        mail: mail.map_or_else(|| user.login.to_string(), |mail| mail.to_string()),
        failed: failed.map(|failed| moment(failed, &view.zone)),
        is_primary: user.role == Role::Primary,
        choices: Choice::of(MailPreference::ALL, Some(chosen)),
        errors,
    };
    Ok(pages::form(is_faulty, &page))
}
