//! Who sees what, and what every answer carries.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::web::assets;
use crate::web::tests::house::{Ending, House, Sent};

#[tokio::test]
async fn nobody_reaches_another_accounts_rows() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let sent = Sent {
        file_name: "acme.xml",
        octets: b"<acme/>",
        ..Sent::default()
    };
    let number = house.send(&acme, sent).await;
    let pages = [
        format!("/submissions/{number}"),
        format!("/submissions/{number}/receipt"),
        format!("/submissions/{number}/document"),
    ];
    let visitors = [
        (None, StatusCode::SEE_OTHER),
        (Some("ann@acme.example"), StatusCode::OK),
        (Some("bob@bolt.example"), StatusCode::NOT_FOUND),
        (Some("sue@staff.example"), StatusCode::OK),
    ];
    for (login, status) in visitors {
        let mut browser = match login {
            Some(login) => house.signed_in(login).await,
            None => house.browser(),
        };
        for page in &pages {
            let answer = browser.get(page).await;
            assert_eq!(answer.status, status, "{login:?} asks for {page}");
            if status != StatusCode::OK {
                assert!(!answer.text.contains("acme.xml"));
            }
        }
        let list = browser.get("/submissions").await;
        let sees = list.text.contains(number.as_str());
        assert_eq!(sees, status == StatusCode::OK, "{login:?} sees the list");
    }
    // Another account's number and one that was never drawn cannot be told apart.
    let mut bob = house.signed_in("bob@bolt.example").await;
    let theirs = bob.get(&pages[0]).await;
    let nobodys = bob.get("/submissions/SUB-ZZZZZZZZ").await;
    assert_eq!(theirs.text, nobodys.text);
    house.close().await;
}

#[tokio::test]
async fn routes_answer_each_visitor_as_the_table_says() {
    let house = House::new().await;
    let (ok, see, lost) = (StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::NOT_FOUND);
    let css = assets::path("web.css");
    // Path; signed out; an account's user; staff.
    let table = [
        ("/", ok, ok, ok),
        ("/sign-in", ok, see, see),
        ("/submissions", see, ok, ok),
        ("/submissions/SUB-ZZZZZZZZ", see, lost, lost),
        ("/submissions/nonsense", see, lost, lost),
        ("/submissions/SUB-ZZZZZZZZ/receipt", see, lost, lost),
        ("/submissions/SUB-ZZZZZZZZ/document", see, lost, lost),
        ("/submissions/%ff", see, lost, lost),
        ("/accessibility", ok, ok, ok),
        ("/cookies", ok, ok, ok),
        ("/guide", ok, ok, ok),
        (css.as_str(), ok, ok, ok),
        ("/assets/web.css", lost, lost, lost),
        ("/assets/../mod.rs", lost, lost, lost),
        ("/nowhere", lost, lost, lost),
        (
            "/sign-out",
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::METHOD_NOT_ALLOWED,
        ),
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
            let is_form_only = answer.text.contains("A form is sent to this web address");
            assert_eq!(is_form_only, path == "/sign-out", "{who} asks for {path}");
            let is_refusal = answer.status.is_client_error();
            assert!(!is_refusal || is_page, "{path} is refused with a page");
            assert!(
                !is_page || answer.text.matches("<h1").count() == 1,
                "{path} has one heading"
            );
            let has_name = answer.text.contains("Sign out");
            assert!(!is_page || has_name == (who != "nobody"), "{who} on {path}");
        }
    }
    house.close().await;
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let number = house.send(&acme, Sent::default()).await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let css = assets::path("web.css");
    let document = format!("/submissions/{number}/document");
    let post = Request::post("/sign-out").body(Body::empty()).unwrap();
    let answers = [
        browser.get("/").await,
        browser.get("/submissions").await,
        browser.get("/nowhere").await,
        browser.get(&css).await,
        browser.get(&document).await,
        browser.send(post).await,
        house.browser().get("/submissions").await,
    ];
    for answer in &answers {
        let status = answer.status;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{status}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{status}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert!(!answer.header("cache-control").is_empty(), "{status}");
        // What the policy forbids, no page holds.
        for inline in ["<style", "style=\"", "onclick", "<script>"] {
            let is_page = answer.header("content-type").starts_with("text/html");
            assert!(!is_page || !answer.text.contains(inline), "{inline}");
        }
    }
    assert_eq!(
        answers[3].header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(answers[1].header("cache-control"), "no-store");
    house.close().await;
}

#[tokio::test]
async fn what_a_sender_wrote_stays_text() {
    let mut house = House::new().await;
    let bolt = house.bolt.clone();
    let hostile = "\"><script>alert(1)</script>\u{202e}lmx.xml";
    let number = house
        .send(
            &bolt,
            Sent {
                vin: Some("<img src=x>"),
                file_name: hostile,
                ending: Ending::Rejected,
                ..Sent::default()
            },
        )
        .await;
    let unread = Sent {
        vin: None,
        file_name: hostile,
        octets: b"<b/>",
        ending: Ending::Rejected,
    };
    house.send(&bolt, unread).await;
    let mut browser = house.signed_in("bob@bolt.example").await;
    let detail = format!("/submissions/{number}");
    for path in [
        "/submissions",
        "/submissions?vin=%22%3E%3Cscript%3E",
        &detail,
    ] {
        let answer = browser.get(path).await;
        for raw in ["<script>", "<img", "<b>Bold", "\u{202e}"] {
            assert!(!answer.text.contains(raw), "{path} holds {raw}");
        }
        assert!(answer.text.contains("Bob &#60;b&#62;Bold&#60;/b&#62;"));
    }
    let answer = browser.get(&detail).await;
    assert!(
        answer
            .text
            .contains("&#60;script&#62;alert(1)&#60;/script&#62;\\u{202e}lmx.xml")
    );

    let file = browser.get(&format!("{detail}/document")).await;
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"scriptalert(1)scriptlmx.xml\"; filename*=UTF-8''scriptalert%281%29scriptlmx.xml"
    );
    assert!(file.header("content-security-policy").contains("sandbox"));
    assert_eq!(file.text, "<a/>");
    house.close().await;
}
