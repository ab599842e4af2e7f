//! The section `[mail]`: how mail leaves, and how outcomes are gathered into digests.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// How mail leaves, and how outcomes are gathered into digests.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mail {
    /// `smtps://host:465` (TLS), `smtp+starttls://host:587`, or `smtp://127.0.0.1:25` (plain, on
    /// loopback only); `user@` before the host if it wants a log-in. Empty: mail goes to `folder`.
    pub smtp: String,
    /// A file that holds the password for `smtp`.
    pub password_file: PathBuf,
    /// A PEM file with the authority that signed the mail server's certificate; empty for the system's.
    pub ca_file: PathBuf,
    /// Mails are written into this folder as `.eml` while `smtp` is empty. Relative to `service.data`.
    pub folder: PathBuf,
    /// The sender's address.
    pub from: String,
    /// The first failure of an account opens a window of so long; what it gathers is one mail.
    #[serde(with = "crate::config::duration")]
    pub window: Duration,
    /// After a mail, the account's next window is open for so long.
    #[serde(with = "crate::config::duration")]
    pub pause: Duration,
    /// The hour of the daily summary, in the authority's time zone.
    pub daily_hour: u8,
    /// The authority's time zone.
    pub time_zone: String,
    /// The most rows inline; the rest is in the attached CSV.
    pub rows_max: u32,
    /// The longest that one delivery may take.
    #[serde(with = "crate::config::duration")]
    pub send_within: Duration,
    /// The delay after the first failed attempt; it doubles.
    #[serde(with = "crate::config::duration")]
    pub retry_first: Duration,
    /// The longest delay between two attempts.
    #[serde(with = "crate::config::duration")]
    pub retry_max: Duration,
    /// A mail that could not be delivered for so long is given up.
    #[serde(with = "crate::config::duration")]
    pub give_up_after: Duration,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            smtp: String::new(),
            password_file: PathBuf::new(),
            ca_file: PathBuf::new(),
            folder: PathBuf::from("mail"),
            from: "ecocd@localhost".to_owned(),
            window: Duration::from_secs(2 * 60),
            pause: Duration::from_secs(15 * 60),
            daily_hour: 7,
            time_zone: "Europe/London".to_owned(),
            rows_max: 50,
            send_within: Duration::from_secs(60),
            retry_first: Duration::from_secs(60),
            retry_max: Duration::from_secs(4 * 3600),
            give_up_after: Duration::from_secs(5 * 86400),
        }
    }
}
