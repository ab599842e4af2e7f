//! One SFTP channel: octets in, requests worked off, answers out.
//!
//! *Limits*: nothing is worked off while the client does not read ([`Outlet::is_full`]); what waits
//! then is bounded by `frames`, and for all sessions of an account by its allowance. So many answers may be waited
//! for as [`LATER_MAX`], and as the allowance says for all of an account; past that, requests wait for the next.
//!
//! *Why not* `russh_sftp::server::run`: it deadlocks when both sides wait for each other, never
//! frees such a session, and after one bad length takes file content for requests.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::doors::sftp::allowance::{Allowance, Share, Waited};
use crate::doors::sftp::frames::{Broken, Frames, WAITING_FREE};
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::requests::{Answer, Later, Requests};
use crate::doors::sftp::visit::Visit;
use crate::doors::sftp::wire::{self, Code, Reply, Request};

/// Answers of one channel that may be waited for at the same time.
const LATER_MAX: usize = 64;

/// Answers are handed on when so many octets have gathered.
const OUT_BYTES: usize = 32 * 1024;

/// Where answers go.
pub(super) trait Outlet {
    /// Sends octets that are ready.
    fn send(&mut self, octets: Vec<u8>);
    /// Sends the answer to request `id` when it comes. `waited` is kept until then.
    fn send_later(&mut self, id: u32, later: Later, waited: Waited);
    /// Does the client not read? Then work off no more.
    fn is_full(&self) -> bool;
}

/// One SFTP channel.
pub(super) struct Pump {
    frames: Frames,
    requests: Requests,
    allowance: Allowance,
    later: Arc<Semaphore>,
    /// The memory of what waits.
    waiting: Share,
    is_initialised: bool,
}

impl Pump {
    pub(super) fn new(visit: Arc<Visit>) -> Self {
        Self {
            waiting: visit.allowance.octets.share(),
            allowance: visit.allowance.clone(),
            frames: Frames::default(),
            requests: Requests::new(visit),
            later: Arc::new(Semaphore::new(LATER_MAX)),
            is_initialised: false,
        }
    }

    /// Whose channel it is.
    #[cfg(test)]
    pub(super) fn visit(&self) -> Arc<Visit> {
        Arc::clone(self.requests.visit())
    }

    /// Octets came, or (with none) the client made room for answers.
    ///
    /// After an error the channel must be closed; what the client is to be told is sent already.
    pub(super) async fn feed(
        &mut self,
        octets: &[u8],
        outlet: &mut impl Outlet,
    ) -> Result<(), Broken> {
        let mut out = Vec::new();
        let fed = match self.frames.push(octets) {
            Ok(()) => self.work_off(&mut out, outlet).await,
            Err(broken) => Err(broken),
        };
        let fed = fed.and_then(|()| self.count_waiting());
        if let Err(broken) = fed {
            let farewell = Reply::Status(Code::BadMessage, format!("{broken}: the channel ends"));
            wire::encode(0, &farewell, &mut out);
        }
        if !out.is_empty() {
            outlet.send(out);
        }
        fed
    }

    /// Do requests wait, because the client does not read the answers to earlier ones?
    pub(super) fn is_waiting(&self) -> bool {
        self.frames.is_waiting()
    }

    /// Waits until every upload that was closed is in place, and every late answer is handed on.
    pub(super) async fn settle(&mut self) {
        self.requests.all_settled().await;
        let all = u32::try_from(LATER_MAX).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        drop(self.later.acquire_many(all).await);
    }

    /// What waits is memory of the account's: only who does not read its answers needs much.
    fn count_waiting(&mut self) -> Result<(), Broken> {
        let bytes = self.frames.waiting_bytes();
        let counted = if bytes > WAITING_FREE { bytes } else { 0 };
        let held = self.waiting.hold(counted as u64);
        held.map_err(|_| Broken::Crowded)
    }

    async fn work_off(
        &mut self,
        out: &mut Vec<u8>,
        outlet: &mut impl Outlet,
    ) -> Result<(), Broken> {
        while !outlet.is_full() {
            let Some(frame) = self.frames.next()? else {
                break;
            };
            let (id, request) = wire::decode(frame);
            if !self.is_initialised {
                if request != Some(Request::Init) {
                    return Err(Broken::NoInit);
                }
                self.is_initialised = true;
                wire::encode(0, &Reply::Version, out);
                // At once: an answer that comes later must not come before it.
                outlet.send(std::mem::take(out));
                continue;
            }
            let answer = match request {
                None => Answer::Now(Refusal::BadMessage.to_reply()),
                Some(request) => self.requests.answer(request).await,
            };
            match answer {
                Answer::Now(reply) => wire::encode(id, &reply, out),
                Answer::Later(later) => match self.allowance.later(&self.later) {
                    Some(waited) => outlet.send_later(id, later, waited),
                    None => wire::encode(id, &later.await, out),
                },
            }
            if out.len() >= OUT_BYTES {
                outlet.send(std::mem::take(out));
            }
        }
        Ok(())
    }
}
