//! What was done by a commit whose answer was lost is answered as done, and done once: by PostgreSQL alone,
//! whose connection can break.

use std::sync::atomic::Ordering;

use crate::domain::account::{
    AccountCode, AccountId, CredentialKind, LoginName, MailPreference, Role, UserId, UserKind,
};
use crate::domain::audit::Action;
use crate::domain::registration::{LinkPurpose, Reference};
use crate::runtime;
use crate::store::tests::bench::{at, deed, digest};
use crate::store::tests::machines::{key, person};
use crate::store::tests::portal::{change, invitation, link};
use crate::store::tests::requests::applicant;
use crate::store::tests::wire::Far;
use crate::store::{
    Added, Decided, Declaration, MachineChange, MachineFacts, NewAccount, NewCredential,
    NewMachine, NewUser,
};

impl Far {
    /// The answer to the next commit is lost, with its connection.
    fn lose(&self) {
        self.wire.loses_answer.store(true, Ordering::SeqCst);
    }

    /// So many answers were lost; each deed is noted once, and its mail is there once.
    async fn done(&self, lost: usize, mails: usize) {
        assert_eq!(self.wire.lost.load(Ordering::SeqCst), lost);
        let entries = self
            .bench
            .store
            .audit_entries(None, None, 99)
            .await
            .unwrap();
        assert_eq!(entries.len(), lost, "{entries:#?}");
        assert_eq!(self.bench.store.mails(99).await.unwrap().len(), mails);
    }
}

