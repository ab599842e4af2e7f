//! Inviting a user in three steps: the address, the name, the role.
//!
//! *Trust*: what earlier steps asked for travels in the forms, so it is checked again at each step, as
//! if it had just been typed. Nothing is kept here between the steps.
//!
//! *Limits*: invitations of one account in an hour (`invitation.hourly-max`): each is a mail in our name to
//! whatever address was typed. New fixed addresses count as well.

use std::net::IpAddr;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::account::{Account, LoginName, MailAddress, Role, User};
use crate::domain::audit::Action;
use crate::domain::registration::{InvitationId, NAME_CHARS_MAX, name};
use crate::store::{Added, NewInvitation, Resent};
use crate::web::forms::{Errors, Fields, Signed, deed, done as go_to};
use crate::web::frame::{Frame, Place};
use crate::web::lately::What;
use crate::web::pages::joining::inviting::first_entry;
use crate::web::pages::people::{persons, told, user_number, users};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::{Shared, View, pages};

/// Said in the summary and at the field, in the guide's words.
const TAKEN: &str =
    "This email is already taken. To invite this person as a user, use a unique email address.";

/// Said of one invitation more than an hour allows.
const TOO_MANY: &str = "Your account has sent as many invitations as an hour allows. Wait an hour, then submit this again";

/// Which step is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Email,
    Details,
    Role,
}

/// What was typed so far.
#[derive(Debug, Clone, Default)]
struct Typed {
    email: String,
    first_name: String,
    last_name: String,
    role: String,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let get = |field: &str| fields.get(field).to_owned();
        Self {
            email: get("email"),
            first_name: get("first-name"),
            last_name: get("last-name"),
            role: get("role"),
        }
    }
}

#[derive(Template)]
#[template(path = "people/invite.html", config = "src/web/templates/askama.toml")]
struct Invite<'a> {
    frame: Frame<'a>,
    visitor: &'a Visitor,
    account: &'a str,
    step: Step,
    typed: &'a Typed,
    errors: &'a Errors,
}

impl Invite<'_> {
    fn is_email(&self) -> bool {
        self.step == Step::Email
    }
}

/// GET `/users/invite`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    visitor.need(Right::ManageUsers)?;
    drawn(
        &view,
        &visitor,
        Step::Email,
        &Typed::default(),
        &Errors::default(),
    )
}

/// GET of a later step, which lives in its form alone: back to the first.
pub(crate) async fn back(visitor: Visitor) -> Result<Response, Problem> {
    visitor.need(Right::ManageUsers)?;
    Ok(go_to("/users/invite"))
}

/// POST `/users/invite`: the address.
pub(crate) async fn email(State(view): State<Shared>, sent: Signed) -> Result<Response, Problem> {
    let sent = sent.by(Right::ManageUsers)?;
    let typed = Typed::read(&sent.fields);
    match check_email(&view, &typed).await? {
        Ok(_) => drawn(
            &view,
            &sent.visitor,
            Step::Details,
            &typed,
            &Errors::default(),
        ),
        Err(errors) => drawn(&view, &sent.visitor, Step::Email, &typed, &errors),
    }
}

/// POST `/users/invite/details`: the name.
pub(crate) async fn details(State(view): State<Shared>, sent: Signed) -> Result<Response, Problem> {
    let sent = sent.by(Right::ManageUsers)?;
    let typed = Typed::read(&sent.fields);
    if let Err(errors) = check_email(&view, &typed).await? {
        return drawn(&view, &sent.visitor, Step::Email, &typed, &errors);
    }
    match check_name(&typed) {
        Ok(_) => drawn(&view, &sent.visitor, Step::Role, &typed, &Errors::default()),
        Err(errors) => drawn(&view, &sent.visitor, Step::Details, &typed, &errors),
    }
}

