//! Signed-in browsers. The token itself is never stored, only its hash.

use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::account::UserId;
use crate::domain::submission::Sha256;
use crate::store::{Store, StoreFault};

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSession {
    /// Who signed in.
    pub user: UserId,
    /// What every form of this session must carry.
    pub csrf: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
}

impl Store {
    /// Begins a session; `token` is the SHA-256 of the cookie's value.
    pub async fn begin_web_session(
        &self,
        token: &Sha256,
        session: &WebSession,
    ) -> Result<(), StoreFault> {
        let _ = (token, session);
        todo!()
    }

    /// The session, unless it ran out: unused for `idle_max`, or older than `session_max`. Notes
    /// that it was used, at most once a minute.
    pub async fn web_session(
        &self,
        token: &Sha256,
        now: Timestamp,
        idle_max: Duration,
        session_max: Duration,
    ) -> Result<Option<WebSession>, StoreFault> {
        let _ = (token, now, idle_max, session_max);
        todo!()
    }

    /// Ends a session.
    pub async fn end_web_session(&self, token: &Sha256) -> Result<(), StoreFault> {
        let _ = token;
        todo!()
    }

    /// Removes sessions that began before `before`.
    pub async fn sweep_web_sessions(&self, before: Timestamp) -> Result<u64, StoreFault> {
        let _ = before;
        todo!()
    }
}
