//! Floating-point numbers, `xs:float` and `xs:double`.

use std::cmp::Ordering;

/// The number that `text` means as an `xs:double`.
pub(crate) fn double(text: &str) -> Option<f64> {
    match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ if is_number(text) => text.parse().ok(),
        _ => None,
    }
}

/// The number that `text` means as an `xs:float`, which is less fine.
pub(crate) fn single(text: &str) -> Option<f64> {
    match text {
        "INF" | "-INF" | "NaN" => double(text),
        _ if is_number(text) => text.parse::<f32>().ok().map(f64::from),
        _ => None,
    }
}

/// Compares as XML Schema does: `NaN` equals itself and stands beside all others; there is one zero.
pub(crate) fn compare(one: f64, other: f64) -> Option<Ordering> {
    if one.is_nan() && other.is_nan() {
        return Some(Ordering::Equal);
    }
    one.partial_cmp(&other)
}

/// One number for each value, for comparing.
pub(crate) fn bits(number: f64) -> u64 {
    if number.is_nan() {
        return f64::NAN.to_bits();
    }
    // Minus zero and zero are one value.
    (number + 0.0).to_bits()
}

/// Digits with at most one point, and perhaps a whole exponent. Rust would take more.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']).map(|at| text.split_at(at)) {
        Some((mantissa, exponent)) => (mantissa, exponent.get(1..)),
        None => (text, None),
    };
    let unsigned = |part| str::strip_prefix(part, ['+', '-']).unwrap_or(part);
    let is_digits = |part: &str| part.bytes().all(|octet| octet.is_ascii_digit());
    let mantissa = unsigned(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_mantissa =
        !(whole.is_empty() && fraction.is_empty()) && is_digits(whole) && is_digits(fraction);
    is_mantissa
        && exponent.is_none_or(|exponent| {
            let digits = unsigned(exponent);
            !digits.is_empty() && is_digits(digits)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_recommendation_says() {
        for good in [
            "0",
            "-0",
            "1.",
            ".5",
            "-1E4",
            "1267.43233E12",
            "12.78e-2",
            "12",
            "INF",
            "-INF",
            "NaN",
            "+1e+5",
            "1e400",
            "1e99999999999999999999",
        ] {
            assert!(double(good).is_some(), "{good}");
            assert!(single(good).is_some(), "{good}");
        }
        for bad in [
            "", ".", "+INF", "inf", "nan", "-NaN", "infinity", "1e", "1e1.5", "e5", "1 2", "0x1p3",
            "1f", "1_000", "--1", "1e5e5",
        ] {
            assert!(double(bad).is_none(), "{bad}");
            assert!(single(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn there_is_one_zero_and_one_value_that_is_no_number() {
        assert_eq!(bits(-0.0), bits(0.0));
        assert_eq!(compare(f64::NAN, f64::NAN), Some(Ordering::Equal));
        assert_eq!(compare(f64::NAN, 1.0), None);
        assert_eq!(compare(f64::INFINITY, 1.0), Some(Ordering::Greater));
    }

    #[test]
    fn a_float_is_less_fine_than_a_double() {
        assert_eq!(single("16777217"), single("16777216"));
        assert_ne!(double("16777217"), double("16777216"));
    }
}
