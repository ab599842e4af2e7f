//! `ecocd user key`: the public keys that let a user in.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::cli::arguments::{Key, Output};
use crate::cli::desk::Desk;
use crate::cli::moment;
use crate::cli::table::Table;
use crate::domain::account::{Credential, CredentialKind, LoginName, Role, User, UserId, UserKind};
use crate::domain::audit::{Action, Deed};
use crate::domain::notice::NewMail;
use crate::domain::public_key::PublicKey;
use crate::letters::joining::to_user;
use crate::letters::people::{KeyFacts, key_added_by_command};
use crate::store::{Added, Change, NewCredential};

/// The most octets read of a key's file: far more than any key has.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Does what was asked.
pub(crate) async fn run(desk: &Desk, wish: Key) -> anyhow::Result<()> {
    match wish {
        Key::Add {
            login,
            file,
            label,
            output,
        } => add(desk, &login, &file, label, output).await,
        Key::List { login, output } => list(desk, &login, output).await,
        Key::Remove {
            login,
            fingerprint,
            output,
        } => remove(desk, &login, &fingerprint, output).await,
    }
}

/// A key, for programs.
#[derive(Debug, Serialize)]
struct Form {
    login: String,
    fingerprint: String,
    algorithm: String,
    label: String,
    created: String,
    last_used: Option<String>,
}

impl Form {
    fn of(login: &LoginName, key: &Credential) -> Self {
        Self {
            login: login.to_string(),
            fingerprint: key.fingerprint.clone().unwrap_or_default(),
            algorithm: algorithm(key),
            label: key.label.clone(),
            created: moment::stamp(key.created),
            last_used: key.last_used.map(moment::stamp),
        }
    }
}

fn algorithm(key: &Credential) -> String {
    let first = key.verifier.split(' ').next();
    first.unwrap_or_default().to_owned()
}

/// Reads a public key from a file, or from the standard input if that is named `-`.
pub(crate) fn read(file: &Path) -> anyhow::Result<PublicKey> {
    let mut text = String::new();
    let name = file.display();
    let read = if file == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(FILE_BYTES_MAX)
            .read_to_string(&mut text)
    } else {
        std::fs::File::open(file)
            .and_then(|opened| opened.take(FILE_BYTES_MAX).read_to_string(&mut text))
    };
    read.with_context(|| format!("the key {name} cannot be read"))?;
    PublicKey::parse(&text).with_context(|| format!("the key {name} is refused"))
}

/// Lets a user in with a key.
pub(crate) async fn keep(
    desk: &Desk,
    user: UserId,
    key: &PublicKey,
    label: &str,
    change: &Change,
) -> anyhow::Result<Added<Credential>> {
    let new = NewCredential {
        user,
        kind: CredentialKind::PublicKey,
        verifier: key.to_openssh(),
        fingerprint: Some(key.fingerprint()),
        label: label.to_owned(),
    };
    Ok(desk.store.add_user_key(&new, change).await?)
}

/// That a key is added, for the audit log.
pub(crate) fn deed(desk: &Desk, login: &LoginName, key: &PublicKey, label: &str) -> Deed {
    let details = named(label, &key.fingerprint());
    desk.deed(Action::KeyAdded, login.as_str(), &details)
}

/// What tells a key from others, for people.
fn named(label: &str, fingerprint: &str) -> String {
    format!("{}, {fingerprint}", called(label))
}

/// A key without a label is called what the web calls it.
fn called(label: &str) -> &str {
    if label.is_empty() { "key" } else { label }
}

/// The letters about a key: to those whom the web tells of one, a machine's contact and the Primary
/// Users; and to a person whom it lets in.
async fn letters(
    desk: &Desk,
    user: &User,
    facts: KeyFacts<'_>,
    deed: &Deed,
) -> anyhow::Result<Vec<NewMail>> {
    let roster = desk.store.roster().await?;
    let account = roster
        .accounts
        .iter()
        .find(|account| Some(account.id) == user.account);
    let manufacturer = account.map(|account| account.name.as_str());
    let letter = key_added_by_command(&desk.service, facts, manufacturer);
    Ok(roster
        .users
        .iter()
        .filter(|other| other.account == user.account && other.kind == UserKind::Person)
        .filter(|other| other.role != Role::None)
        .filter(|other| {
            other.role == Role::Primary || Some(other.id) == user.contact || other.id == user.id
        })
        .filter_map(|other| to_user(&desk.service, other, &deed.id, &letter))
        .collect())
}

