//! Values in words: codes as the schema explains them, dates, and numbers with a power of ten.

use crate::certificate::Value;
use crate::check::Schema;

/// How the names of elements end that hold a number with a power of ten.
const PARTICLES: &str = "NumberOfParticles";

/// The value of an element, with its words. `power` is the power of ten by which it is multiplied,
/// if another element of the group says one.
pub(super) fn value(schema: &Schema, element: &str, text: &str, power: Option<&str>) -> Value {
    let meaning = schema.meaning(element, text);
    let words = if !meaning.is_empty() {
        capital(meaning)
    } else if element.contains("Date") {
        moment(text).unwrap_or_default()
    } else {
        power
            .and_then(|power| with_power(text, power))
            .unwrap_or_default()
    };
    Value {
        text: text.to_owned(),
        words,
    }
}

/// The element beside this one that holds its power of ten, if it is one that has such.
pub(super) fn power_element(element: &str) -> Option<String> {
    element
        .ends_with(PARTICLES)
        .then(|| format!("{element}Exponent"))
}

/// With its first letter as a capital.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// With its first letter small, if it is not the beginning of an abbreviation.
pub(super) fn small(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    let second = letters.clone().next();
    match first {
        Some(first) if second.is_none_or(|second| !second.is_uppercase()) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// `2026-07-06` as `6 July 2026`; a time after it as it stands there.
fn moment(text: &str) -> Option<String> {
    let (date, rest) = text.split_at_checked(10)?;
    let date: jiff::civil::Date = date.parse().ok()?;
    let date = date.strftime("%-d %B %Y").to_string();
    let Some(time) = rest.strip_prefix('T') else {
        return rest.is_empty().then_some(date);
    };
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at_checked(at)?,
        None => (time, ""),
    };
    let (minutes, _seconds) = clock.split_at_checked(5)?;
    let zone = match zone {
        "" => String::new(),
        "Z" => " UTC".to_owned(),
        offset => format!(" UTC{offset}"),
    };
    Some(format!("{date}, {minutes}{zone}"))
}

/// `1.42` and `11` as `1.42 × 10¹¹`.
fn with_power(text: &str, power: &str) -> Option<String> {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    if text.is_empty() || power.is_empty() || power.len() > 3 {
        return None;
    }
    let raised: Option<String> = power
        .chars()
        .map(|digit| {
            RAISED
                .get(usize::try_from(digit.to_digit(10)?).ok()?)
                .copied()
        })
        .collect();
    Some(format!("{text} × 10{}", raised?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_out_and_what_is_no_date_is_left_alone() {
        assert_eq!(moment("2026-07-06").unwrap(), "6 July 2026");
        assert_eq!(
            moment("2026-07-08T09:14:22.351+01:00").unwrap(),
            "8 July 2026, 09:14 UTC+01:00"
        );
        assert_eq!(
            moment("2026-12-31T23:59:59Z").unwrap(),
            "31 December 2026, 23:59 UTC"
        );
        for other in [
            "",
            "2026-13-06",
            "2026-07-06x",
            "ääääääääää",
            "2026-07-06T9",
        ] {
            assert_eq!(moment(other), None, "{other}");
        }
    }

    #[test]
    fn a_power_of_ten_is_raised() {
        assert_eq!(with_power("1.42", "11").unwrap(), "1.42 × 10¹¹");
        for power in ["", "x", "-1", "1234"] {
            assert_eq!(with_power("1", power), None, "{power}");
        }
        assert_eq!(
            power_element("RdeUrbanNumberOfParticles").unwrap(),
            "RdeUrbanNumberOfParticlesExponent"
        );
        assert_eq!(power_element("NumberOfAxles"), None);
    }

    #[test]
    fn first_letters_change_but_not_those_of_abbreviations() {
        assert_eq!(capital("petrol"), "Petrol");
        assert_eq!(small("Petrol"), "petrol");
        assert_eq!(small("LPG"), "LPG");
        assert_eq!(capital(""), "");
        assert_eq!(small(""), "");
    }
}
