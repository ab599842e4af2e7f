//! One SSH session: translates between russh and the rest of the door, and decides nothing itself.
//!
//! *Invariant*: who is in is set by the callbacks for *verified* credentials alone. What a client
//! merely offers changes nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use russh::keys::ssh_key::{Algorithm, HashAlg, PublicKey};
use russh::server::{
    Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, Disconnect};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::access::{Access, Guest};
use crate::domain::submission::SessionFacts;
use crate::doors::sftp::crowd::Ticket;
use crate::doors::sftp::pump::{Outlet, Pump};
use crate::doors::sftp::requests::Later;
use crate::doors::sftp::ssh;
use crate::doors::sftp::visit::{House, Visit};
use crate::doors::sftp::wire;
use crate::runtime::{self, Tasks};

/// RSA keys of fewer bits are refused.
const RSA_BITS_MIN: u32 = 3072;

/// What a client sends about itself is logged up to so many letters.
const LOGGED_LETTERS_MAX: usize = 100;

/// What is said to a client that wants to run a program.
const NO_PROGRAMS: &str = "This server takes files by SFTP only, and runs no programs. Use sftp, or \
    scp of OpenSSH 9 or later (or scp -s).\r\n";

/// What the connection's own task knows of its session.
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

    fn request_came(&self) {
        let last = self.last_request.lock();
        *last.unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn note(&self, tried: String) {
        *self.tried.lock().unwrap_or_else(PoisonError::into_inner) = Some(tried);
    }
}

/// One SSH session.
pub(super) struct SshSession {
    pub(super) house: Arc<House>,
    pub(super) access: Access,
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
            proceed_with_methods: Some(ssh::methods(self.house.settings.passwords)),
            partial_success: false,
        }
    }

    fn decide(&mut self, guest: Option<Guest>) -> Auth {
        match guest.filter(|guest| guest.account.is_some() && guest.user.role.may_upload()) {
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
        self.ticket
            .enter(account.id)
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
        self.life.note(format!("'{}'", shown(login)));
        Ok(self.refuse())
    }

    async fn auth_publickey_offered(
        &mut self,
        login: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Self::Error> {
        let is_known = allowed(offer.public_key, offer.algorithm)
            .is_ok_and(|key| self.access.knows_key(login, &key));
        if is_known {
            return Ok(Auth::Accept);
        }
        self.life
            .note(tried_key(login, offer.public_key, offer.algorithm));
        Ok(self.refuse())
    }

    async fn auth_publickey(
        &mut self,
        login: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        self.life
            .note(tried_key(login, key.public_key, key.algorithm));
        let guest = allowed(key.public_key, key.algorithm)
            .ok()
            .and_then(|text| self.access.by_key(login, &text));
        Ok(self.decide(guest))
    }

    async fn auth_password(&mut self, login: &str, password: &str) -> Result<Auth, Self::Error> {
        if !self.house.settings.passwords {
            return Ok(self.refuse());
        }
        self.life
            .note(format!("'{}' with a password", shown(login)));
        let guest = self.access.by_password(login, password, self.from).await;
        Ok(self.decide(guest))
    }

    async fn auth_succeeded(&mut self, session: &mut Session) -> Result<(), Self::Error> {
        self.life.request_came();
        match self.welcome(session) {
            Ok(visit) => {
                // Nobody logs in twice on one connection.
                let _ = self.life.visit.set(visit);
                Ok(())
            }
            Err((reason, sentence)) => {
                self.life.note(sentence.clone());
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
            let _ = handle.data(channel, out).await;
            drop(permit);
        });
    }

    fn is_full(&self) -> bool {
        self.session.has_pending_data(self.channel)
    }
}

/// The key as access knows it, if it is of a kind that we take.
fn allowed(key: &PublicKey, algorithm: &Algorithm) -> Result<String, &'static str> {
    if *algorithm == (Algorithm::Rsa { hash: None }) {
        return Err("signs with SHA-1; update the client, or use an ECDSA or Ed25519 key");
    }
    let bits = key.key_data().rsa().map(|rsa| rsa.key_size());
    if bits.is_some_and(|bits| bits < RSA_BITS_MIN) {
        return Err("RSA of fewer than 3072 bits; make a new key");
    }
    let text = key
        .to_openssh()
        .map_err(|_| "of a kind that cannot be written")?;
    let words: Vec<&str> = text.split(' ').take(2).collect();
    Ok(words.join(" "))
}

fn tried_key(login: &str, key: &PublicKey, algorithm: &Algorithm) -> String {
    let why = allowed(key, algorithm).err().map(|why| format!(" ({why})"));
    format!(
        "'{}' with key {} {algorithm}{}",
        shown(login),
        key.fingerprint(HashAlg::Sha256),
        why.unwrap_or_default()
    )
}

/// What a client sent, fit for the log.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(LOGGED_LETTERS_MAX).collect();
    short.escape_debug().to_string()
}
