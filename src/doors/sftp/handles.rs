//! Open handles: opening, reading, writing, listing.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::doors::sftp::arrive;
use crate::doors::sftp::listing::{self, Listing};
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::requests::{DATA_BYTES_MAX, Requests, modified};
use crate::doors::sftp::tree::{self, Place};
use crate::doors::sftp::uploads::{Mode, Upload, slice};
use crate::doors::sftp::visit::UploadCount;
use crate::doors::sftp::wire::{
    Attrs, FLAG_APPEND, FLAG_CREATE, FLAG_EXCLUSIVE, FLAG_READ, FLAG_TRUNCATE, FLAG_WRITE, Reply,
};
use crate::drop_folder::{DropPath, Folder};

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
    pub(super) count: UploadCount,
}

impl Requests {
    pub(super) async fn open(
        &mut self,
        path: &[u8],
        flags: u32,
        wish: Attrs,
    ) -> Result<Reply, Refusal> {
        let place = tree::resolve(path)?;
        if flags & (FLAG_WRITE | FLAG_APPEND) != 0 {
            let path = tree::writable(place)?;
            self.settled(&path).await;
            return self.open_to_write(path, flags, wish);
        }
        if flags & (FLAG_CREATE | FLAG_TRUNCATE) != 0 {
            return Err(Refusal::NotOpenedForThis);
        }
        let attrs = self.attrs(&place).await?;
        let handle = match place {
            Place::Root | Place::Folder(_) => return Err(Refusal::IsFolder),
            Place::Readme => Handle::Fixed(Arc::clone(&self.visit.house.readme), attrs),
            Place::Limits => Handle::Fixed(Arc::clone(&self.visit.house.limits), attrs),
            Place::File(path) => {
                let opened = self.visit.folder.read(&path);
                let file = opened.map_err(|error| Refusal::of(&error, "opening a file"))?;
                Handle::Reading(file, attrs)
            }
        };
        self.keep(handle)
    }

    fn open_to_write(&mut self, path: DropPath, flags: u32, wish: Attrs) -> Result<Reply, Refusal> {
        let visit = Arc::clone(&self.visit);
        let house = &visit.house;
        if house.tasks.is_stopping() {
            return Err(Refusal::Stopping);
        }
        let is_there = match visit.folder.facts(&path) {
            Ok(facts) if facts.is_folder => return Err(Refusal::IsFolder),
            Ok(facts) if !facts.is_plain => return Err(Refusal::NotPlain),
            Ok(_) => true,
            Err(error) => match Refusal::of(&error, "looking at a file") {
                Refusal::Absent => false,
                refusal => return Err(refusal),
            },
        };
        if is_there && flags & FLAG_CREATE != 0 && flags & FLAG_EXCLUSIVE != 0 {
            return Err(Refusal::Exists);
        }
        if !is_there && flags & FLAG_CREATE == 0 {
            return Err(Refusal::Absent);
        }
        let is_truncated = is_there && flags & FLAG_TRUNCATE != 0;
        let kept = if is_truncated {
            Some(Vec::new())
        } else if is_there {
            Some(self.content(&path)?)
        } else {
            None
        };
        let mode = Mode {
            is_readable: flags & FLAG_READ != 0,
            is_appending: flags & FLAG_APPEND != 0,
        };
        house.quota.check(visit.account.id, house.clock.now())?;
        let limits = (house.file_bytes_max, &house.budget);
        let mut upload = Upload::new(path, kept, mode, limits, house.clock.now())?;
        upload.is_changed = is_truncated;
        upload.modified = modified(wish);
        arrive::remove_receipt(&visit, &upload.path);
        let count = visit.count_upload();
        self.keep(Handle::Writing(Box::new(Writing { upload, count })))
    }

    /// What is there already. A file beyond the limit cannot be continued, only replaced.
    fn content(&self, path: &DropPath) -> Result<Vec<u8>, Refusal> {
        // One octet more than allowed is how our own files beyond the limit end.
        let bytes_max = self.visit.house.file_bytes_max.saturating_add(1);
        match self.visit.folder.read_whole(path, bytes_max) {
            Ok((octets, _)) => Ok(octets),
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => Ok(Vec::new()),
            Err(error) => Err(Refusal::of(&error, "reading a file")),
        }
    }

