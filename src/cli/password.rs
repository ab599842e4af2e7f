//! Passwords: read from the standard input, or made; kept as hashes only.

use std::io::{BufRead, IsTerminal, Read};

use anyhow::Context;

use crate::access::{self, Weakness};
use crate::cli::desk::Desk;
use crate::domain::account::{LoginName, User};
use crate::domain::audit::Action;
use crate::letters;
use crate::store::Change;

/// The most octets that are read: longer ones are refused in any case.
const BYTES_MAX: usize = 1024;

/// Reads a password from the first line of the standard input; `None` if that is empty, or if
/// there is nobody but a terminal.
pub(crate) fn from_stdin(login: &LoginName) -> anyhow::Result<Option<String>> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Ok(None);
    }
    let mut line = String::new();
    // One octet more than a line may have shows that it is too long.
    let most = u64::try_from(BYTES_MAX)?.saturating_add(3);
    input
        .lock()
        .take(most)
        .read_line(&mut line)
        .context("the password on the standard input cannot be read")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Ok(None);
    }
    check(password, login).map(|()| Some(password.to_owned()))
}

/// Says what is wrong with a chosen password, without saying the password.
fn check(password: &str, login: &LoginName) -> anyhow::Result<()> {
    let why = match access::check_password(password, login) {
        Ok(()) => return Ok(()),
        Err(Weakness::Short) => format!(
            "is too short: it must have at least {} characters",
            access::PASSWORD_CHARACTERS_MIN
        ),
        Err(Weakness::Long) => format!("is too long: it may have at most {BYTES_MAX} octets"),
        Err(Weakness::LoginName) => "contains the log-in name: choose another".to_owned(),
        Err(Weakness::Repeated) => "is a few characters again and again: choose another".to_owned(),
        Err(Weakness::Row) => "is a row of the keyboard or the alphabet: choose another".to_owned(),
        Err(Weakness::Common) => "is one that many people have: choose another".to_owned(),
    };
    anyhow::bail!("the password {why}")
}

/// The hash of a password: all that is kept of it.
pub(crate) async fn hashed(desk: &Desk, password: &str) -> anyhow::Result<String> {
    let password = password.to_owned();
    desk.tasks
        .block("hash a password", move || access::hash_password(&password))
        .await
        .context("the password could not be hashed")
}

/// Gives a user another password, with all that follows when it is chosen on the web: whoever knew the
/// old one is signed out, links that were mailed to set one end, and the user is told.
pub(crate) async fn choose(desk: &Desk, user: &User, password: &str) -> anyhow::Result<()> {
    let hash = hashed(desk, password).await?;
    let deed = desk.deed(Action::PasswordChanged, user.login.as_str(), "");
    let letter = letters::joining::password_changed(&desk.service, &user.display_name);
    let mail = letters::joining::to_user(&desk.service, user, &deed.id, &letter);
    let change = Change {
        deed,
        mails: mail.into_iter().collect(),
    };
    let store = &desk.store;
    store.choose_password(user.id, &hash, &change).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_password_is_long_and_never_the_same() {
        let (one, other) = (access::make_password(), access::make_password());
        assert_ne!(one, other);
        assert_eq!(one.len(), 23);
        assert!(one.split('-').all(|group| group.len() == 5), "{one}");
        let login = LoginName::new("ann@example.com").unwrap();
        assert!(check(&one, &login).is_ok());
    }

    #[test]
    fn a_chosen_password_must_be_worth_something() {
        let login = LoginName::new("annabel@example.com").unwrap();
        assert!(check("correct horse battery", &login).is_ok());
        for (bad, says) in [
            ("elevenchars", "too short"),
            ("my-Annabel-password", "log-in name"),
            ("xxxxxxxxxxxxxxxx", "again and again"),
            (&"a b.".repeat(300), "too long"),
            ("Password-2026", "many people have"),
            ("qwertyuiop12", "row of the keyboard"),
        ] {
            let said = check(bad, &login).unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
            assert!(!said.contains(bad), "{said}");
        }
    }
}
