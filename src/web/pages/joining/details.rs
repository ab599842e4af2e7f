//! The registration form.
//!
//! *Invariant*: whether an address has an account or a request already, or a program filled the
//! hidden field: the answer is the same page with a fresh reference. Only the mail to the address
//! says more.
//!
//! *Limits*: requests from one place in an hour (`registration.hourly-max`).

use std::net::Ipv4Addr;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::domain::account::{LoginName, MailAddress};
use crate::domain::registration::{Applicant, Reference, name};
use crate::web::connections::Peer;
use crate::web::forms::{Errors, Fields, Open};
use crate::web::frame::Frame;
use crate::web::lately::What;
use crate::web::pages::joining::code::{self, Code};
use crate::web::pages::joining::{asking, evenly};
use crate::web::pages::problem::Problem;
use crate::web::session::{Visitor, form_token, redirect, with_cookie};
use crate::web::{Shared, View, pages};

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

/// Would a mail program make a link of it? The first mail goes to whatever address was typed, with these words.
fn has_link(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains("://") || name.contains("www.")
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
        let checked = |errors: &mut Errors, id: &'static str, text: &str, what: &str| {
            let bare = what.trim_start_matches("your ").trim_start_matches("the ");
            let sentence = match name(text) {
                Ok(name) if !has_link(&name) => return Some(name),
                Ok(_link) => format!("The {bare} must not hold a web address"),
                Err(_empty) if text.is_empty() => format!("Enter {what}"),
                Err(_unfit) => {
                    format!("The {bare} must be one line of 150 characters or fewer")
                }
            };
            errors.add(id, sentence);
            None
        };
        let first_name = checked(errors, "first-name", &self.first_name, "your first name");
        let last_name = checked(errors, "last-name", &self.last_name, "your last name");
        let mail = self.mail();
        if self.email.is_empty() {
            errors.add("email", "Enter your email address");
        } else if mail.is_none() {
            errors.add(
                "email",
                "Enter an email address in the correct format, like name@example.com",
            );
        }
        let manufacturer = checked(
            errors,
            "manufacturer",
            &self.manufacturer,
            "the manufacturer name",
        );
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
    pages::form(!errors.is_empty(), &page)
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
    if fields.has(TRAP) && !fields.get(TRAP).is_empty() {
        tracing::info!(remote_ip = %form.from, "a program filled in the hidden field of the registration form");
        evenly(code::forget(&view, before)).await?;
        return Ok(received(&asking::draw()));
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
    let reference = evenly(asking::take(&view, &applicant, form.from)).await?;
    Ok(received(&reference))
}

fn received(reference: &Reference) -> Response {
    redirect(&format!("/register/done/{reference}"))
}
