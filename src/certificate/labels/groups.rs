//! Groups of elements that become tables of their own, and what their rows are called.

use crate::certificate::labels::Part;

/// A group that becomes a table.
#[derive(Debug)]
pub(crate) struct Group {
    /// Its element.
    pub(crate) element: &'static str,
    /// Where the table stands.
    pub(crate) part: Part,
    /// What stands above the table.
    pub(crate) title: &'static str,
    /// What a row is called.
    pub(crate) one: &'static str,
    /// The elements by which rows are told from each other.
    pub(crate) keys: &'static [&'static str],
    /// Is a key left out of the table if there is more in the row? Its name carries it.
    pub(crate) hides_keys: bool,
}

/// The group of this element, if it becomes a table; and after how many others it comes.
pub(crate) fn group(element: &str) -> Option<(usize, &'static Group)> {
    GROUPS
        .iter()
        .enumerate()
        .find(|(_, group)| group.element == element)
}

/// Is it a row that holds one value and nothing else? Then the rows are shown as one value's list.
pub(crate) fn is_list(element: &str) -> bool {
    LISTS.contains(&element)
}

const LISTS: &[&str] = &[
    "AdditionalEnergySourceGroup",
    "AdvancedSafetySystemsGroup",
    "AxleGroupMemberGroup",
    "CodeForBodyworkSupplementGroup",
    "ColourGroup",
    "CommercialNameGroup",
    "DriverSeatTypeCategoryClassGroup",
    "MakeGroup",
    "ProvisionalApprovalTerritoryGroup",
    "SubjectApprovalGroup",
    "TypeApprovalTransportDangerousGoodsGroup",
    "TyreTypeGroup",
    "VehicleClassGroup",
];

/// Rows that have a number: it is in the row's name.
const fn numbered(
    element: &'static str,
    part: Part,
    title: &'static str,
    one: &'static str,
    keys: &'static [&'static str],
) -> Group {
    Group {
        element,
        part,
        title,
        one,
        keys,
        hides_keys: true,
    }
}

/// Rows that are told from each other by a value worth showing, or by none.
const fn rows(
    element: &'static str,
    part: Part,
    title: &'static str,
    one: &'static str,
    keys: &'static [&'static str],
) -> Group {
    Group {
        element,
        part,
        title,
        one,
        keys,
        hides_keys: false,
    }
}

/// A group that stands once, wherever it stands.
const fn single(element: &'static str, part: Part, title: &'static str) -> Group {
    rows(element, part, title, "", &[])
}

