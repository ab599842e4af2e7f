//! Joining, from the form to the home page, as a browser sees it.

mod enumeration;
mod passwords;
mod redeeming;
mod registering;
mod routes;
mod signing_in;
mod staff;
mod terms;

use crate::domain::account::{CredentialKind, UserId};
use crate::domain::notice::NewMail;
use crate::domain::registration::Reference;
use crate::intake::digest;
use crate::web::tests::house::{Answer, Browser, House};

/// A password that may be chosen.
const CHOSEN: &str = "seven quiet lorries";

/// The value of a form's field.
fn value(page: &Answer, name: &str) -> String {
    let (_, rest) = page
        .text
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no field {name} in\n{}", page.text));
    rest.split_once('"').unwrap().0.to_owned()
}

/// Both steps of signing in.
async fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    let page = browser.get("/sign-in").await;
    let form = format!("csrf={}&email={email}", page.csrf());
    let page = browser.post("/sign-in", &form).await;
    let form = format!(
        "csrf={}&email={}&password={password}",
        page.csrf(),
        value(&page, "email")
    );
    browser.post("/sign-in/password", &form).await
}

/// The mails in the outbox, oldest first.
async fn mails(house: &House) -> Vec<NewMail> {
    let mails = house.store.mails(100).await.unwrap();
    mails.into_iter().rev().map(|mail| mail.mail).collect()
}

/// The page that a mail's link to below `path` leads to.
fn linked(mail: &NewMail, path: &str) -> String {
    let whole = format!("http://127.0.0.1:8080{path}");
    let (_, rest) = mail
        .text
        .split_once(&whole)
        .unwrap_or_else(|| panic!("no {path} in\n{}", mail.text));
    let token = rest.split_whitespace().next().unwrap();
    format!("{path}{token}")
}

/// The temporary password in a mail.
fn temporary(mail: &NewMail) -> String {
    let (_, rest) = mail.text.split_once("temporary password:").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The code behind a form that asks for one.
async fn code(house: &House, page: &Answer) -> String {
    let token = digest(value(page, "challenge").as_bytes());
    let found = house.store.challenge(&token, at_first()).await.unwrap();
    found.unwrap().0
}

fn at_first() -> crate::domain::Timestamp {
    crate::domain::Timestamp::UNIX_EPOCH
}

/// Opens the registration form, waits as long as a person takes, and sends it with the right code.
async fn register(house: &House, browser: &mut Browser, email: &str) -> Answer {
    let page = browser.get("/register/details").await;
    house.clock.advance(std::time::Duration::from_secs(20));
    let form = filled(&page, email, &code(house, &page).await);
    browser.post("/register/details", &form).await
}

fn filled(page: &Answer, email: &str, code: &str) -> String {
    format!(
        "csrf={}&challenge={}&first-name=Zo%C3%AB&last-name=Zander&email={email}\
         &manufacturer=Zebra+Motors&website=&code={code}&do=submit",
        page.csrf(),
        value(page, "challenge")
    )
}

/// Sends a request and confirms its address.
async fn request(house: &House, email: &str) -> Reference {
    let mut browser = house.browser();
    let sent = register(house, &mut browser, email).await;
    let reference = sent.header("location").rsplit('/').next().unwrap();
    let reference = Reference::new(reference).unwrap();
    let mail = mails(house).await.pop().unwrap();
    let page = linked(&mail, "/register/confirm/");
    let csrf = browser.get(&page).await.csrf();
    let confirmed = browser.post(&page, &format!("csrf={csrf}")).await;
    assert_eq!(confirmed.status, axum::http::StatusCode::OK);
    reference
}

/// Approves a request as the reviewer; gives the mail with the invitation.
async fn approve(house: &House, reference: &Reference, code: &str) -> NewMail {
    let mut sue = house.signed_in("sue@staff.example").await;
    let page = format!("/staff/requests/{reference}");
    let csrf = sue.get(&page).await.csrf();
    let form = format!("csrf={csrf}&account=Zebra+Motors&code={code}");
    let answer = sue.post(&format!("{page}/approve"), &form).await;
    assert_eq!(
        answer.status,
        axum::http::StatusCode::SEE_OTHER,
        "{}",
        answer.text
    );
    mails(house).await.pop().unwrap()
}

/// Has the user a password that need not be changed?
async fn has_own_password(house: &House, user: UserId) -> bool {
    let credentials = house.store.credentials(user).await.unwrap();
    let passwords = credentials
        .iter()
        .filter(|one| one.kind == CredentialKind::Password);
    passwords.into_iter().any(|one| !one.must_change)
}
