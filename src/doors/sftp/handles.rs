//! Open handles: reading, writing, and what is known of them.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::Timestamp;
use crate::doors::sftp::allowance::{Allowance, HandleCount};
use crate::doors::sftp::digests::Content;
use crate::doors::sftp::listing::{self, Listing};
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::requests::{DATA_BYTES_MAX, modified};
use crate::doors::sftp::uploads::{Upload, slice};
use crate::doors::sftp::visit::UnderWay;
use crate::doors::sftp::wire::{Attrs, Reply};

/// What a handle stands for.
pub(super) enum Handle {
    /// A file that is read.
    Reading(File, Attrs),
    /// A file of ours that lies in memory.
    Fixed(Arc<[u8]>, Attrs),
    /// A file that is written, and perhaps read.
    Writing(Box<Writing>),
    /// A folder.
    Listing(Listing),
}

/// An open upload, counted as one.
pub(super) struct Writing {
    pub(super) upload: Upload,
    pub(super) under_way: UnderWay,
}

/// The open handles of one channel. Locked for moments only: what opens later puts its handle in.
pub(super) struct Handles {
    most: usize,
    allowance: Allowance,
    open: Mutex<Open>,
}

struct Open {
    by_number: HashMap<u64, Kept>,
    made: u64,
    has_ended: bool,
}

struct Kept {
    handle: Handle,
    _count: HandleCount,
}

