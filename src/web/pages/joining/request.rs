//! A request for an account: what was asked, and the decision.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::{Account, AccountCode, LoginName, Role};
use crate::domain::audit::Action;
use crate::domain::registration::{Reference, Registration, RegistrationStatus, name};
use crate::letters;
use crate::store::{Change, Decided, NewAccount, NewInvitation};
use crate::web::forms::{Errors, Signed, deed};
use crate::web::frame::{Frame, Place};
use crate::web::pages::joining::inviting;
use crate::web::pages::joining::requests::Line;
use crate::web::pages::problem::Problem;
use crate::web::session::{Visitor, redirect};
use crate::web::text::{shown, shown_lines};
use crate::web::{Shared, View, pages};

/// The longest reason of a refusal, in characters.
const REASON_CHARS_MAX: usize = 2000;

#[derive(Template)]
#[template(
    path = "joining/request.html",
    config = "src/web/templates/askama.toml"
)]
struct Request<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    line: Line,
    is_waiting: bool,
    /// Accounts that may be of the same manufacturer.
    alike: Vec<String>,
    /// Why it was refused.
    refusal: Option<String>,
    /// What was typed, or is proposed.
    code: &'a str,
    account: &'a str,
    reason: &'a str,
    errors: &'a Errors,
}

/// What was typed into the two forms of the page.
#[derive(Default)]
struct Typed {
    code: String,
    account: String,
    reason: String,
}

impl Typed {
    /// The account that is to be made, if what was typed makes one.
    fn account(&self, errors: &mut Errors) -> Option<NewAccount> {
        let code = AccountCode::new(&self.code);
        if code.is_err() {
            errors.add(
                "code",
                "Account code must be 2 to 32 small letters, digits and hyphens, beginning with a letter",
            );
        }
        let name = name(&self.account);
        if name.is_err() {
            errors.add(
                "account",
                "Enter the manufacturer name, in 150 characters or fewer",
            );
        }
        Some(NewAccount {
            code: code.ok()?,
            name: name.ok()?,
        })
    }
}

async fn found(view: &View, reference: &str) -> Result<Registration, Problem> {
    let reference = Reference::new(reference).map_err(|_nonsense| Problem::NotFound)?;
    let request = view.deps.store.registration(&reference).await?;
    // A request whose address is not confirmed is nobody's business yet.
    request
        .filter(|request| request.status != RegistrationStatus::Unconfirmed)
        .ok_or(Problem::NotFound)
}

fn drawn(
    view: &View,
    visitor: &Visitor,
    request: &Registration,
    typed: &Typed,
    errors: &Errors,
) -> Response {
    let title = format!("Request {}", request.reference);
    let page = Request {
        frame: Frame::new(view, Some(visitor), &title)
            .at(Place::Office)
            .faulty(!errors.is_empty()),
        visitor,
        line: Line::of(view, request),
        is_waiting: request.status == RegistrationStatus::Waiting,
        alike: alike(view, &request.applicant.manufacturer),
        refusal: request.reason.as_deref().map(shown_lines),
        code: &typed.code,
        account: &typed.account,
        reason: &typed.reason,
        errors,
    };
    pages::form(!errors.is_empty(), &page)
}

/// GET `/staff/requests/{reference}`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Path(reference): Path<String>,
) -> Result<Response, Problem> {
    visitor.need(Right::Review)?;
    let request = found(&view, &reference).await?;
    let typed = Typed {
        code: proposed(&request.applicant.manufacturer),
        account: request.applicant.manufacturer.clone(),
        reason: String::new(),
    };
    Ok(drawn(&view, &visitor, &request, &typed, &Errors::default()))
}

/// The accounts whose name begins as this one, or the other way round, whatever the case, blanks and signs.
fn alike(view: &View, manufacturer: &str) -> Vec<String> {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let asked = plain(manufacturer);
    let is_alike = |account: &&Account| {
        let known = plain(&account.name);
        !asked.is_empty()
            && !known.is_empty()
            && (known.starts_with(&asked) || asked.starts_with(&known))
    };
    let accounts = view.deps.access.accounts();
    let found = accounts.iter().filter(is_alike);
    found
        .map(|account| format!("{} ({})", shown(&account.name), account.code))
        .collect()
}

/// A code for a manufacturer of this name: its first word that makes one.
fn proposed(manufacturer: &str) -> String {
    let words = manufacturer.split(|letter: char| !letter.is_alphanumeric());
    let codes = words.map(|word| {
        let small = word.chars().filter(char::is_ascii_alphanumeric);
        small.map(|letter| letter.to_ascii_lowercase()).collect()
    });
    let fitting = codes.filter(|code: &String| AccountCode::new(code).is_ok());
    fitting.take(1).collect()
}

