//! Rules about what the service covers and what every certificate has.

use crate::check::facts::Known;
use crate::check::rules::{Case, Hit};

/// A category that stays on paper so far.
pub(super) fn category<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    case.values
        .first(Known::VehicleCategory)
        .filter(|category| !category.text.starts_with(['M', 'N', 'O']))
        .map(|category| {
            let message = format!(
                "Category '{}' is not among those that the service takes so far.",
                crate::check::found::shorten(&category.text)
            );
            Hit::new(category, message, "a category M, N or O")
        })
        .into_iter()
        .collect()
}

/// Groups that the schema lets be left out, and the guidance does not.
pub(super) fn groups<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    [
        Known::GeneralConstructionGroup,
        Known::DimensionGroup,
        Known::MassGroup,
    ]
    .into_iter()
    .filter(|group| case.values.first(*group).is_none())
    .map(|group| Hit {
        value: None,
        message: format!("Element '{}' is not there.", group.name()),
        expected: format!("element '{}' in 'CocDataGroup'", group.name()),
    })
    .collect()
}
