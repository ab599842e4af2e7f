//! Inviting a user in three steps, and sending an invitation again.

use axum::http::StatusCode;

use crate::domain::account::{Role, UserKind};
use crate::domain::audit::Action;
use crate::domain::registration::LinkPurpose;
use crate::intake::digest;
use crate::web::tests::house::House;
use crate::web::tests::people::{add, last_deed, mails, post};

const ANN: &str = "ann@acme.example";
const TAKEN: &str =
    "This email is already taken. To invite this person as a user, use a unique email address.";

#[tokio::test]
async fn an_invitation_goes_in_three_steps_and_out_by_mail() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    assert!(
        ann.get("/users/invite")
            .await
            .text
            .contains("Verify email address")
    );
    let step = post(&mut ann, "/users/invite", "email=New@Acme.example").await;
    assert_eq!(step.status, StatusCode::OK);
    assert!(step.text.contains("Step 2 - Details") && step.text.contains("Acme Motors"));
    let typed = "email=New@Acme.example&first-name=Nell&last-name=Ne%3Cw%3E";
    let step = post(&mut ann, "/users/invite/details", typed).await;
    assert!(step.text.contains("Step 3 - Role") && step.text.contains("Select"));
    let sent = post(
        &mut ann,
        "/users/invite/role",
        &format!("{typed}&role=view"),
    )
    .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(sent.header("location"), "/users/invited/INV-1000");
    let page = ann.get("/users/invited/INV-1000").await;
    for words in [
        "New user invitation request received",
        "Your reference number is",
        "INV-1000",
        "What happens next:",
        "Back to manage users",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    let invited = house.user("new@acme.example").await;
    assert_eq!(
        (invited.account, invited.role),
        (Some(house.acme.id), Role::View)
    );
    assert_eq!(invited.kind, UserKind::Person);
    assert_eq!(invited.display_name, "Nell Ne<w>");
    let deed = (
        Action::UserInvited,
        "new@acme.example".to_owned(),
        ANN.to_owned(),
    );
    assert_eq!(last_deed(&house).await, deed);
    // Nobody else's confirmation is shown.
    let mut cara = {
        add(
            &house,
            &house.bolt,
            "cara@bolt.example",
            Role::Primary,
            "Cara",
        )
        .await;
        house.signed_in("cara@bolt.example").await
    };
    let foreign = cara.get("/users/invited/INV-1000").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    house.close().await;
}

/// What the invitation in a mail carries: the link's token, and the temporary password.
fn carried(text: &str) -> (String, String) {
    let (_, rest) = text.split_once("/redeem/").unwrap();
    let token: String = rest
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let is_password = |line: &&str| line.len() == 23 && line.matches('-').count() == 3;
    let password = text.lines().find(is_password).unwrap();
    (token, password.to_owned())
}

#[tokio::test]
async fn an_invitation_sent_again_ends_the_one_before() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let typed = "email=new@acme.example&first-name=Nell&last-name=New&role=upload";
    post(&mut ann, "/users/invite/role", typed).await;
    let (first, old) = carried(&mails(&house).await[0].text);
    let invited = house.user("new@acme.example").await;
    let list = ann.get("/users").await;
    assert!(list.text.contains("Invitations not taken up yet") && list.text.contains("INV-1000"));
    let again = format!("/users/{}/resend", invited.id);
    let sent = post(&mut ann, &again, "").await;
    assert_eq!(sent.header("location"), "/users?notice=resent");
    let sent = mails(&house).await;
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].to.as_str(), "new@acme.example");
    let (second, new) = carried(&sent[0].text);
    let works = async |token: &str| {
        let token = digest(token.as_bytes());
        let found = house
            .store
            .link_user(&token, LinkPurpose::Redeem, house.clock.now());
        found.await.unwrap().is_some()
    };
    assert_eq!((works(&first).await, works(&second).await), (false, true));
    house.access.refresh().await.unwrap();
    let here = [127, 0, 0, 1].into();
    let lets_in = async |password: &str| {
        let guest = house.access.by_password("new@acme.example", password, here);
        guest.await.is_some()
    };
    assert!(lets_in(&new).await && !lets_in(&old).await);
    // Once a password is chosen, there is nothing to send again.
    house
        .store
        .set_password(invited.id, "$argon2id$x", house.clock.now())
        .await
        .unwrap();
    let late = post(&mut ann, &again, "").await;
    assert_eq!(late.header("location"), "/users?notice=nothing");
    assert!(!ann.get("/users").await.text.contains("INV-1000"));
    house.close().await;
}

