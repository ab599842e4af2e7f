//! Done-markers: has the one come that says a file is complete, and has it served already?
//!
//! A marker that served stays for a while, because clients look whether what they sent is there. It
//! must not mark the next file of that name, so what served is remembered until it is removed. After
//! a start the folder door finds out again by what was taken in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::account::{Account, AccountId};
use crate::domain::submission::FileMark;
use crate::drop_folder::{AccountFolder, DropPath, Folder};

/// A marker that served is removed after so long.
const KEPT_FOR: Duration = Duration::from_mins(1);

/// Is a whole file to be taken?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marked {
    /// Its account uses no markers.
    NotNeeded,
    /// This marker has come.
    By(DropPath, FileMark),
    /// It must wait.
    Missing,
}

/// The markers that served; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct UsedMarkers {
    used: Arc<Mutex<HashMap<(AccountId, DropPath), Used>>>,
}

#[derive(Debug, Clone, Copy)]
struct Used {
    mark: FileMark,
    /// As uptime: a clock that is set makes no marker older or younger.
    since: Duration,
}

/// May a file be taken under this name, in this folder, at any time?
pub fn is_judged(account: &Account, path: &DropPath) -> bool {
    matches!(path.folder, Folder::Inbox | Folder::Test) && account.handing_in.takes(path.name())
}

/// The files that `path` marks, if it is a marker's name.
pub fn marked_by(account: &Account, path: &DropPath) -> Vec<DropPath> {
    let names = account.handing_in.marked_by(path.name());
    let path_of = |name: &String| DropPath::new(path.folder.clone(), name);
    let is_lane = matches!(path.folder, Folder::Inbox | Folder::Test);
    let files = names.iter().filter_map(path_of);
    files.filter(|_| is_lane).collect()
}

impl UsedMarkers {
    /// Looks for a marker of the file at `path` that has not served yet.
    pub fn marked(&self, account: &Account, folder: &AccountFolder, path: &DropPath) -> Marked {
        let names = account.handing_in.markers_of(path.name());
        if names.is_empty() {
            return Marked::NotNeeded;
        }
        let path_of = |name: &String| DropPath::new(path.folder.clone(), name);
        for marker in names.iter().filter_map(path_of) {
            if let Ok(facts) = folder.facts(&marker)
                && facts.is_plain
                && !self.has_served(account.id, &marker, facts.mark)
            {
                return Marked::By(marker, facts.mark);
            }
        }
        Marked::Missing
    }

    /// This marker has served. `now` is [uptime](crate::runtime::Clock::uptime).
    pub fn serve(&self, account: AccountId, marker: DropPath, mark: FileMark, now: Duration) {
        let used = Used { mark, since: now };
        self.lock().insert((account, marker), used);
    }

    /// The marker has new times, and is the same as before.
    pub fn touched(&self, account: AccountId, marker: &DropPath, mark: FileMark) {
        if let Some(used) = self.lock().get_mut(&(account, marker.clone())) {
            used.mark = mark;
        }
    }

    /// Has this very marker served?
    pub fn has_served(&self, account: AccountId, marker: &DropPath, mark: FileMark) -> bool {
        let used = self.lock();
        let known = used.get(&(account, marker.clone()));
        known.is_some_and(|used| used.mark == mark)
    }

    /// The markers of an account that have lain here for long enough; they are not spoken of again.
    pub fn expired(&self, account: AccountId, now: Duration) -> Vec<(DropPath, FileMark)> {
        let mut used = self.lock();
        let expired = used.extract_if(|(of, _), used| {
            *of == account && now.saturating_sub(used.since) >= KEPT_FOR
        });
        expired
            .map(|((_, marker), used)| (marker, used.mark))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(AccountId, DropPath), Used>> {
        // A panic while it was held cannot leave a map half changed.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
