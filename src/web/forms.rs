//! Forms: read, and proven to be our own, before a handler sees them.
//!
//! *Trust*: a form counts only if it carries the token of its session (or, before sign-in, repeats
//! a cookie that only our pages can set) and the browser does not say that another site sent it.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use crate::access::Right;
use crate::domain::audit::{Action, Deed};
use crate::runtime;
use crate::web::connections::peer;
use crate::web::pages::problem::Problem;
use crate::web::pages::unsent;
use crate::web::session::{self, Visitor, redirect};
use crate::web::{Shared, View};

/// The most fields of a form.
///
/// Reason: the longest of ours, an upload's list before it is sent, has about 200.
const FIELDS_MAX: usize = 1_000;

/// What was typed into a form, and chosen.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords and tokens stay out of every log.
        write!(form, "Fields({})", self.0.len())
    }
}

impl Fields {
    /// Reads the body of a form that was sent url-encoded.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_bytes(body).map_err(|_nonsense| Problem::Unreadable)?;
        if fields.len() > FIELDS_MAX {
            return Err(Problem::TooLarge);
        }
        Ok(Self(fields))
    }

    /// The first value of this name, without blanks around it; empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.exact(name).trim()
    }

    /// The first value of this name as it was typed: for passwords.
    pub(crate) fn exact(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Was a field of this name sent? Boxes that are not ticked are not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

/// A form of somebody who is signed in.
#[derive(Debug)]
pub(crate) struct Signed {
    /// Who sent it.
    pub(crate) visitor: Visitor,
    /// What it says.
    pub(crate) fields: Fields,
    /// From where.
    pub(crate) from: IpAddr,
}

impl Signed {
    /// The same, if its sender may do that.
    pub(crate) fn by(self, right: Right) -> Result<Self, Problem> {
        self.visitor.need(right)?;
        Ok(self)
    }
}

impl FromRequest<Shared> for Signed {
    type Rejection = Response;

    async fn from_request(request: Request, view: &Shared) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let asks = session::signed_in(&parts, view).await;
        let (headers, from) = (parts.headers.clone(), peer(&parts));
        let uri = parts.uri.clone();
        let fields = read(Request::from_parts(parts, body), view).await?;
        if session::is_foreign(view, &headers) {
            return Err(Problem::ForeignForm.into_response());
        }
        let visitor = match asks {
            Ok(visitor) => visitor,
            Err(stop) => return Err(unsent::stopped(view, stop, &uri, &fields)),
        };
        if !visitor.owns(fields.exact("csrf")) {
            return Err(unsent::outdated(view, Some(&visitor), &uri, &fields));
        }
        Ok(Self {
            visitor,
            fields,
            from,
        })
    }
}

/// A form that is sent before sign-in, or whether signed in or not.
#[derive(Debug)]
pub(crate) struct Open {
    /// What it says.
    pub(crate) fields: Fields,
    /// From where.
    pub(crate) from: IpAddr,
    /// The token, for the form when it is shown again.
    pub(crate) csrf: String,
    /// What the browser said besides.
    pub(crate) headers: HeaderMap,
}

impl FromRequest<Shared> for Open {
    type Rejection = Response;

    async fn from_request(request: Request, view: &Shared) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let (headers, from) = (parts.headers.clone(), peer(&parts));
        let uri = parts.uri.clone();
        let fields = read(Request::from_parts(parts, body), view).await?;
        if session::is_foreign(view, &headers) {
            return Err(Problem::ForeignForm.into_response());
        }
        let csrf = fields.exact("csrf").to_owned();
        if !session::owns_form(view, &headers, &csrf) {
            let visitor = session::visitor(view, &headers).await;
            let visitor = visitor.map_err(IntoResponse::into_response)?;
            return Err(unsent::outdated(view, visitor.as_ref(), &uri, &fields));
        }
        Ok(Self {
            fields,
            from,
            csrf,
            headers,
        })
    }
}

async fn read(request: Request, view: &Shared) -> Result<Fields, Response> {
    let body = Bytes::from_request(request, view)
        .await
        .map_err(IntoResponse::into_response)?;
    Fields::read(&body).map_err(IntoResponse::into_response)
}

/// What is wrong with a form, field by field, in the order of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Errors(Vec<(&'static str, String)>);

impl Errors {
    /// Adds an error of the field with this id; its first error is the one that is shown.
    pub(crate) fn add(&mut self, field: &'static str, message: impl Into<String>) {
        if self.of(field).is_none() {
            self.0.push((field, message.into()));
        }
    }

    /// The error of a field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|(id, _)| *id == field);
        found.map(|(_, message)| message.as_str())
    }

    /// Is all as it should be?
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For the summary.
    pub(crate) fn each(&self) -> &[(&'static str, String)] {
        &self.0
    }
}

/// Something that a visitor does from an address, for the audit log.
pub(crate) fn deed(
    view: &View,
    (visitor, from): (&Visitor, IpAddr),
    action: Action,
    subject: &str,
    details: &str,
) -> Deed {
    let actor = visitor.guest.user.login.as_str();
    open_deed(view, (actor, from), action, subject, details)
}

/// Something that somebody does from an address who is not signed in.
pub(crate) fn open_deed(
    view: &View,
    (actor, from): (&str, IpAddr),
    action: Action,
    subject: &str,
    details: &str,
) -> Deed {
    Deed {
        id: runtime::unique_id(),
        at: view.deps.clock.now(),
        actor: actor.to_owned(),
        action,
        subject: subject.to_owned(),
        details: details.to_owned(),
        remote_ip: Some(from.to_string()),
    }
}

/// 303 to a page of ours, for after a form was carried out.
pub(crate) fn done(path: &str) -> Response {
    redirect(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_its_values_by_name() {
        let fields = Fields::read(b"a=+x+&b=1&b=2&c=&p=+s+").unwrap();
        assert_eq!((fields.get("a"), fields.exact("p")), ("x", " s "));
        assert_eq!(fields.get("b"), "1");
        assert!(fields.has("c") && !fields.has("d"));
        assert_eq!(fields.get("d"), "");
        assert_eq!(format!("{fields:?}"), "Fields(5)");
    }

    #[test]
    fn a_form_of_too_many_fields_is_refused() {
        let body = "a=1&".repeat(FIELDS_MAX + 1);
        let refused = Fields::read(body.as_bytes()).unwrap_err();
        assert_eq!(refused, Problem::TooLarge);
    }

    #[test]
    fn the_first_error_of_a_field_is_shown() {
        let mut errors = Errors::default();
        errors.add("mail", "Enter your email address");
        errors.add("mail", "Something else");
        assert_eq!(errors.of("mail"), Some("Enter your email address"));
        assert_eq!(errors.each().len(), 1);
        assert!(!errors.is_empty() && errors.of("name").is_none());
    }
}
