//! `ecocd user`: persons and machines who log in.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;

use crate::access;
use crate::cli::arguments::{self, Output, UserAdd};
use crate::cli::desk::{Desk, at_desk};
use crate::cli::ending::{Ending, Usage};
use crate::cli::output::note;
use crate::cli::table::Table;
use crate::cli::{account, key, moment, password};
use crate::domain::account::{
    AccountCode, AccountId, CredentialKind, LoginName, MailAddress, MailPreference, Standing, User,
    UserId, UserKind,
};
use crate::domain::audit::Action;
use crate::domain::networks::Networks;
use crate::store::{Added, Change, NewUser, Roster};

/// Does what was asked.
pub(crate) fn run(config: Option<&Path>, wish: arguments::User) -> anyhow::Result<Ending> {
    if let arguments::User::Add(wish) = &wish {
        makes_sense(wish)?;
    }
    at_desk(config, async |desk| match wish {
        arguments::User::Add(wish) => add(desk, wish).await,
        arguments::User::List { account, output } => list(desk, account.as_ref(), output).await,
        arguments::User::Set {
            login,
            from,
            output,
        } => set(desk, &login, &from, output).await,
        arguments::User::Suspend { login, output } => {
            stand(desk, &login, Standing::Suspended, output).await
        }
        arguments::User::Resume { login, output } => {
            stand(desk, &login, Standing::Active, output).await
        }
        arguments::User::Key(wish) => key::run(desk, wish).await,
        arguments::User::Passwd {
            login,
            password_stdin,
            output,
        } => passwd(desk, &login, password_stdin, output).await,
    })
}

/// A user, for programs.
#[derive(Debug, Serialize)]
struct Form {
    login: String,
    account: Option<String>,
    kind: &'static str,
    role: &'static str,
    standing: &'static str,
    /// Empty is everywhere.
    from: String,
    name: String,
    mail: Option<String>,
    mail_preference: &'static str,
    contact: Option<String>,
    has_password: bool,
    keys: usize,
    created: String,
}

impl Form {
    fn of(user: &User, roster: &Roster) -> Self {
        let account = roster
            .accounts
            .iter()
            .find(|account| Some(account.id) == user.account);
        let contact = roster
            .users
            .iter()
            .find(|other| Some(other.id) == user.contact);
        let count = |kind| {
            roster
                .credentials
                .iter()
                .filter(|credential| credential.user == user.id && credential.kind == kind)
                .count()
        };
        Self {
            login: user.login.to_string(),
            account: account.map(|account| account.code.to_string()),
            kind: user.kind.as_str(),
            role: user.role.as_str(),
            standing: user.standing.as_str(),
            from: user.from.to_string(),
            name: user.display_name.clone(),
            mail: user.mail.as_ref().map(ToString::to_string),
            mail_preference: user.mail_preference.as_str(),
            contact: contact.map(|contact| contact.login.to_string()),
            has_password: count(CredentialKind::Password) > 0,
            keys: count(CredentialKind::PublicKey),
            created: moment::stamp(user.created),
        }
    }
}

/// Refuses what the grammar of the command line cannot.
fn makes_sense(wish: &UserAdd) -> Result<(), Usage> {
    let no = |what: &str| Err(Usage(what.to_owned()));
    if wish.staff != wish.role.is_staff() {
        return no(
            "staff are reviewer or operator; users of an account are primary, upload or view",
        );
    }
    if wish.machine && !wish.role.may_upload() {
        return no("a machine that may not upload has nothing to do: give it the role upload");
    }
    if !wish.machine && MailAddress::new(wish.login.as_str()).is_err() {
        return no("a person logs in with a mail address; is this a machine? Then add --machine");
    }
    let name = wish.name.as_deref().unwrap_or("x");
    if name.trim().is_empty() || name.chars().any(char::is_control) || name.chars().count() > 200 {
        return no("--name must have 1 to 200 characters, and no control characters");
    }
    Ok(())
}

