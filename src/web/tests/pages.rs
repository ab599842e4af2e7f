//! The detail page, downloads, and what is shown when the store is away.

use axum::http::StatusCode;

use crate::domain::submission::SubmissionNumber;
use crate::web::tests::house::{Answer, Browser, Ending, House, Sent};

async fn detail(browser: &mut Browser, number: &SubmissionNumber) -> Answer {
    browser.get(&format!("/submissions/{number}")).await
}

#[tokio::test]
async fn the_detail_shows_the_guides_fields_and_the_file() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let number = house.send(&acme, Sent::default()).await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let page = detail(&mut browser, &number).await;
    let mut rest = page.text.as_str();
    for (field, value) in [
        ("Vehicle Identification Number", "STZ00000000782332"),
        ("IVI Version Number", "3"),
        ("Type Approval Number", "g11*2018/858*00083*17"),
        ("Manufacturer Stage Number", "1"),
        ("Vehicle Category", "M1G"),
        ("Status", "Succeeded"),
        ("Created On", "28 May 2026 10:54AM"),
        ("Uploaded By", ""),
        ("File name", "one.xml"),
        ("Size", "4 bytes"),
        ("SHA-256", crate::intake::digest(b"<a/>").as_str()),
        ("Sent by", "Drop folder"),
        ("Lane", "Live"),
        ("Outcome", "Accepted"),
    ] {
        let (_, after) = rest.split_once(&format!("\">{field}</dt>")).unwrap();
        let (shown, after) = after.split_once("</dd>").unwrap();
        assert!(shown.contains(value), "{field}: {shown}");
        rest = after;
    }
    assert!(page.text.contains("Submission detail</h1>"));
    assert!(page.text.contains("Return to homepage"));

    let receipt = browser.get(&format!("/submissions/{number}/receipt")).await;
    assert_eq!(receipt.header("content-type"), "application/json");
    assert!(
        receipt
            .header("content-disposition")
            .starts_with(&format!("attachment; filename=\"{number}.receipt.json\""))
    );
    assert!(receipt.text.contains(number.as_str()));
    house.close().await;
}

#[tokio::test]
async fn a_rejected_file_shows_its_findings() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let sent = Sent {
        ending: Ending::Rejected,
        ..Sent::default()
    };
    let number = house.send(&acme, sent).await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let page = detail(&mut browser, &number).await.text;
    for text in [
        "Invalid xml",
        "IviVersionNumber must be a whole number.",
        "S03-pattern",
        "12:34",
        "/InitialVehicleInformation/Header[1]",
        "a whole number",
        "See the manual.",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("File processing failed"));
    house.close().await;
}

#[tokio::test]
async fn a_held_file_shows_the_guides_words_and_staff_see_why() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let sent = Sent {
        ending: Ending::Held,
        ..Sent::default()
    };
    let number = house.send(&acme, sent).await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let page = detail(&mut ann, &number).await.text;
    assert!(page.contains("File processing failed"));
    assert!(page.contains("A server error has occurred when processing this file, please attempt to upload again later. If you continue experiencing issues please contact"));
    assert!(page.contains("govuk-tag--red\">Failed"));
    assert!(!page.contains("it kept failing"));
    assert!(
        page.contains("(not read)") && !page.contains("(not readable)"),
        "nothing is said of the file"
    );
    let receipt = ann.get(&format!("/submissions/{number}/receipt")).await;
    assert_eq!(receipt.status, StatusCode::NOT_FOUND, "there is none yet");
    let mut sue = house.signed_in("sue@staff.example").await;
    assert!(
        detail(&mut sue, &number)
            .await
            .text
            .contains("it kept failing")
    );
    house.close().await;
}

#[tokio::test]
async fn a_file_not_read_yet_says_so() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let sent = Sent {
        ending: Ending::Waiting,
        ..Sent::default()
    };
    let number = house.send(&acme, sent).await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let page = detail(&mut browser, &number).await.text;
    assert!(page.contains("(not read yet)") && page.contains("Received"));
    // People may copy the number in lower case.
    let lower = number.as_str().to_lowercase();
    assert_eq!(
        browser.get(&format!("/submissions/{lower}")).await.status,
        StatusCode::OK
    );
    house.close().await;
}
