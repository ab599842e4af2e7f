//! Labels: the message itself, the vehicle, its approval and its makers.

use crate::certificate::labels::Labels;

/// The head of the message.
pub(super) const MESSAGE: Labels = &[
    ("IviVersionNumber", "IVI version number", ""),
    ("IviVersionDateTime", "This version was made", ""),
    ("IviReferenceId", "Reference of the message", ""),
    ("IviVersionNumberXsd", "Version of the schema", ""),
    (
        "DesignatedTypeApprovalCountry",
        "Country of the type approval",
        "",
    ),
    (
        "IntendedCountryRegistration",
        "Country in which registration is meant",
        "",
    ),
];

/// What the vehicle is.
pub(super) const VEHICLE: Labels = &[
    ("Make", "Make (trade name of manufacturer)", ""),
    ("Type", "Type", ""),
    ("Variant", "Variant", ""),
    ("Version", "Version", ""),
    ("CommercialName", "Commercial name", ""),
    ("VehicleCategory", "Vehicle category", ""),
    (
        "VehicleIdentificationNumber",
        "Vehicle identification number",
        "",
    ),
    (
        "DateManufactureVehicle",
        "Date of manufacture of the vehicle",
        "",
    ),
    ("StageOfCompletion", "Stage of completion", ""),
    ("CompletedAltered", "Completed or altered", ""),
    (
        "DescriptionCompletedAltered",
        "What was completed or altered",
        "",
    ),
    (
        "MethodAttachmentStatutoryPlate",
        "How the statutory plate is attached",
        "",
    ),
    (
        "LocationStatutoryPlate23Wheel",
        "Place of the statutory plate (2 and 3 wheels)",
        "",
    ),
    (
        "LocationVin23Wheel",
        "Place of the VIN (2 and 3 wheels)",
        "",
    ),
    ("LocationMarkingsSubject", "What is placed", ""),
    ("LocationMarkingsVehiclePart", "Part of the vehicle", ""),
    ("LocationMarkingsVehiclePartSide", "Side", ""),
    (
        "LocationMarkingsVehiclePartSideSection",
        "Section of the side",
        "",
    ),
    (
        "RightLeftHandTraffic",
        "Side of the road it is made for",
        "",
    ),
    ("MetricImperialSpeedometer", "Units of the speedometer", ""),
    ("MetricImperialOdometer", "Units of the odometer", ""),
];

/// The approval it conforms to.
pub(super) const APPROVAL: Labels = &[
    ("TypeApprovalNumber", "Type approval number", ""),
    ("TypeApprovalIssueDate", "Type approval issued on", ""),
    ("TypeApprovalType", "Kind of type approval", ""),
    (
        "ProvisionalTypeApprovalIndicator",
        "Provisional type approval",
        "",
    ),
    (
        "ProvisionalApprovalTerritoryCountry",
        "Territory of a provisional approval",
        "",
    ),
    (
        "SubjectApprovalCertificateNumber",
        "Certificate of a subject's approval",
        "",
    ),
    (
        "ProductionYearSmallSeries",
        "Small series: year of production",
        "",
    ),
    (
        "ProductionSequentialNumberSmallSeries",
        "Small series: number in the sequence",
        "",
    ),
    (
        "VehicleCertified155Indicator",
        "UN Regulation 155 (cyber security)",
        "",
    ),
    (
        "VehicleCertified156Indicator",
        "UN Regulation 156 (software updates)",
        "",
    ),
    (
        "AllowedActualMass",
        "Allowed actual mass of the final vehicle",
        "kg",
    ),
    ("AllowedActualMassMin", "Allowed actual mass, least", "kg"),
    ("AllowedActualMassMax", "Allowed actual mass, most", "kg"),
    (
        "AllowedTechnicallyPermissibleMaximumLadenMass",
        "Allowed maximum laden mass",
        "kg",
    ),
    (
        "AllowedTechnicallyPermissibleMaximumLadenMassMin",
        "Allowed maximum laden mass, least",
        "kg",
    ),
    (
        "AllowedTechnicallyPermissibleMaximumLadenMassMax",
        "Allowed maximum laden mass, most",
        "kg",
    ),
    ("AllowedFrontalArea", "Allowed frontal area", "cm²"),
    (
        "AllowedFrontalAreaMin",
        "Allowed frontal area, least",
        "cm²",
    ),
    ("AllowedFrontalAreaMax", "Allowed frontal area, most", "cm²"),
    (
        "AllowedRollingResistance",
        "Allowed rolling resistance",
        "kg/t",
    ),
    (
        "AllowedRollingResistanceMin",
        "Allowed rolling resistance, least",
        "kg/t",
    ),
    (
        "AllowedRollingResistanceMax",
        "Allowed rolling resistance, most",
        "kg/t",
    ),
    (
        "AllowedCrossSectionalAreaAirFrontGrill",
        "Allowed air entrance of the front grille",
        "cm²",
    ),
    (
        "AllowedCrossSectionalAreaAirFrontGrillMin",
        "Allowed air entrance of the front grille, least",
        "cm²",
    ),
    (
        "AllowedCrossSectionalAreaAirFrontGrillMax",
        "Allowed air entrance of the front grille, most",
        "cm²",
    ),
];

/// Who made it, stage by stage, and who represents them.
pub(super) const MAKERS: Labels = &[
    ("ManufacturerStageNumber", "Stage", ""),
    ("ManufacturerName", "Company name of the manufacturer", ""),
    ("ManufacturerAddressLine1", "Address, line 1", ""),
    ("ManufacturerAddressLine2", "Address, line 2", ""),
    ("ManufacturerAddressLine3", "Address, line 3", ""),
    ("ManufacturerPlaceOfResidence", "Town or city", ""),
    ("ManufacturerCountryOfResidence", "Country", ""),
    (
        "PreviousStageTypeApprovalNumber",
        "Stage before: type approval number",
        "",
    ),
    ("PreviousStageType", "Stage before: type", ""),
    ("PreviousStageVariant", "Stage before: variant", ""),
    ("PreviousStageVersion", "Stage before: version", ""),
    ("EURepresentativeName", "Manufacturer's representative", ""),
    (
        "EURepresentativeAddressLine1",
        "Representative's address, line 1",
        "",
    ),
    (
        "EURepresentativeAddressLine2",
        "Representative's address, line 2",
        "",
    ),
    (
        "EURepresentativeAddressLine3",
        "Representative's address, line 3",
        "",
    ),
    (
        "EURepresentativePlaceOfResidence",
        "Representative's town or city",
        "",
    ),
    (
        "EURepresentativeCountryOfResidence",
        "Representative's country",
        "",
    ),
];

/// Remarks.
pub(super) const REMARKS: Labels = &[
    ("RemarkSubjectDescription", "Subject", ""),
    ("RemarkSubjectLanguage", "Language", ""),
    ("Remark", "Remark", ""),
    (
        "MaximumAuthorisedDimensionsDerogationIndicator",
        "Exempt from the largest authorised dimensions",
        "",
    ),
    (
        "DescriptionServiceAndMaintenance",
        "Service and maintenance",
        "",
    ),
];

/// Who signed.
pub(super) const SIGNING: Labels = &[
    ("SignerName", "Name", ""),
    ("SignerPosition", "Position", ""),
    ("SignatureLocation", "Place", ""),
    ("SignatureDate", "Date", ""),
];
