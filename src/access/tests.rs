//! Who is let in, with a real store.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use crate::access::testing::{Acme, Times};
use crate::access::{Access, Refusal, hash_password};
use crate::domain::Timestamp;
use crate::domain::account::Standing;
use crate::domain::entry::RefusalReason;
use crate::domain::networks::Networks;
use crate::runtime::Clock;
use crate::store::Visiting;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const KEY: &str = "ssh-ed25519 AAAATHEROBOTSKEY";

/// Ann has the password `secret`, and the robot a key.
async fn bench() -> (Acme, Access) {
    bench_at(&Clock::system()).await
}

async fn bench_at(clock: &Clock) -> (Acme, Access) {
    let acme = Acme::new().await;
    let hash = hash_password("secret");
    let set = acme
        .store
        .set_password(acme.ann.id, &hash, Timestamp::UNIX_EPOCH);
    set.await.unwrap();
    acme.add_key(&format!("{KEY} robot@plant")).await;
    let opened = Access::open(acme.store.clone(), clock.clone(), &acme.tasks).await;
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
async fn guesses_made_at_once_wait_as_if_made_one_after_the_other() {
    let (_acme, access) = bench().await;
    let began = Instant::now();
    let guess = || access.by_password("ann@example.com", "Secret", HERE);
    tokio::join!(
        guess(),
        guess(),
        guess(),
        guess(),
        guess(),
        guess(),
        guess(),
        guess()
    );
    // The seventh waits for two seconds, if one or two are verified at the same time.
    assert!(began.elapsed() >= Duration::from_secs(2));
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

#[tokio::test]
async fn where_somebody_may_come_from_is_said_by_user_and_account_together() {
    let (acme, access) = bench().await;
    let networks = |text| Networks::new(text).unwrap();
    let code = &acme.account.code;
    let office = networks("192.0.2.0/24");
    acme.store
        .set_account_entry(code, Some(office), None)
        .await
        .unwrap();
    let desk = networks("192.0.2.7");
    acme.store
        .set_user_networks(&acme.robot.login, &desk)
        .await
        .unwrap();
    access.refresh().await.unwrap();
    let robot = access.by_key("robot", KEY).unwrap();
    let ann = access.guest(acme.ann.id).unwrap();
    let at = |last| IpAddr::from([192, 0, 2, last]);
    assert!(robot.may_come_from(at(7)) && !robot.may_come_from(at(8)));
    assert!(ann.may_come_from(at(8)) && !ann.may_come_from(HERE));
    assert_eq!(access.why_not("robot", at(7)), None);
    for (login, from, why) in [
        ("robot", at(8), RefusalReason::WrongPlace),
        ("nobody", at(7), RefusalReason::UnknownUser),
        ("not a name", at(7), RefusalReason::UnknownUser),
    ] {
        assert_eq!(access.why_not(login, from), Some(why), "{login}");
    }
    let suspended = Standing::Suspended;
    let login = &acme.robot.login;
    acme.store
        .set_user_standing(login, suspended)
        .await
        .unwrap();
    access.refresh().await.unwrap();
    assert_eq!(access.by_key("robot", KEY), None);
    let print = || "SHA256:x".to_owned();
    assert_eq!(access.by_certificate("robot", print()), None);
    assert_eq!(
        access.why_not("robot", at(7)),
        Some(RefusalReason::Suspended)
    );
    let ann = access.by_certificate("ann@example.com", print()).unwrap();
    assert_eq!(ann.key_fingerprint, Some(print()));
}

#[tokio::test]
async fn who_is_refused_and_who_is_in_stands_in_the_store() {
    let (acme, access) = bench().await;
    access.keep_books("here").await.unwrap();
    let refusal = |login: &str, reason| Refusal {
        login: login.to_owned(),
        reason,
        detail: "ssh-ed25519".to_owned(),
        fingerprint: Some("SHA256:other".to_owned()),
        client: "SSH-2.0-test".to_owned(),
        from: HERE,
    };
    access.refused(&refusal("robot", RefusalReason::WrongKey));
    access.refused(&refusal("robot", RefusalReason::WrongKey));
    access.refused(&refusal("nobody", RefusalReason::UnknownUser));
    let presence = access.enter(Visiting {
        id: "one".to_owned(),
        account: acme.account.id,
        user: acme.robot.id,
        client: "SSH-2.0-test".to_owned(),
        remote_ip: "192.0.2.1".to_owned(),
        credential: "SHA256:print".to_owned(),
        began: Timestamp::UNIX_EPOCH,
        last_request: Timestamp::UNIX_EPOCH,
        files: 0,
        octets: 0,
    });
    presence.went_on(1, 17, Timestamp::UNIX_EPOCH);
    access.write_books("here").await;
    let of_acme = acme.store.refusals(Some(acme.account.id), 10).await;
    let of_acme = of_acme.unwrap();
    assert_eq!((of_acme.len(), of_acme[0].refused.times), (1, 2));
    assert_eq!(acme.store.refusals(None, 10).await.unwrap().len(), 2);
    let visits = acme.store.visits().await.unwrap();
    assert_eq!((visits.len(), visits[0].login.as_str()), (1, "robot"));
    assert_eq!(visits[0].visiting.octets, 17);
    assert!(!acme.store.ask_end_of_visit("other").await.unwrap());
    assert!(acme.store.ask_end_of_visit("one").await.unwrap());
    access.write_books("here").await;
    // The operator's wish reaches the session.
    presence.end_asked().await;
    drop(presence);
    access.write_books("here").await;
    assert!(acme.store.visits().await.unwrap().is_empty());
}

/// The medians are no further apart than times of one kind are among themselves, or a tenth.
#[tokio::test]
async fn a_wrong_password_takes_as_long_as_an_unknown_user() {
    let clock = Clock::standing_at(Timestamp::UNIX_EPOCH);
    let (_acme, access) = bench_at(&clock).await;
    let mut times = Times::default();
    for number in 0..200 {
        // Nothing is left of the delay against guessing.
        clock.advance(Duration::from_hours(1));
        let nobody = format!("nobody-{number}@example.com");
        let is_known = number % 2 == 0;
        let login = if is_known { "ann@example.com" } else { &nobody };
        let began = Instant::now();
        assert_eq!(access.by_password(login, "Secret", HERE).await, None);
        times.of(number).push(began.elapsed());
    }
    let times = times.compare();
    assert!(
        times.apart <= times.noise.max(times.known / 10),
        "{times:?}"
    );
}