/// In the order of the page within each part.
#[rustfmt::skip]
pub(super) const GROUPS: &[Group] = &[
    rows("LocationMarkingsGroup", Part::Vehicle, "Places of the statutory plate and of the VIN", "Marking", &["LocationMarkingsSubject"]),
    single("AllowedParameterValuesMultistageGroup", Part::Approval, "Allowed values of the final vehicle"),
    numbered("ManufacturerGroup", Part::Makers, "Manufacturers by stage", "Stage", &["ManufacturerStageNumber"]),
    rows("MaximumStaticVerticalMassCouplingPointGroup", Part::Masses, "Static vertical mass at the coupling point", "Coupling", &["MechanicalCouplingNumberVerticalMass"]),
    numbered("TowingBrakedTypeTrailGroup", Part::Masses, "Towing", "Towing", &["MechanicalCouplingNumberTowingMasses", "BrakedTypeTrail"]),
    rows("BodyworkTypeGroup", Part::Masses, "Towable masses and combinations", "Trailer", &["BodyworkTypeTrailer"]),
    rows("InServiceMaximumMassGroup", Part::Masses, "Maximum masses in service", "Traffic", &["InServiceMaximumPermissibleMassCountry", "InServiceMaximumPermissibleMassTrafficRegulation"]),
    rows("EnergyConvertorGroup", Part::Power, "Engines and motors", "Engine or motor", &[]),
    rows("EnergySourceGroup", Part::Power, "Energy sources", "Source", &["EnergySource"]),
    single("PowerGroup", Part::Power, "Power"),
    numbered("GearRatioGroup", Part::Gears, "Gears", "Gear", &["GearNumber"]),
    numbered("FinalDriveGroup", Part::Gears, "Final drives by gear", "Final drive", &["FinalDriveNumber"]),
    numbered("FinalDriveVehicleGroup", Part::Gears, "Final drives", "Final drive", &["FinalDriveVehicleNumber"]),
    numbered("AxleGroup", Part::Axles, "Axles", "Axle", &["AxleNumber"]),
    rows("InServiceMaximumPermissibleLadenMassAxleGroup", Part::Axles, "Maximum masses on axles in service", "Traffic", &["InServiceMaximumPermissibleLadenMassAxleCountry", "InServiceMaximumPermissibleLadenMassAxleTrafficRegulation"]),
    rows("InterconnectionWithPoweredAxleGroup", Part::Axles, "Connections between powered axles", "Connection", &["InterconnectionWithPoweredAxleNumber"]),
    numbered("TyreAxleGroup", Part::Axles, "Tyres and wheels", "Tyre", &["TyreNumber"]),
    numbered("AxleGroupGroup", Part::Axles, "Groups of axles", "Axle group", &["AxleGroupNumber"]),
    rows("InServiceMaximumPermissibleLadenMassAxleGroupGroup", Part::Axles, "Maximum masses on groups of axles in service", "Traffic", &["InServiceMaximumPermissibleLadenMassAxleGroupCountry", "InServiceMaximumPermissibleLadenMassAxleGroupTrafficRegulation"]),
    numbered("TyreAxleMassCombinationGroup", Part::Axles, "Combinations of tyres", "Combination", &["TyreAxleCombinationNumber"]),
    rows("TyreAxleCouplingPointTyreCombinationGroup", Part::Axles, "Combinations of tyres: couplings", "Coupling", &["MechanicalCouplingNumberOfTyreAxleCouplingPointTyreCombination"]),
    rows("TyreAxleCombinationGroup", Part::Axles, "Combinations of tyres: axles", "Axle", &["AxleNumberCombination"]),
    rows("TrailerBrakeGroup", Part::Brakes, "Trailer brakes", "Connection", &["TrailerBrakeTechnologyConnectionsType"]),
    rows("BrakingTransmissionGroup", Part::Brakes, "Braking transmission", "Transmission", &["BrakingTransmissionPrincipal"]),
    rows("BodyworkGroup", Part::Bodywork, "Bodywork", "Bodywork", &["CodeForBodywork"]),
    rows("DriverSeatTypeCategoryGroup", Part::Bodywork, "Driver's seats", "Seat", &["DriverSeatTypeCategory"]),
    numbered("MechanicalCouplingGroup", Part::Couplings, "Couplings fitted", "Coupling", &["MechanicalCouplingNumber"]),
    rows("MechanicalCouplingPartsGroup", Part::Couplings, "Parts of couplings", "Part", &["MechanicalCouplingPartsApprovalNumber"]),
    rows("MechanicalCouplingCanBeFittedGroup", Part::Couplings, "Couplings that can be fitted", "Coupling", &["MechanicalCouplingCanBeFittedType", "MechanicalCouplingCanBeFittedClass"]),
    single("SoundLevelGroup", Part::Emissions, "Sound level"),
    single("TestTypeIGroup", Part::Emissions, "Exhaust emissions, type I test"),
    single("TestTypeIIGroup", Part::Emissions, "Exhaust emissions, type II test"),
    single("TestTypeVIIGroup", Part::Emissions, "CO2, consumption and range, type VII test"),
    single("TestNrscGroup", Part::Emissions, "Exhaust emissions, NRSC"),
    single("TestNrtcGroup", Part::Emissions, "Exhaust emissions, NRTC"),
    single("TestWhscGroup", Part::Emissions, "Exhaust emissions, WHSC"),
    single("TestWhtcGroup", Part::Emissions, "Exhaust emissions, WHTC"),
    single("TestRdeGroup", Part::Emissions, "Declared maximum real driving emissions (RDE)"),
    single("TestWltpType1Group", Part::Emissions, "Exhaust emissions, WLTP type 1 test"),
    single("WltpEmissionTestParametersGroup", Part::Emissions, "Parameters of the WLTP emission test"),
    single("TestWltpCo2Group", Part::Emissions, "CO2 emissions, WLTP"),
    single("TestWltpFuelConsumptionGroup", Part::Emissions, "Fuel consumption, WLTP"),
    single("TestWltpElectricRangeGroup", Part::Emissions, "Electric range, WLTP"),
    single("TestWltpEnergyConsumptionGroup", Part::Emissions, "Electric energy consumption, WLTP"),
    rows("TestFamilyIdentifiersGroup", Part::Emissions, "Identifiers of test families", "Family", &["TestFamilyIdentifier"]),
    rows("EcoInnovationsGroup", Part::Emissions, "Eco-innovations", "Eco-innovation", &["EcoInnovationCountry", "GeneralCodeEcoInnovation"]),
    numbered("BallastSetGroup", Part::Tractors, "Ballast masses", "Set", &["BallastSetNumber"]),
    rows("LoadPlatformGroup", Part::Tractors, "Load platforms", "Platform", &[]),
    rows("RollOverProtectiveStructureGroup", Part::Tractors, "Roll-over protective structures", "Structure", &["RollOverProtectiveTypeApprovalNumber"]),
    rows("PowerTakeOffGroup", Part::Tractors, "Power take-offs", "Power take-off", &["PowerTakeOffType", "PowerTakeOffPosition"]),
    rows("PowerTakeOffPowerGroup", Part::Tractors, "Power at the power take-offs", "Power", &["PowerTakeOffRatedSpeedRange"]),
    numbered("TrackSetGroup", Part::Tractors, "Sets of track trains", "Set", &["TrackSetNumber"]),
    rows("TrackTrainSetGroup", Part::Tractors, "Track trains", "Track train", &[]),
    numbered("TrackTrainSetRollerGroup", Part::Tractors, "Rollers", "Roller", &["TrackTrainSetRollerNumber"]),
    rows("TrackTrainSetCouplingPointGroup", Part::Tractors, "Coupling points of track trains", "Coupling", &["MechanicalCouplingNumberOfTrackTrainCouplingPoint"]),
    rows("RemarkGroup", Part::Remarks, "Remarks one by one", "Remark", &["RemarkSubjectDescription", "RemarkSubjectLanguage"]),
    rows("SigningAuthorityGroup", Part::Signing, "Signatories", "Signatory", &["SignerName"]),
];
