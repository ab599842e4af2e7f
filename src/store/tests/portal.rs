//! Invitations, roles, codes and terms.

use crate::domain::account::{CredentialKind, LoginName, MailAddress, Role, UserId};
use crate::domain::audit::Action;
use crate::domain::notice::NewMail;
use crate::domain::registration::LinkPurpose;
use crate::runtime;
use crate::store::tests::bench::{Bench, at, deed, digest, on_both_engines};
use crate::store::{Added, Change, NewInvitation, NewLink};

on_both_engines!(
    an_invitation_works_once_and_ends,
    whoever_loses_access_loses_it_at_once_and_may_be_invited_again,
    the_primary_role_is_held_by_one,
    nobody_reaches_a_user_of_another_account,
    a_code_has_three_tries_and_one_right_answer,
    new_terms_are_a_new_version,
);

pub(super) fn change(action: Action, subject: &str) -> Change {
    Change {
        deed: deed(action, subject),
        mails: vec![letter("ann@example.org")],
    }
}

fn letter(to: &str) -> NewMail {
    NewMail {
        to: MailAddress::new(to).unwrap(),
        user: None,
        account: None,
        message_id: runtime::unique_id(),
        references: None,
        subject: "s".to_owned(),
        text: "t".to_owned(),
        html: "h".to_owned(),
        csv: None,
    }
}

pub(super) fn link(secret: &str) -> NewLink {
    NewLink {
        token: digest(secret.as_bytes()),
        ends: at(1000),
    }
}

pub(super) fn invitation(login: &str, secret: &str) -> NewInvitation {
    NewInvitation {
        account: None,
        login: LoginName::new(login).unwrap(),
        mail: MailAddress::new(login).unwrap(),
        full_name: "Ann Example".to_owned(),
        role: Role::Primary,
        temporary_password: Some("$argon2id$x".to_owned()),
        link: link(secret),
        letter: letter(login),
    }
}

async fn invited(bench: &Bench, new: &NewInvitation) -> UserId {
    let deed = deed(Action::UserInvited, new.login.as_str());
    match bench.store.invite(new, &deed).await.unwrap() {
        Added::New((user, _)) => user.id,
        Added::Taken => panic!("taken"),
    }
}

async fn an_invitation_works_once_and_ends(bench: &Bench) {
    let store = &bench.store;
    let new = invitation("ann@example.org", "a");
    let user = invited(bench, &new).await;
    let again = store.invite(&new, &deed(Action::UserInvited, "ann")).await;
    assert!(matches!(again.unwrap(), Added::Taken));
    let token = digest(b"a");
    let peek = async |now| {
        store
            .link_user(&token, LinkPurpose::Redeem, at(now))
            .await
            .unwrap()
    };
    let take = async |purpose, now| {
        let mut chosen = change(Action::PasswordChanged, "ann");
        chosen.deed.at = at(now);
        let link = (&token, purpose);
        let holder = store.choose_by_link(link, "$argon2id$z", None, &chosen);
        holder.await.unwrap()
    };
    let passwords = async || {
        let all = store.credentials(user).await.unwrap();
        all.into_iter().map(|one| one.verifier).collect::<Vec<_>>()
    };
    let temporary = passwords().await;
    assert_eq!(peek(20).await, Some(user));
    assert_eq!(peek(1000).await, None, "ended");
    assert_eq!(
        take(LinkPurpose::Reset, 20).await,
        None,
        "for something else"
    );
    assert_eq!(take(LinkPurpose::Redeem, 1000).await, None, "ended");
    assert_eq!(passwords().await, temporary, "and the password stays");
    assert_eq!(take(LinkPurpose::Redeem, 20).await, Some(user));
    assert_eq!(passwords().await, ["$argon2id$z"]);
    assert_eq!(take(LinkPurpose::Redeem, 20).await, None, "used");
    assert_eq!(peek(20).await, None);

    // Only the newest of the links that were asked for works, and none after a new password.
    for secret in ["r1", "r2"] {
        let sent = change(Action::PasswordLinkSent, "ann@example.org");
        let new = link(secret);
        store.add_reset_link(user, &new, &sent).await.unwrap();
    }
    let reset = async |secret: &str| {
        let token = digest(secret.as_bytes());
        store
            .link_user(&token, LinkPurpose::Reset, at(20))
            .await
            .unwrap()
    };
    assert_eq!((reset("r1").await, reset("r2").await), (None, Some(user)));
    let chosen = change(Action::PasswordChanged, "ann");
    store
        .choose_password(user, "$argon2id$y", &chosen)
        .await
        .unwrap();
    assert_eq!(reset("r2").await, None);
    let credentials = store.credentials(user).await.unwrap();
    assert_eq!((credentials.len(), credentials[0].must_change), (1, false));
    assert_eq!(store.sweep_links(at(2000)).await.unwrap(), 1);
}

