//! One account's drop folder: the operations on it.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::{AtFlags, RenameFlags};
use rustix::io::Errno;

use crate::domain::Timestamp;
use crate::domain::submission::FileMark;
use crate::drop_folder::path::is_day;
use crate::drop_folder::{Disk, DropPath, FileFacts, Folder, Held, Staged, opening, staged};

/// The folders that every account has.
const FOLDERS: [&str; 4] = ["inbox", "test", "tmp", "receipts"];

/// One account's drop folder, held open; cheap to clone.
///
/// Only the account's own folder is held. Those in it are opened anew for each operation, so that
/// one that a local program removed and made again is found again.
#[derive(Debug, Clone)]
pub struct AccountFolder {
    top: Arc<OwnedFd>,
}

impl AccountFolder {
    pub(super) fn open(root: &OwnedFd, code: &str) -> io::Result<Self> {
        let top = opening::folder_made(root, code)?;
        for name in FOLDERS {
            opening::folder_made(&top, name)?;
        }
        Ok(Self { top: Arc::new(top) })
    }

    /// What is known of a file; `NotFound` if there is none.
    pub fn facts(&self, path: &DropPath) -> io::Result<FileFacts> {
        opening::facts(&self.folder(&path.folder)?, path.name())
    }

    /// The names in a folder, dot-names of our own left out, in no order, with what is known of each.
    ///
    /// Names that no [`DropPath`] can have are left out too.
    pub fn list(&self, folder: &Folder) -> io::Result<Vec<(String, FileFacts)>> {
        let opened = self.folder(folder)?;
        let mut names = Vec::new();
        opening::each_name(&opened, |name| {
            if DropPath::new(Folder::Inbox, name).is_some() {
                names.push(name.to_owned());
            }
        })?;
        let mut listed = Vec::with_capacity(names.len());
        for name in names {
            match opening::facts(&opened, &name) {
                Ok(facts) => listed.push((name, facts)),
                // Removed since we read its name.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(listed)
    }

    /// Opens a plain file for reading. Anything else is `PermissionDenied`.
    pub fn read(&self, path: &DropPath) -> io::Result<File> {
        opening::plain_file(&self.folder(&path.folder)?, path.name())
    }

    /// Reads a plain file of at most `bytes_max` octets, and what was known of it before *and*
    /// after (an error of kind `WouldBlock` if it changed meanwhile, `FileTooLarge` if it is longer).
    pub fn read_whole(&self, path: &DropPath, bytes_max: u64) -> io::Result<(Vec<u8>, FileMark)> {
        let mut file = self.read(path)?;
        let before = opening::facts_of_file(&file)?.mark;
        if before.size_bytes > bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        // One octet more than there should be shows that it grew.
        let mut octets = Vec::with_capacity(usize::try_from(before.size_bytes).unwrap_or(0));
        file.by_ref()
            .take(before.size_bytes.saturating_add(1))
            .read_to_end(&mut octets)?;
        let is_same = before.size_bytes == octets.len() as u64
            && opening::facts_of_file(&file)?.mark == before
            && self.facts(path).is_ok_and(|facts| facts.mark == before);
        if is_same {
            Ok((octets, before))
        } else {
            Err(io::ErrorKind::WouldBlock.into())
        }
    }

    /// Writes a file under a dot-name into `folder`, on the disk itself if `is_synced`.
    pub fn stage(
        &self,
        folder: &Folder,
        octets: &[u8],
        modified: Option<Timestamp>,
        is_synced: bool,
    ) -> io::Result<Staged> {
        Staged::write(self.staging(folder)?, octets, modified, is_synced)
    }

    /// Makes a file of no octets under a dot-name in `folder`, to be written piece by piece.
    pub fn begin(&self, folder: &Folder) -> io::Result<Staged> {
        Staged::begin(self.staging(folder)?)
    }

    /// Where a file is written that is to lie in `folder`.
    fn staging(&self, folder: &Folder) -> io::Result<Arc<OwnedFd>> {
        // What a crash leaves behind should lie where the sweep looks, and that is in no day.
        let folder = match folder {
            Folder::Day(_) => &Folder::Receipts,
            other => other,
        };
        Ok(Arc::new(self.folder_made(folder)?))
    }

    /// Gives a staged file its name, in the place of another of that name; with `is_synced` the
    /// name is on the disk when this returns.
    pub fn publish(&self, staged: Staged, path: &DropPath, is_synced: bool) -> io::Result<()> {
        staged.publish(&self.folder_made(&path.folder)?, path.name(), is_synced)
    }

    /// Renames a file. With `replace` false, `AlreadyExists` if the new name is taken.
    pub fn rename(&self, from: &DropPath, to: &DropPath, replace: bool) -> io::Result<()> {
        let old = self.folder(&from.folder)?;
        let new = self.folder(&to.folder)?;
        if opening::facts(&old, from.name())?.is_folder {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let flags = if replace {
            RenameFlags::empty()
        } else {
            RenameFlags::NOREPLACE
        };
        match rustix::fs::renameat_with(&old, from.name(), &new, to.name(), flags) {
            // NFS and some others cannot do it in one step. Two programs that rename to one name at
            // the same moment can then still meet; there is nothing better.
            Err(Errno::INVAL) if !replace => match opening::facts(&new, to.name()) {
                Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    Ok(rustix::fs::renameat(&old, from.name(), &new, to.name())?)
                }
                Err(error) => Err(error),
            },
            done => Ok(done?),
        }
    }

    /// Removes a file.
    pub fn remove(&self, path: &DropPath) -> io::Result<()> {
        let folder = self.folder(&path.folder)?;
        Ok(rustix::fs::unlinkat(
            &folder,
            path.name(),
            AtFlags::empty(),
        )?)
    }

    /// Sets the time of change, and gives the new mark.
    pub fn set_modified(&self, path: &DropPath, modified: Timestamp) -> io::Result<FileMark> {
        let file = self.read(path)?;
        staged::set_modified(&file, modified)?;
        Ok(opening::facts_of_file(&file)?.mark)
    }

    /// Removes staged files that nobody published, left by a crash, and says how many.
    ///
    /// Those whose writer lives are left alone, also when it is another process.
    pub fn sweep(&self) -> io::Result<u32> {
        let mut removed = 0_u32;
        for folder in [Folder::Inbox, Folder::Test, Folder::Tmp, Folder::Receipts] {
            let opened = self.folder_made(&folder)?;
            removed = removed.saturating_add(staged::sweep(&opened)?);
        }
        Ok(removed)
    }

    /// Puts everything written so far, here and in the other drop folders of the same file system,
    /// on the disk itself.
    pub fn sync_all(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&*self.top)?)
    }

