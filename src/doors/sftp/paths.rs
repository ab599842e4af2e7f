//! What is asked of a path: its attributes, new times, its removal, its content.

use std::sync::Arc;

use crate::doors::sftp::arrive;
use crate::doors::sftp::digests::Content;
use crate::doors::sftp::listing;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::requests::modified;
use crate::doors::sftp::tree::{self, Place};
use crate::doors::sftp::visit::Visit;
use crate::doors::sftp::wire::{Attrs, Reply};
use crate::drop_folder::{DropPath, Folder};

/// The attributes of a place; [`Refusal::Absent`] if nothing is there.
pub(super) fn attrs(visit: &Visit, place: &Place) -> Result<Attrs, Refusal> {
    let now = visit.house.clock.now();
    match place {
        Place::Root
        | Place::Folder(Folder::Inbox | Folder::Test | Folder::Tmp | Folder::Receipts) => {
            Ok(listing::folder(now))
        }
        Place::Folder(Folder::Day(day)) => {
            let path = DropPath::new(Folder::Receipts, day).ok_or(Refusal::Absent)?;
            let facts = visit.folder.facts(&path);
            let facts = facts.map_err(|error| Refusal::of(&error, "looking at a folder"))?;
            if facts.is_folder {
                Ok(listing::file(&path, &facts))
            } else {
                Err(Refusal::Absent)
            }
        }
        Place::Readme => Ok(listing::read_only(visit.readme.len(), now)),
        Place::Limits => Ok(listing::read_only(visit.house.limits.len(), now)),
        Place::File(path) => {
            let facts = visit.folder.facts(path);
            let facts = facts.map_err(|error| Refusal::of(&error, "looking at a file"))?;
            if facts.is_plain || facts.is_folder {
                Ok(listing::file(path, &facts))
            } else {
                Err(Refusal::Absent)
            }
        }
    }
}

/// Sets times. Sizes are set on open files; modes and owners are ours, whatever clients wish.
pub(super) fn set_attrs(visit: &Visit, place: &Place, wish: Attrs) -> Result<(), Refusal> {
    let is = attrs(visit, place)?;
    let Place::File(path) = place else {
        // Clients set the modes of folders, too; nothing comes of it.
        return Ok(());
    };
    if tree::is_receipt(path) {
        return Err(Refusal::Receipt);
    }
    if wish.size.is_some() && wish.size != is.size {
        return Err(Refusal::NotOpenedForThis);
    }
    if let Some(modified) = modified(wish) {
        arrive::touch(visit, path, modified)?;
    }
    Ok(())
}

/// A place that could be removed.
pub(super) fn removable(visit: &Visit, place: Place) -> Result<DropPath, Refusal> {
    match place {
        Place::File(path) => Ok(path),
        Place::Readme | Place::Limits => Err(Refusal::ReadOnly),
        Place::Root | Place::Folder(_) => Err(there(visit, &place, Refusal::IsFolder)),
    }
}

/// A place that could be renamed, if something is there.
pub(super) fn renamable(visit: &Visit, place: Place) -> Result<DropPath, Refusal> {
    match place {
        Place::File(path) => Ok(path),
        Place::Readme | Place::Limits => Err(Refusal::ReadOnly),
        Place::Root | Place::Folder(_) => Err(there(visit, &place, Refusal::FixedTree)),
    }
}

/// Why something is refused of what is there; of what is not, that it is not there.
fn there(visit: &Visit, place: &Place, refusal: Refusal) -> Refusal {
    attrs(visit, place).err().unwrap_or(refusal)
}

/// Removes a file from view; what was handed in stays handed in.
pub(super) fn remove(visit: &Visit, path: &DropPath) -> Result<(), Refusal> {
    if visit.is_waiting(path) {
        return Err(Refusal::Waiting);
    }
    let claim = visit.changing(path);
    let found = visit.mark(path);
    let removed = visit.folder.remove(path);
    removed.map_err(|error| Refusal::of(&error, "removing a file"))?;
    visit.settled(path);
    visit.replaced(found);
    if visit.is_judged(path) {
        let intake = &visit.house.intake;
        let noting = intake.forget(visit.account.id, &path.to_client());
        visit.house.tasks.spawn("sftp: forget a file", async move {
            noting.await;
            drop(claim);
        });
    }
    Ok(())
}

/// MKDIR: the folders are there already, and there are no others.
pub(super) fn make_folder(path: &[u8]) -> Result<Reply, Refusal> {
    match tree::resolve(path) {
        Ok(
            Place::Root
            | Place::Folder(Folder::Inbox | Folder::Test | Folder::Tmp | Folder::Receipts),
        ) => Err(Refusal::Exists),
        Err(Refusal::BadName) => Err(Refusal::BadName),
        _ => Err(Refusal::FixedTree),
    }
}

/// RMDIR: the folders that are there stay.
pub(super) fn remove_folder(visit: &Visit, place: &Place) -> Result<Reply, Refusal> {
    let refusal = match place {
        Place::File(_) | Place::Readme | Place::Limits => Refusal::NotFolder,
        Place::Root | Place::Folder(_) => Refusal::FixedTree,
    };
    Err(there(visit, place, refusal))
}

/// What a file holds.
pub(super) fn content(visit: &Visit, place: &Place) -> Result<Content, Refusal> {
    match place {
        Place::Root | Place::Folder(_) => Err(there(visit, place, Refusal::IsFolder)),
        Place::Readme => Ok(Content::Octets(Arc::clone(&visit.readme))),
        Place::Limits => Ok(Content::Octets(Arc::clone(&visit.house.limits))),
        Place::File(path) => visit
            .folder
            .read(path)
            .map(Content::File)
            .map_err(|error| Refusal::of(&error, "opening a file")),
    }
}
