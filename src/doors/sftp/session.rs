//! One SSH session: translates between russh and the rest of the door, and decides nothing itself.
//!
//! *Invariant*: who is in is set by the callbacks for *verified* credentials alone. What a client
//! merely offers changes nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use russh::keys::Certificate;
use russh::server::{
    Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, Disconnect};
use tokio::sync::OwnedSemaphorePermit;

use crate::access::Guest;
use crate::domain::entry::RefusalReason;
use crate::domain::submission::SessionFacts;
use crate::doors::sftp::crowd::Ticket;
use crate::doors::sftp::entrance::Entrance;
use crate::doors::sftp::life::{Attempt, Life};
use crate::doors::sftp::offer::shown;
use crate::doors::sftp::pump::{Outlet, Pump};
use crate::doors::sftp::requests::Later;
use crate::doors::sftp::ssh;
use crate::doors::sftp::visit::{House, Visit};
use crate::doors::sftp::wire;
use crate::metrics::METRICS;
use crate::runtime::{self, Tasks};

/// What is said to a client that wants to run a program.
const NO_PROGRAMS: &str = "This server takes files by SFTP only, and runs no programs. Use sftp, or \
    scp of OpenSSH 9 or later (or scp -s).\r\n";

/// One SSH session.
pub(super) struct SshSession {
    pub(super) house: Arc<House>,
    pub(super) entrance: Entrance,
    pub(super) from: IpAddr,
    pub(super) life: Arc<Life>,
    pub(super) ticket: Ticket,
    /// Who proved who they are.
    pub(super) guest: Option<Guest>,
    /// Open channels; those with the SFTP subsystem have a pump.
    pub(super) channels: HashMap<ChannelId, Option<Pump>>,
}

impl SshSession {
    /// The same answer to all that is not let in; the methods stay as they are.
    fn refuse(&self) -> Auth {
        Auth::Reject {
            proceed_with_methods: Some(ssh::methods(self.entrance.rules.passwords)),
            partial_success: false,
        }
    }

    fn decide(&mut self, guest: Option<Guest>) -> Auth {
        match guest {
            Some(guest) => {
                self.guest = Some(guest);
                Auth::Accept
            }
            None => self.refuse(),
        }
    }

    /// Makes the visit, or says why there can be none.
    fn welcome(&mut self, session: &Session) -> Result<Arc<Visit>, (Disconnect, String)> {
        let nobody = || (Disconnect::ByApplication, "not logged in".to_owned());
        let guest = self.guest.clone().ok_or_else(nobody)?;
        let account = guest.account.clone().ok_or_else(nobody)?;
        let with_key = guest.key_fingerprint.is_some();
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

    async fn pump(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.life.request_came();
        let Some(Some(pump)) = self.channels.get_mut(&channel) else {
            return Ok(());
        };
        let mut outlet = SshOutlet {
            session,
            channel,
            tasks: &self.house.tasks,
        };
        if let Err(broken) = pump.feed(data, &mut outlet).await {
            tracing::warn!(from = %self.from, "an SFTP channel was closed: {broken}");
            // What was uploaded so far is kept as the pump is dropped.
            self.channels.insert(channel, None);
            session.close(channel)?;
        }
        Ok(())
    }
}

impl Handler for SshSession {
    type Error = russh::Error;

    async fn auth_none(&mut self, login: &str) -> Result<Auth, Self::Error> {
        self.entrance.asked(login);
        Ok(self.refuse())
    }

