//! File-system events: hints where to look, never the truth.
//!
//! *Limits*: what is noted between two looks is bounded; past it a whole folder is looked through.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use crate::domain::receipt::RECEIPT_SUFFIX;
use crate::drop_folder::STAGED_PREFIX;

/// More names than this in one folder between two looks, and the whole folder is looked through.
const NAMES_MAX: usize = 2000;

/// Where to look in one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hint {
    /// At these names.
    Names(HashSet<String>),
    /// At everything.
    All,
}

/// What happened since the last look.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// By folder.
    pub(super) folders: HashMap<PathBuf, Hint>,
    /// Events were lost: look everywhere, and watch everything anew.
    pub(super) is_lost: bool,
}

/// Watches folders; cheap to look at, does nothing when events cannot be had.
pub(super) struct Watch {
    watcher: Option<RecommendedWatcher>,
    watched: HashSet<PathBuf>,
    /// Folders that could not be watched the last time; each is logged once.
    unwatched: HashSet<PathBuf>,
    hints: Arc<Mutex<Hints>>,
    wake: Arc<Notify>,
}

impl Watch {
    /// Watches nothing yet.
    pub(super) fn new() -> Self {
        let hints = Arc::new(Mutex::new(Hints::default()));
        let wake = Arc::new(Notify::new());
        let (noted, woken) = (Arc::clone(&hints), Arc::clone(&wake));
        let handler = move |event: notify::Result<Event>| {
            let mut hints = noted.lock().unwrap_or_else(PoisonError::into_inner);
            if hints.note(event) {
                woken.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(handler);
        Self {
            watcher: watcher.map_err(|fault| log_without(&fault)).ok(),
            watched: HashSet::new(),
            unwatched: HashSet::new(),
            hints,
            wake,
        }
    }

    /// Watches `folder` from now on, if it is not watched yet; if that fails, the next call tries
    /// again. What lay in it before gives no event, so it must be looked through.
    pub(super) fn add(&mut self, folder: &Path) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        if self.watched.contains(folder) {
            return;
        }
        // Flat: a folder within is none of ours.
        match watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => {
                self.watched.insert(folder.to_owned());
                if self.unwatched.remove(folder) {
                    tracing::info!("{} is watched again", folder.display());
                }
            }
            Err(fault) => {
                if self.unwatched.insert(folder.to_owned()) {
                    log_without(&fault);
                }
            }
        }
    }

    /// Lets go of all folders, so that [`Watch::add`] watches them anew.
    pub(super) fn forget_all(&mut self) {
        for folder in self.watched.drain() {
            if let Some(watcher) = &mut self.watcher {
                // It may be gone, and its watch with it.
                drop(watcher.unwatch(&folder));
            }
        }
    }

    /// Waits until something happens.
    pub(super) async fn happens(&self) {
        self.wake.notified().await;
    }

    /// What happened since this was asked last.
    pub(super) fn hints(&self) -> Hints {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *hints)
    }
}

impl Hints {
    /// Notes an event; `true` if it is of any interest.
    fn note(&mut self, event: notify::Result<Event>) -> bool {
        let Ok(event) = event else {
            self.is_lost = true;
            return true;
        };
        // An overflow has no paths, so ask for it first.
        if event.need_rescan() {
            self.is_lost = true;
            return true;
        }
        let is_reading = matches!(event.kind, EventKind::Access(kind)
            if kind != AccessKind::Close(AccessMode::Write));
        if is_reading {
            return false;
        }
        let mut is_any = false;
        for path in &event.paths {
            is_any |= self.note_path(path, event.kind);
        }
        is_any
    }

    fn note_path(&mut self, path: &Path, kind: EventKind) -> bool {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return false;
        };
        let Some(name) = name.to_str().filter(|name| is_of_interest(name, kind)) else {
            // A watched folder that was removed or renamed is watched no more, for ever.
            let is_removed = matches!(
                kind,
                EventKind::Remove(_) | EventKind::Modify(notify::event::ModifyKind::Name(_))
            );
            let is_folder = name == "inbox" || name == "test";
            self.is_lost |= is_removed && is_folder;
            return is_removed && is_folder;
        };
        let hint = self
            .folders
            .entry(folder.to_owned())
            .or_insert_with(|| Hint::Names(HashSet::new()));
        match hint {
            Hint::All => {}
            Hint::Names(names) if names.len() >= NAMES_MAX => *hint = Hint::All,
            Hint::Names(names) => {
                names.insert(name.to_owned());
            }
        }
        true
    }
}