    pub(super) fn read(
        &mut self,
        handle: &[u8],
        offset: u64,
        bytes: u32,
    ) -> Result<Reply, Refusal> {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let bytes = bytes.min(DATA_BYTES_MAX);
        let data = match self.handle(handle)? {
            Handle::Reading(file, _) => read_file(file, offset, bytes)?,
            Handle::Fixed(octets, _) => slice(octets, offset, bytes)?.to_vec(),
            Handle::Writing(writing) if writing.upload.mode.is_readable => {
                writing.upload.read(offset, bytes)?.to_vec()
            }
            Handle::Writing(_) | Handle::Listing(_) => return Err(Refusal::NotOpenedForThis),
        };
        Ok(Reply::Data(data))
    }

    pub(super) fn write(
        &mut self,
        handle: &[u8],
        offset: u64,
        data: &[u8],
    ) -> Result<Reply, Refusal> {
        let now = self.visit.house.clock.now();
        match self.handle(handle)? {
            Handle::Writing(writing) => {
                writing.upload.write(offset, data, now)?;
                Ok(Reply::ok())
            }
            _ => Err(Refusal::NotOpenedForThis),
        }
    }

    pub(super) fn fstat(&mut self, handle: &[u8]) -> Result<Reply, Refusal> {
        let now = self.visit.house.clock.now();
        Ok(Reply::Attrs(match self.handle(handle)? {
            Handle::Reading(_, attrs) | Handle::Fixed(_, attrs) => *attrs,
            Handle::Writing(writing) => {
                let upload = &writing.upload;
                let modified = upload.modified.unwrap_or(now);
                listing::upload(upload.octets.len(), modified)
            }
            Handle::Listing(_) => listing::folder(now),
        }))
    }

    pub(super) fn fset_stat(&mut self, handle: &[u8], wish: Attrs) -> Result<Reply, Refusal> {
        match self.handle(handle)? {
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
        }
    }

    pub(super) async fn open_dir(&mut self, path: &[u8]) -> Result<Reply, Refusal> {
        let place = tree::resolve(path)?;
        self.all_settled().await;
        let now = self.visit.house.clock.now();
        let entries = match place {
            Place::Root => self.root_entries(),
            Place::Folder(folder) => self.folder_entries(folder).await?,
            // A file that is not there is not there, whatever it is asked for.
            file => {
                self.attrs(&file).await?;
                return Err(Refusal::NotFolder);
            }
        };
        self.keep(Handle::Listing(Listing::new(entries, now)))
    }

    fn root_entries(&self) -> Vec<(String, Attrs)> {
        let house = &self.visit.house;
        let now = house.clock.now();
        let mut entries: Vec<_> = ["inbox", "receipts", "test"]
            .map(|name| (name.to_owned(), listing::folder(now)))
            .into();
        for (name, octets) in [
            ("README.txt", &house.readme),
            ("limits.json", &house.limits),
        ] {
            entries.push((name.to_owned(), listing::read_only(octets.len(), now)));
        }
        entries
    }

    async fn folder_entries(&self, folder: Folder) -> Result<Vec<(String, Attrs)>, Refusal> {
        let visit = Arc::clone(&self.visit);
        // A folder may hold very many files, and each must be looked at.
        let listed = self
            .visit
            .house
            .tasks
            .block("sftp: list a folder", move || {
                let found = visit.folder.list(&folder)?;
                Ok(listing::of_folder(&folder, found))
            });
        let listed: std::io::Result<_> = listed.await.ok_or(Refusal::Fault)?;
        listed.map_err(|error| Refusal::of(&error, "listing a folder"))
    }

    pub(super) fn read_dir(&mut self, handle: &[u8]) -> Result<Reply, Refusal> {
        let Handle::Listing(listing) = self.handle(handle)? else {
            return Err(Refusal::NotFolder);
        };
        let entries = listing.next_entries();
        if entries.is_empty() {
            Err(Refusal::End)
        } else {
            Ok(Reply::Names(entries))
        }
    }
}

fn read_file(file: &File, offset: u64, bytes: usize) -> Result<Vec<u8>, Refusal> {
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
