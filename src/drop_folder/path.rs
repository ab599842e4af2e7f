//! Names in a drop folder: what may be one, and how the client sees it. Pure.

use crate::domain::receipt::RECEIPT_SUFFIX;
use crate::drop_folder::STAGED_PREFIX;

/// The longest name of a file in octets, on every file system that we know.
const NAME_BYTES_MAX: usize = 255;

/// A folder that a client sees below its root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Folder {
    /// `/inbox`: what is dropped here counts.
    Inbox,
    /// `/test`: the same rules, no effect.
    Test,
    /// `/tmp`: nothing in it is looked at, until it is renamed into one of the two.
    Tmp,
    /// `/receipts`: one folder a day.
    Receipts,
    /// `/receipts/<yyyy-mm-dd>`.
    Day(String),
}

impl Folder {
    /// The folder as the client sees it, such as `/inbox`.
    pub fn to_client(&self) -> String {
        match self {
            Self::Inbox => "/inbox".to_owned(),
            Self::Test => "/test".to_owned(),
            Self::Tmp => "/tmp".to_owned(),
            Self::Receipts => "/receipts".to_owned(),
            Self::Day(day) => format!("/receipts/{day}"),
        }
    }

    /// From the path as the client sees it, without a slash at the end; `None` if it is none of ours.
    pub fn from_client(path: &str) -> Option<Self> {
        match path {
            "/inbox" => Some(Self::Inbox),
            "/test" => Some(Self::Test),
            "/tmp" => Some(Self::Tmp),
            "/receipts" => Some(Self::Receipts),
            _ => {
                let day = path.strip_prefix("/receipts/")?;
                is_day(day).then(|| Self::Day(day.to_owned()))
            }
        }
    }
}

/// A file in a drop folder; the name is checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DropPath {
    /// The folder.
    pub folder: Folder,
    /// The name, without folders; never empty, `.` or `..`, no `/`, no NUL.
    name: String,
}

impl DropPath {
    /// Checks `name`: one path component in UTF-8 of 1 to 255 octets, not `.` or `..`, no control
    /// characters, and not one of our own names for files that are being written.
    pub fn new(folder: Folder, name: &str) -> Option<Self> {
        let fits = (1..=NAME_BYTES_MAX).contains(&name.len())
            && name != "."
            && name != ".."
            && !name.starts_with(STAGED_PREFIX)
            && !name.contains(|letter: char| letter == '/' || letter.is_control());
        fits.then(|| Self {
            folder,
            name: name.to_owned(),
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path as the client sees it, such as `/inbox/a.xml`.
    pub fn to_client(&self) -> String {
        format!("{}/{}", self.folder.to_client(), self.name)
    }

    /// From the path as the client sees it; `None` if it names no possible file.
    ///
    /// The path must be absolute and plain: no `.`, `..` or empty part.
    pub fn from_client(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/')?;
        Self::new(Folder::from_client(folder)?, name)
    }

    /// The receipt beside this file; `None` if its name would be too long.
    pub fn receipt(&self) -> Option<Self> {
        Self::new(
            self.folder.clone(),
            &format!("{}{RECEIPT_SUFFIX}", self.name),
        )
    }
}

/// Is `text` the name of a day's folder? Only its form counts: `9999-99-99` harms nobody.
pub(super) fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(place, octet)| match place {
            4 | 7 => octet == b'-',
            _ => octet.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_its_folder_is_none() {
        let long = "a".repeat(256);
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "/a",
            "a\0b",
            "a\nb",
            "a\u{85}b",
            ".ecocd-12",
            &long,
        ] {
            assert_eq!(DropPath::new(Folder::Inbox, bad), None, "{bad:?}");
        }
        for good in ["a", "...", ".hidden", "Zulassung Ä.xml", &"a".repeat(255)] {
            assert!(DropPath::new(Folder::Inbox, good).is_some(), "{good:?}");
        }
    }

    #[test]
    fn a_clients_path_comes_back_as_it_went() {
        for path in [
            "/inbox/a.xml",
            "/test/b.xml",
            "/receipts/2026-06-12",
            "/receipts/2026-06-12/SUB-22222222-a.xml.receipt.json",
        ] {
            assert_eq!(DropPath::from_client(path).unwrap().to_client(), path);
        }
    }

    #[test]
    fn a_clients_path_with_detours_names_nothing() {
        for path in [
            "",
            "/",
            "a.xml",
            "/a.xml",
            "inbox/a.xml",
            "//inbox/a.xml",
            "/inbox//a.xml",
            "/inbox/../receipts/a",
            "/inbox/./a.xml",
            "/inbox/..",
            "/inbox/",
            "/inbox/sub/a.xml",
            "/receipts/../../etc/passwd",
            "/receipts/2026-6-12/a",
            "/receipts/2026-06-12/a/b",
        ] {
            assert_eq!(DropPath::from_client(path), None, "{path:?}");
        }
    }

    #[test]
    fn a_receipt_lies_beside_its_file() {
        let file = DropPath::new(Folder::Test, "a.xml").unwrap();
        assert_eq!(
            file.receipt().unwrap().to_client(),
            "/test/a.xml.receipt.json"
        );
        let long = DropPath::new(Folder::Test, &"a".repeat(250)).unwrap();
        assert_eq!(long.receipt(), None);
    }
}
