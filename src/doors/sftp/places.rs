//! One session after the other: what changes a file of an account waits for what another session of it
//! does to the same file, so that what lies there and what intake knows of it stay the same thing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use crate::domain::account::AccountId;
use crate::drop_folder::DropPath;

type Key = (AccountId, DropPath);

/// The files that are being changed, and whoever waits for them; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Arc<Mutex<HashMap<Key, Arc<Turn<()>>>>>);

/// While it lives, no other session changes these files.
#[derive(Debug)]
pub(super) struct Alone {
    places: Places,
    turns: Vec<(Key, OwnedMutexGuard<()>)>,
}

impl Places {
    /// Waits for all of `paths`. It takes them in one order, so that no two wait for each other.
    pub(super) async fn alone(&self, account: AccountId, mut paths: Vec<DropPath>) -> Alone {
        paths.sort_unstable();
        paths.dedup();
        let mut alone = Alone {
            places: self.clone(),
            turns: Vec::with_capacity(paths.len()),
        };
        for path in paths {
            let key = (account, path);
            let turn = Arc::clone(self.lock().entry(key.clone()).or_default());
            alone.turns.push((key, turn.lock_owned().await));
        }
        alone
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Turn<()>>>> {
        // A panic while it was held cannot leave a map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let mut places = self.places.lock();
        for (key, guard) in self.turns.drain(..) {
            drop(guard);
            // Whoever waits, or was let in by this, holds the turn too.
            if places
                .get(&key)
                .is_some_and(|turn| Arc::strong_count(turn) == 1)
            {
                places.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drop_folder::Folder;

    const ACME: AccountId = AccountId(1);

    fn path(name: &str) -> DropPath {
        DropPath::new(Folder::Inbox, name).unwrap()
    }

    #[tokio::test]
    async fn one_waits_for_the_other_and_nobody_else() {
        let places = Places::default();
        let paths = || vec![path("a.xml"), path("b.xml")];
        let first = places.alone(ACME, paths()).await;
        places.alone(AccountId(2), paths()).await;
        places.alone(ACME, vec![path("c.xml")]).await;
        let turned = vec![path("b.xml"), path("a.xml"), path("b.xml")];
        let mut second = Box::pin(places.alone(ACME, turned));
        let early = tokio::time::timeout(std::time::Duration::from_millis(50), &mut second).await;
        assert!(early.is_err(), "it does not wait");
        drop(first);
        drop(second.await);
        assert!(places.lock().is_empty());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_leaves_nothing_behind() {
        let places = Places::default();
        let first = places.alone(ACME, vec![path("b.xml")]).await;
        let waiting = places.alone(ACME, vec![path("a.xml"), path("b.xml")]);
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(10), waiting);
        assert!(waiting.await.is_err());
        drop(first);
        assert!(places.lock().is_empty());
    }
}
