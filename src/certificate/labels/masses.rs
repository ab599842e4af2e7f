//! Labels: masses and towing, couplings.

use crate::certificate::labels::Labels;

/// Masses of the vehicle and of what it may tow.
pub(super) const MASSES: Labels = &[
    ("MassInRunningOrder", "Mass in running order", "kg"),
    (
        "MassInRunningOrderVariableMin",
        "Mass in running order, least",
        "kg",
    ),
    (
        "MassInRunningOrderVariableMax",
        "Mass in running order, most",
        "kg",
    ),
    ("ActualMass", "Actual mass of the vehicle", "kg"),
    (
        "AdditionalMassAlternativePropulsion",
        "Additional mass for alternative propulsion",
        "kg",
    ),
    (
        "AdditionalMassDueToBatteries",
        "Additional mass due to batteries",
        "kg",
    ),
    (
        "MassInRunningOrderIncomplete",
        "Mass of the incomplete vehicle in running order",
        "kg",
    ),
    (
        "MinimumMassCompleted",
        "Minimum mass of the vehicle when completed",
        "kg",
    ),
    (
        "TechnicallyPermissibleMaximumLadenMass",
        "Technically permissible maximum laden mass",
        "kg",
    ),
    (
        "TechnicallyPermissibleMaximumLadenMassVariableMin",
        "Technically permissible maximum laden mass, least",
        "kg",
    ),
    (
        "TechnicallyPermissibleMaximumLadenMassVariableMax",
        "Technically permissible maximum laden mass, most",
        "kg",
    ),
    ("BallastMassTotal", "Total mass of ballast", "kg"),
    (
        "ThreePointLiftingMechanismMaximumTowableMass",
        "Maximum towable mass at the three-point lifting mechanism",
        "kg",
    ),
    ("MechanicalCouplingNumberVerticalMass", "Coupling", ""),
    (
        "TechnicallyPermissibleMaximumStaticVerticalMassCouplingPoint",
        "Maximum static vertical mass at the coupling point",
        "kg",
    ),
    ("MechanicalCouplingNumberTowingMasses", "Coupling", ""),
    ("BrakedTypeTrail", "Braking of the trailer", ""),
    ("BodyworkTypeTrailer", "Kind of trailer", ""),
    (
        "TechnicallyPermissibleMaximumTowableMass",
        "Maximum towable mass",
        "kg",
    ),
    (
        "TechnicallyPermissibleMaximumCombinationMass",
        "Maximum mass of the combination",
        "kg",
    ),
    (
        "InServiceMaximumPermissibleMassCountry",
        "Country (national traffic)",
        "",
    ),
    (
        "InServiceMaximumPermissibleMassTrafficRegulation",
        "Regulation (international traffic)",
        "",
    ),
    (
        "InServiceMaximumPermissibleLadenMass",
        "Maximum permissible laden mass",
        "kg",
    ),
    (
        "InServiceMaximumPermissibleMassCombination",
        "Maximum permissible mass of the combination",
        "kg",
    ),
];

