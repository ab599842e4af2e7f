//! Who asks: the session behind a cookie, what its visitor may see, and the proof that a form is ours.
//!
//! *Trust*: the cookie holds 256 random bits, of which the store keeps the SHA-256 only. A session
//! begins at sign-in with a new token, never with one that the browser brought.
//!
//! *Forms*: every POST must carry the session's token (or, before sign-in, the value of a cookie
//! that only our own pages can set and repeat), and must not come from another site by the
//! browser's own word (`Sec-Fetch-Site`, `Origin`).

use std::fmt::Write;
use std::time::Duration;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::access::{Guest, Right};
use crate::domain::account::{Account, AccountId, UserKind};
use crate::domain::submission::Sha256;
use crate::intake::digest;
use crate::runtime;
use crate::store::WebSession;
use crate::web::pages::joining::next::{page_of, page_with};
use crate::web::pages::problem::Problem;
use crate::web::{Shared, View};

/// The cookie of a session.
pub(crate) const SESSION: &str = "ecocd-session";
/// The cookie that the sign-in form repeats.
pub(crate) const FORM: &str = "ecocd-form";
/// Where whoever must change the password is sent.
pub(crate) const PASSWORD_PAGE: &str = "/update-password";
/// Where whoever agreed to older terms than those in force is sent.
pub(crate) const TERMS_PAGE: &str = "/terms/agree";
/// More of a cookie header is not looked at.
const COOKIES_MAX: usize = 64;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// Who it is, as of now.
    pub(crate) guest: Guest,
    /// What every form of this session must carry.
    pub(crate) csrf: String,
    /// The SHA-256 of the cookie's value.
    pub(crate) token: Sha256,
}

impl Visitor {
    /// Whose rows this visitor may see: one account's, or all (`None`) for staff.
    ///
    /// The one place that decides it.
    pub(crate) fn scope(&self) -> Result<Option<AccountId>, Problem> {
        match &self.guest.account {
            Some(account) => Ok(Some(account.id)),
            None if self.is_staff() => Ok(None),
            None => Err(Problem::Forbidden),
        }
    }

    /// Stops whoever may not do that.
    pub(crate) fn need(&self, right: Right) -> Result<(), Problem> {
        if self.guest.may(right) {
            Ok(())
        } else {
            Err(Problem::Forbidden)
        }
    }

    /// The manufacturer's account that the visitor belongs to; staff have none.
    pub(crate) fn account(&self) -> Result<&Account, Problem> {
        self.guest.account.as_ref().ok_or(Problem::Forbidden)
    }

    /// Is it one of the authority's own people?
    pub(crate) const fn is_staff(&self) -> bool {
        self.guest.user.role.is_staff()
    }

    /// Does the token of a form belong to this session?
    pub(crate) fn owns(&self, csrf: &str) -> bool {
        is_same(csrf, &self.csrf)
    }
}

/// The visitor behind a request's cookie, if it has a live session.
pub(crate) async fn visitor(view: &View, headers: &HeaderMap) -> Result<Option<Visitor>, Problem> {
    let Some(value) = cookie(headers, &view.cookie_name(SESSION)) else {
        return Ok(None);
    };
    let token = digest(value.as_bytes());
    let now = view.deps.clock.now();
    let store = &view.deps.store;
    let session = store.web_session(&token, now, view.limits()).await?;
    let Some(session) = session else {
        return Ok(None);
    };
    // A user or account suspended meanwhile is a guest no more.
    let guest = view.deps.access.guest(session.user);
    Ok(guest.filter(may_sign_in).map(|guest| Visitor {
        guest,
        csrf: session.csrf,
        token,
    }))
}

/// The web is for persons; programs have the other doors.
pub(crate) fn may_sign_in(guest: &Guest) -> bool {
    guest.user.kind == UserKind::Person
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Response;

    /// Whoever is not signed in is sent to the sign-in page, and back afterwards.
    async fn from_request_parts(parts: &mut Parts, view: &Shared) -> Result<Self, Response> {
        let found = signed_in(parts, view).await;
        found.map_err(|stop| stop.answer(parts))
    }
}

/// Why somebody is not let in to what people who are signed in may see and do.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Nobody is signed in.
    SignedOut,
    /// Something else comes first, on this page.
    Before(Box<Visitor>, &'static str),
    /// It cannot be told.
    Unknown(Problem),
}

