//! One connection from the first octet to the last: deadlines that no peer can talk its way around.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::Date;
use russh::Disconnect;
use russh::server::{Config, Handle, RunningSession};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::access::{Access, Refusal, Visiting};
use crate::domain::entry::RefusalReason;
use crate::doors::sftp::channels::Channels;
use crate::doors::sftp::crowd::{Crowd, Ticket};
use crate::doors::sftp::entrance::{Entrance, Rules};
use crate::doors::sftp::life::{Attempt, Life};
use crate::doors::sftp::session::SshSession;
use crate::doors::sftp::sources::Misdeed;
use crate::doors::sftp::stream::Cuttable;
use crate::doors::sftp::visit::{House, Visit};
use crate::metrics::METRICS;
use crate::runtime::Clock;

/// How often a session is looked at: is it idle, may its user still be in? With the second after which
/// a change of users is known, a suspended user is out within four.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long open uploads may go on when the service stops.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// How long a peer that was told to go may take to hang up.
const HANG_UP_WITHIN: Duration = Duration::from_secs(2);

/// What every connection of a listener needs.
pub(super) struct Gate {
    pub(super) house: Arc<House>,
    pub(super) access: Access,
    pub(super) crowd: Crowd,
    pub(super) rules: Arc<Rules>,
    /// The last day, of the legacy port.
    pub(super) last_day: Option<Date>,
    /// Replaced when a host key's day has come.
    pub(super) ssh: RwLock<Arc<Config>>,
}

/// Is `last_day` over?
pub(super) fn is_over(last_day: Date, clock: &Clock) -> bool {
    clock.now().to_zoned(jiff::tz::TimeZone::UTC).date() > last_day
}

impl Gate {
    /// Is its last day over?
    pub(super) fn is_over(&self) -> bool {
        let clock = &self.house.clock;
        self.last_day
            .is_some_and(|last_day| is_over(last_day, clock))
    }

    fn ssh(&self) -> Arc<Config> {
        Arc::clone(&self.ssh.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why we end a connection that did not end by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    LoginTooSlow,
    Idle,
    NoLongerAllowed,
    PasswordGone,
    CertificateOver,
    EndAsked,
    LegacyOver,
    Stopping,
}

impl Reason {
    fn sentence(self) -> &'static str {
        match self {
            Self::LoginTooSlow => "nobody logged in within the time allowed",
            Self::Idle => "the session was idle for too long",
            Self::NoLongerAllowed => "the user may no longer be logged in",
            Self::PasswordGone => {
                "the password that let the session in was changed or withdrawn: log in again"
            }
            Self::CertificateOver => {
                "the certificate that let the session in has ended: log in with a new one"
            }
            Self::EndAsked => "an operator ended the session",
            Self::LegacyOver => "the last day of this port is over: use the usual one",
            Self::Stopping => "the service is being stopped: try again in some minutes",
        }
    }
}

/// How a connection ended.
#[derive(Default)]
struct Ended {
    /// Why, if there was a reason.
    why: Option<String>,
    /// Who never logged in was too slow, and not gone.
    is_too_slow: bool,
    /// What was offered, if client and server knew no common algorithm.
    offered: Option<String>,
}

impl Ended {
    fn by(reason: Reason) -> Self {
        Self {
            why: Some(reason.sentence().to_owned()),
            is_too_slow: reason == Reason::LoginTooSlow,
            offered: None,
        }
    }

