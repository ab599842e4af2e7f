//! The facts of a document, and the key under which it may succeed once.

use crate::domain::submission::{Sha256, SubmissionId, SubmissionNumber};
use crate::domain::{Timestamp, account::AccountId};

/// What we take out of a document by name. Each is `None` if unreadable, and the text as it
/// stands in the document otherwise, cut to its greatest sensible length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// `VehicleIdentificationNumber`.
    pub vin: Option<String>,
    /// `IviReferenceId`.
    pub ivi_reference_id: Option<String>,
    /// `IviVersionNumber`, if it is a whole number from 0 to 99.
    pub ivi_version_number: Option<u32>,
    /// The highest `ManufacturerStageNumber` of the table, if each is a whole number from 0 to 99.
    ///
    /// Source: `ManufacturerTable` may hold several rows; the certificate is the last stage's.
    pub manufacturer_stage_number: Option<u32>,
    /// `TypeApprovalNumber`.
    pub type_approval_number: Option<String>,
    /// `VehicleCategory`.
    pub vehicle_category: Option<String>,
    /// `Type`.
    pub vehicle_type: Option<String>,
    /// `Variant`.
    pub variant: Option<String>,
    /// `Version`.
    pub version: Option<String>,
}

impl Facts {
    /// The key, if all three parts could be read.
    pub fn key(&self) -> Option<Key> {
        Some(Key {
            vin: self.vin.clone()?,
            ivi_version_number: self.ivi_version_number?,
            manufacturer_stage_number: self.manufacturer_stage_number?,
        })
    }
}

/// VIN, IVI version and stage: may succeed once, whatever the number of doors, sessions, nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// `VehicleIdentificationNumber`.
    pub vin: String,
    /// `IviVersionNumber`.
    pub ivi_version_number: u32,
    /// The highest `ManufacturerStageNumber`.
    pub manufacturer_stage_number: u32,
}

/// The accepted submission that already holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The submission that holds it.
    pub submission: SubmissionId,
    /// Its human reference.
    pub number: SubmissionNumber,
    /// Whose it is.
    pub account: AccountId,
    /// When it was accepted.
    pub decided: Timestamp,
    /// The SHA-256 of its octets.
    pub sha256: Sha256,
}

/// What the rules must know of other documents. The pipeline asks the store for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Background {
    /// Who holds this very key.
    pub holder: Option<Holder>,
    /// The highest accepted version of the same VIN and stage, other than this very one.
    pub version_highest: Option<u32>,
    /// The accepted submission of the next lower version of the same VIN and stage.
    pub supersedes: Option<SubmissionNumber>,
    /// Is the stage below this one recorded for the same VIN? `true` for stage 1.
    pub has_earlier_stage: bool,
    /// Does another accepted document bear the same `IviReferenceId`?
    pub is_reference_used: bool,
    /// The approval number of the next lower version, if there is one.
    pub approval_before: Option<String>,
}
