//! Signing in and out, in the guide's two steps, and the question whether to stay.

use std::time::Duration;

use axum::http::StatusCode;

use crate::web::tests::house::{Answer, House, PASSWORD};
use crate::web::tests::joining::{sign_in, value};

/// A page without the token of its forms and the address that was typed.
fn plain(page: &Answer, email: &str) -> String {
    page.text.replace(&page.csrf(), "").replace(email, "")
}

#[tokio::test]
async fn the_second_step_and_every_failure_look_the_same_for_known_and_unknown() {
    let house = House::new().await;
    let mut seconds = Vec::new();
    let mut failures = Vec::new();
    for email in [
        "ann@acme.example",
        "eve@acme.example",
        "acme-robot@x.example",
    ] {
        let mut browser = house.browser();
        let page = browser.get("/sign-in").await;
        for words in [
            "Email address",
            "Next",
            "Sign in to access VCA extID",
            "Terms of Use",
        ] {
            assert!(page.text.contains(words), "{words}");
        }
        let form = format!("csrf={}&email={email}", page.csrf());
        let second = browser.post("/sign-in", &form).await;
        assert_eq!(second.status, StatusCode::OK, "{email}");
        seconds.push(plain(&second, email));
        let answer = sign_in(&mut browser, email, "wrong password").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{email}");
        failures.push(plain(&answer, email));
        assert_eq!(browser.cookie("ecocd-session"), None);
    }
    for words in [
        "Enter password",
        "Forgot password?",
        "href=\"/forgotten\"",
        "Sign in",
        "Back",
    ] {
        assert!(seconds[0].contains(words), "{words}");
    }
    assert!(failures[0].contains("Enter a correct email address and password"));
    assert!(!failures[0].contains("wrong password"));
    for (second, failure) in seconds.iter().zip(&failures) {
        assert_eq!(second, &seconds[0]);
        assert_eq!(failure, &failures[0]);
    }
    house.close().await;
}

#[tokio::test]
async fn an_address_must_be_typed_and_look_like_one() {
    let house = House::new().await;
    let mut browser = house.browser();
    let csrf = browser.get("/sign-in").await.csrf();
    for (email, error) in [
        ("", "Enter your email address"),
        (
            "ann",
            "Enter an email address in the correct format, like name@example.com",
        ),
    ] {
        let form = format!("csrf={csrf}&email={email}");
        let answer = browser.post("/sign-in", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.text.matches(error).count(), 2, "{email:?}");
        assert!(
            answer
                .text
                .contains(&format!("type=\"email\" value=\"{email}\""))
        );
    }
    let restart = browser.get("/sign-in/password").await;
    assert_eq!(restart.header("location"), "/sign-in");
    house.close().await;
}

#[tokio::test]
async fn whoever_signs_in_is_asked_whether_to_stay_and_then_gets_where_they_wanted() {
    let house = House::new().await;
    let mut browser = house.browser();
    let asked = browser.get("/submissions?failed=on").await;
    let page = browser.get(asked.header("location")).await;
    let form = format!(
        "csrf={}&email=ann@acme.example&next=%2Fsubmissions%3Ffailed%3Don",
        page.csrf()
    );
    let page = browser.post("/sign-in", &form).await;
    assert_eq!(value(&page, "next"), "/submissions?failed=on");
    let form = format!("{form}&password={PASSWORD}");
    let answer = browser.post("/sign-in/password", &form).await;
    let stay = "/stay-signed-in?next=%2Fsubmissions%3Ffailed%3Don";
    assert_eq!(answer.header("location"), stay);
    let page = browser.get(stay).await;
    for words in [
        "Stay signed in?",
        "ann@acme.example",
        "Don&#39;t show this again",
        ">No<",
        ">Yes<",
    ] {
        let found = page.text.contains(words) || page.text.contains(&words.replace("&#39;", "'"));
        assert!(found, "{words}");
    }
    let form = format!(
        "csrf={}&next=%2Fsubmissions%3Ffailed%3Don&stay=no",
        page.csrf()
    );
    let answer = browser.post("/stay-signed-in", &form).await;
    assert_eq!(answer.header("location"), "/submissions?failed=on");
    // No: gone after half an hour without a request.
    house.clock.advance(Duration::from_mins(31));
    assert_eq!(
        browser.get("/submissions").await.status,
        StatusCode::SEE_OTHER
    );
    let foreign = browser.post("/stay-signed-in", "csrf=0&stay=yes").await;
    assert_ne!(foreign.status, StatusCode::OK);
    house.close().await;
}

