//! One table of every route and who may ask for it; it fails when a route is missing from it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;

use crate::access::Right;
use crate::web::pages::joining::next;
use crate::web::session::{PASSWORD_PAGE, TERMS_PAGE};
use crate::web::tests::house::House;
use crate::web::text::query_value;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Signed in or not.
    Everybody,
    /// Nobody who is signed in, but for those with the right.
    HolderOrNobody(Right),
    /// Whoever is signed in.
    SignedIn,
    /// Whoever belongs to a manufacturer's account.
    Manufacturer,
    /// Whoever has the right.
    Holder(Right),
}

const VIEW: Asks = Asks::Holder(Right::ViewSubmissions);
const UPLOAD: Asks = Asks::Holder(Right::Upload);
const USERS: Asks = Asks::Holder(Right::ManageUsers);
const MACHINES: Asks = Asks::Holder(Right::ManageMachines);
const REVIEW: Asks = Asks::Holder(Right::Review);
const OPERATE: Asks = Asks::Holder(Right::Operate);

const TABLE: &[(&str, Asks)] = &[
    ("/", Asks::Everybody),
    ("/accessibility", Asks::Everybody),
    ("/assets/{name}", Asks::Everybody),
    ("/cookies", Asks::Everybody),
    ("/forgotten", Asks::Everybody),
    ("/redeem/{token}", Asks::Everybody),
    ("/redeem/{token}/password", Asks::Everybody),
    ("/register", Asks::Everybody),
    ("/register/code/{token}/audio", Asks::Everybody),
    ("/register/code/{token}/image", Asks::Everybody),
    ("/register/confirm/{token}", Asks::Everybody),
    ("/register/details", Asks::Everybody),
    ("/register/done/{reference}", Asks::Everybody),
    ("/reset/{token}", Asks::Everybody),
    ("/sign-in", Asks::Everybody),
    ("/sign-in/password", Asks::Everybody),
    ("/sign-out", Asks::Everybody),
    ("/staff", Asks::HolderOrNobody(Right::Review)),
    ("/terms", Asks::Everybody),
    ("/terms/{version}", Asks::Everybody),
    (PASSWORD_PAGE, Asks::SignedIn),
    (TERMS_PAGE, Asks::SignedIn),
    ("/account", Asks::SignedIn),
    ("/account/browsers", Asks::SignedIn),
    ("/stay-signed-in", Asks::SignedIn),
    ("/preferences", Asks::Manufacturer),
    ("/sftp", Asks::Manufacturer),
    ("/sftp/log-ins", MACHINES),
    ("/sftp/machines/add", MACHINES),
    ("/sftp/machines/{id}", MACHINES),
    ("/sftp/machines/{id}/declaration", MACHINES),
    ("/sftp/machines/{id}/edit", MACHINES),
    ("/sftp/machines/{id}/keys", MACHINES),
    ("/sftp/machines/{id}/keys/{key}/remove", MACHINES),
    ("/sftp/machines/{id}/remove", MACHINES),
    ("/staff/accounts", OPERATE),
    ("/staff/accounts/{code}", OPERATE),
    ("/staff/accounts/{code}/primary", OPERATE),
    ("/staff/accounts/{code}/resume", OPERATE),
    ("/staff/accounts/{code}/suspend", OPERATE),
    ("/staff/audit", OPERATE),
    ("/staff/held", REVIEW),
    ("/staff/held/{number}/reject", OPERATE),
    ("/staff/held/{number}/retry", OPERATE),
    ("/staff/home", REVIEW),
    ("/staff/live", REVIEW),
    ("/staff/outbox", OPERATE),
    ("/staff/outbox/{id}", OPERATE),
    ("/staff/outbox/{id}/retry", OPERATE),
    ("/staff/requests", REVIEW),
    ("/staff/requests/{reference}", REVIEW),
    ("/staff/requests/{reference}/approve", REVIEW),
    ("/staff/requests/{reference}/refuse", REVIEW),
    ("/staff/terms", OPERATE),
    ("/staff/terms/{version}", OPERATE),
    ("/staff/users", OPERATE),
    ("/staff/users/{id}", OPERATE),
    ("/staff/users/{id}/invite", OPERATE),
    ("/staff/users/{id}/resume", OPERATE),
    ("/staff/users/{id}/suspend", OPERATE),
    ("/submissions", VIEW),
    ("/submissions.csv", VIEW),
    ("/submissions/{number}", VIEW),
    ("/submissions/{number}/document", VIEW),
    ("/submissions/{number}/receipt", VIEW),
    ("/uploads/new", UPLOAD),
    ("/uploads/{number}", VIEW),
    ("/users", USERS),
    ("/users/invite", USERS),
    ("/users/invite/details", USERS),
    ("/users/invite/role", USERS),
    ("/users/invited/{number}", USERS),
    ("/users/{id}/resend", USERS),
    ("/users/{id}/role", USERS),
    ("/vehicles/{vin}", VIEW),
    ("/vehicles/{vin}/compare", VIEW),
    ("/vehicles/{vin}/{number}", VIEW),
];

