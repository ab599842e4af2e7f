//! Accounts, users, credentials, the roster's generation, and signed-in browsers.

use std::net::IpAddr;
use std::time::Duration;

use crate::domain::account::{
    AccountCode, CredentialKind, LoginName, MailPreference, Role, Standing, User, UserId, UserKind,
};
use crate::domain::entry::RefusalReason;
use crate::domain::networks::Networks;
use crate::domain::submission::Sha256;
use crate::store::tests::bench::{Bench, arrival, at, digest, new_arrival, on_both_engines};
use crate::store::{Added, NewCredential, NewUser, Refused, SessionLimits, Visiting, WebSession};

on_both_engines!(
    a_code_and_a_login_are_taken_once,
    every_change_counts_the_roster_up_and_a_log_in_does_not,
    a_key_lets_one_user_in,
    a_new_password_takes_the_place_of_the_old_one,
    a_machines_submission_shows_the_person_answerable_for_it,
    a_web_session_ends_by_idleness_age_and_sign_out,
    the_newest_refusals_of_each_account_are_kept,
    where_somebody_may_come_from_is_kept,
    addresses_are_kept_and_forgotten,
    sessions_are_noted_asked_to_end_and_forgotten,
    the_vitals_count_what_waits,
);

fn new_user(login: &str, kind: UserKind) -> NewUser {
    NewUser {
        account: None,
        login: LoginName::new(login).unwrap(),
        kind,
        role: Role::Upload,
        display_name: format!("The {login}"),
        mail: None,
        mail_preference: MailPreference::None,
        contact: None,
    }
}

async fn added(bench: &Bench, new: &NewUser) -> User {
    match bench.store.add_user(new, at(0)).await.unwrap() {
        Added::New(user) => user,
        Added::Taken => panic!("taken"),
    }
}

fn key(user: UserId, fingerprint: &str) -> NewCredential {
    NewCredential {
        user,
        kind: CredentialKind::PublicKey,
        verifier: "ssh-ed25519 AAAA".to_owned(),
        fingerprint: Some(fingerprint.to_owned()),
        label: "laptop".to_owned(),
    }
}

async fn a_code_and_a_login_are_taken_once(bench: &Bench) {
    let account = bench.account("acme").await;
    let again = bench.store.add_account(&account.code, "Other", at(0)).await;
    assert_eq!(again.unwrap(), Added::Taken);
    let code = AccountCode::new("none").unwrap();
    assert_eq!(bench.store.account(&code).await.unwrap(), None);
    assert_eq!(
        bench.store.account(&account.code).await.unwrap(),
        Some(account.clone())
    );
    let mut new = new_user("ann@example.org", UserKind::Person);
    new.account = Some(account.id);
    let ann = added(bench, &new).await;
    let again = bench.store.add_user(&new, at(0)).await.unwrap();
    assert_eq!(again, Added::Taken);
    added(bench, &new_user("staff", UserKind::Person)).await;
    assert_eq!(
        bench.store.users(Some(account.id)).await.unwrap(),
        std::slice::from_ref(&ann)
    );
    assert_eq!(bench.store.users(None).await.unwrap().len(), 2);
    let login = LoginName::new("ANN@example.org").unwrap();
    assert_eq!(bench.store.user(&login).await.unwrap(), Some(ann));
}

async fn every_change_counts_the_roster_up_and_a_log_in_does_not(bench: &Bench) {
    let store = &bench.store;
    let mut last = store.roster_generation().await.unwrap();
    let mut is_changed = async || {
        let now = store.roster_generation().await.unwrap();
        std::mem::replace(&mut last, now) < now
    };
    let account = bench.account("acme").await;
    assert!(is_changed().await);
    let user = added(bench, &new_user("ann", UserKind::Person)).await;
    assert!(is_changed().await);
    let Added::New(credential) = store
        .add_credential(&key(user.id, "SHA256:a"), at(0))
        .await
        .unwrap()
    else {
        panic!("taken");
    };
    assert!(is_changed().await);
    store
        .set_password(user.id, "$argon2id$", at(0))
        .await
        .unwrap();
    assert!(is_changed().await);
    let suspended = store.set_account_standing(&account.code, Standing::Suspended);
    assert!(suspended.await.unwrap());
    assert!(is_changed().await);

    store.credential_used(credential.id, at(5)).await.unwrap();
    store.credential_used(credential.id, at(60)).await.unwrap();
    assert!(!is_changed().await);
    let seen = store.credentials(user.id).await.unwrap()[0].last_used;
    assert_eq!(seen, Some(at(5)), "noted once a minute");
    store.credential_used(credential.id, at(65)).await.unwrap();
    assert_eq!(
        store.credentials(user.id).await.unwrap()[0].last_used,
        Some(at(65))
    );

    assert!(store.remove_key(user.id, "SHA256:a").await.unwrap());
    assert!(is_changed().await);
    assert!(!store.remove_key(user.id, "SHA256:a").await.unwrap());
    assert!(!is_changed().await);
    let roster = store.roster().await.unwrap();
    assert_eq!(roster.generation, last);
    assert_eq!(roster.accounts[0].standing, Standing::Suspended);
    assert_eq!((roster.users.len(), roster.credentials.len()), (1, 1));
}