impl Stop {
    /// Sends them there, and from there back to the page that they asked for or whose form they sent.
    fn answer(self, parts: &Parts) -> Response {
        let page = match self {
            Self::SignedOut => "/sign-in",
            Self::Before(_, page) => page,
            Self::Unknown(problem) => return problem.into_response(),
        };
        let wanted = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        redirect(&page_with(page, page_of(wanted)))
    }
}

/// Who asks, if it is somebody who is signed in and has nothing else to do before.
pub(crate) async fn signed_in(parts: &Parts, view: &View) -> Result<Visitor, Stop> {
    let found = visitor(view, &parts.headers).await.map_err(Stop::Unknown)?;
    let visitor = found.ok_or(Stop::SignedOut)?;
    let detour = detour(view, &visitor).await.map_err(Stop::Unknown)?;
    match detour {
        Some(page) if page != parts.uri.path() => Err(Stop::Before(Box::new(visitor), page)),
        _ => Ok(visitor),
    }
}

/// Somebody who is signed in and sends files. Newer terms send nobody away from there, which would lose
/// the files: that form asks for them itself.
pub(crate) struct Sender(pub(crate) Visitor);

impl FromRequestParts<Shared> for Sender {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, view: &Shared) -> Result<Self, Response> {
        match signed_in(parts, view).await {
            Ok(visitor) => Ok(Self(visitor)),
            Err(Stop::Before(visitor, TERMS_PAGE)) => Ok(Self(*visitor)),
            Err(stop) => Err(stop.answer(parts)),
        }
    }
}

impl OptionalFromRequestParts<Shared> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        view: &Shared,
    ) -> Result<Option<Self>, Response> {
        let found = visitor(view, &parts.headers).await;
        found.map_err(IntoResponse::into_response)
    }
}

/// Begins a session for `guest` and gives the cookie that carries it.
///
/// With `is_kept` the browser keeps it, as its visitor asked before.
pub(crate) async fn begin(
    view: &View,
    guest: &Guest,
    is_kept: bool,
) -> Result<HeaderValue, Problem> {
    let value = random_token();
    let now = view.deps.clock.now();
    let session = WebSession {
        user: guest.user.id,
        csrf: random_token(),
        created: now,
        seen: now,
        is_kept,
    };
    let store = &view.deps.store;
    store
        .begin_web_session(&digest(value.as_bytes()), &session)
        .await?;
    if is_kept {
        Ok(view.lasting_cookie(SESSION, &value, view.settings.kept_max))
    } else {
        Ok(view.cookie_setting(SESSION, &value))
    }
}

/// Keeps the visitor's session for longer, and gives the cookie that outlasts the browser's end.
pub(crate) async fn keep(
    view: &View,
    headers: &HeaderMap,
    visitor: &Visitor,
) -> Result<Option<HeaderValue>, Problem> {
    view.deps.store.keep_web_session(&visitor.token).await?;
    let value = cookie(headers, &view.cookie_name(SESSION));
    Ok(value.map(|value| view.lasting_cookie(SESSION, value, view.settings.kept_max)))
}

/// Is the guest's password older than the site allows?
pub(crate) fn is_expired(view: &View, guest: &Guest) -> bool {
    let most = view.settings.password_age_max;
    let since = view.deps.access.password_since(guest.user.id);
    let now = view.deps.clock.now();
    !most.is_zero() && since.is_some_and(|since| now.duration_since(since).unsigned_abs() >= most)
}

/// The page where the visitor must do something before anything else.
pub(crate) async fn detour(
    view: &View,
    visitor: &Visitor,
) -> Result<Option<&'static str>, Problem> {
    if visitor.guest.must_change_password || is_expired(view, &visitor.guest) {
        return Ok(Some(PASSWORD_PAGE));
    }
    if visitor.is_staff() {
        return Ok(None);
    }
    let user = visitor.guest.user.id;
    let is_waiting = view.deps.store.is_to_agree(user).await?;
    Ok(is_waiting.then_some(TERMS_PAGE))
}

/// Ends the visitor's session and gives the cookie that forgets it.
pub(crate) async fn end(view: &View, visitor: &Visitor) -> Result<HeaderValue, Problem> {
    view.deps.store.end_web_session(&visitor.token).await?;
    Ok(view.forgotten_cookie(SESSION))
}

/// What a form shown before sign-in must carry.
pub(crate) struct FormToken {
    /// For the form.
    pub(crate) value: String,
    /// The cookie to set, unless the browser has it.
    pub(crate) cookie: Option<HeaderValue>,
}

