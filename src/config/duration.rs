//! Lengths of time in the configuration: `"30s"`, `"2m"`, `"1h30m"`, `"5d"`.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// Reads a length of time; below zero is refused.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    let span: jiff::Span = text.parse().map_err(|_unreadable| unfit(&text))?;
    let relative = jiff::SpanRelativeTo::days_are_24_hours();
    let signed = span
        .to_duration(relative)
        .map_err(|_too_long| unfit(&text))?;
    Duration::try_from(signed).map_err(|_negative| unfit(&text))
}

fn unfit<E: serde::de::Error>(text: &str) -> E {
    E::custom(format!(
        "'{}' is not a length of time: write 30s, 2m, 1h30m or 5d",
        text.escape_debug()
    ))
}
