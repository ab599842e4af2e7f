//! The few ways in which anything on disk is opened: one component, no link, nothing but plain files.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use crate::domain::submission::FileMark;
use crate::drop_folder::{FileFacts, Held, STAGED_PREFIX};

/// The mode of the folders that we make.
const FOLDER_MODE: Mode = Mode::RWXU;

/// How every opening below a held descriptor is resolved.
const CONFINED: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS);

/// Opens the folder of all drop folders. The operator names it, so links on the way are theirs.
pub(super) fn root(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(CWD, path, flags, Mode::empty())?)
}

/// Opens the folder `name` in `parent`; it must be a folder itself, not a link to one.
pub(super) fn folder(parent: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat2(
        parent,
        name,
        flags,
        Mode::empty(),
        CONFINED,
    )?)
}

/// Opens the folder `name` in `parent`, and makes it if it is not there.
pub(super) fn folder_made(parent: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    match folder(parent, name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match rustix::fs::mkdirat(parent, name, FOLDER_MODE) {
                // Somebody else made it at the same moment.
                Ok(()) | Err(Errno::EXIST) => folder(parent, name),
                Err(error) => Err(error.into()),
            }
        }
        opened => opened,
    }
}

/// What is known of `name` in `folder`, of a link itself and not of what it leads to.
pub(super) fn facts(folder: &OwnedFd, name: &str) -> io::Result<FileFacts> {
    let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(facts_of(&stat))
}

/// Opens the plain file `name` in `folder` for reading.
pub(super) fn plain_file(folder: &OwnedFd, name: &str) -> io::Result<File> {
    // Opening a device or a FIFO can do things already, so look first.
    if !facts(folder, name)?.is_plain {
        return Err(not_plain());
    }
    // It may have been exchanged since: NONBLOCK keeps a FIFO from stopping us, and then look again.
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::openat2(folder, name, flags, Mode::empty(), CONFINED) {
        Err(Errno::LOOP) => return Err(not_plain()),
        opened => opened?,
    };
    if facts_of_file(&file)?.is_plain {
        Ok(File::from(file))
    } else {
        Err(not_plain())
    }
}

/// Makes the file `name` in `folder`, which must not be there.
pub(super) fn new_file(folder: &OwnedFd, name: &str) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    Ok(File::from(rustix::fs::openat2(
        folder, name, flags, mode, CONFINED,
    )?))
}

/// What is known of an open file.
pub(super) fn facts_of_file(file: impl std::os::fd::AsFd) -> io::Result<FileFacts> {
    Ok(facts_of(&rustix::fs::fstat(file)?))
}

/// Calls `look` with each name in `folder` but `.` and `..`, in no order.
///
/// Names that are not UTF-8 are passed over: no client of ours can name them.
pub(super) fn each_name(folder: &OwnedFd, mut look: impl FnMut(&str)) -> io::Result<()> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        if let Some(name) = text(entry.file_name()).filter(|name| *name != "." && *name != "..") {
            look(name);
        }
    }
    Ok(())
}

/// Adds all files in `folder` to `held`. One that goes meanwhile counts for nothing, and one that is being
/// written counts when it has its name.
pub(super) fn add_held(folder: &OwnedFd, held: &mut Held) -> io::Result<()> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        if text(entry.file_name()).is_some_and(is_staged) {
            continue;
        }
        if let Ok(stat) = rustix::fs::statat(folder, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)
            && FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
        {
            let bytes = u64::try_from(stat.st_size).unwrap_or(0);
            held.bytes = held.bytes.saturating_add(bytes);
            held.files += 1;
        }
    }
    Ok(())
}

/// Is `name` that of a file being written?
pub(super) fn is_staged(name: &str) -> bool {
    name.starts_with(STAGED_PREFIX)
}

fn text(name: &CStr) -> Option<&str> {
    name.to_str().ok()
}

fn facts_of(stat: &Stat) -> FileFacts {
    let kind = FileType::from_raw_mode(stat.st_mode);
    let modified_ns = i128::from(stat.st_mtime) * 1_000_000_000 + i128::from(stat.st_mtime_nsec);
    FileFacts {
        mark: FileMark {
            inode: stat.st_ino,
            size_bytes: u64::try_from(stat.st_size).unwrap_or(0),
            // Past the year 2262, or before 1677: any time will do, if it is always the same.
            modified_ns: i64::try_from(modified_ns).unwrap_or(i64::MAX),
        },
        // A second name would let its owner change the octets where we do not look, or let us
        // read a file that was linked in from elsewhere.
        is_plain: kind == FileType::RegularFile && stat.st_nlink == 1,
        is_folder: kind == FileType::Directory,
    }
}

fn not_plain() -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        "not a regular file with one name; links, devices and the like are never opened",
    )
}
