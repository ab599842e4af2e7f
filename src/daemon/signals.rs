//! Signals from the system, and what systemd is told.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::runtime::Tasks;

/// So much longer systemd is to wait for the start, and so often it is told: three times as often as it must be.
const EXTENDED_BY_USEC: u32 = 60_000_000;
const EXTENDED_EVERY: Duration = Duration::from_secs(20);

/// Waits for SIGTERM, SIGINT, or the end of a task that should last.
pub(crate) async fn stop_asked(base: &Tasks) {
    tokio::select! {
        () = one() => tracing::info!("asked to stop; finishing what is in hand"),
        () = base.broke() => tracing::error!("a lasting task ended; stopping"),
    }
}

/// Waits for one more signal.
pub(crate) async fn second() {
    one().await;
}

async fn one() {
    let (terminate, interrupt) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
        // Without handlers the signal ends the process at once, which is safe.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => (),
        _ = interrupt.recv() => (),
    }
}

/// The signal to read files again.
#[derive(Debug)]
pub(crate) struct HangUp(Option<Signal>);

impl HangUp {
    /// Listens from now on: the signal no longer ends the process.
    pub(crate) fn listen() -> Self {
        Self(signal(SignalKind::hangup()).ok())
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Tells systemd that the doors are open.
pub(crate) fn ready() {
    let status = NotifyState::Status("the doors are open");
    tell(&[NotifyState::Ready, status]);
}

/// Tells systemd what the start waits for.
pub(crate) fn waiting(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

/// Does `work`, which may take longer than systemd gives a start, and tells it all the while to wait on.
pub(crate) async fn while_starting<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut ticks = tokio::time::interval(EXTENDED_EVERY);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => tell(&[NotifyState::ExtendTimeoutUsec(EXTENDED_BY_USEC)]),
        }
    }
}

/// Tells systemd's watchdog, if it watches, that the runtime still turns. Never ends.
pub(crate) async fn watchdog() {
    let Some(within) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut ticks = tokio::time::interval(within / 2);
    loop {
        ticks.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

/// Tells systemd that the daemon is stopping.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd could not be told");
    }
}