async fn add(desk: &Desk, wish: UserAdd) -> anyhow::Result<()> {
    let chosen = if wish.password_stdin {
        Some(asked_password(&wish.login)?)
    } else {
        None
    };
    let account = match &wish.account {
        Some(code) => Some(desk.account(code).await?.id),
        None => None,
    };
    let contact = match &wish.contact {
        Some(login) => {
            let person = desk.user(login).await?;
            anyhow::ensure!(
                person.kind == UserKind::Person && person.account == account,
                "{login} cannot be the contact: it must be a person of the same account"
            );
            Some(person.id)
        }
        None => None,
    };
    let new = new_user(&wish, account, contact);
    let hash = match &chosen {
        Some(chosen) => Some(password::hashed(desk, chosen).await?),
        None => None,
    };
    let change = noted(desk, &wish);
    let added = desk.store.enrol_user(&new, hash.as_deref(), &change);
    let Added::New(user) = added.await? else {
        anyhow::bail!("there is a user {} already", wish.login);
    };
    if wish.machine && contact.is_none() {
        note("nobody is named as answerable for this machine: --contact LOGIN does so");
    }
    let login = &user.login;
    let roster = desk.store.roster().await?;
    wish.output.answer(&Form::of(&user, &roster), || {
        let next = match (wish.machine, chosen.is_some()) {
            (true, _) => format!(" Next: ecocd user key add {login} FILE"),
            (false, false) => format!(" Next: ecocd user passwd {login}"),
            (false, true) => String::new(),
        };
        format!("The user {login} is there now.{next}\n")
    })
}

/// Who is added, for the audit log.
fn noted(desk: &Desk, wish: &UserAdd) -> Change {
    let action = if wish.machine {
        Action::MachineAdded
    } else {
        Action::UserAdded
    };
    desk.change(action, wish.login.as_str(), &details(wish))
}

/// `account acme, upload, contact ann@example.com`.
fn details(wish: &UserAdd) -> String {
    let belongs = match &wish.account {
        Some(code) => format!("account {code}"),
        None => "staff".to_owned(),
    };
    let mut parts = vec![belongs, wish.role.as_str().to_owned()];
    if let Some(contact) = &wish.contact {
        parts.push(format!("contact {contact}"));
    }
    if wish.password_stdin {
        parts.push("with a password".to_owned());
    }
    parts.join(", ")
}

fn new_user(wish: &UserAdd, account: Option<AccountId>, contact: Option<UserId>) -> NewUser {
    let (kind, preference, own_mail) = if wish.machine {
        (UserKind::Machine, MailPreference::None, None)
    } else {
        let own = MailAddress::new(wish.login.as_str()).ok();
        (UserKind::Person, MailPreference::Failures, own)
    };
    NewUser {
        account,
        login: wish.login.clone(),
        kind,
        role: wish.role,
        display_name: wish
            .name
            .as_deref()
            .map_or_else(|| wish.login.to_string(), |name| name.trim().to_owned()),
        mail: wish.mail.clone().or(own_mail),
        mail_preference: wish.mail_preference.unwrap_or(preference),
        contact,
    }
}

/// The password that must be on the standard input.
fn asked_password(login: &LoginName) -> anyhow::Result<String> {
    password::from_stdin(login)?.ok_or_else(|| {
        let what = "--password-stdin wants the password on the first line of the standard input";
        anyhow::Error::from(Usage(what.to_owned()))
    })
}

async fn list(desk: &Desk, of: Option<&AccountCode>, output: Output) -> anyhow::Result<()> {
    let only = match of {
        Some(code) => Some(desk.account(code).await?.id),
        None => None,
    };
    let roster = desk.store.roster().await?;
    let mut users: Vec<&User> = roster
        .users
        .iter()
        .filter(|user| only.is_none() || user.account == only)
        .collect();
    users.sort_by(|one, other| one.login.cmp(&other.login));
    let forms: Vec<Form> = users.iter().map(|user| Form::of(user, &roster)).collect();
    let suspended: HashMap<&str, bool> = roster
        .accounts
        .iter()
        .map(|account| {
            let is_active = account.standing == Standing::Active;
            (account.code.as_str(), !is_active)
        })
        .collect();
    output.answer(&forms, || {
        let mut table = Table::new([
            "LOGIN", "ACCOUNT", "KIND", "ROLE", "STANDING", "PASSWORD", "KEYS", "MAIL", "NAME",
        ]);
        for form in &forms {
            let account = form.account.clone().unwrap_or_else(|| "(staff)".to_owned());
            let standing = if suspended.get(account.as_str()) == Some(&true) {
                "account suspended".to_owned()
            } else {
                form.standing.to_owned()
            };
            table.row([
                form.login.clone(),
                account,
                form.kind.to_owned(),
                form.role.to_owned(),
                standing,
                if form.has_password { "yes" } else { "no" }.to_owned(),
                form.keys.to_string(),
                form.mail_preference.to_owned(),
                form.name.clone(),
            ]);
        }
        table.or("No users yet: ecocd user add LOGIN --account CODE --role ROLE")
    })
}

