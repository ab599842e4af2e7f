//! Requests for an account, from the form to the decision.

use crate::domain::account::{AccountCode, MailAddress, Role};
use crate::domain::audit::{Action, Deed};
use crate::domain::registration::{Applicant, Reference, RegistrationStatus};
use crate::runtime;
use crate::store::tests::bench::{Bench, at, deed, digest, on_both_engines};
use crate::store::tests::portal::{change, invitation, link};
use crate::store::{Added, Again, Decided, NewAccount};

on_both_engines!(
    a_request_waits_once_its_address_is_confirmed,
    an_approval_makes_account_user_link_and_mail_or_nothing,
    a_refusal_is_mailed_and_kept,
);

pub(super) fn applicant() -> Applicant {
    Applicant {
        first_name: "Ann".to_owned(),
        last_name: "Example".to_owned(),
        mail: MailAddress::new("ann@example.org").unwrap(),
        manufacturer: "Acme Motors".to_owned(),
    }
}

/// The applicant's click at that time, which the store completes.
fn confirming(now: i64) -> Deed {
    Deed {
        at: at(now),
        actor: String::new(),
        ..deed(Action::RegistrationConfirmed, "")
    }
}

async fn waiting(bench: &Bench) -> Reference {
    let reference = Reference::from_random(runtime::random());
    let secret = runtime::unique_id();
    let ann = applicant();
    let sent = change(Action::RegistrationSent, reference.as_str());
    let link = link(&secret);
    let sent = bench.store.register(&reference, &ann, &link, &sent);
    assert_eq!(sent.await.unwrap(), Added::New(()));
    let token = digest(secret.as_bytes());
    let deed = confirming(20);
    let confirmed = bench.store.confirm_registration(&token, &deed).await;
    assert_eq!(confirmed.unwrap().unwrap().reference, reference);
    reference
}

async fn a_request_waits_once_its_address_is_confirmed(bench: &Bench) {
    let store = &bench.store;
    let reference = Reference::from_random(runtime::random());
    let (ann, new) = (applicant(), link("a"));
    let told = change(Action::RegistrationSent, "x");
    let send = || store.register(&reference, &ann, &new, &told);
    assert_eq!(send().await.unwrap(), Added::New(()));
    assert_eq!(send().await.unwrap(), Added::Taken);
    let waiting = async || {
        let status = RegistrationStatus::Waiting;
        store.registrations(status, 0, 10).await.unwrap().total
    };
    assert_eq!(waiting().await, 0);
    let open = async |since| {
        let found = store.open_registration(&ann.mail, at(since)).await;
        found.unwrap().is_some()
    };
    assert!(open(10).await);
    assert!(!open(11).await, "old and unconfirmed");
    let again = async |secret: &str, not_after, links_max| {
        let (told, link) = (change(Action::RegistrationSent, secret), link(secret));
        let bounds = Again {
            not_after,
            links_max,
        };
        let done = store.confirm_again(&reference, &link, bounds, &told);
        done.await.unwrap()
    };
    assert!(!again("c", at(9), 5).await, "too soon");
    assert!(!again("c", at(10), 1).await, "too often");
    assert!(again("c", at(10), 2).await);
    let (right, wrong) = (digest(b"a"), digest(b"b"));
    let confirm = async |token, now| {
        let deed = confirming(now);
        store.confirm_registration(token, &deed).await.unwrap()
    };
    assert_eq!(confirm(&wrong, 20).await, None);
    assert_eq!(confirm(&right, 1000).await, None, "ended");
    assert!(confirm(&right, 20).await.is_some());
    assert_eq!(confirm(&right, 20).await, None, "used");
    assert_eq!(confirm(&digest(b"c"), 20).await, None, "not needed");
    assert!(!again("d", at(10), 9).await, "confirmed");
    assert_eq!(waiting().await, 1);
    assert!(open(500).await);
    let found = store.registration(&reference).await.unwrap().unwrap();
    assert_eq!(
        (found.applicant, found.confirmed),
        (ann.clone(), Some(at(20)))
    );
    assert_eq!(store.mails(10).await.unwrap().len(), 2);
}

async fn an_approval_makes_account_user_link_and_mail_or_nothing(bench: &Bench) {
    let store = &bench.store;
    let taken = bench.account("acme").await;
    let reference = waiting(bench).await;
    let code = AccountCode::new("acme-2").unwrap();
    let (new, deed) = (
        invitation("ann@example.org", "a"),
        deed(Action::RegistrationApproved, reference.as_str()),
    );
    let named = |code: &AccountCode| NewAccount {
        code: code.clone(),
        name: "Acme Motors".to_owned(),
    };
    let approve = async |code| {
        let account = named(code);
        let approved = store.approve_registration(&reference, &account, &new, &deed);
        approved.await.unwrap()
    };
    let before = store.mails(10).await.unwrap().len();
    assert_eq!(approve(&taken.code).await, Decided::CodeTaken);
    let found = store.registration(&reference).await.unwrap().unwrap();
    assert_eq!(found.status, RegistrationStatus::Waiting, "still waits");
    assert_eq!(store.mails(10).await.unwrap().len(), before);

    let Decided::Done((account, user)) = approve(&code).await else {
        panic!("not done");
    };
    assert_eq!(
        (account.code.clone(), user.account),
        (code.clone(), Some(account.id))
    );
    assert_eq!(user.role, Role::Primary);
    let credentials = store.credentials(user.id).await.unwrap();
    assert!(credentials[0].must_change);
    assert_eq!(credentials[0].ends, Some(at(1000)));
    let found = store.registration(&reference).await.unwrap().unwrap();
    assert_eq!(
        (found.status, found.account),
        (RegistrationStatus::Approved, Some(account.id))
    );
    assert_eq!(store.mails(10).await.unwrap().len(), before + 1);
    assert_eq!(approve(&code).await, Decided::MailTaken);

    let second = waiting(bench).await;
    let other = AccountCode::new("acme-3").unwrap();
    let again = store
        .approve_registration(&second, &named(&other), &new, &deed)
        .await;
    assert_eq!(again.unwrap(), Decided::MailTaken);
    assert_eq!(store.account(&other).await.unwrap(), None);
}

async fn a_refusal_is_mailed_and_kept(bench: &Bench) {
    let store = &bench.store;
    let reference = waiting(bench).await;
    let before = store.mails(10).await.unwrap().len();
    let mut refused = change(Action::RegistrationRefused, reference.as_str());
    refused.deed.at = at(30);
    let refuse = || store.refuse_registration(&reference, "Not a manufacturer.", &refused);
    assert_eq!(refuse().await.unwrap(), Decided::Done(()));
    assert_eq!(refuse().await.unwrap(), Decided::NotWaiting);
    let found = store.registration(&reference).await.unwrap().unwrap();
    assert_eq!(found.status, RegistrationStatus::Refused);
    assert_eq!(found.reason.as_deref(), Some("Not a manufacturer."));
    assert_eq!(store.mails(10).await.unwrap().len(), before + 1);
    let entries = store
        .audit_entries(Some(reference.as_str()), None, 10)
        .await
        .unwrap();
    let actions: Vec<Action> = entries.iter().map(|entry| entry.deed.action).collect();
    assert_eq!(
        actions,
        [
            Action::RegistrationRefused,
            Action::RegistrationConfirmed,
            Action::RegistrationSent
        ]
    );
    let confirmed = &entries[1].deed;
    assert_eq!(confirmed.actor, applicant().mail.as_str());
}