async fn whoever_loses_access_loses_it_at_once_and_may_be_invited_again(bench: &Bench) {
    let store = &bench.store;
    let account = bench.account("acme").await;
    let mut new = invitation("ann@example.org", "a");
    new.account = Some(account.id);
    let user = invited(bench, &new).await;
    let generation = store.roster_generation().await.unwrap();
    let removal = change(Action::AccessRemoved, "ann");
    let remove = || store.remove_access(Some(account.id), user, &removal);
    assert!(remove().await.unwrap());
    assert!(store.roster_generation().await.unwrap() > generation);
    assert!(!remove().await.unwrap(), "nothing left to remove");
    assert!(store.credentials(user).await.unwrap().is_empty());
    let token = digest(b"a");
    let chosen = change(Action::PasswordChanged, "ann");
    let by_link = (&token, LinkPurpose::Redeem);
    let late = store.choose_by_link(by_link, "$late", None, &chosen).await;
    assert_eq!(late.unwrap(), None);
    assert!(!store.is_login_taken(&new.login).await.unwrap());

    new.link = link("b");
    let again = invited(bench, &new).await;
    assert_ne!(again, user);
    let users = store.users(Some(account.id)).await.unwrap();
    let roles: Vec<Role> = users.iter().map(|user| user.role).collect();
    assert_eq!(roles, [Role::Primary, Role::None], "{users:?}");
    let passwords = store.credentials(again).await.unwrap();
    assert_eq!(passwords[0].kind, CredentialKind::Password);
}

async fn the_primary_role_is_held_by_one(bench: &Bench) {
    let store = &bench.store;
    let account = bench.account("acme").await;
    let mut ids = Vec::new();
    for (name, role) in [
        ("ann@example.org", Role::Primary),
        ("bob@example.org", Role::View),
    ] {
        let mut new = invitation(name, name);
        (new.account, new.role) = (Some(account.id), role);
        ids.push(invited(bench, &new).await);
    }
    let moved = change(Action::PrimaryMoved, "acme");
    assert!(
        store
            .move_primary(account.id, ids[1], &moved)
            .await
            .unwrap()
    );
    let users = store.users(Some(account.id)).await.unwrap();
    let roles: Vec<Role> = users.iter().map(|user| user.role).collect();
    assert_eq!(roles, [Role::Upload, Role::Primary]);
    let nobody = UserId(i64::MAX);
    assert!(
        !store
            .move_primary(account.id, nobody, &moved)
            .await
            .unwrap()
    );
    assert_eq!(store.users(Some(account.id)).await.unwrap(), users);
}

async fn nobody_reaches_a_user_of_another_account(bench: &Bench) {
    let store = &bench.store;
    let (acme, bolt) = (bench.account("acme").await, bench.account("bolt").await);
    let mut new = invitation("ann@example.org", "a");
    new.account = Some(acme.id);
    let ann = invited(bench, &new).await;
    let told = change(Action::RoleChanged, "ann");
    assert!(
        !store
            .set_role(Some(bolt.id), ann, Role::View, &told)
            .await
            .unwrap()
    );
    assert!(
        !store
            .remove_access(Some(bolt.id), ann, &told)
            .await
            .unwrap()
    );
    assert!(!store.move_primary(bolt.id, ann, &told).await.unwrap());
    assert_eq!(
        store.users(Some(acme.id)).await.unwrap()[0].role,
        Role::Primary
    );
    assert!(
        store
            .set_role(Some(acme.id), ann, Role::View, &told)
            .await
            .unwrap()
    );
    assert!(
        store
            .set_role(None, ann, Role::Upload, &told)
            .await
            .unwrap()
    );
    assert_eq!(
        store.users(Some(acme.id)).await.unwrap()[0].role,
        Role::Upload
    );
}

async fn a_code_has_three_tries_and_one_right_answer(bench: &Bench) {
    let store = &bench.store;
    for name in ["a", "b", "c"] {
        let token = digest(name.as_bytes());
        store.add_challenge(&token, "aB3x", at(10)).await.unwrap();
    }
    let answer = async |name: &str, text: &str, since| {
        let token = digest(name.as_bytes());
        store
            .answer_challenge(&token, text, at(since))
            .await
            .unwrap()
    };
    assert_eq!(
        store.challenge(&digest(b"a"), at(10)).await.unwrap(),
        Some(("aB3x".to_owned(), at(10)))
    );
    assert_eq!(store.challenge(&digest(b"a"), at(11)).await.unwrap(), None);
    assert!(!answer("a", "wrong", 0).await);
    assert!(!answer("a", "", 0).await);
    assert!(answer("a", " Ab 3X", 0).await);
    assert!(!answer("a", "aB3x", 0).await, "used");
    for _ in 0..3 {
        assert!(!answer("b", "wrong", 0).await);
    }
    assert!(!answer("b", "aB3x", 0).await, "three tries");
    assert!(!answer("c", "aB3x", 11).await, "too old");
    assert_eq!(store.sweep_challenges(at(11)).await.unwrap(), 1);
}

async fn new_terms_are_a_new_version(bench: &Bench) {
    let store = &bench.store;
    assert_eq!(store.terms().await.unwrap(), None);
    let publish = async |body: &str| {
        let deed = deed(Action::TermsPublished, "terms");
        store.publish_terms(body, &deed).await.unwrap()
    };
    assert_eq!(publish("one").await, 1);
    assert_eq!(publish("one").await, 1, "nothing new");
    let ann = invited(bench, &invitation("ann@example.org", "a")).await;
    let agreed = deed(Action::TermsAgreed, "ann");
    store.agree(ann, ann, 1, &agreed).await.unwrap();
    assert_eq!(publish("two").await, 2);
    let newest = store.terms().await.unwrap().unwrap();
    assert_eq!((newest.version, newest.body.as_str()), (2, "two"));
    let agreement = store.agreement(ann).await.unwrap().unwrap();
    assert_eq!(
        (agreement.version, agreement.by),
        (1, ann),
        "must be asked again"
    );
    assert_eq!(store.all_terms().await.unwrap().len(), 2);
    assert_eq!(
        store
            .audit_entries(Some("terms"), None, 9)
            .await
            .unwrap()
            .len(),
        2
    );
}