#[tokio::test]
async fn yes_keeps_the_browser_signed_in_for_thirty_days() {
    let house = House::new().await;
    let mut browser = house.browser();
    sign_in(&mut browser, "ann@acme.example", PASSWORD).await;
    let csrf = browser.get("/stay-signed-in").await.csrf();
    let answer = browser
        .post("/stay-signed-in", &format!("csrf={csrf}&stay=yes"))
        .await;
    assert_eq!(answer.header("location"), "/");
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; Max-Age=2592000;"), "{cookie}");
    house.clock.advance(Duration::from_hours(29 * 24));
    assert_eq!(browser.get("/submissions").await.status, StatusCode::OK);
    house.clock.advance(Duration::from_hours(24));
    assert_eq!(
        browser.get("/submissions").await.status,
        StatusCode::SEE_OTHER
    );
    house.close().await;
}

#[tokio::test]
async fn dont_show_this_again_is_remembered_with_its_answer() {
    let house = House::new().await;
    let mut browser = house.browser();
    sign_in(&mut browser, "ann@acme.example", PASSWORD).await;
    let csrf = browser.get("/stay-signed-in").await.csrf();
    let form = format!("csrf={csrf}&stay=yes&hide=yes");
    let answer = browser.post("/stay-signed-in", &form).await;
    // Longer than the session that is kept, whose end is when it is needed.
    let remembered = "ecocd-stay=yes-";
    let lasting = "; Max-Age=34560000;";
    let is_remembered = |answer: &Answer| {
        let lines = answer.headers.get_all("set-cookie").iter();
        let mut lines = lines.map(|line| line.to_str().unwrap());
        lines.any(|line| line.starts_with(remembered) && line.contains(lasting))
    };
    assert!(is_remembered(&answer));
    house.clock.advance(Duration::from_hours(31 * 24));
    let answer = sign_in(&mut browser, "ann@acme.example", PASSWORD).await;
    assert_eq!(answer.header("location"), "/", "not asked again");
    assert!(is_remembered(&answer), "for as long again");
    house.clock.advance(Duration::from_hours(20 * 24));
    assert_eq!(
        browser.get("/submissions").await.status,
        StatusCode::OK,
        "kept"
    );
    // Of another person who uses the browser, nothing is remembered.
    let mut shared = house.browser();
    let anns = browser.cookie("ecocd-stay").unwrap().to_owned();
    shared.keep(&format!("ecocd-stay={anns}; Path=/"));
    let answer = sign_in(&mut shared, "bob@bolt.example", PASSWORD).await;
    assert_eq!(answer.header("location"), "/stay-signed-in");
    let csrf = shared.get("/stay-signed-in").await.csrf();
    let form = format!("csrf={csrf}&stay=no&hide=yes");
    shared.post("/stay-signed-in", &form).await;
    let mut shared = house.browser();
    shared.keep(&format!("ecocd-stay={anns}; Path=/"));
    let answer = sign_in(&mut shared, "bob@bolt.example", PASSWORD).await;
    assert_eq!(answer.header("location"), "/");
    house.clock.advance(Duration::from_hours(1));
    assert_eq!(
        shared.get("/submissions").await.status,
        StatusCode::SEE_OTHER,
        "kept for another's wish"
    );
    // Another browser of the same person was not asked, and is not kept.
    let mut other = house.browser();
    let answer = sign_in(&mut other, "ann@acme.example", PASSWORD).await;
    assert_eq!(answer.header("location"), "/");
    house.clock.advance(Duration::from_hours(1));
    assert_eq!(
        other.get("/submissions").await.status,
        StatusCode::SEE_OTHER
    );
    house.close().await;
}

#[tokio::test]
async fn home_shows_what_the_role_may_do() {
    let house = House::new().await;
    let entries = [
        "Submissions",
        "Upload eCoC files",
        "Manage users",
        "Requests for an account",
    ];
    for (login, shown) in [
        ("ann@acme.example", [true, true, true, false]),
        ("bob@bolt.example", [true, false, false, false]),
        ("sue@staff.example", [true, false, false, true]),
    ] {
        let mut browser = house.signed_in(login).await;
        let page = browser.get("/").await;
        assert!(
            page.text
                .contains("Welcome to the Vehicle Certification Agency e-CoC portal")
        );
        for (entry, is_shown) in entries.iter().zip(shown) {
            let heading = format!("\">{entry}</a></h2>");
            assert_eq!(page.text.contains(&heading), is_shown, "{login}: {entry}");
        }
        let answer = browser
            .post("/sign-out", &format!("csrf={}", page.csrf()))
            .await;
        assert_eq!(answer.header("location"), "/");
        assert!(
            browser.get("/").await.text.contains("Register if:"),
            "signed out"
        );
    }
    house.close().await;
}

#[tokio::test]
async fn five_wrong_passwords_slow_down_and_never_lock() {
    let house = House::new().await;
    let mut browser = house.browser();
    for _guess in 0..5 {
        let answer = sign_in(&mut browser, "ann@acme.example", "not her password").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = sign_in(&mut browser, "ann@acme.example", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "who knows it gets in");
    house.close().await;
}
