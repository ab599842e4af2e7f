//! What a connection's own task knows of its session.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::time::Instant;

use crate::doors::sftp::visit::Visit;

/// Shared between a session and the task that watches over it.
#[derive(Debug)]
pub(super) struct Life {
    /// Set once somebody is in.
    visit: OnceLock<Arc<Visit>>,
    last_request: Mutex<Instant>,
    /// What was tried last, for the log.
    tried: Mutex<Option<String>>,
}

impl Life {
    pub(super) fn new() -> Self {
        Self {
            visit: OnceLock::new(),
            last_request: Mutex::new(Instant::now()),
            tried: Mutex::new(None),
        }
    }

    pub(super) fn visit(&self) -> Option<&Arc<Visit>> {
        self.visit.get()
    }

    /// Somebody is in. Nobody logs in twice on one connection, so only the first call counts.
    pub(super) fn let_in(&self, visit: Arc<Visit>) {
        self.visit.get_or_init(|| visit);
    }

    /// How long ago the last request came.
    pub(super) fn idle(&self) -> std::time::Duration {
        let last = self.last_request.lock();
        last.unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// What was tried last.
    pub(super) fn tried(&self) -> Option<String> {
        let tried = self.tried.lock();
        tried.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A request came, or somebody logged in.
    pub(super) fn request_came(&self) {
        let last = self.last_request.lock();
        *last.unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Somebody tried to log in so.
    pub(super) fn note(&self, tried: String) {
        *self.tried.lock().unwrap_or_else(PoisonError::into_inner) = Some(tried);
    }
}