/// Can this be the name of a file to be taken, or of a marker? Accounts differ in what they take, so
/// only what is ours, and the watched folders themselves, are passed over here.
fn is_of_interest(name: &str, kind: EventKind) -> bool {
    let is_ours = name.starts_with(STAGED_PREFIX) || name.ends_with(RECEIPT_SUFFIX);
    let is_folder = matches!(kind, EventKind::Remove(_) | EventKind::Modify(_))
        && (name == "inbox" || name == "test");
    !is_ours && !is_folder
}

fn log_without(fault: &notify::Error) {
    tracing::warn!(
        %fault,
        "file-system events cannot be had ({fault}): drop folders are still looked through, only \
         less often. If fs.inotify.max_user_watches is used up, raise it"
    );
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, Flag, ModifyKind, RemoveKind, RenameMode};

    use super::*;

    fn event(kind: EventKind, path: &str) -> Event {
        Event::new(kind).add_path(PathBuf::from(path))
    }

    #[tokio::test]
    async fn a_folder_that_could_not_be_watched_is_tried_again_and_told_of_once() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("inbox");
        let mut watch = Watch::new();
        watch.add(&folder);
        watch.add(&folder);
        assert!(watch.watched.is_empty() && watch.unwatched.contains(&folder));
        std::fs::create_dir(&folder).unwrap();
        watch.add(&folder);
        assert!(watch.unwatched.is_empty());
        std::fs::write(folder.join("a.xml"), b"").unwrap();
        let happens = tokio::time::timeout(std::time::Duration::from_secs(20), watch.happens());
        happens.await.expect("an event");
        assert!(watch.hints().folders.contains_key(&folder));
    }

    const CREATED: EventKind = EventKind::Create(CreateKind::File);

    #[test]
    fn what_is_our_own_is_not_noted() {
        let mut hints = Hints::default();
        assert!(!hints.note(Ok(event(CREATED, "/d/a/inbox/.ecocd-12"))));
        assert!(!hints.note(Ok(event(CREATED, "/d/a/inbox/a.xml.receipt.json"))));
        assert!(!hints.note(Ok(event(
            EventKind::Access(AccessKind::Open(AccessMode::Any)),
            "/d/a/inbox/a.xml"
        ))));
        assert!(hints.folders.is_empty());
        assert!(hints.note(Ok(event(CREATED, "/d/a/inbox/a.xml"))));
        let renamed = EventKind::Modify(ModifyKind::Name(RenameMode::To));
        assert!(hints.note(Ok(event(renamed, "/d/a/inbox/B.XML"))));
        let names = ["a.xml", "B.XML"].map(str::to_owned).into();
        let hint = hints.folders.get(Path::new("/d/a/inbox"));
        assert_eq!(hint, Some(&Hint::Names(names)));
        assert!(!hints.is_lost);
    }

    #[test]
    fn lost_events_and_lost_folders_ask_for_a_whole_look() {
        let overflow = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        for event in [
            Ok(overflow),
            Err(notify::Error::generic("away")),
            Ok(event(EventKind::Remove(RemoveKind::Folder), "/d/a/inbox")),
        ] {
            let mut hints = Hints::default();
            assert!(hints.note(event));
            assert!(hints.is_lost);
        }
    }

    #[test]
    fn a_flood_of_names_becomes_a_look_at_the_whole_folder() {
        let mut hints = Hints::default();
        for number in 0..=NAMES_MAX {
            assert!(hints.note(Ok(event(CREATED, &format!("/d/a/test/{number}.xml")))));
        }
        assert_eq!(hints.folders.get(Path::new("/d/a/test")), Some(&Hint::All));
    }
}