async fn set(
    desk: &Desk,
    login: &LoginName,
    from: &Networks,
    output: Output,
) -> anyhow::Result<()> {
    let before = desk.user(login).await?;
    let place = account::place(from);
    // What is so already is not set again, and not noted.
    if before.from != *from {
        let details = format!("from {place}");
        let change = desk.change(Action::UserChanged, login.as_str(), &details);
        desk.store.change_user(login, from, &change).await?;
    }
    let user = desk.user(login).await?;
    let roster = desk.store.roster().await?;
    output.answer(&Form::of(&user, &roster), || {
        format!("{login} may log in by SFTP from {place}.\n")
    })
}

async fn stand(
    desk: &Desk,
    login: &LoginName,
    standing: Standing,
    output: Output,
) -> anyhow::Result<()> {
    desk.user(login).await?;
    let action = match standing {
        Standing::Suspended => Action::UserSuspended,
        Standing::Active => Action::UserResumed,
    };
    let change = desk.change(action, login.as_str(), "");
    desk.store.stand_user(login, standing, &change).await?;
    let user = desk.user(login).await?;
    let roster = desk.store.roster().await?;
    output.answer(&Form::of(&user, &roster), || match standing {
        Standing::Suspended => {
            format!("{login} is not let in from now on; open sessions end within seconds.\n")
        }
        Standing::Active => format!("{login} is let in again.\n"),
    })
}

/// A password that was set, for programs.
#[derive(Debug, Serialize)]
struct PasswordForm {
    login: String,
    /// Only if it was made here; it cannot be read again.
    password: Option<String>,
}

async fn passwd(
    desk: &Desk,
    login: &LoginName,
    must_be_given: bool,
    output: Output,
) -> anyhow::Result<()> {
    let user = desk.user(login).await?;
    let chosen = if must_be_given {
        Some(asked_password(login)?)
    } else {
        password::from_stdin(login)?
    };
    let made = match &chosen {
        Some(_) => None,
        None => Some(access::make_password()),
    };
    if let Some(password) = chosen.as_ref().or(made.as_ref()) {
        password::choose(desk, &user, password).await?;
    }
    let form = PasswordForm {
        login: login.to_string(),
        password: made.clone(),
    };
    output.answer(&form, || match &made {
        Some(password) => {
            format!("The new password of {login}, shown this once:\n\n    {password}\n\n")
        }
        None => format!("The password of {login} is set.\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::{Arguments, Command};
    use clap::Parser;

    fn wish(line: &str) -> UserAdd {
        let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
        match arguments.command {
            Command::User(arguments::User::Add(wish)) => wish,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_user_that_makes_no_sense_is_refused_before_anything_is_done() {
        for good in [
            "ecocd user add ann@example.com --account acme --role primary",
            "ecocd user add robot --account acme --role upload --machine",
            "ecocd user add eve@example.com --staff --role operator",
        ] {
            assert!(makes_sense(&wish(good)).is_ok(), "{good}");
        }
        for bad in [
            "ecocd user add ann@example.com --account acme --role operator",
            "ecocd user add eve@example.com --staff --role upload",
            "ecocd user add robot --account acme --role view --machine",
            "ecocd user add robot --account acme --role upload",
        ] {
            assert!(makes_sense(&wish(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_audit_log_says_where_a_user_belongs_and_what_it_may_do() {
        for (line, says) in [
            (
                "ecocd user add ann@example.com --account acme --role primary --password-stdin",
                "account acme, primary, with a password",
            ),
            (
                "ecocd user add r2 --account acme --role upload --machine --contact ann@example.com",
                "account acme, upload, contact ann@example.com",
            ),
            (
                "ecocd user add eve@example.com --staff --role operator",
                "staff, operator",
            ),
        ] {
            assert_eq!(details(&wish(line)), says);
        }
    }

    #[test]
    fn a_person_is_mailed_failures_and_a_machine_nothing() {
        let person = new_user(
            &wish("ecocd user add ann@example.com --account acme --role view"),
            None,
            None,
        );
        assert_eq!(person.mail_preference, MailPreference::Failures);
        assert_eq!(person.mail.unwrap().as_str(), "ann@example.com");
        let machine = new_user(
            &wish("ecocd user add r2 --account acme --role upload --machine --name Robot"),
            None,
            None,
        );
        assert_eq!(machine.mail_preference, MailPreference::None);
        assert_eq!(
            (machine.mail, machine.display_name.as_str()),
            (None, "Robot")
        );
    }
}