async fn a_key_lets_one_user_in(bench: &Bench) {
    let ann = added(bench, &new_user("ann", UserKind::Person)).await;
    let bob = added(bench, &new_user("bob", UserKind::Person)).await;
    let first = bench
        .store
        .add_credential(&key(ann.id, "SHA256:a"), at(0))
        .await;
    assert!(matches!(first.unwrap(), Added::New(_)));
    let second = bench
        .store
        .add_credential(&key(bob.id, "SHA256:a"), at(0))
        .await;
    assert_eq!(second.unwrap(), Added::Taken);
    assert!(!bench.store.remove_key(bob.id, "SHA256:a").await.unwrap());
    assert!(bench.store.credentials(bob.id).await.unwrap().is_empty());
    assert_eq!(bench.store.credentials(ann.id).await.unwrap().len(), 1);
}

async fn a_new_password_takes_the_place_of_the_old_one(bench: &Bench) {
    let ann = added(bench, &new_user("ann", UserKind::Person)).await;
    let added = bench
        .store
        .add_credential(&key(ann.id, "SHA256:a"), at(0))
        .await;
    added.unwrap();
    for hash in ["$1", "$2"] {
        bench.store.set_password(ann.id, hash, at(0)).await.unwrap();
    }
    let credentials = bench.store.credentials(ann.id).await.unwrap();
    let verifiers: Vec<_> = credentials
        .iter()
        .map(|credential| credential.verifier.as_str())
        .collect();
    assert_eq!(verifiers, ["ssh-ed25519 AAAA", "$2"]);
}

async fn a_machines_submission_shows_the_person_answerable_for_it(bench: &Bench) {
    let account = bench.account("acme").await;
    let ann = added(bench, &new_user("ann", UserKind::Person)).await;
    let mut robot = new_user("robot", UserKind::Machine);
    let lonely = added(bench, &new_user("lonely", UserKind::Machine)).await;
    robot.contact = Some(ann.id);
    let robot = added(bench, &robot).await;
    for (user, submitted, uploaded) in [
        (&robot, "robot", "The ann"),
        (&lonely, "lonely", "The lonely"),
        (&ann, "ann", "The ann"),
    ] {
        let mut file = arrival(account.id, "a.xml");
        file.user = Some(user.id);
        let new = new_arrival(file);
        bench.store.arrive(new.clone()).await.unwrap();
        let detail = bench.store.submission(&new.number, None).await.unwrap();
        let submission = detail.unwrap().row.submission;
        assert_eq!(submission.submitted_by, submitted);
        assert_eq!(submission.uploaded_by, uploaded);
    }
}

async fn a_web_session_ends_by_idleness_age_and_sign_out(bench: &Bench) {
    let ann = added(bench, &new_user("ann", UserKind::Person)).await;
    let session = WebSession {
        user: ann.id,
        csrf: "secret".to_owned(),
        created: at(0),
        seen: at(0),
        is_kept: false,
    };
    let limits = SessionLimits {
        idle: Duration::from_mins(10),
        age: Duration::from_hours(1),
        kept: Duration::from_hours(10),
    };
    let tokens = [digest(b"1"), digest(b"2"), digest(b"kept")];
    for token in &tokens {
        bench
            .store
            .begin_web_session(token, &session)
            .await
            .unwrap();
    }
    let look = async |token: &Sha256, seconds| {
        let found = bench.store.web_session(token, at(seconds), limits).await;
        found.unwrap().map(|session| session.seen)
    };
    assert_eq!(look(&tokens[0], 30).await, Some(at(0)));
    assert_eq!(look(&tokens[0], 500).await, Some(at(500)));
    assert_eq!(look(&tokens[0], 510).await, Some(at(500)), "once a minute");
    assert_eq!(look(&tokens[1], 600).await, None, "idle");
    for seconds in (1000..3600).step_by(500) {
        assert_eq!(look(&tokens[0], seconds).await, Some(at(seconds)));
    }
    assert_eq!(look(&tokens[0], 3600).await, None, "too old");
    assert_eq!(look(&digest(b"3"), 0).await, None, "never begun");
    bench.store.end_web_session(&tokens[0]).await.unwrap();
    assert_eq!(look(&tokens[0], 3500).await, None, "signed out");
    bench.store.keep_web_session(&tokens[2]).await.unwrap();
    assert_eq!(look(&tokens[2], 30_000).await, Some(at(30_000)), "kept");
    assert_eq!(look(&tokens[2], 36_000).await, None, "kept for too long");
    let sweep = async |seconds| bench.store.sweep_web_sessions(at(seconds), limits).await;
    assert_eq!(sweep(3599).await.unwrap(), 0);
    assert_eq!(sweep(3600).await.unwrap(), 1);
    assert_eq!(sweep(36_000).await.unwrap(), 1);
}

