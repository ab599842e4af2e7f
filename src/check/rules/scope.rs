//! Rules about what the service covers.

use crate::check::facts::Known;
use crate::check::found::shorten;
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_values(warning("B14-category-scope",
        "The category is not among those that the service takes so far.",
        "Categories M, N and O come electronically; certificates of others stay on paper for now.",
        "scope of the first phase as the authority publishes it"), category),
];

/// A category that stays on paper so far.
fn category<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    case.values
        .first(Known::VehicleCategory)
        .filter(|category| {
            category
                .said()
                .is_some_and(|text| !text.starts_with(['M', 'N', 'O']))
        })
        .map(|category| {
            let message = format!(
                "Category '{}' is not among those that the service takes so far.",
                shorten(category.text)
            );
            Hit::new(category, message, "a category M, N or O")
        })
        .into_iter()
        .collect()
}
