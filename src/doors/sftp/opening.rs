//! OPEN and OPENDIR.

use std::io;
use std::sync::Arc;

use crate::doors::sftp::handles::{Handle, Handles, Writing};
use crate::doors::sftp::listing::{self, Listing};
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::requests::modified;
use crate::doors::sftp::tree::{self, Place};
use crate::doors::sftp::uploads::{Limits, Mode, Upload};
use crate::doors::sftp::visit::Visit;
use crate::doors::sftp::wire::{
    Attrs, FLAG_APPEND, FLAG_CREATE, FLAG_EXCLUSIVE, FLAG_READ, FLAG_TRUNCATE, FLAG_WRITE, Reply,
};
use crate::doors::sftp::{holdings, paths, placing};
use crate::drop_folder::{DropPath, Folder};

/// Opens a file.
pub(super) async fn open(
    visit: &Arc<Visit>,
    handles: &Handles,
    place: Place,
    flags: u32,
    wish: Attrs,
) -> Result<Reply, Refusal> {
    if flags & (FLAG_WRITE | FLAG_APPEND) != 0 {
        let path = tree::writable(place)?;
        let opened = handles.keep(open_to_write(visit, path.clone(), flags, wish).await?)?;
        if flags & FLAG_TRUNCATE != 0 {
            // Whoever looks for the answer must not find yesterday's.
            placing::remove_receipt(visit, &path);
        }
        return Ok(opened);
    }
    if flags & (FLAG_CREATE | FLAG_TRUNCATE) != 0 {
        return Err(Refusal::NotOpenedForThis);
    }
    let attrs = paths::attrs(visit, &place)?;
    handles.keep(match place {
        Place::Root | Place::Folder(_) => return Err(Refusal::IsFolder),
        Place::Readme => Handle::Fixed(Arc::clone(&visit.readme), attrs),
        Place::Limits => Handle::Fixed(Arc::clone(&visit.house.limits), attrs),
        Place::File(path) => {
            let opened = visit.folder.read(&path);
            let file = opened.map_err(|error| Refusal::of(&error, "opening a file"))?;
            Handle::Reading(file, attrs)
        }
    })
}

async fn open_to_write(
    visit: &Arc<Visit>,
    path: DropPath,
    flags: u32,
    wish: Attrs,
) -> Result<Handle, Refusal> {
    let house = &visit.house;
    if house.tasks.is_stopping() {
        return Err(Refusal::Stopping);
    }
    let found = match visit.folder.facts(&path) {
        Ok(facts) if facts.is_folder => return Err(Refusal::IsFolder),
        Ok(facts) if !facts.is_plain => return Err(Refusal::NotPlain),
        Ok(facts) => Some(facts.mark),
        Err(error) => match Refusal::of(&error, "looking at a file") {
            Refusal::Absent => None,
            refusal => return Err(refusal),
        },
    };
    let mode = Mode {
        is_readable: flags & FLAG_READ != 0,
        is_appending: flags & FLAG_APPEND != 0,
        is_exclusive: flags & FLAG_CREATE != 0 && flags & FLAG_EXCLUSIVE != 0,
    };
    let is_there = found.is_some();
    if is_there && mode.is_exclusive {
        return Err(Refusal::Exists);
    }
    if !is_there && flags & FLAG_CREATE == 0 {
        return Err(Refusal::Absent);
    }
    if is_there && visit.is_waiting(&path) {
        return Err(Refusal::Waiting);
    }
    house.quota.check(visit.account.id, house.clock.now())?;
    let left = holdings::left(visit).await?;
    let most = house.holdings.most;
    if left.bytes == 0 {
        return Err(Refusal::Full(most.bytes));
    }
    if left.files == 0 && !is_there {
        return Err(Refusal::FullOfFiles(most.files));
    }
    let is_truncated = is_there && flags & FLAG_TRUNCATE != 0;
    let kept = if is_truncated {
        Some(Vec::new())
    } else if is_there {
        Some(content(visit, &path)?)
    } else {
        None
    };
    let limits = Limits {
        bytes_max: house.file_bytes_max,
        // It takes the place of what lies there.
        room_bytes: left
            .bytes
            .saturating_add(found.map_or(0, |found| found.size_bytes)),
        account_bytes_max: most.bytes,
    };
    let budget = &visit.allowance.octets;
    let mut upload = Upload::new(path, kept, mode, (limits, budget), house.clock.now())?;
    upload.is_changed = is_truncated;
    upload.modified = modified(wish);
    upload.found = found;
    let under_way = visit.begins(&upload.path);
    Ok(Handle::Writing(Box::new(Writing { upload, under_way })))
}

/// What is there already. A file beyond the limit cannot be continued, only replaced.
fn content(visit: &Visit, path: &DropPath) -> Result<Vec<u8>, Refusal> {
    // One octet more than allowed is how our own files beyond the limit end.
    let bytes_max = visit.house.file_bytes_max.saturating_add(1);
    match visit.folder.read_whole(path, bytes_max) {
        Ok((octets, _)) => Ok(octets),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Ok(Vec::new()),
        Err(error) => Err(Refusal::of(&error, "reading a file")),
    }
}

/// Opens a folder for listing.
pub(super) async fn open_folder(
    visit: &Arc<Visit>,
    handles: &Handles,
    place: Place,
) -> Result<Reply, Refusal> {
    let entries = match place {
        Place::Root => root_entries(visit),
        Place::Folder(folder) => folder_entries(visit, folder).await?,
        // A file that is not there is not there, whatever it is asked for.
        file => {
            paths::attrs(visit, &file)?;
            return Err(Refusal::NotFolder);
        }
    };
    let now = visit.house.clock.now();
    let share = visit.allowance.octets.share();
    handles.keep(Handle::Listing(Listing::new(entries, share, now)?))
}

fn root_entries(visit: &Visit) -> Vec<(String, Attrs)> {
    let now = visit.house.clock.now();
    let mut entries: Vec<_> = ["inbox", "receipts", "test", "tmp"]
        .map(|name| (name.to_owned(), listing::folder(now)))
        .into();
    for (name, octets) in [
        ("README.txt", &visit.readme),
        ("limits.json", &visit.house.limits),
    ] {
        entries.push((name.to_owned(), listing::read_only(octets.len(), now)));
    }
    entries
}

async fn folder_entries(
    visit: &Arc<Visit>,
    folder: Folder,
) -> Result<Vec<(String, Attrs)>, Refusal> {
    let listing = Arc::clone(visit);
    let listed = visit.work_long("sftp: list a folder", move || {
        let found = listing.folder.list(&folder)?;
        Ok(listing::of_folder(&folder, found))
    });
    let listed: io::Result<_> = listed.await.ok_or(Refusal::Fault)?;
    listed.map_err(|error| Refusal::of(&error, "listing a folder"))
}
