//! The section `[invitation]`: how a new user gets in for the first time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;

/// How a new user gets in for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Invitation {
    /// What the mail holds besides the link.
    pub password: FirstPassword,
    /// Link and temporary password work for so many days.
    pub days: u32,
    /// Invitations that an account may send in an hour, those sent again counted.
    pub hourly_max: u32,
}

/// How a new user comes by a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstPassword {
    /// By a temporary one in the mail, to be changed at the first sign-in.
    Temporary,
    /// The mail holds none: whoever follows its link creates one.
    None,
}

impl Invitation {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        faults.between("days", self.days.into(), 1, 90);
        faults.between("hourly-max", self.hourly_max.into(), 1, 10_000);
    }

    /// How long link and temporary password work.
    pub fn lasts(&self) -> Duration {
        Duration::from_hours(u64::from(self.days) * 24)
    }
}

impl Default for Invitation {
    fn default() -> Self {
        Self {
            password: FirstPassword::Temporary,
            days: 7,
            // A manufacturer's whole office at once, and no flood of mail in our name.
            hourly_max: 50,
        }
    }
}
