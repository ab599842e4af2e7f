//! Asking for an account: landing page, start page, form, code, confirmation.

use std::time::Duration;

use axum::http::StatusCode;

use crate::config::Challenge;
use crate::domain::audit::Action;
use crate::domain::registration::RegistrationStatus;
use crate::web::tests::house::{Answer, House};
use crate::web::tests::joining::{code, filled, linked, mails, register, request, value};

/// How many requests stand so.
async fn count(house: &House, status: RegistrationStatus) -> usize {
    let page = house.store.registrations(status, 0, 10).await;
    page.unwrap().requests.len()
}

/// The page without what differs each time it is drawn.
fn plain(page: &Answer) -> String {
    let (before, after) = page.text.split_once("REG-").unwrap();
    format!("{before}{}", after.get(5..).unwrap())
}

#[tokio::test]
async fn the_landing_page_leads_to_sign_in_and_to_registering() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/").await;
    for words in [
        "Welcome to the Vehicle Certification Agency e-CoC (Certificate of Conformity) portal",
        "You need an account to submit or view certificates",
        "Sign in if:",
        "Register if:",
        "valid email address",
        "href=\"/sign-in\"",
        "href=\"/register\"",
        "Create an account",
        "give your feedback (opens in a new tab)",
        "Terms of Use",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    let start = browser.get("/register").await;
    for words in [
        "Register for an eCoC account",
        "When to use this form",
        "Type Approval",
        "Primary User",
        "Start now",
        "href=\"/register/details\"",
    ] {
        assert!(start.text.contains(words), "{words}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_request_waits_for_staff_once_its_address_is_confirmed() {
    let house = House::new().await;
    let mut browser = house.browser();
    let sent = register(&house, &mut browser, "Zoe@Zebra.example").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let done = browser.get(sent.header("location")).await;
    for words in [
        "Request received",
        "Your reference number is",
        "REG-",
        "What happens next",
        "up to 5 business days",
        "ecocdataenquiries@vca.gov.uk",
    ] {
        assert!(done.text.contains(words), "{words}");
    }
    assert_eq!(
        (
            count(&house, RegistrationStatus::Waiting).await,
            count(&house, RegistrationStatus::Unconfirmed).await
        ),
        (0, 1)
    );
    let mail = mails(&house).await.pop().unwrap();
    assert_eq!(mail.to.as_str(), "zoe@zebra.example");
    assert!(mail.text.contains("Zoë Zander") && mail.text.contains("Zebra Motors"));

    // A program that scans mails opens the link: nothing happens.
    let page = linked(&mail, "/register/confirm/");
    let asked = house.browser().get(&page).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert_eq!(count(&house, RegistrationStatus::Waiting).await, 0);
    let mut phone = house.browser();
    let csrf = phone.get(&page).await.csrf();
    let without = phone.post(&page, "csrf=0").await;
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    let confirmed = phone.post(&page, &format!("csrf={csrf}")).await;
    assert!(confirmed.text.contains("Email address confirmed"));
    assert_eq!(count(&house, RegistrationStatus::Waiting).await, 1);
    let again = phone.post(&page, &format!("csrf={csrf}")).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert_eq!(count(&house, RegistrationStatus::Waiting).await, 1);
    house.close().await;
}

#[tokio::test]
async fn a_confirming_link_ends() {
    let house = House::new().await;
    let mut browser = house.browser();
    register(&house, &mut browser, "zoe@zebra.example").await;
    let page = linked(&mails(&house).await[0], "/register/confirm/");
    let csrf = browser.get(&page).await.csrf();
    house.clock.advance(Duration::from_hours(3 * 24));
    let late = browser.post(&page, &format!("csrf={csrf}")).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(late.text.contains("This link can no longer be used"));
    assert_eq!(count(&house, RegistrationStatus::Waiting).await, 0);
    house.close().await;
}

#[tokio::test]
async fn known_addresses_second_requests_and_robots_get_the_same_answer() {
    let house = House::new().await;
    let mut answers = Vec::new();
    request(&house, "yan@zebra.example").await;
    for email in ["zoe@zebra.example", "ann@acme.example", "yan@zebra.example"] {
        let mut browser = house.browser();
        let sent = register(&house, &mut browser, email).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{email}");
        answers.push(browser.get(sent.header("location")).await);
    }
    let mut robot = house.browser();
    let page = robot.get("/register/details").await;
    let form = filled(&page, "robot@spam.example", "x").replace("website=", "website=spam");
    let sent = robot.post("/register/details", &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    answers.push(robot.get(sent.header("location")).await);
    for answer in &answers {
        assert_eq!(plain(answer), plain(&answers[0]));
    }
    // Nobody stands in the audit log for what somebody else typed.
    let entries = house.store.audit_entries(None, None, 9).await.unwrap();
    let sent = |of: &str| {
        let found = entries.iter().find(|one| {
            one.deed.details.starts_with(of) && one.deed.action == Action::RegistrationSent
        });
        found.map(|one| one.deed.actor.as_str())
    };
    assert_eq!(sent("ann@acme.example: not kept"), Some("not signed in"));
    assert_eq!(sent("zoe@zebra.example"), Some("not signed in"));
    // One request was kept, and the owners of the addresses know what happened.
    assert_eq!(count(&house, RegistrationStatus::Unconfirmed).await, 1);
    let mut mails = mails(&house).await;
    mails.remove(0);
    let subjects: Vec<(&str, &str)> = mails
        .iter()
        .map(|mail| (mail.to.as_str(), mail.subject.as_str()))
        .collect();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(
        subjects[0]
            .1
            .starts_with("Confirm your request for an eCoC account, REG-")
    );
    assert_eq!(
        subjects[1],
        ("ann@acme.example", "You already have an eCoC account")
    );
    assert_eq!(
        subjects[2],
        (
            "yan@zebra.example",
            "We already have your request for an eCoC account"
        )
    );
    // What a stranger typed is not said to them.
    for told in &mails[1..] {
        assert!(told.text.starts_with("Hello,\n"), "{}", told.text);
    }
    house.close().await;
}

#[tokio::test]
async fn a_second_request_sends_the_confirming_link_again() {
    let house = House::new().await;
    let again = async || {
        let sent = register(&house, &mut house.browser(), "zoe@zebra.example").await;
        let page = house.browser().get(sent.header("location")).await;
        (plain(&page), mails(&house).await.len())
    };
    let first = again().await;
    assert_eq!(again().await, first, "the mail may still be on its way");
    house.clock.advance(Duration::from_mins(10));
    assert_eq!(again().await, (first.0.clone(), 2));
    assert_eq!(
        (
            count(&house, RegistrationStatus::Waiting).await,
            count(&house, RegistrationStatus::Unconfirmed).await
        ),
        (0, 1)
    );
    let sent = mails(&house).await;
    assert_eq!(sent[0].subject, sent[1].subject);
    // Each of the two does, once.
    let page = linked(&sent[0], "/register/confirm/");
    assert_ne!(page, linked(&sent[1], "/register/confirm/"));
    let csrf = house.browser().get(&page).await.csrf();
    let mut browser = house.browser();
    browser.keep(&format!("ecocd-form={csrf}; Path=/"));
    browser.post(&page, &format!("csrf={csrf}")).await;
    assert_eq!(
        (
            count(&house, RegistrationStatus::Waiting).await,
            count(&house, RegistrationStatus::Unconfirmed).await
        ),
        (1, 0)
    );

    // Of one request come so many mails, and no more.
    let house = House::new().await;
    for _day in 0..7 {
        house.clock.advance(Duration::from_hours(24));
        register(&house, &mut house.browser(), "zoe@zebra.example").await;
    }
    assert_eq!(mails(&house).await.len(), 5);
    house.close().await;
}

#[tokio::test]
async fn the_number_of_a_second_request_leads_staff_to_the_first() {
    let house = House::new().await;
    let mut numbers = Vec::new();
    for _request in 0..2 {
        let sent = register(&house, &mut house.browser(), "zoe@zebra.example").await;
        let number = sent
            .header("location")
            .trim_start_matches("/register/done/");
        numbers.push(number.to_owned());
    }
    let entries = house.store.audit_entries(Some(&numbers[1]), None, 9);
    let entries = entries.await.unwrap();
    assert_eq!(entries.len(), 1);
    let end = format!("; the request is {}", numbers[0]);
    assert!(entries[0].deed.details.ends_with(&end));
    house.close().await;
}

#[tokio::test]
async fn nobodys_mailbox_is_filled() {
    let house = House::new().await;
    for _request in 0..5 {
        let sent = register(&house, &mut house.browser(), "ann@acme.example").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(mails(&house).await.len(), 3);
    house.close().await;
}

#[tokio::test]
async fn one_place_sends_so_many_requests_an_hour() {
    let house = House::with(|about| about.registration.hourly_max = 2).await;
    for name in ["a", "b"] {
        let email = format!("{name}@zebra.example");
        let sent = register(&house, &mut house.browser(), &email).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
    }
    let sent = register(&house, &mut house.browser(), "c@zebra.example").await;
    assert_eq!(sent.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(sent.text.contains("<h1"));
    house.clock.advance(Duration::from_hours(1));
    let sent = register(&house, &mut house.browser(), "c@zebra.example").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    house.close().await;
}

#[tokio::test]
async fn errors_are_named_and_what_was_typed_is_kept() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/register/details").await;
    house.clock.advance(Duration::from_secs(20));
    let csrf = page.csrf();
    let token = value(&page, "challenge");
    let form = format!("csrf={csrf}&challenge={token}&email=zoe&last-name=Zander&code=");
    let answer = browser.post("/register/details", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.title().starts_with("Error: "));
    assert!(answer.text.contains("There is a problem"));
    for words in [
        "Enter your first name",
        "Enter an email address in the correct format, like name@example.com",
        "Enter the manufacturer name",
        "Enter the code from the image",
    ] {
        let times = answer.text.matches(&format!("{words}<")).count();
        assert!(times >= 2, "{words}: {times}");
    }
    assert!(answer.text.contains("value=\"Zander\"") && answer.text.contains("value=\"zoe\""));
    assert_eq!(
        value(&answer, "challenge"),
        token,
        "the code stays until it is answered"
    );
    assert_eq!(count(&house, RegistrationStatus::Unconfirmed).await, 0);
    house.close().await;
}

#[tokio::test]
async fn a_name_is_on_one_line_and_brings_no_link_into_our_mail() {
    let house = House::new().await;
    for (name, words) in [
        ("Zan%0Ader", "must be one line of 150 characters or fewer<"),
        ("Win+HTTPS://x.example", "must not hold a web address<"),
        ("Win+www.x.example", "must not hold a web address<"),
    ] {
        let mut browser = house.browser();
        let page = browser.get("/register/details").await;
        house.clock.advance(Duration::from_secs(20));
        let form = filled(&page, "zoe@zebra.example", "x").replace("Zander", name);
        let answer = browser.post("/register/details", &form).await;
        let words = format!("The last name {words}");
        assert_eq!(answer.text.matches(&words).count(), 2, "{}", answer.text);
    }
    house.close().await;
}

#[tokio::test]
async fn a_code_has_three_tries_and_ten_minutes() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/register/details").await;
    let right = code(&house, &page).await;
    house.clock.advance(Duration::from_secs(20));
    let mut tokens = Vec::new();
    for _try in 0..3 {
        let form = filled(&page, "zoe@zebra.example", "2222222");
        let answer = browser.post("/register/details", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        tokens.push(value(&answer, "challenge"));
    }
    let first = value(&page, "challenge");
    assert_eq!(tokens[..2], [first.clone(), first.clone()]);
    assert_ne!(tokens[2], first, "a new code");
    let late = filled(&page, "zoe@zebra.example", &right);
    let answer = browser.post("/register/details", &late).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);

    let page = browser.get("/register/details").await;
    let right = code(&house, &page).await;
    house.clock.advance(Duration::from_secs(601));
    let form = filled(&page, "zoe@zebra.example", &right);
    let answer = browser.post("/register/details", &form).await;
    assert!(answer.text.contains("enter the code from the new image"));
    assert_eq!(count(&house, RegistrationStatus::Unconfirmed).await, 0);

    // Case and blanks do not count, and a code is good for one request.
    let page = browser.get("/register/details").await;
    let right = code(&house, &page).await.to_ascii_lowercase();
    house.clock.advance(Duration::from_secs(20));
    let form = filled(&page, "zoe@zebra.example", &format!("+{right}+"));
    let answer = browser.post("/register/details", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let answer = browser.post("/register/details", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.close().await;
}

#[tokio::test]
async fn a_new_image_comes_without_scripts_and_keeps_what_was_typed() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/register/details").await;
    let form = filled(&page, "zoe@zebra.example", "").replace("do=submit", "do=new-image");
    let answer = browser.post("/register/details", &form).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.text.contains("There is a problem"));
    assert!(answer.text.contains("value=\"zoe@zebra.example\""));
    let (before, after) = (value(&page, "challenge"), value(&answer, "challenge"));
    assert_ne!(before, after);
    let gone = browser.get(&format!("/register/code/{before}/image")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let image = browser.get(&format!("/register/code/{after}/image")).await;
    assert_eq!(image.header("content-type"), "image/png");
    let audio = browser.get(&format!("/register/code/{after}/audio")).await;
    assert_eq!(audio.header("content-type"), "audio/wav");
    assert_eq!(audio.header("cache-control"), "no-store");
    let code = code(&house, &answer).await;
    assert!(
        !answer.text.contains(&code),
        "the page does not hold the code"
    );
    house.close().await;
}

#[tokio::test]
async fn a_form_that_comes_back_at_once_must_be_sent_again() {
    let house = House::with(|about| about.registration.challenge = Challenge::Suspicious).await;
    let mut browser = house.browser();
    let page = browser.get("/register/details").await;
    assert!(!page.text.contains("Generate a new image"));
    house.clock.advance(Duration::from_secs(1));
    let form = filled(&page, "zoe@zebra.example", "");
    let answer = browser.post("/register/details", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text.contains("Generate a new image"),
        "now it is suspicious"
    );
    house.clock.advance(Duration::from_secs(10));
    let form = filled(&answer, "zoe@zebra.example", &code(&house, &answer).await);
    let answer = browser.post("/register/details", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    house.close().await;
}

#[tokio::test]
async fn whoever_sends_several_requests_is_asked_for_a_code() {
    let house = House::with(|about| about.registration.challenge = Challenge::Suspicious).await;
    for name in ["a", "b", "c"] {
        let mut browser = house.browser();
        let page = browser.get("/register/details").await;
        house.clock.advance(Duration::from_secs(10));
        let form = filled(&page, &format!("{name}@zebra.example"), "");
        let answer = browser.post("/register/details", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name}");
    }
    let page = house.browser().get("/register/details").await;
    assert!(page.text.contains("Generate a new image"));
    house.close().await;
}

#[tokio::test]
async fn without_a_code_a_form_is_still_good_for_one_request() {
    let house = House::with(|about| about.registration.challenge = Challenge::Off).await;
    let mut browser = house.browser();
    let page = browser.get("/register/details").await;
    house.clock.advance(Duration::from_secs(10));
    let form = filled(&page, "zoe@zebra.example", "");
    let first = browser.post("/register/details", &form).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let second = browser.post("/register/details", &form).await;
    assert_eq!(second.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!second.text.contains("Generate a new image"));
    house.close().await;
}

#[tokio::test]
async fn a_confirmed_request_of_the_same_person_counts_as_open() {
    let house = House::new().await;
    request(&house, "zoe@zebra.example").await;
    register(&house, &mut house.browser(), "ZOE@zebra.example").await;
    assert_eq!(
        (
            count(&house, RegistrationStatus::Waiting).await,
            count(&house, RegistrationStatus::Unconfirmed).await
        ),
        (1, 0)
    );
    house.close().await;
}
