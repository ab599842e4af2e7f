//! The section `[sftp]`: the SFTP door and its limits.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;
use crate::domain::account::AccountCode;
use crate::domain::networks::Networks;

/// The SFTP door and its limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sftp {
    /// Address and port; port 0 takes a free one.
    #[serde(with = "crate::config::address")]
    pub listen: SocketAddr,
    /// The host name that clients connect to, as the web view tells it; empty for that of
    /// `service.public-url`.
    pub public_host: String,
    /// The port that clients connect to, as the web view tells it; 0 for that of `listen`.
    pub public_port: u16,
    /// The folder of the host keys; made at the first start. Relative to `service.data`.
    pub host_keys: PathBuf,
    /// May users log in with a password?
    pub passwords: bool,
    /// The file of the authorities whose certificates let users in, one public key a line; empty for
    /// none. Relative to `service.data`.
    pub user_authorities: PathBuf,
    /// From the first octet to a finished log-in.
    #[serde(with = "crate::config::duration")]
    pub login_within: Duration,
    /// A session with no request for so long is ended. Clients keep sessions open between files.
    #[serde(with = "crate::config::duration")]
    pub idle_max: Duration,
    /// A silent client is asked so often whether it is there, and given up after three times.
    #[serde(with = "crate::config::duration")]
    pub keepalive_every: Duration,
    /// New keys are agreed on after so many octets in either direction.
    pub rekey_after_bytes: u64,
    /// New keys are agreed on after so long.
    #[serde(with = "crate::config::duration")]
    pub rekey_after: Duration,
    /// Connections that have not logged in yet.
    pub unauthenticated_max: u32,
    /// Connections of one source network that have not logged in yet.
    pub unauthenticated_per_source_max: u32,
    /// New connections of one source network in a second.
    pub arrivals_per_source_max: u32,
    /// The longest time that a source network is shut out for what came from it; 0s is never.
    #[serde(with = "crate::config::duration")]
    pub penalty_max: Duration,
    /// Networks whose connections are not counted by source: this machine, a proxy of ours.
    pub trusted_networks: String,
    /// Sessions in all.
    pub sessions_max: u32,
    /// Sessions of one account.
    pub sessions_per_account_max: u32,
    /// Channels of one session.
    pub channels_max: u32,
    /// Channels of all sessions of one account.
    pub channels_per_account_max: u32,
    /// Open handles of one channel.
    pub handles_max: u32,
    /// Open handles of all sessions of one account.
    pub handles_per_account_max: u32,
    /// Octets of all that clients send and are shown, as open uploads. Past it an OPEN or WRITE is refused
    /// with a sentence.
    pub uploads_bytes_max: u64,
    /// Files that an account may hand in within an hour by SFTP; 0 is any number.
    pub files_per_hour_max: u64,
    /// Octets that an account may hand in within an hour by SFTP; 0 is any number.
    pub bytes_per_hour_max: u64,
    /// Address and port of the door for clients that cannot be updated; empty for none.
    #[serde(with = "crate::config::address::maybe")]
    pub legacy_listen: Option<SocketAddr>,
    /// The codes of the accounts that may use it.
    pub legacy_accounts: String,
    /// The day on which it closes, such as 2027-06-30; that day is the last.
    pub legacy_until: String,
}

/// The least octets between two agreements on keys: less would be work for its own sake.
const REKEY_BYTES_MIN: u64 = 64 * 1024;

/// The most octets between two agreements on keys. RFC 4253 advises a gigabyte.
const REKEY_BYTES_MAX: u64 = 1 << 30;

