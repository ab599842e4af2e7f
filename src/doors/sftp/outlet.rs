//! The way of answers to a client: by SSH, through its window.

use russh::ChannelId;
use russh::server::Session;

use crate::doors::sftp::allowance::Waited;
use crate::doors::sftp::pump::Outlet;
use crate::doors::sftp::requests::Later;
use crate::doors::sftp::wire;
use crate::runtime::Tasks;

/// So many octets of answers may wait while new keys are agreed on, whatever the client's window.
const QUEUED_MAX: u64 = 8 * 1024 * 1024;

/// Where a channel's answers go.
pub(super) struct SshOutlet<'a> {
    pub(super) session: &'a mut Session,
    pub(super) channel: ChannelId,
    pub(super) tasks: &'a Tasks,
    pub(super) queued: &'a mut u64,
}

impl Outlet for SshOutlet<'_> {
    fn send(&mut self, octets: Vec<u8>) {
        let size = octets.len() as u64;
        if let Err(error) = self.session.data(self.channel, octets) {
            tracing::debug!(%error, "an answer could not be sent");
        }
        if self.session.has_pending_data(self.channel) {
            *self.queued = self.queued.saturating_add(size);
        } else {
            *self.queued = 0;
        }
    }

    fn send_later(&mut self, id: u32, later: Later, waited: Waited) {
        let (handle, channel) = (self.session.handle(), self.channel);
        self.tasks.spawn("sftp: put a file in place", async move {
            let reply = later.await;
            let mut out = Vec::new();
            wire::encode(id, &reply, &mut out);
            // If the session has ended, nobody waits for the answer.
            drop(handle.data(channel, out).await);
            drop(waited);
        });
    }

    /// Answers wait either for room in the client's window, or for new keys to be agreed on. Of the
    /// second nobody tells us the end, so then work goes on until what waits fills the window: the
    /// client will say so when there is room again.
    fn is_full(&self) -> bool {
        let window = u64::from(self.session.window_size(&self.channel));
        self.session.has_pending_data(self.channel) && *self.queued >= window.min(QUEUED_MAX)
    }
}
