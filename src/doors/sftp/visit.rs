//! One user's visit: who it is, what the session may use, and how many files are on their way.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::access::Guest;
use crate::config;
use crate::domain::account::{Account, UserId};
use crate::domain::submission::SessionFacts;
use crate::doors::busy::{Busy, Claim};
use crate::doors::sftp::quota::Quota;
use crate::doors::sftp::uploads::Budget;
use crate::drop_folder::{AccountFolder, DropFolders, DropPath};
use crate::intake::Intake;
use crate::runtime::{Clock, Tasks};

/// Incomplete files of one visit that the folder door is told of.
const LIVING_MAX: usize = 1000;

/// What all sessions share.
#[derive(Debug)]
pub(super) struct House {
    pub(super) settings: config::Sftp,
    pub(super) file_bytes_max: u64,
    pub(super) intake: Intake,
    pub(super) folders: DropFolders,
    pub(super) busy: Busy,
    pub(super) clock: Clock,
    pub(super) tasks: Tasks,
    pub(super) budget: Budget,
    pub(super) quota: Quota,
    pub(super) readme: Arc<[u8]>,
    pub(super) limits: Arc<[u8]>,
}

/// One user's visit.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) house: Arc<House>,
    pub(super) user: UserId,
    pub(super) account: Account,
    pub(super) folder: AccountFolder,
    pub(super) facts: SessionFacts,
    /// Uploads that are open, or being put in place.
    pub(super) uploads: AtomicUsize,
    /// Files taken in, and their octets.
    pub(super) taken: AtomicU64,
    pub(super) taken_octets: AtomicU64,
    /// Incomplete files that this visit wrote, by path.
    living: Mutex<HashMap<String, Claim>>,
}

impl Visit {
    pub(super) fn new(
        house: Arc<House>,
        guest: &Guest,
        account: Account,
        folder: AccountFolder,
        facts: SessionFacts,
    ) -> Self {
        Self {
            house,
            user: guest.user.id,
            account,
            folder,
            facts,
            uploads: AtomicUsize::new(0),
            taken: AtomicU64::new(0),
            taken_octets: AtomicU64::new(0),
            living: Mutex::new(HashMap::new()),
        }
    }

    /// A file of so many octets was taken in.
    pub(super) fn took(&self, octets: u64) {
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.taken_octets.fetch_add(octets, Ordering::Relaxed);
        let now = self.house.clock.now();
        self.house.quota.count(self.account.id, octets, now);
    }

    /// Keeps the folder door from this file until the claim is dropped.
    pub(super) fn changing(&self, path: &DropPath) -> Claim {
        self.house.busy.changing(self.account.id, path.to_client())
    }

    /// The visit wrote an incomplete file, and may yet complete it.
    pub(super) fn left_incomplete(&self, path: &DropPath) {
        let claim = self.house.busy.living(self.account.id, path.to_client());
        let mut living = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        if living.len() < LIVING_MAX {
            living.insert(path.to_client(), claim);
        }
    }

    /// The file is no longer this visit's to complete.
    pub(super) fn settled(&self, path: &DropPath) {
        let mut living = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        // Nearly always empty, and then the path need not be written out.
        if !living.is_empty() {
            living.remove(&path.to_client());
        }
    }

    /// Counts an upload from its OPEN until it is in place.
    pub(super) fn count_upload(self: &Arc<Self>) -> UploadCount {
        self.uploads.fetch_add(1, Ordering::AcqRel);
        UploadCount(Arc::clone(self))
    }
}

/// While it lives, an upload counts as open.
#[derive(Debug)]
pub(super) struct UploadCount(Arc<Visit>);

impl Drop for UploadCount {
    fn drop(&mut self) {
        self.0.uploads.fetch_sub(1, Ordering::AcqRel);
    }
}
