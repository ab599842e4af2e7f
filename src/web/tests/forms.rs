//! Signing in and out, and forms that are not ours.

use axum::http::StatusCode;

use crate::domain::account::Standing;
use crate::web::tests::house::{Answer, Browser, House, PASSWORD};

const WRONG: &str = "Enter a correct email address and password";

async fn try_to_sign_in(browser: &mut Browser, login: &str, password: &str) -> Answer {
    let page = browser.get("/sign-in").await;
    let csrf = page.csrf();
    let form = format!("csrf={csrf}&email={login}&password={password}&next=/");
    browser.post("/sign-in/password", &form).await
}

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let house = House::new().await;
    let mut browser = house.browser();
    let signed_in = try_to_sign_in(&mut browser, " ANN@acme.example ", PASSWORD).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
    assert_eq!(signed_in.header("location"), "/stay-signed-in");
    let cookie = signed_in.header("set-cookie");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    let token = browser.cookie("ecocd-session").unwrap().to_owned();

    let home = browser.get("/").await;
    assert!(home.text.contains("Ann Able") && home.text.contains("Sign out"));
    assert!(
        home.text
            .contains("Welcome to the Vehicle Certification Agency e-CoC portal")
    );
    assert_eq!(home.header("cache-control"), "no-store");

    let csrf = home.csrf();
    let out = browser.post("/sign-out", &format!("csrf={csrf}")).await;
    assert_eq!(
        (out.status, out.header("location")),
        (StatusCode::SEE_OTHER, "/")
    );
    assert_eq!(browser.cookie("ecocd-session"), None);

    // The token is worth nothing any more, whoever kept it.
    browser.keep(&format!("ecocd-session={token}; Path=/"));
    assert!(browser.get("/").await.text.contains("Sign in if:"));
    house.close().await;
}

#[tokio::test]
async fn every_failure_gets_the_same_words() {
    let house = House::new().await;
    for (login, password) in [
        ("ann@acme.example", "wrong"),
        ("nobody@acme.example", PASSWORD),
        ("not a name", PASSWORD),
        // A machine user with its right password: the web is for persons.
        ("acme-robot", PASSWORD),
    ] {
        let mut browser = house.browser();
        let answer = try_to_sign_in(&mut browser, login, password).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
        assert_eq!(browser.cookie("ecocd-session"), None);
        assert!(answer.title().starts_with("Error: Enter password – "));
        assert!(answer.text.contains("There is a problem"));
        // Once in the summary, once at the field.
        assert_eq!(answer.text.matches(WRONG).count(), 2);
        assert!(
            answer.text.contains(&format!("value=\"{login}\"")),
            "the address is kept"
        );
        assert!(!answer.text.contains(PASSWORD), "the password is not");
    }
    house.close().await;
}