    fn of(result: Result<(), russh::Error>) -> Self {
        let Err(error) = result else {
            return Self::default();
        };
        let offered = match &error {
            russh::Error::NoCommonAlgo { kind, theirs, .. } => {
                Some(format!("{kind:?}: {}", theirs.join(",")))
            }
            _ => None,
        };
        Self {
            why: reason_of(&error),
            is_too_slow: matches!(error, russh::Error::ConnectionTimeout),
            offered,
        }
    }
}

/// Serves one connection to its end.
pub(super) async fn serve(gate: Arc<Gate>, socket: TcpStream, peer: SocketAddr, ticket: Ticket) {
    METRICS.connections.one();
    let deadline = Instant::now() + gate.house.settings.login_within;
    let from = peer.ip().to_canonical();
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "a connection cannot be told to send at once");
    }
    let cut = CancellationToken::new();
    let life = Arc::new(Life::new());
    let session = SshSession {
        house: Arc::clone(&gate.house),
        entrance: Entrance {
            access: gate.access.clone(),
            rules: Arc::clone(&gate.rules),
            clock: gate.house.clock.clone(),
            from,
            life: Arc::clone(&life),
        },
        from,
        life: Arc::clone(&life),
        ticket,
        guest: None,
        channels: Channels::default(),
    };
    let stream = Cuttable::new(socket, cut.clone());
    let client = stream.client_name();
    let starting = russh::server::run_stream(gate.ssh(), stream, Box::new(session));
    let started = tokio::select! {
        started = starting => started,
        () = sleep_until(deadline) => Err(russh::Error::ConnectionTimeout),
        () = gate.house.tasks.stopped() => return,
    };
    let ended = match started {
        Ok(running) => watch(&gate, running, (&life, from), deadline, &cut).await,
        Err(error) => Ended::of(Err(error)),
    };
    match life.visit() {
        Some(visit) => {
            METRICS.sessions_ended.one();
            tracing::info!(
                session = visit.facts.id,
                account = %visit.account.code,
                files = visit.taken.load(Ordering::Relaxed),
                "session from {from} ended: {}",
                life.end().or(ended.why.as_deref()).unwrap_or("the client hung up"),
            );
        }
        // Who was cut off because we stop has done nothing.
        None if gate.house.tasks.is_stopping() => (),
        None => nobody_came(&gate, &ended, &life.attempts(), (from, client.get())),
    }
}

/// A connection ended, and nobody had logged in: notes what was tried, and what it costs.
fn nobody_came(gate: &Gate, ended: &Ended, attempts: &[Attempt], about: (IpAddr, String)) {
    let (from, client) = about;
    let why = ended.why.as_deref().unwrap_or("the client hung up");
    let mut refusals: Vec<Refusal> = attempts
        .iter()
        .map(|attempt| Refusal {
            login: attempt.login.clone(),
            reason: attempt.reason,
            detail: attempt.detail.clone(),
            fingerprint: attempt.fingerprint.clone(),
            client: client.clone(),
            from,
        })
        .collect();
    if let Some(offered) = &ended.offered {
        refusals.push(Refusal {
            login: String::new(),
            reason: RefusalReason::NoCommonAlgorithm,
            detail: offered.clone(),
            fingerprint: None,
            client: client.clone(),
            from,
        });
    }
    for refusal in &refusals {
        METRICS.refused(refusal.reason);
        gate.access.refused(refusal);
    }
    match attempts.last() {
        Some(last) => tracing::info!("nobody was let in from {from}: {why}; tried last: {last}"),
        None if ended.offered.is_some() => {
            tracing::info!("nobody was let in from {from}: {why}");
        }
        // Port scanners and health checks come in great numbers.
        None => tracing::debug!("nobody tried to log in from {from}: {why}"),
    }
    // Who proved who they are, and found no room, has done nothing.
    if attempts
        .iter()
        .any(|attempt| attempt.reason == RefusalReason::TooManySessions)
    {
        return;
    }
    let tried = |attempt: &Attempt| attempt.reason != RefusalReason::NothingShown;
    let misdeed = if ended.is_too_slow {
        Misdeed::TooSlow
    } else if attempts.iter().any(tried) {
        Misdeed::Refused
    } else {
        Misdeed::HungUp
    };
    if gate.crowd.misbehaved(from, misdeed) {
        tracing::warn!("connections from {from} and its network are turned away for a while");
        let shut_out = Refusal {
            login: attempts
                .last()
                .map_or_else(String::new, |last| last.login.clone()),
            reason: RefusalReason::ShutOut,
            detail: String::new(),
            fingerprint: None,
            client,
            from,
        };
        METRICS.refused(shut_out.reason);
        gate.access.refused(&shut_out);
    }
}

/// Waits for the end of a session, or brings it about.
async fn watch(
    gate: &Gate,
    mut running: RunningSession<Box<SshSession>>,
    (life, from): (&Life, IpAddr),
    deadline: Instant,
    cut: &CancellationToken,
) -> Ended {
    let handle = running.handle();
    let reason = tokio::select! {
        ended = &mut running => return Ended::of(ended),
        reason = reason_to_end(gate, (life, from), deadline) => reason,
    };
    if reason == Reason::Stopping
        && let Some(visit) = life.visit()
    {
        tokio::select! {
            ended = &mut running => return Ended::of(ended),
            () = uploads_ended(visit) => (),
        }
    }
    end(&mut running, &handle, reason, cut).await;
    Ended::by(reason)
}

