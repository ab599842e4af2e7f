//! The page in place of what a form should have done, when it came too late: nothing was sent, and what
//! was typed stands there to be copied.
//!
//! *Trust*: it is drawn only for forms that no other site sent. Passwords, tokens and codes are never
//! shown: what is shown is the table [`TYPED`], and nothing else.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::domain::public_key::PublicKey;
use crate::web::forms::Fields;
use crate::web::frame::Frame;
use crate::web::pages::joining::next::{page_of, page_with};
use crate::web::pages::problem::Problem;
use crate::web::session::{PASSWORD_PAGE, Stop, Visitor};
use crate::web::{View, pages};

/// What people type into forms, by the name of its field, and what that is called here. A test holds it
/// against every template.
const TYPED: &[(&str, &str)] = &[
    ("first-name", "First name"),
    ("last-name", "Last name"),
    ("email", "Email address"),
    ("manufacturer", "Manufacturer name"),
    ("account", "Manufacturer name"),
    ("code", "Code"),
    ("reason", "Reason"),
    ("sentence", "Sentence"),
    ("login", "Log-in name"),
    ("name", "Name"),
    ("key", "Public key"),
    ("label", "Label"),
    ("body", "Text"),
];

/// Something that was typed.
struct Piece<'a> {
    name: &'static str,
    label: &'static str,
    value: &'a str,
    rows: usize,
}

#[derive(Template)]
#[template(path = "unsent.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    heading: &'a str,
    reason: &'a str,
    /// Where to go on, and what its link says.
    onward: (&'a str, &'a str),
    typed: Vec<Piece<'a>>,
}

/// Answers a form of somebody who is not signed in any more, or has something else to do before.
pub(crate) fn stopped(view: &View, stop: Stop, uri: &Uri, fields: &Fields) -> Response {
    let (visitor, page) = match stop {
        Stop::SignedOut => (None, "/sign-in"),
        Stop::Before(visitor, page) => (Some(visitor), page),
        Stop::Unknown(problem) => return problem.into_response(),
    };
    let (heading, reason, link) = match page {
        "/sign-in" => (
            "You have been signed out",
            "You did nothing here for too long, you signed out in another window, or your access ended.",
            "Sign in",
        ),
        PASSWORD_PAGE => (
            "Update your password first",
            "Your password must be changed before you can do anything else.",
            "Update your password",
        ),
        _ => (
            "Agree to the Terms of Use first",
            "The Terms of Use changed while the page was open.",
            "Read the Terms of Use",
        ),
    };
    let to = page_with(page, page_of(address(uri)));
    let words = (heading, reason);
    drawn(view, visitor.as_deref(), words, (&to, link), fields)
}

/// Answers a form whose token does not fit.
pub(crate) fn outdated(
    view: &View,
    visitor: Option<&Visitor>,
    uri: &Uri,
    fields: &Fields,
) -> Response {
    let words = (
        Problem::ForeignForm.title(),
        "The page was open for too long, you signed out in another window, or your browser did not keep our cookie.",
    );
    let onward = (page_of(address(uri)), "Open the form again");
    drawn(view, visitor, words, onward, fields)
}

fn address(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path| path.as_str())
}

fn drawn(
    view: &View,
    visitor: Option<&Visitor>,
    (heading, reason): (&str, &str),
    onward: (&str, &str),
    fields: &Fields,
) -> Response {
    let page = Page {
        frame: Frame::new(view, visitor, heading),
        heading,
        reason,
        onward,
        typed: typed(fields),
    };
    pages::page(StatusCode::FORBIDDEN, &page)
}

fn typed(fields: &Fields) -> Vec<Piece<'_>> {
    let piece = |&(name, label): &(&'static str, &'static str)| Piece {
        name,
        label,
        value: fields.get(name),
        rows: fields.get(name).lines().count().clamp(1, 16),
    };
    // What is no public key may be a private one: it is not for others to see.
    let is_open = |piece: &Piece<'_>| piece.name != "key" || PublicKey::parse(piece.value).is_ok();
    let pieces = TYPED.iter().map(piece);
    pieces
        .filter(|piece| !piece.value.is_empty() && is_open(piece))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    /// Fields for typing that are not shown again: what robots fill in, and the filters of lists, which
    /// stand in the address.
    const NOT_SHOWN: &[&str] = &[
        "username", "website", "vin", "from", "to", "file", "approval", "stage", "by", "subject",
        "actor", "q",
    ];

    /// What stands between quotes behind each `start`.
    fn names(text: &str, start: &str) -> Vec<String> {
        let found = text.split(start).skip(1);
        found
            .filter_map(|rest| rest.split('"').next().map(str::to_owned))
            .collect()
    }

    #[test]
    fn every_field_that_people_type_into_is_shown_again() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/templates");
        let mut folders: Vec<PathBuf> = vec![root];
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let mut found = names(&text, "text_input(\"");
                for tag in text.split('<').filter(|tag| {
                    tag.starts_with("textarea")
                        || (tag.starts_with("input") && tag.contains("type=\"text\""))
                }) {
                    found.extend(names(tag, " name=\""));
                }
                for name in found.iter().filter(|name| !name.contains("{{")) {
                    seen += 1;
                    let is_shown = TYPED.iter().any(|(known, _)| known == name);
                    let is_left_out = NOT_SHOWN.contains(&name.as_str());
                    assert!(is_shown != is_left_out, "{name} in {}", path.display());
                }
            }
        }
        assert!(seen > 20, "the fields are not found any more");
    }

    #[test]
    fn a_private_key_is_not_shown_again() {
        let shown = |body: &[u8]| typed(&Fields::read(body).unwrap()).len();
        let public =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEp3LQuG6ozUMtFZvlUY6z4tzNlRSYOMZOXzO2E2bYVA";
        let public = format!("key={}&label=a", public.replace(' ', "+"));
        assert_eq!(shown(public.as_bytes()), 2);
        assert_eq!(shown(b"key=-----BEGIN+OPENSSH+PRIVATE+KEY-----&label=a"), 1);
        assert_eq!(shown(b"password=a&csrf=b&new-password=c&reason=+"), 0);
    }
}
