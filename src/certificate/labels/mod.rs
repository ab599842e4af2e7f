//! What each element is called in plain words, in which part of the page it stands, and its unit.
//!
//! The names are our own words for the items of the certificate's models in Implementing Regulation
//! (EU) 2020/683; where the unit is not sure, there is none.

mod axles;
mod body;
mod emissions;
mod groups;
mod masses;
mod power;
mod vehicle;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(super) use emissions::unit_for;
pub(super) use groups::{group, is_list};

/// Element, label, unit; in the order of the page.
type Labels = &'static [(&'static str, &'static str, &'static str)];

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    Message,
    Vehicle,
    Approval,
    Makers,
    Construction,
    Dimensions,
    Masses,
    Power,
    Gears,
    Axles,
    Brakes,
    Bodywork,
    Couplings,
    Emissions,
    HeavyDuty,
    Equipment,
    Tractors,
    Remarks,
    Signing,
    Signature,
    Other,
}

/// Each part with its title and its elements, in the order of the page.
const PARTS: &[(Part, &str, Labels)] = &[
    (
        Part::Message,
        "This version of the message",
        vehicle::MESSAGE,
    ),
    (Part::Vehicle, "Vehicle", vehicle::VEHICLE),
    (Part::Approval, "Type approval", vehicle::APPROVAL),
    (Part::Makers, "Manufacturers", vehicle::MAKERS),
    (
        Part::Construction,
        "General construction",
        body::CONSTRUCTION,
    ),
    (Part::Dimensions, "Main dimensions", body::DIMENSIONS),
    (Part::Masses, "Masses and towing", masses::MASSES),
    (Part::Power, "Engines, motors and energy", power::POWER),
    (Part::Gears, "Gears and speed", power::GEARS),
    (Part::Axles, "Axles, wheels and tyres", axles::AXLES),
    (Part::Brakes, "Brakes", axles::BRAKES),
    (Part::Bodywork, "Bodywork, doors and seats", body::BODYWORK),
    (Part::Couplings, "Couplings", masses::COUPLINGS),
    (
        Part::Emissions,
        "Noise, emissions and consumption",
        emissions::EMISSIONS,
    ),
    (
        Part::HeavyDuty,
        "Heavy-duty vehicle: CO2",
        emissions::HEAVY_DUTY,
    ),
    (
        Part::Equipment,
        "Safety systems and equipment",
        body::EQUIPMENT,
    ),
    (Part::Tractors, "Tractors and machinery", body::TRACTORS),
    (Part::Remarks, "Remarks", vehicle::REMARKS),
    (Part::Signing, "Signed by", vehicle::SIGNING),
    (Part::Signature, "Electronic signature", &[]),
    (Part::Other, "Other values", &[]),
];

impl Part {
    /// What stands above it.
    pub(super) fn title(self) -> &'static str {
        PARTS
            .iter()
            .find(|(part, ..)| *part == self)
            .map_or("", |(_, title, _)| title)
    }
}

/// What is known of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    /// Where it stands.
    pub(super) part: Part,
    /// After how many others of its part.
    pub(super) position: usize,
    /// What it is called.
    pub(super) name: &'static str,
    /// The unit of its value; empty if it has none.
    pub(super) unit: &'static str,
}

static LABELS: LazyLock<HashMap<&'static str, Label>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for (part, _, labels) in PARTS {
        for (position, (element, name, unit)) in labels.iter().enumerate() {
            let label = Label {
                part: *part,
                position,
                name,
                unit,
            };
            all.insert(*element, label);
        }
    }
    all
});

/// What is known of the element of this name.
pub(super) fn label(element: &str) -> Option<Label> {
    LABELS.get(element).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the elements of the schema that ships whose type begins so.
    fn elements(kind: &str) -> Vec<&'static str> {
        let schema = include_str!("../../../config/schema/ivi-2.0-uk.xsd");
        schema
            .split("<xs:element name=\"")
            .skip(1)
            .filter_map(|part| part.split_once("\" type=\"ivi:"))
            .filter(|(_, rest)| rest.starts_with(kind))
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn every_value_of_the_schema_that_ships_has_one_label_and_no_other_has() {
        let values = elements("t.");
        assert_eq!(values.len(), 545);
        for name in &values {
            let label = label(name).unwrap_or_else(|| panic!("{name} has no label"));
            assert!(!label.name.is_empty(), "{name}");
        }
        let labels: usize = PARTS.iter().map(|(.., labels)| labels.len()).sum();
        assert_eq!(labels, values.len());
    }

    #[test]
    fn every_row_of_a_table_of_the_schema_that_ships_has_a_name() {
        let groups = elements("g.");
        for name in elements("g.").iter().filter(|name| name.ends_with("Table")) {
            let row = format!("{}Group", name.strip_suffix("Table").unwrap());
            assert!(groups.contains(&row.as_str()), "{row}");
            assert!(group(&row).is_some() || is_list(&row), "{row}");
        }
    }

    #[test]
    fn the_keys_of_rows_are_elements() {
        let values = elements("t.");
        for row in groups::GROUPS {
            assert!(elements("g.").contains(&row.element), "{}", row.element);
            for key in row.keys {
                assert!(values.contains(key), "{key}");
            }
        }
    }

    #[test]
    fn the_parts_stand_in_the_order_of_their_names() {
        assert!(PARTS.is_sorted_by(|one, next| one.0 < next.0));
        assert_eq!(Part::Other.title(), "Other values");
    }
}