impl Handles {
    /// `handles_max` for the channel, within what the account may have.
    pub(super) fn new(handles_max: u32, allowance: Allowance) -> Self {
        Self {
            most: usize::try_from(handles_max).unwrap_or(usize::MAX),
            allowance,
            open: Mutex::new(Open {
                by_number: HashMap::new(),
                made: 0,
                has_ended: false,
            }),
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // A panic while it was held cannot leave a map half changed.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a handle, and gives its number to the client.
    pub(super) fn keep(&self, handle: Handle) -> Result<Reply, Refusal> {
        let mut open = self.open();
        if open.by_number.len() >= self.most {
            return Err(Refusal::TooManyHandles);
        }
        if open.has_ended {
            // Opened while the channel ended: nobody can ever close it.
            return Err(Refusal::BadHandle);
        }
        let count = self.allowance.handle()?;
        open.made += 1;
        let number = open.made;
        let kept = Kept {
            handle,
            _count: count,
        };
        open.by_number.insert(number, kept);
        Ok(Reply::Handle(number))
    }

    /// Lets go of a handle.
    pub(super) fn remove(&self, handle: &[u8]) -> Result<Handle, Refusal> {
        number(handle)
            .and_then(|number| self.open().by_number.remove(&number))
            .map(|kept| kept.handle)
            .ok_or(Refusal::BadHandle)
    }

    /// The channel ended: lets go of all handles, and gives the uploads.
    pub(super) fn end(&self) -> Vec<Writing> {
        let mut open = self.open();
        open.has_ended = true;
        let handles = open.by_number.drain();
        let uploads = handles.filter_map(|(_, kept)| match kept.handle {
            Handle::Writing(writing) => Some(*writing),
            _ => None,
        });
        uploads.collect()
    }

    /// Works on an open handle.
    pub(super) fn with<T>(
        &self,
        handle: &[u8],
        work: impl FnOnce(&mut Handle) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let number = number(handle).ok_or(Refusal::BadHandle)?;
        let mut open = self.open();
        let kept = open.by_number.get_mut(&number);
        work(&mut kept.ok_or(Refusal::BadHandle)?.handle)
    }

    pub(super) fn read(&self, handle: &[u8], offset: u64, bytes: u32) -> Result<Reply, Refusal> {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let bytes = bytes.min(DATA_BYTES_MAX);
        let data = self.with(handle, |handle| match handle {
            Handle::Reading(file, _) => read_file(file, offset, bytes),
            Handle::Fixed(octets, _) => slice(octets, offset, bytes).map(<[u8]>::to_vec),
            Handle::Writing(writing) if writing.upload.mode.is_readable => {
                writing.upload.body.read(offset, bytes)
            }
            Handle::Writing(_) | Handle::Listing(_) => Err(Refusal::NotOpenedForThis),
        });
        data.map(Reply::Data)
    }

    pub(super) fn write(
        &self,
        handle: &[u8],
        offset: u64,
        data: &[u8],
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        self.with(handle, |handle| match handle {
            Handle::Writing(writing) => writing.upload.write(offset, data, now),
            _ => Err(Refusal::NotOpenedForThis),
        })?;
        Ok(Reply::ok())
    }

    pub(super) fn fstat(&self, handle: &[u8], now: Timestamp) -> Result<Reply, Refusal> {
        let attrs = self.with(handle, |handle| {
            Ok(match handle {
                Handle::Reading(_, attrs) | Handle::Fixed(_, attrs) => *attrs,
                Handle::Writing(writing) => {
                    let upload = &writing.upload;
                    let modified = upload.modified.unwrap_or(now);
                    listing::upload(upload.body.size(), modified)
                }
                Handle::Listing(_) => listing::folder(now),
            })
        });
        attrs.map(Reply::Attrs)
    }

    pub(super) fn set_stat(&self, handle: &[u8], wish: Attrs) -> Result<Reply, Refusal> {
        self.with(handle, |handle| match handle {
            Handle::Writing(writing) => {
                if let Some(size) = wish.size {
                    writing.upload.set_size(size)?;
                }
                if let Some(modified) = modified(wish) {
                    writing.upload.modified = Some(modified);
                }
                Ok(Reply::ok())
            }
            _ if wish.size.is_some() => Err(Refusal::NotOpenedForThis),
            _ => Ok(Reply::ok()),
        })
    }

    /// What is written is to be on the disk when CLOSE is answered, whatever its name.
    pub(super) fn sync(&self, handle: &[u8]) -> Result<Reply, Refusal> {
        self.with(handle, |handle| match handle {
            Handle::Writing(writing) => {
                writing.upload.is_synced = true;
                Ok(Reply::ok())
            }
            Handle::Reading(..) | Handle::Fixed(..) => Ok(Reply::ok()),
            Handle::Listing(_) => Err(Refusal::IsFolder),
        })
    }

    pub(super) fn read_dir(&self, handle: &[u8]) -> Result<Reply, Refusal> {
        let entries = self.with(handle, |handle| match handle {
            Handle::Listing(listing) => Ok(listing.next_entries()),
            _ => Err(Refusal::NotFolder),
        })?;
        if entries.is_empty() {
            Err(Refusal::End)
        } else {
            Ok(Reply::Names(entries))
        }
    }

    /// What an open file holds at this moment.
    pub(super) fn content(&self, handle: &[u8]) -> Result<Content, Refusal> {
        self.with(handle, |handle| match handle {
            Handle::Reading(file, _) => file
                .try_clone()
                .map(Content::File)
                .map_err(|error| Refusal::of(&error, "opening a file")),
            Handle::Fixed(octets, _) => Ok(Content::Octets(Arc::clone(octets))),
            Handle::Writing(writing) => {
                let body = &writing.upload.body;
                if let Some(spool) = &body.spool {
                    return spool.content();
                }
                let octets = &body.octets;
                let mut share = self.allowance.octets.share();
                share.hold(octets.len() as u64)?;
                Ok(Content::Copy {
                    octets: octets.clone(),
                    _share: share,
                })
            }
            Handle::Listing(_) => Err(Refusal::IsFolder),
        })
    }
}

fn number(handle: &[u8]) -> Option<u64> {
    std::str::from_utf8(handle).ok()?.parse().ok()
}

/// Up to `bytes` octets from `offset`; [`Refusal::End`] at the end.
pub(super) fn read_file(file: &File, offset: u64, bytes: usize) -> Result<Vec<u8>, Refusal> {
    let mut data = vec![0; bytes];
    let mut filled = 0;
    while let Some(rest) = data.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset.saturating_add(filled as u64)) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => (),
            // An offset that no file can have.
            Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => break,
            Err(error) => return Err(Refusal::of(&error, "reading a file")),
        }
    }
    if filled == 0 && bytes > 0 {
        return Err(Refusal::End);
    }
    data.truncate(filled);
    Ok(data)
}
