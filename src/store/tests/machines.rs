//! Machine users with their keys and declarations, invitations sent again, browsers, and what a
//! submission rests on.

use std::time::Duration;

use crate::domain::account::{
    Account, LoginName, MailAddress, MailPreference, Role, User, UserId, UserKind,
};
use crate::domain::audit::{Action, Deed};
use crate::domain::notice::NewMail;
use crate::domain::registration::LinkPurpose;
use crate::runtime;
use crate::store::tests::bench::{Bench, arrival, at, digest, new_arrival, on_both_engines};
use crate::store::{
    Added, Change, Declaration, MachineChange, MachineFacts, MachineKey, NewInvitation, NewLink,
    NewMachine, NewUser, Resent, SessionLimits, Visiting, WebSession,
};

on_both_engines!(
    a_machine_user_is_added_whole_or_not_at_all,
    a_machine_of_another_account_is_out_of_reach,
    the_machines_of_a_person_without_access_go_to_the_primary_user,
    a_submission_rests_on_the_newest_terms_that_were_declared,
    an_invitation_is_pending_until_a_password_is_chosen,
    other_browsers_are_signed_out,
    the_sessions_of_an_account_are_its_own,
);

fn deed(action: Action) -> Deed {
    Deed {
        id: runtime::unique_id(),
        at: at(10),
        actor: "ann@example.org".to_owned(),
        action,
        subject: "robot".to_owned(),
        details: String::new(),
        remote_ip: None,
    }
}

fn change(action: Action) -> Change {
    Change {
        deed: deed(action),
        mails: Vec::new(),
    }
}

pub(super) async fn person(bench: &Bench, account: &Account, login: &str, role: Role) -> User {
    let new = NewUser {
        account: Some(account.id),
        login: LoginName::new(login).unwrap(),
        kind: UserKind::Person,
        role,
        display_name: format!("The {login}"),
        mail: None,
        mail_preference: MailPreference::None,
        contact: None,
    };
    match bench.store.add_user(&new, at(0)).await.unwrap() {
        Added::New(user) => user,
        Added::Taken => panic!("taken"),
    }
}

pub(super) fn key(print: &str) -> MachineKey {
    MachineKey {
        line: format!("ssh-ed25519 AAAA{print}"),
        fingerprint: format!("SHA256:{print}"),
        label: "server".to_owned(),
    }
}

async fn publish(bench: &Bench, body: &str) -> u64 {
    let deed = deed(Action::TermsPublished);
    bench.store.publish_terms(body, &deed).await.unwrap()
}

/// Adds the machine user `login` with the key `print`.
async fn add(
    bench: &Bench,
    account: &Account,
    (login, print): (&str, &str),
    by: &User,
    version: Option<u64>,
) -> MachineChange {
    let new = NewMachine {
        account: account.id,
        login: LoginName::new(login).unwrap(),
        facts: MachineFacts {
            name: "ERP".to_owned(),
            contact: by.id,
        },
        key: key(print),
    };
    let declaration = Declaration { by: by.id, version };
    let change = change(Action::MachineAdded);
    let added = bench.store.add_machine(&new, declaration, &change).await;
    added.unwrap()
}