fn new_user(account: AccountId) -> NewUser {
    NewUser {
        account: Some(account),
        login: LoginName::new("bob").unwrap(),
        kind: UserKind::Person,
        role: Role::Upload,
        display_name: "Bob".to_owned(),
        mail: None,
        mail_preference: MailPreference::None,
        contact: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_users_and_keys_in_doubt() {
    let Some(far) = Far::new().await else { return };
    let store = &far.store;
    let code = AccountCode::new("acme").unwrap();
    far.lose();
    let opened = change(Action::AccountAdded, "acme");
    let opened = store.open_account(&code, "Acme", &opened).await.unwrap();
    let Added::New(account) = opened else {
        panic!("{opened:?}");
    };
    far.lose();
    let enrolled = change(Action::UserAdded, "bob");
    let new = new_user(account.id);
    let enrolled = store.enrol_user(&new, Some("$x"), &enrolled).await.unwrap();
    let Added::New(user) = enrolled else {
        panic!("{enrolled:?}");
    };
    let key = NewCredential {
        user: user.id,
        kind: CredentialKind::PublicKey,
        verifier: "ssh-ed25519 AAAA".to_owned(),
        fingerprint: Some("SHA256:x".to_owned()),
        label: String::new(),
    };
    far.lose();
    let added = change(Action::KeyAdded, "bob");
    let added = store.add_user_key(&key, &added).await.unwrap();
    assert!(matches!(added, Added::New(_)), "{added:?}");
    far.lose();
    let removed = change(Action::KeyRemoved, "bob");
    let removed = store.remove_user_key(user.id, "SHA256:x", &removed).await;
    assert!(removed.unwrap());
    far.done(4, 4).await;
    far.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invitations_links_and_passwords_in_doubt() {
    let Some(far) = Far::new().await else { return };
    let account = far.bench.account("acme").await;
    let store = &far.store;
    let mut users: Vec<UserId> = Vec::new();
    for login in ["ann@example.org", "bea@example.org"] {
        let mut new = invitation(login, login);
        new.account = Some(account.id);
        far.lose();
        let invited = store.invite(&new, &deed(Action::UserInvited, login)).await;
        let Added::New((user, _)) = invited.unwrap() else {
            panic!("taken");
        };
        users.push(user.id);
    }
    far.lose();
    let token = digest(b"ann@example.org");
    let redeemed = deed(Action::InvitationRedeemed, "ann@example.org");
    let holder = store.redeem_link(&token, &redeemed).await;
    assert_eq!(holder.unwrap(), Some(users[0]));
    far.lose();
    let token = digest(b"bea@example.org");
    let chosen = change(Action::PasswordChanged, "bea@example.org");
    let by_link = (&token, LinkPurpose::Redeem);
    let holder = store.choose_by_link(by_link, "$own", None, &chosen).await;
    assert_eq!(holder.unwrap(), Some(users[1]));
    let all = far.bench.store.credentials(users[1]).await.unwrap();
    assert_eq!((all.len(), all[0].verifier.as_str()), (1, "$own"));
    far.lose();
    let removed = change(Action::AccessRemoved, "ann@example.org");
    let removed = store.remove_access(Some(account.id), users[0], &removed);
    assert!(removed.await.unwrap());
    far.done(5, 4).await;
    far.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_in_doubt() {
    let Some(far) = Far::new().await else { return };
    let account = far.bench.account("acme").await;
    let ann = person(&far.bench, &account, "ann", Role::Primary).await;
    let store = &far.store;
    let new = NewMachine {
        account: account.id,
        login: LoginName::new("robot").unwrap(),
        facts: MachineFacts {
            name: "ERP".to_owned(),
            contact: ann.id,
        },
        key: key("a"),
    };
    let declaration = Declaration {
        by: ann.id,
        version: None,
    };
    far.lose();
    let added = change(Action::MachineAdded, "robot");
    let added = store.add_machine(&new, declaration, &added).await.unwrap();
    let MachineChange::Done(robot) = added else {
        panic!("{added:?}");
    };
    far.lose();
    let told = change(Action::KeyAdded, "robot");
    let (robot, second) = ((account.id, robot), key("b"));
    let added = store.add_machine_key(robot, &second, declaration, &told);
    assert_eq!(added.await.unwrap(), MachineChange::Done(robot.1));
    let keys = far.bench.store.credentials(robot.1).await.unwrap();
    assert_eq!(keys.len(), 2);
    far.lose();
    let told = change(Action::KeyRemoved, "robot");
    let removed = store.remove_machine_key(robot, keys[0].id, &told).await;
    assert!(removed.unwrap());
    far.done(3, 3).await;
    far.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_in_doubt() {
    let Some(far) = Far::new().await else { return };
    let store = &far.store;
    let mut references = Vec::new();
    let ann = applicant();
    for secret in ["a", "b"] {
        let reference = Reference::from_random(runtime::random());
        far.lose();
        let sent = change(Action::RegistrationSent, reference.as_str());
        let new = link(secret);
        let sent = store.register(&reference, &ann, &new, &sent);
        assert_eq!(sent.await.unwrap(), Added::New(()));
        far.lose();
        let token = digest(secret.as_bytes());
        let clicked = deed(Action::RegistrationConfirmed, "");
        let confirmed = store.confirm_registration(&token, &clicked).await;
        assert_eq!(confirmed.unwrap().unwrap().reference, reference);
        references.push(reference);
    }
    far.lose();
    let new = NewAccount {
        code: AccountCode::new("acme").unwrap(),
        name: "Acme".to_owned(),
    };
    let approved = deed(Action::RegistrationApproved, references[0].as_str());
    let invited = invitation("ann@example.org", "c");
    let approved = store.approve_registration(&references[0], &new, &invited, &approved);
    let approved = approved.await.unwrap();
    assert!(matches!(approved, Decided::Done(_)), "{approved:?}");
    far.lose();
    let refused = change(Action::RegistrationRefused, references[1].as_str());
    let refused = store.refuse_registration(&references[1], "no", &refused);
    assert_eq!(refused.await.unwrap(), Decided::Done(()));
    far.done(6, 4).await;
    far.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_in_doubt() {
    let Some(far) = Far::new().await else { return };
    let token = digest(b"t");
    far.store.add_challenge(&token, "abc", at(1)).await.unwrap();
    far.lose();
    let right = far.store.answer_challenge(&token, "ABC", at(0)).await;
    assert!(right.unwrap());
    let again = far.store.answer_challenge(&token, "ABC", at(0)).await;
    assert!(!again.unwrap(), "used up");
    far.end().await;
}
