//! What becomes of a file when its upload ends or it is renamed into place.
//!
//! *Invariant* (P1): `Ok` for a complete document means that it is durable: committed by intake, or,
//! while the database is away, synced in the drop folder where the folder door finds it.

use std::io;

use crate::domain::Timestamp;
use crate::domain::submission::{Arrival, Door, FileMark, GivenUp, Lane};
use crate::doors::complete::{Completeness, completeness};
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::tree;
use crate::doors::sftp::uploads::Upload;
use crate::doors::sftp::visit::Visit;
use crate::drop_folder::{DropPath, Folder, Staged};

/// Files up to this size are written into the page cache at once; a change of thread costs more.
const SMALL_BYTES_MAX: usize = 64 * 1024;

/// How an upload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client closed its handle.
    Closed,
    /// The channel or the connection ended with the handle open.
    Aborted,
}

/// Puts an upload where it belongs.
pub(super) async fn finish(
    visit: &Visit,
    mut upload: Upload,
    ending: Ending,
) -> Result<(), Refusal> {
    if ending == Ending::Aborted {
        if !upload.is_written() {
            return Ok(());
        }
        upload.cut_older_end();
    }
    let path = upload.path.clone();
    let _claim = visit.changing(&path);
    if !upload.is_changed && !upload.is_new {
        return match upload.modified {
            Some(modified) => touch(visit, &path, modified),
            None => Ok(()),
        };
    }
    if !tree::is_judged(&path) {
        return if upload.is_over_limit() {
            Err(Refusal::TooLarge(visit.house.file_bytes_max))
        } else {
            put(visit, upload.octets, upload.modified, &path, false).await
        };
    }
    let given_up = upload.is_over_limit().then_some(GivenUp::TooLarge);
    if given_up.is_none() && completeness(&upload.octets) != Completeness::Complete {
        put(visit, upload.octets, upload.modified, &path, false).await?;
        visit.left_incomplete(&path);
        return Ok(());
    }
    let staged = stage(visit, &mut upload.octets, upload.modified, &path, false).await?;
    let came = Came {
        octets: std::mem::take(&mut upload.octets),
        first_byte: upload.first_byte,
        mark: staged.mark,
        given_up,
    };
    let is_kept = take_in(visit, &path, came).await;
    if let Err(error) = visit.folder.publish(staged, &path, false) {
        let refusal = Refusal::of(&error, "naming a file");
        // The document itself is safe if intake has it; then the sender gets its receipt all the same.
        return if is_kept { Ok(()) } else { Err(refusal) };
    }
    visit.settled(&path);
    if is_kept {
        Ok(())
    } else {
        keep(visit, &path).await
    }
}

/// Renames a file. A judged name makes it an arrival.
pub(super) async fn rename(
    visit: &Visit,
    from: &DropPath,
    to: &DropPath,
    replace: bool,
) -> Result<(), Refusal> {
    if from == to {
        let found = visit.folder.facts(from);
        return found
            .map(|_| ())
            .map_err(|error| Refusal::of(&error, "renaming"));
    }
    let _claims = (visit.changing(from), visit.changing(to));
    let arrives = if tree::is_judged(to) {
        if !replace && visit.folder.facts(to).is_ok() {
            return Err(Refusal::Exists);
        }
        let arrives = arriving(visit, from)?;
        remove_receipt(visit, to);
        arrives
    } else {
        None
    };
    let is_kept = match arrives {
        None => {
            if tree::is_judged(to) {
                visit.left_incomplete(to);
            }
            true
        }
        Some(came) => take_in(visit, to, came).await,
    };
    visit
        .folder
        .rename(from, to, replace)
        .map_err(|error| Refusal::of(&error, "renaming"))?;
    visit.settled(from);
    visit
        .house
        .intake
        .forget(visit.account.id, &from.to_client())
        .await;
    if is_kept {
        Ok(())
    } else {
        keep(visit, to).await
    }
}

