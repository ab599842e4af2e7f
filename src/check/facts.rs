//! Finds, by name and wherever they stand, the values that we keep and that the rules need.
//!
//! Needs no schema. What lies inside an element of another namespace than the root's is not looked
//! at: a signature may carry anything, and nothing in it may pass for the certificate's own values.

use crate::check::path::{Path, push_step};
use crate::check::place::places;
use crate::check::xml::chars::trimmed;
use crate::check::xml::namespaces::Namespace;
use crate::domain::outcome::Place;
use crate::domain::record::Facts;

/// The longest value that is kept, in characters. The longest that a fact may have is 35.
const VALUE_CHARS_MAX: usize = 100;

/// The most values kept. An ordinary message has under 100; past it, rules that count are silent.
const VALUES_MAX: usize = 5000;

macro_rules! known {
    ($($variant:ident),+ $(,)?) => {
        /// An element that we look for, by its name in the message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Known { $($variant),+ }

        impl Known {
            /// All of them. The first names of every table of names, in this order.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The element's name.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }
        }
    };
}

known! {
    IviReferenceId, IviVersionNumber, IviVersionDateTime, DesignatedTypeApprovalCountry,
    VehicleIdentificationNumber, TypeApprovalNumber, TypeApprovalIssueDate, VehicleCategory,
    Type, Variant, Version, StageOfCompletion, DateManufactureVehicle, SignatureDate,
    PureElectricVehicleIndicator,
    ManufacturerGroup, ManufacturerStageNumber, PreviousStageTypeApprovalNumber,
    GeneralConstructionGroup, NumberOfAxles, NumberOfAxlesWithTwinWheels, NumberOfSteeredAxles,
    NumberOfPoweredAxles, NumberOfBrakedAxles,
    DimensionGroup,
    MassGroup, MassInRunningOrder, ActualMass, TechnicallyPermissibleMaximumLadenMass,
    AxleGroup, TwinWheelsAxleIndicator, SteeredAxleIndicator, PoweredAxleIndicator,
    BrakedAxleIndicator, TechnicallyPermissibleMassAxle,
    WorkingPrinciple, EnergySource,
}

impl Known {
    /// The element that the name with this number stands for.
    pub(crate) fn of(number: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// Is it a group, kept for being there, rather than for a value?
    const fn is_group(self) -> bool {
        matches!(
            self,
            Self::ManufacturerGroup
                | Self::GeneralConstructionGroup
                | Self::DimensionGroup
                | Self::MassGroup
                | Self::AxleGroup
        )
    }
}

/// One element that we looked for and found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    /// Which.
    pub(crate) known: Known,
    /// Its text, cut to 100 characters; empty for a group.
    pub(crate) text: String,
    /// Where its start tag stands.
    pub(crate) place: Place,
    /// Its parent: values of one group share it.
    pub(crate) group: usize,
    position: u32,
}

/// What was found in one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Values {
    list: Vec<Value>,
    nodes: Vec<Node>,
    /// Were there more than we keep?
    pub(crate) is_cut: bool,
}

/// An element with something below it that was kept: a step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    parent: Option<usize>,
    local: Box<str>,
    position: u32,
}

impl Values {
    /// The first of this name.
    pub(crate) fn first(&self, known: Known) -> Option<&Value> {
        self.all(known).next()
    }

    /// All of this name.
    pub(crate) fn all(&self, known: Known) -> impl Iterator<Item = &Value> {
        self.list.iter().filter(move |value| value.known == known)
    }

    /// The value of this name in the same group as `other`.
    pub(crate) fn beside(&self, other: &Value, known: Known) -> Option<&Value> {
        let group = other.group;
        self.all(known).find(move |value| value.group == group)
    }

    /// The path of a value.
    pub(crate) fn path(&self, value: &Value) -> String {
        let mut steps = vec![(value.known.name(), value.position)];
        let mut above = Some(value.group);
        while let Some(node) = above.and_then(|index| self.nodes.get(index)) {
            steps.push((&node.local, node.position));
            above = node.parent;
        }
        let mut path = String::new();
        for (depth, (local, position)) in steps.iter().rev().enumerate() {
            push_step(&mut path, depth, local, *position);
        }
        path
    }

    /// The facts among the values.
    pub(crate) fn facts(&self) -> Facts {
        let text = |known| self.first(known).map(|value| value.text.clone());
        Facts {
            vin: text(Known::VehicleIdentificationNumber),
            ivi_reference_id: text(Known::IviReferenceId),
            ivi_version_number: self
                .first(Known::IviVersionNumber)
                .and_then(Value::two_digits),
            manufacturer_stage_number: self.stage(),
            type_approval_number: text(Known::TypeApprovalNumber),
            vehicle_category: text(Known::VehicleCategory),
            vehicle_type: text(Known::Type),
            variant: text(Known::Variant),
            version: text(Known::Version),
        }
    }