/// POST `/staff/requests/{reference}/approve`.
pub(crate) async fn approve(
    State(view): State<Shared>,
    Path(reference): Path<String>,
    form: Signed,
) -> Result<Response, Problem> {
    let Signed {
        visitor,
        fields,
        from,
    } = form.by(Right::Review)?;
    let request = found(&view, &reference).await?;
    let typed = Typed {
        code: fields.get("code").to_owned(),
        account: fields.get("account").to_owned(),
        reason: String::new(),
    };
    let mut errors = Errors::default();
    let Some(new) = typed.account(&mut errors) else {
        return Ok(drawn(&view, &visitor, &request, &typed, &errors));
    };
    let subject = request.reference.as_str();
    let details = format!("account {}, {}", new.code, request.applicant.mail);
    let deed = deed(
        &view,
        (&visitor, from),
        Action::RegistrationApproved,
        subject,
        &details,
    );
    let invitation = invitation(&view, &request, &new.name, &deed.id).await?;
    let store = &view.deps.store;
    let decided = store.approve_registration(&request.reference, &new, &invitation, &deed);
    let (place, error) = match decided.await? {
        Decided::Done((account, _user)) => {
            view.deps.access.refresh().await?;
            tracing::info!(reference = subject, account = %account.code, "a request for an account was approved");
            return Ok(redirect("/staff/requests"));
        }
        Decided::CodeTaken => ("code", "Another account has this code: choose another code"),
        Decided::MailTaken => (
            "approve",
            "The email address belongs to a user already: refuse the request, or take that user’s access away first",
        ),
        Decided::NotWaiting => ("approve", "Somebody else has decided this request"),
    };
    errors.add(place, error);
    let request = found(&view, &reference).await?;
    Ok(drawn(&view, &visitor, &request, &typed, &errors))
}

/// The invitation of the account's Primary User.
async fn invitation(
    view: &View,
    request: &Registration,
    account: &str,
    id: &str,
) -> Result<NewInvitation, Problem> {
    let applicant = &request.applicant;
    let login = LoginName::new(applicant.mail.as_str());
    let login = login.map_err(|unfit| Problem::broken(&unfit.0))?;
    let entry = inviting::first_entry(view).await?;
    let letter = letters::joining::approved(
        &view.service,
        applicant,
        account,
        &letters::joining::Entry {
            url: &entry.link.url,
            password: entry.password.as_deref(),
            days: view.invitation.days,
        },
    );
    Ok(NewInvitation {
        account: None,
        login,
        mail: applicant.mail.clone(),
        full_name: applicant.full_name(),
        role: Role::Primary,
        temporary_password: entry.hash,
        link: entry.link.new,
        letter: letters::joining::to_stranger(&view.service, &applicant.mail, id, &letter),
    })
}

/// POST `/staff/requests/{reference}/refuse`.
pub(crate) async fn refuse(
    State(view): State<Shared>,
    Path(reference): Path<String>,
    form: Signed,
) -> Result<Response, Problem> {
    let Signed {
        visitor,
        fields,
        from,
    } = form.by(Right::Review)?;
    let request = found(&view, &reference).await?;
    let typed = Typed {
        code: proposed(&request.applicant.manufacturer),
        account: request.applicant.manufacturer.clone(),
        reason: fields.get("reason").to_owned(),
    };
    let mut errors = Errors::default();
    if typed.reason.is_empty() {
        errors.add("reason", "Enter the reason, which the applicant will read");
    } else if typed.reason.chars().count() > REASON_CHARS_MAX {
        errors.add("reason", "Reason must be 2,000 characters or fewer");
    }
    if !errors.is_empty() {
        return Ok(drawn(&view, &visitor, &request, &typed, &errors));
    }
    let subject = request.reference.as_str();
    let reason = &typed.reason;
    // The log has one line an entry.
    let one_line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let deed = deed(
        &view,
        (&visitor, from),
        Action::RegistrationRefused,
        subject,
        &one_line,
    );
    let applicant = &request.applicant;
    let letter = letters::joining::refused(&view.service, applicant, &request.reference, reason);
    let mails = vec![letters::joining::to_stranger(
        &view.service,
        &applicant.mail,
        &deed.id,
        &letter,
    )];
    let change = Change { deed, mails };
    let store = &view.deps.store;
    let decided = store.refuse_registration(&request.reference, reason, &change);
    if decided.await? == Decided::Done(()) {
        tracing::info!(reference = subject, "a request for an account was refused");
        return Ok(redirect("/staff/requests"));
    }
    errors.add("refuse", "Somebody else has decided this request");
    let request = found(&view, &reference).await?;
    Ok(drawn(&view, &visitor, &request, &typed, &errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_proposed_from_the_first_word_that_makes_one() {
        assert_eq!(proposed("Acme Motors Ltd"), "acme");
        assert_eq!(proposed("3D Vans"), "vans");
        assert_eq!(proposed("Ärger & Söhne"), "rger");
        assert_eq!(proposed("车"), "");
    }
}
