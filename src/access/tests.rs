//! Who is let in, with a real store.

use std::net::{IpAddr, Ipv4Addr};

use crate::access::testing::Acme;
use crate::access::{Access, hash_password};
use crate::domain::Timestamp;
use crate::domain::account::Standing;
use crate::runtime::Clock;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const KEY: &str = "ssh-ed25519 AAAATHEROBOTSKEY";

/// Ann has the password `secret`, and the robot a key.
async fn bench() -> (Acme, Access) {
    let acme = Acme::new().await;
    let hash = hash_password("secret");
    let set = acme
        .store
        .set_password(acme.ann.id, &hash, Timestamp::UNIX_EPOCH);
    set.await.unwrap();
    acme.add_key(&format!("{KEY} robot@plant")).await;
    let opened = Access::open(acme.store.clone(), Clock::system(), &acme.tasks).await;
    (acme, opened.unwrap())
}

#[tokio::test]
async fn the_right_password_and_nothing_else_lets_a_person_in() {
    let (acme, access) = bench().await;
    let guest = access.by_password("Ann@Example.com", "secret", HERE).await;
    let guest = guest.expect("ann is let in");
    assert_eq!(guest.user.id, acme.ann.id);
    assert_eq!(guest.account.unwrap().code, acme.account.code);
    assert_eq!(guest.key_fingerprint, None);
    for (login, password) in [
        ("ann@example.com", "Secret"),
        ("ann@example.com", ""),
        ("robot", "secret"),
        ("nobody", "secret"),
        ("not a name", ""),
    ] {
        let guest = access.by_password(login, password, HERE).await;
        assert_eq!(guest, None, "{login}");
    }
    let long = "secret".repeat(1000);
    assert_eq!(
        access.by_password("ann@example.com", &long, HERE).await,
        None
    );
}

#[tokio::test]
async fn a_key_lets_in_its_own_user_and_names_the_contact() {
    let (_acme, access) = bench().await;
    let guest = access.by_key("ROBOT", KEY).expect("the robot is let in");
    assert_eq!(guest.uploaded_by, "Ann Example");
    assert_eq!(guest.key_fingerprint.as_deref(), Some("SHA256:print"));
    assert!(access.knows_key("robot", KEY));
    for (login, key) in [
        ("ann@example.com", KEY),
        ("nobody", KEY),
        ("robot", "ssh-ed25519 AAAA"),
        ("robot", ""),
    ] {
        assert_eq!(access.by_key(login, key), None, "{login}");
        assert!(!access.knows_key(login, key));
    }
}

#[tokio::test]
async fn a_suspended_account_lets_nobody_in_any_more() {
    let (acme, access) = bench().await;
    assert_eq!(access.accounts().len(), 1);
    let standing = Standing::Suspended;
    let suspended = acme
        .store
        .set_account_standing(&acme.account.code, standing);
    assert!(suspended.await.unwrap());
    access.refresh().await.unwrap();
    assert_eq!(access.by_key("robot", KEY), None);
    let guest = access.by_password("ann@example.com", "secret", HERE).await;
    assert_eq!(guest, None);
    assert_eq!(access.guest(acme.ann.id), None);
    assert!(access.accounts().is_empty());
}

#[tokio::test]
async fn changes_count_after_a_refresh_and_not_while_the_database_is_away() {
    let (acme, access) = bench().await;
    let removed = acme.store.remove_key(acme.robot.id, "SHA256:print");
    assert!(removed.await.unwrap());
    acme.store.close().await;
    assert!(access.refresh().await.is_err());
    assert!(access.by_key("robot", KEY).is_some());
}
