//! Forms that come too late: nothing is done, and nothing that was typed is lost.

use axum::http::StatusCode;

use crate::domain::audit::{Action, Deed};
use crate::web::tests::house::House;

const TYPED: &str = "first-name=%3Cb%3EZo%C3%AB&last-name=Long&email=zoe@acme.example";
const SHOWN: &str = ">&#60;b&#62;Zoë</textarea>";

pub(crate) async fn publish(house: &House, body: &str) {
    let deed = Deed {
        id: crate::runtime::unique_id(),
        at: house.clock.now(),
        actor: "oz@staff.example".to_owned(),
        action: Action::TermsPublished,
        subject: "terms".to_owned(),
        details: String::new(),
        remote_ip: None,
    };
    house.store.publish_terms(body, &deed).await.unwrap();
}

#[tokio::test]
async fn what_was_typed_outlives_the_session() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = ann.get("/users/invite").await.csrf();
    house.clock.advance(std::time::Duration::from_hours(2));
    let form = format!("csrf={csrf}&{TYPED}&password=secret");
    let answer = ann.post("/users/invite/details", &form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.title().starts_with("You have been signed out – "));
    assert!(answer.text.contains("Nothing was sent."));
    assert!(answer.text.contains(SHOWN), "{}", answer.text);
    assert!(!answer.text.contains(&csrf) && !answer.text.contains("secret"));
    let back = "href=\"/sign-in?next=%2Fusers%2Finvite%2Fdetails\"";
    assert!(answer.text.contains(back));

    // A form without anything typed, at an address of its own.
    let answer = ann.post("/staff/users/1/suspend", "csrf=x").await;
    assert!(
        answer
            .text
            .contains("href=\"/sign-in?next=%2Fstaff%2Fusers%2F1\"")
    );
    assert!(!answer.text.contains("What you typed"));
    house.close().await;
}

#[tokio::test]
async fn what_was_typed_outlives_a_token_that_no_longer_fits() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let form = format!("csrf=old&{TYPED}");
    for path in ["/users/invite/details", "/register/details"] {
        let answer = ann.post(path, &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text.contains("This form can no longer be used"));
        assert!(answer.text.contains(SHOWN) && answer.text.contains("Ann Able"));
        assert!(answer.text.contains(&format!("href=\"{path}\"")));
    }
    house.close().await;
}

#[tokio::test]
async fn what_was_typed_outlives_new_terms() {
    let house = House::new().await;
    publish(&house, "First terms.").await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = ann.get("/terms/agree").await.csrf();
    let agreed = format!("csrf={csrf}&version=1&agree=yes");
    ann.post("/terms/agree", &agreed).await;
    publish(&house, "Newer terms.").await;
    let form = format!("csrf={csrf}&{TYPED}");
    let answer = ann.post("/users/invite/details", &form).await;
    assert!(answer.text.contains("Agree to the Terms of Use first"));
    assert!(answer.text.contains(SHOWN));
    assert!(
        answer
            .text
            .contains("href=\"/terms/agree?next=%2Fusers%2Finvite%2Fdetails\"")
    );
    // A page that is asked for is the one after the terms.
    let sent = ann.get("/submissions?vin=*1").await;
    assert_eq!(
        sent.header("location"),
        "/terms/agree?next=%2Fsubmissions%3Fvin%3D*1"
    );
    house.close().await;
}

#[tokio::test]
async fn what_another_site_sends_is_not_shown() {
    let house = House::new().await;
    let foreign = [("sec-fetch-site", "cross-site")];
    let mut nobody = house.browser();
    for path in ["/users/invite/details", "/register/details"] {
        let answer = nobody.post_from(path, TYPED, &foreign).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(!answer.text.contains("Zoë"));
    }
    house.close().await;
}
