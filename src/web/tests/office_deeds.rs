//! What staff do in the back office: done, noted in the audit log, and told to whom it concerns.

use axum::http::StatusCode;

use crate::domain::account::{
    LoginName, MailAddress, MailPreference, Role, Standing, User, UserKind,
};
use crate::domain::audit::{Action, Entry};
use crate::domain::notice::MailStatus;
use crate::store::{Added, NewUser};
use crate::web::tests::house::{Browser, Ending, House, Sent};
use crate::web::tests::office::{deed, give_up, mail};

const OZ: &str = "oz@staff.example";

/// Sends a form with the token of the page that it stands on.
async fn press(browser: &mut Browser, page: &str, path: &str, rest: &str) -> (StatusCode, String) {
    let csrf = browser.get(page).await.csrf();
    let form = format!("csrf={csrf}{rest}");
    let answer = browser.post(path, &form).await;
    let place = answer.header("location").to_owned();
    let told = if answer.status == StatusCode::SEE_OTHER {
        place
    } else {
        answer.text
    };
    (answer.status, told)
}

async fn entries(house: &House, subject: &str) -> Vec<Entry> {
    let found = house.store.audit_entries(Some(subject), None, 99).await;
    found.unwrap()
}

async fn person(house: &House, login: &str, role: Role) -> User {
    let new = NewUser {
        account: Some(house.acme.id),
        login: LoginName::new(login).unwrap(),
        kind: UserKind::Person,
        role,
        display_name: format!("Name of {login}"),
        mail: MailAddress::new(login).ok(),
        mail_preference: MailPreference::None,
        contact: None,
    };
    let Added::New(user) = house.store.add_user(&new, house.clock.now()).await.unwrap() else {
        panic!("the user is new");
    };
    house.access.refresh().await.unwrap();
    user
}

#[tokio::test]
async fn every_deed_takes_an_operator_and_the_token_of_the_session() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let held = Sent {
        ending: Ending::Held,
        ..Sent::default()
    };
    let held = house.send(&acme, held).await;
    let now = house.clock.now();
    house
        .store
        .close_window(&[], &[mail("1")], now)
        .await
        .unwrap();
    let vic = house.user("vic@acme.example").await.id.0;
    let before = house.store.audit_entries(None, None, 99).await.unwrap();
    let paths = [
        "/staff/accounts/acme/suspend".to_owned(),
        "/staff/accounts/acme/resume".to_owned(),
        "/staff/accounts/acme/primary".to_owned(),
        format!("/staff/users/{vic}/suspend"),
        format!("/staff/users/{vic}/resume"),
        format!("/staff/held/{held}/retry"),
        format!("/staff/held/{held}/reject"),
        "/staff/outbox/1/retry".to_owned(),
        "/staff/terms".to_owned(),
    ];
    let rest = format!("&user={vic}&sentence=x&body=x&meant=yes");
    for path in &paths {
        for login in ["sue@staff.example", "ann@acme.example", "vic@acme.example"] {
            let mut browser = house.signed_in(login).await;
            let csrf = browser.get("/submissions").await.csrf();
            let answer = browser.post(path, &format!("csrf={csrf}{rest}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} by {login}");
        }
        let mut oz = house.signed_in(OZ).await;
        let foreign = oz.post(path, &format!("csrf=x{rest}")).await;
        assert_eq!(
            foreign.status,
            StatusCode::FORBIDDEN,
            "{path} without token"
        );
        let csrf = oz.get("/staff/home").await.csrf();
        let form = format!("csrf={csrf}{rest}");
        let elsewhere = [("sec-fetch-site", "cross-site")];
        let answer = oz.post_from(path, &form, &elsewhere).await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "{path} from elsewhere"
        );
        let nobody = house.browser().post(path, &form).await;
        assert_ne!(nobody.status, StatusCode::OK, "{path} signed out");
    }
    let after = house.store.audit_entries(None, None, 99).await.unwrap();
    assert_eq!(before.len(), after.len(), "nothing was done");
    assert_eq!(house.store.held(9).await.unwrap().len(), 1);
    house.close().await;
}

