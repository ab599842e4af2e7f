//! The section `[drop-folders]`: where they lie, and when a dropped file is complete.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// Where the drop folders lie, and when a dropped file is complete.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DropFolders {
    /// One folder an account lies in it. Relative to `service.data`.
    pub path: PathBuf,
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
}

impl Default for DropFolders {
    fn default() -> Self {
        Self {
            path: PathBuf::from("drop"),
            scan_every: Duration::from_secs(30),
            settle: Duration::from_millis(500),
            incomplete_wait: Duration::from_secs(2 * 60),
            incomplete_wait_in_session: Duration::from_secs(15 * 60),
        }
    }
}