/// A path that the route answers, about things that are not there.
fn path(route: &str) -> String {
    let segments = route.split('/').map(|segment| match segment {
        "{number}" => "SUB-ZZZZZZZZ",
        "{reference}" => "REG-ZZZZZ",
        "{vin}" => "NOSUCHVIN00000000",
        "{id}" | "{key}" | "{version}" => "999999",
        "{code}" => "nobody",
        segment if segment.starts_with('{') => "nothing",
        segment => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_route_asks_for_the_right_that_the_table_says() {
    let house = House::new().await;
    let people = [
        "ann@acme.example",
        "uma@acme.example",
        "vic@acme.example",
        "sue@staff.example",
        "oz@staff.example",
    ];
    for (route, asks) in TABLE {
        let path = path(route);
        let out = house.browser().get(&path).await;
        let is_sent_away = out.header("location").starts_with("/sign-in?");
        let is_for_post = out.status == StatusCode::METHOD_NOT_ALLOWED;
        let wants_somebody = !matches!(asks, Asks::Everybody | Asks::HolderOrNobody(_));
        assert!(
            is_sent_away == wants_somebody || is_for_post,
            "nobody asks for {path}"
        );
        for login in people {
            let user = house.user(login).await;
            let guest = house.access.guest(user.id).unwrap();
            let may = match asks {
                Asks::Everybody | Asks::SignedIn => true,
                Asks::Manufacturer => guest.account.is_some(),
                Asks::Holder(right) | Asks::HolderOrNobody(right) => guest.may(*right),
            };
            let answer = house.signed_in(login).await.get(&path).await;
            let is_forbidden = answer.status == StatusCode::FORBIDDEN;
            let is_for_post = answer.status == StatusCode::METHOD_NOT_ALLOWED;
            assert!(
                is_forbidden != may || is_for_post,
                "{login} asks for {path}: {}",
                answer.status
            );
        }
    }
    house.close().await;
}

#[tokio::test]
async fn no_form_is_taken_from_somebody_who_may_not_send_it() {
    let house = House::new().await;
    for (route, asks) in TABLE {
        let Asks::Holder(right) = asks else {
            continue;
        };
        let path = path(route);
        for login in ["vic@acme.example", "sue@staff.example"] {
            let user = house.user(login).await;
            if house.access.guest(user.id).unwrap().may(*right) {
                continue;
            }
            let mut browser = house.signed_in(login).await;
            let csrf = browser.get("/").await.csrf();
            let answer = browser.post(&path, &format!("csrf={csrf}")).await;
            let is_refused = matches!(
                answer.status,
                StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED | StatusCode::BAD_REQUEST
            );
            assert!(is_refused, "{login} sends {path}: {}", answer.status);
        }
    }
    house.close().await;
}

#[tokio::test]
async fn signing_in_leads_to_no_address_that_is_for_forms_alone() {
    let house = House::new().await;
    let mut forms = 0;
    for (route, asks) in TABLE {
        let path = path(route);
        let out = house.browser().post(&path, "csrf=").await;
        let login = match asks {
            Asks::Holder(Right::Review | Right::Operate) => "oz@staff.example",
            _ => "ann@acme.example",
        };
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
    let known: BTreeSet<String> = TABLE.iter().map(|(route, _)| (*route).to_owned()).collect();
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
