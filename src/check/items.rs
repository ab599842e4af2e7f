//! Which item of the certificate of conformity an element holds, so that a sentence can name it.
//!
//! Source: the models of the certificate in Implementing Regulation (EU) 2020/683. Models differ by
//! category: an element of several items has the one under which most categories know it.

use crate::check::earlier;
use crate::domain::outcome::{Finding, Layer};

/// The item that the element of this name holds, such as `0.10`.
pub(crate) fn item(element: &str) -> Option<&'static str> {
    let found = ITEMS
        .binary_search_by(|(name, _)| (*name).cmp(element))
        .ok()?;
    ITEMS.get(found).map(|(_, item)| *item)
}

/// `message` with the item of `element` named before its end, if it has one.
pub(crate) fn with_item(mut message: String, element: &str) -> String {
    if let Some(item) = item(element) {
        let has_stop = message.ends_with('.');
        if has_stop {
            message.pop();
        }
        let more = [
            " (item ",
            item,
            " of the certificate)",
            if has_stop { "." } else { "" },
        ];
        message.reserve_exact(more.iter().map(|text| text.len()).sum());
        message.extend(more);
    }
    message
}

/// Finishes a finding against the schema: with the item of its element named, and a hint if the
/// value is one of an earlier draft and there is no other hint.
pub(crate) fn name(finding: &mut Finding) {
    if finding.layer != Layer::Schema {
        return;
    }
    let element = element(&finding.path, finding.expected.as_deref());
    let draft = finding
        .value
        .as_deref()
        .filter(|_| finding.help.is_empty())
        .and_then(|value| earlier::hint(element, value));
    finding.message = with_item(std::mem::take(&mut finding.message), element);
    if let Some(draft) = draft {
        finding.help = draft.into();
    }
}

/// The element that a finding is about: what is missing, or the last one of its path.
fn element<'f>(path: &'f str, expected: Option<&'f str>) -> &'f str {
    let missing =
        expected.and_then(|expected| expected.strip_prefix("element '")?.strip_suffix('\''));
    missing.unwrap_or_else(|| {
        let last = path.rsplit('/').next().unwrap_or_default();
        last.split('[').next().unwrap_or_default()
    })
}

