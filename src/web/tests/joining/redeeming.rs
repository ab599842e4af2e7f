//! Taking up an invitation, to the home page.

use std::time::Duration;

use axum::http::StatusCode;

use crate::config::FirstPassword;
use crate::domain::audit::Action;
use crate::web::tests::house::House;
use crate::web::tests::joining::{
    CHOSEN, approve, has_own_password, linked, mails, request, sign_in, temporary,
};

#[tokio::test]
async fn an_invitation_is_good_at_once() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = ann.get("/users/invite").await.csrf();
    let form =
        format!("csrf={csrf}&email=eve@acme.example&first-name=Eve&last-name=Early&role=view");
    let invited = ann.post("/users/invite/role", &form).await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER);
    let sent = mails(&house).await;
    // Whoever may come in is looked for once a second; the mail can be faster.
    let page = house.browser().get(&linked(&sent[0], "/redeem/")).await;
    assert!(page.text.contains("Sign up with an invitation code"));
    house.close().await;
}

#[tokio::test]
async fn an_invited_person_gets_home_by_the_guides_steps() {
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let mail = approve(&house, &reference, "zebra").await;
    let (page, password) = (linked(&mail, "/redeem/"), temporary(&mail));
    let mut browser = house.browser();
    let shown = browser.get(&page).await;
    for words in [
        "Redeem invitation",
        "Sign up with an invitation code",
        ">Register<",
        "Type Approval",
    ] {
        assert!(shown.text.contains(words), "{words}");
    }
    let redeemed = browser.post(&page, &format!("csrf={}", shown.csrf())).await;
    assert_eq!(redeemed.header("location"), "/sign-in");
    let wrong = sign_in(&mut browser, "zoe@zebra.example", "aaaaa-bbbbb-ccccc-ddddd").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let entered = sign_in(&mut browser, "zoe@zebra.example", &password).await;
    assert_eq!(entered.header("location"), "/update-password");
    for path in ["/", "/submissions", "/stay-signed-in", "/terms/agree"] {
        let answer = browser.get(path).await;
        let to = answer.header("location").split('?').next();
        assert_eq!(to, Some("/update-password"), "{path}");
    }
    let update = browser.get("/update-password").await;
    for words in [
        "Update your password",
        "first time you are signing in",
        "Current password",
        "New password",
        "Confirm password",
    ] {
        assert!(update.text.contains(words), "{words}");
    }
    let form = format!(
        "csrf={}&current-password={password}&new-password={CHOSEN}&confirm-password={CHOSEN}",
        update.csrf()
    );
    let answer = browser.post("/update-password", &form).await;
    assert_eq!(
        answer.header("location"),
        "/stay-signed-in",
        "{}",
        answer.text
    );
    let csrf = browser.get("/stay-signed-in").await.csrf();
    let answer = browser
        .post("/stay-signed-in", &format!("csrf={csrf}&stay=no"))
        .await;
    assert_eq!(answer.header("location"), "/");
    let home = browser.get("/").await;
    for words in ["Zoë Zander", "Sign out", "Manage users"] {
        assert!(home.text.contains(words), "{words}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_person_who_signed_up_has_a_password_of_their_own_and_that_is_noted() {
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let mail = approve(&house, &reference, "zebra").await;
    let (page, password) = (linked(&mail, "/redeem/"), temporary(&mail));
    let mut browser = house.browser();
    let csrf = browser.get(&page).await.csrf();
    browser.post(&page, &format!("csrf={csrf}")).await;
    // Copied out of the mail with a blank at each end, which a temporary password never has.
    sign_in(&mut browser, "zoe@zebra.example", &format!("+{password}+")).await;
    let csrf = browser.get("/update-password").await.csrf();
    let again = format!(
        "csrf={csrf}&current-password={password}&new-password={password}&confirm-password={password}"
    );
    let answer = browser.post("/update-password", &again).await;
    assert!(
        answer
            .text
            .contains("must be different from your current password")
    );
    let zoe = house.user("zoe@zebra.example").await;
    assert!(!has_own_password(&house, zoe.id).await);
    let form = format!(
        "csrf={csrf}&current-password={password}&new-password={CHOSEN}&confirm-password={CHOSEN}"
    );
    browser.post("/update-password", &form).await;
    assert!(has_own_password(&house, zoe.id).await);
    let entries = house
        .store
        .audit_entries(Some("zoe@zebra.example"), None, 9)
        .await;
    let actions: Vec<Action> = entries
        .unwrap()
        .iter()
        .map(|entry| entry.deed.action)
        .collect();
    assert_eq!(
        actions,
        [Action::PasswordChanged, Action::InvitationRedeemed]
    );
    house.close().await;
}

#[tokio::test]
async fn an_invitation_works_once_and_ends_with_its_password() {
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let mail = approve(&house, &reference, "zebra").await;
    let (page, password) = (linked(&mail, "/redeem/"), temporary(&mail));
    // First the password, then the link, as the guide has it.
    assert!(mail.text.find(&password).unwrap() < mail.text.find("/redeem/").unwrap());
    let mut browser = house.browser();
    let csrf = browser.get(&page).await.csrf();
    assert_eq!(
        browser.post(&page, "csrf=0").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        browser.get(&page).await.status,
        StatusCode::OK,
        "looking uses nothing up"
    );
    let form = format!("csrf={csrf}");
    assert_eq!(
        browser.post(&page, &form).await.status,
        StatusCode::SEE_OTHER
    );
    for answer in [browser.get(&page).await, browser.post(&page, &form).await] {
        assert_eq!(answer.status, StatusCode::GONE);
        assert!(
            answer
                .text
                .contains("This invitation can no longer be used")
        );
    }
    house.clock.advance(Duration::from_hours(7 * 24));
    let late = sign_in(&mut browser, "zoe@zebra.example", &password).await;
    assert_eq!(
        late.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the password has ended"
    );
    house.close().await;
}

#[tokio::test]
async fn an_invitation_that_nobody_took_up_ends() {
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let page = linked(&approve(&house, &reference, "zebra").await, "/redeem/");
    house.clock.advance(Duration::from_hours(7 * 24));
    let mut browser = house.browser();
    assert_eq!(browser.get(&page).await.status, StatusCode::GONE);
    let never = browser.get("/redeem/0000").await;
    assert_eq!(
        never.status,
        StatusCode::GONE,
        "no different from one that never was"
    );
    house.close().await;
}

#[tokio::test]
async fn without_a_temporary_password_one_is_created_behind_the_link() {
    let house = House::with(|about| about.invitation.password = FirstPassword::None).await;
    let reference = request(&house, "zoe@zebra.example").await;
    let mail = approve(&house, &reference, "zebra").await;
    assert!(!mail.text.contains("temporary password"));
    let page = linked(&mail, "/redeem/");
    let mut browser = house.browser();
    let csrf = browser.get(&page).await.csrf();
    let create = browser.post(&page, &format!("csrf={csrf}")).await;
    assert!(create.text.contains("Create a password"));
    let weak = format!("csrf={csrf}&new-password=short&confirm-password=short");
    let answer = browser.post(&format!("{page}/password"), &weak).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let good = format!("csrf={csrf}&new-password={CHOSEN}&confirm-password={CHOSEN}");
    let answer = browser.post(&format!("{page}/password"), &good).await;
    assert_eq!(
        answer.header("location"),
        "/stay-signed-in",
        "{}",
        answer.text
    );
    assert!(browser.get("/").await.text.contains("Zoë Zander"));
    let again = browser.post(&format!("{page}/password"), &good).await;
    assert_eq!(again.status, StatusCode::GONE);
    house.close().await;
}
