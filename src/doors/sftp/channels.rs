//! The channels of one session: which are open, and what each is used for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use russh::ChannelId;
use tokio::sync::OwnedSemaphorePermit;

use crate::doors::sftp::digests::Digesting;
use crate::doors::sftp::exec;
use crate::doors::sftp::pump::Pump;
use crate::doors::sftp::visit::Visit;

/// Channels that one session may open, one after the other. Reason: russh keeps something of each that we
/// close until the session ends.
pub(super) const OPENED_MAX: u32 = 10_000;

/// Channels of one session that may break. Reason: each costs a log line, and a client that is wrong three times
/// will not get it right.
pub(super) const BROKEN_MAX: u32 = 3;

/// What a channel is used for.
pub(super) enum Work {
    /// Nothing yet.
    Nothing,
    /// The SFTP subsystem, and how many octets of its answers wait to be sent.
    Sftp(Pump, u64),
    /// The digest of what comes in.
    Digest(Digesting),
    /// A task of ours is at work, and ends the channel; it takes no other program.
    Ending,
}

struct Open {
    work: Work,
    /// The client has sent all its requests, some of which may wait until it reads.
    has_sent_all: bool,
    /// It counts among those of the account.
    count: Option<OwnedSemaphorePermit>,
}

/// Why a channel is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoChannel {
    /// Others must be closed first.
    TooMany,
    /// The session has opened [`OPENED_MAX`].
    SessionOver,
}

/// The channels of one session.
#[derive(Default)]
pub(super) struct Channels {
    open: HashMap<ChannelId, Open>,
    opened: u32,
    broken: u32,
    gone: Gone,
}

impl Channels {
    /// A channel for the visitor.
    pub(super) fn open(&mut self, channel: ChannelId, visit: &Visit) -> Result<(), NoChannel> {
        for channel in self.gone.take() {
            self.forget(channel);
        }
        if self.opened >= OPENED_MAX {
            return Err(NoChannel::SessionOver);
        }
        let most = usize::try_from(visit.house.settings.channels_max).unwrap_or(usize::MAX);
        if self.open.len() >= most {
            return Err(NoChannel::TooMany);
        }
        let count = visit.allowance.channel().ok_or(NoChannel::TooMany)?;
        self.opened += 1;
        let open = Open {
            work: Work::Nothing,
            has_sent_all: false,
            count: Some(count),
        };
        self.open.insert(channel, open);
        Ok(())
    }

    /// What the channel is used for, if it is open.
    pub(super) fn work(&mut self, channel: ChannelId) -> Option<&mut Work> {
        self.open.get_mut(&channel).map(|open| &mut open.work)
    }

    /// A channel that is used for nothing yet.
    pub(super) fn unused(&mut self, channel: ChannelId) -> Option<&mut Work> {
        self.work(channel)
            .filter(|work| matches!(work, Work::Nothing))
    }

    /// The client sends no more on this channel.
    pub(super) fn has_sent_all(&mut self, channel: ChannelId) {
        if let Some(open) = self.open.get_mut(&channel) {
            open.has_sent_all = true;
        }
    }

    /// The requests of a channel whose client has sent all, when none waits any more. From now on it ends.
    pub(super) fn done(&mut self, channel: ChannelId) -> Option<(Pump, Ending)> {
        let open = self.open.get_mut(&channel)?;
        match &open.work {
            Work::Sftp(pump, _) if open.has_sent_all && !pump.is_waiting() => (),
            _ => return None,
        }
        let Work::Sftp(pump, _) = std::mem::replace(&mut open.work, Work::Ending) else {
            return None;
        };
        Some((pump, self.ending(channel)))
    }

    /// The end of this channel is now that of a task of ours.
    pub(super) fn ending(&mut self, channel: ChannelId) -> Ending {
        let open = self.open.get_mut(&channel);
        Ending {
            channel,
            gone: self.gone.clone(),
            _count: open.and_then(|open| {
                open.work = Work::Ending;
                open.count.take()
            }),
        }
    }

    /// What came on the channel cannot be read on, so it is closed; what was uploaded so far is kept as the
    /// pump is dropped. Is that as many as may break?
    pub(super) fn broke(&mut self, channel: ChannelId) -> bool {
        self.forget(channel);
        self.broken += 1;
        self.broken >= BROKEN_MAX
    }

    /// The channel is closed. russh tells us of those only that the client closes first.
    pub(super) fn forget(&mut self, channel: ChannelId) {
        self.open.remove(&channel);
    }
}

/// Channels that tasks of ours closed, and that still count for the session; they do until it opens another.
#[derive(Debug, Clone, Default)]
struct Gone(Arc<Mutex<Vec<ChannelId>>>);

impl Gone {
    fn take(&self) -> Vec<ChannelId> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ChannelId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A channel that a task of ours ends.
pub(super) struct Ending {
    channel: ChannelId,
    gone: Gone,
    _count: Option<OwnedSemaphorePermit>,
}

impl Ending {
    /// Answers in the place of a program, and ends its channel. If the client has gone, nobody is told.
    pub(super) async fn run(
        self,
        visit: Arc<Visit>,
        program: exec::Program,
        handle: russh::server::Handle,
    ) {
        let said = program.run(&visit).await;
        drop(handle.data(self.channel, said.out.into_bytes()).await);
        if !said.error.is_empty() {
            let error = said.error.into_bytes();
            drop(handle.extended_data(self.channel, 1, error).await);
        }
        self.close(&handle, said.status).await;
    }

    /// Ends an SFTP channel when all that was asked for is done and answered. What is still open then is
    /// kept as the pump is dropped.
    pub(super) async fn settle(self, mut pump: Pump, handle: russh::server::Handle) {
        pump.settle().await;
        drop(pump);
        // Without a status scp takes its upload for failed.
        self.close(&handle, 0).await;
    }

    async fn close(self, handle: &russh::server::Handle, status: u32) {
        let Self {
            channel,
            gone,
            _count: count,
        } = self;
        let _ = handle.exit_status_request(channel, status).await;
        let _ = handle.eof(channel).await;
        // Before the client can know of it, and open the next.
        gone.lock().push(channel);
        drop(count);
        let _ = handle.close(channel).await;
    }
}
