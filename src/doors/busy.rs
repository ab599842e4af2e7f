//! Which files a session is at work on, so that the folder door leaves them alone.
//!
//! Three things can be said of a file while the SFTP door has it: that it is *changing* this very
//! moment (do not look at it), that somebody is *writing* what is to take its place (do not give it up),
//! and that the session which wrote it still *lives* (an incomplete file may yet be completed). Nothing
//! here outlives the sessions; after a crash the folder door judges by what lies on the disk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::account::AccountId;
use crate::doors::markers::UsedMarkers;
use crate::doors::senders::Senders;

/// What is said of a file.
#[derive(Debug, Clone, Copy)]
enum What {
    Changing,
    Writing,
    Living,
}

/// How many say so.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    changing: u32,
    writing: u32,
    living: u32,
}

type Key = (AccountId, String);

/// The files that sessions are at work on; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Busy {
    /// The done-markers that served, which both doors must know of.
    pub markers: UsedMarkers,
    /// Who sent what the folder door is left with.
    pub senders: Senders,
    files: Arc<Mutex<HashMap<Key, Counts>>>,
}

/// While it lives, the file counts as busy.
#[derive(Debug)]
pub struct Claim {
    busy: Busy,
    key: Key,
    what: What,
}

impl Busy {
    /// The file at `path` (as the client sees it) is being put in place, renamed or touched.
    pub fn changing(&self, account: AccountId, path: String) -> Claim {
        self.claim((account, path), What::Changing)
    }

    /// An upload is open that is to take the place of the file at `path`, or to complete it.
    pub fn writing(&self, account: AccountId, path: String) -> Claim {
        self.claim((account, path), What::Writing)
    }

    /// A session that wrote an incomplete file at `path` lives, and may go on with it.
    pub fn living(&self, account: AccountId, path: String) -> Claim {
        self.claim((account, path), What::Living)
    }

    /// Is the file changing this very moment? Then look again later.
    pub fn is_changing(&self, account: AccountId, path: &str) -> bool {
        self.counts(account, path).changing > 0
    }

    /// Is an upload open to its place?
    pub fn is_writing(&self, account: AccountId, path: &str) -> bool {
        self.counts(account, path).writing > 0
    }

    /// Does the session live that wrote this file?
    pub fn is_living(&self, account: AccountId, path: &str) -> bool {
        self.counts(account, path).living > 0
    }

    fn counts(&self, account: AccountId, path: &str) -> Counts {
        let key = (account, path.to_owned());
        self.lock().get(&key).copied().unwrap_or_default()
    }

    fn claim(&self, key: Key, what: What) -> Claim {
        let mut files = self.lock();
        let counts = files.entry(key.clone()).or_default();
        *counts.of(what) += 1;
        drop(files);
        Claim {
            busy: self.clone(),
            key,
            what,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Counts>> {
        // A panic while it was held cannot leave a map half changed.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn of(&mut self, what: What) -> &mut u32 {
        match what {
            What::Changing => &mut self.changing,
            What::Writing => &mut self.writing,
            What::Living => &mut self.living,
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut files = self.busy.lock();
        let Some(counts) = files.get_mut(&self.key) else {
            return;
        };
        let count = counts.of(self.what);
        *count = count.saturating_sub(1);
        if *counts == Counts::default() {
            files.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_busy_as_long_as_anybody_claims_it() {
        let busy = Busy::default();
        let account = AccountId(1);
        let path = || "/inbox/a.xml".to_owned();
        let one = busy.changing(account, path());
        let other = busy.changing(account, path());
        let living = busy.living(account, path());
        let writing = busy.writing(account, path());
        assert!(busy.is_writing(account, "/inbox/a.xml"));
        drop(writing);
        assert!(!busy.is_writing(account, "/inbox/a.xml"));
        drop(one);
        assert!(busy.is_changing(account, "/inbox/a.xml"));
        drop(other);
        assert!(!busy.is_changing(account, "/inbox/a.xml"));
        assert!(busy.is_living(account, "/inbox/a.xml"));
        assert!(!busy.is_living(AccountId(2), "/inbox/a.xml"));
        drop(living);
        assert!(busy.lock().is_empty());
    }
}
