//! Claims what waits, reads it, and sends each submission on its way.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::domain::Timestamp;
use crate::pipeline::Inner;
use crate::pipeline::answering::Queued;
use crate::pipeline::one::{One, log_held};
use crate::runtime::Tasks;
use crate::store::Claimed;

/// How long to wait before the store is asked again while submissions in hand wait for it.
const OUTAGE_PAUSE: Duration = Duration::from_millis(250);

/// Claims and dispatches until `tasks` is stopped; returns when nothing is in hand any more.
pub(super) async fn run(inner: &Arc<Inner>, tasks: &Tasks, answers: mpsc::Sender<Queued>) {
    let wake = inner.parts.intake.wake();
    loop {
        let Some(room) = room(inner, tasks).await else {
            break;
        };
        let limit = u32::try_from(room.num_permits()).unwrap_or(1);
        let found = claim(inner, limit).await;
        let is_all = u32::try_from(found.len()).is_ok_and(|number| number < limit);
        dispatch(inner, tasks, &answers, found, room).await;
        if is_all {
            tokio::select! {
                () = tasks.stopped() => break,
                () = wake.notified() => {}
                () = tokio::time::sleep(inner.parts.config.look_every) => {}
            }
        }
    }
    // All permits back: every submission in hand is done with.
    let _all = inner.room.acquire_many(inner.in_hand_max).await;
}

/// Waits until half of what may be in hand is free, so that claims share their commits when there is
/// much to do; then takes all that is free. `None` when it is time to stop.
async fn room(inner: &Arc<Inner>, tasks: &Tasks) -> Option<OwnedSemaphorePermit> {
    // Submissions that wait for the database may outlive their lease, and would be claimed twice.
    while inner.outage.is_waited_for() {
        tokio::select! {
            () = tasks.stopped() => return None,
            () = tokio::time::sleep(OUTAGE_PAUSE) => {}
        }
    }
    let half = inner.in_hand_max.div_ceil(2);
    let mut room = tokio::select! {
        biased;
        () = tasks.stopped() => return None,
        room = Arc::clone(&inner.room).acquire_many_owned(half) => room.ok()?,
    };
    let rest = u32::try_from(inner.room.available_permits()).unwrap_or(0);
    if let Ok(more) = Arc::clone(&inner.room).try_acquire_many_owned(rest) {
        room.merge(more);
    }
    Some(room)
}

/// Claims up to `limit`. A fault is noted, and the store asked again at the next look.
async fn claim(inner: &Inner, limit: u32) -> Vec<Claimed> {
    let parts = &inner.parts;
    let now = parts.clock.now();
    let lease = jiff::SignedDuration::try_from(parts.config.lease).unwrap_or_default();
    let lease_until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
    let attempts_max = parts.config.attempts_max;
    let found = parts
        .store
        .claim(limit, &parts.node, now, lease_until, attempts_max);
    match found.await {
        Ok(work) => {
            inner.outage.works();
            for submission in &work.held {
                log_held(
                    submission,
                    &format!("it was begun {attempts_max} times without an end"),
                );
            }
            work.claimed
        }
        Err(fault) => {
            inner.outage.fails(&fault);
            Vec::new()
        }
    }
}

/// Reads all of `found` at once; then sends each on its way, in the order in which they came.
async fn dispatch(
    inner: &Arc<Inner>,
    tasks: &Tasks,
    answers: &mpsc::Sender<Queued>,
    found: Vec<Claimed>,
    mut room: OwnedSemaphorePermit,
) {
    let mut reading = Vec::with_capacity(found.len());
    for claimed in found {
        let one = One {
            inner: Arc::clone(inner),
            tasks: tasks.clone(),
            submission: Arc::new(claimed.submission),
        };
        let (read, is_read) = oneshot::channel();
        let mine = one.clone();
        tasks.spawn("read", async move {
            // It goes back only if the flow itself is gone.
            drop(read.send(mine.read(claimed.octets).await));
        });
        reading.push((one, is_read));
    }
    for (one, is_read) in reading {
        let read = is_read.await.ok().flatten();
        let vin = read
            .as_ref()
            .and_then(|reading| reading.facts.vin.as_deref());
        let turn = inner.order.line_up(vin);
        let answers = answers.clone();
        let permit = room.split(1);
        tasks.spawn("submission", async move {
            one.finish(read, turn, &answers).await;
            drop(permit);
        });
    }
}
