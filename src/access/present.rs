//! Who is in: the sessions of this process, and how an operator sees and ends them.
//!
//! The database stands between the operator's command and the daemon, as everywhere: it works
//! between nodes, needs no socket, and when it is away the sessions themselves go on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::domain::Timestamp;
use crate::store::{Store, StoreFault, Visiting};

/// How far a session is, is noted so often at most, in beats of a second.
const NOTED_EVERY: u64 = 15;

/// One session that is open; it ends when this is dropped.
#[derive(Debug)]
pub struct Presence {
    id: String,
    counts: Arc<Counts>,
    end: CancellationToken,
    all: Present,
}

#[derive(Debug)]
struct Counts {
    files: AtomicU64,
    octets: AtomicU64,
    last_request_micros: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    about: Visiting,
    counts: Arc<Counts>,
    end: CancellationToken,
    /// What the store was told last; `None` if it knows nothing of the session.
    told: Option<(u64, u64, u64)>,
}

/// Sessions by id.
#[derive(Debug, Default)]
struct Sessions {
    open: HashMap<String, Entry>,
    /// Ended, and the store still has them.
    gone: Vec<String>,
    beats: u64,
}

/// Who is in; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Present(Arc<Mutex<Sessions>>);

impl Present {
    pub(super) fn enter(&self, about: Visiting) -> Presence {
        let counts = Arc::new(Counts {
            files: AtomicU64::new(0),
            octets: AtomicU64::new(0),
            last_request_micros: AtomicU64::new(micros(about.last_request)),
        });
        let end = CancellationToken::new();
        let presence = Presence {
            id: about.id.clone(),
            counts: Arc::clone(&counts),
            end: end.clone(),
            all: self.clone(),
        };
        let entry = Entry {
            about,
            counts,
            end,
            told: None,
        };
        self.lock().open.insert(presence.id.clone(), entry);
        presence
    }

    /// One beat: tells the store what is new, and ends what is to be ended.
    pub(super) async fn tell(&self, store: &Store, node: &str) -> Result<(), StoreFault> {
        let (open, ended) = self.news();
        if !open.is_empty() || !ended.is_empty() {
            let told: Vec<(String, (u64, u64, u64))> =
                open.iter().map(|one| (one.id.clone(), key(one))).collect();
            if let Err(fault) = store.note_visits(node, open, ended.clone()).await {
                self.lock().gone.extend(ended);
                return Err(fault);
            }
            self.were_told(told);
        }
        if self.lock().open.is_empty() {
            return Ok(());
        }
        for id in store.visits_to_end(node).await? {
            if let Some(entry) = self.lock().open.get(&id) {
                entry.end.cancel();
            }
        }
        Ok(())
    }

    /// What the store does not know yet: sessions, and ids of those that ended.
    fn news(&self) -> (Vec<Visiting>, Vec<String>) {
        let mut sessions = self.lock();
        sessions.beats += 1;
        let is_full_beat = sessions.beats.is_multiple_of(NOTED_EVERY);
        let mut open = Vec::new();
        for entry in sessions.open.values() {
            let now = entry.now();
            let is_news = match entry.told {
                None => true,
                Some(told) => is_full_beat && told != key(&now),
            };
            if is_news {
                open.push(now);
            }
        }
        (open, std::mem::take(&mut sessions.gone))
    }

    fn were_told(&self, told: Vec<(String, (u64, u64, u64))>) {
        let mut sessions = self.lock();
        for (id, what) in told {
            match sessions.open.get_mut(&id) {
                Some(entry) => entry.told = Some(what),
                // It ended while the store was being told of it.
                None => sessions.gone.push(id),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(visiting: &Visiting) -> (u64, u64, u64) {
    (
        visiting.files,
        visiting.octets,
        micros(visiting.last_request),
    )
}

fn micros(moment: Timestamp) -> u64 {
    u64::try_from(moment.as_microsecond()).unwrap_or(0)
}

impl Entry {
    fn now(&self) -> Visiting {
        let mut now = self.about.clone();
        now.files = self.counts.files.load(Ordering::Relaxed);
        now.octets = self.counts.octets.load(Ordering::Relaxed);
        let last = self.counts.last_request_micros.load(Ordering::Relaxed);
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        if let Ok(last) = Timestamp::from_microsecond(last) {
            now.last_request = last;
        }
        now
    }
}

impl Presence {
    /// How far the session is: files taken in, their octets, and when the last request came.
    pub fn went_on(&self, files: u64, octets: u64, last_request: Timestamp) {
        let counts = &self.counts;
        counts.files.store(files, Ordering::Relaxed);
        counts.octets.store(octets, Ordering::Relaxed);
        let last = micros(last_request);
        counts.last_request_micros.store(last, Ordering::Relaxed);
    }

    /// Ends when an operator wants the session ended.
    pub async fn end_asked(&self) {
        self.end.cancelled().await;
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut sessions = self.all.lock();
        if let Some(entry) = sessions.open.remove(&self.id)
            && entry.told.is_some()
        {
            sessions.gone.push(entry.about.id);
        }
    }
}
