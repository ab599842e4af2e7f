//! Who may come in: verify credentials, slow down guessing.
//!
//! *Invariant*: the same work and the same time for an unknown user and a wrong credential, and
//! never a word about *why* not.
//!
//! Accounts, users and keys are kept in memory and refreshed within a second of every change, so
//! that the SFTP door lets people in while the database is away.

use crate::domain::account::{Account, User, UserId};
use crate::runtime::{Clock, Tasks};
use crate::store::{Store, StoreFault};

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The user.
    pub user: User,
    /// The account; `None` for staff.
    pub account: Option<Account>,
    /// The person shown as `Uploaded By`: the user, or a machine user's contact.
    pub uploaded_by: String,
    /// `SHA256:…` of the key that let them in; `None` after a password.
    pub key_fingerprint: Option<String>,
}

/// Who may come in; cheap to clone.
#[derive(Debug, Clone)]
pub struct Access {}

impl Access {
    /// Loads everybody, and starts the task that looks for changes once a second.
    pub async fn open(store: Store, clock: Clock, tasks: &Tasks) -> Result<Self, StoreFault> {
        let _ = (store, clock, tasks);
        todo!()
    }

    /// Verifies a public key (`ssh-ed25519 AAAA…` without comment) that has *signed*; the door must
    /// have verified the signature before it asks.
    pub fn by_key(&self, login: &str, key: &str) -> Option<Guest> {
        let _ = (login, key);
        todo!()
    }

    /// Verifies a password. Takes as long for a user that does not exist; slower after failures.
    pub async fn by_password(
        &self,
        login: &str,
        password: &str,
        from: std::net::IpAddr,
    ) -> Option<Guest> {
        let _ = (login, password, from);
        todo!()
    }

    /// The user as of now, if it and its account are still active.
    pub fn guest(&self, user: UserId) -> Option<Guest> {
        let _ = user;
        todo!()
    }

    /// All active accounts.
    pub fn accounts(&self) -> Vec<Account> {
        todo!()
    }
}

/// The argon2id hash of a new password, as a PHC string. Takes some tens of milliseconds: call it
/// on a thread that may block.
pub fn hash_password(password: &str) -> String {
    let _ = password;
    todo!()
}