/// The browser's form token, or a new one.
pub(crate) fn form_token(view: &View, headers: &HeaderMap) -> FormToken {
    let name = view.cookie_name(FORM);
    if let Some(value) = cookie(headers, &name).filter(|value| is_token(value)) {
        return FormToken {
            value: value.to_owned(),
            cookie: None,
        };
    }
    let value = random_token();
    let cookie = Some(view.cookie_setting(FORM, &value));
    FormToken { value, cookie }
}

/// Does a form sent before sign-in repeat the cookie that came with it?
pub(crate) fn owns_form(view: &View, headers: &HeaderMap, csrf: &str) -> bool {
    cookie(headers, &view.cookie_name(FORM))
        .is_some_and(|value| is_token(value) && is_same(value, csrf))
}

/// Does the browser itself say that another site sent this? Browsers too old to say are let pass:
/// the tokens decide.
pub(crate) fn is_foreign(view: &View, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(site) = text("sec-fetch-site")
        && !matches!(site, "same-origin" | "none")
    {
        return true;
    }
    let Some(origin) = text(ORIGIN.as_str()) else {
        return false;
    };
    let public = origin_of(&view.service.public_url);
    // Behind a proxy the host may be ours or the public one.
    let host = text(HOST.as_str()).unwrap_or("");
    let authority = origin.split_once("://").map_or("", |(_, rest)| rest);
    let is_ours = origin.eq_ignore_ascii_case(public)
        || (!host.is_empty() && authority.eq_ignore_ascii_case(host));
    !is_ours
}

/// `https://host:port` of an address.
fn origin_of(url: &str) -> &str {
    let host_from = url.find("://").map_or(0, |at| at + 3);
    let host = url.get(host_from..).unwrap_or("");
    let host_len = host.find('/').unwrap_or(host.len());
    url.get(..host_from + host_len).unwrap_or("")
}

/// 303: whatever was asked, GET that page. `path` must be visible ASCII.
pub(crate) fn redirect(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// Adds a cookie to an answer.
pub(crate) fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

impl View {
    /// With https, the prefix `__Host-` makes browsers refuse the cookie from any other host or path.
    pub(crate) fn cookie_name(&self, plain: &str) -> String {
        let prefix = if self.is_https() { "__Host-" } else { "" };
        format!("{prefix}{plain}")
    }

    /// The same, kept by the browser for as long as it `lasts`.
    pub(crate) fn lasting_cookie(&self, plain: &str, value: &str, lasts: Duration) -> HeaderValue {
        let lasts = lasts.as_secs();
        self.cookie_setting(plain, &format!("{value}; Max-Age={lasts}"))
    }

    /// The same, to be forgotten: an empty value that is too old at once, so that the browser removes it.
    pub(crate) fn forgotten_cookie(&self, plain: &str) -> HeaderValue {
        self.cookie_setting(plain, "; Max-Age=0")
    }

    fn cookie_setting(&self, plain: &str, value: &str) -> HeaderValue {
        let name = self.cookie_name(plain);
        let secure = if self.is_https() { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}");
        // Names and tokens are ASCII.
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }
}

/// The value of a cookie. Sent twice, it counts as not sent: one of the two is not ours.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .take(COOKIES_MAX)
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// 256 random bits, as 64 hexadecimal digits.
pub(crate) fn random_token() -> String {
    let mut text = String::with_capacity(64);
    for octet in runtime::random::<32>() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
    }
    text
}

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Compares two tokens by their digests, so that the time taken says nothing about either.
fn is_same(one: &str, other: &str) -> bool {
    digest(one.as_bytes()) == digest(other.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let sent = headers(&[("cookie", "a=1; ecocd-session=abc; b=2")]);
        assert_eq!(cookie(&sent, SESSION), Some("abc"));
        assert_eq!(cookie(&sent, FORM), None);
    }

    #[test]
    fn a_cookie_sent_twice_counts_as_not_sent() {
        let sent = headers(&[("cookie", "ecocd-form=a"), ("cookie", "ecocd-form=b")]);
        assert_eq!(cookie(&sent, FORM), None);
    }

    #[test]
    fn the_origin_of_an_address_has_no_path() {
        assert_eq!(
            origin_of("https://ecoc.example.org/x/y"),
            "https://ecoc.example.org"
        );
        assert_eq!(origin_of("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(origin_of("nonsense"), "nonsense");
    }

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, other) = (random_token(), random_token());
        assert!(is_token(&one) && is_token(&other) && one != other);
        assert!(is_same(&one, &one) && !is_same(&one, &other));
    }
}
