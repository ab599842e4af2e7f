//! A file that is written and has no name that anybody looks at yet.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::{AtFlags, FlockOperation, Mode, Timespec, Timestamps};

use crate::domain::Timestamp;
use crate::domain::submission::FileMark;
use crate::drop_folder::{STAGED_PREFIX, opening};
use crate::runtime;

/// A file that is written and has no name that anybody looks at yet. Removed when dropped
/// unpublished.
#[derive(Debug)]
pub struct Staged {
    /// Inode, size and time of change; they stay the same when it is published.
    pub mark: FileMark,
    folder: Arc<OwnedFd>,
    name: String,
    /// Held open, because its lock tells [`sweep`] that somebody still works on it.
    file: File,
    is_published: bool,
}

/// A name of our own that nothing has yet.
pub(super) fn new_name() -> String {
    let random = u64::from_le_bytes(runtime::random());
    format!("{STAGED_PREFIX}{random:016x}")
}

impl Staged {
    /// Makes a file of no octets under a name of our own in `folder`.
    pub(super) fn begin(folder: Arc<OwnedFd>) -> io::Result<Self> {
        let name = new_name();
        let file = opening::new_file(&folder, &name)?;
        // From here on, whatever fails removes the file.
        let staged = Self {
            mark: opening::facts_of_file(&file)?.mark,
            folder,
            name,
            file,
            is_published: false,
        };
        lock(&staged.file)?;
        Ok(staged)
    }

    /// Writes `octets` under a name of our own into `folder`.
    pub(super) fn write(
        folder: Arc<OwnedFd>,
        octets: &[u8],
        modified: Option<Timestamp>,
        is_synced: bool,
    ) -> io::Result<Self> {
        let mut staged = Self::begin(folder)?;
        staged.file.write_all(octets)?;
        staged.finish(octets.len() as u64, modified, is_synced)?;
        Ok(staged)
    }

    /// The file, to be written and read.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// All is written, and `bytes` octets in all: the file is ready to be published.
    pub fn finish(
        &mut self,
        bytes: u64,
        modified: Option<Timestamp>,
        is_synced: bool,
    ) -> io::Result<()> {
        if let Some(modified) = modified {
            set_modified(&self.file, modified)?;
        }
        if is_synced {
            self.file.sync_all()?;
        }
        self.mark = opening::facts_of_file(&self.file)?.mark;
        if self.mark.size_bytes == bytes {
            Ok(())
        } else {
            Err(io::Error::other(
                "the file system kept fewer octets than it was given",
            ))
        }
    }

    /// Takes the right to write away from everybody; removing it stays possible.
    pub fn make_read_only(&self) -> io::Result<()> {
        Ok(rustix::fs::fchmod(&self.file, Mode::RUSR | Mode::RGRP)?)
    }

    /// Gives the file its name in `folder`, in the place of another of that name.
    pub(super) fn publish(
        mut self,
        folder: &OwnedFd,
        name: &str,
        is_synced: bool,
    ) -> io::Result<()> {
        rustix::fs::renameat(&*self.folder, &self.name, folder, name)?;
        self.is_published = true;
        if is_synced {
            rustix::fs::fsync(folder)?;
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_published {
            // If this fails, the next sweep removes it.
            let _ = rustix::fs::unlinkat(&*self.folder, &self.name, AtFlags::empty());
        }
    }
}

/// Sets the time of the last change, and leaves that of the last use.
pub(super) fn set_modified(file: &File, modified: Timestamp) -> io::Result<()> {
    let omit = Timespec {
        tv_sec: 0,
        tv_nsec: rustix::fs::UTIME_OMIT,
    };
    let nanoseconds = modified.as_nanosecond();
    let last_modification = Timespec {
        tv_sec: i64::try_from(nanoseconds.div_euclid(1_000_000_000)).unwrap_or(0),
        tv_nsec: i64::try_from(nanoseconds.rem_euclid(1_000_000_000)).unwrap_or(0),
    };
    Ok(rustix::fs::futimens(
        file,
        &Timestamps {
            last_access: omit,
            last_modification,
        },
    )?)
}

/// Removes files that were being written into `folder` when a program ended, and says how many.
///
/// A writer that lives, in this process or on another node, holds a lock on its file.
pub(super) fn sweep(folder: &OwnedFd) -> io::Result<u32> {
    let mut left = Vec::new();
    opening::each_name(folder, |name| {
        if opening::is_staged(name) {
            left.push(name.to_owned());
        }
    })?;
    let mut removed = 0_u32;
    for name in left {
        let is_dead = opening::plain_file(folder, &name).is_ok_and(|file| lock(&file).is_ok());
        if is_dead && rustix::fs::unlinkat(folder, &name, AtFlags::empty()).is_ok() {
            removed = removed.saturating_add(1);
        }
    }
    Ok(removed)
}

fn lock(file: &File) -> io::Result<()> {
    Ok(rustix::fs::flock(
        file,
        FlockOperation::NonBlockingLockExclusive,
    )?)
}
