//! Labels: construction, dimensions, bodywork, doors and seats, equipment.

use crate::certificate::labels::Labels;

/// Axles, wheels and steering in numbers.
pub(super) const CONSTRUCTION: Labels = &[
    ("NumberOfAxles", "Number of axles", ""),
    ("NumberOfWheels", "Number of wheels", ""),
    (
        "NumberOfAxlesWithTwinWheels",
        "Number of axles with twin wheels",
        "",
    ),
    ("NumberOfSteeredAxles", "Number of steered axles", ""),
    ("NumberOfPoweredAxles", "Number of powered axles", ""),
    ("NumberOfBrakedAxles", "Number of braked axles", ""),
    ("AutomatedVehicle", "Automated vehicle", ""),
    ("SteeringCategory", "Category of steering", ""),
    (
        "ReversibleDrivingPositionIndicator",
        "Reversible driving position",
        "",
    ),
    ("ElongatedCabIndicator", "Elongated cab", ""),
    ("AerodynamicDeviceEquipped", "Aerodynamic device", ""),
];

/// Lengths, widths and heights.
pub(super) const DIMENSIONS: Labels = &[
    ("Wheelbase", "Wheelbase", "mm"),
    (
        "WheelbaseAdjustableMin",
        "Wheelbase, shortest if adjustable",
        "mm",
    ),
    (
        "WheelbaseAdjustableMax",
        "Wheelbase, longest if adjustable",
        "mm",
    ),
    ("WheelBaseSideCar", "Wheelbase of the sidecar", "mm"),
    (
        "WheelBaseGroundRatio",
        "Ratio of wheelbase to ground clearance",
        "",
    ),
    ("Length", "Length", "mm"),
    (
        "LengthAdjustableMin",
        "Length, shortest if adjustable",
        "mm",
    ),
    ("LengthAdjustableMax", "Length, longest if adjustable", "mm"),
    (
        "MaximumPermissibleLength",
        "Maximum permissible length",
        "mm",
    ),
    (
        "MaximumPermissibleLengthMin",
        "Maximum permissible length, least",
        "mm",
    ),
    (
        "MaximumPermissibleLengthMax",
        "Maximum permissible length, most",
        "mm",
    ),
    ("Width", "Width", "mm"),
    ("WidthAdjustableMin", "Width, smallest if adjustable", "mm"),
    ("WidthAdjustableMax", "Width, largest if adjustable", "mm"),
    ("MaximumPermissibleWidth", "Maximum permissible width", "mm"),
    (
        "MaximumPermissibleWidthMin",
        "Maximum permissible width, least",
        "mm",
    ),
    (
        "MaximumPermissibleWidthMax",
        "Maximum permissible width, most",
        "mm",
    ),
    ("Height", "Height", "mm"),
    ("HeightAdjustableMin", "Height, lowest if adjustable", "mm"),
    ("HeightAdjustableMax", "Height, highest if adjustable", "mm"),
    (
        "MaximumPermissibleHeight",
        "Maximum permissible height",
        "mm",
    ),
    (
        "MaximumPermissibleHeightMin",
        "Maximum permissible height, least",
        "mm",
    ),
    (
        "MaximumPermissibleHeightMax",
        "Maximum permissible height, most",
        "mm",
    ),
    ("SeatingHeight", "Seat height", "mm"),
    ("LengthLoadingArea", "Length of the loading area", "mm"),
    (
        "LengthLoadingAreaAdjustableMin",
        "Length of the loading area, shortest if adjustable",
        "mm",
    ),
    (
        "LengthLoadingAreaAdjustableMax",
        "Length of the loading area, longest if adjustable",
        "mm",
    ),
    ("RearOverhang", "Rear overhang", "mm"),
    (
        "RearOverhangAdjustableMin",
        "Rear overhang, shortest if adjustable",
        "mm",
    ),
    (
        "RearOverhangAdjustableMax",
        "Rear overhang, longest if adjustable",
        "mm",
    ),
    (
        "MaximumPermissibleRearOverhang",
        "Maximum permissible rear overhang",
        "mm",
    ),
];

