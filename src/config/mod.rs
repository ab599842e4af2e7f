//! What a site may set: one file a section, all of it complete and in range once loaded.
//!
//! *Invariant*: a [`Config`] in hand is complete and in range; nothing is read after start.

mod check;
mod database;
mod drop_folders;
pub(crate) mod duration;
mod log;
mod mail;
mod pipeline;
mod service;
mod sftp;
mod web;

use serde::Deserialize;

pub use check::{Check, EncodingPolicy, RuleSetting};
pub use database::Database;
pub use drop_folders::DropFolders;
pub use log::{Log, LogFormat};
pub use mail::Mail;
pub use pipeline::Pipeline;
pub use service::Service;
pub use sftp::Sftp;
pub use web::Web;

/// Everything that a site may set.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
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
    /// The log.
    pub log: Log,
}
