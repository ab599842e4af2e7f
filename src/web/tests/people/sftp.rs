//! The page on SFTP, the declaration of machine users, and log-ins.

use std::fmt::Write;

use axum::http::StatusCode;

use crate::domain::audit::{Action, Deed};
use crate::domain::entry::RefusalReason;
use crate::store::Refused;
use crate::web::tests::house::House;
use crate::web::tests::people::{last_deed, post};

pub(super) const ANN: &str = "ann@acme.example";

/// A key made for this test, and its fingerprint.
pub(super) const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID6CKSmwzyttGIu0oicUYkJ6uk+lnolbdfPbQ6XyAYEX";
pub(super) const PRINT: &str = "SHA256:RaQDjkDU2O4S5vYPotTqaEJb2VMPAkqz+lQdSRifWjM";
pub(super) const OTHER_KEY: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAncG3fxeTKbolEvHKydSKDGolRYKpFdb+NyxtllaI9u+i6v7AmNesm6N+U7nUQ/FiPbOpAPVJl8VwNTjdbJoqU=";
pub(super) const TICKS: &str = "accurate=yes&terms=yes&version=1";

/// A value of a form, for its body.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, octet| {
        write!(out, "%{octet:02X}").unwrap();
        out
    })
}

pub(super) async fn publish_terms(house: &House, body: &str) -> u64 {
    let deed = Deed {
        id: crate::runtime::unique_id(),
        at: house.clock.now(),
        actor: "test".to_owned(),
        action: Action::TermsPublished,
        subject: "terms".to_owned(),
        details: String::new(),
        remote_ip: None,
    };
    house.store.publish_terms(body, &deed).await.unwrap()
}

/// The form that adds the machine user `login`.
pub(super) async fn adding(house: &House, login: &str, key: &str) -> String {
    let contact = house.user(ANN).await.id;
    let key = encoded(key);
    format!("login={login}&name=ERP&contact={contact}&key={key}&label=server+1&{TICKS}")
}

#[tokio::test]
async fn everybody_of_an_account_reads_how_to_connect_and_only_some_manage_machines() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let page = ann.get("/sftp").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        "sftp.example.org",
        "2222",
        "SHA256:now",
        "[sftp.example.org]:2222 ssh-ed25519 AAAAnow",
        "SHA256:next",
        "in use from 1 Jul 2026 1:00AM",
        "A host key will be replaced",
        "OpenSSH",
        "WinSCP",
        "FileZilla",
        "curl",
        "paramiko",
        "rclone",
        "psftp",
        "lftp",
        "acme-robot@sftp.example.org",
        "1,048,576 octets",
        "Add a machine user",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    let mut bob = house.signed_in("bob@bolt.example").await;
    let page = bob.get("/sftp").await;
    assert!(page.text.contains("SHA256:now") && page.text.contains("USER@sftp.example.org"));
    assert!(!page.text.contains("machine user</a>") && !page.text.contains("acme-robot"));
    assert!(!page.text.contains("/sftp/log-ins"));
    for path in ["/sftp/machines/add", "/sftp/log-ins"] {
        assert_eq!(bob.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let sent = adding(&house, "bolt-robot", KEY).await;
    let refused = post(&mut bob, "/sftp/machines/add", &sent).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut sue = house.signed_in("sue@staff.example").await;
    assert_eq!(sue.get("/sftp").await.status, StatusCode::FORBIDDEN);
    house.close().await;
}

#[tokio::test]
async fn new_terms_ask_for_the_declaration_again() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let path = format!("/sftp/machines/{}", house.user("acme-robot").await.id);
    assert!(ann.get(&path).await.text.contains("Not needed while"));
    publish_terms(&house, "One.").await;
    assert!(ann.get(&path).await.text.contains("Not signed"));
    assert!(ann.get("/sftp").await.text.contains("Declaration needed"));
    let sign = format!("{path}/declaration");
    let page = ann.get(&sign).await;
    assert!(
        page.text
            .contains("I confirm that the information provided is complete and accurate")
    );
    assert!(
        page.text
            .contains("Terms and Conditions (opens in a new tab)")
    );
    let unticked = post(&mut ann, &sign, "accurate=yes").await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    let signed = post(&mut ann, &sign, TICKS).await;
    assert_eq!(signed.header("location"), format!("{path}?notice=declared"));
    assert_eq!(last_deed(&house).await.0, Action::TermsAgreed);
    assert!(!ann.get("/sftp").await.text.contains("Declaration needed"));
    publish_terms(&house, "Two.").await;
    assert!(ann.get("/sftp").await.text.contains("Declaration needed"));
    assert!(
        ann.get(&path)
            .await
            .text
            .contains("A newer version is in force")
    );
    house.close().await;
}

#[tokio::test]
async fn refused_log_ins_are_told_with_the_reason_to_their_own_account() {
    let house = House::new().await;
    let refused = |account, login: &str, reason| Refused {
        account: Some(account),
        login: login.to_owned(),
        reason,
        detail: "<b>x</b>".to_owned(),
        fingerprint: Some("SHA256:shown".to_owned()),
        client: "SSH-2.0-Client_1.0".to_owned(),
        remote_ip: "192.0.2.44".to_owned(),
        first: house.clock.now(),
        last: house.clock.now(),
        times: 3,
    };
    let mut all = vec![refused(
        house.bolt.id,
        "bolt-robot",
        RefusalReason::Suspended,
    )];
    for number in 0..25 {
        let login = format!("acme-robot-{number:02}");
        all.push(refused(house.acme.id, &login, RefusalReason::WeakKey));
    }
    house.store.keep_refusals(all).await.unwrap();
    let mut ann = house.signed_in(ANN).await;
    let page = ann.get("/sftp/log-ins").await;
    assert_eq!(page.text.matches("The key is too weak").count(), 20);
    for words in [
        "acme-robot-24",
        "acme-robot-05",
        "3 times",
        "192.0.2.44",
        "SSH-2.0-Client_1.0",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    assert!(page.text.contains("Nobody of your account is logged in"));
    for words in ["acme-robot-04", "bolt-robot", "<b>x</b>"] {
        assert!(!page.text.contains(words), "{words}");
    }
    house.close().await;
}
