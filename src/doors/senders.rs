//! Who sent a file by SFTP that the folder door takes in, or gives up.
//!
//! Nothing here outlives the program: after a restart such a file is one of the drop folder's, as if another program had put it there.
//!
//! *Limits*: [`SENDERS_MAX`] files are remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::account::{AccountId, UserId};
use crate::domain::submission::{FileMark, SessionFacts};

/// Incomplete files are few: each is answered within minutes. While the database is away there may be more.
const SENDERS_MAX: usize = 10_000;

/// Who sent a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The user.
    pub user: UserId,
    /// In which session.
    pub session: SessionFacts,
}

type Known = HashMap<(AccountId, String), (FileMark, Sender)>;

/// The senders of files that nobody has taken in yet; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Senders(Arc<Mutex<Known>>);

impl Senders {
    /// The file at `path` (as the client sees it) with this mark is of this sender.
    pub fn note(&self, account: AccountId, path: String, mark: FileMark, sender: Sender) {
        let mut known = self.lock();
        let key = (account, path);
        if known.len() < SENDERS_MAX || known.contains_key(&key) {
            known.insert(key, (mark, sender));
        }
    }

    /// Whose the file with this mark is; clients may have set its time since.
    pub fn of(&self, account: AccountId, path: &str, mark: FileMark) -> Option<Sender> {
        let known = self.lock();
        let (noted, sender) = known.get(&(account, path.to_owned()))?;
        let is_same = noted.inode == mark.inode && noted.size_bytes == mark.size_bytes;
        is_same.then(|| sender.clone())
    }

    /// What lies at `path` is taken in, or gone.
    pub fn forget(&self, account: AccountId, path: &str) {
        let mut known = self.lock();
        // Nearly always empty, and then the path need not be written out.
        if !known.is_empty() {
            known.remove(&(account, path.to_owned()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic while it was held cannot leave a map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId(1);

    fn mark(inode: u64, modified_ns: i64) -> FileMark {
        FileMark {
            inode,
            size_bytes: 10,
            modified_ns,
        }
    }

    fn sender(user: i64) -> Sender {
        Sender {
            user: UserId(user),
            session: SessionFacts {
                id: "session".to_owned(),
                client: String::new(),
                remote_ip: String::new(),
                key_fingerprint: None,
            },
        }
    }

    #[test]
    fn a_file_is_its_senders_until_another_takes_its_place() {
        let senders = Senders::default();
        senders.note(ACCOUNT, "/inbox/a.xml".to_owned(), mark(1, 5), sender(7));
        let of = |mark| senders.of(ACCOUNT, "/inbox/a.xml", mark);
        assert_eq!(of(mark(1, 6)), Some(sender(7)));
        assert_eq!(of(mark(2, 5)), None);
        assert_eq!(senders.of(AccountId(2), "/inbox/a.xml", mark(1, 5)), None);
        senders.forget(ACCOUNT, "/inbox/a.xml");
        assert_eq!(of(mark(1, 5)), None);
    }

    #[test]
    fn no_more_are_remembered_than_may_be() {
        let senders = Senders::default();
        for number in 0..=SENDERS_MAX {
            senders.note(ACCOUNT, number.to_string(), mark(1, 1), sender(1));
        }
        assert_eq!(senders.lock().len(), SENDERS_MAX);
        senders.note(ACCOUNT, "0".to_owned(), mark(2, 1), sender(2));
        assert_eq!(senders.of(ACCOUNT, "0", mark(2, 1)), Some(sender(2)));
    }
}