fn id(change: MachineChange) -> UserId {
    match change {
        MachineChange::Done(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn a_machine_user_is_added_whole_or_not_at_all(bench: &Bench) {
    let store = &bench.store;
    let (acme, bolt) = (bench.account("acme").await, bench.account("bolt").await);
    let ann = person(bench, &acme, "ann", Role::Primary).await;
    let bob = person(bench, &bolt, "bob", Role::Primary).await;
    publish(bench, "one").await;
    let robot = id(add(bench, &acme, ("robot", "a"), &ann, Some(1)).await);
    let users = store.users(None).await.unwrap().len();
    let entries = store.audit_entries(None, None, 99).await.unwrap().len();
    assert_eq!(
        add(bench, &bolt, ("robot", "b"), &bob, None).await,
        MachineChange::LoginTaken
    );
    assert_eq!(
        add(bench, &bolt, ("other", "a"), &bob, None).await,
        MachineChange::KeyTaken
    );
    assert_eq!(
        add(bench, &bolt, ("other", "b"), &ann, None).await,
        MachineChange::NoContact
    );
    assert_eq!(store.users(None).await.unwrap().len(), users);
    assert_eq!(
        store.audit_entries(None, None, 99).await.unwrap().len(),
        entries
    );
    assert!(store.machines(bolt.id).await.unwrap().is_empty());

    let machines = store.machines(acme.id).await.unwrap();
    assert_eq!(machines.len(), 1);
    let machine = &machines[0];
    assert_eq!((machine.user.id, machine.keys.len()), (robot, 1));
    assert_eq!(machine.contact, Some(("The ann".to_owned(), true)));
    let declared = machine.declared.as_ref().unwrap();
    assert_eq!((declared.version, declared.by.as_str()), (1, "The ann"));
    assert_eq!((machine.last_used, machine.has_password), (None, false));
    store
        .credential_used(machine.keys[0].id, at(70))
        .await
        .unwrap();
    let machine = store.machine(acme.id, robot).await.unwrap().unwrap();
    assert_eq!(machine.last_used, Some(at(70)));
    // Whoever lost access is not counted among them, and gives the name back.
    let gone = change(Action::AccessRemoved);
    assert!(
        store
            .remove_access(Some(acme.id), robot, &gone)
            .await
            .unwrap()
    );
    assert!(store.machines(acme.id).await.unwrap().is_empty());
    assert!(store.machine(acme.id, robot).await.unwrap().is_none());
    assert_ne!(
        id(add(bench, &bolt, ("robot", "a"), &bob, None).await),
        robot
    );
}

async fn a_machine_of_another_account_is_out_of_reach(bench: &Bench) {
    let store = &bench.store;
    let (acme, bolt) = (bench.account("acme").await, bench.account("bolt").await);
    let ann = person(bench, &acme, "ann", Role::Primary).await;
    let bob = person(bench, &bolt, "bob", Role::Primary).await;
    publish(bench, "one").await;
    let robot = id(add(bench, &acme, ("robot", "a"), &ann, None).await);
    let roster = store.roster_generation().await.unwrap();
    let declaration = Declaration {
        by: bob.id,
        version: Some(1),
    };
    let facts = MachineFacts {
        name: "Mine".to_owned(),
        contact: bob.id,
    };
    let told = change(Action::MachineChanged);
    let nothing = MachineChange::NoMachine;
    let second = key("b");
    // By the wrong account, and a person taken for a machine.
    for which in [(bolt.id, robot), (acme.id, ann.id)] {
        let added = store.add_machine_key(which, &second, declaration, &told);
        assert_eq!(added.await.unwrap(), nothing);
        let signed = store.declare_for_machine(which, declaration, &told);
        assert_eq!(signed.await.unwrap(), nothing);
        assert_eq!(
            store.set_machine(which, &facts, &told).await.unwrap(),
            nothing
        );
        let machine = store.machine(acme.id, robot).await.unwrap().unwrap();
        let removed = store.remove_machine_key(which, machine.keys[0].id, &told);
        assert!(!removed.await.unwrap());
        assert!(store.machine(which.0, which.1).await.unwrap().is_none());
    }
    assert_eq!(store.roster_generation().await.unwrap(), roster);
    let machine = store.machine(acme.id, robot).await.unwrap().unwrap();
    assert_eq!(
        (machine.user.display_name.as_str(), machine.keys.len()),
        ("ERP", 1)
    );
    assert_eq!(machine.declared, None);

    let which = (acme.id, robot);
    let added = store
        .add_machine_key(which, &key("b"), declaration, &told)
        .await;
    assert_eq!(added.unwrap(), MachineChange::Done(robot));
    let again = store
        .add_machine_key(which, &key("b"), declaration, &told)
        .await;
    assert_eq!(again.unwrap(), MachineChange::KeyTaken);
    let machine = store.machine(acme.id, robot).await.unwrap().unwrap();
    assert_eq!(machine.keys.len(), 2);
    assert_eq!(machine.declared.unwrap().version, 1);
    let removed = store.remove_machine_key(which, machine.keys[0].id, &told);
    assert!(removed.await.unwrap());
    let keys = store.machine(acme.id, robot).await.unwrap().unwrap().keys;
    assert_eq!(keys[0].fingerprint.as_deref(), Some("SHA256:b"));
}

async fn the_machines_of_a_person_without_access_go_to_the_primary_user(bench: &Bench) {
    let store = &bench.store;
    let acme = bench.account("acme").await;
    let ann = person(bench, &acme, "ann", Role::Primary).await;
    let zoe = person(bench, &acme, "zoe", Role::Upload).await;
    let robot = id(add(bench, &acme, ("robot", "a"), &zoe, None).await);
    let own = id(add(bench, &acme, ("other", "b"), &ann, None).await);
    let gone = change(Action::AccessRemoved);
    assert!(
        store
            .remove_access(Some(acme.id), zoe.id, &gone)
            .await
            .unwrap()
    );
    for machine in [robot, own] {
        let found = store.machine(acme.id, machine).await.unwrap().unwrap();
        assert_eq!(found.user.contact, Some(ann.id));
        assert_eq!(found.keys.len(), 1);
    }
    // Without anybody to take over, the name stays, and is told to be gone.
    assert!(store.remove_access(None, ann.id, &gone).await.unwrap());
    let found = store.machine(acme.id, robot).await.unwrap().unwrap();
    assert_eq!(found.contact, Some(("The ann".to_owned(), false)));
}

async fn a_submission_rests_on_the_newest_terms_that_were_declared(bench: &Bench) {
    let store = &bench.store;
    let (acme, bolt) = (bench.account("acme").await, bench.account("bolt").await);
    let ann = person(bench, &acme, "ann", Role::Primary).await;
    let bob = person(bench, &bolt, "bob", Role::Primary).await;
    publish(bench, "one").await;
    let robot = id(add(bench, &acme, ("robot", "a"), &ann, Some(1)).await);
    let send = async |account: &Account, user: Option<UserId>| {
        let mut file = arrival(account.id, &format!("{}.xml", runtime::unique_id()));
        file.user = user;
        let new = new_arrival(file);
        store.arrive(new.clone()).await.unwrap();
        let detail = store.submission(&new.number, None).await.unwrap();
        detail.unwrap().terms_version
    };
    assert_eq!(send(&acme, Some(robot)).await, Some(1));
    assert_eq!(
        send(&acme, Some(ann.id)).await,
        None,
        "she agreed to nothing herself"
    );
    assert_eq!(
        send(&acme, None).await,
        Some(1),
        "a file in the drop folder"
    );
    assert_eq!(send(&bolt, Some(bob.id)).await, None);
    assert_eq!(
        send(&bolt, None).await,
        None,
        "nobody of this account declared anything"
    );
    publish(bench, "two").await;
    assert_eq!(send(&acme, Some(robot)).await, Some(1), "not yet");
    let declaration = Declaration {
        by: ann.id,
        version: Some(2),
    };
    let signed = change(Action::TermsAgreed);
    let signed = store.declare_for_machine((acme.id, robot), declaration, &signed);
    assert_eq!(signed.await.unwrap(), MachineChange::Done(robot));
    assert_eq!(send(&acme, Some(robot)).await, Some(2));
}

fn letter() -> NewMail {
    NewMail {
        to: MailAddress::new("zoe@example.org").unwrap(),
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

fn link(secret: &str, ends: i64) -> NewLink {
    NewLink {
        token: digest(secret.as_bytes()),
        ends: at(ends),
    }
}

fn zoes_invitation(account: &Account) -> NewInvitation {
    NewInvitation {
        account: Some(account.id),
        login: LoginName::new("zoe@example.org").unwrap(),
        mail: MailAddress::new("zoe@example.org").unwrap(),
        full_name: "Zoe Zed".to_owned(),
        role: Role::View,
        temporary_password: Some("$one".to_owned()),
        link: link("a", 100),
        letter: letter(),
    }
}

async fn an_invitation_is_pending_until_a_password_is_chosen(bench: &Bench) {
    let store = &bench.store;
    let (acme, bolt) = (bench.account("acme").await, bench.account("bolt").await);
    let new = zoes_invitation(&acme);
    let invited = store
        .invite(&new, &deed(Action::UserInvited))
        .await
        .unwrap();
    let Added::New((zoe, number)) = invited else {
        panic!("taken");
    };
    assert_eq!(store.invited(bolt.id, number).await.unwrap(), None);
    assert_eq!(
        store.invited(acme.id, number).await.unwrap(),
        Some(zoe.clone())
    );
    let pending = store.pending_invitations(Some(acme.id)).await.unwrap();
    assert_eq!((pending.len(), pending[0].ends), (1, Some(at(100))));
    assert!(
        store
            .pending_invitations(Some(bolt.id))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.pending_invitations(None).await.unwrap(), pending);

    let again = Resent {
        temporary_password: Some("$two".to_owned()),
        link: link("b", 200),
        letter: letter(),
    };
    let resend = async |account| {
        let deed = deed(Action::UserInvited);
        let sent = store.resend_invitation(Some(account), zoe.id, &again, &deed);
        sent.await.unwrap()
    };
    assert_eq!(resend(bolt.id).await, None, "of another account");
    assert_eq!(store.mails(9).await.unwrap().len(), 1);
    assert_eq!(resend(acme.id).await, Some(number));
    assert_eq!(store.mails(9).await.unwrap().len(), 2);
    let works = async |secret: &str| {
        let token = digest(secret.as_bytes());
        let found = store.link_user(&token, LinkPurpose::Redeem, at(20));
        found.await.unwrap()
    };
    assert_eq!((works("a").await, works("b").await), (None, Some(zoe.id)));
    let passwords = store.credentials(zoe.id).await.unwrap();
    assert_eq!(passwords.len(), 1);
    assert_eq!(
        (passwords[0].verifier.as_str(), passwords[0].ends),
        ("$two", Some(at(200)))
    );

    let chosen = change(Action::PasswordChanged);
    store
        .choose_password(zoe.id, "$own", &chosen)
        .await
        .unwrap();
    assert!(
        store
            .pending_invitations(Some(acme.id))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(resend(acme.id).await, None, "it was taken up");
    assert_eq!(store.credentials(zoe.id).await.unwrap()[0].verifier, "$own");
}

async fn other_browsers_are_signed_out(bench: &Bench) {
    let store = &bench.store;
    let acme = bench.account("acme").await;
    let ann = person(bench, &acme, "ann", Role::Primary).await;
    let bob = person(bench, &acme, "bob", Role::View).await;
    let limits = SessionLimits {
        idle: Duration::from_mins(10),
        age: Duration::from_hours(1),
        kept: Duration::from_hours(100),
    };
    for (name, user, created, is_kept) in [
        ("one", &ann, 100, false),
        ("two", &ann, 200, false),
        ("kept", &ann, -3600 * 2, true),
        ("over", &ann, -3600 * 2, false),
        ("bobs", &bob, 100, false),
    ] {
        let session = WebSession {
            user: user.id,
            csrf: name.to_owned(),
            created: at(created),
            seen: at(created),
            is_kept,
        };
        let token = digest(name.as_bytes());
        store.begin_web_session(&token, &session).await.unwrap();
    }
    let open = async |user: &User| -> Vec<String> {
        let open = store.open_browsers(user.id, at(300), limits).await.unwrap();
        open.into_iter().map(|one| one.session.csrf).collect()
    };
    assert_eq!(open(&ann).await, ["two", "one", "kept"]);
    let deed = deed(Action::BrowsersSignedOut);
    store
        .end_other_browsers(ann.id, &digest(b"one"), &deed)
        .await
        .unwrap();
    assert_eq!(open(&ann).await, ["one"]);
    assert_eq!(open(&bob).await, ["bobs"]);
}

async fn the_sessions_of_an_account_are_its_own(bench: &Bench) {
    let store = &bench.store;
    let (acme, bolt) = (bench.account("acme").await, bench.account("bolt").await);
    let ann = person(bench, &acme, "ann", Role::Primary).await;
    let bob = person(bench, &bolt, "bob", Role::Primary).await;
    let robot = id(add(bench, &acme, ("robot", "a"), &ann, None).await);
    let visit = |name: &str, account: &Account, user, began| Visiting {
        id: name.to_owned(),
        account: account.id,
        user,
        client: "c".to_owned(),
        remote_ip: "192.0.2.1".to_owned(),
        credential: "password".to_owned(),
        began: at(began),
        last_request: at(began),
        files: 0,
        octets: 0,
    };
    let open = vec![
        visit("old", &acme, robot, 1),
        visit("new", &acme, robot, 2),
        visit("bobs", &bolt, bob.id, 3),
    ];
    store.note_visits("node", open, Vec::new()).await.unwrap();
    let seen = store.visits_of(acme.id).await.unwrap();
    let ids: Vec<&str> = seen.iter().map(|row| row.visiting.id.as_str()).collect();
    assert_eq!(ids, ["new", "old"]);
    let machine = store.machine(acme.id, robot).await.unwrap().unwrap();
    assert_eq!(machine.sessions, 2);
}
