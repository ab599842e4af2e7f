//! Manufacturers' accounts, the users who belong to them, and how a user proves who it is.

use crate::domain::handing_in::HandingIn;
use crate::domain::networks::Networks;
use crate::domain::{Timestamp, Unfit, id, words};

id! {
    /// An account's row.
    AccountId
}
id! {
    /// A user's row.
    UserId
}
id! {
    /// A credential's row.
    CredentialId
}

/// An account's short code: 2 to 32 of `a-z 0-9 -`, beginning with a letter.
///
/// It names the account's drop folder on disk, so nothing else may ever be let in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountCode(String);

impl AccountCode {
    /// Checks `text`.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        let fits = (2..=32).contains(&text.len())
            && text.starts_with(|letter: char| letter.is_ascii_lowercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Unfit(format!(
                "'{}' cannot be an account code: use 2 to 32 of a-z, 0-9 and '-', beginning with a letter",
                text.escape_debug()
            )))
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountCode {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.pad(&self.0)
    }
}

/// The name a user logs in with: a person's mail address, or a machine user's short name.
///
/// 2 to 254 visible ASCII characters without blanks; kept in lower case, compared in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LoginName(String);

impl LoginName {
    /// Checks `text` and puts it into lower case.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        let fits = (2..=254).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic())
            && !text.contains(['/', '\\', ':', '"', '<', '>', ',', ';']);
        if fits {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Unfit(format!(
                "'{}' cannot be a log-in name: use a mail address, or 2 to 254 of letters, digits and . - _ @ + '",
                text.escape_debug()
            )))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for LoginName {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.pad(&self.0)
    }
}

/// A mail address that a message can be sent to: one `@`, no blanks, at most 254 octets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailAddress(String);

impl MailAddress {
    /// Checks `text`.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        let fits = text.len() <= 254
            && text.is_ascii()
            && !text.contains(|letter: char| {
                letter.is_whitespace() || letter.is_control() || "<>(),;:\\\"[]".contains(letter)
            })
            && text.split_once('@').is_some_and(|(local, host)| {
                !local.is_empty() && !host.is_empty() && !host.contains('@')
            });
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Unfit(format!(
                "'{}' is not a mail address: write it like name@example.com",
                text.escape_debug()
            )))
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with most of its local part hidden, for the log.
    pub fn masked(&self) -> String {
        let (local, host) = self.0.split_once('@').unwrap_or(("", &self.0));
        let first: String = local.chars().take(1).collect();
        format!("{first}***@{host}")
    }
}

impl std::fmt::Display for MailAddress {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.pad(&self.0)
    }
}

words! {
    /// What a user may do. Manufacturers' users have the first three, staff the last two.
    Role {
        /// Manages users, uploads, views.
        Primary = "primary",
        /// Uploads and views.
        Upload = "upload",
        /// Views.
        View = "view",
        /// Staff: decides on registrations, sees all submissions.
        Reviewer = "reviewer",
        /// Staff: runs the service.
        Operator = "operator",
        /// All roles and access were removed; the user stays for what it handed in.
        None = "none",
    }
}

impl Role {
    /// May this role hand in files?
    pub const fn may_upload(self) -> bool {
        matches!(self, Self::Primary | Self::Upload)
    }

    /// Is this a role of the authority's own people, who belong to no account?
    pub const fn is_staff(self) -> bool {
        matches!(self, Self::Reviewer | Self::Operator)
    }

    /// The role in the portal's words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Primary => "Primary User",
            Self::Upload => "Upload User",
            Self::View => "View User",
            Self::Reviewer => "Reviewer",
            Self::Operator => "Operator",
            Self::None => "No access",
        }
    }
}

words! {
    /// Who stands behind a user.
    UserKind {
        /// A human being, who signs in on the web with a mail address and a password.
        Person = "person",
        /// A program, which logs in by SFTP, mostly with a key.
        Machine = "machine",
    }
}

words! {
    /// Whether an account or a user may come in.
    Standing {
        /// May come in.
        Active = "active",
        /// May not, until an operator says otherwise.
        Suspended = "suspended",
    }
}

words! {
    /// Which outcomes a user wants to hear of by mail.
    MailPreference {
        /// Every outcome.
        All = "all",
        /// Only windows that hold a failure. The default.
        Failures = "failures",
        /// One summary a day.
        Daily = "daily",
        /// Nothing.
        None = "none",
    }
}

impl MailPreference {
    /// What somebody gets, for mails.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::All => "every outcome",
            Self::Failures => "failures only",
            Self::Daily => "a daily summary",
            Self::None => "no mail",
        }
    }
}

