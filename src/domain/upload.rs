//! Files that a person gathers on the upload page, and sends together.

use crate::domain::{Unfit, id, numbering, words};

id! {
    /// An upload's row.
    UploadId
}

/// The reference in an upload's address: `UPL-` and 8 letters of [`NUMBER_ALPHABET`](crate::domain::submission::NUMBER_ALPHABET).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadNumber(String);

impl UploadNumber {
    /// Makes a number from 8 random octets, five bits of each.
    pub fn from_random(octets: [u8; 8]) -> Self {
        Self(numbering::draw("UPL-", &octets))
    }

    /// Checks `text`; lower case is taken too.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        numbering::read("UPL-", 8, text).map(Self).ok_or_else(|| {
            Unfit(format!(
                "'{}' is not an upload's number",
                text.escape_debug()
            ))
        })
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for UploadNumber {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.pad(&self.0)
    }
}

words! {
    /// Why a file cannot be sent.
    FileRefusal {
        /// Its name does not end in `.xml`.
        NotXml = "not-xml",
        /// It passed the size limit; nothing of it is kept.
        TooLarge = "too-large",
        /// It has no octets.
        Empty = "empty",
        /// Its name has too many octets for a receipt to bear it.
        NameTooLong = "name-too-long",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uploads_number_cannot_be_mixed_up_with_a_submissions() {
        let number = UploadNumber::from_random([0, 31, 32, 63, 255, 7, 8, 9]);
        assert_eq!(number.as_str(), "UPL-2Z2ZZ9AB");
        assert_eq!(UploadNumber::new(" upl-2z2zz9ab").unwrap(), number);
        for other in ["SUB-2Z2ZZ9AB", "UPL-2Z2ZZ9A", "UPL-0Z2ZZ9AB", ""] {
            assert!(UploadNumber::new(other).is_err(), "{other}");
        }
    }
}
