//! The tree that a client sees: from the path as it came to a place. Pure.
//!
//! ```text
//! /README.txt  /limits.json      read-only, made by us
//! /inbox/  /test/                take files
//! /receipts/<yyyy-mm-dd>/        receipts; can be removed
//! ```
//!
//! A file named at the root is one of `/inbox`: some clients cannot change folder.

use crate::domain::receipt::{FILE_NAME_BYTES_MAX, RECEIPT_SUFFIX};
use crate::doors::sftp::refusal::Refusal;
use crate::drop_folder::{DropPath, Folder};

/// The longest path that is looked at, in octets.
const PATH_BYTES_MAX: usize = 4096;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Root,
    Readme,
    Limits,
    Folder(Folder),
    File(DropPath),
}

impl Place {
    /// The file, if it is one.
    pub(super) fn path(&self) -> Option<DropPath> {
        match self {
            Self::File(path) => Some(path.clone()),
            _ => None,
        }
    }
}

/// What `path` names, whether or not it is there. A relative path begins at the root.
pub(super) fn resolve(path: &[u8]) -> Result<Place, Refusal> {
    let parts = parts(path)?;
    match parts.as_slice() {
        [] => Ok(Place::Root),
        ["README.txt"] => Ok(Place::Readme),
        ["limits.json"] => Ok(Place::Limits),
        ["inbox"] => Ok(Place::Folder(Folder::Inbox)),
        ["test"] => Ok(Place::Folder(Folder::Test)),
        ["tmp"] => Ok(Place::Folder(Folder::Tmp)),
        ["receipts"] => Ok(Place::Folder(Folder::Receipts)),
        [name] | ["inbox", name] => file(Folder::Inbox, name),
        ["test", name] => file(Folder::Test, name),
        ["tmp", name] => file(Folder::Tmp, name),
        ["receipts", day] => Ok(Place::Folder(day_folder(day)?)),
        ["receipts", day, name] => file(day_folder(day)?, name),
        _ => Err(Refusal::Absent),
    }
}

/// The path without detours, as REALPATH answers it.
pub(super) fn canonical(path: &[u8]) -> Result<String, Refusal> {
    Ok(format!("/{}", parts(path)?.join("/")))
}

/// A place where the client may put a file.
pub(super) fn writable(place: Place) -> Result<DropPath, Refusal> {
    let Place::File(path) = place else {
        return Err(match place {
            Place::Readme | Place::Limits => Refusal::ReadOnly,
            _ => Refusal::IsFolder,
        });
    };
    if is_receipt(&path) {
        Err(Refusal::Receipt)
    } else if path.name().len() > FILE_NAME_BYTES_MAX {
        Err(Refusal::NameTooLong)
    } else {
        Ok(path)
    }
}

/// Is this file one of ours, which clients may read and remove only?
pub(super) fn is_receipt(path: &DropPath) -> bool {
    match path.folder {
        Folder::Inbox | Folder::Test => path.name().ends_with(RECEIPT_SUFFIX),
        Folder::Tmp => false,
        Folder::Receipts | Folder::Day(_) => true,
    }
}

fn file(folder: Folder, name: &str) -> Result<Place, Refusal> {
    match DropPath::new(folder, name) {
        Some(path) => Ok(Place::File(path)),
        None if name.len() > FILE_NAME_BYTES_MAX => Err(Refusal::NameTooLong),
        None => Err(Refusal::BadName),
    }
}

fn day_folder(day: &str) -> Result<Folder, Refusal> {
    match Folder::from_client(&format!("/receipts/{day}")) {
        Some(folder @ Folder::Day(_)) => Ok(folder),
        _ => Err(Refusal::Absent),
    }
}

/// The parts of a path, with `.`, `..` and doubled slashes worked off. The root is its own parent.
fn parts(path: &[u8]) -> Result<Vec<&str>, Refusal> {
    if path.len() > PATH_BYTES_MAX {
        return Err(Refusal::NameTooLong);
    }
    let path = str::from_utf8(path).map_err(|_| Refusal::BadName)?;
    if path.contains(char::is_control) {
        return Err(Refusal::BadName);
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => (),
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox(name: &str) -> Place {
        Place::File(DropPath::new(Folder::Inbox, name).unwrap())
    }

    #[test]
    fn detours_end_inside_the_tree() {
        for path in [
            "/inbox/a.xml",
            "inbox/a.xml",
            "//inbox///a.xml",
            "./inbox/./a.xml",
            "/../../inbox/a.xml",
            "/test/../inbox/a.xml",
            "/a.xml",
            "a.xml",
            "/inbox/../../a.xml",
        ] {
            assert_eq!(resolve(path.as_bytes()), Ok(inbox("a.xml")), "{path}");
        }
        assert_eq!(resolve(b""), Ok(Place::Root));
        assert_eq!(resolve(b"/inbox/.."), Ok(Place::Root));
        assert_eq!(resolve(b"../.."), Ok(Place::Root));
        assert_eq!(canonical(b"inbox/../test//./a"), Ok("/test/a".to_owned()));
        assert_eq!(canonical(b"."), Ok("/".to_owned()));
    }

    #[test]
    fn nothing_lies_deeper_or_beside_the_known_folders() {
        for path in [
            "/inbox/sub/a.xml",
            "/receipts/a.xml",
            "/receipts/2026-6-1",
            "/receipts/2026-06-01/a/b",
            "/etc/passwd",
        ] {
            assert_eq!(resolve(path.as_bytes()), Err(Refusal::Absent), "{path}");
        }
    }

    #[test]
    fn names_that_two_programs_could_read_differently_are_refused() {
        for path in [
            &b"/inbox/\xff.xml"[..],
            b"/inbox/a\n.xml",
            b"/inbox/a\0.xml",
            b"/inbox/.ecocd-1",
        ] {
            assert_eq!(resolve(path), Err(Refusal::BadName));
        }
        let long = format!("/inbox/{}.xml", "a".repeat(FILE_NAME_BYTES_MAX - 3));
        let place = resolve(long.as_bytes()).unwrap();
        assert_eq!(writable(place), Err(Refusal::NameTooLong));
    }

    #[test]
    fn receipts_are_not_made_by_clients() {
        for (path, expected) in [
            ("/inbox/a.xml.receipt.json", Refusal::Receipt),
            ("/receipts/2026-06-01/a", Refusal::Receipt),
            ("/README.txt", Refusal::ReadOnly),
            ("/inbox", Refusal::IsFolder),
        ] {
            let place = resolve(path.as_bytes()).unwrap();
            assert_eq!(writable(place), Err(expected), "{path}");
        }
    }
}
