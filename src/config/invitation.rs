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
        }
    }
}
