//! Where the rules come from, in the words of the manual.

/// What the guidance says of the groups and fields that a certificate has.
pub(super) const FIELDS: &str = "EUCARIS guidance on IVI 2.0, fields by category";
/// Of indicators.
pub(super) const INDICATORS: &str = "EUCARIS guidance on IVI 2.0, indicators";
/// Of type, variant and version.
pub(super) const VERSION: &str = "EUCARIS guidance on IVI 2.0, type, variant and version";
/// Of energy convertors and energy sources.
pub(super) const ENERGY: &str = "EUCARIS guidance on IVI 2.0, energy";
/// Of towing.
pub(super) const TOWING: &str = "EUCARIS guidance on IVI 2.0, towing";
/// Of couplings.
pub(super) const COUPLINGS: &str = "EUCARIS guidance on IVI 2.0, couplings";
/// Of masses in service.
pub(super) const IN_SERVICE: &str = "EUCARIS guidance on IVI 2.0, in-service masses";
/// Of the day from which messages must be in this version.
pub(super) const FIRST_DAY: &str = "EUCARIS guidance on IVI 2.0, vehicles made from 5 July 2026 on";
/// Of eco-innovations.
pub(super) const ECO: &str = "EUCARIS guidance on IVI 2.0, eco-innovations";
/// Of the places of VIN and plate.
pub(super) const MARKINGS: &str = "EUCARIS guidance on IVI 2.0, location of VIN and plate";
/// Of tyres.
pub(super) const TYRES: &str = "EUCARIS guidance on IVI 2.0, tyres";
/// Of messages, corrections and references.
pub(super) const MESSAGES: &str = "EUCARIS guidance on IVI 2.0, messages and corrections";
/// Of vehicles built in stages.
pub(super) const STAGES: &str = "EUCARIS guidance on IVI 2.0, multi-stage vehicles";
/// The authorities' own content checks, as far as they are publicly known.
pub(super) const CONTENT: &str =
    "content checks of the EUCARIS IVI checking module, as publicly known";
/// The regulations behind the certificate.
pub(super) const REGULATION: &str = "Regulation (EU) 2018/858 and the model of the certificate";
/// What was accepted before.
pub(super) const REGISTER: &str = "the register of what was accepted before";
/// The key.
pub(super) const KEY: &str = "the key of a submission: VIN, IVI version, stage";
