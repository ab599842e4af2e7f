//! Claims what waits, reads it, and sends each submission on its way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::domain::Timestamp;
use crate::pipeline::Inner;
use crate::pipeline::answering::Queued;
use crate::pipeline::one::{One, log_held};
use crate::pipeline::pace::Pace;
use crate::runtime::Tasks;
use crate::store::{Claimed, Work};

/// How long to wait before the store is asked again while submissions in hand wait for it.
const OUTAGE_PAUSE: Duration = Duration::from_millis(250);

/// Claims are at least so long apart: at 300 files a second three of them share a commit.
const CLAIM_BEAT: Duration = Duration::from_millis(10);

/// While files come one after the other, their senders' CLOSEs have the disk and the cores first, for so
/// long at most: a backlog is then worked off whole before the next pause, so nothing starves.
const STAND_BACK_MAX: Duration = Duration::from_millis(500);

/// When nothing came for so long, whoever was sending has paused.
const LULL: Duration = Duration::from_millis(10);

/// Claims and dispatches until `tasks` is stopped; returns when nothing is in hand any more.
///
/// At first it is careful: what was begun before, when the program may have been killed by one of
/// those in hand, is judged alone. So the one that kills it is held in the end, and no bystander.
pub(super) async fn run(inner: &Arc<Inner>, tasks: &Tasks, answers: mpsc::Sender<Queued>) {
    let wake = inner.parts.intake.wake();
    let mut is_careful = true;
    let mut pace = Pace::new(CLAIM_BEAT);
    loop {
        let least = if is_careful {
            inner.in_hand_max
        } else {
            inner.in_hand_max.div_ceil(2)
        };
        let Some(mut room) = room(inner, tasks, least).await else {
            break;
        };
        if is_careful {
            // The others stay free, and nothing is claimed before they are again.
            room = room.split(1).unwrap_or(room);
        }
        pace.beat().await;
        let looked = Instant::now();
        let limit = u32::try_from(room.num_permits()).unwrap_or(1);
        let work = claim(inner, limit).await;
        let is_all = work.as_ref().is_none_or(|work| {
            let number = work.claimed.len().saturating_add(work.held.len());
            u32::try_from(number).is_ok_and(|number| number < limit)
        });
        if let Some(work) = work {
            let is_begun_before = |one: &Claimed| one.submission.attempts > 1;
            is_careful &= !work.held.is_empty() || work.claimed.iter().any(is_begun_before);
            dispatch(inner, tasks, &answers, work.claimed, room).await;
        }
        if is_all {
            tokio::select! {
                () = tasks.stopped() => break,
                () = wake.notified() => stand_back(inner, tasks, looked).await,
                () = tokio::time::sleep(inner.parts.config.look_every) => {}
            }
        }
    }
    // All permits back: every submission in hand is done with.
    let _all = inner.room.acquire_many(inner.in_hand_max).await;
}

/// Waits while files come, until [`STAND_BACK_MAX`] after the last look. What comes after a pause is
/// begun at once.
async fn stand_back(inner: &Inner, tasks: &Tasks, looked: Instant) {
    let over = async {
        while looked.elapsed() < STAND_BACK_MAX && inner.parts.intake.is_busy(LULL) {
            tokio::time::sleep(LULL / 2).await;
        }
    };
    tokio::select! {
        () = tasks.stopped() => {}
        () = over => {}
    }
}

/// Waits until so much of what may be in hand is free; then takes all that is free. `None` when it
/// is time to stop.
///
/// As a rule it waits for half, so that claims share their commits when there is much to do.
async fn room(inner: &Arc<Inner>, tasks: &Tasks, least: u32) -> Option<OwnedSemaphorePermit> {
    // Submissions that wait for the database may outlive their lease, and would be claimed twice.
    while inner.outage.is_waited_for() {
        tokio::select! {
            () = tasks.stopped() => return None,
            () = tokio::time::sleep(OUTAGE_PAUSE) => {}
        }
    }
    let mut room = tokio::select! {
        biased;
        () = tasks.stopped() => return None,
        room = Arc::clone(&inner.room).acquire_many_owned(least) => room.ok()?,
    };
    let rest = u32::try_from(inner.room.available_permits()).unwrap_or(0);
    if let Ok(more) = Arc::clone(&inner.room).try_acquire_many_owned(rest) {
        room.merge(more);
    }
    Some(room)
}

/// Claims up to `limit`. `None` on a fault, which is noted; the store is asked again at the next
/// look.
async fn claim(inner: &Inner, limit: u32) -> Option<Work> {
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
            Some(work)
        }
        Err(fault) => {
            inner.outage.fails(&fault);
            None
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
        if let Some(sentence) = claimed.sentence {
            let (answers, permit) = (answers.clone(), room.split(1));
            tasks.spawn("ended by staff", async move {
                one.end(&sentence, &answers).await;
                drop(permit);
            });
            continue;
        }
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
