//! Somebody's own details: what is shown, mail preferences, browsers.

use axum::http::StatusCode;

use crate::domain::account::{MailAddress, MailPreference, Role};
use crate::domain::audit::Action;
use crate::domain::notice::{Attempt, NewMail};
use crate::store::MailNext;
use crate::web::tests::house::House;
use crate::web::tests::office::{give_up, mail};
use crate::web::tests::people::{add, last_deed, post};

#[tokio::test]
async fn a_person_chooses_which_mails_to_get() {
    let house = House::new().await;
    add(
        &house,
        &house.acme,
        "zoe@acme.example",
        Role::View,
        "Zoe Zed",
    )
    .await;
    let mut browser = house.signed_in("zoe@acme.example").await;
    let page = browser.get("/preferences").await;
    assert_eq!(page.text.matches("type=\"radio\"").count(), 4);
    assert!(
        page.text
            .contains("aria-describedby=\"failures-hint\" checked")
    );
    for preference in MailPreference::ALL {
        let sent = format!("preference={preference}");
        let saved = post(&mut browser, "/preferences", &sent).await;
        assert_eq!(saved.header("location"), "/preferences?notice=preference");
        assert_eq!(
            house.user("zoe@acme.example").await.mail_preference,
            *preference
        );
        let page = browser.get("/preferences?notice=preference").await;
        let checked = format!("aria-describedby=\"{preference}-hint\" checked");
        assert!(page.text.contains(&checked), "{preference}");
        assert!(page.text.contains("Your choice is saved"));
    }
    let who = "zoe@acme.example".to_owned();
    let deed = (Action::MailPreferenceChanged, who.clone(), who);
    assert_eq!(last_deed(&house).await, deed);
    let noted = house
        .store
        .audit_entries(None, None, 9)
        .await
        .unwrap()
        .len();
    post(&mut browser, "/preferences", "preference=none").await;
    let after = house.store.audit_entries(None, None, 9).await.unwrap();
    assert_eq!(after.len(), noted, "what is so already is not noted");
    for nonsense in ["", "preference=", "preference=hourly"] {
        let answer = post(&mut browser, "/preferences", nonsense).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            answer.text.matches("Select which emails you want").count(),
            2
        );
    }
    // Staff belong to no account, whose outcomes they could hear of.
    let mut sue = house.signed_in("sue@staff.example").await;
    assert_eq!(sue.get("/preferences").await.status, StatusCode::FORBIDDEN);
    assert_eq!(sue.get("/account").await.status, StatusCode::OK);
    house.close().await;
}

#[tokio::test]
async fn a_person_sees_the_browsers_and_signs_out_of_the_others() {
    let house = House::new().await;
    let mut one = house.signed_in("ann@acme.example").await;
    let mut other = house.signed_in("ann@acme.example").await;
    let mut bobs = house.signed_in("bob@bolt.example").await;
    let page = one.get("/account").await;
    for words in [
        "Ann Able",
        "ann@acme.example",
        "Acme Motors",
        "Primary User",
        "/update-password",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    assert_eq!(page.text.matches("This browser").count(), 1);
    assert_eq!(page.text.matches("Another browser").count(), 1);
    let done = post(&mut one, "/account/browsers", "").await;
    assert_eq!(done.header("location"), "/account?notice=signed-out");
    assert_eq!(last_deed(&house).await.0, Action::BrowsersSignedOut);
    let out = other.get("/account").await;
    assert!(out.header("location").starts_with("/sign-in"));
    assert_eq!(bobs.get("/account").await.status, StatusCode::OK);
    let page = one.get("/account?notice=signed-out").await;
    assert!(!page.text.contains("Another browser"));
    // A notice is one of ours, never what an address says.
    let page = one.get("/account?notice=%3Cb%3Eevil").await;
    assert!(!page.text.contains("evil"));
    house.close().await;
}

#[tokio::test]
async fn a_person_sees_that_mail_did_not_arrive_until_some_does() {
    let house = House::new().await;
    let zoe = "zoe@acme.example";
    let user = add(&house, &house.acme, zoe, Role::View, "Zoe Zed").await;
    let put = async |id: &str, to: &str| {
        let mail = NewMail {
            to: MailAddress::new(to).unwrap(),
            user: Some(user.id),
            account: user.account,
            ..mail(id)
        };
        let now = house.clock.now();
        house.store.close_window(&[], &[mail], now).await.unwrap();
    };
    let mut browser = house.signed_in(zoe).await;
    let failed = "could not be delivered on 28 May 2026 10:54AM";
    // Of an address that is the user's no longer nothing is said.
    put("1", "old@acme.example").await;
    give_up(&house).await;
    assert!(!browser.get("/preferences").await.text.contains(failed));
    put("2", zoe).await;
    assert!(!browser.get("/preferences").await.text.contains(failed));
    give_up(&house).await;
    let page = browser.get("/preferences").await;
    assert!(page.text.contains(failed), "{}", page.text);
    assert!(
        page.text
            .contains("ask your Primary User to invite you at another")
    );
    let mut ann = house.signed_in("ann@acme.example").await;
    assert!(!ann.get("/preferences").await.text.contains(failed));

    put("3", zoe).await;
    let (store, now) = (&house.store, house.clock.now());
    let lease = std::time::Duration::from_mins(1);
    let due = store.due_mails(now, lease, 1).await.unwrap();
    let attempt = Attempt {
        started: now,
        duration_ms: 1,
        is_success: true,
        answer: "250 ok".to_owned(),
    };
    let sent = store.mail_attempted(due[0].id, &attempt, MailNext::Sent);
    sent.await.unwrap();
    assert!(!browser.get("/preferences").await.text.contains(failed));
    house.close().await;
}
