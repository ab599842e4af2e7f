//! One visit to the SFTP door on the standard input and output, with nothing else running.

use std::path::Path;

use anyhow::Context;

use crate::access::{Access, Guest};
use crate::config::Config;
use crate::daemon::make_private;
use crate::domain::Timestamp;
use crate::domain::account::{
    Account, AccountCode, LoginName, MailPreference, Role, User, UserKind,
};
use crate::doors;
use crate::drop_folder::DropFolders;
use crate::intake::Intake;
use crate::runtime::{Clock, Tasks};
use crate::store::{Added, NewUser, Store};

/// The user that is made in a folder of its own.
const USER: &str = "stdio";

/// Serves `code` on the standard input and output until the input ends. With `root`, everything lies
/// in that folder, and the account is made there; otherwise where the configuration says.
///
/// What is handed in is durable when this ends; a daemon judges it when it runs next.
pub async fn sftp_stdio(
    mut config: Config,
    code: &AccountCode,
    root: Option<&Path>,
) -> anyhow::Result<()> {
    if let Some(root) = root {
        root.clone_into(&mut config.service.data);
        make_private(root)?;
    }
    let (parts, guest, store) = rooms(&config, code, root.is_some()).await?;
    let tasks = parts.tasks.clone();
    let spoken =
        doors::sftp::speak(&config, parts, &guest, std::io::stdin(), std::io::stdout()).await;
    tasks.stop();
    tasks.ended().await;
    store.close().await;
    Ok(spoken?)
}

/// What the door works with, and a user of the account; with `is_made`, database and account are made
/// if they are not there.
pub(super) async fn rooms(
    config: &Config,
    code: &AccountCode,
    is_made: bool,
) -> anyhow::Result<(doors::sftp::Parts, Guest, Store)> {
    let data = config.service.data.clone();
    let (tasks, clock) = (Tasks::new(), Clock::system());
    let store = Store::open(&config.database, &data, is_made, &tasks).await?;
    let account = match store.account(code).await? {
        None if is_made => make(&store, code, clock.now()).await?,
        found => found.with_context(|| format!("there is no account {code}"))?,
    };
    let users = store.users(Some(account.id)).await?;
    let user = users.into_iter().find(|user| user.role.may_upload());
    let user = user.with_context(|| format!("nobody may upload for {code}"))?;
    let drops = data.join(&config.drop_folders.path);
    let parts = doors::sftp::Parts {
        access: Access::open(store.clone(), clock.clone(), &tasks).await?,
        intake: Intake::open(store.clone()).await?,
        folders: DropFolders::open(&drops)
            .with_context(|| format!("the drop folders at {} cannot be opened", drops.display()))?,
        busy: doors::busy::Busy::default(),
        clock,
        tasks,
    };
    Ok((parts, guest(account, user), store))
}

fn guest(account: Account, user: User) -> Guest {
    Guest {
        uploaded_by: user.display_name.clone(),
        user,
        account: Some(account),
        key_fingerprint: None,
        password_since: None,
        certificate_until: None,
        must_change_password: false,
    }
}

async fn make(store: &Store, code: &AccountCode, now: Timestamp) -> anyhow::Result<Account> {
    let account = match store.add_account(code, code.as_str(), now).await? {
        Added::New(account) => account,
        // Another of us was faster.
        Added::Taken => store.account(code).await?.context("the account is gone")?,
    };
    let user = NewUser {
        account: Some(account.id),
        login: LoginName::new(&format!("{USER}-{code}"))?,
        kind: UserKind::Machine,
        role: Role::Upload,
        display_name: USER.to_owned(),
        mail: None,
        mail_preference: MailPreference::None,
        contact: None,
    };
    store.add_user(&user, now).await?;
    Ok(account)
}
