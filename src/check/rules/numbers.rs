//! What several rules ask of numbered rows: that they run from 1, and that references have a row.

use crate::check::facts::{Known, Value};
use crate::check::rules::{Case, Hit};

/// The rows that bear `known`, which must be numbered 1, 2, 3 and so on, in whatever order.
pub(super) fn consecutive<'a>(case: &Case<'a>, known: Known, rows: &str) -> Vec<Hit<'a>> {
    let mut numbered = Vec::new();
    for value in case.values.all(known) {
        let Some(number) = value.number() else {
            return Vec::new();
        };
        numbered.push((number, value));
    }
    numbered.sort_by_key(|(number, _)| *number);
    let off = (1_u64..)
        .zip(&numbered)
        .find(|(wanted, (number, _))| wanted != number);
    off.map(|(wanted, (number, value))| {
        let why = match *number {
            0 => "one has number 0".to_owned(),
            number if number < wanted => format!("number {number} stands twice"),
            _ => format!("none has number {wanted}"),
        };
        let message = format!("The {rows} are not numbered from 1 without gaps: {why}.");
        Hit::new(*value, message, wanted.to_string())
    })
    .into_iter()
    .collect()
}

/// The values of `references` that no value of `known` answers.
pub(super) fn unanswered<'a>(
    case: &Case<'a>,
    references: &[Known],
    known: Known,
    row: &str,
) -> Vec<Hit<'a>> {
    let there: Option<Vec<u64>> = case.values.all(known).map(Value::number).collect();
    let Some(mut there) = there else {
        return Vec::new();
    };
    there.sort_unstable();
    let values = case.values;
    references
        .iter()
        .flat_map(|reference| values.all(*reference))
        .filter_map(|value| Some((value, value.number()?)))
        .filter(|(_, number)| there.binary_search(number).is_err())
        .map(|(value, number)| {
            let message = format!("{row} {number} is referred to, but not listed.");
            Hit::new(value, message, expected(&there))
        })
        .collect()
}

/// At most this many numbers are listed.
const LISTED_MAX: usize = 12;

fn expected(there: &[u64]) -> String {
    if there.is_empty() {
        return "no number, since nothing is listed".to_owned();
    }
    let mut numbers: Vec<String> = there
        .iter()
        .take(LISTED_MAX)
        .map(ToString::to_string)
        .collect();
    if there.len() > LISTED_MAX {
        numbers.push("…".to_owned());
    }
    format!("one of: {}", numbers.join(", "))
}
