//! One table of every route and who may get it, and send to it; it fails when a route is missing from it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;

use crate::access::{Guest, Right};
use crate::web::pages::joining::next;
use crate::web::session::{PASSWORD_PAGE, TERMS_PAGE};
use crate::web::tests::house::{Answer, Browser, House};
use crate::web::tests::parcel::Parcel;
use crate::web::tests::things::{Things, is_filled, is_of_an_account};
use crate::web::text::query_value;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// The route does not answer this method.
    Never,
    /// Signed in or not.
    Everybody,
    /// Nobody who is signed in, but for those with the right.
    HolderOrNobody(Right),
    /// Whoever is signed in.
    SignedIn,
    /// Whoever belongs to a manufacturer's account.
    Manufacturer,
    /// Whoever belongs to one and has the right.
    Member(Right),
    /// Whoever has the right.
    Holder(Right),
}

const NEVER: Asks = Asks::Never;
const ALL: Asks = Asks::Everybody;
const SIGNED_IN: Asks = Asks::SignedIn;
const MEMBER: Asks = Asks::Manufacturer;
const STAFF_OR_NOBODY: Asks = Asks::HolderOrNobody(Right::Review);
const VIEW: Asks = Asks::Holder(Right::ViewSubmissions);
/// Staff upload nothing, and look at submissions only.
const OWN_VIEW: Asks = Asks::Member(Right::ViewSubmissions);
const UPLOAD: Asks = Asks::Holder(Right::Upload);
const USERS: Asks = Asks::Holder(Right::ManageUsers);
const MACHINES: Asks = Asks::Holder(Right::ManageMachines);
const REVIEW: Asks = Asks::Holder(Right::Review);
const OPERATE: Asks = Asks::Holder(Right::Operate);

/// The route, who may get it, and who may send to it.
#[rustfmt::skip]
const TABLE: &[(&str, Asks, Asks)] = &[
    ("/", ALL, NEVER),
    ("/accessibility", ALL, NEVER),
    ("/assets/{name}", ALL, NEVER),
    ("/cookies", ALL, NEVER),
    ("/forgotten", ALL, ALL),
    ("/guide", ALL, NEVER),
    ("/redeem/{token}", ALL, ALL),
    ("/redeem/{token}/password", NEVER, ALL),
    ("/register", ALL, NEVER),
    ("/register/code/{token}/audio", ALL, NEVER),
    ("/register/code/{token}/image", ALL, NEVER),
    ("/register/confirm/{token}", ALL, ALL),
    ("/register/details", ALL, ALL),
    ("/register/done/{reference}", ALL, NEVER),
    ("/reset/{token}", ALL, ALL),
    ("/sign-in", ALL, ALL),
    ("/sign-in/password", ALL, ALL),
    ("/sign-out", NEVER, ALL),
    ("/staff", STAFF_OR_NOBODY, NEVER),
    ("/terms", ALL, NEVER),
    ("/terms/{version}", ALL, NEVER),
    (PASSWORD_PAGE, SIGNED_IN, SIGNED_IN),
    (TERMS_PAGE, SIGNED_IN, SIGNED_IN),
    ("/account", SIGNED_IN, NEVER),
    ("/account/browsers", NEVER, SIGNED_IN),
    ("/stay-signed-in", SIGNED_IN, SIGNED_IN),
    ("/preferences", MEMBER, MEMBER),
    ("/preferences/addresses", USERS, USERS),
    ("/preferences/addresses/remove", NEVER, USERS),
    ("/sftp", MEMBER, NEVER),
    ("/sftp/log-ins", MACHINES, NEVER),
    ("/sftp/machines/add", MACHINES, MACHINES),
    ("/sftp/machines/{id}", MACHINES, NEVER),
    ("/sftp/machines/{id}/declaration", MACHINES, MACHINES),
    ("/sftp/machines/{id}/edit", MACHINES, MACHINES),
    ("/sftp/machines/{id}/keys", MACHINES, MACHINES),
    ("/sftp/machines/{id}/keys/{key}/remove", MACHINES, MACHINES),
    ("/sftp/machines/{id}/remove", MACHINES, MACHINES),
    ("/staff/accounts", OPERATE, NEVER),
    ("/staff/accounts/{code}", OPERATE, NEVER),
    ("/staff/accounts/{code}/primary", NEVER, OPERATE),
    ("/staff/accounts/{code}/resume", NEVER, OPERATE),
    ("/staff/accounts/{code}/suspend", NEVER, OPERATE),
    ("/staff/audit", OPERATE, NEVER),
    ("/staff/held", REVIEW, NEVER),
    ("/staff/held/{number}/reject", OPERATE, OPERATE),
    ("/staff/held/{number}/retry", NEVER, OPERATE),
    ("/staff/home", REVIEW, NEVER),
    ("/staff/live", REVIEW, NEVER),
    ("/staff/outbox", OPERATE, NEVER),
    ("/staff/outbox/{id}", OPERATE, NEVER),
    ("/staff/outbox/{id}/retry", NEVER, OPERATE),
    ("/staff/requests", REVIEW, NEVER),
    ("/staff/requests/{reference}", REVIEW, NEVER),
    ("/staff/requests/{reference}/approve", NEVER, REVIEW),
    ("/staff/requests/{reference}/refuse", NEVER, REVIEW),
    ("/staff/terms", OPERATE, OPERATE),
    ("/staff/terms/{version}", OPERATE, NEVER),
    ("/staff/users", OPERATE, NEVER),
    ("/staff/users/{id}", OPERATE, NEVER),
    ("/staff/users/{id}/invite", NEVER, OPERATE),
    ("/staff/users/{id}/resume", NEVER, OPERATE),
    ("/staff/users/{id}/suspend", NEVER, OPERATE),
    ("/submissions", VIEW, NEVER),
    ("/submissions.csv", VIEW, NEVER),
    ("/submissions/{number}", VIEW, NEVER),
    ("/submissions/{number}/document", VIEW, NEVER),
    ("/submissions/{number}/receipt", VIEW, NEVER),
    ("/uploads/new", UPLOAD, UPLOAD),
    ("/uploads/{number}", OWN_VIEW, UPLOAD),
    ("/users", USERS, NEVER),
    ("/users/invite", USERS, USERS),
    ("/users/invite/details", USERS, USERS),
    ("/users/invite/role", USERS, USERS),
    ("/users/invited/{number}", USERS, NEVER),
    ("/users/{id}/resend", NEVER, USERS),
    ("/users/{id}/role", USERS, USERS),
    ("/vehicles/{vin}", VIEW, NEVER),
    ("/vehicles/{vin}/compare", VIEW, NEVER),
    ("/vehicles/{vin}/{number}", VIEW, NEVER),
];