/// What is worth saying of an error that ended a session. Most clients just hang up.
fn reason_of(error: &russh::Error) -> Option<String> {
    match error {
        russh::Error::IO(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => None,
        russh::Error::Disconnect | russh::Error::HUP => None,
        russh::Error::ConnectionTimeout => Some(Reason::LoginTooSlow.sentence().to_owned()),
        other => Some(other.to_string()),
    }
}

async fn reason_to_end(gate: &Gate, (life, from): (&Life, IpAddr), deadline: Instant) -> Reason {
    let stopping = || gate.house.tasks.stopped();
    let visit = loop {
        if let Some(visit) = life.visit() {
            break visit;
        }
        let now = Instant::now();
        if now >= deadline {
            return Reason::LoginTooSlow;
        }
        tokio::select! {
            () = stopping() => return Reason::Stopping,
            () = sleep_until(deadline.min(now + LOOK_EVERY)) => (),
            () = life.came() => (),
        }
    };
    let presence = gate.access.enter(visiting(gate, visit));
    // A certificate's key is none of the user's own; there is nothing to be removed.
    let own_key = visit.facts.key_fingerprint.as_deref();
    let own_key = own_key.filter(|print| gate.access.has_key(visit.user, print));
    let idle_max = gate.house.settings.idle_max;
    loop {
        let idle = life.idle();
        if idle >= idle_max {
            return Reason::Idle;
        }
        if let Some(reason) = no_longer_welcome(gate, visit, (own_key, from)) {
            visit.bar();
            return reason;
        }
        if gate.is_over() {
            return Reason::LegacyOver;
        }
        let files = visit.taken.load(Ordering::Relaxed);
        let octets = visit.taken_octets.load(Ordering::Relaxed);
        let now = gate.house.clock.now();
        presence.went_on(files, octets, now.checked_sub(idle).unwrap_or(now));
        tokio::select! {
            () = stopping() => return Reason::Stopping,
            () = presence.end_asked() => return Reason::EndAsked,
            () = sleep(LOOK_EVERY.min(idle_max.saturating_sub(idle))) => (),
        }
    }
}

/// Why the user may no longer be in: what let the session in counts no more, or the user itself does not.
fn no_longer_welcome(
    gate: &Gate,
    visit: &Visit,
    (own_key, from): (Option<&str>, IpAddr),
) -> Option<Reason> {
    let access = &gate.access;
    let Some(guest) = access.guest(visit.user) else {
        return Some(Reason::NoLongerAllowed);
    };
    let has_key = own_key.is_none_or(|print| access.has_key(visit.user, print));
    if !has_key || !guest.may_upload() || !guest.may_come_from(from) {
        return Some(Reason::NoLongerAllowed);
    }
    if visit.password_since.is_some() {
        let is_taken = guest.account.is_some_and(|account| account.passwords);
        if !is_taken || access.password_since(visit.user) != visit.password_since {
            return Some(Reason::PasswordGone);
        }
    }
    let is_over = |until| until <= gate.house.clock.now();
    let is_over = visit.certificate_until.is_some_and(is_over);
    is_over.then_some(Reason::CertificateOver)
}

fn visiting(gate: &Gate, visit: &Visit) -> Visiting {
    let now = gate.house.clock.now();
    let facts = &visit.facts;
    Visiting {
        id: facts.id.clone(),
        account: visit.account.id,
        user: visit.user,
        client: facts.client.clone(),
        remote_ip: facts.remote_ip.clone(),
        credential: facts
            .key_fingerprint
            .clone()
            .unwrap_or_else(|| "password".to_owned()),
        began: now,
        last_request: now,
        files: 0,
        octets: 0,
    }
}

async fn uploads_ended(visit: &Visit) {
    visit.uploads.close();
    // What is open after that is kept as far as it came.
    drop(timeout(STOP_WITHIN, visit.uploads.wait()).await);
}

/// Tells the peer why, gives it a moment to hang up, and cuts the connection.
async fn end(
    running: &mut RunningSession<Box<SshSession>>,
    handle: &Handle,
    reason: Reason,
    cut: &CancellationToken,
) {
    let farewell = async {
        let sentence = reason.sentence().to_owned();
        let told = handle.disconnect(Disconnect::ByApplication, sentence, "en".to_owned());
        if told.await.is_ok() {
            drop((&mut *running).await);
            true
        } else {
            false
        }
    };
    if timeout(HANG_UP_WITHIN, farewell).await == Ok(true) {
        return;
    }
    cut.cancel();
    // A callback that is still at work ends by itself; nothing waits for it but its own files.
    drop(timeout(HANG_UP_WITHIN, running).await);
}
