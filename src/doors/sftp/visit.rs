//! One user's visit: who it is, what the session may use, and how many files are on their way.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::access::Guest;
use crate::config;
use crate::domain::Timestamp;
use crate::domain::account::{Account, UserId};
use crate::domain::submission::{FileMark, SessionFacts};
use crate::doors::busy::{Busy, Claim};
use crate::doors::complete::{Completeness, completeness};
use crate::doors::markers::{self, Marked};
use crate::doors::senders::Sender;
use crate::doors::sftp::Parts;
use crate::doors::sftp::allowance::{Allowance, Allowances};
use crate::doors::sftp::holdings::Holdings;
use crate::doors::sftp::places::{Alone, Places};
use crate::doors::sftp::quota::Quota;
use crate::doors::sftp::readme;
use crate::doors::sftp::spool::MEMORY_BYTES_MAX;
use crate::drop_folder::{AccountFolder, DropFolders, DropPath};
use crate::intake::Intake;
use crate::runtime::{Clock, Tasks};

/// Incomplete files of one visit that the folder door is told of.
const LIVING_MAX: usize = 1000;

/// Digests that are computed, and folders that are listed, at the same time; of one account, one. Reason: each
/// takes a thread and a core, of which who hands in needs some.
pub(super) const LONG_WORKS_MAX: usize = 2;

/// What all sessions share.
#[derive(Debug)]
pub(super) struct House {
    pub(super) settings: config::Sftp,
    pub(super) file_bytes_max: u64,
    /// An upload of more octets goes into a file.
    pub(super) memory_bytes_max: u64,
    pub(super) intake: Intake,
    /// The database did not take the last file; said once an outage.
    pub(super) is_store_out: AtomicBool,
    pub(super) folders: DropFolders,
    pub(super) busy: Busy,
    pub(super) clock: Clock,
    pub(super) tasks: Tasks,
    pub(super) places: Places,
    pub(super) allowances: Allowances,
    /// Turns to do what takes long; see [`Visit::work_long`].
    pub(super) turns: Semaphore,
    pub(super) quota: Quota,
    pub(super) holdings: Holdings,
    pub(super) readme: Arc<[u8]>,
    pub(super) limits: Arc<[u8]>,
}

impl House {
    pub(super) fn new(settings: &config::Config, parts: Parts) -> Self {
        Self {
            settings: settings.sftp.clone(),
            file_bytes_max: settings.check.file_bytes_max,
            memory_bytes_max: MEMORY_BYTES_MAX,
            intake: parts.intake,
            is_store_out: AtomicBool::new(false),
            folders: parts.folders,
            busy: parts.busy,
            clock: parts.clock,
            tasks: parts.tasks,
            places: Places::default(),
            allowances: Allowances::new(&settings.sftp, settings.check.file_bytes_max),
            turns: Semaphore::new(LONG_WORKS_MAX),
            quota: Quota::new(&settings.sftp),
            holdings: Holdings::new(&settings.drop_folders),
            readme: readme::text(settings).into_bytes().into(),
            limits: readme::limits(settings).into_bytes().into(),
        }
    }
}

/// An upload counts as under way until this is dropped, and what lies at its place is not given up meanwhile.
#[derive(Debug)]
pub(super) struct UnderWay {
    _count: TaskTrackerToken,
    _claim: Claim,
}

/// One user's visit.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) house: Arc<House>,
    pub(super) user: UserId,
    /// When the password that let the user in was set, if one did.
    pub(super) password_since: Option<Timestamp>,
    /// When the certificate that let the user in ends, if it does.
    pub(super) certificate_until: Option<Timestamp>,
    pub(super) account: Account,
    pub(super) folder: AccountFolder,
    pub(super) facts: SessionFacts,
    /// What the account's sessions may hold.
    pub(super) allowance: Allowance,
    /// `/README.txt`.
    pub(super) readme: Arc<[u8]>,
    /// A token for each upload from its OPEN until it is in place.
    pub(super) uploads: TaskTracker,
    /// Files taken in, and their octets.
    pub(super) taken: AtomicU64,
    pub(super) taken_octets: AtomicU64,
    /// Incomplete files that this visit wrote, by path.
    living: Mutex<HashMap<String, Claim>>,
    is_barred: AtomicBool,
}

impl Visit {
    pub(super) fn new(
        house: Arc<House>,
        guest: &Guest,
        account: Account,
        folder: AccountFolder,
        facts: SessionFacts,
    ) -> Self {
        let readme = readme::of_account(&house.readme, &account.handing_in);
        Self {
            allowance: house.allowances.of(account.id),
            readme,
            house,
            user: guest.user.id,
            password_since: guest.password_since,
            certificate_until: guest.certificate_until,
            account,
            folder,
            facts,
            uploads: TaskTracker::new(),
            taken: AtomicU64::new(0),
            taken_octets: AtomicU64::new(0),
            living: Mutex::new(HashMap::new()),
            is_barred: AtomicBool::new(false),
        }
    }

