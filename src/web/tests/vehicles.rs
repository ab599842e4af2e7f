//! The record of a vehicle: its versions, one as a certificate, two side by side, and for whom.

use std::sync::Arc;

use axum::http::StatusCode;

use crate::domain::account::Account;
use crate::domain::outcome::{Case, decide};
use crate::domain::record::Facts;
use crate::domain::submission::{Door, SubmissionNumber};
use crate::store::{Filed, Filing};
use crate::web::tests::house::{Ending, House, Sent};

const CAR: &str = include_str!("../../../tests/cases/samples/valid/01-m1-petrol.xml");
const CORRECTED: &str =
    include_str!("../../../tests/cases/samples/valid/15-m1-petrol-version2-correction-of-01.xml");
const VIN: &str = "SXZM1P000T0000001";

/// Hands in a document of this VIN, version and stage, and accepts it.
async fn accepted(
    house: &mut House,
    account: &Account,
    octets: &str,
    (version, stage): (u32, u32),
) -> SubmissionNumber {
    let sent = Sent {
        octets: octets.as_bytes(),
        ending: Ending::Waiting,
        ..Sent::default()
    };
    let number = house.send(account, sent).await;
    let found = house.store.submission(&number, None).await.unwrap();
    let submission = found.unwrap().row.submission;
    let case = Case {
        account: submission.account,
        door: Door::Folder,
        sha256: &submission.sha256,
        holder: None,
    };
    let filing = Filing {
        submission: submission.id,
        verdict: decide(Vec::new(), &case),
        facts: Facts {
            vin: Some(VIN.to_owned()),
            ivi_version_number: Some(version),
            manufacturer_stage_number: Some(stage),
            type_approval_number: Some("g11*2018/858*00901*00".to_owned()),
            vehicle_category: Some("M1".to_owned()),
            ..Facts::default()
        },
        receipt_id: crate::runtime::unique_id(),
        receipt: "{}\n".to_owned(),
        decided: house.clock.now(),
        has_notice: false,
    };
    let filed = house.store.file(Arc::new(filing)).await.unwrap();
    assert_eq!(filed, Filed::Done);
    number
}

fn path(rest: &str) -> String {
    format!("/vehicles/{VIN}{rest}")
}

#[tokio::test]
async fn a_vehicle_has_its_versions_stage_by_stage() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let first = accepted(&mut house, &acme, CAR, (1, 1)).await;
    let second = accepted(&mut house, &acme, CORRECTED, (2, 1)).await;
    let stage = accepted(&mut house, &acme, "<a/>", (1, 2)).await;
    let sent = Sent {
        vin: Some(VIN),
        octets: b"<b/>",
        ending: Ending::Rejected,
        ..Sent::default()
    };
    let failed = house.send(&acme, sent).await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let page = browser.get(&path("")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        page.title(),
        format!("Vehicle {VIN} – Submit electronic certificates of conformity")
    );
    let place = |text: &str| {
        let found = page.text.find(text);
        found.unwrap_or_else(|| panic!("{text} is not on the page"))
    };
    assert!(place(second.as_str()) < place(first.as_str()));
    assert!(place(first.as_str()) < place(stage.as_str()));
    assert!(place("Other submissions for this VIN") < place(failed.as_str()));
    assert_eq!(page.text.matches(">In force<").count(), 2);
    assert!(
        page.text
            .contains(&format!("href=\"{}\"", path(&format!("/{second}"))))
    );
    assert!(
        page.text
            .contains(&format!("href=\"/submissions/{first}\""))
    );
    assert!(
        page.text
            .contains(&format!("href=\"{}\"", path("/compare")))
    );
    // As people type it.
    let typed = browser
        .get(&format!("/vehicles/{}", VIN.to_lowercase()))
        .await;
    assert_eq!(typed.status, StatusCode::OK);
    house.close().await;
}

#[tokio::test]
async fn a_certificate_can_be_read_with_items_units_and_words() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let number = accepted(&mut house, &acme, CAR, (1, 1)).await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let page = browser.get(&path(&format!("/{number}"))).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "The XML file is the certificate. This page is only an aid to reading it.",
        "<bdi>Technically permissible maximum laden mass</bdi>",
        "<bdi>1810 kg</bdi>",
        "<bdi>Petrol (10)</bdi>",
        "<bdi>Axle 2, tyre 3</bdi>",
        "16.1",
        "<bdi>6 July 2026 (2026-07-06)</bdi>",
        "<bdi>1.42 × 10¹¹ per km</bdi>",
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(
        page.text
            .contains(&format!("/submissions/{number}/document"))
    );
    assert!(
        page.text
            .contains(&format!("/submissions/{number}/receipt"))
    );
    assert!(!page.text.contains("Values are missing here"));
    // What is printed on each sheet.
    let (_, head) = page.text.split_once("ecocd-sheet__head").unwrap();
    let (head, _) = head.split_once("</div>").unwrap();
    for text in [VIN, number.as_str(), "IVI version 1", "SHA-256"] {
        assert!(head.contains(text), "{text}");
    }
    house.close().await;
}