/// POST `/users/invite/role`: the role; everything is checked once more, and the invitation goes out.
pub(crate) async fn role(State(view): State<Shared>, sent: Signed) -> Result<Response, Problem> {
    let sent = sent.by(Right::ManageUsers)?;
    let typed = Typed::read(&sent.fields);
    let mail = match check_email(&view, &typed).await? {
        Ok(mail) => mail,
        Err(errors) => return drawn(&view, &sent.visitor, Step::Email, &typed, &errors),
    };
    let full_name = match check_name(&typed) {
        Ok(full_name) => full_name,
        Err(errors) => return drawn(&view, &sent.visitor, Step::Details, &typed, &errors),
    };
    let Some(role) = given_role(&typed.role) else {
        let mut errors = Errors::default();
        errors.add("role", "Select a role");
        return drawn(&view, &sent.visitor, Step::Role, &typed, &errors);
    };
    if is_flood(&view, sent.visitor.account()?) {
        let mut errors = Errors::default();
        errors.add("role", TOO_MANY);
        return drawn(&view, &sent.visitor, Step::Role, &typed, &errors);
    }
    let person = Person {
        mail,
        full_name,
        role,
    };
    match send(&view, &sent.visitor, sent.from, person).await? {
        Some(number) => Ok(go_to(&format!("/users/invited/{}", number.reference()))),
        // Somebody was faster since it was checked.
        None => drawn(&view, &sent.visitor, Step::Email, &typed, &taken()),
    }
}

/// Has the account sent as many invitations, and mails to new fixed addresses, within the hour as it may?
pub(super) fn is_flood(view: &View, account: &Account) -> bool {
    let (code, now) = (account.code.as_str(), view.deps.clock.now());
    let hour = Duration::from_hours(1);
    let sent = view.lately.about(What::Invitations, code, hour, now);
    sent >= usize::try_from(view.invitation.hourly_max).unwrap_or(usize::MAX)
}

/// The account has sent one more.
pub(super) fn count(view: &View, account: &Account) {
    let (code, now) = (account.code.as_str(), view.deps.clock.now());
    view.lately.add_about(What::Invitations, code, now);
}

/// The roles that a Primary User gives.
pub(super) fn given_role(typed: &str) -> Option<Role> {
    let role = typed.parse().ok()?;
    matches!(role, Role::Upload | Role::View).then_some(role)
}

fn taken() -> Errors {
    let mut errors = Errors::default();
    errors.add("email", TAKEN);
    errors
}

/// The address as log-in name and for mail, or what is wrong with it.
async fn check_email(
    view: &View,
    typed: &Typed,
) -> Result<Result<(LoginName, MailAddress), Errors>, Problem> {
    let mut errors = Errors::default();
    if typed.email.is_empty() {
        errors.add("email", "Enter the invitee's email address");
        return Ok(Err(errors));
    }
    let parts = (LoginName::new(&typed.email), MailAddress::new(&typed.email));
    let (Ok(login), Ok(mail)) = parts else {
        errors.add(
            "email",
            "Enter an email address in the correct format, like name@example.com",
        );
        return Ok(Err(errors));
    };
    if view.deps.store.is_login_taken(&login).await? {
        return Ok(Err(taken()));
    }
    Ok(Ok((login, mail)))
}

/// First and last name together, or what is wrong with them.
fn check_name(typed: &Typed) -> Result<String, Errors> {
    let mut errors = Errors::default();
    let mut check = |field, what: &str, text: &str| match name(text) {
        Ok(name) => name,
        Err(_) if text.is_empty() => {
            errors.add(field, format!("Enter the invitee's {what}"));
            String::new()
        }
        Err(_) => {
            let most =
                format!("The {what} must be one line of {NAME_CHARS_MAX} characters or fewer");
            errors.add(field, most);
            String::new()
        }
    };
    let first = check("first-name", "first name", &typed.first_name);
    let last = check("last-name", "last name", &typed.last_name);
    if errors.is_empty() {
        Ok(format!("{first} {last}"))
    } else {
        Err(errors)
    }
}

/// Who is invited.
struct Person {
    mail: (LoginName, MailAddress),
    full_name: String,
    role: Role,
}

/// Sends the invitation; `None` if the address was taken meanwhile.
async fn send(
    view: &View,
    visitor: &Visitor,
    from: IpAddr,
    person: Person,
) -> Result<Option<InvitationId>, Problem> {
    let account = visitor.account()?;
    let entry = first_entry(view).await?;
    let (login, mail) = person.mail;
    let invited = told::Invited {
        to: &mail,
        name: &person.full_name,
        user: None,
        account,
        role: person.role,
    };
    let note = format!("{} as {}", account.code, person.role.title());
    let deed = deed(
        view,
        (visitor, from),
        Action::UserInvited,
        login.as_str(),
        &note,
    );
    let new = NewInvitation {
        account: Some(account.id),
        letter: told::invitation(view, &invited, &entry, &deed),
        temporary_password: entry.hash,
        link: entry.link.new,
        full_name: person.full_name.clone(),
        role: person.role,
        login,
        mail,
    };
    match view.deps.store.invite(&new, &deed).await? {
        Added::New((_, number)) => {
            count(view, account);
            Ok(Some(number))
        }
        Added::Taken => Ok(None),
    }
}

