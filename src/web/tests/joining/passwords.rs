//! Changing, forgetting and outliving passwords; and that no secret reaches the log.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;

use crate::web::tests::house::{Answer, House, PASSWORD};
use crate::web::tests::joining::{CHOSEN, approve, linked, mails, request, sign_in, temporary};

async fn change(house: &House, current: &str, new: &str, confirm: &str) -> Answer {
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = ann.get("/update-password").await.csrf();
    let form = format!(
        "csrf={csrf}&current-password={current}&new-password={new}&confirm-password={confirm}"
    );
    ann.post("/update-password", &form).await
}

#[tokio::test]
async fn a_new_password_must_be_long_uncommon_another_and_typed_twice() {
    let house = House::new().await;
    for (current, new, confirm, error) in [
        ("", CHOSEN, CHOSEN, "Enter your current password"),
        ("x", CHOSEN, CHOSEN, "Current password is not correct"),
        (PASSWORD, "", "", "Enter a new password"),
        (
            PASSWORD,
            "elevenchars",
            "elevenchars",
            "New password must be 12 characters or more",
        ),
        (
            PASSWORD,
            "Password2026!",
            "Password2026!",
            "Choose a password that is harder to guess",
        ),
        (
            PASSWORD,
            PASSWORD,
            PASSWORD,
            "New password must be different from your current password",
        ),
        (
            PASSWORD,
            CHOSEN,
            "seven",
            "Confirm password must be the same as new password",
        ),
    ] {
        let answer = change(&house, current, new, confirm).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
        assert_eq!(answer.text.matches(error).count(), 2, "{error}");
        assert!(!answer.text.contains(CHOSEN), "no password is sent back");
    }
    assert!(mails(&house).await.is_empty());
    house.close().await;
}

