//! Putting files in place: written under a name of ours, handed to intake, then given their own name.

use std::io;
use std::sync::atomic::Ordering;

use crate::domain::Timestamp;
use crate::domain::submission::{Arrival, Door, FileMark, GivenUp, Lane};
use crate::doors::complete::{Completeness, completeness};
use crate::doors::sftp::allowance::Share;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::spool::Body;
use crate::doors::sftp::visit::Visit;
use crate::drop_folder::{DropPath, Folder, Staged};

/// Files up to this size are written into the page cache at once; a change of thread costs more.
const SMALL_BYTES_MAX: u64 = 64 * 1024;

/// Files up to this size are read and looked through at once; a larger one would keep the other sessions waiting.
const READ_AT_ONCE_BYTES_MAX: u64 = 256 * 1024;

/// A complete (or given up) file on its way to intake.
pub(super) struct Came {
    pub(super) octets: Vec<u8>,
    pub(super) first_byte: Timestamp,
    pub(super) mark: FileMark,
    pub(super) given_up: Option<GivenUp>,
}

/// A file that lay there.
pub(super) struct There {
    pub(super) octets: Vec<u8>,
    pub(super) mark: FileMark,
    pub(super) is_whole: bool,
    /// What it takes of the memory for the account's uploads, until this is dropped.
    pub(super) share: Share,
}

/// Reads a file that lies there. [`Refusal::TooLarge`] if another program put it there, since one octet more than
/// allowed is how our own files beyond the limit end.
pub(super) async fn read_there(visit: &Visit, path: &DropPath) -> Result<There, Refusal> {
    let most = visit.house.file_bytes_max;
    let bytes_max = most.saturating_add(1);
    let refused = |error: io::Error| match error.kind() {
        io::ErrorKind::FileTooLarge => Refusal::TooLarge(most),
        _ => Refusal::of(&error, "reading a file to be handed in"),
    };
    let facts = visit.folder.facts(path).map_err(refused)?;
    let bytes = facts.mark.size_bytes;
    if bytes > bytes_max {
        return Err(Refusal::TooLarge(most));
    }
    let mut share = visit.allowance.octets.share();
    share.hold(bytes)?;
    let (folder, from) = (visit.folder.clone(), path.clone());
    let read = move || {
        let (octets, mark) = folder.read_whole(&from, bytes_max)?;
        let is_whole = completeness(&octets) == Completeness::Complete;
        Ok((octets, mark, is_whole))
    };
    let read: io::Result<_> = if bytes > READ_AT_ONCE_BYTES_MAX {
        let tasks = &visit.house.tasks;
        let read = tasks.block("sftp: read a file", read).await;
        read.ok_or(Refusal::Fault)?
    } else {
        read()
    };
    let (octets, mark, is_whole) = read.map_err(refused)?;
    Ok(There {
        octets,
        mark,
        is_whole,
        share,
    })
}

/// Hands a file to intake. `false` if the database did not take it.
pub(super) async fn take_in(visit: &Visit, path: &DropPath, came: Came) -> bool {
    // The pipeline may answer as soon as intake has the file, so the old answer goes before.
    remove_receipt(visit, path);
    let octets = came.octets.len() as u64;
    let arrival = Arrival {
        account: visit.account.id,
        user: Some(visit.user),
        door: Door::Sftp,
        lane: if path.folder == Folder::Test {
            Lane::Test
        } else {
            Lane::Live
        },
        file_name: path.name().to_owned(),
        path: path.to_client(),
        octets: came.octets,
        first_byte: came.first_byte,
        complete: visit.house.clock.now(),
        session: Some(visit.facts.clone()),
        mark: Some(came.mark),
        given_up: came.given_up,
    };
    match visit.house.intake.take_in(arrival).await {
        Ok(_) => {
            if visit.house.is_store_out.swap(false, Ordering::Relaxed) {
                tracing::info!("the database takes files again");
            }
            visit.took(octets);
            true
        }
        Err(fault) => {
            if !visit.house.is_store_out.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    %fault,
                    account = %visit.account.code,
                    "the database does not take files; they are kept in the drop folders until it does",
                );
            }
            false
        }
    }
}

/// Removes the answer to an earlier file of this name: a new one is coming.
pub(super) fn remove_receipt(visit: &Visit, path: &DropPath) {
    if !visit.is_judged(path) {
        return;
    }
    let Some(receipt) = path.receipt() else {
        return;
    };
    match visit.folder.remove(&receipt) {
        Ok(()) => (),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (),
        Err(error) => tracing::warn!(%error, "an old receipt could not be removed"),
    }
}

/// Makes the file durable where it lies. The folder door takes it in when its time comes: when the
/// database is back, or when its marker has come. Gives its size in octets.
pub(super) async fn make_durable(visit: &Visit, path: &DropPath) -> Result<u64, Refusal> {
    let there = read_there(visit, path).await?;
    let modified = Timestamp::from_nanosecond(i128::from(there.mark.modified_ns)).ok();
    let size = there.octets.len() as u64;
    put(visit, Body::from(there.octets), modified, path, true).await?;
    drop(there.share);
    visit.replaced(Some(there.mark));
    Ok(size)
}

/// Writes a file and gives it its name; with `is_synced` both are on the disk when this returns.
pub(super) async fn put(
    visit: &Visit,
    mut body: Body,
    modified: Option<Timestamp>,
    path: &DropPath,
    is_synced: bool,
) -> Result<(), Refusal> {
    let staged = stage(visit, &mut body, modified, path, is_synced).await?;
    // It is a new file of this name, if only a part of one: the answer to the one before is none to it.
    remove_receipt(visit, path);
    let folder = visit.folder.clone();
    let target = path.clone();
    let publish = move || folder.publish(staged, &target, is_synced);
    let published = if is_synced {
        let tasks = &visit.house.tasks;
        tasks.block("sftp: name a file", publish).await
    } else {
        Some(publish())
    };
    published
        .ok_or(Refusal::Fault)?
        .map_err(|error| Refusal::of(&error, "naming a file"))
}

/// Writes a file that has no name yet; the octets in memory are the same afterwards.
pub(super) async fn stage(
    visit: &Visit,
    body: &mut Body,
    modified: Option<Timestamp>,
    path: &DropPath,
    is_synced: bool,
) -> Result<Staged, Refusal> {
    let tasks = &visit.house.tasks;
    let bytes = body.size();
    let staged = if body.spool.is_some() {
        let mut staged = body.take_staged().ok_or(Refusal::Fault)?;
        let finishing = move || staged.finish(bytes, modified, is_synced).map(|()| staged);
        let finished = tasks.block("sftp: write a file", finishing).await;
        finished.ok_or(Refusal::Fault)?
    } else if bytes <= SMALL_BYTES_MAX && !is_synced {
        let octets = &body.octets;
        visit
            .folder
            .stage(&path.folder, octets, modified, is_synced)
    } else {
        let (folder, into) = (visit.folder.clone(), path.folder.clone());
        let moved = std::mem::take(&mut body.octets);
        let written = tasks.block("sftp: write a file", move || {
            let staged = folder.stage(&into, &moved, modified, is_synced);
            (staged, moved)
        });
        let (staged, moved) = written.await.ok_or(Refusal::Fault)?;
        body.octets = moved;
        staged
    };
    visit.house.holdings.added(visit.account.id, bytes);
    staged.map_err(|error| Refusal::of(&error, "writing a file"))
}
