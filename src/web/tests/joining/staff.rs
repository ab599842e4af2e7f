//! Staff: their way in, the list of requests, approving and refusing.

use std::time::Duration;

use axum::http::StatusCode;

use crate::domain::account::AccountCode;
use crate::domain::audit::Action;
use crate::domain::registration::RegistrationStatus;
use crate::web::tests::house::{House, PASSWORD};
use crate::web::tests::joining::{approve, linked, mails, register, request, value};

#[tokio::test]
async fn staff_have_a_way_in_of_their_own_that_lets_nobody_else_in() {
    let house = House::new().await;
    for (email, is_welcome) in [("sue@staff.example", true), ("ann@acme.example", false)] {
        let mut browser = house.browser();
        let page = browser.get("/staff").await;
        assert!(page.text.contains("For staff of the"));
        let form = format!(
            "csrf={}&entry=staff&email={email}&next=%2Fstaff%2Fhome",
            page.csrf()
        );
        let page = browser.post("/sign-in", &form).await;
        assert_eq!(value(&page, "entry"), "staff");
        let form = format!("{form}&password={PASSWORD}");
        let answer = browser.post("/sign-in/password", &form).await;
        if is_welcome {
            assert_eq!(
                answer.header("location"),
                "/stay-signed-in?next=%2Fstaff%2Fhome"
            );
            assert_eq!(
                browser.get("/staff").await.header("location"),
                "/staff/home"
            );
        } else {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(
                answer
                    .text
                    .contains("Enter a correct email address and password")
            );
            assert_eq!(browser.cookie("ecocd-session"), None);
        }
    }
    let mut ann = house.signed_in("ann@acme.example").await;
    assert_eq!(ann.get("/staff").await.status, StatusCode::FORBIDDEN);
    house.close().await;
}

#[tokio::test]
async fn a_request_is_listed_with_the_day_on_which_its_promise_ends() {
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let mut sue = house.signed_in("sue@staff.example").await;
    // Thursday 28 May 2026, five working days later.
    let list = sue.get("/staff/requests").await;
    for words in [
        reference.as_str(),
        "Zebra Motors",
        "Zoë Zander",
        "4 June 2026",
    ] {
        assert!(list.text.contains(words), "{words}");
    }
    assert!(!list.text.contains(">Late<") && !list.text.contains(">Today<"));
    house.clock.advance(Duration::from_hours(7 * 24));
    let mut sue = house.signed_in("sue@staff.example").await;
    assert!(sue.get("/staff/requests").await.text.contains(">Today<"));
    house.clock.advance(Duration::from_hours(24));
    let mut sue = house.signed_in("sue@staff.example").await;
    let page = sue.get(&format!("/staff/requests/{reference}")).await;
    assert!(page.text.contains(">Late<"));
    assert!(page.text.contains("value=\"zebra\""), "a code is proposed");
    let known = "There is an account of this name, or one like it";
    assert!(!page.text.contains(known), "{}", page.text);
    let store = &house.store;
    let same = AccountCode::new("zeb").unwrap();
    let added = store.add_account(&same, "ZEBRA", house.clock.now()).await;
    added.unwrap();
    house.access.refresh().await.unwrap();
    let page = sue.get(&format!("/staff/requests/{reference}")).await;
    assert!(page.text.contains("ZEBRA (zeb)"), "{}", page.text);
    house.close().await;
}