/// Elements and their items, by name.
const ITEMS: &[(&str, &str)] = &[
    ("ActualMass", "13.2"),
    ("AdditionalMassAlternativePropulsion", "13.3"),
    ("AllowedActualMass", "0.2.2.1"),
    ("AllowedActualMassMax", "0.2.2.1"),
    ("AllowedActualMassMin", "0.2.2.1"),
    ("AllowedCrossSectionalAreaAirFrontGrill", "0.2.2.1"),
    ("AllowedCrossSectionalAreaAirFrontGrillMax", "0.2.2.1"),
    ("AllowedCrossSectionalAreaAirFrontGrillMin", "0.2.2.1"),
    ("AllowedFrontalArea", "0.2.2.1"),
    ("AllowedFrontalAreaMax", "0.2.2.1"),
    ("AllowedFrontalAreaMin", "0.2.2.1"),
    ("AllowedRollingResistance", "0.2.2.1"),
    ("AllowedRollingResistanceMax", "0.2.2.1"),
    ("AllowedRollingResistanceMin", "0.2.2.1"),
    ("AllowedTechnicallyPermissibleMaximumLadenMass", "0.2.2.1"),
    (
        "AllowedTechnicallyPermissibleMaximumLadenMassMax",
        "0.2.2.1",
    ),
    (
        "AllowedTechnicallyPermissibleMaximumLadenMassMin",
        "0.2.2.1",
    ),
    ("ArrangementCylinders", "24"),
    ("AutomatedVehicle", "3.1"),
    ("AxleAirSuspensionOrEquivalentIndicator", "34"),
    ("AxleGroupNumber", "16.3"),
    ("AxleSpacing", "4.1"),
    ("AxleSpacingAdjustableMax", "4.1"),
    ("AxleSpacingAdjustableMin", "4.1"),
    ("AxleTrack", "30"),
    ("AxleTrackAdjustableMax", "30"),
    ("AxleTrackAdjustableMin", "30"),
    ("BodyworkTypeTrailer", "18"),
    ("BrakedTypeTrail", "18"),
    ("ClassHybridVehicle", "23.1"),
    ("CodeForBodywork", "38"),
    ("CodeForBodyworkSupplement", "38"),
    ("Colour", "40"),
    ("CombustionCycle", "22"),
    ("CommercialName", "0.2.1"),
    ("ConsolidatedMaximum30MinutesPower", "27.4"),
    ("ConsolidatedMaximumNetPowerElectric", "27.3"),
    ("CryptographicHashCustomerInformationFile", "49.4"),
    ("CryptographicHashManufacturerRecord", "49.1"),
    ("DateManufactureVehicle", "0.11"),
    ("DistanceCentreCouplingDeviceLastAxle", "8"),
    ("DistanceCentreCouplingDeviceLastAxleAdjustableMax", "8"),
    ("DistanceCentreCouplingDeviceLastAxleAdjustableMin", "8"),
    ("DistanceCentreCouplingRearEnd", "10"),
    ("DistanceCentreCouplingRearEndAdjustableMax", "10"),
    ("DistanceCentreCouplingRearEndAdjustableMin", "10"),
    ("DistanceFrontEndCentreCoupling", "9"),
    ("DistanceFrontEndCentreCouplingAdjustableMax", "9"),
    ("DistanceFrontEndCentreCouplingAdjustableMin", "9"),
    ("DistributionMassIncompleteAxle", "14.1"),
    ("DistributionMassRunningOrderAxle", "13.1"),
    ("DriveAxleAirSuspensionOrEquivalentIndicator", "33"),
    ("DrivingCycleCappedSpeedIndicator", "47.2.3"),
    ("DrivingCycleClass", "47.2.1"),
    ("DrivingCycleDownscalingFactor", "47.2.2"),
    ("DualFuelType", "26.2"),
    ("EURepresentativeAddressLine1", "0.9"),
    ("EURepresentativeAddressLine2", "0.9"),
    ("EURepresentativeAddressLine3", "0.9"),
    ("EURepresentativeCountryOfResidence", "0.9"),
    ("EURepresentativeName", "0.9"),
    ("EURepresentativePlaceOfResidence", "0.9"),
    ("EcoInnovationCountry", "49.3.1"),
    ("EcoInnovationsFittedIndicator", "49.3"),
    ("EnergyConvertorCodeMarkedOnEnergyConvertor", "21"),
    ("EnergySource", "26"),
    ("EngineCapacity", "25"),
    ("EngineSpeedMaximumNetPower", "27.1"),
    ("EngineSpeedMaximumNetPowerMax", "27.1"),
    ("EngineSpeedMaximumNetPowerMin", "27.1"),
    ("ExhaustEmissionLatestRegulationNumber", "48"),
    ("ExhaustEmissionLevel", "47"),
    ("FinalDriveNumber", "28.1.1"),
    ("FinalDriveRatio", "28.1.1"),
    ("FinalDriveVehicleNumber", "28.1.1"),
    ("FinalDriveVehicleRatio", "28.1.1"),
    ("FuelType", "26.1"),
    ("GearNumber", "28.1"),
    ("GearRatio", "28.1"),
    ("GearboxType", "28"),
    ("GeneralCodeEcoInnovation", "49.3.1"),
    ("Height", "7"),
    ("HeightAdjustableMax", "7"),
    ("HeightAdjustableMin", "7"),
    ("InServiceMaximumPermissibleAxleGroupLadenMass", "17.3"),
    ("InServiceMaximumPermissibleLadenMass", "17.1"),
    ("InServiceMaximumPermissibleLadenMassAxle", "17.2"),
    ("InServiceMaximumPermissibleLadenMassAxleCountry", "17.2"),
    (
        "InServiceMaximumPermissibleLadenMassAxleGroupCountry",
        "17.3",
    ),
    (
        "InServiceMaximumPermissibleLadenMassAxleGroupTrafficRegulation",
        "17.3",
    ),
    (
        "InServiceMaximumPermissibleLadenMassAxleTrafficRegulation",
        "17.2",
    ),
    ("InServiceMaximumPermissibleMassCombination", "17.4"),
    ("InServiceMaximumPermissibleMassCountry", "17"),
    ("InServiceMaximumPermissibleMassTrafficRegulation", "17"),
    ("InterconnectionWithPoweredAxleConnection", "3"),
    ("InterconnectionWithPoweredAxleNumber", "3"),
    ("Length", "5"),
    ("LengthAdjustableMax", "5"),
    ("LengthAdjustableMin", "5"),
    ("LengthLoadingArea", "11"),
    ("LengthLoadingAreaAdjustableMax", "11"),
    ("LengthLoadingAreaAdjustableMin", "11"),
    ("LiftAxleIndicator", "31"),
    ("LoadCapacityIndexSingleWheel", "35"),
    ("LoadCapacityIndexTwinWheel", "35"),
    ("LoadableAxleIndicator", "32"),
    ("LocationMarkingsSubject", "0.6"),
    ("LocationMarkingsVehiclePart", "0.6"),
    ("LocationMarkingsVehiclePartSide", "0.6"),
    ("LocationMarkingsVehiclePartSideSection", "0.6"),
    ("Make", "0.1"),
    ("ManufacturerAddressLine1", "0.5"),
    ("ManufacturerAddressLine2", "0.5"),
    ("ManufacturerAddressLine3", "0.5"),
    ("ManufacturerCountryOfResidence", "0.5"),
    ("ManufacturerEnergyConvertor", "20"),
    ("ManufacturerName", "0.5"),
    ("ManufacturerPlaceOfResidence", "0.5"),
    ("ManufacturerStageNumber", "0.5"),
    ("MassInRunningOrder", "13"),
    ("MassInRunningOrderIncomplete", "14"),
    ("MassInRunningOrderVariableMax", "13"),
    ("MassInRunningOrderVariableMin", "13"),
    ("Maximum30MinutesPower", "27.4"),
    ("MaximumAuthorisedDimensionsDerogationIndicator", "52"),
    ("MaximumNetPowerCombustion", "27.1"),
    ("MaximumNetPowerElectric", "27.3"),
    ("MaximumPermissibleHeight", "7.1"),
    ("MaximumPermissibleHeightMax", "7.1"),
    ("MaximumPermissibleHeightMin", "7.1"),
    ("MaximumPermissibleLength", "5.1"),
    ("MaximumPermissibleLengthMax", "5.1"),
    ("MaximumPermissibleLengthMin", "5.1"),
    ("MaximumPermissibleRearOverhang", "12.1"),
    ("MaximumPermissibleWidth", "6.1"),
    ("MaximumPermissibleWidthMax", "6.1"),
    ("MaximumPermissibleWidthMin", "6.1"),
    ("MaximumSpeed", "29"),
    ("MechanicalCouplingApprovalMark", "44"),
    ("MechanicalCouplingApprovalNumber", "44"),
    ("MechanicalCouplingCanBeFittedClass", "45"),
    ("MechanicalCouplingCanBeFittedType", "45"),
    ("MechanicalCouplingCanBeFittedValueD", "45.1"),
    ("MechanicalCouplingCanBeFittedValueDc", "45.1"),
    ("MechanicalCouplingCanBeFittedValueS", "45.1"),
    ("MechanicalCouplingCanBeFittedValueU", "45.1"),
    ("MechanicalCouplingCanBeFittedValueV", "45.1"),
    ("MechanicalCouplingDistributionMassRunningOrder", "13.1"),
    ("MechanicalCouplingMinimumDistributionMassCompleted", "15.1"),
    ("MechanicalCouplingNumber", "44"),
    ("MechanicalCouplingNumberTowingMasses", "18"),
    ("MechanicalCouplingNumberVerticalMass", "19"),
    ("MechanicalCouplingValueD", "45.1"),
    ("MechanicalCouplingValueDc", "45.1"),
    ("MechanicalCouplingValueS", "45.1"),
    ("MechanicalCouplingValueU", "45.1"),
    ("MechanicalCouplingValueV", "45.1"),
    ("MemberAxleNumber", "16.3"),
    ("MethodAttachmentStatutoryPlate", "0.6"),
    ("MinimalPermissibleDistributionMassCompletedAxle", "15.1"),
    ("MinimumMassCompleted", "15"),
    ("NumberOfAxles", "1"),
    ("NumberOfAxlesWithTwinWheels", "1.1"),
    ("NumberOfCylinders", "24"),
    ("NumberOfDoors", "41"),
    ("NumberOfDoorsBack", "41"),
    ("NumberOfDoorsFront", "41"),
    ("NumberOfDoorsLeft", "41"),
    ("NumberOfDoorsRight", "41"),
    ("NumberOfPoweredAxles", "3"),
    ("NumberOfSeatingPositionsExcludingDriver", "42"),
    ("NumberOfSeatingPositionsIncludingDriver", "42"),
    ("NumberOfSeatingPositionsLowerDeck", "42.2"),
    ("NumberOfSeatingPositionsUpperDeck", "42.2"),
    ("NumberOfSeatsStationaryUseOnly", "42.1"),
    ("NumberOfStandingPlaces", "43"),
    ("NumberOfSteeredAxles", "2"),
    ("NumberOfWheelchairUserAccessiblePositions", "42.3"),
    ("NumberOfWheels", "1"),
    ("OtherBodywork", "38"),
    ("OverallGearRatioHighestGear", "28.1.2"),
    ("PoweredAxleIndicator", "3"),
    ("PreviousStageType", "0.2.2"),
    ("PreviousStageTypeApprovalNumber", "0.2.2"),
    ("PreviousStageVariant", "0.2.2"),
    ("PreviousStageVersion", "0.2.2"),
    ("ProjectedFrontalAreaAirEntranceFrontGrill", "47.1.2.1"),
    ("PureElectricVehicleIndicator", "23"),
    ("RdeCompleteNox", "48.2"),
    ("RdeCompleteNumberOfParticles", "48.2"),
    ("RdeCompleteNumberOfParticlesExponent", "48.2"),
    ("RdeUrbanNox", "48.2"),
    ("RdeUrbanNumberOfParticles", "48.2"),
    ("RdeUrbanNumberOfParticlesExponent", "48.2"),
    ("RearOverhang", "12"),
    ("RearOverhangAdjustableMax", "12"),
    ("RearOverhangAdjustableMin", "12"),
    ("Remark", "52"),
    ("RemarkSubjectDescription", "52"),
    ("RemarkSubjectLanguage", "52"),
    ("RimOffSet", "35"),
    ("RimSize", "35"),
    ("RollingResistanceClass", "35"),
    ("SmokeCorrectedAbsorptionCoefficient", "48.1"),
    ("SoundLevelDriveBy", "46"),
    ("SoundLevelExternalRegulation", "46"),
    ("SoundLevelStationary", "46"),
    ("SoundLevelStationaryEngineSpeed", "46"),
    ("SpecialPurposeDesignation", "51"),
    ("SpecificCo2EmissionsMass", "49.5"),
    ("SpecificCo2EmissionsPerson", "49.5"),
    ("SpeedCategorySymbol", "35"),
    ("SteeredAxleIndicator", "2"),
    ("TechnicallyPermissibleMassAxle", "16.2"),
    ("TechnicallyPermissibleMassAxleAdjustableMax", "16.2"),
    ("TechnicallyPermissibleMassAxleAdjustableMin", "16.2"),
    ("TechnicallyPermissibleMassAxleGroup", "16.3"),
    ("TechnicallyPermissibleMaximumCombinationMass", "16.4"),
    ("TechnicallyPermissibleMaximumLadenMass", "16.1"),
    ("TechnicallyPermissibleMaximumLadenMassVariableMax", "16.1"),
    ("TechnicallyPermissibleMaximumLadenMassVariableMin", "16.1"),
    (
        "TechnicallyPermissibleMaximumStaticVerticalMassCouplingPoint",
        "19",
    ),
    ("TechnicallyPermissibleMaximumTowableMass", "18"),
    ("TestFamilyIdentifier", "0.2.3"),
    ("TestFamilyIdentifierValue", "0.2.3"),
    ("TrailerBrakeControlSystemTechnology", "36"),
    ("TrailerBrakePressFeedLineBraking", "37"),
    ("TrailerBrakeTechnologyConnectionsType", "36"),
    ("TwinWheelsAxleIndicator", "1.1"),
    ("Type", "0.2"),
    ("TypeApprovalTransportDangerousGoodsClass", "50"),
    ("TypeApprovalTransportDangerousGoodsIndicator", "50"),
    ("TypeICo", "48"),
    ("TypeIHcNox", "48"),
    ("TypeINmhc", "48"),
    ("TypeINox", "48"),
    ("TypeIParticulates", "48"),
    ("TypeIThc", "48"),
    ("TyreCategory", "35"),
    ("TyreFittedProductionIndicator", "35"),
    ("TyreNumber", "35"),
    ("TyreSize", "35"),
    ("TyreType", "35"),
    ("Variant", "0.2"),
    ("VehicleCategory", "0.4"),
    ("VehicleClass", "39"),
    ("VehicleGroup", "49.7"),
    ("VehicleIdentificationNumber", "0.10"),
    ("Version", "0.2"),
    ("VocationalVehicleIndicator", "49.3"),
    ("Wheelbase", "4"),
    ("WheelbaseAdjustableMax", "4"),
    ("WheelbaseAdjustableMin", "4"),
    ("WhscCo", "48"),
    ("WhscCo2", "49"),
    ("WhscHcNox", "48"),
    ("WhscNh3", "48"),
    ("WhscNmhc", "48"),
    ("WhscNox", "48"),
    ("WhscNumberOfParticles", "48"),
    ("WhscNumberOfParticlesExponent", "48"),
    ("WhscParticulates", "48"),
    ("WhscThc", "48"),
    ("WhtcCh4", "48"),
    ("WhtcCo", "48"),
    ("WhtcHcNox", "48"),
    ("WhtcNh3", "48"),
    ("WhtcNmhc", "48"),
    ("WhtcNox", "48"),
    ("WhtcNumberOfParticles", "48"),
    ("WhtcNumberOfParticlesExponent", "48"),
    ("WhtcParticulates", "48"),
    ("WhtcThc", "48"),
    ("Width", "6"),
    ("WidthAdjustableMax", "6"),
    ("WidthAdjustableMin", "6"),
    ("WltpAllElectricOffVehicleChargingRange", "49.5"),
    ("WltpAllElectricOffVehicleChargingRangeCity", "49.5"),
    ("WltpCo2ChargeDepletingCombined", "49.4"),
    ("WltpCo2ChargeSustainingCombined", "49.4"),
    ("WltpCo2ChargeSustainingExtraHigh", "49.4"),
    ("WltpCo2ChargeSustainingHigh", "49.4"),
    ("WltpCo2ChargeSustainingLow", "49.4"),
    ("WltpCo2ChargeSustainingMedium", "49.4"),
    ("WltpCo2Combined", "49.4"),
    ("WltpCo2ExtraHigh", "49.4"),
    ("WltpCo2High", "49.4"),
    ("WltpCo2Low", "49.4"),
    ("WltpCo2Medium", "49.4"),
    ("WltpCo2WeightedCombined", "49.4"),
    ("WltpEmissionTestMass", "47.1.1"),
    ("WltpEnergyConsumptionExternallyChargedCity", "49.5"),
    ("WltpEnergyConsumptionExternallyChargedCombined", "49.5"),
    ("WltpEnergyConsumptionExternallyChargedExtraHigh", "49.5"),
    ("WltpEnergyConsumptionExternallyChargedHigh", "49.5"),
    ("WltpEnergyConsumptionExternallyChargedLow", "49.5"),
    ("WltpEnergyConsumptionExternallyChargedMedium", "49.5"),
    (
        "WltpEnergyConsumptionExternallyChargedWeightedCombined",
        "49.5",
    ),
    ("WltpEnergyConsumptionPureElectricCombined", "49.5"),
    ("WltpEnergyConsumptionPureElectricExtraHigh", "49.5"),
    ("WltpEnergyConsumptionPureElectricHigh", "49.5"),
    ("WltpEnergyConsumptionPureElectricLow", "49.5"),
    ("WltpEnergyConsumptionPureElectricMedium", "49.5"),
    ("WltpEquivalentAllElectricOffVehicleChargingRange", "49.5"),
    (
        "WltpEquivalentAllElectricOffVehicleChargingRangeCity",
        "49.5",
    ),
    ("WltpFrontalArea", "47.1.2"),
    ("WltpFuelConsumptionChargeDepletingCombined", "49.4"),
    ("WltpFuelConsumptionChargeSustainingCombined", "49.4"),
    ("WltpFuelConsumptionChargeSustainingExtraHigh", "49.4"),
    ("WltpFuelConsumptionChargeSustainingHigh", "49.4"),
    ("WltpFuelConsumptionChargeSustainingLow", "49.4"),
    ("WltpFuelConsumptionChargeSustainingMedium", "49.4"),
    ("WltpFuelConsumptionCombined", "49.4"),
    ("WltpFuelConsumptionExtraHigh", "49.4"),
    ("WltpFuelConsumptionHigh", "49.4"),
    ("WltpFuelConsumptionLow", "49.4"),
    ("WltpFuelConsumptionMedium", "49.4"),
    ("WltpFuelConsumptionWeightedCombined", "49.4"),
    ("WltpPureElectricRange", "49.5"),
    ("WltpPureElectricRangeCity", "49.5"),
    ("WltpRoadLoadCoefficientF0", "47.1.3.0"),
    ("WltpRoadLoadCoefficientF1", "47.1.3.1"),
    ("WltpRoadLoadCoefficientF2", "47.1.3.2"),
    ("WltpTotalCo2EmissionSavedDueEcoInnovation", "49.3.2"),
    ("WltpType1Co", "48"),
    ("WltpType1Nh3", "48"),
    ("WltpType1Nmhc", "48"),
    ("WltpType1Nox", "48"),
    ("WltpType1NumberOfParticles", "48"),
    ("WltpType1NumberOfParticlesExponent", "48"),
    ("WltpType1Particulates", "48"),
    ("WltpType1Thc", "48"),
    ("WltpType1ThcNox", "48"),
    ("WorkingPrinciple", "22"),
    ("ZeroEmissionHeavyDutyIndicator", "49.2"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn named(finding: &Finding) -> Finding {
        let mut named = finding.clone();
        name(&mut named);
        named
    }
    use crate::check::found::error;

    #[test]
    fn the_table_is_in_order_so_that_names_are_found() {
        assert!(ITEMS.is_sorted_by(|one, next| one.0 < next.0));
        assert_eq!(item("VehicleIdentificationNumber"), Some("0.10"));
        assert_eq!(item("IviVersionNumber"), None);
        assert_eq!(item(""), None);
    }

    #[test]
    fn the_schema_that_ships_names_the_same_items() {
        let schema = include_str!("../../config/schema/ivi-2.0-uk.xsd");
        let mut named = 0;
        for part in schema.split("<xs:element name=\"").skip(1) {
            let name = part.split('"').next().unwrap();
            let said = part
                .split_once("documentation>CoC ")
                .and_then(|(_, rest)| rest.split([' ', ';', '<', ',']).next());
            if let Some(said) = said {
                assert_eq!(item(name), Some(said), "{name}");
                named += 1;
            }
        }
        assert_eq!(named, ITEMS.len());
    }

    #[test]
    fn a_missing_element_is_the_one_that_is_named() {
        let mut finding = error("S01-missing-element", Layer::Schema, "It is missing.", "");
        finding.path = "/InitialVehicleInformation/CocDataGroup[1]".to_owned();
        finding.expected = Some("element 'VehicleCategory'".to_owned());
        let sentence = "It is missing (item 0.4 of the certificate).";
        assert_eq!(named(&finding).message, sentence);
        finding.expected = None;
        assert_eq!(named(&finding).message, "It is missing.");
        finding.value = Some("2.0.0".to_owned());
        finding.path.push_str("/IviVersionNumberXsd[1]");
        assert!(named(&finding).help.contains("'2.0'"));
        finding.help = "Another hint.".into();
        assert_eq!(named(&finding).help, "Another hint.");
        finding.path.push_str("/MakeTable[1]/MakeGroup[1]/Make[1]");
        let sentence = "It is missing (item 0.1 of the certificate).";
        assert_eq!(named(&finding).message, sentence);
    }
}