    /// Does what takes long on a thread of its own, when it is its account's turn, and then everybody's, so
    /// that none who asks much keeps the others waiting; `None` if it broke off.
    pub(super) async fn work_long<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        // They are never closed, so this waits and does not fail.
        let _own_turn = self.allowance.turn.acquire().await.ok()?;
        let _turn = self.house.turns.acquire().await.ok()?;
        self.house.tasks.block(name, work).await
    }

    /// A file of so many octets was taken in.
    pub(super) fn took(&self, octets: u64) {
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.taken_octets.fetch_add(octets, Ordering::Relaxed);
        let now = self.house.clock.now();
        self.house.quota.count(self.account.id, octets, now);
    }

    /// Is a file of this name taken, when it is complete?
    pub(super) fn is_judged(&self, path: &DropPath) -> bool {
        markers::is_judged(&self.account, path)
    }

    /// The files that `path` marks as complete, if it is a marker's name.
    pub(super) fn marked_by(&self, path: &DropPath) -> Vec<DropPath> {
        markers::marked_by(&self.account, path)
    }

    /// Has the file's marker come?
    pub(super) fn marked(&self, path: &DropPath) -> Marked {
        let markers = &self.house.busy.markers;
        markers.marked(&self.account, &self.folder, path)
    }

    /// A file was taken because of this marker.
    pub(super) fn has_served(&self, marked: Marked) {
        if let Marked::By(marker, mark) = marked {
            let now = self.house.clock.uptime();
            let markers = &self.house.busy.markers;
            markers.serve(self.account.id, marker, mark, now);
        }
    }

    /// Was the file at `path` taken in as it stands?
    pub(super) fn is_taken(&self, path: &DropPath, mark: FileMark) -> bool {
        let taken = self.house.intake.taken(self.account.id, &path.to_client());
        taken.is_some_and(|taken| taken.mark == mark)
    }

    /// The mark of what lies at `path` now.
    pub(super) fn mark(&self, path: &DropPath) -> Option<FileMark> {
        let facts = self.folder.facts(path);
        facts.ok().map(|facts| facts.mark)
    }

    /// Lies a whole file at `path` that is to be taken in and has not been, as while the database is
    /// away? It may have been answered already, so it must not be lost before that.
    pub(super) fn is_waiting(&self, path: &DropPath) -> bool {
        let client_path = path.to_client();
        if !self.is_judged(path) || self.house.busy.is_changing(self.account.id, &client_path) {
            return false;
        }
        let is_taken = self.mark(path).is_none_or(|mark| self.is_taken(path, mark));
        if is_taken || self.marked(path) == Marked::Missing {
            return false;
        }
        let read = self.folder.read_whole(path, self.house.file_bytes_max);
        read.is_ok_and(|(octets, _)| completeness(&octets) == Completeness::Complete)
    }

    /// The user may no longer come in: what is not handed in by now never is.
    pub(super) fn bar(&self) {
        self.is_barred.store(true, Ordering::Release);
    }

    pub(super) fn is_barred(&self) -> bool {
        self.is_barred.load(Ordering::Acquire)
    }

    /// Waits until no other session of the account is at any of these files, and keeps them from it.
    pub(super) async fn alone(&self, paths: Vec<DropPath>) -> Alone {
        self.house.places.alone(self.account.id, paths).await
    }

    /// What was found at some place is no longer there: it was removed, or another took its place.
    pub(super) fn replaced(&self, found: Option<FileMark>) {
        if let Some(found) = found {
            let holdings = &self.house.holdings;
            holdings.removed(self.account.id, found.size_bytes);
        }
    }

    /// An upload to `path` begins.
    pub(super) fn begins(&self, path: &DropPath) -> UnderWay {
        UnderWay {
            _count: self.uploads.token(),
            _claim: self.house.busy.writing(self.account.id, path.to_client()),
        }
    }

    /// Keeps the folder door from this file until the claim is dropped.
    pub(super) fn changing(&self, path: &DropPath) -> Claim {
        self.house.busy.changing(self.account.id, path.to_client())
    }

    /// What lies at `path`, or is about to, was sent by this user, and the folder door is left with it.
    pub(super) fn sent(&self, path: &DropPath, mark: Option<FileMark>) {
        if let Some(mark) = mark {
            let sender = Sender {
                user: self.user,
                session: self.facts.clone(),
            };
            let senders = &self.house.busy.senders;
            senders.note(self.account.id, path.to_client(), mark, sender);
        }
    }

    /// The visit wrote an incomplete file, and may yet complete it.
    pub(super) fn left_incomplete(&self, path: &DropPath, mark: Option<FileMark>) {
        self.sent(path, mark);
        let claim = self.house.busy.living(self.account.id, path.to_client());
        let mut living = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        if living.len() < LIVING_MAX {
            living.insert(path.to_client(), claim);
        }
    }

    /// The file is no longer this visit's to complete.
    pub(super) fn settled(&self, path: &DropPath) {
        let senders = &self.house.busy.senders;
        senders.forget(self.account.id, &path.to_client());
        let mut living = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        // Nearly always empty, and then the path need not be written out.
        if !living.is_empty() {
            living.remove(&path.to_client());
        }
    }
}
