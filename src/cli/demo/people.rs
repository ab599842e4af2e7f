//! The demo's account with its two users, a person and a machine; and one of the authority's people.

use anyhow::Context;

use crate::access;
use crate::cli::desk::Desk;
use crate::cli::{key, password};
use crate::domain::account::{
    Account, AccountCode, CredentialKind, LoginName, MailAddress, MailPreference, Role, User,
    UserKind,
};
use crate::domain::audit::Action;
use crate::domain::public_key::PublicKey;
use crate::store::{Change, NewUser};

/// The account.
pub(crate) const ACCOUNT: &str = "demo";
/// The person, who signs in on the web.
pub(crate) const PERSON: &str = "demo@example.com";
/// One of the authority's own people, who signs in on the web at `/staff`.
pub(crate) const STAFF: &str = "staff@example.com";
/// The machine, which hands in by SFTP.
pub(crate) const ROBOT: &str = "demo-robot";

/// Adds what is not there yet.
pub(crate) async fn settle(desk: &Desk, robot_key: &PublicKey) -> anyhow::Result<()> {
    let account = account(desk).await?;
    let person = user(
        desk,
        NewUser {
            account: Some(account.id),
            login: LoginName::new(PERSON)?,
            kind: UserKind::Person,
            role: Role::Primary,
            display_name: "Demo Person".to_owned(),
            mail: Some(MailAddress::new(PERSON)?),
            mail_preference: MailPreference::All,
            contact: None,
        },
    )
    .await?;
    user(
        desk,
        NewUser {
            account: None,
            login: LoginName::new(STAFF)?,
            kind: UserKind::Person,
            role: Role::Operator,
            display_name: "Demo Operator".to_owned(),
            mail: Some(MailAddress::new(STAFF)?),
            mail_preference: MailPreference::None,
            contact: None,
        },
    )
    .await?;
    let robot = user(
        desk,
        NewUser {
            account: Some(account.id),
            login: LoginName::new(ROBOT)?,
            kind: UserKind::Machine,
            role: Role::Upload,
            display_name: "Demo robot".to_owned(),
            mail: None,
            mail_preference: MailPreference::None,
            contact: Some(person.id),
        },
    )
    .await?;
    let fingerprint = robot_key.fingerprint();
    let keys = desk.store.credentials(robot.id).await?;
    if !keys
        .iter()
        .any(|known| known.fingerprint.as_ref() == Some(&fingerprint))
    {
        // Nobody is mailed of what the demo makes: it prints what there is.
        let label = robot_key.comment();
        let change = Change {
            deed: key::deed(desk, &robot.login, robot_key, label),
            mails: Vec::new(),
        };
        key::keep(desk, robot.id, robot_key, label, &change).await?;
    }
    Ok(())
}

/// Makes the password of [`PERSON`] or [`STAFF`] and gives it, unless there is one.
pub(crate) async fn password(desk: &Desk, login: &str) -> anyhow::Result<Option<String>> {
    let person = desk.user(&LoginName::new(login)?).await?;
    let credentials = desk.store.credentials(person.id).await?;
    if credentials
        .iter()
        .any(|known| known.kind == CredentialKind::Password)
    {
        return Ok(None);
    }
    let made = access::make_password();
    let hash = password::hashed(desk, &made).await?;
    let change = desk.change(Action::PasswordChanged, login, "");
    let store = &desk.store;
    store.choose_password(person.id, &hash, &change).await?;
    Ok(Some(made))
}

async fn account(desk: &Desk) -> anyhow::Result<Account> {
    let code = AccountCode::new(ACCOUNT)?;
    if desk.store.account(&code).await?.is_none() {
        let name = "Demo Motor Company";
        let change = desk.change(Action::AccountAdded, ACCOUNT, name);
        desk.store.open_account(&code, name, &change).await?;
    }
    desk.account(&code).await
}

async fn user(desk: &Desk, new: NewUser) -> anyhow::Result<User> {
    if desk.store.user(&new.login).await?.is_none() {
        let action = match new.kind {
            UserKind::Person => Action::UserAdded,
            UserKind::Machine => Action::MachineAdded,
        };
        let change = desk.change(action, new.login.as_str(), new.role.as_str());
        desk.store.enrol_user(&new, None, &change).await?;
    }
    let user = desk.user(&new.login).await?;
    Some(user)
        .filter(|user| user.account == new.account)
        .with_context(|| format!("the user {} belongs to another account", new.login))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::desk::with_desk;
    use crate::config::Config;
    use crate::store::Roster;

    /// A key made by OpenSSH for this test.
    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID6CKSmwzyttGIu0oicUYkJ6uk+lnolbdfPbQ6XyAYEX r";

    /// What a start of the demo does to the database.
    async fn start(config: &Config) -> (Option<String>, Roster) {
        let key = PublicKey::parse(KEY).unwrap();
        let done = with_desk(config, async |desk| {
            settle(desk, &key).await?;
            let made = password(desk, PERSON).await?;
            password(desk, STAFF).await?;
            Ok((made, desk.store.roster().await?))
        });
        done.await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn started_again_it_keeps_what_it_made() {
        let scratch = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.service.data = scratch.path().to_owned();
        let (made, first) = start(&config).await;
        assert!(made.is_some());
        let (again, second) = start(&config).await;
        assert_eq!(again, None);
        assert_eq!(first.users, second.users);
        assert_eq!(first.credentials, second.credentials);
        let robot = second
            .users
            .iter()
            .find(|user| user.login.as_str() == ROBOT);
        let person = second
            .users
            .iter()
            .find(|user| user.login.as_str() == PERSON);
        assert_eq!(robot.unwrap().contact, Some(person.unwrap().id));
        let staff = second
            .users
            .iter()
            .find(|user| user.login.as_str() == STAFF);
        assert!(staff.unwrap().role.is_staff());
        assert_eq!(second.credentials.len(), 3);
    }
}
