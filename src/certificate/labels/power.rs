//! Labels: engines, motors and energy, gears and speed.

use crate::certificate::labels::Labels;

/// Engines, motors and what drives them.
pub(super) const POWER: Labels = &[
    (
        "ManufacturerEnergyConvertor",
        "Manufacturer of the engine or motor",
        "",
    ),
    (
        "EnergyConvertorCodeMarkedOnEnergyConvertor",
        "Code marked on the engine or motor",
        "",
    ),
    (
        "EnergyConvertorTypeApprovalNumber",
        "Type approval number",
        "",
    ),
    (
        "CategorySubCategoryEnergyConvertor",
        "Category of the engine",
        "",
    ),
    ("WorkingPrinciple", "Working principle", ""),
    ("CombustionCycle", "Combustion cycle", ""),
    ("PureElectricVehicleIndicator", "Pure electric", ""),
    (
        "ClassHybridVehicle",
        "Class of hybrid (electric) vehicle",
        "",
    ),
    (
        "CategoryHybridElectricVehicle",
        "Category of hybrid electric vehicle",
        "",
    ),
    (
        "ManufacturerHybridApplication",
        "Manufacturer of the hybrid system",
        "",
    ),
    ("HybridApplicationCode", "Code of the hybrid system", ""),
    (
        "ElectricVehicleConfiguration",
        "Electric vehicle configuration",
        "",
    ),
    ("NumberOfCylinders", "Number of cylinders", ""),
    ("ArrangementCylinders", "Arrangement of cylinders", ""),
    ("EngineCapacity", "Engine capacity", "cm³"),
    ("EnergySource", "Fuel or energy source", ""),
    ("AdditionalEnergySource", "Additional energy sources", ""),
    ("FuelType", "Mono fuel, bi fuel, flex fuel or dual fuel", ""),
    ("SubFuelType", "Sub-type of fuel", ""),
    ("FuellingArrangement", "Fuelling arrangement", ""),
    ("DualFuelType", "Dual fuel type", ""),
    (
        "MaximumAcceptableAmountPercentageBiofuel",
        "Maximum amount of biofuel",
        "%",
    ),
    ("PowerMassRatio", "Ratio of power to mass", ""),
    (
        "MaximumNetPowerCombustion",
        "Maximum net power (combustion)",
        "kW",
    ),
    (
        "EngineSpeedMaximumNetPower",
        "Engine speed at maximum net power",
        "min⁻¹",
    ),
    (
        "EngineSpeedMaximumNetPowerMin",
        "Engine speed at maximum net power, least",
        "min⁻¹",
    ),
    (
        "EngineSpeedMaximumNetPowerMax",
        "Engine speed at maximum net power, most",
        "min⁻¹",
    ),
    (
        "MaximumNetPowerElectric",
        "Maximum net power (electric)",
        "kW",
    ),
    ("Maximum30MinutesPower", "Maximum 30 minutes power", "kW"),
    ("Maximum15MinutesPower", "Maximum 15 minutes power", "kW"),
    ("DeclaredRatedNetPower", "Declared rated net power", "kW"),
    (
        "ConsolidatedMaximumNetPowerElectric",
        "Maximum net power of all electric motors together",
        "kW",
    ),
    (
        "ConsolidatedMaximum30MinutesPower",
        "Maximum 30 minutes power of all electric motors together",
        "kW",
    ),
    ("MaximumAssistanceFactor", "Maximum assistance factor", ""),
    ("MaximumAssistanceSpeed", "Maximum assistance speed", "km/h"),
    (
        "ConvertingPerformanceIndicator",
        "Performance can be converted",
        "",
    ),
];

/// Gears, final drives and speed.
pub(super) const GEARS: Labels = &[
    ("GearboxType", "Type of gearbox", ""),
    ("GearNumber", "Gear", ""),
    ("GearRatio", "Ratio", ""),
    ("FinalDriveNumber", "Final drive", ""),
    ("FinalDriveRatio", "Ratio", ""),
    ("FinalDriveVehicleNumber", "Final drive", ""),
    ("FinalDriveVehicleRatio", "Ratio", ""),
    (
        "OverallGearRatioHighestGear",
        "Overall ratio in the highest gear",
        "",
    ),
    ("MaximumSpeed", "Maximum speed", "km/h"),
    (
        "DeclaredMaximumSpeedForward",
        "Declared maximum speed forwards",
        "km/h",
    ),
    (
        "DeclaredMaximumSpeedRearward",
        "Declared maximum speed backwards",
        "km/h",
    ),
];