/// A manufacturer's registration with us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its row.
    pub id: AccountId,
    /// Its short code.
    pub code: AccountCode,
    /// The manufacturer's name.
    pub name: String,
    /// May its users come in?
    pub standing: Standing,
    /// Where its users may log in from by SFTP.
    pub from: Networks,
    /// May its users log in by SFTP with a password?
    pub passwords: bool,
    /// How it hands its files in.
    pub handing_in: HandingIn,
    /// When it was made.
    pub created: Timestamp,
}

/// Who logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its row.
    pub id: UserId,
    /// The account it belongs to; `None` for staff.
    pub account: Option<AccountId>,
    /// What it types to log in.
    pub login: LoginName,
    /// Person or machine.
    pub kind: UserKind,
    /// What it may do.
    pub role: Role,
    /// May it come in?
    pub standing: Standing,
    /// Where it may log in from by SFTP, besides what its account says.
    pub from: Networks,
    /// The person's full name, or what the machine is called.
    pub display_name: String,
    /// Where mail for it goes; machines mostly have none.
    pub mail: Option<MailAddress>,
    /// Which outcomes it wants to hear of.
    pub mail_preference: MailPreference,
    /// For a machine user: the person answerable for it, shown as `Uploaded By`.
    pub contact: Option<UserId>,
    /// When it was made.
    pub created: Timestamp,
}

/// The most fixed addresses of an account.
///
/// Reason: each gets a copy of every mail; whom more are to hear has a mailing list of its own.
pub const FIXED_ADDRESSES_MAX: usize = 10;

/// An address that hears of an account's outcomes without being a user's: a team's mailbox, or that of a
/// program that watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedAddress {
    /// Whose outcomes.
    pub account: AccountId,
    /// Where mail goes.
    pub mail: MailAddress,
    /// Of which outcomes it hears; one that hears of none is not kept.
    pub preference: MailPreference,
    /// When it was added.
    pub created: Timestamp,
}

impl FixedAddress {
    /// What such an address may get: one that gets nothing is removed.
    pub const OFFERED: &[MailPreference] = &[
        MailPreference::All,
        MailPreference::Failures,
        MailPreference::Daily,
    ];
}

words! {
    /// The two ways a user proves itself.
    CredentialKind {
        /// A password, kept as an argon2id hash.
        Password = "password",
        /// A public key, kept in OpenSSH's one-line form.
        PublicKey = "public-key",
    }
}

/// One way a user proves itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its row.
    pub id: CredentialId,
    /// Whose it is.
    pub user: UserId,
    /// Password or key.
    pub kind: CredentialKind,
    /// The PHC string of a password's hash, or the public key as `ssh-ed25519 AAAA…` without comment.
    pub verifier: String,
    /// `SHA256:…` of a key, as OpenSSH prints it; `None` for a password.
    pub fingerprint: Option<String>,
    /// What people call it.
    pub label: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it last let somebody in, to the minute.
    pub last_used: Option<Timestamp>,
    /// Must this password be changed before anything else?
    pub must_change: bool,
    /// From when on it lets nobody in.
    pub ends: Option<Timestamp>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The verifier stays out of every log.
        form.debug_struct("Credential")
            .field("id", &self.id)
            .field("user", &self.user)
            .field("kind", &self.kind)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_code_can_never_leave_its_folder() {
        for bad in [
            "",
            "a",
            "..",
            "a/b",
            "A",
            "1a",
            "a b",
            "a.b",
            "ä1",
            &"a".repeat(33),
        ] {
            assert!(AccountCode::new(bad).is_err(), "{bad}");
        }
        assert_eq!(AccountCode::new("acme-2").unwrap().as_str(), "acme-2");
    }

    #[test]
    fn a_login_name_is_compared_without_case() {
        assert_eq!(
            LoginName::new("Ann@Example.COM").unwrap(),
            LoginName::new("ann@example.com").unwrap()
        );
        assert!(LoginName::new("o'neill@example.com").is_ok());
        assert!(LoginName::new("a b").is_err());
        assert!(LoginName::new("a/b").is_err());
    }

    #[test]
    fn a_mail_address_cannot_carry_a_header() {
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\r\nBcc: c@d",
            "<a@b>",
        ] {
            assert!(MailAddress::new(bad).is_err(), "{bad}");
        }
        assert_eq!(
            MailAddress::new("ann@example.com").unwrap().masked(),
            "a***@example.com"
        );
    }
}