async fn the_newest_refusals_of_each_account_are_kept(bench: &Bench) {
    let account = bench.account("acme").await;
    let refused = |account, second: i64| Refused {
        account,
        login: "robot\0".to_owned(),
        reason: RefusalReason::WrongKey,
        detail: "ssh-ed25519".to_owned(),
        fingerprint: Some("SHA256:x".to_owned()),
        client: "SSH-2.0-x".to_owned(),
        remote_ip: "192.0.2.1".to_owned(),
        first: at(second),
        last: at(second),
        times: 1,
    };
    let many = |account| (0..1005).map(|n| refused(account, n)).collect();
    let store = &bench.store;
    store.keep_refusals(many(Some(account.id))).await.unwrap();
    store.keep_refusals(many(None)).await.unwrap();
    let of_account = store.refusals(Some(account.id), 5000).await.unwrap();
    assert_eq!(of_account.len(), 1000);
    assert_eq!(of_account[0].refused.last, at(1004));
    assert_eq!(of_account[999].refused.last, at(5));
    assert_eq!(of_account[0].account.as_ref(), Some(&account.code));
    assert_eq!(store.refusals(None, 5000).await.unwrap().len(), 2000);
}

async fn where_somebody_may_come_from_is_kept(bench: &Bench) {
    let account = bench.account("acme").await;
    let user = added(bench, &new_user("robot", UserKind::Machine)).await;
    assert!(account.passwords && account.from.is_everywhere());
    let networks = Networks::new("192.0.2.0/24, 2001:db8::/32").unwrap();
    let (store, before) = (&bench.store, bench.store.roster_generation().await.unwrap());
    let set = store.set_account_entry(&account.code, Some(networks.clone()), Some(false));
    assert!(set.await.unwrap());
    assert!(
        store
            .set_user_networks(&user.login, &networks)
            .await
            .unwrap()
    );
    let suspended = Standing::Suspended;
    let stood = store.set_user_standing(&user.login, suspended);
    assert!(stood.await.unwrap());
    assert_eq!(store.roster_generation().await.unwrap(), before + 3);
    let account = store.account(&account.code).await.unwrap().unwrap();
    let user = store.user(&user.login).await.unwrap().unwrap();
    assert_eq!((&account.from, account.passwords), (&networks, false));
    assert_eq!((user.from, user.standing), (networks, suspended));
    let nobody = LoginName::new("nobody").unwrap();
    assert!(!store.set_user_standing(&nobody, suspended).await.unwrap());
}

async fn sessions_are_noted_asked_to_end_and_forgotten(bench: &Bench) {
    let account = bench.account("acme").await;
    let user = added(bench, &new_user("robot", UserKind::Machine)).await;
    let visiting = |id: &str, files| Visiting {
        id: id.to_owned(),
        account: account.id,
        user: user.id,
        client: "SSH-2.0-x".to_owned(),
        remote_ip: "192.0.2.1".to_owned(),
        credential: "password".to_owned(),
        began: at(1),
        last_request: at(2),
        files,
        octets: 0,
    };
    let store = &bench.store;
    let both = vec![visiting("a", 0), visiting("b", 0)];
    store.note_visits("one", both, Vec::new()).await.unwrap();
    assert!(store.ask_end_of_visit("b").await.unwrap());
    let again = vec![visiting("b", 7)];
    let ended = vec!["a".to_owned()];
    store.note_visits("one", again, ended).await.unwrap();
    let rows = store.visits().await.unwrap();
    assert_eq!((rows.len(), rows[0].visiting.files), (1, 7));
    assert!(rows[0].is_end_asked, "the wish outlives a note");
    assert_eq!(store.visits_to_end("one").await.unwrap(), ["b"]);
    assert!(store.visits_to_end("two").await.unwrap().is_empty());
    store.forget_visits("one").await.unwrap();
    assert!(!store.ask_end_of_visit("b").await.unwrap());
}

async fn addresses_are_kept_and_forgotten(bench: &Bench) {
    let store = &bench.store;
    let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([0x2001_u16; 8]));
    let both = vec![(one, at(10)), (other, at(20))];
    store.keep_addresses(both, at(0)).await.unwrap();
    let again = vec![(one, at(30))];
    store.keep_addresses(again, at(20)).await.unwrap();
    let kept = store.kept_addresses(at(0), 10).await.unwrap();
    assert_eq!(kept, [(one, at(30)), (other, at(20))]);
    assert_eq!(store.kept_addresses(at(0), 1).await.unwrap().len(), 1);
    assert_eq!(store.kept_addresses(at(20), 10).await.unwrap().len(), 1);
    store.keep_addresses(Vec::new(), at(25)).await.unwrap();
    let kept = store.kept_addresses(at(0), 10).await.unwrap();
    assert_eq!(kept, [(one, at(30))]);
}

async fn the_vitals_count_what_waits(bench: &Bench) {
    let none = bench.store.vitals().await.unwrap();
    assert_eq!((none.unfinished, none.oldest, none.held), (0, None, 0));
    assert_eq!(none.mails_waiting, 0);
}