#[tokio::test]
async fn a_suspended_account_is_signed_out_at_once_and_may_come_back() {
    let house = House::new().await;
    let (mut oz, mut ann) = (
        house.signed_in(OZ).await,
        house.signed_in("ann@acme.example").await,
    );
    let mut bob = house.signed_in("bob@bolt.example").await;
    let page = "/staff/accounts/acme";
    let done = press(&mut oz, page, "/staff/accounts/acme/suspend", "").await;
    assert_eq!(done.1, "/staff/accounts/acme?done=suspended");
    assert!(
        oz.get(&done.1)
            .await
            .text
            .contains("The account is suspended.")
    );
    // Loaded again, the page says nothing of it.
    let shown = oz.get(&done.1).await.text;
    assert!(!shown.contains("The account is suspended. Its"), "{shown}");
    assert_eq!(ann.get("/submissions").await.status, StatusCode::SEE_OTHER);
    assert_eq!(bob.get("/submissions").await.status, StatusCode::OK);
    let again = press(&mut oz, page, "/staff/accounts/acme/suspend", "").await;
    assert_eq!(again.1, "/staff/accounts/acme?done=nothing");
    let done = press(&mut oz, page, "/staff/accounts/acme/resume", "").await;
    assert_eq!(done.1, "/staff/accounts/acme?done=resumed");
    // The browser that was signed out stays so; a new sign-in is welcome.
    assert_eq!(ann.get("/submissions").await.status, StatusCode::SEE_OTHER);
    let mut ann = house.signed_in("ann@acme.example").await;
    assert_eq!(ann.get("/submissions").await.status, StatusCode::OK);
    let mails = house.store.mails(9).await.unwrap();
    let told = |subject: &str| {
        let mut all: Vec<&str> = mails
            .iter()
            .filter(|mail| mail.mail.subject == subject)
            .map(|mail| mail.mail.to.as_str())
            .collect();
        all.sort_unstable();
        all
    };
    let people = ["ann@acme.example", "uma@acme.example", "vic@acme.example"];
    assert_eq!(told("The account of Acme Motors is suspended"), people);
    assert_eq!(told("The account of Acme Motors is resumed"), people);
    assert_eq!(mails.len(), 6, "once, and nobody else");
    let noted = entries(&house, "acme").await;
    let actions: Vec<Action> = noted.iter().map(|entry| entry.deed.action).collect();
    assert_eq!(actions, [Action::AccountResumed, Action::AccountSuspended]);
    assert_eq!(noted[0].deed.actor, OZ);
    assert_eq!(noted[0].deed.remote_ip.as_deref(), Some("0.0.0.0"));
    let nowhere = press(&mut oz, page, "/staff/accounts/none/suspend", "").await;
    assert_eq!(nowhere.0, StatusCode::NOT_FOUND);
    house.close().await;
}

#[tokio::test]
async fn a_user_is_suspended_and_nobody_suspends_themselves() {
    let house = House::new().await;
    let (mut oz, mut vic) = (
        house.signed_in(OZ).await,
        house.signed_in("vic@acme.example").await,
    );
    let id = house.user("vic@acme.example").await.id.0;
    let page = format!("/staff/users/{id}");
    let done = press(&mut oz, &page, &format!("{page}/suspend"), "").await;
    assert_eq!(done.1, format!("{page}?done=suspended"));
    assert_eq!(vic.get("/submissions").await.status, StatusCode::SEE_OTHER);
    let user = house.user("vic@acme.example").await;
    assert_eq!(user.standing, Standing::Suspended);
    press(&mut oz, &page, &format!("{page}/resume"), "").await;
    let noted = entries(&house, "vic@acme.example").await;
    assert_eq!(noted.len(), 2);
    let mails = house.store.mails(9).await.unwrap();
    let told: Vec<(&str, &str)> = mails
        .iter()
        .map(|mail| (mail.mail.to.as_str(), mail.mail.subject.as_str()))
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for word in ["suspended", "resumed"] {
        let subject = format!("Your access to the eCoC portal is {word}");
        assert!(
            told.contains(&("vic@acme.example", subject.as_str())),
            "{told:?}"
        );
    }

    let own = house.user(OZ).await.id.0;
    let page = format!("/staff/users/{own}");
    let shown = oz.get(&page).await;
    assert!(!shown.text.contains("/suspend\""), "{}", shown.text);
    let done = press(&mut oz, &page, &format!("{page}/suspend"), "").await;
    assert_eq!(done.1, format!("{page}?done=self"));
    assert_eq!(house.user(OZ).await.standing, Standing::Active);
    assert!(entries(&house, OZ).await.is_empty());
    house.close().await;
}

