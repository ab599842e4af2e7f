//! Who gets what of the files' pages: each role of the own account, another account, staff, nobody.

use axum::http::StatusCode;

use crate::web::tests::house::House;
use crate::web::tests::parcel::Parcel;

#[tokio::test]
async fn routes_of_files_answer_each_visitor_as_the_table_says() {
    let house = House::new().await;
    let (ok, no, lost) = (StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND);
    let mut uma = house.signed_in("uma@acme.example").await;
    let csrf = uma.get("/uploads/new").await.csrf();
    let mut begun = Vec::new();
    for action in ["add", "send"] {
        let parcel = Parcel::new(&csrf)
            .field("action", action)
            .field("accurate", "yes")
            .field("terms", "yes")
            .file("a.xml", b"<a/>");
        let answer = uma.send(parcel.to("/uploads/new")).await;
        begun.push(answer.header("location").to_owned());
    }
    // Path; Primary, Upload (whose uploads they are) and View User of the account; Primary User of
    // another; staff.
    let table = [
        ("/uploads/new", [ok, ok, no, ok, no]),
        (begun[0].as_str(), [lost, ok, lost, lost, no]),
        (begun[1].as_str(), [ok, ok, ok, lost, no]),
        ("/submissions", [ok, ok, ok, ok, ok]),
        (
            "/submissions?failed=on&outcome=rejected",
            [ok, ok, ok, ok, ok],
        ),
        ("/submissions.csv", [ok, ok, ok, ok, ok]),
    ];
    let people = [
        "ann@acme.example",
        "uma@acme.example",
        "vic@acme.example",
        "pia@bolt.example",
        "oz@staff.example",
    ];
    for (number, login) in people.into_iter().enumerate() {
        let mut browser = house.signed_in(login).await;
        for (path, expected) in &table {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, expected[number], "{login} asks for {path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
        // Whoever may not look at the page may not send its form either.
        let csrf = browser.get("/submissions").await.csrf();
        for (path, expected) in &table[..2] {
            let answer = browser.send(Parcel::new(&csrf).to(path)).await;
            let status = expected[number];
            let is_refused = answer.status.is_client_error();
            assert_eq!(is_refused, status != ok, "{login} posts to {path}");
        }
    }
    let mut out = house.browser();
    for (path, _) in &table {
        let answer = out.get(path).await;
        assert!(answer.header("location").starts_with("/sign-in"), "{path}");
    }
    house.close().await;
}

#[tokio::test]
async fn the_list_for_programs_holds_what_the_visitor_may_see_and_asked_for() {
    let mut house = House::new().await;
    let (acme, bolt) = (house.acme.clone(), house.bolt.clone());
    for (account, name) in [(&acme, "=cmd.xml"), (&acme, "b.xml"), (&bolt, "theirs.xml")] {
        let sent = crate::web::tests::house::Sent {
            vin: Some(name),
            file_name: name,
            octets: name.as_bytes(),
            ..Default::default()
        };
        house.send(account, sent).await;
    }
    let mut ann = house.signed_in("ann@acme.example").await;
    let csv = ann.get("/submissions.csv").await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(
        csv.header("content-disposition")
            .contains("submissions.csv")
    );
    assert!(csv.text.starts_with("submission,created,account,vin,"));
    assert_eq!(csv.text.lines().count(), 3);
    assert!(csv.text.contains(",'=cmd.xml,") && !csv.text.contains("theirs"));
    let csv = ann.get("/submissions.csv?file=b&account=bolt").await;
    assert_eq!(
        csv.text.lines().count(),
        2,
        "an account is staff's to choose"
    );
    let mut sue = house.signed_in("sue@staff.example").await;
    let csv = sue.get("/submissions.csv?account=bolt").await;
    assert!(csv.text.contains("theirs.xml") && csv.text.lines().count() == 2);
    let csv = sue.get("/submissions.csv?account=nobody").await;
    assert_eq!(csv.text.lines().count(), 1);
    let wrong = ann.get("/submissions.csv?stage=x").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let page = ann.get("/submissions?stage=x&file=b").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Stage must be a number from 0 to 99"));
    assert!(page.text.contains("value=\"b\""), "what was typed is kept");
    house.close().await;
}

#[tokio::test]
async fn staff_find_what_one_user_of_any_account_handed_in_by_the_log_in_name() {
    let house = House::new().await;
    for (login, name) in [
        ("uma@acme.example", "umas.xml"),
        ("pia@bolt.example", "pias.xml"),
    ] {
        let mut browser = house.signed_in(login).await;
        let parcel = Parcel::new(&browser.get("/uploads/new").await.csrf())
            .field("action", "send")
            .field("accurate", "yes")
            .field("terms", "yes")
            .file(name, name.as_bytes());
        browser.send(parcel.to("/uploads/new")).await;
    }
    let mut sue = house.signed_in("sue@staff.example").await;
    let page = sue.get("/submissions?by=Uma@acme.example").await.text;
    assert!(page.contains("umas.xml") && !page.contains("pias.xml"));
    assert!(page.contains("name=\"by\" type=\"text\" value=\"Uma@acme.example\""));
    assert!(page.contains("href=\"/submissions.csv?by=Uma%40acme.example\""));
    let csv = sue.get("/submissions.csv?by=pia@bolt.example").await.text;
    assert!(csv.contains("pias.xml") && csv.lines().count() == 2);
    for nobody in ["zed@acme.example", "a b", "1"] {
        let address = format!("/submissions?by={}", nobody.replace(' ', "+"));
        let page = sue.get(&address);
        assert!(page.await.text.contains("No submissions match"), "{nobody}");
    }
    let page = sue.get("/submissions?by=uma@acme.example&account=bolt");
    assert!(page.await.text.contains("No submissions match"));

    // Users of an account choose among their own, and name nobody.
    let mut pia = house.signed_in("pia@bolt.example").await;
    let page = pia.get("/submissions?by=uma@acme.example").await.text;
    assert!(
        !page.contains("umas.xml") && page.contains("<select class=\"govuk-select\" id=\"by\"")
    );
    house.close().await;
}