/// Bodywork, doors, seats.
pub(super) const BODYWORK: Labels = &[
    ("CodeForBodywork", "Code for bodywork", ""),
    (
        "CodeForBodyworkSupplement",
        "Supplement to the code for bodywork",
        "",
    ),
    ("OtherBodywork", "Other bodywork", ""),
    ("SpecialPurposeDesignation", "Special purpose vehicle", ""),
    ("VehicleClass", "Class of vehicle", ""),
    ("Colour", "Colour", ""),
    ("NumberOfDoors", "Number of doors", ""),
    ("NumberOfDoorsFront", "Doors at the front", ""),
    ("NumberOfDoorsLeft", "Doors on the left", ""),
    ("NumberOfDoorsRight", "Doors on the right", ""),
    ("NumberOfDoorsBack", "Doors at the back", ""),
    (
        "NumberOfSeatingPositionsIncludingDriver",
        "Seating positions, the driver's included",
        "",
    ),
    (
        "NumberOfSeatingPositionsExcludingDriver",
        "Seating positions, the driver's not included",
        "",
    ),
    (
        "NumberOfSeatsStationaryUseOnly",
        "Seats only for use when stationary",
        "",
    ),
    (
        "NumberOfSeatingPositionsLowerDeck",
        "Seating positions on the lower deck",
        "",
    ),
    (
        "NumberOfSeatingPositionsUpperDeck",
        "Seating positions on the upper deck",
        "",
    ),
    (
        "NumberOfWheelchairUserAccessiblePositions",
        "Places for wheelchair users",
        "",
    ),
    ("NumberOfStandingPlaces", "Standing places", ""),
    (
        "SeatingPositionConfiguration",
        "Kind of seating position",
        "",
    ),
    (
        "LocationArrangementSeats",
        "Place and arrangement of the seats",
        "",
    ),
    (
        "DriverSeatTypeCategory",
        "Category of the driver's seat",
        "",
    ),
    (
        "DriverSeatTypeCategoryClass",
        "Class of the driver's seat",
        "",
    ),
];

/// Safety systems, dangerous goods.
pub(super) const EQUIPMENT: Labels = &[
    ("AdvancedSafetySystem", "Advanced safety systems", ""),
    (
        "TypeApprovalTransportDangerousGoodsIndicator",
        "Approved for dangerous goods",
        "",
    ),
    (
        "TypeApprovalTransportDangerousGoodsClass",
        "Class for dangerous goods",
        "",
    ),
];

