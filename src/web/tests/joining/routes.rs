//! Who gets what of this area: nobody, a manufacturer's user, staff.

use axum::http::StatusCode;

use crate::web::tests::house::House;

#[tokio::test]
async fn routes_of_joining_answer_each_visitor_as_the_table_says() {
    let house = House::new().await;
    let (ok, see, lost) = (StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::NOT_FOUND);
    let (no, gone) = (StatusCode::FORBIDDEN, StatusCode::GONE);
    // Path; signed out; an account's user; staff.
    let table = [
        ("/sign-in/password", see, see, see),
        ("/staff", ok, no, see),
        ("/register", ok, ok, ok),
        ("/register/details", ok, ok, ok),
        ("/register/done/REG-K3X9G", ok, ok, ok),
        ("/register/done/nonsense", lost, lost, lost),
        ("/register/code/0/image", lost, lost, lost),
        ("/register/code/0/audio", lost, lost, lost),
        ("/register/confirm/0", ok, ok, ok),
        ("/redeem/0", gone, gone, gone),
        ("/forgotten", ok, ok, ok),
        ("/reset/0", gone, gone, gone),
        ("/update-password", see, ok, ok),
        ("/stay-signed-in", see, ok, ok),
        ("/terms", ok, ok, ok),
        ("/terms/1", lost, lost, lost),
        ("/terms/agree", see, see, see),
        ("/staff/requests", see, no, ok),
        ("/staff/requests/REG-K3X9G", see, no, lost),
    ];
    let mut out = house.browser();
    let mut user = house.signed_in("ann@acme.example").await;
    let mut staff = house.signed_in("sue@staff.example").await;
    for (path, for_out, for_user, for_staff) in table {
        for (who, browser, status) in [
            ("nobody", &mut out, for_out),
            ("a user", &mut user, for_user),
            ("staff", &mut staff, for_staff),
        ] {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, status, "{who} asks for {path}");
            let is_page = answer.header("content-type").starts_with("text/html");
            assert!(
                !is_page || answer.text.matches("<h1").count() == 1,
                "{path} has one heading"
            );
            let has_name = answer.text.contains("Sign out");
            assert!(!is_page || has_name == (who != "nobody"), "{who} on {path}");
            assert!(
                !answer.header("content-security-policy").is_empty(),
                "{path}"
            );
        }
    }
    house.close().await;
}

#[tokio::test]
async fn forms_of_joining_do_nothing_without_their_token() {
    let house = House::new().await;
    let mut browser = house.signed_in("ann@acme.example").await;
    browser.get("/sign-in/password").await;
    for path in [
        "/register/details",
        "/register/confirm/0",
        "/redeem/0",
        "/redeem/0/password",
        "/sign-in",
        "/sign-in/password",
        "/stay-signed-in",
        "/update-password",
        "/forgotten",
        "/reset/0",
        "/terms/agree",
        "/staff/requests/REG-K3X9G/approve",
        "/staff/requests/REG-K3X9G/refuse",
    ] {
        for form in ["", "csrf=", "csrf=0"] {
            let answer = browser.post(path, form).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} with {form:?}");
            assert!(
                answer.text.contains("This form can no longer be used"),
                "{path}"
            );
        }
    }
    house.close().await;
}
