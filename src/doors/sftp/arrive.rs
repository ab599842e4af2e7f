//! What becomes of a file when its upload ends or it is renamed into place.
//!
//! *Invariant* (P1): `Ok` for a complete document means that it is durable: committed by intake, or,
//! while the database is away or its marker is missing, synced in the drop folder where the folder
//! door finds it.

use crate::domain::Timestamp;
use crate::domain::submission::{FileMark, GivenUp};
use crate::doors::complete::{Completeness, completeness};
use crate::doors::markers::Marked;
use crate::doors::sftp::allowance::Share;
use crate::doors::sftp::placing::{
    Came, make_durable, put, read_there, remove_receipt, stage, take_in,
};
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::tree::{self, Place};
use crate::doors::sftp::uploads::Upload;
use crate::doors::sftp::visit::Visit;
use crate::drop_folder::{DropPath, Folder};

/// How an upload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client closed its handle.
    Closed,
    /// The channel or the connection ended with the handle open.
    Aborted,
}

/// Puts an upload where it belongs.
pub(super) async fn finish(visit: &Visit, upload: Upload, ending: Ending) -> Result<(), Refusal> {
    let (path, found) = (upload.path.clone(), upload.found);
    let has_come = ending == Ending::Closed || upload.is_written();
    let finished = if has_come {
        put_in_place(visit, upload, ending).await
    } else {
        Ok(())
    };
    if !has_come || finished.is_err() {
        came_to_nothing(visit, &path, found).await;
    }
    finished
}

/// No upload took the place of what was found at `path`. If that was handed in, its answer, which went when the upload was
/// opened, is written again.
pub(super) async fn came_to_nothing(visit: &Visit, path: &DropPath, found: Option<FileMark>) {
    let is_answered = |answer| visit.folder.facts(&answer).is_ok();
    if let Some(there) = visit.mark(path)
        && is_same(Some(there), found)
        && !path.receipt().is_some_and(is_answered)
    {
        let (intake, account) = (&visit.house.intake, visit.account.id);
        intake.answer_again(account, &path.to_client(), there).await;
    }
}

