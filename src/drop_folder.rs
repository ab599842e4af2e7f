//! The drop folders on disk: confined openings, and files that appear whole or not at all.
//!
//! *Trust*: local programs may write into a drop folder at any time, and may plant links there.
//! Every opening goes through a held directory descriptor, follows no link, and takes only regular
//! files with one name.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::domain::Timestamp;
use crate::domain::account::AccountCode;
use crate::domain::submission::FileMark;

/// A folder that a client sees below its root.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Folder {
    /// `/inbox`: what is dropped here counts.
    Inbox,
    /// `/test`: the same rules, no effect.
    Test,
    /// `/receipts`: one folder a day.
    Receipts,
    /// `/receipts/<yyyy-mm-dd>`.
    Day(String),
}

/// A file in a drop folder; the name is checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DropPath {
    /// The folder.
    pub folder: Folder,
    /// The name, without folders; never empty, `.` or `..`, no `/`, no NUL.
    name: String,
}

impl DropPath {
    /// Checks `name`: one path component in UTF-8 of 1 to 255 octets, not `.` or `..`, no control
    /// characters.
    pub fn new(folder: Folder, name: &str) -> Option<Self> {
        let _ = (folder, name);
        todo!()
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path as the client sees it, such as `/inbox/a.xml`.
    pub fn to_client(&self) -> String {
        todo!()
    }

    /// From the path as the client sees it; `None` if it names no possible file.
    pub fn from_client(path: &str) -> Option<Self> {
        let _ = path;
        todo!()
    }

    /// The receipt beside this file.
    pub fn receipt(&self) -> Option<Self> {
        todo!()
    }
}

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

/// All drop folders.
#[derive(Debug, Clone)]
pub struct DropFolders {}

impl DropFolders {
    /// Opens the folder that all drop folders lie in; makes it (0700) if it is not there.
    pub fn open(root: &Path) -> io::Result<Self> {
        let _ = root;
        todo!()
    }

    /// Opens an account's drop folder, and makes it with `inbox`, `test` and `receipts` if needed.
    pub fn account(&self, code: &AccountCode) -> io::Result<AccountFolder> {
        let _ = code;
        todo!()
    }

    /// Where an account's folder lies, for the watcher and for operators.
    pub fn path_of(&self, code: &AccountCode) -> std::path::PathBuf {
        let _ = code;
        todo!()
    }
}

/// One account's drop folder, held open; cheap to clone.
#[derive(Debug, Clone)]
pub struct AccountFolder {}

/// A file that is written and has no name that anybody looks at yet. Removed when dropped
/// unpublished.
#[derive(Debug)]
pub struct Staged {
    /// Inode, size and time of change; they stay the same when it is published.
    pub mark: FileMark,
}

impl AccountFolder {
    /// What is known of a file; `NotFound` if there is none.
    pub fn facts(&self, path: &DropPath) -> io::Result<FileFacts> {
        let _ = path;
        todo!()
    }

    /// The names in a folder, dot-names of our own left out, in no order, with what is known of each.
    pub fn list(&self, folder: &Folder) -> io::Result<Vec<(String, FileFacts)>> {
        let _ = folder;
        todo!()
    }

    /// Opens a plain file for reading.
    pub fn read(&self, path: &DropPath) -> io::Result<File> {
        let _ = path;
        todo!()
    }

    /// Reads a plain file of at most `bytes_max` octets, and what was known of it before *and*
    /// after (an error of kind `WouldBlock` if it changed meanwhile).
    pub fn read_whole(&self, path: &DropPath, bytes_max: u64) -> io::Result<(Vec<u8>, FileMark)> {
        let _ = (path, bytes_max);
        todo!()
    }

    /// Writes a file under a dot-name into `folder`, on the disk itself if `is_synced`.
    pub fn stage(
        &self,
        folder: &Folder,
        octets: &[u8],
        modified: Option<Timestamp>,
        is_synced: bool,
    ) -> io::Result<Staged> {
        let _ = (folder, octets, modified, is_synced);
        todo!()
    }

    /// Gives a staged file its name, in the place of another of that name; with `is_synced` the
    /// name is on the disk when this returns.
    pub fn publish(&self, staged: Staged, path: &DropPath, is_synced: bool) -> io::Result<()> {
        let _ = (staged, path, is_synced);
        todo!()
    }

    /// Renames a file. With `replace` false, `AlreadyExists` if the new name is taken.
    pub fn rename(&self, from: &DropPath, to: &DropPath, replace: bool) -> io::Result<()> {
        let _ = (from, to, replace);
        todo!()
    }

    /// Removes a file.
    pub fn remove(&self, path: &DropPath) -> io::Result<()> {
        let _ = path;
        todo!()
    }

    /// Sets the time of change, and gives the new mark.
    pub fn set_modified(&self, path: &DropPath, modified: Timestamp) -> io::Result<FileMark> {
        let _ = (path, modified);
        todo!()
    }

    /// Removes staged files that nobody published, left by a crash.
    pub fn sweep(&self) -> io::Result<u32> {
        todo!()
    }

    /// Puts everything written so far, here and in the other drop folders, on the disk itself.
    pub fn sync_all(&self) -> io::Result<()> {
        todo!()
    }
}