    async fn auth_publickey_offered(
        &mut self,
        login: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Self::Error> {
        if self.entrance.offered(login, &offer) {
            return Ok(Auth::Accept);
        }
        Ok(self.refuse())
    }

    async fn auth_publickey(
        &mut self,
        login: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        let guest = self.entrance.by_key(login, &key);
        Ok(self.decide(guest))
    }

    async fn auth_openssh_certificate(
        &mut self,
        login: &str,
        certificate: &Certificate,
    ) -> Result<Auth, Self::Error> {
        let guest = self.entrance.by_certificate(login, certificate);
        Ok(self.decide(guest))
    }

    async fn auth_password(&mut self, login: &str, password: &str) -> Result<Auth, Self::Error> {
        let guest = self.entrance.by_password(login, password).await;
        Ok(self.decide(guest))
    }

    async fn auth_succeeded(&mut self, session: &mut Session) -> Result<(), Self::Error> {
        self.life.request_came();
        match self.welcome(session) {
            Ok(visit) => {
                METRICS.logins.one();
                self.life.let_in(visit);
                Ok(())
            }
            Err((reason, sentence)) => {
                self.life.note(Attempt {
                    login: self
                        .guest
                        .as_ref()
                        .map_or_else(String::new, |guest| guest.user.login.to_string()),
                    reason: RefusalReason::TooManySessions,
                    detail: sentence.clone(),
                    fingerprint: None,
                });
                session.disconnect(reason, &sentence, "en")
            }
        }
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let channels_max = usize::try_from(self.house.settings.channels_max).unwrap_or(usize::MAX);
        if self.life.visit().is_none() || self.channels.len() >= channels_max {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
        } else {
            self.channels.insert(channel.id(), None);
            reply.accept().await;
        }
        // The channel itself is dropped, so that russh hands us the data and queues none of it.
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match (self.life.visit(), self.channels.get_mut(&channel)) {
            (Some(visit), Some(pump @ None)) if name == "sftp" => {
                *pump = Some(Pump::new(Arc::clone(visit)));
                session.channel_success(channel)
            }
            _ => session.channel_failure(channel),
        }
    }

    async fn data(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        METRICS.octets_in.many(data.len() as u64);
        self.pump(channel, data, session).await
    }

    async fn window_adjusted(
        &mut self,
        channel: ChannelId,
        _new_size: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.pump(channel, &[], session).await
    }

    async fn channel_eof(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        // Some clients wait for us to close; what is still open is kept as the pump is dropped.
        if let Some(pump) = self.channels.get_mut(&channel)
            && let Some(mut ended) = pump.take()
        {
            ended.settle().await;
            // Without it scp takes its upload for failed.
            session.exit_status_request(channel, 0)?;
            session.eof(channel)?;
        }
        session.close(channel)
    }

    async fn channel_close(
        &mut self,
        channel: ChannelId,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channels.remove(&channel);
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.run_nothing(channel, session)
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.run_nothing(channel, session)
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(russh::Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        _value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn x11_request(
        &mut self,
        channel: ChannelId,
        _single: bool,
        _protocol: &str,
        _cookie: &str,
        _screen: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn agent_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<bool, Self::Error> {
        session.channel_failure(channel)?;
        Ok(false)
    }
}

impl SshSession {
    /// Tells a client that wants a program or a shell what this server is for.
    fn run_nothing(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        match self.channels.get(&channel) {
            Some(None) => (),
            // A second request on a channel in use.
            _ => return session.channel_failure(channel),
        }
        session.channel_success(channel)?;
        session.extended_data(channel, 1, NO_PROGRAMS.as_bytes().to_vec())?;
        session.exit_status_request(channel, 1)?;
        session.eof(channel)?;
        session.close(channel)
    }
}

/// Where a channel's answers go.
struct SshOutlet<'a> {
    session: &'a mut Session,
    channel: ChannelId,
    tasks: &'a Tasks,
}

impl Outlet for SshOutlet<'_> {
    fn send(&mut self, octets: Vec<u8>) {
        if let Err(error) = self.session.data(self.channel, octets) {
            tracing::debug!(%error, "an answer could not be sent");
        }
    }

    fn send_later(&mut self, id: u32, later: Later, permit: OwnedSemaphorePermit) {
        let (handle, channel) = (self.session.handle(), self.channel);
        self.tasks.spawn("sftp: put a file in place", async move {
            let reply = later.await;
            let mut out = Vec::new();
            wire::encode(id, &reply, &mut out);
            // If the session has ended, nobody waits for the answer.
            drop(handle.data(channel, out).await);
            drop(permit);
        });
    }

    fn is_full(&self) -> bool {
        self.session.has_pending_data(self.channel)
    }
}
