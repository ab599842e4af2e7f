//! The upload page without a script: gathering, declaring, sending, and what came of it.

use std::collections::HashSet;

use axum::http::StatusCode;

use crate::domain::outcome::{Case, decide};
use crate::domain::submission::{Door, Lane, Status};
use crate::store::{Filed, Filing, Filter, Row};
use crate::web::pages::files;
use crate::web::tests::house::{Answer, Browser, House, facts, hostile_finding};
use crate::web::tests::parcel::{Parcel, small_files};

/// Adds files, and gives the address of the upload.
async fn gather(browser: &mut Browser, parcel: Parcel) -> String {
    let answer = browser.send(parcel.to("/uploads/new")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.header("location").to_owned()
}

async fn csrf(browser: &mut Browser) -> String {
    browser.get("/uploads/new").await.csrf()
}

fn ticked(csrf: &str) -> Parcel {
    Parcel::new(csrf)
        .field("action", "send")
        .field("accurate", "yes")
        .field("terms", "yes")
}

async fn handed_in(house: &House) -> Vec<Row> {
    let all = Filter {
        limit: 500,
        ..Filter::default()
    };
    house.store.submissions(&all).await.unwrap().rows
}

/// Decides all that waits: what holds `bad` is rejected, what holds `again` is of a key that is taken.
async fn decide_all(house: &House) {
    let now = house.clock.now();
    let lease = now + std::time::Duration::from_mins(1);
    let work = house.store.claim(500, "n", now, lease, 3).await.unwrap();
    for claimed in work.claimed {
        let submission = claimed.submission;
        let name = submission.file_name.clone();
        let findings = if name.contains("bad") {
            vec![hostile_finding(); 4]
        } else {
            Vec::new()
        };
        let mut filing = Filing {
            submission: submission.id,
            verdict: decide(Vec::new(), &case(&submission, None)),
            facts: facts(Some(if name.contains("again") {
                "STZ1"
            } else {
                &name
            })),
            receipt_id: crate::runtime::unique_id(),
            receipt: "{}\n".to_owned(),
            decided: now,
            has_notice: false,
        };
        filing.verdict = decide(findings, &case(&submission, None));
        let filed = house.store.file(std::sync::Arc::new(filing.clone())).await;
        if let Filed::DuplicateOf(holder) = filed.unwrap() {
            filing.verdict = decide(Vec::new(), &case(&submission, Some(&holder)));
            let filed = house.store.file(std::sync::Arc::new(filing)).await;
            assert_eq!(filed.unwrap(), Filed::Done);
        }
    }
}

fn case<'a>(
    submission: &'a crate::domain::submission::Submission,
    holder: Option<&'a crate::domain::record::Holder>,
) -> Case<'a> {
    Case {
        account: submission.account,
        door: submission.door,
        sha256: &submission.sha256,
        holder,
    }
}

