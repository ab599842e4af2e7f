//! One SSH session: translates between russh and the rest of the door, and decides nothing itself.
//!
//! *Invariant*: who is in is set by the callbacks for *verified* credentials alone. What a client
//! merely offers changes nothing.

use std::net::IpAddr;
use std::sync::Arc;

use russh::keys::Certificate;
use russh::server::{
    Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, Disconnect};

use crate::access::Guest;
use crate::doors::sftp::channels::{BROKEN_MAX, Channels, NoChannel, OPENED_MAX, Work};
use crate::doors::sftp::crowd::Ticket;
use crate::doors::sftp::digests::Digesting;
use crate::doors::sftp::entrance::Entrance;
use crate::doors::sftp::exec;
use crate::doors::sftp::life::Life;
use crate::doors::sftp::outlet::SshOutlet;
use crate::doors::sftp::pump::Pump;
use crate::doors::sftp::visit::House;
use crate::metrics::METRICS;

/// The answer to whoever wants a channel of a kind that is not here.
const NOT_HERE: ChannelOpenFailure = ChannelOpenFailure::AdministrativelyProhibited;

/// One SSH session.
pub(super) struct SshSession {
    pub(super) house: Arc<House>,
    pub(super) entrance: Entrance,
    pub(super) from: IpAddr,
    pub(super) life: Arc<Life>,
    pub(super) ticket: Ticket,
    /// Who proved who they are.
    pub(super) guest: Option<Guest>,
    pub(super) channels: Channels,
}

impl SshSession {
    async fn pump(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.life.request_came();
        let (pump, queued) = match self.channels.work(channel) {
            Some(Work::Sftp(pump, queued)) => (pump, queued),
            Some(Work::Digest(digesting)) => {
                digesting.add(data);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let mut outlet = SshOutlet {
            session,
            channel,
            tasks: &self.house.tasks,
            queued,
        };
        if let Err(broken) = pump.feed(data, &mut outlet).await {
            tracing::warn!(from = %self.from, "an SFTP channel was closed: {broken}");
            let is_last = self.channels.broke(channel);
            session.close(channel)?;
            if is_last {
                let sentence = format!(
                    "{BROKEN_MAX} channels of the session sent what is not SFTP, or more than they may: \
                     mend the client, and log in again"
                );
                return self.end(&sentence, session);
            }
        }
        Ok(())
    }

    /// Ends the whole session, and says why to the client and in the log.
    fn end(&self, sentence: &str, session: &mut Session) -> Result<(), russh::Error> {
        self.life.ends(sentence);
        session.disconnect(Disconnect::ByApplication, sentence, "en")
    }

    /// Ends a channel whose client has sent all, when all of it is answered.
    ///
    /// A task of its own does it, by the way that late answers take: so it comes after the last of
    /// them, and the session goes on meanwhile.
    fn end_if_done(&mut self, channel: ChannelId, session: &Session) {
        if let Some((pump, ending)) = self.channels.done(channel) {
            let settling = ending.settle(pump, session.handle());
            self.house.tasks.spawn("sftp: end a channel", settling);
        }
    }
}

// In a box: the library keeps what it is given several times over in the state of each session.
impl Handler for Box<SshSession> {
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
                if matches!(reason, Disconnect::TooManyConnections) {
                    self.note_no_room(sentence.clone());
                }
                session.disconnect(reason, &sentence, "en")
            }
        }
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let opened = match self.life.visit() {
            Some(visit) => self.channels.open(channel.id(), visit),
            None => Err(NoChannel::TooMany),
        };
        // The channel itself is dropped, so that russh hands us the data and queues none of it.
        match opened {
            Ok(()) => reply.accept().await,
            Err(NoChannel::TooMany) => reply.reject(ChannelOpenFailure::ResourceShortage).await,
            Err(NoChannel::SessionOver) => {
                reply.reject(ChannelOpenFailure::ResourceShortage).await;
                let sentence = format!(
                    "the session has opened {OPENED_MAX} channels, as many as it may: log in again"
                );
                return self.end(&sentence, session);
            }
        }
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match (self.life.visit(), self.channels.unused(channel)) {
            (Some(visit), Some(work)) if name == "sftp" => {
                *work = Work::Sftp(Pump::new(Arc::clone(visit)), 0);
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
        self.pump(channel, &[], session).await?;
        self.end_if_done(channel, session);
        Ok(())
    }

    async fn channel_eof(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match self.channels.work(channel) {
            // Some clients wait for us to close.
            Some(Work::Sftp(..)) => {
                self.channels.has_sent_all(channel);
                self.pump(channel, &[], session).await?;
                self.end_if_done(channel, session);
                return Ok(());
            }
            Some(Work::Ending) => return Ok(()),
            Some(work @ Work::Digest(_)) => {
                if let Work::Digest(digesting) = std::mem::replace(work, Work::Ending) {
                    let said = exec::of_input(digesting);
                    session.data(channel, said.out.into_bytes())?;
                    session.exit_status_request(channel, said.status)?;
                    session.eof(channel)?;
                }
            }
            Some(Work::Nothing) | None => (),
        }
        self.channels.forget(channel);
        session.close(channel)
    }

    async fn channel_close(
        &mut self,
        channel: ChannelId,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channels.forget(channel);
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let program = exec::Program::of(command);
        match (program, self.life.visit(), self.channels.unused(channel)) {
            (Some(program), Some(visit), Some(work)) => {
                session.channel_success(channel)?;
                if program.paths.is_empty() {
                    *work = Work::Digest(Digesting::new(program.algorithm));
                } else {
                    let ending = self.channels.ending(channel);
                    let running = ending.run(Arc::clone(visit), program, session.handle());
                    self.house.tasks.spawn("sftp: digest files", running);
                }
                Ok(())
            }
            _ => self.run_nothing(channel, session),
        }
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
        _channel: ChannelId,
        _session: &mut Session,
    ) -> Result<bool, Self::Error> {
        Ok(false)
    }

    // Nothing is forwarded, in either direction, and there are no channels but those of sessions. The library
    // would refuse the same; here it stands written.

    async fn channel_open_x11(
        &mut self,
        _channel: Channel<Msg>,
        _from: &str,
        _from_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.reject(NOT_HERE).await;
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        _channel: Channel<Msg>,
        _host: &str,
        _port: u32,
        _from: &str,
        _from_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.reject(NOT_HERE).await;
        Ok(())
    }

    async fn channel_open_forwarded_tcpip(
        &mut self,
        _channel: Channel<Msg>,
        _host: &str,
        _port: u32,
        _from: &str,
        _from_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.reject(NOT_HERE).await;
        Ok(())
    }

    async fn channel_open_direct_streamlocal(
        &mut self,
        _channel: Channel<Msg>,
        _path: &str,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.reject(NOT_HERE).await;
        Ok(())
    }

    async fn tcpip_forward(
        &mut self,
        _address: &str,
        _port: &mut u32,
        _session: &mut Session,
    ) -> Result<bool, Self::Error> {
        Ok(false)
    }

    async fn streamlocal_forward(
        &mut self,
        _path: &str,
        _session: &mut Session,
    ) -> Result<bool, Self::Error> {
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
        if self.channels.unused(channel).is_none() {
            // A second request on a channel in use.
            return session.channel_failure(channel);
        }
        session.channel_success(channel)?;
        session.extended_data(channel, 1, exec::NO_PROGRAMS.as_bytes().to_vec())?;
        session.exit_status_request(channel, 1)?;
        session.eof(channel)?;
        self.channels.forget(channel);
        session.close(channel)
    }
}
