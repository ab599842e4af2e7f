//! Fixed addresses: added, changed, removed, told; within their limits.

use axum::http::StatusCode;

use crate::domain::account::FIXED_ADDRESSES_MAX;
use crate::domain::audit::Action;
use crate::web::tests::house::House;
use crate::web::tests::office::give_up;
use crate::web::tests::people::{last_deed, mails, post};

const ANN: &str = "ann@acme.example";
const PATH: &str = "/preferences/addresses";

#[tokio::test]
async fn a_primary_user_adds_changes_and_removes_a_fixed_address() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let page = ann.get("/preferences").await;
    assert!(page.text.contains("href=\"/preferences/addresses\""));
    let page = ann.get(PATH).await;
    assert!(page.text.contains("There are none yet"));
    assert!(
        page.text
            .contains("aria-describedby=\"failures-hint\" checked")
    );
    assert!(
        !page.text.contains("none-hint"),
        "one that gets nothing is removed"
    );
    let deed = |action| (action, "acme".to_owned(), ANN.to_owned());
    for (preference, notice, told) in [
        ("failures", "address", "hands in: failures only."),
        ("all", "address-changed", "hands in: every outcome."),
    ] {
        let sent = format!("email=ops%40acme.example&preference={preference}");
        let done = post(&mut ann, PATH, &sent).await;
        assert_eq!(done.header("location"), format!("{PATH}?notice={notice}"));
        assert_eq!(last_deed(&house).await, deed(Action::FixedAddressAdded));
        let letter = mails(&house).await.remove(0);
        assert_eq!(
            (letter.to.as_str(), letter.user),
            ("ops@acme.example", None)
        );
        assert!(letter.text.contains("Ann Able"), "{}", letter.text);
        assert!(letter.text.contains(told), "{}", letter.text);
    }
    let again = post(&mut ann, PATH, "email=OPS%40acme.example&preference=all").await;
    assert_eq!(again.header("location"), format!("{PATH}?notice=nothing"));
    assert_eq!(mails(&house).await.len(), 2);
    let page = ann.get(PATH).await;
    assert_eq!(page.text.matches(">Remove<").count(), 1);
    assert!(page.text.contains("All outcomes</td>"), "{}", page.text);

    // Another account has its own, and staff see those of all.
    let mut pia = house.signed_in("pia@bolt.example").await;
    assert!(!pia.get(PATH).await.text.contains("ops@acme.example"));
    let remove = format!("{PATH}/remove");
    let foreign = post(&mut pia, &remove, "email=ops%40acme.example").await;
    assert_eq!(foreign.header("location"), format!("{PATH}?notice=nothing"));
    let mut oz = house.signed_in("oz@staff.example").await;
    let page = oz.get("/staff/accounts/acme").await;
    assert!(page.text.contains("ops@acme.example</bdi> (all)"));

    let gone = post(&mut ann, &remove, "email=ops%40acme.example").await;
    assert_eq!(
        gone.header("location"),
        format!("{PATH}?notice=address-removed")
    );
    assert_eq!(last_deed(&house).await, deed(Action::FixedAddressRemoved));
    assert!(mails(&house).await[0].subject.starts_with("No more emails"));
    assert!(ann.get(PATH).await.text.contains("There are none yet"));
    house.close().await;
}

#[tokio::test]
async fn what_is_no_address_or_one_too_many_is_refused_with_a_sentence() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    for (sent, sentence) in [
        ("email=&preference=all", "Enter an email address"),
        ("email=ops&preference=all", "like name@example.com"),
        (
            "email=ops%40acme.example",
            "Select which emails the address gets",
        ),
        (
            "email=ops%40acme.example&preference=none",
            "Select which emails the address gets",
        ),
    ] {
        let answer = post(&mut ann, PATH, sent).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{sent}");
        assert!(answer.text.contains(sentence), "{sent}: {}", answer.text);
    }
    for number in 0..FIXED_ADDRESSES_MAX {
        let sent = format!("email=ops{number}%40acme.example&preference=daily");
        let added = post(&mut ann, PATH, &sent).await;
        assert_eq!(added.status, StatusCode::SEE_OTHER);
    }
    let more = post(&mut ann, PATH, "email=more%40acme.example&preference=daily").await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        more.text.contains("at most 10 fixed addresses"),
        "{}",
        more.text
    );
    assert!(
        more.text.contains("value=\"more@acme.example\""),
        "what was typed stays"
    );
    house.close().await;
}

#[tokio::test]
async fn new_addresses_count_with_the_invitations_of_an_hour() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let remove = format!("{PATH}/remove");
    for _ in 0..house.view.invitation.hourly_max {
        let added = post(&mut ann, PATH, "email=ops%40acme.example&preference=daily").await;
        assert_eq!(added.header("location"), format!("{PATH}?notice=address"));
        post(&mut ann, &remove, "email=ops%40acme.example").await;
    }
    let more = post(&mut ann, PATH, "email=ops%40acme.example&preference=daily").await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(more.text.contains("Wait an hour"), "{}", more.text);
    house.clock.advance(std::time::Duration::from_secs(3601));
    let mut ann = house.signed_in(ANN).await;
    let added = post(&mut ann, PATH, "email=ops%40acme.example&preference=daily").await;
    assert_eq!(added.status, StatusCode::SEE_OTHER);
    house.close().await;
}

#[tokio::test]
async fn mail_that_a_fixed_address_does_not_get_is_shown() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    for number in 1..3 {
        let sent = format!("email=ops{number}%40acme.example&preference=all");
        post(&mut ann, PATH, &sent).await;
    }
    give_up(&house).await;
    let page = ann.get(PATH).await;
    let failed =
        "ops1@acme.example</bdi><br><strong class=\"govuk-tag govuk-tag--red\">Not delivered";
    assert!(page.text.contains(failed), "{}", page.text);
    assert_eq!(page.text.matches("could not be delivered on").count(), 1);
    house.close().await;
}