#[tokio::test]
async fn the_page_tells_its_limits_and_asks_for_both_declarations() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let page = ann.get("/uploads/new").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.title().starts_with("Upload XML files – "));
    for text in [
        "<h1 class=\"govuk-heading-l\">Upload XML files</h1>",
        "You can add up to 100 files. Each must be an XML file and smaller than 1MB.",
        "Choose files",
        "No files selected",
        "Files added",
        "Confirm your declarations",
        "You must agree to both statements before you send files for processing.",
        "I confirm that the information provided is complete and accurate",
        "Terms and Conditions (opens in a new tab)</a> of the service",
        "href=\"/terms\" target=\"_blank\"",
        "Send files for processing",
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(!page.text.contains("disabled"));
    house.close().await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn files_are_gathered_looked_through_and_sent_without_a_script() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = csrf(&mut ann).await;
    let large = vec![b'x'; 1_048_577];
    let parcel = Parcel::new(&csrf)
        .field("action", "add")
        .file("one v2.xml", b"<a/>")
        .file("notes.txt", b"hello")
        .file("C:\\folder\\large.xml", &large)
        .file("empty.xml", b"")
        .file("", b"")
        .file("two.XML", &large[1..]);
    let address = gather(&mut ann, parcel).await;
    assert!(address.starts_with("/uploads/UPL-"), "{address}");
    let page = ann.get(&address).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.text.matches("data-added").count(), 2);
    for text in [
        "one v2.xml",
        "two.XML",
        "Waiting",
        "N/A",
        "Remove file",
        "notes.txt</bdi>: The selected file must be an XML file",
        "large.xml</bdi>: The selected file must be smaller than 1MB",
        "empty.xml</bdi>: The selected file is empty",
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(
        !page.text.contains("folder"),
        "folders are nobody's business"
    );
    assert!(handed_in(&house).await.is_empty(), "nothing is sent yet");

    // Without the declarations nothing is sent either, and the files stay.
    let parcel = Parcel::new(&csrf)
        .field("action", "send")
        .field("terms", "yes");
    let refused = ann.send(parcel.to(&address)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.title().starts_with("Error: Upload XML files"));
    assert!(refused.text.contains("There is a problem"));
    assert!(
        refused
            .text
            .contains("<a href=\"#accurate\">Confirm that the information")
    );
    assert!(!refused.text.contains("href=\"#terms\""));
    assert_eq!(refused.text.matches("data-added").count(), 2);
    assert!(
        refused.text.contains("value=\"yes\" checked"),
        "what was ticked is kept"
    );

    let (_, rest) = page.text.split_once("name=\"remove\" value=\"").unwrap();
    let (file, _) = rest.split_once('"').unwrap();
    let removed = ann
        .send(Parcel::new(&csrf).field("remove", file).to(&address))
        .await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    let page = ann.get(&address).await;
    assert!(!page.text.contains("one v2.xml") && page.text.contains("two.XML"));

    let sent = ann.send(ticked(&csrf).to(&address)).await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (StatusCode::SEE_OTHER, &*address)
    );
    let rows = handed_in(&house).await;
    assert_eq!(rows.len(), 1);
    let submission = &rows[0].submission;
    assert_eq!((submission.door, submission.lane), (Door::Web, Lane::Live));
    assert_eq!(submission.uploaded_by, "Ann Able");
    assert_eq!(submission.file_name, "two.XML");
    assert_eq!(submission.size_bytes, 1_048_576);
    assert_eq!(submission.status, Status::Received);
    // Sending once more does nothing.
    let again = ann.send(ticked(&csrf).to(&address)).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(handed_in(&house).await.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn the_results_say_of_each_file_what_became_of_it() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = csrf(&mut ann).await;
    let parcel = ticked(&csrf)
        .file("good.xml", b"<a/>")
        .file("bad.xml", b"<b/>")
        .file("again1.xml", b"<c/>")
        .file("again2.xml", b"<c/>")
        .file("notes.txt", b"x");
    // One page is enough for who has chosen and declared at once.
    let address = gather(&mut ann, parcel).await;
    let page = ann.get(&address).await;
    assert!(
        page.text
            .contains("0 accepted, 1 failed, 4 being processed")
    );
    assert!(page.text.contains("data-unfinished") && page.text.contains("data-live"));
    decide_all(&house).await;
    let page = ann.get(&address).await;
    assert!(
        page.text.contains("2 accepted, 3 failed</p>"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("data-unfinished"));
    let row = |name: &str| -> String {
        let (_, rest) = page.text.split_once(&format!(">{name}</bdi>")).unwrap();
        rest.split_once("</tr>").unwrap().0.to_owned()
    };
    let good = row("good.xml");
    assert!(
        good.contains("green\">Success") && good.contains("<td class=\"govuk-table__cell\"></td>")
    );
    let bad = row("bad.xml");
    assert!(bad.contains("red\">Failed") && bad.contains("Invalid xml"));
    assert!(bad.contains("IviVersionNumber must be a whole number."));
    assert!(bad.contains(">and 3 more<"), "{bad}");
    let again = row("again2.xml");
    assert!(!again.contains(" more<"), "{again}");
    assert!(
        again.contains("Failed") && again.contains("Duplicate submission"),
        "{again}"
    );
    assert!(again.contains("A submission with the same VehicleIdentificationNumber, IviVersionNumber and ManufacturerStageNumber already exists."));
    assert!(row("notes.txt").contains("The selected file must be an XML file"));
    house.close().await;
}

#[tokio::test]
async fn who_ticks_the_terms_has_agreed_to_them() {
    let house = House::new().await;
    let deed = crate::domain::audit::Deed {
        id: "1".to_owned(),
        at: house.clock.now(),
        actor: "sue".to_owned(),
        action: crate::domain::audit::Action::TermsPublished,
        subject: "terms".to_owned(),
        details: String::new(),
        remote_ip: None,
    };
    house
        .store
        .publish_terms("Be honest.", &deed)
        .await
        .unwrap();
    let mut ann = house.signed_in("ann@acme.example").await;
    let user = house.user("ann@acme.example").await.id;
    let csrf = csrf(&mut ann).await;
    let parcel = ticked(&csrf).field("version", "1");
    gather(&mut ann, parcel.file("a.xml", b"<a/>")).await;
    let agreed = house.store.agreement(user).await.unwrap().unwrap();
    assert_eq!((agreed.version, agreed.by), (1, user));
    house.close().await;
}

#[tokio::test]
async fn files_that_are_only_checked_go_the_test_lane() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = csrf(&mut ann).await;
    let parcel = ticked(&csrf)
        .field("check-only", "yes")
        .file("a.xml", b"<a/>");
    let address = gather(&mut ann, parcel).await;
    assert_eq!(handed_in(&house).await[0].submission.lane, Lane::Test);
    let page = ann.get(&address).await;
    assert!(
        page.text
            .contains("These files were only checked. Nothing is recorded")
    );
    house.close().await;
}