    /// The highest stage number, if each is one. This choice is made here and nowhere else.
    fn stage(&self) -> Option<u32> {
        let stages: Option<Vec<u32>> = self
            .all(Known::ManufacturerStageNumber)
            .map(Value::two_digits)
            .collect();
        stages?.into_iter().max()
    }
}

impl Value {
    /// The value as a whole number, if it is one that fits.
    pub(crate) fn number(&self) -> Option<u64> {
        let digits = trimmed(&self.text);
        digits.strip_prefix('+').unwrap_or(digits).parse().ok()
    }

    /// The value as a whole number from 0 to 99.
    fn two_digits(&self) -> Option<u32> {
        u32::try_from(self.number()?)
            .ok()
            .filter(|number| *number <= 99)
    }
}

/// Gathers values while a document is read.
#[derive(Debug)]
pub(crate) struct Gatherer {
    values: Values,
    offsets: Vec<usize>,
    /// Each open element's node, if it has one yet.
    nodes: Vec<Option<usize>>,
    /// The open elements' starts, and whether each has had a child.
    open: Vec<(usize, bool)>,
    root: Namespace,
    /// The depth at which a foreign element was entered.
    foreign_from: Option<usize>,
}

impl Gatherer {
    /// Nothing gathered yet.
    pub(crate) fn new() -> Self {
        Self {
            values: Values::default(),
            offsets: Vec::new(),
            nodes: Vec::new(),
            open: Vec::new(),
            root: Namespace::NONE,
            foreign_from: None,
        }
    }

    /// An element began; `path` ends in it.
    pub(crate) fn start(&mut self, path: &Path<'_>, number: u32, namespace: Namespace, at: usize) {
        if let Some((_, has_child)) = self.open.last_mut() {
            *has_child = true;
        }
        if self.open.is_empty() {
            self.root = namespace;
        }
        if self.foreign_from.is_none() && namespace != self.root {
            self.foreign_from = Some(self.open.len());
        }
        self.open.push((at, false));
        self.nodes.push(None);
        if let Some(known) = Known::of(number).filter(|known| known.is_group()) {
            self.keep(path, known, "", at);
        }
    }

    /// The innermost element ends; `path` still ends in it. `text` is what stands before its end.
    pub(crate) fn end(&mut self, path: &Path<'_>, number: u32, text: &str) {
        if let Some((at, false)) = self.open.last().copied()
            && let Some(known) = Known::of(number).filter(|known| !known.is_group())
        {
            self.keep(path, known, text, at);
        }
        self.open.pop();
        self.nodes.pop();
        if self
            .foreign_from
            .is_some_and(|depth| depth >= self.open.len())
        {
            self.foreign_from = None;
        }
    }

    /// Everything gathered, with places.
    pub(crate) fn finish(mut self, text: &str) -> Values {
        for (value, place) in self.values.list.iter_mut().zip(places(text, &self.offsets)) {
            value.place = place;
        }
        self.values
    }

    fn keep(&mut self, path: &Path<'_>, known: Known, text: &str, at: usize) {
        if self.foreign_from.is_some() {
            return;
        }
        if self.values.list.len() >= VALUES_MAX {
            self.values.is_cut = true;
            return;
        }
        let depth = path.depth().saturating_sub(1);
        let group = self.node(path, depth);
        let text = match text.char_indices().nth(VALUE_CHARS_MAX) {
            Some((end, _)) => text.get(..end).unwrap_or_default(),
            None => text,
        };
        self.values.list.push(Value {
            known,
            text: text.to_owned(),
            place: Place { line: 1, column: 1 },
            group,
            position: path.step(depth).map_or(1, |(_, position)| position),
        });
        self.offsets.push(at);
    }

    /// The node of the parent of the element at `depth`, made with those above it if need be.
    fn node(&mut self, path: &Path<'_>, depth: usize) -> usize {
        let made = (0..depth).rev().find_map(|depth| {
            let node = self.nodes.get(depth).copied().flatten()?;
            Some((depth, node))
        });
        let mut parent = made.map(|(_, node)| node);
        for depth in made.map_or(0, |(depth, _)| depth + 1)..depth {
            let (local, position) = path.step(depth).unwrap_or(("", 1));
            self.values.nodes.push(Node {
                parent,
                local: local.into(),
                position,
            });
            parent = Some(self.values.nodes.len() - 1);
            if let Some(slot) = self.nodes.get_mut(depth) {
                *slot = parent;
            }
        }
        // The root itself has no parent; no node has this number.
        parent.unwrap_or(usize::MAX)
    }
}
