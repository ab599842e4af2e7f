//! The moment of log-in of one session: who proved who they are gets a place and a visit, or hears why not.

use std::sync::Arc;

use russh::Disconnect;
use russh::server::{Auth, Session};

use crate::access::Guest;
use crate::domain::entry::RefusalReason;
use crate::domain::submission::SessionFacts;
use crate::doors::sftp::life::Attempt;
use crate::doors::sftp::offer::shown;
use crate::doors::sftp::session::SshSession;
use crate::doors::sftp::ssh;
use crate::doors::sftp::visit::Visit;
use crate::runtime;

impl SshSession {
    /// The same answer to all that is not let in; the methods stay as they are.
    pub(super) fn refuse(&self) -> Auth {
        Auth::Reject {
            proceed_with_methods: Some(ssh::methods(self.entrance.rules.passwords)),
            partial_success: false,
        }
    }

    pub(super) fn decide(&mut self, guest: Option<Guest>) -> Auth {
        match guest {
            Some(guest) => {
                self.guest = Some(guest);
                Auth::Accept
            }
            None => self.refuse(),
        }
    }

    /// Notes for the operator that somebody who may come found no room.
    pub(super) fn note_no_room(&self, sentence: String) {
        let login = self
            .guest
            .as_ref()
            .map(|guest| guest.user.login.to_string());
        self.life.note(Attempt {
            login: login.unwrap_or_default(),
            reason: RefusalReason::TooManySessions,
            detail: sentence,
            fingerprint: None,
        });
    }

    /// Makes the visit, or says why there can be none.
    pub(super) fn welcome(
        &mut self,
        session: &Session,
    ) -> Result<Arc<Visit>, (Disconnect, String)> {
        let nobody = || (Disconnect::ByApplication, "not logged in".to_owned());
        let guest = self.guest.clone().ok_or_else(nobody)?;
        let account = guest.account.clone().ok_or_else(nobody)?;
        let with_key = guest.key_fingerprint.is_some();
        if with_key {
            self.entrance.access.came_with_key(self.from);
        }
        self.ticket
            .enter(account.id, with_key)
            .map_err(|sentence| (Disconnect::TooManyConnections, sentence))?;
        let folder = self.house.folders.account(&account.code).map_err(|error| {
            tracing::error!(%error, account = %account.code, "a drop folder cannot be opened");
            let sentence = "your drop folder cannot be opened just now: try again later";
            (Disconnect::ServiceNotAvailable, sentence.to_owned())
        })?;
        let facts = SessionFacts {
            id: runtime::unique_id(),
            client: shown(&String::from_utf8_lossy(session.remote_sshid())),
            remote_ip: self.from.to_string(),
            key_fingerprint: guest.key_fingerprint.clone(),
        };
        tracing::info!(
            session = facts.id,
            account = %account.code,
            "{} logged in from {} with {} by {}",
            guest.user.login,
            facts.remote_ip,
            facts.key_fingerprint.as_deref().unwrap_or("a password"),
            facts.client,
        );
        let house = Arc::clone(&self.house);
        Ok(Arc::new(Visit::new(house, &guest, account, folder, facts)))
    }
}
