//! Users and their credentials, and the roster that `access` keeps in memory.

use crate::domain::Timestamp;
use crate::domain::account::{
    Account, AccountId, Credential, CredentialId, CredentialKind, LoginName, MailAddress,
    MailPreference, Role, User, UserId, UserKind,
};
use crate::store::{Added, Store, StoreFault};

/// A user to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The account; `None` for staff.
    pub account: Option<AccountId>,
    /// What it types to log in.
    pub login: LoginName,
    /// Person or machine.
    pub kind: UserKind,
    /// What it may do.
    pub role: Role,
    /// The person's full name, or what the machine is called.
    pub display_name: String,
    /// Where mail for it goes.
    pub mail: Option<MailAddress>,
    /// Which outcomes it wants to hear of.
    pub mail_preference: MailPreference,
    /// For a machine user: the person answerable for it.
    pub contact: Option<UserId>,
}

/// A credential to be added.
#[derive(Clone)]
pub struct NewCredential {
    /// Whose it is.
    pub user: UserId,
    /// Password or key.
    pub kind: CredentialKind,
    /// PHC string, or `ssh-ed25519 AAAA…` without comment.
    pub verifier: String,
    /// `SHA256:…` of a key.
    pub fingerprint: Option<String>,
    /// What people call it.
    pub label: String,
}

/// Everybody who may come in, and with what.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Counts up with every change of accounts, users or credentials.
    pub generation: i64,
    /// All accounts.
    pub accounts: Vec<Account>,
    /// All users.
    pub users: Vec<User>,
    /// All credentials.
    pub credentials: Vec<Credential>,
}

impl Store {
    /// Adds a user.
    pub async fn add_user(&self, new: &NewUser, now: Timestamp) -> Result<Added<User>, StoreFault> {
        let _ = (new, now);
        todo!()
    }

    /// All users, or those of one account, by log-in name.
    pub async fn users(&self, of: Option<AccountId>) -> Result<Vec<User>, StoreFault> {
        let _ = of;
        todo!()
    }

    /// The user with this log-in name.
    pub async fn user(&self, login: &LoginName) -> Result<Option<User>, StoreFault> {
        let _ = login;
        todo!()
    }

    /// Adds a credential; `Taken` if any user has a key with this fingerprint.
    pub async fn add_credential(
        &self,
        new: &NewCredential,
        now: Timestamp,
    ) -> Result<Added<Credential>, StoreFault> {
        let _ = (new, now);
        todo!()
    }

    /// The credentials of a user, oldest first.
    pub async fn credentials(&self, of: UserId) -> Result<Vec<Credential>, StoreFault> {
        let _ = of;
        todo!()
    }

    /// Removes the key with this fingerprint from a user; `false` if it has none such.
    pub async fn remove_key(&self, of: UserId, fingerprint: &str) -> Result<bool, StoreFault> {
        let _ = (of, fingerprint);
        todo!()
    }

    /// Puts a password's hash in the place of the old one, if there was one.
    pub async fn set_password(
        &self,
        of: UserId,
        hash: &str,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let _ = (of, hash, now);
        todo!()
    }

    /// Notes that a credential let somebody in.
    pub async fn credential_used(
        &self,
        id: CredentialId,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let _ = (id, now);
        todo!()
    }

    /// Counts up with every change of accounts, users or credentials, by whichever process.
    pub async fn roster_generation(&self) -> Result<i64, StoreFault> {
        todo!()
    }

    /// Everybody who may come in, and with what, as of one moment.
    pub async fn roster(&self) -> Result<Roster, StoreFault> {
        todo!()
    }
}
