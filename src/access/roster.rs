//! Everybody who may come in, laid out for looking up; made anew at every change.

use std::collections::HashMap;

use crate::access::Guest;
use crate::domain::Timestamp;
use crate::domain::account::{
    Account, AccountId, Credential, CredentialId, CredentialKind, LoginName, Role, Standing, User,
    UserId,
};
use crate::store::Roster;

/// Everybody as of one moment.
#[derive(Debug)]
pub(super) struct Book {
    generation: i64,
    accounts: HashMap<AccountId, Account>,
    users: HashMap<UserId, User>,
    logins: HashMap<LoginName, UserId>,
    keys: HashMap<(UserId, String), (CredentialId, Option<String>)>,
    passwords: HashMap<UserId, Credential>,
}

/// A credential, and whom it lets in once it is verified.
pub(super) struct Match {
    pub(super) guest: Guest,
    pub(super) credential: CredentialId,
    /// The PHC string of a password's hash.
    pub(super) verifier: String,
    /// Are user and account active? Checked last, so that it takes the same time.
    pub(super) is_active: bool,
}

impl Book {
    pub(super) fn new(roster: Roster) -> Self {
        let mut keys = HashMap::new();
        let mut passwords = HashMap::new();
        for credential in roster.credentials {
            match credential.kind {
                CredentialKind::PublicKey => {
                    let key = without_comment(&credential.verifier);
                    keys.insert(
                        (credential.user, key),
                        (credential.id, credential.fingerprint),
                    );
                }
                CredentialKind::Password => {
                    passwords.insert(credential.user, credential);
                }
            }
        }
        let logins = roster
            .users
            .iter()
            .map(|user| (user.login.clone(), user.id))
            .collect();
        Self {
            generation: roster.generation,
            accounts: by_id(roster.accounts, |account| account.id),
            users: by_id(roster.users, |user| user.id),
            logins,
            keys,
            passwords,
        }
    }

    pub(super) fn generation(&self) -> i64 {
        self.generation
    }

    pub(super) fn accounts(&self) -> Vec<Account> {
        let mut accounts: Vec<Account> = self.accounts.values().cloned().collect();
        accounts.sort_by(|one, other| one.code.cmp(&other.code));
        accounts
    }

    /// The user, if it and its account are active.
    pub(super) fn guest(&self, user: UserId) -> Option<Guest> {
        let guest = self.anyone(user)?;
        is_active(&guest).then_some(guest)
    }

    /// The user of this name, also one that is suspended.
    pub(super) fn anyone_named(&self, login: &LoginName) -> Option<Guest> {
        self.anyone(*self.logins.get(login)?)
    }

    /// Whom the key lets in; nobody who is suspended.
    pub(super) fn by_key(&self, login: &LoginName, key: &str) -> Option<Match> {
        let user = *self.logins.get(login)?;
        let (credential, fingerprint) = self.keys.get(&(user, without_comment(key)))?;
        let mut guest = self.guest(user)?;
        guest.key_fingerprint.clone_from(fingerprint);
        Some(Match {
            guest,
            credential: *credential,
            verifier: String::new(),
            is_active: true,
        })
    }

    /// Is a key with this fingerprint one of the user's?
    pub(super) fn has_key(&self, user: UserId, fingerprint: &str) -> bool {
        self.keys
            .iter()
            .any(|((of, _), (_, print))| *of == user && print.as_deref() == Some(fingerprint))
    }

    /// Whom the password lets in at `now`, if it is the right one; also somebody who is suspended.
    pub(super) fn by_password(&self, login: &LoginName, now: Timestamp) -> Option<Match> {
        let user = *self.logins.get(login)?;
        let password = self.passwords.get(&user)?;
        if password.ends.is_some_and(|ends| ends <= now) {
            return None;
        }
        let mut guest = self.anyone(user)?;
        guest.password_since = Some(password.created);
        Some(Match {
            is_active: is_active(&guest),
            guest,
            credential: password.id,
            verifier: password.verifier.clone(),
        })
    }

    pub(super) fn password_since(&self, user: UserId) -> Option<Timestamp> {
        self.passwords.get(&user).map(|password| password.created)
    }

    fn anyone(&self, user: UserId) -> Option<Guest> {
        let user = self.users.get(&user)?;
        let account = match user.account {
            None => None,
            // A user whose account is gone is nobody.
            Some(account) => Some(self.accounts.get(&account)?.clone()),
        };
        let contact = user.contact.and_then(|contact| self.users.get(&contact));
        Some(Guest {
            uploaded_by: contact.unwrap_or(user).display_name.clone(),
            user: user.clone(),
            account,
            key_fingerprint: None,
            password_since: None,
            certificate_until: None,
            must_change_password: self
                .passwords
                .get(&user.id)
                .is_some_and(|password| password.must_change),
        })
    }
}

fn is_active(guest: &Guest) -> bool {
    guest.user.standing == Standing::Active
        && guest.user.role != Role::None
        && guest
            .account
            .as_ref()
            .is_none_or(|account| account.standing == Standing::Active)
}

/// `ssh-ed25519 AAAA…` of a key's line.
fn without_comment(key: &str) -> String {
    let words: Vec<&str> = key.split_ascii_whitespace().take(2).collect();
    words.join(" ")
}

fn by_id<K: std::hash::Hash + Eq, V>(rows: Vec<V>, id: impl Fn(&V) -> K) -> HashMap<K, V> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}
