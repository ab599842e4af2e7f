//! The verification code of the registration form: asked for or not, shown, spoken, checked.
//!
//! Every form that is shown has a row in the store, with an empty code if none is asked for: it
//! knows when the form was shown, and lets it be sent once.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::config::Challenge;
use crate::domain::Timestamp;
use crate::domain::submission::Sha256;
use crate::intake::digest;
use crate::web::lately::What;
use crate::web::pages::problem::Problem;
use crate::web::session;
use crate::web::{Shared, View, challenge};

/// So long a code can be answered.
///
/// Source: the decision on rows D7 to D12.
pub(crate) const LASTS: Duration = Duration::from_mins(10);

/// After so many requests from one place within an hour, another is suspicious.
const SUSPICIOUS: usize = 3;

/// What the form carries of a code.
#[derive(Debug)]
pub(crate) struct Code {
    /// The form's token; the store knows its SHA-256.
    pub(crate) token: String,
    /// Is a code asked for?
    pub(crate) is_asked: bool,
}

/// What came of checking an answer.
pub(crate) struct Checked {
    /// The code for the form, should it be shown again.
    pub(crate) code: Code,
    /// Is that another code than the one before?
    pub(crate) is_new: bool,
    /// What is wrong.
    pub(crate) error: Option<&'static str>,
}

/// Is a code asked of whoever comes from there?
pub(crate) fn is_asked(view: &View, from: IpAddr) -> bool {
    match view.registration.challenge {
        Challenge::Always => true,
        Challenge::Off => false,
        Challenge::Suspicious => {
            let now = view.deps.clock.now();
            view.lately.is_flood(What::Requests, from, SUSPICIOUS, now)
        }
    }
}

/// A new code, or the token of a form without one.
pub(crate) async fn new(view: &View, is_asked: bool) -> Result<Code, Problem> {
    let token = session::random_token();
    let answer = if is_asked {
        challenge::code()
    } else {
        String::new()
    };
    let now = view.deps.clock.now();
    let kept = digest(token.as_bytes());
    view.deps.store.add_challenge(&kept, &answer, now).await?;
    Ok(Code { token, is_asked })
}

/// Forgets a code, so that another takes its place.
pub(crate) async fn forget(view: &View, token: &str) -> Result<(), Problem> {
    let kept = digest(token.as_bytes());
    Ok(view.deps.store.drop_challenge(&kept).await?)
}

/// Checks what was typed. With `is_last` a right answer uses the code up, and a wrong one counts;
/// without, something else in the form must be mended first.
pub(crate) async fn check(
    view: &View,
    token: &str,
    answer: &str,
    is_asked: bool,
    is_last: bool,
) -> Result<Checked, Problem> {
    let kept = digest(token.as_bytes());
    let Some((code, created)) = known(view, &kept).await? else {
        let error = if is_asked {
            "The code has ended: enter the code from the new image"
        } else {
            "The form was open for too long: check what you entered, then select Submit"
        };
        return again(view, is_asked, error).await;
    };
    let now = view.deps.clock.now();
    let filled_in = now.duration_since(created).unsigned_abs();
    let has_code = !code.is_empty();
    if filled_in < view.registration.fill_min {
        let must_show = is_asked || view.registration.challenge == Challenge::Suspicious;
        let error = if must_show {
            "Enter the code from the image"
        } else {
            "Check what you entered, then select Submit"
        };
        forget(view, token).await?;
        return again(view, must_show, error).await;
    }
    if is_asked && !has_code {
        return again(view, true, "Enter the code from the image").await;
    }
    let stays = |error| Checked {
        code: Code {
            token: token.to_owned(),
            is_asked: has_code,
        },
        is_new: false,
        error,
    };
    if has_code && answer.is_empty() {
        return Ok(stays(Some("Enter the code from the image")));
    }
    if !is_last {
        return Ok(stays(None));
    }
    let store = &view.deps.store;
    if store.answer_challenge(&kept, answer, since(now)).await? {
        return Ok(stays(None));
    }
    if known(view, &kept).await?.is_some() {
        return Ok(stays(Some("Enter the code as it is shown in the image")));
    }
    again(
        view,
        true,
        "The code was not right: enter the code from the new image",
    )
    .await
}

async fn again(view: &View, is_asked: bool, error: &'static str) -> Result<Checked, Problem> {
    Ok(Checked {
        code: new(view, is_asked).await?,
        is_new: true,
        error: Some(error),
    })
}

async fn known(view: &View, kept: &Sha256) -> Result<Option<(String, Timestamp)>, Problem> {
    let since = since(view.deps.clock.now());
    Ok(view.deps.store.challenge(kept, since).await?)
}

/// From when a code must be.
pub(crate) fn since(now: Timestamp) -> Timestamp {
    now.checked_sub(LASTS).unwrap_or(now)
}

/// GET `/register/code/{token}/image`.
pub(crate) async fn image(
    State(view): State<Shared>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let (code, kept) = shown(&view, &token).await?;
    Ok(file("image/png", challenge::draw(&code, &kept)))
}

/// GET `/register/code/{token}/audio`.
pub(crate) async fn audio(
    State(view): State<Shared>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let (code, kept) = shown(&view, &token).await?;
    Ok(file("audio/wav", challenge::speak(&code, &kept)))
}

async fn shown(view: &View, token: &str) -> Result<(String, Sha256), Problem> {
    let kept = digest(token.as_bytes());
    let found = known(view, &kept).await?;
    let code = found.map(|(code, _)| code).filter(|code| !code.is_empty());
    Ok((code.ok_or(Problem::NotFound)?, kept))
}

fn file(kind: &'static str, octets: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers, octets).into_response()
}
