//! The terms: to read, and to agree to when they change.

use std::time::Duration;

use axum::http::StatusCode;

use crate::domain::audit::{Action, Deed};
use crate::web::tests::house::House;

async fn publish(house: &House, body: &str) {
    let deed = Deed {
        id: crate::runtime::unique_id(),
        at: house.clock.now(),
        actor: "sue@staff.example".to_owned(),
        action: Action::TermsPublished,
        subject: "terms".to_owned(),
        details: String::new(),
        remote_ip: None,
    };
    house.store.publish_terms(body, &deed).await.unwrap();
}

async fn agree(house: &House, login: &str, version: u64) {
    let user = house.user(login).await.id;
    let deed = Deed {
        id: crate::runtime::unique_id(),
        at: house.clock.now(),
        actor: login.to_owned(),
        action: Action::TermsAgreed,
        subject: login.to_owned(),
        details: String::new(),
        remote_ip: None,
    };
    house.store.agree(user, user, version, &deed).await.unwrap();
}

#[tokio::test]
async fn every_version_of_the_terms_can_be_read_signed_out() {
    let house = House::new().await;
    let mut browser = house.browser();
    let none = browser.get("/terms").await;
    assert!(none.text.contains("No terms have been published yet"));
    publish(&house, "First <b>terms</b>.\r\n\r\nSecond paragraph.").await;
    publish(&house, "Newer terms.").await;
    let newest = browser.get("/terms").await;
    assert!(newest.text.contains("Newer terms.") && newest.text.contains("href=\"/terms/1\""));
    let first = browser.get("/terms/1").await;
    assert!(
        first
            .text
            .contains("First &#60;b&#62;terms&#60;/b&#62;.</p>")
    );
    assert!(first.text.contains("no longer in force"));
    for nonsense in ["/terms/3", "/terms/x", "/terms/-1"] {
        assert_eq!(
            browser.get(nonsense).await.status,
            StatusCode::NOT_FOUND,
            "{nonsense}"
        );
    }
    house.close().await;
}

#[tokio::test]
async fn whoever_was_there_before_the_terms_is_asked_to_agree() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    house.clock.advance(Duration::from_mins(1));
    publish(&house, "First terms.").await;
    let sent_on = ann.get("/submissions").await;
    assert_eq!(
        sent_on.header("location"),
        "/terms/agree?next=%2Fsubmissions"
    );
    let page = ann.get("/terms/agree").await;
    assert!(
        page.text
            .contains("<h1 class=\"govuk-heading-l\">There are Terms of Use now</h1>")
    );
    let form = format!("csrf={}&version=1&agree=yes&next=%2F", page.csrf());
    ann.post("/terms/agree", &form).await;
    assert_eq!(ann.get("/submissions").await.status, StatusCode::OK);
    house.close().await;
}

#[tokio::test]
async fn whoever_agreed_before_must_agree_to_newer_terms_before_anything_else() {
    let house = House::new().await;
    publish(&house, "First terms.").await;
    agree(&house, "ann@acme.example", 1).await;
    let mut ann = house.signed_in("ann@acme.example").await;
    assert_eq!(ann.get("/submissions").await.status, StatusCode::OK);
    publish(&house, "Newer terms.").await;
    for (path, to) in [
        ("/", "/terms/agree"),
        ("/submissions", "/terms/agree?next=%2Fsubmissions"),
    ] {
        assert_eq!(ann.get(path).await.header("location"), to);
    }
    let page = ann.get("/terms/agree").await;
    assert!(page.text.contains("The Terms of Use have changed"));
    let csrf = page.csrf();
    for (form, error) in [
        (
            "version=2",
            "Confirm that you have read and agree to the terms",
        ),
        (
            "version=1&agree=yes",
            "A newer version was published while you were reading",
        ),
    ] {
        let answer = ann
            .post("/terms/agree", &format!("csrf={csrf}&{form}"))
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.text.matches(error).count(), 2, "{error}");
    }
    let form = format!("csrf={csrf}&version=2&agree=yes&next=%2Fsubmissions");
    let answer = ann.post("/terms/agree", &form).await;
    assert_eq!(answer.header("location"), "/submissions");
    assert_eq!(ann.get("/submissions").await.status, StatusCode::OK);
    let user = house.user("ann@acme.example").await.id;
    let agreement = house.store.agreement(user).await.unwrap().unwrap();
    assert_eq!(agreement.version, 2);
    house.close().await;
}
