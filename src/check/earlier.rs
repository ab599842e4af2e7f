//! What earlier drafts of the message had in place of what the final schema has.
//!
//! Source: the published overview of changes on the way to the final schema of IVI 2.0. Programs
//! written early still send these.

/// Elements, the values that drafts had for them, and those of the final schema.
const VALUES: &[(&str, &str, &str)] = &[
    ("IviVersionNumberXsd", "2.0.0", "2.0"),
    ("LocationMarkingsVehiclePartSide", "FRONT", "FRONTSIDE"),
    ("LocationMarkingsVehiclePartSideSection", "MIDLE", "MIDDLE"),
    ("InterconnectionWithPoweredAxleConnection", "TRA", "TRANS"),
    ("InterconnectionWithPoweredAxleConnection", "ELE", "ELECT"),
    ("InterconnectionWithPoweredAxleConnection", "SHA", "SHAFT"),
];

/// What to write instead, if `value` is what a draft had for `element`.
pub(crate) fn hint(element: &str, value: &str) -> Option<String> {
    let (_, draft, now) = VALUES
        .iter()
        .find(|(name, draft, _)| *name == element && *draft == value)?;
    Some(format!(
        "Earlier drafts of the message had '{draft}': write '{now}'."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_draft_is_known_for_its_element_alone() {
        let hint = |element, value| hint(element, value).unwrap_or_default();
        let said = hint("LocationMarkingsVehiclePartSideSection", "MIDLE");
        assert!(said.ends_with("write 'MIDDLE'."), "{said}");
        assert_eq!(hint("LocationMarkingsVehiclePartSideSection", "FRONT"), "");
        assert_eq!(hint("LocationMarkingsVehiclePartSide", "FRONTSIDE"), "");
    }
}
