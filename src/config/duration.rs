//! Lengths of time in the configuration: `"30s"`, `"2m"`, `"1h30m"`, `"5d"`.

use std::fmt::Write;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

/// Reads a length of time; below zero is refused.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    let span: jiff::Span = text.parse().map_err(|_unreadable| unfit())?;
    let relative = jiff::SpanRelativeTo::days_are_24_hours();
    let signed = span.to_duration(relative).map_err(|_too_long| unfit())?;
    Duration::try_from(signed).map_err(|_negative| unfit())
}

/// Writes a length of time as [`deserialize`] reads it.
pub(crate) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&show(*value))
}

/// A length of time in the form of the configuration file, to the millisecond.
pub(crate) fn show(value: Duration) -> String {
    let mut rest = value.as_millis();
    let mut text = String::new();
    for (unit, millis) in [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ] {
        let count = rest.checked_div(millis).unwrap_or_default();
        rest = rest.checked_rem(millis).unwrap_or_default();
        if count > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "{count}{unit}");
        }
    }
    if text.is_empty() {
        text.push_str("0s");
    }
    text
}

fn unfit<E: serde::de::Error>() -> E {
    E::custom("is not a length of time: write 30s, 2m, 1h30m or 5d, in quotation marks")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    fn read(text: &str) -> Result<Duration, Error> {
        let from: StrDeserializer<'_, Error> = text.into_deserializer();
        deserialize(from)
    }

    #[test]
    fn a_length_of_time_is_read_as_people_write_it() {
        for (text, seconds) in [
            ("30s", 30),
            ("2m", 120),
            ("1h30m", 5400),
            ("5d", 432_000),
            ("0s", 0),
        ] {
            assert_eq!(read(text).unwrap(), Duration::from_secs(seconds), "{text}");
        }
        assert_eq!(read("500ms").unwrap(), Duration::from_millis(500));
        for bad in ["", "5", "5 fortnights", "-5s", "1mo", "5x", "999999999999d"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_length_of_time_is_shown_as_it_is_read() {
        for text in ["0s", "500ms", "30s", "2m", "1h30m", "5d", "1d2h3m4s5ms"] {
            assert_eq!(show(read(text).unwrap()), text);
        }
    }
}
