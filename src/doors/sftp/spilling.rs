//! Large uploads and the requests on their handles: what must be done or waited for before one is answered.

use tokio::sync::OwnedSemaphorePermit;

use crate::doors::sftp::handles::{Handle, Handles};
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::spool::{Chunk, Need, Spool, WRITING};
use crate::doors::sftp::uploads::Upload;
use crate::doors::sftp::visit::Visit;

/// Does this WRITE need [`make_room`] first?
pub(super) fn needs_room(
    visit: &Visit,
    handles: &Handles,
    handle: &[u8],
    (offset, bytes): (u64, usize),
) -> bool {
    let needs = with_upload(handles, handle, |upload| {
        let span = upload.span(offset, bytes);
        Ok(match &upload.body.spool {
            Some(spool) => !matches!(spool.need(span.start), Need::Nothing),
            None => span.end > visit.house.memory_bytes_max,
        })
    });
    // A handle that is not open is the business of who writes.
    needs.unwrap_or(false)
}

/// Gives an upload a file if it outgrows memory, and has what was gathered written if that is enough, or if
/// this WRITE goes elsewhere. Waits only while the disk is behind.
pub(super) async fn make_room(
    visit: &Visit,
    handles: &Handles,
    handle: &[u8],
    offset: u64,
) -> Result<(), Refusal> {
    let need = with_upload(handles, handle, |upload| {
        spill(visit, upload)?;
        let start = upload.span(offset, 0).start;
        let spool = upload.body.spool.as_ref();
        Ok(spool.map_or(Need::Nothing, |spool| spool.need(start)))
    })?;
    let turn = match need {
        Need::Nothing => None,
        Need::FreeTurn(turns) => turns.try_acquire_owned().ok(),
        Need::Turn(turns) => turns.acquire_owned().await.ok(),
    };
    let Some(turn) = turn else { return Ok(()) };
    if let Some(chunk) = handed_over(handles, handle, turn)? {
        let tasks = visit.house.tasks.clone();
        visit.house.tasks.spawn(WRITING, async move {
            tasks.block(WRITING, move || chunk.write()).await;
        });
    }
    Ok(())
}

/// Gives an upload a file, if it has none and is about to outgrow memory.
fn spill(visit: &Visit, upload: &mut Upload) -> Result<(), Refusal> {
    if upload.body.spool.is_none() {
        let staged = visit.folder.begin(&upload.path.folder);
        let staged = staged.map_err(|error| Refusal::of(&error, "writing a file"))?;
        upload.body.spill(staged);
    }
    Ok(())
}

/// Must [`settle`] come before what is there can be read or cut?
pub(super) fn is_on_its_way(handles: &Handles, handle: &[u8]) -> bool {
    let settled = with_upload(handles, handle, |upload| {
        Ok(upload.body.spool.as_ref().is_none_or(Spool::is_settled))
    });
    !settled.unwrap_or(true)
}

/// Waits until all that came for an upload is in its file, or says why it is not.
pub(super) async fn settle(visit: &Visit, handles: &Handles, handle: &[u8]) -> Result<(), Refusal> {
    let turns = with_upload(handles, handle, |upload| {
        let spool = upload.body.spool.as_ref();
        Ok(spool.map(Spool::turns))
    })?;
    let Some(turns) = turns else { return Ok(()) };
    if let Ok(turn) = turns.acquire_owned().await
        && let Some(chunk) = handed_over(handles, handle, turn)?
    {
        let tasks = &visit.house.tasks;
        tasks.block(WRITING, move || chunk.write()).await;
    }
    with_upload(handles, handle, |upload| {
        upload.body.spool.as_ref().map_or(Ok(()), Spool::fault)
    })
}

/// Before FSETSTAT of a size: a large one is one of a file.
pub(super) fn spill_for_size(
    visit: &Visit,
    handles: &Handles,
    handle: &[u8],
    size: u64,
) -> Result<(), Refusal> {
    with_upload(handles, handle, |upload| {
        if size > visit.house.memory_bytes_max && upload.may_have(size) {
            spill(visit, upload)?;
        }
        Ok(())
    })
}

fn handed_over(
    handles: &Handles,
    handle: &[u8],
    turn: OwnedSemaphorePermit,
) -> Result<Option<Chunk>, Refusal> {
    with_upload(handles, handle, |upload| {
        let spool = upload.body.spool.as_mut();
        Ok(spool.map(|spool| spool.hand_over(turn)))
    })
}

fn with_upload<T>(
    handles: &Handles,
    handle: &[u8],
    work: impl FnOnce(&mut Upload) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    handles.with(handle, |handle| match handle {
        Handle::Writing(writing) => work(&mut writing.upload),
        _ => Err(Refusal::NotOpenedForThis),
    })
}