#[tokio::test]
async fn an_empty_password_is_named() {
    let house = House::new().await;
    let answer = try_to_sign_in(&mut house.browser(), "ann@acme.example", "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.text.matches("Enter your password").count(), 2);
    house.close().await;
}

#[tokio::test]
async fn signing_in_gives_a_new_token_and_ends_the_old_session() {
    let house = House::new().await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let before = browser.cookie("ecocd-session").unwrap().to_owned();
    // The sign-in page itself sends a signed-in visitor on; another window may still hold the form.
    let mut window = house.browser();
    let csrf = window.get("/sign-in").await.csrf();
    browser.keep(&format!("ecocd-form={csrf}; Path=/"));
    let form = format!("csrf={csrf}&email=ann@acme.example&password={PASSWORD}");
    let answer = browser.post("/sign-in/password", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_ne!(browser.cookie("ecocd-session").unwrap(), before);
    let mut thief = house.browser();
    thief.keep(&format!("ecocd-session={before}; Path=/"));
    assert_eq!(
        thief.get("/submissions").await.status,
        StatusCode::SEE_OTHER
    );
    house.close().await;
}

#[tokio::test]
async fn a_form_without_the_right_token_does_nothing() {
    let house = House::new().await;
    let right = format!("email=ann@acme.example&password={PASSWORD}");
    for csrf in ["", "csrf=&", "csrf=0&"] {
        let mut browser = house.browser();
        browser.get("/sign-in").await;
        let answer = browser
            .post("/sign-in/password", &format!("{csrf}{right}"))
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{csrf}");
        assert!(answer.text.contains("This form can no longer be used"));
        assert_eq!(browser.cookie("ecocd-session"), None);
    }
    // The right token, from a browser that lost the cookie.
    let csrf = house.browser().get("/sign-in").await.csrf();
    let answer = house
        .browser()
        .post("/sign-in/password", &format!("csrf={csrf}&{right}"))
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);

    let mut browser = house.signed_in("ann@acme.example").await;
    let mut other = house.signed_in("bob@bolt.example").await;
    let foreign = other.get("/").await.csrf();
    for form in [String::new(), "csrf=".to_owned(), format!("csrf={foreign}")] {
        let answer = browser.post("/sign-out", &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form}");
        assert!(answer.text.contains("Ann Able"), "still signed in");
    }
    house.close().await;
}

#[tokio::test]
async fn a_form_sent_by_another_site_does_nothing() {
    let house = House::new().await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let csrf = browser.get("/").await.csrf();
    let form = format!("csrf={csrf}");
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:8081"),
    ] {
        let answer = browser.post_from("/sign-out", &form, &[foreign]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{foreign:?}");
    }
    let ours = [
        ("sec-fetch-site", "same-origin"),
        ("origin", "http://localhost:8080"),
        ("host", "localhost:8080"),
    ];
    let answer = browser.post_from("/sign-out", &form, &ours).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    house.close().await;
}

#[tokio::test]
async fn more_than_a_form_holds_is_refused() {
    let house = House::new().await;
    let mut browser = house.browser();
    let csrf = browser.get("/sign-in").await.csrf();
    let form = format!("csrf={csrf}&email=a&password={}", "x".repeat(70_000));
    let answer = browser.post("/sign-in/password", &form).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("<h1"));
    house.close().await;
}

#[tokio::test]
async fn after_signing_in_the_page_that_was_wanted_is_shown() {
    let house = House::new().await;
    let mut browser = house.browser();
    let sent = browser.get("/submissions?vin=*P78&failed=on").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let form_at = sent.header("location").to_owned();
    assert_eq!(
        form_at,
        "/sign-in?next=%2Fsubmissions%3Fvin%3D*P78%26failed%3Don"
    );
    let page = browser.get(&form_at).await;
    assert!(
        page.text
            .contains("value=\"/submissions?vin=*P78&#38;failed=on\"")
    );
    let form = format!(
        "csrf={}&email=ann@acme.example&password={PASSWORD}&next=%2Fsubmissions%3Fvin%3D*P78",
        page.csrf()
    );
    let answer = browser.post("/sign-in/password", &form).await;
    let stay = "/stay-signed-in?next=%2Fsubmissions%3Fvin%3D*P78";
    assert_eq!(answer.header("location"), stay);
    house.close().await;
}

#[tokio::test]
async fn a_session_ends_when_it_idles_and_when_its_user_is_suspended() {
    let house = House::new().await;
    let mut idle = house.signed_in("ann@acme.example").await;
    let mut busy = house.signed_in("ann@acme.example").await;
    for _quarter in 0..3 {
        house.clock.advance(std::time::Duration::from_mins(15));
        assert_eq!(busy.get("/submissions").await.status, StatusCode::OK);
    }
    assert_eq!(idle.get("/submissions").await.status, StatusCode::SEE_OTHER);

    let mut bob = house.signed_in("bob@bolt.example").await;
    assert_eq!(bob.get("/submissions").await.status, StatusCode::OK);
    house
        .store
        .set_account_standing(&house.bolt.code, Standing::Suspended)
        .await
        .unwrap();
    house.access.refresh().await.unwrap();
    assert_eq!(bob.get("/submissions").await.status, StatusCode::SEE_OTHER);
    house.close().await;
}

#[tokio::test]
async fn with_https_cookies_never_travel_without() {
    let house = House::reached_by("https://ecoc.example.org").await;
    let mut browser = house.browser();
    let page = browser.get("/sign-in").await;
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-ecocd-form="), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    assert!(
        page.header("strict-transport-security")
            .starts_with("max-age=")
    );
    let form = format!(
        "csrf={}&email=ann@acme.example&password={PASSWORD}",
        page.csrf()
    );
    let ours = [
        ("origin", "https://ecoc.example.org"),
        ("host", "10.0.0.1:8080"),
    ];
    let answer = browser.post_from("/sign-in/password", &form, &ours).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(browser.cookie("__Host-ecocd-session").is_some());
    house.close().await;
}