impl Sftp {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        if self.host_keys.as_os_str().is_empty() {
            faults.say("host-keys", "must name a folder");
        }
        let is_host = |octet: u8| octet.is_ascii_alphanumeric() || b".-:".contains(&octet);
        if self.public_host.len() > 253 || !self.public_host.bytes().all(is_host) {
            faults.say(
                "public-host",
                "must be a host name or an address, such as sftp.example.org",
            );
        }
        faults.length("login-within", self.login_within);
        faults.length("idle-max", self.idle_max);
        faults.length("keepalive-every", self.keepalive_every);
        faults.between(
            "rekey-after-bytes",
            self.rekey_after_bytes,
            REKEY_BYTES_MIN,
            REKEY_BYTES_MAX,
        );
        faults.length("rekey-after", self.rekey_after);
        faults.length_or_none("penalty-max", self.penalty_max);
        for (key, value) in [
            (
                "unauthenticated-per-source-max",
                self.unauthenticated_per_source_max,
            ),
            ("arrivals-per-source-max", self.arrivals_per_source_max),
        ] {
            faults.between(key, value.into(), 1, 65_535);
        }
        if let Err(unfit) = Networks::new(&self.trusted_networks) {
            faults.say("trusted-networks", unfit.0);
        }
        self.legacy_faults(faults);
        let sessions = u64::from(self.sessions_max);
        faults.between(
            "unauthenticated-max",
            self.unauthenticated_max.into(),
            1,
            65_535,
        );
        faults.between("sessions-max", sessions, 1, 65_535);
        let of_account = u64::from(self.sessions_per_account_max);
        faults.between("sessions-per-account-max", of_account, 1, 65_535);
        if of_account > sessions {
            faults.say(
                "sessions-per-account-max",
                "must not be more than sftp.sessions-max",
            );
        }
        self.channel_faults(faults);
    }

    fn channel_faults(&self, faults: &mut Faults) {
        faults.between("channels-max", self.channels_max.into(), 1, 1000);
        faults.between("handles-max", self.handles_max.into(), 1, 10_000);
        for (key, value, least, name) in [
            (
                "channels-per-account-max",
                self.channels_per_account_max,
                self.channels_max,
                "sftp.channels-max",
            ),
            (
                "handles-per-account-max",
                self.handles_per_account_max,
                self.handles_max,
                "sftp.handles-max",
            ),
        ] {
            faults.between(key, value.into(), 1, 65_535);
            if value < least {
                faults.say(key, format!("must not be less than {name}"));
            }
        }
        if self.channels_per_account_max < self.sessions_per_account_max {
            // A session without a channel is of no use.
            let sentence = "must not be less than sftp.sessions-per-account-max";
            faults.say("channels-per-account-max", sentence);
        }
    }

    fn legacy_faults(&self, faults: &mut Faults) {
        if let Err(sentence) = self.legacy_codes() {
            faults.say("legacy-accounts", sentence);
        }
        let Some(listen) = self.legacy_listen else {
            return;
        };
        if listen == self.listen && listen.port() != 0 {
            faults.say("legacy-listen", "must be another port than sftp.listen");
        }
        if self.legacy_accounts.trim().is_empty() {
            faults.say(
                "legacy-accounts",
                "must name the accounts that may use the legacy port",
            );
        }
        if self.legacy_last_day().is_none() {
            faults.say(
                "legacy-until",
                "must be the last day of the legacy port, such as 2027-06-30: old algorithms need an end",
            );
        }
    }

    /// The codes in `legacy-accounts`, separated by commas or blanks.
    pub(crate) fn legacy_codes(&self) -> Result<Vec<AccountCode>, String> {
        let words = self.legacy_accounts.split([',', ' ']);
        let codes = words
            .filter(|word| !word.is_empty())
            .map(AccountCode::new)
            .collect::<Result<Vec<_>, _>>();
        codes.map_err(|unfit| unfit.0)
    }

    /// The last day on which the legacy port is open.
    pub(crate) fn legacy_last_day(&self) -> Option<jiff::civil::Date> {
        self.legacy_until.parse().ok()
    }

    /// The networks that are not counted by source.
    pub(crate) fn trusted(&self) -> Networks {
        // It was checked when it was loaded.
        Networks::new(&self.trusted_networks).unwrap_or_default()
    }
}

impl Default for Sftp {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 2222)),
            public_host: String::new(),
            public_port: 0,
            host_keys: PathBuf::from("host-keys"),
            passwords: true,
            user_authorities: PathBuf::new(),
            login_within: Duration::from_secs(30),
            idle_max: Duration::from_mins(30),
            keepalive_every: Duration::from_mins(1),
            rekey_after_bytes: REKEY_BYTES_MAX,
            rekey_after: Duration::from_hours(1),
            unauthenticated_max: 100,
            unauthenticated_per_source_max: 20,
            arrivals_per_source_max: 20,
            penalty_max: Duration::from_mins(10),
            trusted_networks: "127.0.0.0/8, ::1".to_owned(),
            sessions_max: 1000,
            sessions_per_account_max: 64,
            channels_max: 10,
            channels_per_account_max: 128,
            handles_max: 64,
            handles_per_account_max: 1024,
            uploads_bytes_max: 256 * 1024 * 1024,
            files_per_hour_max: 100_000,
            bytes_per_hour_max: 20 * 1024 * 1024 * 1024,
            legacy_listen: None,
            legacy_accounts: String::new(),
            legacy_until: String::new(),
        }
    }
}
