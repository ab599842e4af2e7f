//! Taking up an invitation, and mails that tell of something and change nothing.

use crate::domain::account::{AccountCode, LoginName, MailAddress, Role};
use crate::domain::audit::{Action, Deed};
use crate::domain::notice::NewMail;
use crate::runtime;
use crate::store::tests::bench::{Bench, at, digest, on_both_engines};
use crate::store::{Added, Change, NewInvitation, NewLink};

on_both_engines!(
    an_invitation_is_taken_up_once_and_that_is_noted,
    what_is_told_is_mailed_and_noted,
);

fn deed(action: Action, now: i64) -> Deed {
    Deed {
        id: runtime::unique_id(),
        at: at(now),
        actor: "ann@example.org".to_owned(),
        action,
        subject: "ann@example.org".to_owned(),
        details: String::new(),
        remote_ip: None,
    }
}

fn letter() -> NewMail {
    NewMail {
        to: MailAddress::new("ann@example.org").unwrap(),
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

async fn noted(bench: &Bench) -> usize {
    let subject = Some("ann@example.org");
    let entries = bench.store.audit_entries(subject, None, 9).await;
    entries.unwrap().len()
}

async fn an_invitation_is_taken_up_once_and_that_is_noted(bench: &Bench) {
    let store = &bench.store;
    let code = AccountCode::new("acme").unwrap();
    let Added::New(account) = store.add_account(&code, "Acme", at(1)).await.unwrap() else {
        panic!("taken");
    };
    let new = NewInvitation {
        account: Some(account.id),
        login: LoginName::new("ann@example.org").unwrap(),
        mail: MailAddress::new("ann@example.org").unwrap(),
        full_name: "Ann Example".to_owned(),
        role: Role::Primary,
        temporary_password: None,
        link: NewLink {
            token: digest(b"a"),
            ends: at(1000),
        },
        letter: letter(),
    };
    let invited = store.invite(&new, &deed(Action::UserInvited, 10)).await;
    let Added::New((user, _)) = invited.unwrap() else {
        panic!("taken");
    };
    let redeem = async |secret: &[u8], now| {
        let deed = deed(Action::InvitationRedeemed, now);
        store.redeem_link(&digest(secret), &deed).await.unwrap()
    };
    assert_eq!(redeem(b"b", 20).await, None);
    assert_eq!(redeem(b"a", 1000).await, None, "ended");
    assert_eq!(noted(bench).await, 1);
    assert_eq!(redeem(b"a", 20).await, Some(user.id));
    assert_eq!(redeem(b"a", 20).await, None, "used");
    assert_eq!(noted(bench).await, 2);
}

async fn what_is_told_is_mailed_and_noted(bench: &Bench) {
    let change = Change {
        deed: deed(Action::RegistrationSent, 10),
        mails: vec![letter()],
    };
    bench.store.tell(&change).await.unwrap();
    bench.store.tell(&change).await.unwrap();
    assert_eq!(bench.store.mails(10).await.unwrap().len(), 1);
    assert_eq!(noted(bench).await, 1);
}