#[tokio::test]
async fn the_primary_role_moves_and_both_people_are_told() {
    let house = House::new().await;
    let next = person(&house, "new@acme.example", Role::View).await;
    let mut oz = house.signed_in(OZ).await;
    let (page, path) = ("/staff/accounts/acme", "/staff/accounts/acme/primary");
    let none = press(&mut oz, page, path, "&user=").await;
    assert_eq!(none.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.1.contains("Select who is to become the Primary User"));
    // Neither a machine, nor somebody of another account, nor who has the role already.
    for login in ["acme-robot", "bob@bolt.example", "ann@acme.example", OZ] {
        let id = house.user(login).await.id.0;
        let refused = press(&mut oz, page, path, &format!("&user={id}")).await;
        assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
    }
    // Nor somebody who was invited and has never come in.
    let sent = "email=late%40acme.example&first-name=Lea&last-name=Late&role=upload";
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = ann.get("/users/invite").await.csrf();
    ann.post("/users/invite/role", &format!("csrf={csrf}&{sent}"))
        .await;
    let late = house.user("late@acme.example").await.id.0;
    let refused = press(&mut oz, page, path, &format!("&user={late}")).await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = oz.get(page).await.text;
    assert!(shown.contains("Invitation not taken up"), "{shown}");
    let first = press(&mut oz, page, path, &format!("&user={}", next.id.0)).await;
    assert_eq!(first.1, "/staff/accounts/acme?done=primary");
    assert_eq!(house.user("new@acme.example").await.role, Role::Primary);
    assert_eq!(house.user("ann@acme.example").await.role, Role::Upload);
    let other = person(&house, "other@acme.example", Role::Upload).await;
    press(&mut oz, page, path, &format!("&user={}", other.id.0)).await;
    let mails = house.store.mails(9).await.unwrap();
    let told: Vec<(&str, &str)> = mails
        .iter()
        .map(|mail| (mail.mail.to.as_str(), mail.mail.subject.as_str()))
        .collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told.contains(&(
        "new@acme.example",
        "You are now the Primary User of Acme Motors"
    )));
    assert!(told.contains(&(
        "new@acme.example",
        "You are no longer the Primary User of Acme Motors"
    )));
    let noted = entries(&house, "acme").await;
    assert_eq!(noted[0].deed.action, Action::PrimaryMoved);
    assert_eq!(
        noted[0].deed.details,
        "other@acme.example in place of new@acme.example"
    );
    house.close().await;
}

#[tokio::test]
async fn a_held_file_is_tried_again_or_ended_once() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let held = |octets| Sent {
        ending: Ending::Held,
        octets,
        ..Sent::default()
    };
    let one = house.send(&acme, held(b"<a/>")).await;
    let two = house.send(&acme, held(b"<b/>")).await;
    let mut oz = house.signed_in(OZ).await;
    let list = oz.get("/staff/held").await;
    assert!(list.text.contains(one.as_str()) && list.text.contains("it kept failing"));
    let retry = format!("/staff/held/{one}/retry");
    let done = press(&mut oz, "/staff/held", &retry, "").await;
    assert_eq!(done.1, "/staff/held?done=retried");
    let again = press(&mut oz, "/staff/held", &retry, "").await;
    assert_eq!(again.1, "/staff/held?done=nothing");

    let reject = format!("/staff/held/{two}/reject");
    for (sentence, error) in [
        ("", "Enter a sentence for the sender"),
        ("a%0Ab", "The sentence must be on one line"),
        (
            &"x".repeat(501),
            "The sentence must be 500 characters or less",
        ),
    ] {
        let rest = format!("&sentence={sentence}");
        let refused = press(&mut oz, &reject, &reject, &rest).await;
        assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.1.contains(error), "{error}");
    }
    let done = press(&mut oz, &reject, &reject, "&sentence=Send+it+again.").await;
    assert_eq!(done.1, "/staff/held?done=rejected");
    let gone = oz.get(&reject).await;
    assert_eq!(gone.header("location"), "/staff/held?done=nothing");
    let now = house.clock.now();
    let lease = now + std::time::Duration::from_mins(1);
    let work = house.store.claim(9, "n", now, lease, 3).await.unwrap();
    let sentences: Vec<_> = work
        .claimed
        .iter()
        .map(|one| one.sentence.as_deref())
        .collect();
    assert_eq!(sentences, [None, Some("Send it again.")]);
    let noted = entries(&house, two.as_str()).await;
    assert_eq!(noted[0].deed.action, Action::SubmissionRejected);
    assert_eq!(noted[0].deed.details, "Send it again.");
    let unknown = oz.get("/staff/held/SUB-22222222/reject").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    house.close().await;
}

