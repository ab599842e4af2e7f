//! What a site may set: one file a section, all of it complete and in range once loaded.
//!
//! *Invariant*: a [`Config`] in hand is complete and in range; nothing is read after start.
//!
//! `load` reads, each section says what its own values must be (`faults`), `doubts` says what is
//! allowed and yet unwise, and `show` prints a configuration with its secrets masked.

pub(crate) mod address;
mod check;
mod database;
mod doubts;
mod drop_folders;
pub(crate) mod duration;
mod invitation;
mod known;
mod load;
mod log;
mod mail;
mod pipeline;
mod problem;
mod registration;
mod service;
mod setting;
mod sftp;
mod show;
mod tree;
mod upkeep;
mod web;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use check::{Check, EncodingPolicy, RuleSetting};
pub use database::Database;
pub use drop_folders::DropFolders;
pub use invitation::{FirstPassword, Invitation};
pub use log::{Log, LogFormat, LogLevel};
pub use mail::Mail;
pub use pipeline::Pipeline;
pub use problem::Problem;
pub use registration::{Challenge, Registration};
pub use service::Service;
pub(crate) use service::message_host;
pub use sftp::Sftp;
pub use upkeep::Upkeep;
pub use web::Web;

/// The environment's variables, those that are not UTF-8 left out: ours all are.
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Everything that a site may set.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The form of the file; 1.
    pub version: u32,
    /// Who runs the service, and where its data lies.
    pub service: Service,
    /// The database.
    pub database: Database,
    /// The SFTP door.
    pub sftp: Sftp,
    /// The drop folders.
    pub drop_folders: DropFolders,
    /// The judging.
    pub check: Check,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Mail.
    pub mail: Mail,
    /// The web view.
    pub web: Web,
    /// Requests for an account.
    pub registration: Registration,
    /// Invitations.
    pub invitation: Invitation,
    /// What is removed when it is over and done with.
    pub upkeep: Upkeep,
    /// The log.
    pub log: Log,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: 1,
            service: Service::default(),
            database: Database::default(),
            sftp: Sftp::default(),
            drop_folders: DropFolders::default(),
            check: Check::default(),
            pipeline: Pipeline::default(),
            mail: Mail::default(),
            web: Web::default(),
            registration: Registration::default(),
            invitation: Invitation::default(),
            upkeep: Upkeep::default(),
            log: Log::default(),
        }
    }
}

impl Config {
    /// Where a path of the configuration lies: relative ones lie in `service.data`.
    pub fn in_data(&self, path: &Path) -> PathBuf {
        self.service.data.join(path)
    }

    /// The host and port at which SFTP clients find us; `bound` is the port that the door listens on.
    pub fn sftp_address(&self, bound: u16) -> (String, u16) {
        let host = match self.sftp.public_host.as_str() {
            "" => service::host_of(&self.service.public_url),
            host => host,
        };
        let port = match self.sftp.public_port {
            0 => bound,
            port => port,
        };
        (host.to_owned(), port)
    }

    /// Puts files that are used far from `service.data` under their whole path; an empty one, which
    /// means "none", stays empty.
    pub(crate) fn anchor(&mut self) {
        let data = self.service.data.clone();
        for path in [
            &mut self.check.schema,
            &mut self.mail.password_file,
            &mut self.mail.ca_file,
            &mut self.sftp.user_authorities,
            &mut self.web.certificate,
            &mut self.web.private_key,
        ] {
            if !path.as_os_str().is_empty() {
                *path = data.join(&*path);
            }
        }
    }

    /// Says what of all values makes no sense, each by itself and with each other.
    pub(crate) fn faults(&self, faults: &mut problem::Faults) {
        self.service.faults(faults.of("service"));
        self.database.faults(faults.of("database"));
        self.sftp.faults(faults.of("sftp"));
        if self.sftp.uploads_bytes_max < self.check.file_bytes_max {
            faults.say(
                "uploads-bytes-max",
                "must hold at least one file of check.file-bytes-max",
            );
        }
        self.drop_folders.faults(faults.of("drop-folders"));
        self.check.faults(faults.of("check"));
        self.pipeline.faults(faults.of("pipeline"));
        self.mail.faults(faults.of("mail"));
        self.web.faults(faults.of("web"));
        if self.web.listen == self.sftp.listen && self.web.listen.port() != 0 {
            faults.say(
                "listen",
                "is the address of the SFTP door; choose another port",
            );
        }
        self.registration.faults(faults.of("registration"));
        self.invitation.faults(faults.of("invitation"));
        self.upkeep.faults(faults.of("upkeep"));
        let kept = self.upkeep.unconfirmed_requests;
        if !kept.is_zero() && kept < self.registration.confirm_within {
            faults.say(
                "unconfirmed-requests",
                "must not be shorter than registration.confirm-within: the mailed link works for so long",
            );
        }
        self.log.faults(faults.of("log"));
        self.file_faults(faults);
    }

    /// Files and folders that the configuration names must be there.
    fn file_faults(&self, faults: &mut problem::Faults) {
        for (section, key, file) in [
            ("mail", "password-file", &self.mail.password_file),
            ("mail", "ca-file", &self.mail.ca_file),
            ("sftp", "user-authorities", &self.sftp.user_authorities),
            ("web", "certificate", &self.web.certificate),
            ("web", "private-key", &self.web.private_key),
        ] {
            if file.as_os_str().is_empty() {
                continue;
            }
            if let Err(error) = std::fs::File::open(self.in_data(file)) {
                faults
                    .of(section)
                    .say(key, format!("cannot be read: {error}"));
            }
        }
        let schema = &self.check.schema;
        if !schema.as_os_str().is_empty() && !self.in_data(schema).is_dir() {
            faults
                .of("check")
                .say("schema", "is not a folder that can be read");
        }
    }
}
