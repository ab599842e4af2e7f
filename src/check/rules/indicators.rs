//! Rules about indicators that a table bears out.

use crate::check::facts::Known;
use crate::check::rules::source::{ECO, INDICATORS};
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_all(warning("B53-eco-innovation-indicator",
        "The indicator of eco-innovations and their table do not fit together.",
        "Write EcoInnovationsFittedIndicator Y and list the codes, or N and list none.", ECO), eco),
    Rule::of_all(warning("B54-dangerous-goods-indicator",
        "The indicator of dangerous goods and their table do not fit together.",
        "Write TypeApprovalTransportDangerousGoodsIndicator Y and list the classes, or N and list none.", INDICATORS), goods),
];

fn eco<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let (indicator, table) = (
        Known::EcoInnovationsFittedIndicator,
        Known::EcoInnovationsTable,
    );
    compare(case, indicator, table, "eco-innovations")
}

fn goods<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let (indicator, table) = (
        Known::TypeApprovalTransportDangerousGoodsIndicator,
        Known::TypeApprovalTransportDangerousGoodsTable,
    );
    compare(case, indicator, table, "classes of dangerous goods")
}

/// Y exactly when there is a table. Without either there is nothing to compare.
fn compare<'a>(case: &Case<'a>, indicator: Known, table: Known, words: &str) -> Vec<Hit<'a>> {
    let said = case.values.first(indicator);
    let hit = match (said, case.values.first(table)) {
        (Some(said), None) if said.says("Y") => {
            let message = format!("The indicator says yes, but no {words} are listed.");
            Hit::new(said, message, format!("element '{}', or N", table.name()))
        }
        (Some(said), Some(_)) if said.says("N") => {
            let message = format!("The indicator says no, but {words} are listed.");
            Hit::new(said, message, "Y")
        }
        (None, Some(table)) => {
            let message = format!("There are {words} listed, but the indicator is left out.");
            let expected = format!("{} Y", indicator.name());
            Hit::new(table, message, expected).about(indicator)
        }
        _ => return Vec::new(),
    };
    vec![hit]
}
