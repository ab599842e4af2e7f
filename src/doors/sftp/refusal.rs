//! Why a request is refused: the one place where a refusal becomes a status code and a sentence.

use std::io;

use crate::domain::Timestamp;
use crate::domain::receipt::FILE_NAME_BYTES_MAX;
use crate::doors::sftp::wire::{Code, Reply};

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nothing of that name. Clients rely on hearing exactly this.
    Absent,
    /// The name cannot be that of a file here.
    BadName,
    /// The name leaves no room for the receipt's.
    NameTooLong,
    /// Not `inbox` or `test`.
    ReadOnly,
    /// Receipts are ours.
    Receipt,
    /// Folders come with the account.
    FixedTree,
    IsFolder,
    NotFolder,
    Exists,
    /// A file that was handed in must not be replaced unawares.
    HandedIn,
    /// A whole file that was answered is not in the database yet.
    Waiting,
    /// Links would lead out, or in.
    NoLinks,
    Unsupported,
    BadMessage,
    BadHandle,
    NotOpenedForThis,
    TooManyHandles,
    /// More octets than a file may have.
    TooLarge(u64),
    /// The account handed in as much within the hour as it may; it may go on then.
    HourFull(Timestamp),
    /// The account's drop folder holds as much as it may.
    Full(u64),
    /// It holds as many files as it may.
    FullOfFiles(u64),
    /// No algorithm that we know.
    UnknownDigest,
    /// Digests of blocks so small that they fill no packet.
    SmallBlocks,
    /// All uploads together are at the limit.
    Crowded,
    /// Another program is at it.
    Changing,
    /// A device, a link, a file with two names.
    NotPlain,
    Stopping,
    /// Ours to mend; logged where it was seen.
    Fault,
    /// The end of the file or the listing.
    End,
}

impl Refusal {
    /// The status code and the sentence.
    pub(super) fn to_reply(self) -> Reply {
        let (code, sentence) = self.words();
        Reply::Status(code, sentence)
    }

    fn words(self) -> (Code, String) {
        if let Some(sentence) = self.limit() {
            return (Code::Failure, sentence);
        }
        let (code, sentence) = match self {
            Self::Absent => (Code::NoSuchFile, "there is no such file or folder"),
            Self::BadName => (
                Code::Failure,
                "this cannot be a file's name here: use UTF-8 without control characters",
            ),
            Self::ReadOnly => (
                Code::PermissionDenied,
                "this cannot be changed: put files into /inbox or /test",
            ),
            Self::Receipt => (
                Code::PermissionDenied,
                "receipts are written by the service: they can be read and removed, not changed",
            ),
            Self::FixedTree => (
                Code::PermissionDenied,
                "folders cannot be made or removed here: put files into /inbox or /test",
            ),
            Self::IsFolder => (Code::Failure, "this is a folder, not a file"),
            Self::NotFolder => (Code::Failure, "this is a file, not a folder"),
            Self::Exists => (Code::Failure, "there is a file of that name already"),
            Self::NoLinks => (Code::Unsupported, "there are no links here"),
            Self::Unsupported => (Code::Unsupported, "the service does not know this request"),
            Self::BadMessage => (Code::BadMessage, "the request could not be read"),
            Self::BadHandle => (Code::Failure, "this handle is not open"),
            Self::NotOpenedForThis => (Code::PermissionDenied, "the file was not opened for this"),
            Self::TooManyHandles => (
                Code::Failure,
                "too many files are open in this session, or in all of your account: close some first",
            ),
            Self::HandedIn => (
                Code::Failure,
                "a file of that name was handed in already: remove it first, or use another name",
            ),
            Self::UnknownDigest => (
                Code::Unsupported,
                "none of these digests is known here: ask for sha256, sha512, sha1 or md5",
            ),
            Self::Crowded => (
                Code::Failure,
                "too much is being sent or listed at this moment: try again in a minute",
            ),
            Self::Changing => (
                Code::Failure,
                "the file is being changed by another program: try again in a moment",
            ),
            Self::NotPlain => (Code::PermissionDenied, "this is not a plain file"),
            Self::Stopping => (
                Code::Failure,
                "the service is being stopped: try again in some minutes",
            ),
            Self::Fault => (
                Code::Failure,
                "the service could not do this just now: try again later",
            ),
            Self::End => (Code::Eof, "the end"),
            // Said above.
            Self::NameTooLong
            | Self::TooLarge(_)
            | Self::Full(_)
            | Self::FullOfFiles(_)
            | Self::SmallBlocks
            | Self::HourFull(_)
            | Self::Waiting => (Code::Failure, "not now"),
        };
        (code, sentence.to_owned())
    }

    /// Sentences that name a limit, or what must come first.
    fn limit(self) -> Option<String> {
        Some(match self {
            Self::NameTooLong => format!(
                "the name is too long: use at most {FILE_NAME_BYTES_MAX} octets, so that the receipt's name fits"
            ),
            Self::TooLarge(bytes_max) => format!(
                "the file is too large: at most {bytes_max} octets are taken; a file for \
                 judging gets a receipt that says so"
            ),
            Self::Full(bytes_max) => format!(
                "quota exceeded: your drop folder may hold {bytes_max} octets; remove files that \
                 were answered, and old receipts"
            ),
            Self::FullOfFiles(files_max) => format!(
                "quota exceeded: your drop folder may hold {files_max} files; remove files that were \
                 answered, and old receipts"
            ),
            Self::HourFull(ends) => format!(
                "your account has handed in as much within the last hour as it may: it may go on at {} UTC",
                ends.strftime("%H:%M")
            ),
            Self::SmallBlocks => {
                "the blocks are too small: use 256 octets or more, and at most 4000 blocks a request"
                    .to_owned()
            }
            Self::Waiting => "a whole file of that name waits to be taken in: try again in a minute, or use another name"
                .to_owned(),
            _ => return None,
        })
    }

    /// What a fault of the drop folder means to the client; ours are logged here.
    pub(super) fn of(error: &io::Error, doing: &'static str) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Absent,
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::IsADirectory => Self::IsFolder,
            io::ErrorKind::NotADirectory => Self::NotFolder,
            io::ErrorKind::InvalidFilename => Self::NameTooLong,
            io::ErrorKind::WouldBlock => Self::Changing,
            // The drop folder's own refusal, not the system's: that one is for the operator.
            io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => Self::NotPlain,
            _ => {
                tracing::error!(%error, "the drop folder failed while {doing}; look at its disk");
                Self::Fault
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_said_to_be_not_there() {
        let error = io::Error::from(io::ErrorKind::NotFound);
        let refusal = Refusal::of(&error, "testing");
        assert!(matches!(
            refusal.to_reply(),
            Reply::Status(Code::NoSuchFile, _)
        ));
    }

    #[test]
    fn a_full_hour_says_when_it_ends() {
        let ends = "2026-11-23T14:05:00Z".parse().unwrap();
        let Reply::Status(code, sentence) = Refusal::HourFull(ends).to_reply() else {
            panic!("no status");
        };
        assert_eq!(code, Code::Failure);
        assert!(sentence.ends_with("at 14:05 UTC"), "{sentence}");
    }

    #[test]
    fn a_folder_that_the_service_may_not_use_is_our_fault() {
        let ours = io::Error::from_raw_os_error(13);
        assert_eq!(Refusal::of(&ours, "testing"), Refusal::Fault);
        let planted = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(Refusal::of(&planted, "testing"), Refusal::NotPlain);
    }
}
