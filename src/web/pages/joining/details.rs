//! The registration form.
//!
//! *Invariant*: whether an address has an account or a request already, or a program filled the
//! hidden field: the answer is the same page with a fresh reference. Only the mail to the address
//! says more.
//!
//! *Limits*: requests from one place in an hour (`registration.hourly-max`), and mails to one address
//! in a day.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::domain::account::{LoginName, MailAddress};
use crate::domain::audit::Action;
use crate::domain::registration::{Applicant, Reference, name};
use crate::letters;
use crate::runtime;
use crate::store::{Added, Change};
use crate::web::connections::Peer;
use crate::web::forms::{Errors, Fields, Open, open_deed};
use crate::web::frame::Frame;
use crate::web::lately::What;
use crate::web::pages::joining::code::{self, Code};
use crate::web::pages::joining::{inviting, sign_in};
use crate::web::pages::problem::Problem;
use crate::web::session::{Visitor, form_token, redirect, with_cookie};
use crate::web::{Shared, View, pages};

/// Mails to one address in a day, whoever asks.
const DAILY_MAX: usize = 3;

/// The hidden field: people never see it, programs fill it in.
const TRAP: &str = "website";

/// What was typed.
#[derive(Debug, Default)]
struct Typed {
    first_name: String,
    last_name: String,
    email: String,
    manufacturer: String,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        let text = |id: &str| fields.get(id).to_owned();
        Self {
            first_name: text("first-name"),
            last_name: text("last-name"),
            email: text("email"),
            manufacturer: text("manufacturer"),
        }
    }

    /// The request, if all of it is as it should be.
    fn applicant(&self, errors: &mut Errors) -> Option<Applicant> {
        let mut checked = |id: &'static str, text: &str, what: &str| match name(text) {
            Ok(name) => Some(name),
            Err(_empty) if text.is_empty() => {
                errors.add(id, format!("Enter {what}"));
                None
            }
            Err(_unfit) => {
                let what = what.trim_start_matches("your ").trim_start_matches("the ");
                errors.add(id, format!("The {what} must be 150 characters or fewer"));
                None
            }
        };
        let first_name = checked("first-name", &self.first_name, "your first name");
        let last_name = checked("last-name", &self.last_name, "your last name");
        let mail = self.mail();
        let manufacturer = checked("manufacturer", &self.manufacturer, "the manufacturer name");
        if self.email.is_empty() {
            errors.add("email", "Enter your email address");
        } else if mail.is_none() {
            errors.add(
                "email",
                "Enter an email address in the correct format, like name@example.com",
            );
        }
        Some(Applicant {
            first_name: first_name?,
            last_name: last_name?,
            mail: mail?,
            manufacturer: manufacturer?,
        })
    }

    /// The address, in the one form in which addresses are compared; it must do as log-in name.
    fn mail(&self) -> Option<MailAddress> {
        let small = self.email.to_ascii_lowercase();
        let mail = MailAddress::new(&small).ok()?;
        LoginName::new(&small).is_ok().then_some(mail)
    }
}

#[derive(Template)]
#[template(
    path = "joining/details.html",
    config = "src/web/templates/askama.toml"
)]
struct Details<'a> {
    frame: Frame<'a>,
    csrf: &'a str,
    typed: &'a Typed,
    code: &'a Code,
    /// What was typed of the code.
    answer: &'a str,
    errors: &'a Errors,
}

fn title<'a>(view: &'a View, visitor: Option<&'a Visitor>) -> Frame<'a> {
    Frame::new(view, visitor, "Register for an eCoC account")
}

fn drawn(
    frame: Frame<'_>,
    csrf: &str,
    typed: &Typed,
    (code, answer): (&Code, &str),
    errors: &Errors,
) -> Response {
    let page = Details {
        frame: frame.faulty(!errors.is_empty()),
        csrf,
        typed,
        code,
        answer,
        errors,
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    pages::page(status, &page)
}

/// GET `/register/details`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let token = form_token(&view, &headers);
    let from = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.0);
    let code = code::new(&view, code::is_asked(&view, from)).await?;
    let (typed, errors) = (Typed::default(), Errors::default());
    let page = drawn(
        title(&view, visitor.as_ref()),
        &token.value,
        &typed,
        (&code, ""),
        &errors,
    );
    Ok(with_cookie(page, token.cookie))
}

