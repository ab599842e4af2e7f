//! Fixed addresses: team mailboxes and programs that hear of an account's outcomes without being users.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::{
    Account, FIXED_ADDRESSES_MAX, FixedAddress, MailAddress, MailPreference,
};
use crate::domain::audit::{Action, Deed};
use crate::letters::people as letters;
use crate::store::{AddressAdded, Change};
use crate::web::forms::{Errors, Signed, deed, done};
use crate::web::frame::{Frame, Place};
use crate::web::pages::people::preferences::{Choice, words};
use crate::web::pages::people::{invite, notice};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::moment;
use crate::web::{Shared, View, pages};

/// Said of one mail more than an hour allows.
const TOO_FAST: &str = "Your account has added and invited as many addresses as an hour allows. Wait an hour, then add this one again";

/// A fixed address as it is shown.
struct Line {
    mail: String,
    gets: &'static str,
    added: String,
    /// When mail to it failed, unless some reached it later.
    failed: Option<String>,
}

/// What was typed.
#[derive(Default)]
struct Typed {
    mail: String,
    preference: Option<MailPreference>,
}

#[derive(Template)]
#[template(
    path = "people/addresses.html",
    config = "src/web/templates/askama.toml"
)]
struct Page<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    notice: Option<&'static str>,
    account: &'a str,
    lines: Vec<Line>,
    most: usize,
    typed: &'a str,
    choices: Vec<Choice>,
    errors: &'a Errors,
}

/// GET `/preferences/addresses`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    visitor.need(Right::ManageUsers)?;
    let typed = Typed {
        preference: Some(MailPreference::Failures),
        ..Typed::default()
    };
    let shown = (notice(&query), &typed);
    drawn(&view, &visitor, shown, &Errors::default()).await
}

/// POST `/preferences/addresses`: one more, or another choice for one that is there.
pub(crate) async fn add(State(view): State<Shared>, sent: Signed) -> Result<Response, Problem> {
    let sent = sent.by(Right::ManageUsers)?;
    let account = sent.visitor.account()?;
    let typed = Typed {
        mail: sent.fields.get("email").to_owned(),
        preference: sent.fields.get("preference").parse().ok(),
    };
    let mut errors = Errors::default();
    let new = checked(&view, account, &typed, &mut errors);
    if errors.is_empty() && invite::is_flood(&view, account) {
        errors.add("email", TOO_FAST);
    }
    let Some(new) = new.filter(|_| errors.is_empty()) else {
        return drawn(&view, &sent.visitor, (None, &typed), &errors).await;
    };
    let note = format!("{} gets {}", new.mail, new.preference);
    let deed = noted(&view, &sent, Action::FixedAddressAdded, &note);
    let by = &sent.visitor.guest.user.display_name;
    let letter = letters::fixed_address_added(&view.service, &account.name, new.preference, by);
    let change = Change {
        mails: vec![letters::to_fixed(
            &view.service,
            (account.id, &new.mail),
            &deed.id,
            &letter,
        )],
        deed,
    };
    match view.deps.store.add_fixed_address(&new, &change).await? {
        AddressAdded::New => {
            invite::count(&view, account);
            Ok(done("/preferences/addresses?notice=address"))
        }
        AddressAdded::Changed => {
            invite::count(&view, account);
            Ok(done("/preferences/addresses?notice=address-changed"))
        }
        AddressAdded::Already => Ok(done("/preferences/addresses?notice=nothing")),
        AddressAdded::TooMany => {
            let most = format!(
                "An account has at most {FIXED_ADDRESSES_MAX} fixed addresses. Remove one first, or add the \
                 address of a mailing list"
            );
            errors.add("email", most);
            drawn(&view, &sent.visitor, (None, &typed), &errors).await
        }
    }
}

fn checked(
    view: &View,
    account: &Account,
    typed: &Typed,
    errors: &mut Errors,
) -> Option<FixedAddress> {
    let mail = MailAddress::new(&typed.mail).ok();
    if typed.mail.is_empty() {
        errors.add("email", "Enter an email address");
    } else if mail.is_none() {
        errors.add(
            "email",
            "Enter an email address in the correct format, like name@example.com",
        );
    }
    let preference = typed
        .preference
        .filter(|wish| FixedAddress::OFFERED.contains(wish));
    if preference.is_none() {
        errors.add("preference", "Select which emails the address gets");
    }
    Some(FixedAddress {
        account: account.id,
        mail: mail?,
        preference: preference?,
        created: view.deps.clock.now(),
    })
}

/// POST `/preferences/addresses/remove`.
pub(crate) async fn remove(State(view): State<Shared>, sent: Signed) -> Result<Response, Problem> {
    let sent = sent.by(Right::ManageUsers)?;
    let account = sent.visitor.account()?;
    let Ok(mail) = MailAddress::new(sent.fields.get("email")) else {
        return Ok(done("/preferences/addresses?notice=nothing"));
    };
    let deed = noted(&view, &sent, Action::FixedAddressRemoved, mail.as_str());
    let by = &sent.visitor.guest.user.display_name;
    let letter = letters::fixed_address_removed(&view.service, &account.name, by);
    let change = Change {
        mails: vec![letters::to_fixed(
            &view.service,
            (account.id, &mail),
            &deed.id,
            &letter,
        )],
        deed,
    };
    let store = &view.deps.store;
    let is_removed = store.remove_fixed_address(account.id, &mail, &change);
    let notice = if is_removed.await? {
        "address-removed"
    } else {
        "nothing"
    };
    Ok(done(&format!("/preferences/addresses?notice={notice}")))
}

/// For the audit log, of the account.
fn noted(view: &View, sent: &Signed, action: Action, note: &str) -> Deed {
    let account = sent.visitor.guest.account.as_ref();
    let code = account.map_or("", |account| account.code.as_str());
    deed(view, (&sent.visitor, sent.from), action, code, note)
}

async fn drawn(
    view: &View,
    visitor: &Visitor,
    (notice, typed): (Option<&'static str>, &Typed),
    errors: &Errors,
) -> Result<Response, Problem> {
    let account = visitor.account()?;
    let is_faulty = !errors.is_empty();
    let page = Page {
        frame: Frame::new(view, Some(visitor), "Fixed addresses")
            .at(Place::Details)
            .faulty(is_faulty),
        visitor,
        notice,
        account: &account.name,
        lines: lines(view, account).await?,
        most: FIXED_ADDRESSES_MAX,
        typed: &typed.mail,
        choices: Choice::of(FixedAddress::OFFERED, typed.preference),
        errors,
    };
    Ok(pages::form(is_faulty, &page))
}

async fn lines(view: &View, account: &Account) -> Result<Vec<Line>, Problem> {
    let store = &view.deps.store;
    let mut lines = Vec::new();
    for fixed in store.fixed_addresses(Some(account.id)).await? {
        let failed = store.given_up(account.id, None, &fixed.mail).await?;
        lines.push(Line {
            mail: fixed.mail.to_string(),
            gets: words(fixed.preference).0,
            added: moment(fixed.created, &view.zone),
            failed: failed.map(|failed| moment(failed, &view.zone)),
        });
    }
    Ok(lines)
}