/// Couplings.
pub(super) const COUPLINGS: Labels = &[
    ("MechanicalCouplingNumber", "Coupling", ""),
    ("MechanicalCouplingLocation", "Place", ""),
    ("MechanicalCouplingTypeAccordingAppendixEU", "Kind", ""),
    ("MechanicalCouplingMake", "Make", ""),
    (
        "MechanicalCouplingManufacturersTypeDesignation",
        "Manufacturer's type designation",
        "",
    ),
    ("MechanicalCouplingApprovalMark", "Approval mark", ""),
    ("MechanicalCouplingApprovalNumber", "Approval number", ""),
    ("MechanicalCouplingValueD", "D", "kN"),
    ("MechanicalCouplingValueDc", "Dc", "kN"),
    ("MechanicalCouplingValueV", "V", "kN"),
    ("MechanicalCouplingValueS", "S", "kg"),
    ("MechanicalCouplingValueU", "U", "t"),
    (
        "MechanicalCouplingValueHorizontalLoad",
        "Horizontal load",
        "",
    ),
    (
        "MechanicalCouplingTechnicallyPermissibleTowableMass",
        "Technically permissible towable mass",
        "t",
    ),
    (
        "MechanicalCouplingHeightAboveGround",
        "Height above ground",
        "mm",
    ),
    (
        "MechanicalCouplingHeightAboveGroundAdjustableMin",
        "Height above ground, lowest",
        "mm",
    ),
    (
        "MechanicalCouplingHeightAboveGroundAdjustableMax",
        "Height above ground, highest",
        "mm",
    ),
    (
        "DistanceCentreCouplingDeviceLastAxle",
        "Centre of the coupling to the last axle",
        "mm",
    ),
    (
        "DistanceCentreCouplingDeviceLastAxleAdjustableMin",
        "Centre of the coupling to the last axle, least",
        "mm",
    ),
    (
        "DistanceCentreCouplingDeviceLastAxleAdjustableMax",
        "Centre of the coupling to the last axle, most",
        "mm",
    ),
    (
        "DistanceFrontEndCentreCoupling",
        "Front end to the centre of the coupling",
        "mm",
    ),
    (
        "DistanceFrontEndCentreCouplingAdjustableMin",
        "Front end to the centre of the coupling, least",
        "mm",
    ),
    (
        "DistanceFrontEndCentreCouplingAdjustableMax",
        "Front end to the centre of the coupling, most",
        "mm",
    ),
    (
        "DistanceCentreCouplingRearEnd",
        "Centre of the coupling to the rear end",
        "mm",
    ),
    (
        "DistanceCentreCouplingRearEndAdjustableMin",
        "Centre of the coupling to the rear end, least",
        "mm",
    ),
    (
        "DistanceCentreCouplingRearEndAdjustableMax",
        "Centre of the coupling to the rear end, most",
        "mm",
    ),
    (
        "DistanceCouplingPointFirstAxle",
        "Coupling point to the first axle",
        "mm",
    ),
    (
        "DistanceCouplingPointFirstAxleAdjustableMin",
        "Coupling point to the first axle, least",
        "mm",
    ),
    (
        "DistanceCouplingPointFirstAxleAdjustableMax",
        "Coupling point to the first axle, most",
        "mm",
    ),
    (
        "MechanicalCouplingDistributionMassRunningOrder",
        "Mass on the coupling in running order",
        "kg",
    ),
    (
        "MechanicalCouplingMinimumDistributionMassCompleted",
        "Minimum mass on the coupling when completed",
        "kg",
    ),
    ("MechanicalCouplingPartsTypeAccordingAppendixEU", "Kind", ""),
    ("MechanicalCouplingPartsMake", "Make", ""),
    (
        "MechanicalCouplingPartsManufacturersTypeDesignation",
        "Manufacturer's type designation",
        "",
    ),
    ("MechanicalCouplingPartsApprovalMark", "Approval mark", ""),
    (
        "MechanicalCouplingPartsApprovalNumber",
        "Approval number",
        "",
    ),
    ("MechanicalCouplingPartsValueD", "D", "kN"),
    ("MechanicalCouplingPartsValueDc", "Dc", "kN"),
    ("MechanicalCouplingPartsValueV", "V", "kN"),
    ("MechanicalCouplingPartsValueS", "S", "kg"),
    ("MechanicalCouplingPartsValueU", "U", "t"),
    (
        "MechanicalCouplingCanBeFittedType",
        "Type that can be fitted",
        "",
    ),
    (
        "MechanicalCouplingCanBeFittedClass",
        "Class that can be fitted",
        "",
    ),
    ("MechanicalCouplingCanBeFittedValueD", "D", "kN"),
    ("MechanicalCouplingCanBeFittedValueDc", "Dc", "kN"),
    ("MechanicalCouplingCanBeFittedValueV", "V", "kN"),
    ("MechanicalCouplingCanBeFittedValueS", "S", "kg"),
    ("MechanicalCouplingCanBeFittedValueU", "U", "t"),
];
