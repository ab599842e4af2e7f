//! Requests for an account, and the invitations of users.

use crate::domain::account::{AccountId, MailAddress};
use crate::domain::{Timestamp, Unfit, id, numbering, words};

/// The longest name of a person or manufacturer, in characters.
///
/// Reason: a certificate gives a manufacturer's name 150; no form needs more.
pub const NAME_CHARS_MAX: usize = 150;

/// The reference of a request: `REG-` and 5 letters of [`NUMBER_ALPHABET`](crate::domain::submission::NUMBER_ALPHABET).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference(String);

impl Reference {
    /// Makes a reference from 5 random octets.
    pub fn from_random(octets: [u8; 5]) -> Self {
        Self(numbering::draw("REG-", &octets))
    }

    /// Checks `text`; lower case is taken too.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        numbering::read("REG-", 5, text).map(Self).ok_or_else(|| {
            Unfit(format!(
                "'{}' is not the reference of a request: it looks like REG-K3X9G",
                text.escape_debug()
            ))
        })
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.pad(&self.0)
    }
}

id! {
    /// An invitation's row.
    InvitationId
}

impl InvitationId {
    /// The reference that people see: `INV-` and a number from 1000.
    pub fn reference(self) -> String {
        format!("INV-{}", self.0.saturating_add(999))
    }

    /// Reads such a reference.
    pub fn from_reference(text: &str) -> Result<Self, Unfit> {
        let digits = text.strip_prefix("INV-").unwrap_or_default();
        let is_plain = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
        let number = digits.parse::<i64>().ok().filter(|_| is_plain);
        number
            .and_then(|number| number.checked_sub(999))
            .filter(|row| *row > 0)
            .map(Self)
            .ok_or_else(|| {
                Unfit(format!(
                    "'{}' is not the reference of an invitation: it looks like INV-1048",
                    text.escape_debug()
                ))
            })
    }
}

words! {
    /// Where a request for an account stands.
    RegistrationStatus {
        /// The applicant has not followed the link in the mail yet.
        Unconfirmed = "unconfirmed",
        /// It waits for staff.
        Waiting = "waiting",
        /// It has an account.
        Approved = "approved",
        /// It has been refused.
        Refused = "refused",
    }
}

/// A name as typed: trimmed, in one line, not too long.
pub fn name(text: &str) -> Result<String, Unfit> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Unfit("it is empty".to_owned()));
    }
    if text.chars().count() > NAME_CHARS_MAX {
        return Err(Unfit(format!(
            "it has more than {NAME_CHARS_MAX} characters"
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(Unfit(
            "it holds a line break or another control character".to_owned(),
        ));
    }
    Ok(text.to_owned())
}

/// What the form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// First name; see [`name`].
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Where the answer goes.
    pub mail: MailAddress,
    /// For whom an account is wanted.
    pub manufacturer: String,
}

impl Applicant {
    /// The person's full name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// A request for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// What people call it.
    pub reference: Reference,
    /// What was asked.
    pub applicant: Applicant,
    /// Where it stands.
    pub status: RegistrationStatus,
    /// When the form was sent.
    pub created: Timestamp,
    /// When the address was confirmed: from then on the promise runs.
    pub confirmed: Option<Timestamp>,
    /// When staff decided.
    pub decided: Option<Timestamp>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The account that it got.
    pub account: Option<AccountId>,
}

words! {
    /// What a mailed link is for.
    LinkPurpose {
        /// To confirm the address of a request.
        Confirm = "confirm",
        /// To take up an invitation.
        Redeem = "redeem",
        /// To set a new password.
        Reset = "reset",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_back() {
        let reference = Reference::from_random([0, 31, 32, 255, 7]);
        assert_eq!(reference.as_str(), "REG-2Z2Z9");
        assert_eq!(Reference::new(" reg-2z2z9 ").unwrap(), reference);
        for bad in [
            "",
            "REG-",
            "REG-2Z2Z",
            "REG-2Z2Z90",
            "REG-0Z2Z9",
            "SUB-2Z2Z9",
        ] {
            assert!(Reference::new(bad).is_err(), "{bad}");
        }
        assert_eq!(InvitationId(49).reference(), "INV-1048");
        assert_eq!(
            InvitationId::from_reference("INV-1048"),
            Ok(InvitationId(49))
        );
        for bad in [
            "",
            "1048",
            "INV-",
            "INV--5",
            "INV-999",
            "INV-+1048",
            "INV-99999999999999999999",
        ] {
            assert!(InvitationId::from_reference(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_is_one_line_of_150_characters_at_most() {
        assert_eq!(name("  Zoë  ").unwrap(), "Zoë");
        assert!(name(&"é".repeat(150)).is_ok());
        for bad in ["", "  ", "a\nb", &"é".repeat(151)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