    /// What is left on the disk.
    pub fn disk(&self) -> io::Result<Disk> {
        let stat = rustix::fs::fstatvfs(&*self.top)?;
        Ok(Disk {
            free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
            files: stat.f_files,
            files_free: stat.f_favail,
        })
    }

    /// Everything that lies in this folder, also under names that no client sees; but nothing that is still
    /// being written.
    pub fn held(&self) -> io::Result<Held> {
        let receipts = self.folder(&Folder::Receipts)?;
        let mut folders = Vec::new();
        for folder in [Folder::Inbox, Folder::Test, Folder::Tmp] {
            folders.push(self.folder(&folder)?);
        }
        for day in self.days()? {
            // What is no folder holds nothing of ours.
            folders.extend(opening::folder(&receipts, &day).ok());
        }
        let mut held = Held::default();
        for folder in &folders {
            opening::add_held(folder, &mut held)?;
        }
        Ok(held)
    }

    /// The number of the file system that this folder lies on.
    pub fn device(&self) -> io::Result<u64> {
        Ok(rustix::fs::fstat(&*self.top)?.st_dev)
    }

    /// Opens a folder. Those that every account has are made again if somebody removed them; a
    /// day's is `NotFound` as long as it has no receipt.
    pub(super) fn folder(&self, folder: &Folder) -> io::Result<OwnedFd> {
        match folder {
            Folder::Inbox => opening::folder_made(&self.top, "inbox"),
            Folder::Test => opening::folder_made(&self.top, "test"),
            Folder::Tmp => opening::folder_made(&self.top, "tmp"),
            Folder::Receipts => opening::folder_made(&self.top, "receipts"),
            Folder::Day(day) => {
                opening::folder(&self.folder(&Folder::Receipts)?, checked_day(day)?)
            }
        }
    }

    fn folder_made(&self, folder: &Folder) -> io::Result<OwnedFd> {
        match folder {
            Folder::Day(day) => {
                opening::folder_made(&self.folder(&Folder::Receipts)?, checked_day(day)?)
            }
            other => self.folder(other),
        }
    }
}

pub(super) fn checked_day(day: &str) -> io::Result<&str> {
    if is_day(day) {
        Ok(day)
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}