/// POST `/users/{id}/resend`: a new link and a new temporary password.
pub(crate) async fn resend(
    State(view): State<Shared>,
    Path(id): Path<String>,
    sent: Signed,
) -> Result<Response, Problem> {
    let sent = sent.by(Right::ManageUsers)?;
    let account: &Account = sent.visitor.account()?;
    let id = user_number(&id)?;
    let all = persons(&view, account.id).await?;
    let user = all.iter().find(|user| user.id == id);
    let user = user.ok_or(Problem::NotFound)?;
    if !users::may_change(&sent.visitor, user) {
        return Err(Problem::Forbidden);
    }
    if is_flood(&view, account) {
        return Ok(go_to("/users?notice=too-many"));
    }
    let by = (&sent.visitor, sent.from);
    Ok(match send_again(&view, by, user, account).await? {
        Some(_) => {
            count(&view, account);
            go_to("/users?notice=resent")
        }
        None => go_to("/users?notice=nothing"),
    })
}

/// Sends a user's invitation to `account` again, for its Primary User or for staff; `None` if it was taken
/// up, or no mail reaches the user.
pub(crate) async fn send_again(
    view: &View,
    by: (&Visitor, IpAddr),
    user: &User,
    account: &Account,
) -> Result<Option<InvitationId>, Problem> {
    let Some(mail) = told::address(user) else {
        return Ok(None);
    };
    let entry = first_entry(view).await?;
    let invited = told::Invited {
        to: &mail,
        name: &user.display_name,
        user: Some(user.id),
        account,
        role: user.role,
    };
    let login = user.login.as_str();
    let note = format!("{}, sent again", account.code);
    let deed = deed(view, by, Action::UserInvited, login, &note);
    let again = Resent {
        letter: told::invitation(view, &invited, &entry, &deed),
        temporary_password: entry.hash,
        link: entry.link.new,
    };
    let store = &view.deps.store;
    let sent = store.resend_invitation(Some(account.id), user.id, &again, &deed);
    Ok(sent.await?)
}

fn drawn(
    view: &View,
    visitor: &Visitor,
    step: Step,
    typed: &Typed,
    errors: &Errors,
) -> Result<Response, Problem> {
    let account = visitor.account()?;
    let title = match step {
        Step::Email => "Step 1 - Email – Invite new user",
        Step::Details => "Step 2 - Details – Invite new user",
        Step::Role => "Step 3 - Role – Invite new user",
    };
    let is_faulty = !errors.is_empty();
    let page = Invite {
        frame: Frame::new(view, Some(visitor), title)
            .at(Place::Users)
            .faulty(is_faulty),
        account: &account.name,
        visitor,
        step,
        typed,
        errors,
    };
    Ok(pages::form(is_faulty, &page))
}

#[derive(Template)]
#[template(path = "people/invited.html", config = "src/web/templates/askama.toml")]
struct Done<'a> {
    frame: Frame<'a>,
    number: String,
    email: String,
}

/// GET `/users/invited/{number}`: stays, so that it can be kept.
pub(crate) async fn done(
    State(view): State<Shared>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Result<Response, Problem> {
    visitor.need(Right::ManageUsers)?;
    let account = visitor.account()?;
    let number = InvitationId::from_reference(&number).map_err(|_unlike| Problem::NotFound)?;
    let user = view.deps.store.invited(account.id, number).await;
    let user = user?;
    let user = user.ok_or(Problem::NotFound)?;
    let page = Done {
        frame: Frame::new(
            &view,
            Some(&visitor),
            "New user invitation request received",
        )
        .at(Place::Users),
        number: number.reference(),
        email: user.mail.map(|mail| mail.to_string()).unwrap_or_default(),
    };
    Ok(pages::page(StatusCode::OK, &page))
}
