//! The drop folders on disk: confined openings, and files that appear whole or not at all.
//!
//! *Trust*: local programs may write into a drop folder at any time, and may plant links there.
//! Every opening goes through a held directory descriptor, follows no link, and takes only regular
//! files with one name.
//!
//! *Invariants*: no operation takes a path of more than one component, so none can leave its
//! folder. A file of ours is written under a name that begins with [`STAGED_PREFIX`], and gets its
//! own name in one step. A sync that failed is an error and never tried again: the kernel may have
//! thrown the octets away already.
//!
//! Everything here blocks; call it on a thread that may.

mod account;
mod clearing;
mod opening;
mod path;
mod staged;

use std::fs::DirBuilder;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::account::AccountCode;
use crate::domain::submission::FileMark;

pub use account::AccountFolder;
pub use path::{DropPath, Folder};
pub use staged::Staged;

/// Files that are being written have names that begin so. Nobody is shown them, and no
/// [`DropPath`] can name one.
pub const STAGED_PREFIX: &str = ".ecocd-";

/// What is known of a file without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// Inode, size and time of change.
    pub mark: FileMark,
    /// A regular file with one name? Nothing else is ever opened.
    pub is_plain: bool,
    /// A folder?
    pub is_folder: bool,
}

/// What is left on the disk that a drop folder lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Octets that the service may still write.
    pub free_bytes: u64,
    /// Files that the disk can hold.
    pub files: u64,
    /// Files that it can still take.
    pub files_free: u64,
}

/// What lies in a drop folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Octets of all files.
    pub bytes: u64,
    /// Files, receipts among them.
    pub files: u64,
}

/// All drop folders; cheap to clone.
#[derive(Debug, Clone)]
pub struct DropFolders {
    root: Arc<OwnedFd>,
    path: Arc<Path>,
}

impl DropFolders {
    /// Opens the folder that all drop folders lie in; makes it (0700) if it is not there.
    pub fn open(root: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        Ok(Self {
            root: Arc::new(opening::root(root)?),
            path: Arc::from(root),
        })
    }

    /// Opens an account's drop folder, and makes it with `inbox`, `test`, `tmp` and `receipts` if needed.
    pub fn account(&self, code: &AccountCode) -> io::Result<AccountFolder> {
        AccountFolder::open(&self.root, code.as_str())
    }

    /// Where an account's folder lies, for the watcher and for operators.
    pub fn path_of(&self, code: &AccountCode) -> PathBuf {
        self.path.join(code.as_str())
    }
}

#[cfg(test)]
mod tests;