/// Each role; `None` is nobody.
const VISITORS: [Option<&str>; 6] = [
    None,
    Some("vic@acme.example"),
    Some("uma@acme.example"),
    Some("ann@acme.example"),
    Some("sue@staff.example"),
    Some("oz@staff.example"),
];

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Shown, done, or told what is wrong with what was typed.
    LetIn,
    /// Not for this visitor.
    Refused,
    /// There is no such thing, or none that the visitor may know of.
    Absent,
    /// First sign in.
    SentToSignIn,
    /// The route does not answer this method.
    Unanswered,
    /// Nor does it, but leads to the page that has its form.
    SentToForm,
}

impl Class {
    fn of(answer: &Answer, path: &str) -> Self {
        let page = next::page_of(path);
        if page != path && answer.header("location") == page {
            return Self::SentToForm;
        }
        // A form that came too late.
        if answer.text.contains("You have been signed out") {
            return Self::SentToSignIn;
        }
        match answer.status {
            StatusCode::SEE_OTHER if answer.header("location").starts_with("/sign-in?next=") => {
                Self::SentToSignIn
            }
            // A link that has ended is told to whoever follows it.
            StatusCode::OK
            | StatusCode::SEE_OTHER
            | StatusCode::UNPROCESSABLE_ENTITY
            | StatusCode::GONE => Self::LetIn,
            StatusCode::FORBIDDEN => Self::Refused,
            StatusCode::NOT_FOUND => Self::Absent,
            StatusCode::METHOD_NOT_ALLOWED => Self::Unanswered,
            other => panic!("{other}: {}", answer.text),
        }
    }
}

impl Asks {
    /// May this guest, or nobody, if the thing is not another account's?
    fn lets(self, guest: Option<&Guest>) -> bool {
        let Some(guest) = guest else {
            return matches!(self, Self::Everybody | Self::HolderOrNobody(_));
        };
        match self {
            Self::Never => false,
            Self::Everybody | Self::SignedIn => true,
            Self::Manufacturer => guest.account.is_some(),
            Self::Member(right) => guest.account.is_some() && guest.may(right),
            Self::Holder(right) | Self::HolderOrNobody(right) => guest.may(right),
        }
    }

    /// What the answers come to that are right.
    fn expected(self, route: &str, guest: Option<&Guest>, is_own: bool) -> &'static [Class] {
        let is_foreign = is_of_an_account(route) && !is_own;
        let is_staff = guest.is_some_and(|guest| guest.account.is_none());
        match (self, guest) {
            (Self::Never, _) if next::page_of(route) != route => &[Class::SentToForm],
            (Self::Never, _) => &[Class::Unanswered],
            (_, None) if !self.lets(None) => &[Class::SentToSignIn],
            _ if !self.lets(guest) && is_foreign => &[Class::Refused, Class::Absent],
            _ if !self.lets(guest) => &[Class::Refused],
            _ if is_foreign && !is_staff => &[Class::Absent],
            _ if is_filled(route) => &[Class::LetIn],
            // Nothing of that name is there.
            _ => &[Class::LetIn, Class::Absent],
        }
    }
}

