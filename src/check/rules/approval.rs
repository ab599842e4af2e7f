//! Rules about the type-approval number.

use crate::check::facts::Known;
use crate::check::found::shorten;
use crate::check::rules::source::MESSAGES;
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_values(warning("B12-approval-form",
        "The type-approval number has no known form.",
        "Write it like g11*2018/858*00083*17.",
        "form of the approval numbers that the authority publishes"), form),
    Rule::of_values(warning("B13-approval-country",
        "The type-approval number begins with another authority than the header names.",
        "Let DesignatedTypeApprovalCountry and TypeApprovalNumber name the authority that granted the approval.",
        MESSAGES), country),
];

/// A number in no known form: authority, act, running number, extension.
fn form<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    case.values
        .first(Known::TypeApprovalNumber)
        .filter(|number| number.said().is_some_and(|number| !is_known_form(number)))
        .map(|number| {
            let message = "The type-approval number has no known form.";
            Hit::new(
                number,
                message,
                "authority*act*number*extension, such as g11*2018/858*00083*17",
            )
        })
        .into_iter()
        .collect()
}

fn is_known_form(number: &str) -> bool {
    let mut parts = number.split('*');
    let (Some(authority), Some(act), Some(running), Some(extension), None) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return false;
    };
    let is_digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
    matches!(authority, "g11" | "n11" | "e11")
        && !act.is_empty()
        && act
            .bytes()
            .all(|octet| octet.is_ascii_uppercase() || octet.is_ascii_digit() || octet == b'/')
        && (4..=6).contains(&running.len())
        && is_digits(running)
        && extension.len() == 2
        && is_digits(extension)
}

/// Another authority than the header's.
fn country<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let (Some(number), Some(country)) = (
        case.values.first(Known::TypeApprovalNumber),
        case.values.first(Known::DesignatedTypeApprovalCountry),
    ) else {
        return Vec::new();
    };
    let (Some(said), Some(named)) = (number.said(), country.said()) else {
        return Vec::new();
    };
    match said.split_once('*') {
        Some((authority, _)) if authority != named => {
            let message = format!(
                "The type-approval number begins with '{}', but the header names the authority '{}'.",
                shorten(authority),
                shorten(named)
            );
            vec![Hit::new(number, message, format!("{named}*…"))]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_in_use_are_known() {
        for good in [
            "g11*2018/858*00083*17",
            "n11*NKS18/858*0001*00",
            "e11*2007/46*123456*01",
        ] {
            assert!(is_known_form(good), "{good}");
        }
        for bad in [
            "",
            "g11",
            "e1*2018/858*00083*17",
            "g11*2018/858*00083",
            "g11*2018/858*83*17",
            "g11**00083*17",
            "g11*2018/858*00083*17*1",
        ] {
            assert!(!is_known_form(bad), "{bad}");
        }
    }
}
