//! Why somebody was not let in, in words for the operator and the account's own people.
//!
//! The client at the door hears none of them: to it, all refusals are the same.

use crate::domain::words;

words! {
    /// Why a log-in was refused.
    RefusalReason {
        /// Nobody has this log-in name.
        UnknownUser = "unknown-user",
        /// The key is not one of the user's.
        WrongKey = "wrong-key",
        /// The key is too short, of a kind that we do not take, or signs with SHA-1.
        WeakKey = "weak-key",
        /// The certificate is of another authority, for somebody else, or says what we do not know.
        BadCertificate = "bad-certificate",
        /// The password is wrong.
        WrongPassword = "wrong-password",
        /// The password is a temporary one, which must be changed on the web first.
        TemporaryPassword = "temporary-password",
        /// Passwords are not taken from this account.
        NoPasswords = "no-passwords",
        /// The address is not in the list of the user or its account.
        WrongPlace = "wrong-place",
        /// The user or its account is suspended.
        Suspended = "suspended",
        /// The user may look, not hand in files, or is one of the authority's own.
        NoUploads = "no-uploads",
        /// The legacy listener is not for this account.
        NotLegacy = "not-legacy",
        /// Client and server know no common algorithm.
        NoCommonAlgorithm = "no-common-algorithm",
        /// The client showed nothing to prove who it is.
        NothingShown = "nothing-shown",
        /// As many sessions as may be are open already.
        TooManySessions = "too-many-sessions",
        /// The place was shut out for some minutes, because of what came from it before.
        ShutOut = "shut-out",
    }
}

impl RefusalReason {
    /// What happened, and what to do about it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::UnknownUser => "nobody has this log-in name",
            Self::WrongKey => "the key is not one of the user's: add it, or use the right one",
            Self::WeakKey => {
                "the key is too weak: make an Ed25519 or ECDSA key, or RSA of 3072 bits and a client \
                 that signs with SHA-2"
            }
            Self::BadCertificate => "the certificate is not good for this user",
            Self::WrongPassword => "the password is wrong",
            Self::TemporaryPassword => {
                "the password is a temporary one: sign in on the web and choose your own first"
            }
            Self::NoPasswords => "passwords are not taken here: use a key",
            Self::WrongPlace => "the address is not one that the user may come from",
            Self::Suspended => "the user or the account is suspended",
            Self::NoUploads => "the user's role does not hand in files",
            Self::NotLegacy => "the account may not use the legacy port",
            Self::NoCommonAlgorithm => {
                "client and server know no common algorithm: update the client"
            }
            Self::NothingShown => "the client showed neither a key nor a password",
            Self::TooManySessions => "as many sessions as may be are open: close some first",
            Self::ShutOut => "too many attempts came from there: it may try again in some minutes",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_word_and_a_sentence_of_its_own() {
        let mut sentences: Vec<&str> = Vec::new();
        for reason in RefusalReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(*reason));
            assert!(!sentences.contains(&reason.sentence()), "{reason}");
            sentences.push(reason.sentence());
        }
    }
}
