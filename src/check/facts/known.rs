//! The elements that we look for, by their names in the message.
//!
//! *Why by name alone*: names are unique in the whole message, so a leaf can be found without its
//! path.

macro_rules! known {
    ($($variant:ident),+ $(,)?) => {
        /// An element that we look for, by its name in the message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Known { $($variant),+ }

        impl Known {
            /// All of them. The first names of every table of names, in this order.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The element's name.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }

            /// Its place in [`Known::ALL`].
            pub(super) fn place(self) -> usize {
                usize::from(self as u8)
            }
        }
    };
}

known! {
    IviReferenceId, IviVersionNumber, IviVersionDateTime, DesignatedTypeApprovalCountry,
    CocDataGroup, VehicleIdentificationNumber, TypeApprovalNumber, TypeApprovalIssueDate,
    VehicleCategory, Type, Variant, Version, StageOfCompletion, DateManufactureVehicle,
    SignatureDate, PureElectricVehicleIndicator, CategoryHybridElectricVehicle,
    ClassHybridVehicle, ConsolidatedMaximum30MinutesPower, ConsolidatedMaximumNetPowerElectric,
    EcoInnovationsFittedIndicator, TypeApprovalTransportDangerousGoodsIndicator,
    ManufacturerGroup, ManufacturerStageNumber, PreviousStageTypeApprovalNumber,
    PreviousStageType, PreviousStageVariant, PreviousStageVersion,
    LocationMarkingsGroup, LocationMarkingsSubject, LocationMarkingsVehiclePartSide,
    LocationMarkingsVehiclePartSideSection,
    GeneralConstructionGroup, NumberOfAxles, NumberOfAxlesWithTwinWheels, NumberOfSteeredAxles,
    NumberOfPoweredAxles, NumberOfBrakedAxles,
    DimensionGroup,
    MassGroup, MassInRunningOrder, ActualMass, TechnicallyPermissibleMaximumLadenMass,
    MechanicalCouplingNumberVerticalMass,
    TowingBrakedTypeTrailTable, TowingBrakedTypeTrailGroup, MechanicalCouplingNumberTowingMasses,
    BrakedTypeTrail, BodyworkTypeGroup, BodyworkTypeTrailer,
    TechnicallyPermissibleMaximumCombinationMass, TechnicallyPermissibleMaximumTowableMass,
    InServiceMaximumMassGroup, InServiceMaximumPermissibleMassCountry,
    InServiceMaximumPermissibleMassTrafficRegulation,
    InServiceMaximumPermissibleLadenMassAxleGroup, InServiceMaximumPermissibleLadenMassAxleCountry,
    InServiceMaximumPermissibleLadenMassAxleTrafficRegulation,
    InServiceMaximumPermissibleLadenMassAxleGroupGroup,
    InServiceMaximumPermissibleLadenMassAxleGroupCountry,
    InServiceMaximumPermissibleLadenMassAxleGroupTrafficRegulation,
    AxleGroup, AxleNumber, TwinWheelsAxleIndicator, SteeredAxleIndicator, PoweredAxleIndicator,
    BrakedAxleIndicator, AxleSpacing, AxleSpacingAdjustableMin, AxleSpacingAdjustableMax,
    TechnicallyPermissibleMassAxle, InterconnectionWithPoweredAxleNumber,
    TyreNumber, TyreFittedProductionIndicator,
    MechanicalCouplingNumberOfTyreAxleCouplingPointTyreCombination,
    TyreAxleCombinationGroup, AxleNumberCombination, TyreNumberCombination,
    AxleGroupNumber, MemberAxleNumber,
    Colour,
    MechanicalCouplingTable, MechanicalCouplingNumber, MechanicalCouplingCanBeFittedTable,
    EnergyConvertorGroup, EnergyConvertorCodeMarkedOnEnergyConvertor, WorkingPrinciple,
    CombustionCycle, EnergySourceGroup, EnergySource, MaximumNetPowerCombustion,
    MaximumNetPowerElectric, Maximum30MinutesPower,
    EcoInnovationsTable, TypeApprovalTransportDangerousGoodsTable,
    MechanicalCouplingNumberOfTrackTrainCouplingPoint,
}

impl Known {
    /// The element that the name with this number stands for.
    pub(crate) fn of(number: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// Is it a group or a table, kept for being there and for what lies in it, not for a value?
    pub(super) const fn is_group(self) -> bool {
        matches!(
            self,
            Self::CocDataGroup
                | Self::ManufacturerGroup
                | Self::LocationMarkingsGroup
                | Self::GeneralConstructionGroup
                | Self::DimensionGroup
                | Self::MassGroup
                | Self::TowingBrakedTypeTrailTable
                | Self::TowingBrakedTypeTrailGroup
                | Self::BodyworkTypeGroup
                | Self::InServiceMaximumMassGroup
                | Self::InServiceMaximumPermissibleLadenMassAxleGroup
                | Self::InServiceMaximumPermissibleLadenMassAxleGroupGroup
                | Self::AxleGroup
                | Self::TyreAxleCombinationGroup
                | Self::MechanicalCouplingTable
                | Self::MechanicalCouplingCanBeFittedTable
                | Self::EnergyConvertorGroup
                | Self::EnergySourceGroup
                | Self::EcoInnovationsTable
                | Self::TypeApprovalTransportDangerousGoodsTable
        )
    }
}
