//! Labels: axles and tyres, brakes.

use crate::certificate::labels::Labels;

/// Axles and tyres.
pub(super) const AXLES: Labels = &[
    ("AxleNumber", "Axle", ""),
    ("TwinWheelsAxleIndicator", "Twin wheels", ""),
    ("SteeredAxleIndicator", "Steered", ""),
    ("PoweredAxleIndicator", "Powered", ""),
    ("BrakedAxleIndicator", "Braked", ""),
    ("AxleTrack", "Track", "mm"),
    ("AxleTrackAdjustableMin", "Track, least if adjustable", "mm"),
    ("AxleTrackAdjustableMax", "Track, most if adjustable", "mm"),
    ("AxleSpacing", "Distance to the next axle", "mm"),
    (
        "AxleSpacingAdjustableMin",
        "Distance to the next axle, least",
        "mm",
    ),
    (
        "AxleSpacingAdjustableMax",
        "Distance to the next axle, most",
        "mm",
    ),
    ("LiftAxleIndicator", "Lift axle", ""),
    ("LoadableAxleIndicator", "Loadable axle", ""),
    (
        "DriveAxleAirSuspensionOrEquivalentIndicator",
        "Drive axle with air suspension or equivalent",
        "",
    ),
    (
        "AxleAirSuspensionOrEquivalentIndicator",
        "Air suspension or equivalent",
        "",
    ),
    (
        "DistributionMassRunningOrderAxle",
        "Mass on the axle in running order",
        "kg",
    ),
    (
        "DistributionMassIncompleteAxle",
        "Mass on the axle, incomplete vehicle",
        "kg",
    ),
    (
        "MinimalPermissibleDistributionMassCompletedAxle",
        "Minimum mass on the axle when completed",
        "kg",
    ),
    (
        "TechnicallyPermissibleMassAxle",
        "Technically permissible mass on the axle",
        "kg",
    ),
    (
        "TechnicallyPermissibleMassAxleAdjustableMin",
        "Technically permissible mass on the axle, least",
        "kg",
    ),
    (
        "TechnicallyPermissibleMassAxleAdjustableMax",
        "Technically permissible mass on the axle, most",
        "kg",
    ),
    (
        "GroundClearanceBetweenAxles",
        "Ground clearance between the axles",
        "mm",
    ),
    (
        "InServiceMaximumPermissibleLadenMassAxleCountry",
        "Country (national traffic)",
        "",
    ),
    (
        "InServiceMaximumPermissibleLadenMassAxleTrafficRegulation",
        "Regulation (international traffic)",
        "",
    ),
    (
        "InServiceMaximumPermissibleLadenMassAxle",
        "Maximum permissible mass on the axle",
        "kg",
    ),
    (
        "InterconnectionWithPoweredAxleNumber",
        "Connected with axle",
        "",
    ),
    (
        "InterconnectionWithPoweredAxleConnection",
        "How it is connected",
        "",
    ),
    ("TyreNumber", "Tyre", ""),
    ("TyreFittedProductionIndicator", "Fitted in production", ""),
    ("TyreSize", "Tyre size", ""),
    (
        "LoadCapacityIndexSingleWheel",
        "Load capacity index, single wheel",
        "",
    ),
    (
        "LoadCapacityIndexTwinWheel",
        "Load capacity index, twin wheels",
        "",
    ),
    ("SpeedCategorySymbol", "Speed category symbol", ""),
    ("RimSize", "Rim size", ""),
    ("RimOffSet", "Rim offset", "mm"),
    ("RollingResistanceClass", "Rolling resistance class", ""),
    ("TyreCategory", "Tyre category", ""),
    ("TyreType", "Type of tyre", ""),
    (
        "TechnicallyPermissibleMaximumMassAxleTyre",
        "Technically permissible mass on the axle with this tyre",
        "kg",
    ),
    ("TyreTubeType", "Tube", ""),
    ("TyreMaximumSpeedIndicator", "Fit for the maximum speed", ""),
    ("TyrePlyRatingNumber", "Ply rating", ""),
    ("TyreClassification", "Classification", ""),
    ("TyreRollingRadius", "Rolling radius", "mm"),
    ("TyreLoadRating", "Load rating", ""),
    ("TyreAxleTrack", "Track with this tyre", "mm"),
    (
        "TyreAxleTrackAdjustableMin",
        "Track with this tyre, least",
        "mm",
    ),
    (
        "TyreAxleTrackAdjustableMax",
        "Track with this tyre, most",
        "mm",
    ),
    ("RecommendedTyrePressure", "Recommended pressure", ""),
    ("AxleGroupNumber", "Axle group", ""),
    ("MemberAxleNumber", "Axles in the group", ""),
    (
        "TechnicallyPermissibleMassAxleGroup",
        "Technically permissible mass on the axle group",
        "kg",
    ),
    (
        "InServiceMaximumPermissibleLadenMassAxleGroupCountry",
        "Country (national traffic)",
        "",
    ),
    (
        "InServiceMaximumPermissibleLadenMassAxleGroupTrafficRegulation",
        "Regulation (international traffic)",
        "",
    ),
    (
        "InServiceMaximumPermissibleAxleGroupLadenMass",
        "Maximum permissible mass on the axle group",
        "kg",
    ),
    ("TyreAxleCombinationNumber", "Combination", ""),
    (
        "MaximumPermissibleMassTyreAxleCombination",
        "Maximum permissible mass",
        "kg",
    ),
    (
        "MaximumPermissibleVerticalLoadOnCouplingPointTyreCombination",
        "Vertical load on the coupling point",
        "kg",
    ),
    (
        "MechanicalCouplingNumberOfTyreAxleCouplingPointTyreCombination",
        "Coupling",
        "",
    ),
    (
        "MaximumPermissibleVerticalLoadOnCouplingPointTyreCombinationCoupling",
        "Vertical load on this coupling",
        "kg",
    ),
    ("AxleNumberCombination", "Axle", ""),
    ("TyreNumberCombination", "Tyre", ""),
];

/// Brakes.
pub(super) const BRAKES: Labels = &[
    ("AdvancedBrakingSystem", "Advanced braking system", ""),
    ("ElectronicBrakingSystem", "Electronic braking system", ""),
    (
        "ElectricalControlLineIndicator",
        "Electrical control line",
        "",
    ),
    ("Iso7638ConnectorIndicator", "Connector of ISO 7638", ""),
    (
        "TrailerBrakeTechnologyConnectionsType",
        "Kind of trailer brake connections",
        "",
    ),
    (
        "TrailerBrakeControlSystemTechnology",
        "Technology of the trailer brake control",
        "",
    ),
    (
        "TrailerBrakePressFeedLineBraking",
        "Pressure in the feed line",
        "kPa",
    ),
    (
        "BrakingTransmissionPrincipal",
        "Principle of the braking transmission",
        "",
    ),
    ("BrakingTransmissionPowerAssist", "Power assistance", ""),
];
