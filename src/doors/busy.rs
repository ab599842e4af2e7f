//! Which files a session is at work on, so that the folder door leaves them alone.
//!
//! Two things can be said of a file while the SFTP door has it: that it is *changing* this very
//! moment (do not look at it), and that the session which wrote it still *lives* (an incomplete
//! file may yet be completed). Nothing here outlives the sessions; after a crash the folder door
//! judges by what lies on the disk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::account::AccountId;
use crate::doors::markers::UsedMarkers;

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    changing: u32,
    living: u32,
}

type Key = (AccountId, String);

/// The files that sessions are at work on; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Busy {
    /// The done-markers that served, which both doors must know of.
    pub markers: UsedMarkers,
    files: Arc<Mutex<HashMap<Key, Counts>>>,
}

/// While it lives, the file counts as busy.
#[derive(Debug)]
pub struct Claim {
    busy: Busy,
    key: Key,
    is_changing: bool,
}

impl Busy {
    /// The file at `path` (as the client sees it) is being put in place, renamed or touched.
    pub fn changing(&self, account: AccountId, path: String) -> Claim {
        self.claim((account, path), true)
    }

    /// A session that wrote an incomplete file at `path` lives, and may go on with it.
    pub fn living(&self, account: AccountId, path: String) -> Claim {
        self.claim((account, path), false)
    }

    /// Is the file changing this very moment? Then look again later.
    pub fn is_changing(&self, account: AccountId, path: &str) -> bool {
        self.counts(account, path).changing > 0
    }

    /// Does the session live that wrote this file?
    pub fn is_living(&self, account: AccountId, path: &str) -> bool {
        self.counts(account, path).living > 0
    }

    fn counts(&self, account: AccountId, path: &str) -> Counts {
        let key = (account, path.to_owned());
        self.lock().get(&key).copied().unwrap_or_default()
    }

    fn claim(&self, key: Key, is_changing: bool) -> Claim {
        let mut files = self.lock();
        let counts = files.entry(key.clone()).or_default();
        *counts.of(is_changing) += 1;
        drop(files);
        Claim {
            busy: self.clone(),
            key,
            is_changing,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Counts>> {
        // A panic while it was held cannot leave a map half changed.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn of(&mut self, is_changing: bool) -> &mut u32 {
        if is_changing {
            &mut self.changing
        } else {
            &mut self.living
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut files = self.busy.lock();
        let Some(counts) = files.get_mut(&self.key) else {
            return;
        };
        let count = counts.of(self.is_changing);
        *count = count.saturating_sub(1);
        if counts.changing == 0 && counts.living == 0 {
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