#[tokio::test]
async fn a_taken_address_is_said_in_the_summary_and_at_the_field() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    for (path, email) in [
        ("/users/invite", "BOB@bolt.example"),
        // Somebody took it while the later steps were open.
        ("/users/invite/details", "bob@bolt.example"),
        ("/users/invite/role", "acme-robot@"),
        ("/users/invite/role", ANN),
    ] {
        let typed = format!("email={email}&first-name=B&last-name=B&role=view");
        let answer = post(&mut ann, path, &typed).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path} {email}"
        );
        assert!(answer.title().starts_with("Error: "));
        assert!(answer.text.contains("There is a problem"));
        let times = if email.ends_with('@') { 0 } else { 2 };
        assert_eq!(answer.text.matches(TAKEN).count(), times, "{path} {email}");
        assert!(answer.text.contains(&format!("value=\"{email}\"")), "kept");
    }
    assert!(mails(&house).await.is_empty());
    house.close().await;
}

/// A step, what was typed, the step that is shown again, and what it says.
const UNFINISHED: [(&str, &str, &str, &str); 8] = [
    (
        "/users/invite",
        "",
        "Step 1",
        "Enter the invitee&#39;s email address",
    ),
    (
        "/users/invite",
        "email=x",
        "Step 1",
        "in the correct format",
    ),
    (
        "/users/invite/details",
        "email=n@x.example&last-name=New",
        "Step 2",
        "Enter the invitee&#39;s first name",
    ),
    (
        "/users/invite/role",
        "email=n@x.example&first-name=N&role=view",
        "Step 2",
        "Enter the invitee&#39;s last name",
    ),
    (
        "/users/invite/role",
        "first-name=N&last-name=N&role=view",
        "Step 1",
        "Enter the",
    ),
    (
        "/users/invite/role",
        "email=n@x.example&first-name=N&last-name=N&role=",
        "Step 3",
        "Select a role",
    ),
    (
        "/users/invite/role",
        "email=n@x.example&first-name=N&last-name=N&role=primary",
        "Step 3",
        "Select a role",
    ),
    (
        "/users/invite/role",
        "email=n@x.example&first-name=N&last-name=N&role=operator",
        "Step 3",
        "Select a role",
    ),
];

#[tokio::test]
async fn each_step_checks_again_what_came_before() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let before = house.store.users(None).await.unwrap().len();
    for (path, typed, step, error) in UNFINISHED {
        let answer = post(&mut ann, path, typed).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path} {typed}"
        );
        assert!(
            answer.text.contains(&format!(">{step} - ")),
            "{path} {typed}"
        );
        let text = answer.text.replace("&#x27;", "&#39;");
        assert_eq!(text.matches(error).count(), 2, "{path} {typed}: {text}");
    }
    assert_eq!(house.store.users(None).await.unwrap().len(), before);
    assert!(mails(&house).await.is_empty());
    let later = ann.get("/users/invite/role").await;
    assert_eq!(later.header("location"), "/users/invite");
    house.close().await;
}

#[tokio::test]
async fn an_account_sends_so_many_invitations_an_hour() {
    let house = House::with(|about| about.invitation.hourly_max = 2).await;
    let mut ann = house.signed_in(ANN).await;
    let mut pia = house.signed_in("pia@bolt.example").await;
    let typed = |name: &str| format!("email={name}@x.example&first-name=N&last-name=N&role=view");
    for name in ["a", "b"] {
        let sent = post(&mut ann, "/users/invite/role", &typed(name)).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
    }
    let refused = post(&mut ann, "/users/invite/role", &typed("c")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let words = "as many invitations as an hour allows";
    assert_eq!(refused.text.matches(words).count(), 2);
    assert!(refused.text.contains("value=\"c@x.example\""), "kept");
    let first = house.user("a@x.example").await.id;
    let again = post(&mut ann, &format!("/users/{first}/resend"), "").await;
    assert_eq!(again.header("location"), "/users?notice=too-many");
    assert!(ann.get("/users?notice=too-many").await.text.contains(words));
    assert_eq!(mails(&house).await.len(), 2);
    // Others are not held up, and an hour later nobody is.
    let sent = post(&mut pia, "/users/invite/role", &typed("d")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    house.clock.advance(std::time::Duration::from_hours(1));
    let mut ann = house.signed_in(ANN).await;
    let sent = post(&mut ann, "/users/invite/role", &typed("c")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    house.close().await;
}
