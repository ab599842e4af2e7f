//! Who did what: the entries of the audit log.

use crate::domain::{Timestamp, words};

words! {
    /// What was done. A word is never given another meaning.
    Action {
        /// Somebody asked for an account.
        RegistrationSent = "registration-sent",
        /// The applicant confirmed the address of a request.
        RegistrationConfirmed = "registration-confirmed",
        /// Staff approved a request.
        RegistrationApproved = "registration-approved",
        /// Staff refused a request.
        RegistrationRefused = "registration-refused",
        /// A user was invited.
        UserInvited = "user-invited",
        /// A mailed link was used to take up an invitation.
        InvitationRedeemed = "invitation-redeemed",
        /// A user's role changed.
        RoleChanged = "role-changed",
        /// A user lost all roles and access.
        AccessRemoved = "access-removed",
        /// Another user became the Primary User.
        PrimaryMoved = "primary-moved",
        /// An account was added without a request.
        AccountAdded = "account-added",
        /// How an account hands its files in changed, or where its users may log in from and with what.
        AccountChanged = "account-changed",
        /// An account's users are kept out.
        AccountSuspended = "account-suspended",
        /// An account's users are let in again.
        AccountResumed = "account-resumed",
        /// A person was added without an invitation.
        UserAdded = "user-added",
        /// Where a user may log in from changed.
        UserChanged = "user-changed",
        /// A user is kept out.
        UserSuspended = "user-suspended",
        /// A user is let in again.
        UserResumed = "user-resumed",
        /// A password was set.
        PasswordChanged = "password-changed",
        /// A link to set a new password was asked for.
        PasswordLinkSent = "password-link-sent",
        /// A key was added.
        KeyAdded = "key-added",
        /// A key was removed.
        KeyRemoved = "key-removed",
        /// A new host key was made, which takes the place of the old one on a day to come.
        HostKeyRotated = "host-key-rotated",
        /// A machine user was added.
        MachineAdded = "machine-added",
        /// A machine user's name or contact changed.
        MachineChanged = "machine-changed",
        /// Somebody chose which outcomes to hear of by mail.
        MailPreferenceChanged = "mail-preference-changed",
        /// An address hears of an account's outcomes from now on, or of others than before.
        FixedAddressAdded = "fixed-address-added",
        /// An address hears of an account's outcomes no longer.
        FixedAddressRemoved = "fixed-address-removed",
        /// Somebody signed the other browsers out.
        BrowsersSignedOut = "browsers-signed-out",
        /// Somebody agreed to the terms, or declared for a machine user.
        TermsAgreed = "terms-agreed",
        /// A new version of the terms is in force.
        TermsPublished = "terms-published",
        /// A held submission is tried again.
        SubmissionRetried = "submission-retried",
        /// A held submission was ended with a sentence of staff's.
        SubmissionRejected = "submission-rejected",
        /// A mail is sent again.
        MailRetried = "mail-retried",
    }
}

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Unique; a deed that is noted twice stands in the log once.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The log-in name, or `command line`.
    pub actor: String,
    /// What.
    pub action: Action,
    /// To what: a log-in name, account code, reference or number.
    pub subject: String,
    /// What else is worth knowing, for people; never a secret.
    pub details: String,
    /// The address from where, if over a network.
    pub remote_ip: Option<String>,
}

/// A deed in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log, from 1, without a gap.
    pub number: u64,
    /// What was done.
    pub deed: Deed,
    /// SHA-256 over the digest before it and all of the above, in hexadecimal digits.
    pub digest: String,
}

impl Deed {
    /// What an entry's digest is over: every part with its length before it, so that no two
    /// different entries have the same octets.
    pub fn sealed(&self, number: u64, before: &str) -> String {
        let parts = [
            before,
            &number.to_string(),
            &self.id,
            &self.at.as_microsecond().to_string(),
            &self.actor,
            self.action.as_str(),
            &self.subject,
            &self.details,
            self.remote_ip.as_deref().unwrap_or_default(),
        ];
        let mut sealed = String::new();
        for part in parts {
            sealed.push_str(&part.len().to_string());
            sealed.push(':');
            sealed.push_str(part);
            sealed.push('\n');
        }
        sealed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_entries_have_the_same_seal() {
        let deed = Deed {
            id: "1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            actor: "ann".to_owned(),
            action: Action::RoleChanged,
            subject: "bob".to_owned(),
            details: String::new(),
            remote_ip: None,
        };
        let moved = Deed {
            actor: "an".to_owned(),
            subject: "nbob".to_owned(),
            ..deed.clone()
        };
        assert_ne!(deed.sealed(1, "x"), moved.sealed(1, "x"));
        assert_ne!(deed.sealed(1, "x"), deed.sealed(2, "x"));
        assert_ne!(deed.sealed(1, "x"), deed.sealed(1, "y"));
    }
}