/// POST `/register/details`.
pub(crate) async fn submit(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    form: Open,
) -> Result<Response, Problem> {
    let fields = &form.fields;
    let typed = Typed::of(fields);
    let before = fields.get("challenge");
    let is_asked = code::is_asked(&view, form.from);
    if fields.get("do") == "new-image" {
        code::forget(&view, before).await?;
        let code = code::new(&view, true).await?;
        return Ok(drawn(
            title(&view, visitor.as_ref()),
            &form.csrf,
            &typed,
            (&code, ""),
            &Errors::default(),
        ));
    }
    let reference = Reference::from_random(runtime::random());
    if fields.has(TRAP) && !fields.get(TRAP).is_empty() {
        tracing::info!(remote_ip = %form.from, "a program filled in the hidden field of the registration form");
        code::forget(&view, before).await?;
        return Ok(received(&reference));
    }
    let mut errors = Errors::default();
    let applicant = typed.applicant(&mut errors);
    let answer = fields.get("code");
    let checked = code::check(&view, before, answer, is_asked, errors.is_empty()).await?;
    if let Some(error) = checked.error {
        let place = if checked.code.is_asked {
            "code"
        } else {
            "submit"
        };
        errors.add(place, error);
    }
    let Some(applicant) = applicant.filter(|_| errors.is_empty()) else {
        let kept = if checked.is_new { "" } else { answer };
        return Ok(drawn(
            title(&view, visitor.as_ref()),
            &form.csrf,
            &typed,
            (&checked.code, kept),
            &errors,
        ));
    };
    let now = view.deps.clock.now();
    let most = usize::try_from(view.registration.hourly_max).unwrap_or(usize::MAX);
    if view.lately.is_flood(What::Requests, form.from, most, now) {
        return Err(Problem::TooOften);
    }
    take(&view, &reference, &applicant, form.from).await?;
    Ok(received(&reference))
}

fn received(reference: &Reference) -> Response {
    redirect(&format!("/register/done/{reference}"))
}

/// Keeps the request and mails its link; or, if the address is known, mails its owner what happened.
/// One transaction in every case.
async fn take(
    view: &View,
    reference: &Reference,
    applicant: &Applicant,
    from: IpAddr,
) -> Result<(), Problem> {
    let store = &view.deps.store;
    let now = view.deps.clock.now();
    let mail = &applicant.mail;
    let login = LoginName::new(mail.as_str()).map_err(|unfit| Problem::broken(&unfit.0))?;
    let has_account = store.is_login_taken(&login).await?;
    let lasts = view.registration.confirm_within;
    let since = now.checked_sub(lasts).unwrap_or(now);
    let has_request = store.has_open_registration(mail, since).await?;
    let day = Duration::from_hours(24);
    let is_spared = view.lately.about(What::Requests, mail.as_str(), day, now) >= DAILY_MAX;
    view.lately.add(What::Requests, from, mail.as_str(), now);
    tracing::info!(
        %reference,
        login = sign_in::masked(mail.as_str()),
        remote_ip = %from,
        has_account,
        has_request,
        is_spared,
        "a request for an account was sent"
    );
    if is_spared {
        // As much work, and no mail: somebody's mailbox is being filled.
        store.sweep_links(now).await?;
        return Ok(());
    }
    let subject = reference.as_str();
    let deed = |details: &str| {
        open_deed(
            view,
            mail.as_str(),
            from,
            Action::RegistrationSent,
            subject,
            details,
        )
    };
    let service = &view.service;
    if has_account || has_request {
        let (letter, details) = if has_account {
            let letter = letters::joining::account_known(service, &applicant.first_name);
            (letter, "the address has an account: its owner was told")
        } else {
            let letter = letters::joining::request_known(service, &applicant.first_name);
            (
                letter,
                "a request of this address is open: its owner was told",
            )
        };
        let deed = deed(details);
        let mails = vec![letters::joining::to_stranger(
            service, mail, &deed.id, &letter,
        )];
        store.tell(&Change { deed, mails }).await?;
        return Ok(());
    }
    let link = inviting::link(view, "register/confirm", lasts);
    let letter = letters::joining::confirm_request(service, applicant, reference, &link.url, lasts);
    let deed = deed("");
    let mails = vec![letters::joining::to_stranger(
        service, mail, &deed.id, &letter,
    )];
    let change = Change { deed, mails };
    match store
        .register(reference, applicant, &link.new, &change)
        .await?
    {
        Added::New(()) => Ok(()),
        // One in thirty million: the person sends the form again.
        Added::Taken => Err(Problem::broken("the reference was drawn before")),
    }
}
