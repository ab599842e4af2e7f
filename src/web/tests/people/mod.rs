//! The people of an account: users, machine users, their own details. What the tests have in common.

mod addresses;
mod door;
mod inviting;
mod machines;
mod own;
mod routes;
mod sftp;
mod users;

use crate::domain::account::{
    Account, LoginName, MailAddress, MailPreference, Role, User, UserKind,
};
use crate::domain::audit::Action;
use crate::domain::notice::NewMail;
use crate::store::{Added, NewUser};
use crate::web::tests::house::{Answer, Browser, House};

/// Adds a person of an account.
async fn add(house: &House, account: &Account, login: &str, role: Role, name: &str) -> User {
    let new = NewUser {
        account: Some(account.id),
        login: LoginName::new(login).unwrap(),
        kind: UserKind::Person,
        role,
        display_name: name.to_owned(),
        mail: MailAddress::new(login).ok(),
        mail_preference: MailPreference::Failures,
        contact: None,
    };
    let added = house.store.add_user(&new, house.clock.now()).await.unwrap();
    house.access.refresh().await.unwrap();
    match added {
        Added::New(user) => user,
        Added::Taken => panic!("{login} is taken"),
    }
}

/// Sends a form with the token of the browser's session.
async fn post(browser: &mut Browser, path: &str, fields: &str) -> Answer {
    let csrf = browser.get("/account").await.csrf();
    browser.post(path, &format!("csrf={csrf}&{fields}")).await
}

/// The mails in the outbox, newest first.
async fn mails(house: &House) -> Vec<NewMail> {
    let mails = house.store.mails(50).await.unwrap();
    mails.into_iter().map(|mail| mail.mail).collect()
}

/// What was done last, to whom, and by whom.
async fn last_deed(house: &House) -> (Action, String, String) {
    let newest = house.store.audit_entries(None, None, 1).await.unwrap();
    let deed = newest.into_iter().next().unwrap().deed;
    assert!(deed.remote_ip.is_some());
    (deed.action, deed.subject, deed.actor)
}