/// What only tractors, their trailers and towed machines have.
pub(super) const TRACTORS: Labels = &[
    (
        "NumberOfSetsBallastMasses",
        "Number of sets of ballast masses",
        "",
    ),
    ("BallastSetNumber", "Set of ballast masses", ""),
    ("BallastSetNumberOfComponents", "Components in the set", ""),
    (
        "ThreePointLiftingMechanism",
        "Three-point lifting mechanism",
        "",
    ),
    ("AdditionalCouplingPoints", "Additional coupling points", ""),
    ("LoadPlatformHeightAboveGround", "Height above ground", "mm"),
    ("LoadPlatformLength", "Length", "mm"),
    ("LoadPlatformWidth", "Width", "mm"),
    ("LoadPlatformLoadCapacity", "Safe load capacity", "kg"),
    ("RollOverProtectiveMake", "Make", ""),
    (
        "RollOverProtectiveTypeApprovalNumber",
        "Type approval number",
        "",
    ),
    ("RollOverProtectiveEquipment", "Equipment", ""),
    ("RollOverProtectiveStructure", "Structure", ""),
    ("RollOverProtectiveFoldable", "Foldable", ""),
    (
        "RollOverProtectiveFoldingOperation",
        "Folding operation",
        "",
    ),
    ("RollOverProtectiveHandOperated", "Operated by hand", ""),
    (
        "RollOverProtectiveLockingMechanism",
        "Locking mechanism",
        "",
    ),
    ("RollOverProtectivePosition", "Position", ""),
    ("PowerTakeOffType", "Kind", ""),
    ("PowerTakeOffPosition", "Position", ""),
    ("PowerTakeOffPositionOtherDescription", "Other position", ""),
    ("PowerTakeOffRatedSpeedRange", "Rated speed", "min⁻¹"),
    ("PowerTakeOffEngineSpeed", "Engine speed", "min⁻¹"),
    ("PowerTakeOffPower", "Power", "kW"),
    (
        "TrackTrainCrawlerUndercarriageConfiguration",
        "Configuration of the track undercarriage",
        "",
    ),
    (
        "TrackTrainNumberOfBrakedSet",
        "Braked sets of track trains",
        "",
    ),
    (
        "TrackTrainNumberOfPoweredSet",
        "Powered sets of track trains",
        "",
    ),
    (
        "TrackTrainSteeringBySpeedSideIndicator",
        "Steering by the speed of each side",
        "",
    ),
    (
        "TrackTrainSteeringByArticulationCentreAxisIndicator",
        "Steering by articulation",
        "",
    ),
    (
        "TrackTrainSteeringByArticulationCentreAxisDirectionIndicator",
        "Steering by articulation and direction",
        "",
    ),
    (
        "TrackTrainSteeringByPivotingOppositeIndicator",
        "Steering by pivoting opposite tracks",
        "",
    ),
    ("TrackSetNumber", "Set of track trains", ""),
    ("TrackSetBrakedIndicator", "Braked", ""),
    ("TrackSetPoweredIndicator", "Powered", ""),
    ("TrackTrainSetLength", "Length", "mm"),
    ("TrackTrainSetWidth", "Width", "mm"),
    (
        "TrackTrainSetAverageContactPressureGround",
        "Average contact pressure on the ground",
        "kPa",
    ),
    (
        "TrackTrainSetMaximumPermissibleMass",
        "Maximum permissible mass",
        "kg",
    ),
    (
        "TrackTrainSetMaximumPermissibleMassVehicle",
        "Maximum permissible mass of the vehicle",
        "kg",
    ),
    (
        "TrackTrainSetMaximumPermissibleVerticalLoadOnCouplingPoint",
        "Vertical load on the coupling point",
        "kg",
    ),
    ("TrackTrainSetRollerNumber", "Roller", ""),
    (
        "TrackTrainSetRollerMaximumload",
        "Maximum load of the roller",
        "kg",
    ),
    (
        "MechanicalCouplingNumberOfTrackTrainCouplingPoint",
        "Coupling",
        "",
    ),
    (
        "MaximumPermissibleVerticalLoadOnCouplingPointTrackTrainCoupling",
        "Vertical load on the coupling point",
        "kg",
    ),
    (
        "FallingObjectsProtectiveStructureForestryIndicator",
        "Protection from falling objects, forestry",
        "",
    ),
    (
        "FallingObjectsProtectiveStructureNonForestryIndicator",
        "Protection from falling objects, not forestry",
        "",
    ),
    (
        "ProtectionPenetratingObjectsForestryIndicator",
        "Protection from penetrating objects, forestry",
        "",
    ),
    (
        "ProtectionPenetratingObjectsNonForestryIndicator",
        "Protection from penetrating objects, not forestry",
        "",
    ),
    ("CabCategory", "Category of the cab", ""),
    ("DustFilterIndicator", "Dust filter", ""),
    ("AerosolIndicator", "Aerosol filter", ""),
    ("VapourFilterIndicator", "Vapour filter", ""),
    ("MachineryMountedIndicator", "Machinery mounted", ""),
    (
        "GeneralDescriptionMachinery",
        "Description of the machinery",
        "",
    ),
];