/// Removes the answer to an earlier file of this name: a new one is coming.
pub(super) fn remove_receipt(visit: &Visit, path: &DropPath) {
    if !tree::is_judged(path) {
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

/// Sets a file's time of change. The octets stay the same, so it is no new arrival.
pub(super) fn touch(visit: &Visit, path: &DropPath, modified: Timestamp) -> Result<(), Refusal> {
    let claim = visit.changing(path);
    let mark = visit
        .folder
        .set_modified(path, modified)
        .map_err(|error| Refusal::of(&error, "setting a time"))?;
    if tree::is_judged(path) {
        // The note in the database is for the next start; nobody needs to wait for it. The claim
        // goes along, so that the folder door looks when the note is there.
        let (intake, account) = (visit.house.intake.clone(), visit.account.id);
        let path = path.to_client();
        visit.house.tasks.spawn("sftp: note a time", async move {
            intake.touched(account, &path, mark).await;
            drop(claim);
        });
    }
    Ok(())
}

/// A complete (or given up) file on its way to intake.
struct Came {
    octets: Vec<u8>,
    first_byte: Timestamp,
    mark: FileMark,
    given_up: Option<GivenUp>,
}

/// The file at `from`, if it is to be judged under its new name; `None` if it is incomplete.
fn arriving(visit: &Visit, from: &DropPath) -> Result<Option<Came>, Refusal> {
    let bytes_max = visit.house.file_bytes_max;
    let now = visit.house.clock.now();
    match visit.folder.read_whole(from, bytes_max) {
        Ok((octets, mark)) => Ok((completeness(&octets) == Completeness::Complete).then_some(
            Came {
                octets,
                first_byte: now,
                mark,
                given_up: None,
            },
        )),
        // Put there by another program; the folder door gives it up with what it needs for that.
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Ok(None),
        Err(error) => Err(Refusal::of(&error, "reading a file to be renamed")),
    }
}

/// Hands a file to intake. `false` if the database did not take it.
async fn take_in(visit: &Visit, path: &DropPath, came: Came) -> bool {
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
            visit.took(octets);
            true
        }
        Err(fault) => {
            tracing::warn!(
                %fault,
                account = %visit.account.code,
                "the database does not take files; they are kept in the drop folder until it does",
            );
            false
        }
    }
}

/// Makes the file durable where it lies; the folder door takes it in when the database is back.
async fn keep(visit: &Visit, path: &DropPath) -> Result<(), Refusal> {
    // One octet more than allowed is how a file that is too large ends here.
    let bytes_max = visit.house.file_bytes_max.saturating_add(1);
    let (octets, mark) = visit
        .folder
        .read_whole(path, bytes_max)
        .map_err(|error| Refusal::of(&error, "reading a file to be kept"))?;
    let modified = Timestamp::from_nanosecond(i128::from(mark.modified_ns)).ok();
    let size = octets.len() as u64;
    put(visit, octets, modified, path, true).await?;
    visit.took(size);
    Ok(())
}

/// Writes a file and gives it its name.
async fn put(
    visit: &Visit,
    mut octets: Vec<u8>,
    modified: Option<Timestamp>,
    path: &DropPath,
    is_synced: bool,
) -> Result<(), Refusal> {
    let staged = stage(visit, &mut octets, modified, path, is_synced).await?;
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

/// Writes a file that has no name yet; `octets` are the same afterwards.
async fn stage(
    visit: &Visit,
    octets: &mut Vec<u8>,
    modified: Option<Timestamp>,
    path: &DropPath,
    is_synced: bool,
) -> Result<Staged, Refusal> {
    let staged = if octets.len() <= SMALL_BYTES_MAX && !is_synced {
        visit
            .folder
            .stage(&path.folder, octets, modified, is_synced)
    } else {
        let (folder, into) = (visit.folder.clone(), path.folder.clone());
        let moved = std::mem::take(octets);
        let written = visit.house.tasks.block("sftp: write a file", move || {
            let staged = folder.stage(&into, &moved, modified, is_synced);
            (staged, moved)
        });
        let (staged, moved) = written.await.ok_or(Refusal::Fault)?;
        *octets = moved;
        staged
    };
    staged.map_err(|error| Refusal::of(&error, "writing a file"))
}
