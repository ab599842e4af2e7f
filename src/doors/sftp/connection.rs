//! One connection from the first octet to the last: deadlines that no peer can talk its way around.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use russh::Disconnect;
use russh::server::{Config, Handle, RunningSession};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::doors::sftp::crowd::{Crowd, Ticket};
use crate::doors::sftp::life::Life;
use crate::doors::sftp::session::SshSession;
use crate::doors::sftp::stream::Cuttable;
use crate::doors::sftp::visit::{House, Visit};

/// How often a session is looked at: is it idle, may its user still be in?
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How long open uploads may go on when the service stops.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// How often open uploads are counted meanwhile.
const STOP_LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long a peer that was told to go may take to hang up.
const HANG_UP_WITHIN: Duration = Duration::from_secs(2);

/// What every connection needs.
pub(super) struct Gate {
    pub(super) house: Arc<House>,
    pub(super) access: Access,
    pub(super) crowd: Crowd,
    pub(super) ssh: Arc<Config>,
}

/// Why we end a connection that did not end by itself.
enum Reason {
    LoginTooSlow,
    Idle,
    NoLongerAllowed,
    Stopping,
}

impl Reason {
    fn sentence(&self) -> &'static str {
        match self {
            Self::LoginTooSlow => "nobody logged in within the time allowed",
            Self::Idle => "the session was idle for too long",
            Self::NoLongerAllowed => "the user may no longer be logged in",
            Self::Stopping => "the service is being stopped: try again in some minutes",
        }
    }
}

/// Serves one connection to its end.
pub(super) async fn serve(gate: Arc<Gate>, socket: TcpStream, peer: SocketAddr, ticket: Ticket) {
    let deadline = Instant::now() + gate.house.settings.login_within;
    let from = peer.ip().to_canonical();
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "a connection cannot be told to send at once");
    }
    let cut = CancellationToken::new();
    let life = Arc::new(Life::new());
    let session = SshSession {
        house: Arc::clone(&gate.house),
        access: gate.access.clone(),
        from,
        life: Arc::clone(&life),
        ticket,
        guest: None,
        channels: HashMap::new(),
        programs: HashSet::new(),
    };
    let stream = Cuttable::new(socket, cut.clone());
    let starting = russh::server::run_stream(Arc::clone(&gate.ssh), stream, session);
    let started = tokio::select! {
        started = starting => started,
        () = sleep_until(deadline) => Err(russh::Error::ConnectionTimeout),
        () = gate.house.tasks.stopped() => return,
    };
    let ended = match started {
        Ok(running) => watch(&gate, running, &life, deadline, &cut).await,
        Err(error) => reason_of(&error),
    };
    let why = ended.unwrap_or_else(|| "the client hung up".to_owned());
    let Some(visit) = life.visit() else {
        if let Some(tried) = life.tried() {
            tracing::info!("nobody was let in from {from}: {why}; tried last: {tried}");
        } else {
            // Port scanners and health checks come in great numbers.
            tracing::debug!("nobody tried to log in from {from}: {why}");
        }
        return;
    };
    tracing::info!(
        session = visit.facts.id,
        account = %visit.account.code,
        files = visit.taken.load(Ordering::Relaxed),
        "session from {from} ended: {why}",
    );
}

/// Waits for the end of a session, or brings it about. Says why it ended, if there was a reason.
async fn watch(
    gate: &Gate,
    mut running: RunningSession<SshSession>,
    life: &Life,
    deadline: Instant,
    cut: &CancellationToken,
) -> Option<String> {
    let handle = running.handle();
    let reason = tokio::select! {
        ended = &mut running => return ended.err().as_ref().and_then(reason_of),
        reason = reason_to_end(gate, life, deadline) => reason,
    };
    if matches!(reason, Reason::Stopping)
        && let Some(visit) = life.visit()
    {
        tokio::select! {
            ended = &mut running => return ended.err().as_ref().and_then(reason_of),
            () = uploads_ended(visit) => (),
        }
    }
    end(&mut running, &handle, &reason, cut).await;
    Some(reason.sentence().to_owned())
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

async fn reason_to_end(gate: &Gate, life: &Life, deadline: Instant) -> Reason {
    let idle_max = gate.house.settings.idle_max;
    loop {
        let mut next = Instant::now() + LOOK_EVERY;
        if life.visit().is_none() {
            next = next.min(deadline);
        }
        tokio::select! {
            () = gate.house.tasks.stopped() => return Reason::Stopping,
            () = sleep_until(next) => (),
        }
        let Some(visit) = life.visit() else {
            if Instant::now() >= deadline {
                return Reason::LoginTooSlow;
            }
            continue;
        };
        if life.idle() >= idle_max {
            return Reason::Idle;
        }
        if gate.access.guest(visit.user).is_none() {
            return Reason::NoLongerAllowed;
        }
    }
}

async fn uploads_ended(visit: &Visit) {
    let all = async {
        while visit.uploads.load(Ordering::Acquire) > 0 {
            sleep(STOP_LOOK_EVERY).await;
        }
    };
    // What is open after that is kept as far as it came.
    drop(timeout(STOP_WITHIN, all).await);
}

/// Tells the peer why, gives it a moment to hang up, and cuts the connection.
async fn end(
    running: &mut RunningSession<SshSession>,
    handle: &Handle,
    reason: &Reason,
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