#[tokio::test]
async fn a_changed_password_ends_every_session_and_is_told_by_mail() {
    let house = House::new().await;
    let mut other = house.signed_in("ann@acme.example").await;
    let answer = change(&house, PASSWORD, CHOSEN, CHOSEN).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert!(answer.header("set-cookie").starts_with("ecocd-session="));
    assert_eq!(
        other.get("/submissions").await.status,
        StatusCode::SEE_OTHER
    );
    let mail = mails(&house).await.pop().unwrap();
    assert_eq!(mail.to.as_str(), "ann@acme.example");
    assert_eq!(mail.subject, "Your eCoC password was changed");
    let mut browser = house.browser();
    let old = sign_in(&mut browser, "ann@acme.example", PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = sign_in(&mut browser, "ann@acme.example", CHOSEN).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
    house.close().await;
}

#[tokio::test]
async fn a_password_that_is_too_old_must_be_changed() {
    let year = Duration::from_hours(365 * 24);
    let house = House::with(|about| about.settings.password_age_max = year).await;
    let mut browser = house.browser();
    sign_in(&mut browser, "ann@acme.example", PASSWORD).await;
    assert_eq!(browser.get("/submissions").await.status, StatusCode::OK);
    house.clock.advance(year);
    let answer = sign_in(&mut browser, "ann@acme.example", PASSWORD).await;
    assert_eq!(answer.header("location"), "/update-password");
    for (path, to) in [
        ("/", "/update-password"),
        ("/submissions", "/update-password?next=%2Fsubmissions"),
    ] {
        assert_eq!(browser.get(path).await.header("location"), to);
    }
    let page = browser.get("/update-password").await;
    assert!(page.text.contains("your password has expired"));
    let form = format!(
        "csrf={}&current-password={PASSWORD}&new-password={CHOSEN}&confirm-password={CHOSEN}",
        page.csrf()
    );
    browser.post("/update-password", &form).await;
    assert_eq!(browser.get("/submissions").await.status, StatusCode::OK);
    house.close().await;
}

async fn forget(house: &House, email: &str) -> Answer {
    let mut browser = house.browser();
    let csrf = browser.get("/forgotten").await.csrf();
    let form = format!("csrf={csrf}&email={email}");
    browser.post("/forgotten", &form).await
}

#[tokio::test]
async fn a_forgotten_password_gets_the_same_answer_whoever_asks() {
    let house = House::new().await;
    let known = forget(&house, "Ann@acme.example").await;
    assert_eq!(known.status, StatusCode::OK);
    for email in ["eve@acme.example", "acme-robot@x", "o'brien@acme.example"] {
        let answer = forget(&house, email).await;
        assert_eq!(
            (answer.status, &answer.text),
            (known.status, &known.text),
            "{email}"
        );
    }
    let sent = mails(&house).await;
    assert_eq!(sent.len(), 1, "only the owner is written to");
    assert_eq!(sent[0].to.as_str(), "ann@acme.example");
    for _again in 0..5 {
        let answer = forget(&house, "ann@acme.example").await;
        assert_eq!(answer.text, known.text);
    }
    assert_eq!(mails(&house).await.len(), 3, "nobody's mailbox is filled");
    // Who keeps asking every ten minutes cannot keep the owner from it.
    for _again in 0..6 {
        house.clock.advance(Duration::from_mins(10));
        forget(&house, "ann@acme.example").await;
    }
    assert!(mails(&house).await.len() > 3, "the owner is shut out");
    house.close().await;
}

#[tokio::test]
async fn a_mailed_link_sets_a_password_once_within_an_hour() {
    let house = House::new().await;
    forget(&house, "ann@acme.example").await;
    let first = linked(&mails(&house).await[0], "/reset/");
    forget(&house, "ann@acme.example").await;
    let page = linked(&mails(&house).await[1], "/reset/");
    let mut browser = house.browser();
    let superseded = browser.get(&first).await;
    assert_eq!(superseded.status, StatusCode::GONE);
    let csrf = browser.get(&page).await.csrf();
    let send =
        |csrf: &str, new: &str| format!("csrf={csrf}&new-password={new}&confirm-password={new}");
    let foreign = browser.post(&page, &send("0", CHOSEN)).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let weak = browser.post(&page, &send(&csrf, "acme")).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = browser.post(&page, &send(&csrf, CHOSEN)).await;
    assert!(
        done.text.contains("Your password has been changed"),
        "{}",
        done.text
    );
    let again = browser
        .post(&page, &send(&csrf, "another quiet lorry"))
        .await;
    assert_eq!(again.status, StatusCode::GONE);
    let answer = sign_in(&mut browser, "ann@acme.example", CHOSEN).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);

    forget(&house, "ann@acme.example").await;
    let page = linked(&mails(&house).await.pop().unwrap(), "/reset/");
    house.clock.advance(Duration::from_hours(1));
    assert_eq!(house.browser().get(&page).await.status, StatusCode::GONE);
    house.close().await;
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_token_code_or_password_reaches_the_log() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let mail = approve(&house, &reference, "zebra").await;
    let (page, password) = (linked(&mail, "/redeem/"), temporary(&mail));
    let mut browser = house.browser();
    let csrf = browser.get(&page).await.csrf();
    browser.post(&page, &format!("csrf={csrf}")).await;
    sign_in(&mut browser, "zoe@zebra.example", &password).await;
    forget(&house, "ann@acme.example").await;
    let session = browser.cookie("ecocd-session").unwrap().to_owned();
    let mut secrets = vec![password, session, csrf];
    for mail in mails(&house).await {
        let links = mail
            .text
            .split_whitespace()
            .filter(|word| word.starts_with("http"));
        let tokens = links.filter_map(|link| link.rsplit('/').next().map(str::to_owned));
        secrets.extend(tokens.filter(|token| token.len() == 64));
    }
    assert!(secrets.len() >= 6, "{}", secrets.len());
    drop(guard);
    let log = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
    for words in [
        "a request for an account was sent",
        "an invitation was taken up",
        "signed in",
    ] {
        assert!(log.contains(words), "{words} is not in\n{log}");
    }
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is in\n{log}");
    }
    for address in ["zoe@zebra.example", "ann@acme.example"] {
        assert!(!log.contains(address), "{address} is in\n{log}");
    }
    house.close().await;
}
