//! What was just done is said once: whoever loads the page again is not told that it was done again.
//!
//! The address of the page says what, and a cookie, set by the answer to the form, that it is still to be
//! said. Without the cookie the page does not see that part of its address.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::header::LOCATION;
use axum::http::uri::PathAndQuery;
use axum::middleware::Next;
use axum::response::Response;

use crate::web::Shared;
use crate::web::session::{cookie, with_cookie};

/// The cookie that holds what is still to be said.
pub(crate) const TOLD: &str = "ecocd-told";
/// So long a browser may take from the form to the page.
const KEPT: Duration = Duration::from_mins(1);
/// What the part of an address is called that says what was done.
const NAMES: [&str; 2] = ["notice", "done"];
/// The longest word for what was done.
const WORD_MAX: usize = 32;

/// Lets a page see what was done once, and remembers what the next one is to say.
pub(crate) async fn show(State(view): State<Shared>, mut request: Request, next: Next) -> Response {
    let said = request.uri().query().and_then(word).map(str::to_owned);
    let is_due = said.as_deref() == cookie(request.headers(), &view.cookie_name(TOLD));
    if said.is_some() && !is_due {
        *request.uri_mut() = silent(request.uri());
    }
    let response = next.run(request).await;
    let location = response.headers().get(LOCATION);
    let location = location.and_then(|location| location.to_str().ok());
    let due = location
        .and_then(|location| word(location.split_once('?')?.1))
        .map(|word| view.lasting_cookie(TOLD, word, KEPT));
    let over = (said.is_some() && is_due).then(|| view.forgotten_cookie(TOLD));
    with_cookie(response, due.or(over))
}

/// What a query says was done.
fn word(query: &str) -> Option<&str> {
    let query = query.split('#').next()?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, word) = pairs.find(|(name, _)| NAMES.contains(name))?;
    let is_plain = word
        .bytes()
        .all(|octet| octet.is_ascii_lowercase() || octet == b'-');
    (is_plain && (1..=WORD_MAX).contains(&word.len())).then_some(word)
}

/// The same address, saying nothing of what was done.
fn silent(address: &Uri) -> Uri {
    let is_other = |pair: &&str| !NAMES.contains(&pair.split('=').next().unwrap_or_default());
    let pairs = address.query().unwrap_or_default().split('&');
    let query: Vec<&str> = pairs.filter(is_other).collect();
    let text = format!("{}?{}", address.path(), query.join("&"));
    let mut parts = address.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(text).ok();
    Uri::from_parts(parts).unwrap_or_else(|_unfit| address.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_what_was_done_is_taken_out_of_an_address() {
        for (address, left) in [
            ("/users?notice=role", "/users?"),
            (
                "/staff/outbox?page=2&done=retried&x=1",
                "/staff/outbox?page=2&x=1",
            ),
            ("/users?noticed=role", "/users?noticed=role"),
        ] {
            let address: Uri = address.parse().unwrap();
            assert_eq!(silent(&address).to_string(), left);
        }
    }

    #[test]
    fn what_was_done_is_a_word_of_ours() {
        assert_eq!(
            word("notice=machine-removed#machines"),
            Some("machine-removed")
        );
        assert_eq!(word("page=2&done=retried"), Some("retried"));
        for other in ["", "notice=", "notice=%3Cb%3E", "notice=a;b", "page=2"] {
            assert_eq!(word(other), None, "{other}");
        }
    }
}