async fn put_in_place(visit: &Visit, mut upload: Upload, ending: Ending) -> Result<(), Refusal> {
    let tasks = &visit.house.tasks;
    upload.body.settle(tasks).await?;
    match ending {
        Ending::Closed => upload.cut_older_end()?,
        Ending::Aborted => upload.cut_to_what_came()?,
    }
    let path = upload.path.clone();
    let _claim = visit.changing(&path);
    let there = visit.mark(&path);
    if upload.mode.is_exclusive && there.is_some() {
        return Err(Refusal::Exists);
    }
    if ending == Ending::Aborted && !is_same(there, upload.found) {
        // A session that died unnoticed: its client has come again, and put a newer file there.
        tracing::info!(
            account = %visit.account.code,
            path = path.to_client(),
            "an upload broke off after another had taken its place"
        );
        return Ok(());
    }
    if !upload.is_changed && upload.found.is_some() {
        return match upload.modified {
            Some(modified) => touch(visit, &path, modified),
            None => Ok(()),
        };
    }
    if !visit.is_judged(&path) {
        return finish_unjudged(visit, upload).await;
    }
    let given_up = upload.is_over_limit().then_some(GivenUp::TooLarge);
    upload.body.load(tasks).await?;
    if given_up.is_none() && completeness(&upload.body.octets) != Completeness::Complete {
        let is_synced = upload.is_synced;
        return put_part(visit, upload, is_synced).await;
    }
    let marked = visit.marked(&path);
    if given_up.is_none() && marked == Marked::Missing {
        return put_part(visit, upload, true).await;
    }
    let staged = stage(visit, &mut upload.body, upload.modified, &path, false).await?;
    let came = Came {
        octets: std::mem::take(&mut upload.body.octets),
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
    visit.replaced(upload.found);
    if is_kept {
        visit.has_served(marked);
        Ok(())
    } else {
        keep(visit, &path).await
    }
}

/// Is this the same file? Its time of change may be another: clients set it.
fn is_same(one: Option<FileMark>, other: Option<FileMark>) -> bool {
    let but_time = |mark: FileMark| (mark.inode, mark.size_bytes);
    one.map(but_time) == other.map(but_time)
}

/// Puts a file in place that is to be judged later: when it is whole, or when its marker has come.
async fn put_part(visit: &Visit, upload: Upload, is_synced: bool) -> Result<(), Refusal> {
    let path = upload.path;
    put(visit, upload.body, upload.modified, &path, is_synced).await?;
    visit.replaced(upload.found);
    visit.left_incomplete(&path, visit.mark(&path));
    Ok(())
}

/// Puts a file in place that is not judged under its name: a part of one, a marker, anything.
async fn finish_unjudged(visit: &Visit, upload: Upload) -> Result<(), Refusal> {
    let path = upload.path.clone();
    let is_over_limit = upload.is_over_limit();
    let marked = visit.marked_by(&path);
    // What a marker says must outlast a power cut as well as the file it speaks of.
    let is_synced = upload.is_synced || !marked.is_empty();
    put(visit, upload.body, upload.modified, &path, is_synced).await?;
    visit.replaced(upload.found);
    if is_over_limit {
        // Its beginning stays, so that it is answered if it is renamed into place all the same.
        return Err(Refusal::TooLarge(visit.house.file_bytes_max));
    }
    take_marked(visit, &path, marked).await;
    Ok(())
}

/// Renames a file. A judged name makes it an arrival.
pub(super) async fn rename(
    visit: &Visit,
    from: &DropPath,
    to: Result<Place, Refusal>,
    replace: bool,
) -> Result<(), Refusal> {
    // What is not there is said to be not there, whatever else is wrong.
    let facts = visit.folder.facts(from);
    facts.map_err(|error| Refusal::of(&error, "renaming"))?;
    if tree::is_receipt(from) {
        return Err(Refusal::Receipt);
    }
    let to = &match to? {
        // `rename a.xml /test` means "into the folder" to people, and to nobody's program.
        Place::Folder(Folder::Inbox | Folder::Test | Folder::Tmp | Folder::Receipts)
        | Place::Root => {
            return Err(Refusal::Exists);
        }
        Place::Folder(Folder::Day(_)) => return Err(Refusal::Receipt),
        place => tree::writable(place)?,
    };
    if from == to {
        return Ok(());
    }
    let is_judged = visit.is_judged(to);
    if visit.is_waiting(to) || (!is_judged && visit.is_waiting(from)) {
        return Err(Refusal::Waiting);
    }
    if !replace && visit.folder.facts(to).is_ok() {
        return Err(Refusal::Exists);
    }
    let marked = visit.marked_by(to);
    if is_judged || !marked.is_empty() {
        // What was uploaded under other names counts when it becomes an arrival, or lets one be.
        let house = &visit.house;
        house.quota.check(visit.account.id, house.clock.now())?;
    }
    let _claims = (visit.changing(from), visit.changing(to));
    let shown = if is_judged {
        rename_into_view(visit, from, to).await?
    } else {
        Shown::AsItIs
    };
    let found = visit.mark(to);
    if let Err(error) = visit.folder.rename(from, to, replace) {
        let refusal = Refusal::of(&error, "renaming");
        // The document itself is safe if intake has it; then the sender gets its receipt all the same.
        return match shown {
            Shown::Taken => Ok(()),
            _ => Err(refusal),
        };
    }
    visit.settled(from);
    visit.replaced(found);
    let intake = &visit.house.intake;
    intake.forget(visit.account.id, &from.to_client()).await;
    match shown {
        Shown::AsItIs | Shown::Taken => (),
        Shown::Unmarked => drop(make_durable(visit, to).await?),
        Shown::Untaken => keep(visit, to).await?,
    }
    if !marked.is_empty() {
        make_durable(visit, to).await?;
        take_marked(visit, to, marked).await;
    }
    Ok(())
}

/// What is still to be done for a file that was given its name.
enum Shown {
    /// Nothing: nobody is to take it yet.
    AsItIs,
    /// Nothing: intake has it.
    Taken,
    /// It is whole and waits for its marker: it must be made durable.
    Unmarked,
    /// The database did not take it: it must be made durable, and counts as handed in.
    Untaken,
}

/// Hands in the file at `from`, which is about to have the judged name `to`.
async fn rename_into_view(visit: &Visit, from: &DropPath, to: &DropPath) -> Result<Shown, Refusal> {
    if let Ok(facts) = visit.folder.facts(to) {
        if facts.is_folder {
            return Err(Refusal::IsFolder);
        }
        if visit.is_taken(to, facts.mark) {
            return Err(Refusal::HandedIn);
        }
    }
    let arrives = arriving(visit, from).await?;
    remove_receipt(visit, to);
    let Some((came, share)) = arrives else {
        visit.left_incomplete(to, visit.mark(from));
        return Ok(Shown::AsItIs);
    };
    let marked = visit.marked(to);
    if came.given_up.is_none() && marked == Marked::Missing {
        visit.left_incomplete(to, visit.mark(from));
        return Ok(Shown::Unmarked);
    }
    let is_kept = take_in(visit, to, came).await;
    drop(share);
    if is_kept {
        visit.has_served(marked);
        Ok(Shown::Taken)
    } else {
        Ok(Shown::Untaken)
    }
}

/// The marker at `marker` has come: takes the whole ones of the files that it marks.
///
/// Whatever fails here is tried again by the folder door, which finds file and marker.
async fn take_marked(visit: &Visit, marker: &DropPath, files: Vec<DropPath>) {
    let Ok(facts) = visit.folder.facts(marker) else {
        return;
    };
    for file in files {
        let _claim = visit.changing(&file);
        let Ok(there) = visit.folder.facts(&file) else {
            continue;
        };
        let is_taken = if visit.is_taken(&file, there.mark) {
            true
        } else if let Ok(Some((came, share))) = arriving(visit, &file).await {
            let is_kept = take_in(visit, &file, came).await;
            drop(share);
            if is_kept {
                visit.settled(&file);
            }
            is_kept
        } else {
            false
        };
        if is_taken {
            visit.has_served(Marked::By(marker.clone(), facts.mark));
        }
    }
}

/// Sets a file's time of change. The octets stay the same, so it is no new arrival.
pub(super) fn touch(visit: &Visit, path: &DropPath, modified: Timestamp) -> Result<(), Refusal> {
    let claim = visit.changing(path);
    let mark = visit
        .folder
        .set_modified(path, modified)
        .map_err(|error| Refusal::of(&error, "setting a time"))?;
    let markers = &visit.house.busy.markers;
    markers.touched(visit.account.id, path, mark);
    if visit.is_judged(path) {
        // The note in the database is for the next start; nobody needs to wait for it. The claim
        // goes along, so that the folder door looks when the note is there.
        let intake = &visit.house.intake;
        let noting = intake.touched(visit.account.id, &path.to_client(), mark);
        visit.house.tasks.spawn("sftp: note a time", async move {
            noting.await;
            drop(claim);
        });
    }
    Ok(())
}

/// The file at `from`, if it is to be judged, with its share of the memory; `None` if it is incomplete.
async fn arriving(visit: &Visit, from: &DropPath) -> Result<Option<(Came, Share)>, Refusal> {
    let there = match read_there(visit, from).await {
        Ok(there) => there,
        // Put there by another program; the folder door gives it up with what it needs for that.
        Err(Refusal::TooLarge(_)) => return Ok(None),
        Err(refusal) => return Err(refusal),
    };
    let is_over = there.octets.len() as u64 > visit.house.file_bytes_max;
    if !is_over && !there.is_whole {
        return Ok(None);
    }
    let came = Came {
        octets: there.octets,
        first_byte: visit.house.clock.now(),
        mark: there.mark,
        given_up: is_over.then_some(GivenUp::TooLarge),
    };
    Ok(Some((came, there.share)))
}

/// Makes a file durable that nobody has taken.
async fn keep(visit: &Visit, path: &DropPath) -> Result<(), Refusal> {
    let size = make_durable(visit, path).await?;
    visit.took(size);
    visit.sent(path, visit.mark(path));
    Ok(())
}