async fn add(
    desk: &Desk,
    login: &LoginName,
    file: &Path,
    label: Option<String>,
    output: Output,
) -> anyhow::Result<()> {
    let user = desk.user(login).await?;
    let key = read(file)?;
    let label: String = label
        .unwrap_or_else(|| key.comment().to_owned())
        .chars()
        .filter(|letter| !letter.is_control())
        .take(100)
        .collect();
    let fingerprint = key.fingerprint();
    let facts = KeyFacts {
        machine: login.as_str(),
        label: called(&label),
        fingerprint: &fingerprint,
    };
    let deed = deed(desk, login, &key, &label);
    let mails = letters(desk, &user, facts, &deed).await?;
    let change = Change { deed, mails };
    let Added::New(kept) = keep(desk, user.id, &key, &label, &change).await? else {
        anyhow::bail!(
            "the key {fingerprint} lets somebody in already; each key belongs to one user"
        );
    };
    output.answer(&Form::of(login, &kept), || {
        format!(
            "{login} is let in with {fingerprint} ({}, {} bits).\n",
            key.algorithm(),
            key.bits()
        )
    })
}

async fn list(desk: &Desk, login: &LoginName, output: Output) -> anyhow::Result<()> {
    let user = desk.user(login).await?;
    let mut keys = desk.store.credentials(user.id).await?;
    keys.retain(|credential| credential.kind == CredentialKind::PublicKey);
    let forms: Vec<Form> = keys.iter().map(|key| Form::of(login, key)).collect();
    output.answer(&forms, || {
        let mut table = Table::new(["FINGERPRINT", "ALGORITHM", "LABEL", "CREATED", "LAST USED"]);
        for key in &keys {
            table.row([
                key.fingerprint.clone().unwrap_or_default(),
                algorithm(key),
                key.label.clone(),
                moment::shown(key.created),
                key.last_used.map(moment::shown).unwrap_or_default(),
            ]);
        }
        table.or("No keys yet: ecocd user key add LOGIN FILE")
    })
}

/// A key that was removed, for programs.
#[derive(Debug, Serialize)]
struct Removed {
    login: String,
    removed: String,
}

async fn remove(
    desk: &Desk,
    login: &LoginName,
    fingerprint: &str,
    output: Output,
) -> anyhow::Result<()> {
    let user = desk.user(login).await?;
    let fingerprint = whole(fingerprint);
    let keys = desk.store.credentials(user.id).await?;
    let label = keys
        .iter()
        .find(|key| key.fingerprint.as_deref() == Some(fingerprint.as_str()))
        .map_or("", |key| key.label.as_str());
    let details = named(label, &fingerprint);
    let change = desk.change(Action::KeyRemoved, login.as_str(), &details);
    let removed = desk.store.remove_user_key(user.id, &fingerprint, &change);
    if !removed.await? {
        anyhow::bail!(
            "{login} has no key {fingerprint}: 'ecocd user key list {login}' shows those it has"
        );
    }
    let form = Removed {
        login: login.to_string(),
        removed: fingerprint.clone(),
    };
    output.answer(&form, || {
        format!("{login} is let in with {fingerprint} no longer.\n")
    })
}

/// The fingerprint as OpenSSH writes it, from how people copy it.
fn whole(typed: &str) -> String {
    let bare = typed
        .trim()
        .trim_start_matches("SHA256:")
        .trim_end_matches('=');
    format!("SHA256:{bare}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_found_however_it_was_copied() {
        assert_eq!(whole(" SHA256:abc+/= "), "SHA256:abc+/");
        assert_eq!(whole("abc+/"), "SHA256:abc+/");
    }

    #[test]
    fn what_is_wrong_with_a_key_names_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("id_ed25519");
        std::fs::write(&file, "-----BEGIN OPENSSH PRIVATE KEY-----\n").unwrap();
        let said = format!("{:#}", read(&file).unwrap_err());
        assert!(
            said.contains("id_ed25519 is refused: this is a PRIVATE key"),
            "{said}"
        );
        let said = format!("{:#}", read(&folder.path().join("none.pub")).unwrap_err());
        assert!(said.contains("none.pub cannot be read"), "{said}");
    }
}