#[tokio::test]
async fn a_mail_that_was_given_up_is_sent_after_all() {
    let house = House::new().await;
    let now = house.clock.now();
    house
        .store
        .close_window(&[], &[mail("1")], now)
        .await
        .unwrap();
    let id = give_up(&house).await;
    let mut oz = house.signed_in(OZ).await;
    let page = format!("/staff/outbox/{id}");
    let done = press(&mut oz, &page, &format!("{page}/retry"), "").await;
    assert_eq!(done.1, format!("{page}?done=retried"));
    let mail = house.store.mails(1).await.unwrap().remove(0);
    assert_eq!(
        (mail.status, mail.next_attempt),
        (MailStatus::Waiting, Some(now))
    );
    let noted = entries(&house, &format!("mail {id}")).await;
    assert_eq!(noted.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn a_new_version_of_the_terms_asks_every_user_again() {
    let house = House::new().await;
    let mut oz = house.signed_in(OZ).await;
    let publish =
        async |oz: &mut Browser, rest: &str| press(oz, "/staff/terms", "/staff/terms", rest).await;
    for (rest, error) in [
        ("&body=&meant=yes", "Enter the text of the new version"),
        ("&body=One.", "Confirm that every user is to be asked"),
    ] {
        let refused = publish(&mut oz, rest).await;
        assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.1.contains(error), "{error}");
    }
    assert!(
        publish(&mut oz, "&body=Kept+text")
            .await
            .1
            .contains("Kept text")
    );
    let first = publish(&mut oz, "&body=One.%0D%0A%0D%0ATwo.&meant=yes").await;
    assert_eq!(first.1, "/staff/terms?done=published");
    let same = publish(&mut oz, "&body=One.%0A%0ATwo.&meant=yes").await;
    assert_eq!(same.1, "/staff/terms?done=nothing");
    let ann = house.user("ann@acme.example").await.id;
    let agreed = deed(&house, Action::TermsAgreed, "ann@acme.example");
    house.store.agree(ann, ann, 1, &agreed).await.unwrap();
    let mut browser = house.signed_in("ann@acme.example").await;
    assert_eq!(browser.get("/submissions").await.status, StatusCode::OK);
    publish(&mut oz, "&body=Three.&meant=yes").await;
    let asked = browser.get("/submissions").await;
    let to = "/terms/agree?next=%2Fsubmissions";
    assert_eq!(asked.header("location"), to);
    let one = oz.get("/staff/terms/1").await;
    assert!(
        one.text
            .contains("<p class=\"govuk-body ecocd-break\">Two.</p>")
    );
    assert!(one.text.contains("ann@acme.example") && one.text.contains("The user"));
    assert!(oz.get("/staff/terms/2").await.text.contains("Nobody yet."));
    assert_eq!(oz.get("/staff/terms/3").await.status, StatusCode::NOT_FOUND);
    assert_eq!(entries(&house, "terms").await.len(), 2);
    house.close().await;
}

#[tokio::test]
async fn terms_of_the_full_length_are_taken_in_any_script() {
    let house = House::new().await;
    let mut oz = house.signed_in(OZ).await;
    let publish =
        async |oz: &mut Browser, rest: &str| press(oz, "/staff/terms", "/staff/terms", rest).await;
    // Letters of three octets, and of four.
    for letter in ["%E6%9D%A1", "%F0%90%8D%88"] {
        let text = letter.repeat(15_000);
        let published = publish(&mut oz, &format!("&body={text}&meant=yes")).await;
        assert_eq!(published.1, "/staff/terms?done=published");
        let refused = publish(&mut oz, &format!("&body={text}{letter}&meant=yes")).await;
        assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused
                .1
                .contains("The text must be 15,000 characters or less")
        );
    }
    house.close().await;
}
