//! The section `[drop-folders]`: where they lie, and when a dropped file is complete.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;

/// Where the drop folders lie, and when a dropped file is complete.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DropFolders {
    /// One folder an account lies in it. Relative to `service.data`.
    pub path: PathBuf,
    /// Octets that one account's folder may hold; past it nothing more is taken by SFTP.
    pub account_bytes_max: u64,
    /// Files that one account's folder may hold, receipts among them; past it no new one is taken by SFTP.
    pub account_files_max: u64,
    /// How often every folder is looked through; events only make it sooner.
    #[serde(with = "crate::config::duration")]
    pub scan_every: Duration,
    /// A complete document must keep its size and time of change for so long before it is taken.
    #[serde(with = "crate::config::duration")]
    pub settle: Duration,
    /// An incomplete file is given up after so long without a change.
    #[serde(with = "crate::config::duration")]
    pub incomplete_wait: Duration,
    /// The same while the session that uploads it still lives.
    #[serde(with = "crate::config::duration")]
    pub incomplete_wait_in_session: Duration,
    /// A file that was taken in is removed, with the receipt beside it, so long after it was answered;
    /// `0s` keeps it until its sender removes it.
    #[serde(with = "crate::config::duration")]
    pub answered_keep: Duration,
    /// A day's receipts below `/receipts` are removed after so long; `0s` keeps them for ever.
    #[serde(with = "crate::config::duration")]
    pub receipts_keep: Duration,
}

/// Clients look at what they sent for a while, and a session may go on with it.
const ANSWERED_KEEP_MIN: Duration = Duration::from_hours(1);

/// Receipts lie in one folder a day.
const RECEIPTS_KEEP_MIN: Duration = Duration::from_hours(24);

impl DropFolders {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        if self.path.as_os_str().is_empty() {
            faults.say("path", "must name a folder");
        }
        faults.between(
            "account-bytes-max",
            self.account_bytes_max,
            1024 * 1024,
            1 << 50,
        );
        faults.between(
            "account-files-max",
            self.account_files_max,
            100,
            100_000_000,
        );
        faults.length("scan-every", self.scan_every);
        faults.length("settle", self.settle);
        faults.length("incomplete-wait", self.incomplete_wait);
        if self.incomplete_wait < self.settle {
            faults.say(
                "incomplete-wait",
                "must not be shorter than drop-folders.settle",
            );
        }
        faults.length(
            "incomplete-wait-in-session",
            self.incomplete_wait_in_session,
        );
        if self.incomplete_wait_in_session < self.incomplete_wait {
            faults.say(
                "incomplete-wait-in-session",
                "must not be shorter than drop-folders.incomplete-wait",
            );
        }
        for (key, keep, least) in [
            ("answered-keep", self.answered_keep, ANSWERED_KEEP_MIN),
            ("receipts-keep", self.receipts_keep, RECEIPTS_KEEP_MIN),
        ] {
            faults.length_or_none(key, keep);
            if !keep.is_zero() && keep < least {
                let least = crate::config::duration::show(least);
                faults.say(
                    key,
                    format!("must be {least} or more, or 0s to keep them for ever"),
                );
            }
        }
    }
}

impl Default for DropFolders {
    fn default() -> Self {
        Self {
            path: PathBuf::from("drop"),
            // Octets of about 250,000 certificates of 40 kB; of the files, three each, 166,000 are room.
            account_bytes_max: 10 * 1024 * 1024 * 1024,
            // Of so many names a list fits into an account's part of `sftp.uploads-bytes-max`.
            account_files_max: 500_000,
            scan_every: Duration::from_secs(30),
            settle: Duration::from_millis(500),
            incomplete_wait: Duration::from_mins(2),
            incomplete_wait_in_session: Duration::from_mins(15),
            answered_keep: Duration::ZERO,
            receipts_keep: Duration::ZERO,
        }
    }
}