#[tokio::test]
async fn a_hundred_files_are_taken_and_not_one_more() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = csrf(&mut ann).await;
    let one_more = ann
        .send(small_files(ticked(&csrf), 101).to("/uploads/new"))
        .await;
    assert_eq!(one_more.status, StatusCode::UNPROCESSABLE_ENTITY);
    let words = "You can only select up to 100 files at the same time";
    assert!(one_more.text.contains(words));
    assert_eq!(one_more.text.matches("data-added").count(), 100);
    assert!(handed_in(&house).await.is_empty());
    let address = gather(&mut ann, small_files(ticked(&csrf), 100)).await;
    assert_eq!(handed_in(&house).await.len(), 100);
    decide_all(&house).await;
    let page = ann.get(&address).await;
    assert!(page.text.contains("100 accepted, 0 failed"));
    house.close().await;
}

#[tokio::test]
async fn nobody_else_sees_or_changes_an_upload() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf_of_ann = csrf(&mut ann).await;
    let address = gather(&mut ann, Parcel::new(&csrf_of_ann).file("a.xml", b"<a/>")).await;
    let mut bob = house.signed_in("bob@bolt.example").await;
    let mut sue = house.signed_in("sue@staff.example").await;
    let token = |answer: &Answer| answer.csrf();
    // Bob is a View User: he may upload nothing, and see no upload of another account.
    let list = bob.get("/submissions").await;
    assert_eq!(bob.get("/uploads/new").await.status, StatusCode::FORBIDDEN);
    assert_eq!(bob.get(&address).await.status, StatusCode::NOT_FOUND);
    let parcel = || Parcel::new(&token(&list)).file("b.xml", b"<b/>");
    assert_eq!(
        bob.send(parcel().to("/uploads/new")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        bob.send(parcel().to(&address)).await.status,
        StatusCode::FORBIDDEN
    );
    // Staff hand nothing in.
    for path in ["/uploads/new", address.as_str()] {
        assert_eq!(sue.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    // Signed out: to the sign-in page.
    let mut nobody = house.browser();
    assert_eq!(nobody.get(&address).await.status, StatusCode::SEE_OTHER);
    for path in ["/uploads/UPL-ZZZZZZZZ", "/uploads/nonsense", "/uploads/%ff"] {
        assert_eq!(ann.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_form_with_files_counts_only_with_its_token_before_them() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = csrf(&mut ann).await;
    let file = |parcel: Parcel| parcel.file("a.xml", b"<a/>");
    let late = file(Parcel::empty()).field("csrf", &csrf);
    let refused = [
        file(Parcel::empty()).to("/uploads/new"),
        file(Parcel::new("0123")).to("/uploads/new"),
        late.to("/uploads/new"),
        Parcel::empty().to("/uploads/new"),
        file(Parcel::new(&csrf))
            .from("https://evil.example")
            .to("/uploads/new"),
    ];
    for request in refused {
        let answer = ann.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text.contains("This form can no longer be used"));
    }
    // A script sends it as a header.
    let request = file(Parcel::empty())
        .header("x-csrf-token", &csrf)
        .to("/uploads/new");
    let answer = ann.send(request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    house.close().await;
}

#[tokio::test]
async fn what_sending_left_over_is_taken_in_later() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = csrf(&mut ann).await;
    let address = gather(&mut ann, Parcel::new(&csrf).file("a.xml", b"<a/>")).await;
    let number = address.strip_prefix("/uploads/").unwrap();
    let number = crate::domain::upload::UploadNumber::new(number).unwrap();
    // The program ended right after the upload was marked as sent.
    let user = house.user("ann@acme.example").await.id;
    let now = house.clock.now();
    assert!(
        house
            .store
            .send_upload(&number, user, Lane::Live, now)
            .await
            .unwrap()
    );
    assert!(ann.get(&address).await.text.contains("Waiting"));
    files::mend_once(&house.view, &mut HashSet::new())
        .await
        .unwrap();
    assert!(
        handed_in(&house).await.is_empty(),
        "it may be in somebody's hands"
    );
    house.clock.advance(std::time::Duration::from_mins(4));
    files::mend_once(&house.view, &mut HashSet::new())
        .await
        .unwrap();
    assert_eq!(handed_in(&house).await.len(), 1);
    files::mend_once(&house.view, &mut HashSet::new())
        .await
        .unwrap();
    assert_eq!(handed_in(&house).await.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn an_upload_that_cannot_be_taken_in_keeps_no_other_waiting() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = csrf(&mut ann).await;
    let user = house.user("ann@acme.example").await;
    let (account, now) = (user.account.unwrap(), house.clock.now());
    let begun_after = crate::domain::Timestamp::UNIX_EPOCH;
    for name in ["a.xml", "b.xml"] {
        let address = gather(&mut ann, Parcel::new(&csrf).file(name, b"<a/>")).await;
        let number = address.strip_prefix("/uploads/").unwrap();
        let number = crate::domain::upload::UploadNumber::new(number).unwrap();
        let found = house.store.upload(&number, account, user.id, begun_after);
        let file = found.await.unwrap().unwrap().files.remove(0);
        if name == "a.xml" {
            house.store.spoil_upload_file(&file.id).await.unwrap();
        }
        let sent = house.store.send_upload(&number, user.id, Lane::Live, now);
        assert!(sent.await.unwrap());
    }
    house.clock.advance(std::time::Duration::from_mins(4));
    let mut told = HashSet::new();
    files::mend_once(&house.view, &mut told).await.unwrap();
    assert_eq!(handed_in(&house).await.len(), 1, "the other one is");
    assert_eq!(told.len(), 1, "the log says so once");
    house.clock.advance(std::time::Duration::from_mins(4));
    files::mend_once(&house.view, &mut told).await.unwrap();
    assert_eq!((handed_in(&house).await.len(), told.len()), (1, 1));
    house.close().await;
}

#[tokio::test]
async fn files_that_wait_too_long_are_forgotten() {
    let house = House::new().await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let csrf = csrf(&mut ann).await;
    let address = gather(&mut ann, Parcel::new(&csrf).file("a.xml", b"<a/>")).await;
    // By less than half an hour at a time, so that the session lasts.
    for _ in 0..3 {
        house.clock.advance(std::time::Duration::from_mins(25));
        ann.get("/uploads/new").await;
    }
    assert_eq!(ann.get(&address).await.status, StatusCode::NOT_FOUND);
    house.close().await;
}
