//! What a connection's own task knows of its session.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::domain::entry::RefusalReason;
use crate::doors::sftp::offer::shown;
use crate::doors::sftp::visit::Visit;

/// Attempts of one connection that are remembered: as many as it may make, and the question before.
const ATTEMPTS_MAX: usize = 8;

/// One try to log in that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) login: String,
    pub(super) reason: RefusalReason,
    pub(super) detail: String,
    pub(super) fingerprint: Option<String>,
}

impl std::fmt::Display for Attempt {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(form, "'{}': {}", shown(&self.login), self.reason.sentence())?;
        if let Some(fingerprint) = &self.fingerprint {
            write!(form, " ({fingerprint})")?;
        }
        if !self.detail.is_empty() {
            write!(form, " ({})", shown(&self.detail))?;
        }
        Ok(())
    }
}

/// Shared between a session and the task that watches over it.
#[derive(Debug)]
pub(super) struct Life {
    /// Set once somebody is in.
    visit: OnceLock<Arc<Visit>>,
    last_request: Mutex<Instant>,
    attempts: Mutex<Vec<Attempt>>,
    came: Notify,
    /// Why the session itself ends the connection, if it does.
    end: OnceLock<String>,
}

impl Life {
    pub(super) fn new() -> Self {
        Self {
            visit: OnceLock::new(),
            last_request: Mutex::new(Instant::now()),
            attempts: Mutex::default(),
            came: Notify::new(),
            end: OnceLock::new(),
        }
    }

    pub(super) fn visit(&self) -> Option<&Arc<Visit>> {
        self.visit.get()
    }

    /// Somebody is in. Nobody logs in twice on one connection, so only the first call counts.
    pub(super) fn let_in(&self, visit: Arc<Visit>) {
        self.visit.get_or_init(|| visit);
        self.came.notify_one();
    }

    /// Ends soon after somebody has come in.
    pub(super) async fn came(&self) {
        self.came.notified().await;
    }

    /// The session ends the connection, for this reason. The first counts.
    pub(super) fn ends(&self, why: &str) {
        self.end.get_or_init(|| why.to_owned());
    }

    /// Why the session ended the connection, if it did.
    pub(super) fn end(&self) -> Option<&str> {
        self.end.get().map(String::as_str)
    }

    /// How long ago the last request came.
    pub(super) fn idle(&self) -> std::time::Duration {
        let last = self.last_request.lock();
        last.unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// A request came, or somebody logged in.
    pub(super) fn request_came(&self) {
        let last = self.last_request.lock();
        *last.unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Somebody tried to log in so, and was refused. The question which methods there are counts only
    /// as long as nothing else was tried.
    pub(super) fn note(&self, attempt: Attempt) {
        let attempts = self.attempts.lock();
        let mut attempts = attempts.unwrap_or_else(PoisonError::into_inner);
        if attempt.reason == RefusalReason::NothingShown && !attempts.is_empty() {
            return;
        }
        attempts.retain(|one| one.reason != RefusalReason::NothingShown);
        let is_new = !attempts.contains(&attempt);
        if is_new && attempts.len() < ATTEMPTS_MAX {
            attempts.push(attempt);
        }
    }

    /// What was tried and refused, in order.
    pub(super) fn attempts(&self) -> Vec<Attempt> {
        let attempts = self.attempts.lock();
        attempts.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
