//! Passwords: read from the standard input, or made; kept as hashes only.

use std::io::{BufRead, IsTerminal, Read};

use anyhow::Context;

use crate::access;
use crate::cli::desk::Desk;
use crate::domain::account::{LoginName, UserId};
use crate::domain::submission::NUMBER_ALPHABET;
use crate::runtime;

/// The fewest characters of a password that somebody chose.
///
/// Source: NIST SP 800-63B-4 asks for 15 where a password alone lets in, 8 at the very least; we
/// slow down guessing and take 12.
const CHARACTERS_MIN: usize = 12;

/// The most octets: more is no safer, and hashing must not be made to work for long.
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
    let lower = password.to_lowercase();
    let name = login.as_str().split('@').next().unwrap_or_default();
    let has_name = lower.contains(login.as_str()) || name.len() > 3 && lower.contains(name);
    anyhow::ensure!(
        password.chars().count() >= CHARACTERS_MIN,
        "the password is too short: it must have at least {CHARACTERS_MIN} characters"
    );
    anyhow::ensure!(
        password.len() <= BYTES_MAX,
        "the password is too long: it may have at most {BYTES_MAX} octets"
    );
    anyhow::ensure!(
        !has_name,
        "the password contains the log-in name: choose another"
    );
    let first = password.chars().next();
    anyhow::ensure!(
        password.chars().any(|letter| Some(letter) != first),
        "the password is one character again and again: choose another"
    );
    Ok(())
}

/// A new password of 100 random bits, in groups that can be read out: `k7m2q-…`.
pub(crate) fn make() -> String {
    let mut password = String::new();
    for (index, octet) in runtime::random::<20>().into_iter().enumerate() {
        if index > 0 && index % 5 == 0 {
            password.push('-');
        }
        // Five bits of each octet choose one of 32 letters.
        if let Some(letter) = NUMBER_ALPHABET.get(usize::from(octet & 31)) {
            password.push(char::from(letter.to_ascii_lowercase()));
        }
    }
    password
}

/// Keeps the hash of a password in the place of the old one.
pub(crate) async fn keep(desk: &Desk, user: UserId, password: &str) -> anyhow::Result<()> {
    let password = password.to_owned();
    let hash = desk
        .tasks
        .block("hash a password", move || access::hash_password(&password))
        .await
        .context("the password could not be hashed")?;
    desk.store.set_password(user, &hash, desk.now()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_password_is_long_and_never_the_same() {
        let (one, other) = (make(), make());
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
            (&"ab".repeat(600), "too long"),
        ] {
            let said = check(bad, &login).unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
            assert!(!said.contains(bad), "{said}");
        }
    }
}