/// Sends the smallest form to a path, with the token that goes with it.
async fn send(browser: &mut Browser, path: &str, asks: Asks) -> Answer {
    let is_open = matches!(asks, Asks::Everybody) && path != "/sign-out";
    // Every page of somebody signed in has the session's token in its head.
    let page = browser.get("/forgotten").await;
    let csrf = if is_open {
        page.last_csrf()
    } else {
        page.csrf()
    };
    if path.starts_with("/uploads/") {
        browser.send(Parcel::new(&csrf).to(path)).await
    } else {
        browser.post(path, &format!("csrf={csrf}")).await
    }
}

/// Tries every route as everybody, with things of their own account, and of another.
async fn try_all(is_post: bool) {
    let mut house = House::new().await;
    let mut wrong = Vec::new();
    for (route, get, post) in TABLE {
        let asks = if is_post { *post } else { *get };
        for login in VISITORS {
            let guest = match login {
                Some(login) => house.access.guest(house.user(login).await.id),
                None => None,
            };
            for is_own in [true, false] {
                if !is_own && !is_of_an_account(route) {
                    continue;
                }
                let path = Things::new(&mut house, is_own, login)
                    .path(route, is_post)
                    .await;
                let mut browser = match login {
                    Some(login) => house.signed_in(login).await,
                    None => house.browser(),
                };
                let answer = if is_post {
                    send(&mut browser, &path, asks).await
                } else {
                    browser.get(&path).await
                };
                let class = Class::of(&answer, &path);
                let expected = asks.expected(route, guest.as_ref(), is_own);
                if !expected.contains(&class) {
                    let who = login.unwrap_or("nobody");
                    wrong.push(format!(
                        "{who}, {path}: {} is {class:?}, not {expected:?}",
                        answer.status
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    house.close().await;
}

#[tokio::test]
async fn every_page_is_shown_to_those_whom_the_table_names() {
    try_all(false).await;
}

#[tokio::test]
async fn every_form_is_taken_from_those_whom_the_table_names() {
    try_all(true).await;
}

#[tokio::test]
async fn signing_in_leads_to_no_address_that_is_for_forms_alone() {
    let mut house = House::new().await;
    let mut forms = 0;
    for (route, _, post) in TABLE {
        let login = match post {
            Asks::Holder(Right::Review | Right::Operate) => "oz@staff.example",
            _ => "ann@acme.example",
        };
        let mut things = Things::new(&mut house, true, Some(login));
        let path = things.path(route, false).await;
        let out = house.browser().post(&path, "csrf=").await;
        let mut browser = house.signed_in(login).await;
        let shown = browser.get(next::local(&path)).await;
        assert_ne!(shown.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        // What the page of a form that came too late leads to.
        if out.text.contains("You have been signed out") {
            forms += 1;
            let to = format!("/sign-in?next={}", query_value(next::page_of(&path)));
            assert!(out.text.contains(&format!("href=\"{to}\"")), "{path}");
        }
    }
    assert!(forms > 20, "only {forms} forms are for people signed in");
    house.close().await;
}

#[test]
fn every_route_is_in_the_table() {
    let mut folders: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web")];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // The metrics have an address of their own, which nobody signs in to.
            if path.ends_with("web/tests") || path.ends_with("web/metrics.rs") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.extend(routes_of(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let known: BTreeSet<String> = TABLE
        .iter()
        .map(|(route, ..)| (*route).to_owned())
        .collect();
    assert!(found.len() > 50, "the routes are not found any more");
    let missing: Vec<_> = found.symmetric_difference(&known).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The first argument of every `.route(…)` in the code, and of what follows on the next line.
fn routes_of(code: &str) -> BTreeSet<String> {
    let code = code
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let calls = code.split(".route(").skip(1).map(str::trim_start);
    calls
        .filter_map(|call| {
            if let Some(rest) = call.strip_prefix('"') {
                return rest.split('"').next().map(str::to_owned);
            }
            let known = [
                ("PASSWORD_PAGE", PASSWORD_PAGE),
                ("TERMS_PAGE", TERMS_PAGE),
                ("stay::PAGE", "/stay-signed-in"),
            ];
            let found = known.iter().find(|(name, _)| call.starts_with(name));
            let line = call.lines().next().unwrap_or_default();
            let (_, path) = found.unwrap_or_else(|| panic!("which path is {line}"));
            Some((*path).to_owned())
        })
        .collect()
}
