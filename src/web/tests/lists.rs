//! The list: what it shows, filters, sorts and pages.

use axum::http::StatusCode;

use crate::config;
use crate::store::tests::many;
use crate::web::tests::house::{Ending, House, Sent};

fn vin(number: u32) -> String {
    format!("STZ{number:014}")
}

#[tokio::test]
async fn a_long_list_is_paged_newest_first() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    for number in 1..=60 {
        let octets = format!("<a>{number}</a>");
        let vin = vin(number);
        let sent = Sent {
            vin: Some(&vin),
            octets: octets.as_bytes(),
            ..Sent::default()
        };
        house.send(&acme, sent).await;
    }
    let mut browser = house.signed_in("ann@acme.example").await;
    let first = browser.get("/submissions").await;
    assert_eq!(
        first.title(),
        "Submissions (page 1 of 3) – Submit electronic certificates of conformity"
    );
    assert!(first.text.contains("Showing 1 to 25 of 60 submissions"));
    assert!(first.text.contains(&vin(60)) && first.text.contains(&vin(36)));
    assert!(!first.text.contains(&vin(35)));
    assert!(first.text.contains("aria-sort=\"descending\""));
    assert!(
        first
            .text
            .contains("href=\"/submissions?page=2\" rel=\"next\"")
    );
    assert!(!first.text.contains("rel=\"prev\""));

    let last = browser.get("/submissions?page=3").await;
    assert!(last.text.contains("Showing 51 to 60 of 60 submissions"));
    assert!(last.text.contains(&vin(1)) && !last.text.contains(&vin(11)));
    assert!(
        last.text
            .contains("href=\"/submissions?page=2\" rel=\"prev\"")
    );

    // A page that is not there any more leads to the first.
    let gone = browser.get("/submissions?page=99").await;
    assert!(gone.title().starts_with("Submissions (page 1 of 3)"));

    // Links of a filtered, sorted list keep both.
    let sorted = browser.get("/submissions?vin=STZ*&sort=vin&page=2").await;
    assert!(sorted.text.contains("aria-sort=\"ascending\""));
    assert!(
        sorted
            .text
            .contains("href=\"/submissions?vin=STZ*&#38;sort=vin&#38;page=3\" rel=\"next\"")
    );
    assert!(
        sorted
            .text
            .contains("href=\"/submissions?vin=STZ*&#38;sort=vin&#38;order=descending\"")
    );
    assert!(
        sorted
            .text
            .contains("<input type=\"hidden\" name=\"sort\" value=\"vin\">")
    );
    house.close().await;
}

#[tokio::test]
async fn a_list_that_is_sorted_in_part_says_so() {
    let house = House::new().await;
    let url = config::Database::default().url;
    many::fill_into(&house.store, &url, house.folder.path(), 10_010).await;
    let mut sue = house.signed_in("sue@staff.example").await;
    let newest = sue.get("/submissions").await.text;
    assert!(!newest.contains("are sorted by"));
    let sorted = sue.get("/submissions?sort=approval").await.text;
    let words =
        "Only the newest 10,000 submissions are sorted by Type Approval: those since 28 May";
    assert!(sorted.contains(words), "{sorted}");
    let filtered = sue.get("/submissions?sort=vin&vin=S*").await.text;
    assert!(filtered.contains("Only the newest 10,000 of these submissions are sorted by VIN"));
    let few = sue.get("/submissions?sort=vin&failed=on").await.text;
    assert!(!few.contains("are sorted by"));
    house.close().await;
}

#[tokio::test]
async fn the_filter_finds_by_vin_and_by_failure() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    for (name, vin, ending) in [
        ("a.xml", Some("STZ00000000782332"), Ending::Accepted),
        ("b.xml", Some("STZ00000000000001"), Ending::Rejected),
        ("c.xml", None, Ending::Rejected),
        ("d.xml", Some("STZ00000000000009"), Ending::Held),
        ("e.xml", None, Ending::Waiting),
    ] {
        let sent = Sent {
            vin,
            file_name: name,
            octets: name.as_bytes(),
            ending,
        };
        house.send(&acme, sent).await;
    }
    let mut browser = house.signed_in("ann@acme.example").await;
    let all = browser.get("/submissions").await;
    assert!(all.text.contains("5 submissions"));
    assert!(
        all.text.contains("data-unfinished"),
        "the script looks for it"
    );

    let found = browser.get("/submissions?vin=*782332").await;
    assert!(found.text.contains("1 submission<") && found.text.contains("STZ00000000782332"));
    assert!(found.text.contains("value=\"*782332\""));

    let failed = browser.get("/submissions?vin=&failed=on").await;
    assert!(failed.text.contains("3 submissions"));
    assert!(failed.text.contains("value=\"on\" checked"));
    // Held ones are shown as failed, and a file without a VIN by its name.
    assert!(failed.text.contains("c.xml") && failed.text.contains("d.xml"));
    assert_eq!(
        failed.text.matches("govuk-tag--red\">Failed").count(),
        4,
        "three, and the panel"
    );

    let none = browser.get("/submissions?vin=ABC").await;
    assert!(none.text.contains("No submissions match."));
    house.close().await;
}

#[tokio::test]
async fn a_vin_that_is_too_long_is_an_error_at_its_field() {
    let house = House::new().await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let answer = browser
        .get(&format!("/submissions?vin={}", "A".repeat(65)))
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.title().starts_with("Error: Submissions – "));
    assert!(
        answer
            .text
            .contains("<a href=\"#vin\">VIN must be 64 characters or fewer</a>")
    );
    assert!(!answer.text.contains("No submissions match"));
    house.close().await;
}

#[tokio::test]
async fn the_guides_columns_and_states_are_there() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    house.send(&acme, Sent::default()).await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let list = browser.get("/submissions").await.text;
    let mut rest = list.as_str();
    for column in [
        "VIN",
        "IVI",
        "Type Approval",
        "Account",
        "Stage",
        "Cat",
        "Status",
        "Created On",
    ] {
        let (_, after) = rest.split_once(&format!("\">{column}<span")).unwrap();
        rest = after;
    }
    for value in [
        "STZ00000000782332",
        "g11*2018/858*00083*17",
        "Acme Motors",
        "M1G",
        "28 May 2026 10:54AM",
    ] {
        assert!(rest.contains(value), "{value}");
    }
    assert!(list.contains("Status of your files"));
    for state in ["Received", "Processing", "Succeeded", "Failed"] {
        assert!(
            list.contains(&format!("\">{state}</strong></dt>")),
            "{state}"
        );
    }
    house.close().await;
}