#[tokio::test]
async fn only_reviewers_see_and_decide_requests() {
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let page = format!("/staff/requests/{reference}");
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = ann.get("/").await.csrf();
    for path in ["/staff/requests", page.as_str()] {
        assert_eq!(ann.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        let out = house.browser().get(path).await;
        assert!(
            out.header("location").starts_with("/sign-in?next="),
            "{path}"
        );
    }
    let form = format!("csrf={csrf}&account=Evil&code=evil&reason=no");
    for deed in ["approve", "refuse"] {
        let answer = ann.post(&format!("{page}/{deed}"), &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{deed}");
        let mut sue = house.signed_in("sue@staff.example").await;
        let answer = sue.post(&format!("{page}/{deed}"), &form).await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "{deed} with another's token"
        );
    }
    let waiting = house
        .store
        .registrations(RegistrationStatus::Waiting, 0, 9)
        .await;
    assert_eq!(waiting.unwrap().total, 1);
    house.close().await;
}

#[tokio::test]
async fn a_request_that_nobody_confirmed_is_not_shown() {
    let house = House::new().await;
    let sent = register(&house, &mut house.browser(), "zoe@zebra.example").await;
    let location = sent.header("location").to_owned();
    let reference = location.rsplit('/').next().unwrap();
    let mut sue = house.signed_in("sue@staff.example").await;
    let page = sue.get(&format!("/staff/requests/{reference}")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(!sue.get("/staff/requests").await.text.contains(reference));
    house.close().await;
}

#[tokio::test]
async fn an_approval_makes_the_account_and_invites_its_primary_user() {
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let mut sue = house.signed_in("sue@staff.example").await;
    let page = format!("/staff/requests/{reference}");
    let csrf = sue.get(&page).await.csrf();
    for (code, error) in [
        ("ACME+Ltd", "Account code must be 2 to 32 small letters"),
        ("acme", "Another account has this code"),
    ] {
        let form = format!("csrf={csrf}&account=Zebra+Motors&code={code}");
        let answer = sue.post(&format!("{page}/approve"), &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.text.matches(error).count(), 2, "{error}");
        assert!(answer.text.contains("value=\"Zebra Motors\""));
    }
    let mail = approve(&house, &reference, "zebra").await;
    assert_eq!(mail.to.as_str(), "zoe@zebra.example");
    assert!(mail.text.contains("temporary password") && mail.text.contains("7 days"));
    let zoe = house.user("zoe@zebra.example").await;
    assert_eq!(zoe.role.as_str(), "primary");
    let list = sue.get("/staff/requests").await;
    assert!(list.text.contains("Approved"));
    let entries = house.store.audit_entries(Some(reference.as_str()), None, 9);
    let entries = entries.await.unwrap();
    assert_eq!(entries[0].deed.action, Action::RegistrationApproved);
    assert_eq!(entries[0].deed.actor, "sue@staff.example");
    let form = format!("csrf={csrf}&account=Zebra+Motors&code=zebra2");
    let again = sue.post(&format!("{page}/approve"), &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.close().await;
}

#[tokio::test]
async fn a_refusal_needs_a_reason_which_is_mailed_and_kept() {
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let mut sue = house.signed_in("sue@staff.example").await;
    let page = format!("/staff/requests/{reference}");
    let csrf = sue.get(&page).await.csrf();
    let empty = sue
        .post(&format!("{page}/refuse"), &format!("csrf={csrf}&reason=+"))
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("Enter the reason"));
    let form = format!("csrf={csrf}&reason=No+type+approval.%0D%0AAsk+again+%3Clater%3E.");
    let answer = sue.post(&format!("{page}/refuse"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let mail = mails(&house).await.pop().unwrap();
    assert_eq!(mail.to.as_str(), "zoe@zebra.example");
    assert!(
        mail.text
            .contains("No type approval.\n\nAsk again <later>."),
        "{}",
        mail.text
    );
    let shown = sue.get(&page).await;
    let lines = "No type approval.\nAsk again &#60;later&#62;.";
    assert!(shown.text.contains(lines), "{}", shown.text);
    let entries = house.store.audit_entries(Some(reference.as_str()), None, 9);
    let entries = entries.await.unwrap();
    assert_eq!(entries[0].deed.action, Action::RegistrationRefused);
    assert_eq!(
        entries[0].deed.details,
        "No type approval. Ask again <later>."
    );
    house.close().await;
}

#[tokio::test]
async fn staff_send_a_primary_users_invitation_again() {
    let house = House::new().await;
    let reference = request(&house, "zoe@zebra.example").await;
    let mail = approve(&house, &reference, "zebra").await;
    let before = linked(&mail, "/redeem/");
    house.clock.advance(Duration::from_hours(8 * 24));
    let ended = house.browser().get(&before).await;
    assert_eq!(ended.status, StatusCode::GONE);
    assert!(
        ended
            .text
            .contains("If you are to be the Primary User yourself")
    );

    let zoe = house.user("zoe@zebra.example").await;
    let page = format!("/staff/users/{}", zoe.id);
    let mut oz = house.signed_in("oz@staff.example").await;
    let shown = oz.get(&page).await;
    assert!(shown.text.contains(">Send invitation again</button>"));
    let form = format!("csrf={}", shown.csrf());
    let sent = oz.post(&format!("{page}/invite"), &form).await;
    let told = sent.header("location").to_owned();
    assert_eq!(told, format!("{page}?done=invited"));
    assert!(
        oz.get(&told)
            .await
            .text
            .contains("The invitation is sent again")
    );
    let noted = house.store.audit_entries(None, None, 1).await.unwrap();
    let deed = &noted[0].deed;
    assert_eq!(
        (deed.action, deed.actor.as_str()),
        (Action::UserInvited, "oz@staff.example")
    );
    assert_eq!(deed.details, "zebra, sent again");
    let mail = mails(&house).await.pop().unwrap();
    assert!(
        mail.text
            .contains("write to ecocdataenquiries@vca.gov.uk to have")
    );
    let page_of_link = linked(&mail, "/redeem/");
    let mut browser = house.browser();
    let csrf = browser.get(&page_of_link).await.csrf();
    let taken = browser.post(&page_of_link, &format!("csrf={csrf}")).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);

    // Somebody who has a password needs none.
    let ann = house.user("ann@acme.example").await;
    let page = format!("/staff/users/{}", ann.id);
    assert!(!oz.get(&page).await.text.contains("Send invitation again"));
    let sent = oz.post(&format!("{page}/invite"), &form).await;
    assert_eq!(sent.header("location"), format!("{page}?done=taken-up"));
    house.close().await;
}

#[tokio::test]
async fn a_long_list_of_requests_has_pages() {
    let house = House::with(|about| about.registration.hourly_max = 100).await;
    for number in 0..26 {
        request(&house, &format!("a{number}@zebra.example")).await;
    }
    let mut sue = house.signed_in("sue@staff.example").await;
    let first = sue.get("/staff/requests").await;
    assert!(first.title().contains("(page 1 of 2)"), "{}", first.title());
    assert!(
        first
            .text
            .contains("Waiting: Showing 1 to 25 of 26 requests")
    );
    assert_eq!(first.text.matches("@zebra.example").count(), 25);
    let second = sue.get("/staff/requests?page=2").await;
    assert!(second.text.contains("a25@zebra.example"));
    assert_eq!(second.text.matches("@zebra.example").count(), 1);
    let none = sue.get("/staff/requests?page=9").await;
    assert!(none.title().contains("(page 1 of 2)"));
    house.close().await;
}
