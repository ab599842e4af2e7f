//! A file handed in once: its number, how it came, and where it stands.

use crate::domain::account::{AccountCode, AccountId, UserId};
use crate::domain::{Timestamp, Unfit, id, numbering, words};

pub use crate::domain::numbering::NUMBER_ALPHABET;

id! {
    /// A submission's row.
    SubmissionId
}

/// The reference that people read to each other: `SUB-` and 8 letters of [`NUMBER_ALPHABET`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubmissionNumber(String);

impl SubmissionNumber {
    /// Makes a number from 8 random octets, five bits of each.
    pub fn from_random(octets: [u8; 8]) -> Self {
        Self(numbering::draw("SUB-", &octets))
    }

    /// Checks `text`; lower case is taken too.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        numbering::read("SUB-", 8, text).map(Self).ok_or_else(|| {
            Unfit(format!(
                "'{}' is not a submission number: it looks like SUB-7K2M9QXA",
                text.escape_debug()
            ))
        })
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SubmissionNumber {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.pad(&self.0)
    }
}

words! {
    /// A way files come in.
    Door {
        /// The SFTP server.
        Sftp = "sftp",
        /// A file put into the drop folder by another program.
        Folder = "folder",
        /// The upload page.
        Web = "web",
    }
}

words! {
    /// Whether a submission counts.
    Lane {
        /// It counts.
        Live = "live",
        /// The same rules and receipts, no effect.
        Test = "test",
    }
}

words! {
    /// Where a submission stands, in the portal's words.
    Status {
        /// We have the file; it waits.
        Received = "Received",
        /// The content is being checked.
        Processing = "Processing",
        /// Submitted well; the records are updated.
        Succeeded = "Succeeded",
        /// There is a problem, and the file was not recorded.
        Failed = "Failed",
    }
}

/// The SHA-256 of a document, as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256(String);

impl Sha256 {
    /// From the 32 octets of the digest.
    pub fn from_octets(octets: &[u8; 32]) -> Self {
        use std::fmt::Write;
        let mut text = String::with_capacity(64);
        for octet in octets {
            // Writing to a String cannot fail.
            let _ = write!(text, "{octet:02x}");
        }
        Self(text)
    }

    /// Checks `text`.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        if text.len() == 64
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(Unfit("a SHA-256 is 64 hexadecimal digits".to_owned()))
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Sha256 {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.pad(&self.0)
    }
}

/// The connection a file came over, as far as the door knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    /// Our own identifier of the session (UUID 7 as text).
    pub id: String,
    /// The client's version string, escaped.
    pub client: String,
    /// The address it came from.
    pub remote_ip: String,
    /// `SHA256:…` of the key that let it in; `None` after a password.
    pub key_fingerprint: Option<String>,
}

/// Which file in a drop folder holds an arrival's octets, so that the folder door knows it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileMark {
    /// The inode number.
    pub inode: u64,
    /// The size in octets.
    pub size_bytes: u64,
    /// The time of the last change of the content, in nanoseconds since 1970.
    pub modified_ns: i64,
}

/// A file that is complete (or given up), as a door hands it to intake.
#[derive(Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Whose drop folder.
    pub account: AccountId,
    /// Who handed it in; `None` when another program dropped it into the folder.
    pub user: Option<UserId>,
    /// The way it came.
    pub door: Door,
    /// Does it count?
    pub lane: Lane,
    /// The name that the sender gave it, without folders.
    pub file_name: String,
    /// Its path as the sender sees it, such as `/inbox/a.xml`; unique per account at a time.
    pub path: String,
    /// The octets as they came.
    pub octets: Vec<u8>,
    /// When the first octet came.
    pub first_byte: Timestamp,
    /// When it was complete (or given up).
    pub complete: Timestamp,
    /// The connection; `None` for the folder door.
    pub session: Option<SessionFacts>,
    /// The file in the drop folder; `None` for the web.
    pub mark: Option<FileMark>,
    /// Set when the door gives the file up unjudged: its reason goes into the receipt.
    pub given_up: Option<GivenUp>,
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.debug_struct("Arrival")
            .field("path", &self.path)
            .field("size_bytes", &self.octets.len())
            .finish_non_exhaustive()
    }
}

words! {
    /// Why a door hands in a file that must not be judged.
    GivenUp {
        /// Its document was never closed within the waiting time.
        Incomplete = "incomplete",
        /// It is whole, but the marker that its account agreed on never came.
        Unmarked = "unmarked",
        /// It has no octets, or nothing but blanks.
        Empty = "empty",
        /// It passed the size limit; `octets` holds only the beginning.
        TooLarge = "too-large",
    }
}

/// A submission as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its row.
    pub id: SubmissionId,
    /// Its human reference.
    pub number: SubmissionNumber,
    /// Whose it is.
    pub account: AccountId,
    /// The account's code.
    pub account_code: AccountCode,
    /// The manufacturer's name.
    pub account_name: String,
    /// Who handed it in.
    pub user: Option<UserId>,
    /// That user's log-in name, or `drop folder`.
    pub submitted_by: String,
    /// The person shown as `Uploaded By`: the user, or a machine user's contact.
    pub uploaded_by: String,
    /// The way it came.
    pub door: Door,
    /// Does it count?
    pub lane: Lane,
    /// Where it stands.
    pub status: Status,
    /// Set aside for an operator: shown as `Failed`, has no receipt yet.
    pub is_held: bool,
    /// How often judging was begun.
    pub attempts: u32,
    /// The sender's name for the file.
    pub file_name: String,
    /// Its path as the sender sees it.
    pub path: String,
    /// The octets' number; of what came, when it was too large.
    pub size_bytes: u64,
    /// The octets' SHA-256.
    pub sha256: Sha256,
    /// When the first octet came.
    pub first_byte: Timestamp,
    /// When it was complete; shown as `Created On`.
    pub complete: Timestamp,
    /// When it was decided; `None` before.
    pub decided: Option<Timestamp>,
    /// Why a door gave it up, if it did.
    pub given_up: Option<GivenUp>,
    /// The connection it came over.
    pub session: Option<SessionFacts>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_eight_letters_that_cannot_be_mixed_up() {
        let number = SubmissionNumber::from_random([0, 31, 32, 63, 255, 7, 8, 9]);
        assert_eq!(number.as_str(), "SUB-2Z2ZZ9AB");
        assert_eq!(SubmissionNumber::new("sub-2z2zz9ab").unwrap(), number);
        assert!(SubmissionNumber::new("SUB-0AAAAAAA").is_err());
        assert!(SubmissionNumber::new("SUB-AAAAAAA").is_err());
    }

    #[test]
    fn a_digest_is_written_in_lower_case() {
        let digest = Sha256::from_octets(&[0xab; 32]);
        assert_eq!(digest.as_str(), "ab".repeat(32));
        assert!(Sha256::new(&"AB".repeat(32)).is_err());
    }
}
