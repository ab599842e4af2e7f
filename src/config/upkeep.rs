//! The section `[upkeep]`: how long is kept what is over and done with.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;

/// How long is kept what is over and done with. `0s` keeps it for ever.
///
/// Documents, receipts, records and the audit log have no setting here: they are never removed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Upkeep {
    /// How often is looked for what can go.
    #[serde(with = "crate::config::duration")]
    pub every: Duration,
    /// Mailed links, after their end: so long the log of a mail can be understood.
    #[serde(with = "crate::config::duration")]
    pub links: Duration,
    /// Requests for an account whose mail address nobody confirmed.
    #[serde(with = "crate::config::duration")]
    pub unconfirmed_requests: Duration,
    /// Refused log-ins, with the addresses that they came from.
    #[serde(with = "crate::config::duration")]
    pub refusals: Duration,
    /// Mails that were sent or given up, with their text and attempts.
    #[serde(with = "crate::config::duration")]
    pub mails: Duration,
}

impl Upkeep {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        faults.length("every", self.every);
        for (key, value) in [
            ("links", self.links),
            ("unconfirmed-requests", self.unconfirmed_requests),
            ("refusals", self.refusals),
            ("mails", self.mails),
        ] {
            faults.length_or_none(key, value);
        }
    }
}

impl Default for Upkeep {
    fn default() -> Self {
        let days = |days: u64| Duration::from_hours(days * 24);
        Self {
            every: Duration::from_hours(1),
            links: days(30),
            unconfirmed_requests: days(7),
            refusals: days(90),
            mails: days(400),
        }
    }
}