#[tokio::test]
async fn hostile_values_are_harmless_on_each_page() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let hostile = CAR.replace(
        "<Make>NORTHMOOR<",
        "<Make>&lt;script&gt;alert(1)&lt;/script&gt;\u{202e}moor<",
    );
    let first = accepted(&mut house, &acme, CAR, (1, 1)).await;
    let second = accepted(&mut house, &acme, &hostile, (2, 1)).await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let pages = [
        path(&format!("/{second}")),
        path(&format!("/compare?from={first}&to={second}")),
    ];
    for address in pages {
        let page = browser.get(&address).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains("<script>"), "{address}");
        assert!(page.text.contains("&#60;script&#62;"), "{address}");
        assert!(page.text.contains("\\u{202e}moor"), "{address}");
        assert!(!page.text.contains('\u{202e}'), "{address}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_document_that_cannot_be_read_to_its_end_says_so() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let number = accepted(&mut house, &acme, "<a><Make>X</Make><b></a>", (1, 1)).await;
    let mut browser = house.signed_in("ann@acme.example").await;
    let page = browser.get(&path(&format!("/{number}"))).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Values are missing here"));
    assert!(page.text.contains("<bdi>X</bdi>"));
    house.close().await;
}

#[tokio::test]
async fn two_versions_stand_side_by_side() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let first = accepted(&mut house, &acme, CAR, (1, 1)).await;
    let second = accepted(&mut house, &acme, CORRECTED, (2, 1)).await;
    let mut browser = house.signed_in("ann@acme.example").await;

    // The form first, with the two newest chosen and nothing compared.
    let form = browser.get(&path("/compare")).await;
    for page in [&form, &browser.get(&path("")).await] {
        assert!(page.text.contains("The XML file is the certificate."));
    }
    assert_eq!(form.status, StatusCode::OK);
    assert!(
        form.text
            .contains(&format!("<option value=\"{second}\" selected>"))
    );
    assert!(
        form.text
            .contains(&format!("<option value=\"{first}\" selected>"))
    );
    assert!(!form.text.contains("changed,"));

    let address = path(&format!("/compare?from={first}&to={second}"));
    let page = browser.get(&address).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text
            .contains("Stage 1, version 1 and Stage 1, version 2")
    );
    assert!(page.text.contains("<bdi>Wheelbase</bdi>"));
    assert!(page.text.contains("<bdi>2630 mm</bdi>") && page.text.contains("<bdi>2636 mm</bdi>"));
    assert!(
        page.text
            .contains("CORRECTED WHEELBASE, ACTUAL MASS AND COLOUR")
    );
    assert!(!page.text.contains("<bdi>Width</bdi>"));
    let all = browser.get(&format!("{address}&all=yes")).await;
    assert!(all.text.contains("<bdi>Width</bdi>") && all.text.contains("The same"));

    for (rest, message) in [
        (
            format!("?from={first}&to={first}"),
            "Select two different versions",
        ),
        (
            format!("?from=&to={first}"),
            "Select the version to compare from",
        ),
        (
            format!("?from={first}&to="),
            "Select the version to compare with",
        ),
    ] {
        let wrong = browser.get(&path(&format!("/compare{rest}"))).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{rest}");
        assert!(wrong.title().starts_with("Error: "), "{rest}");
        assert_eq!(wrong.text.matches(message).count(), 2, "{rest}");
    }
    for rest in [
        "?from=x&to=y",
        "?from=20260528-AAAAAAAA&to=20260528-AAAAAAAB",
    ] {
        let gone = browser.get(&path(&format!("/compare{rest}"))).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND, "{rest}");
    }
    house.close().await;
}

#[tokio::test]
async fn nobody_sees_the_vehicles_of_another_account_and_staff_see_all() {
    let mut house = House::new().await;
    let (acme, bolt) = (house.acme.clone(), house.bolt.clone());
    let of_acme = accepted(&mut house, &acme, CAR, (1, 1)).await;
    let of_bolt = accepted(&mut house, &bolt, CORRECTED, (1, 2)).await;
    let statuses = async |login: &str| {
        let mut browser = house.signed_in(login).await;
        let mut found = Vec::new();
        for rest in [
            format!("/{of_acme}"),
            format!("/{of_bolt}"),
            format!("/compare?from={of_acme}&to={of_bolt}"),
        ] {
            found.push(browser.get(&path(&rest)).await.status.as_u16());
        }
        found
    };
    assert_eq!(statuses("ann@acme.example").await, [200, 404, 404]);
    assert_eq!(statuses("bob@bolt.example").await, [404, 200, 404]);
    assert_eq!(statuses("sue@staff.example").await, [200, 200, 200]);

    let mut ann = house.signed_in("ann@acme.example").await;
    let page = ann.get(&path("")).await;
    assert!(page.text.contains(of_acme.as_str()) && !page.text.contains(of_bolt.as_str()));
    let mut sue = house.signed_in("sue@staff.example").await;
    let page = sue.get(&path("")).await;
    assert!(page.text.contains("Acme Motors") && page.text.contains("Bolt Vans"));

    // Nobody at all is sent to sign in; a VIN that nobody sent is not there, nor is a pattern.
    let mut nobody = house.browser();
    for address in [path(""), path(&format!("/{of_acme}")), path("/compare")] {
        let answer = nobody.get(&address).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{address}");
        assert!(
            answer.header("location").starts_with("/sign-in"),
            "{address}"
        );
    }
    for address in [
        "/vehicles/SXZM1P000T0000002".to_owned(),
        "/vehicles/SXZM1P*".to_owned(),
        "/vehicles/%00".to_owned(),
        format!("/vehicles/{}", "A".repeat(300)),
        format!("/vehicles/SXZM1P000T0000002/{of_acme}"),
        path("/nonsense"),
    ] {
        assert_eq!(
            sue.get(&address).await.status,
            StatusCode::NOT_FOUND,
            "{address}"
        );
    }
    house.close().await;
}
