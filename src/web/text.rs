//! How values are written on pages: times, numbers, hostile texts, addresses.

use std::fmt::Write;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::domain::Timestamp;

/// `28 May 2026 10:54AM`, in the authority's zone.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%-d %b %Y %-I:%M%p")
        .to_string()
}

/// `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `30 minutes`, `12 hours`, `30 days`: in whole hours or days if they are whole, in minutes
/// otherwise, rounded up.
pub(crate) fn span(time: Duration) -> String {
    let minutes = time.as_secs().div_ceil(60);
    let (number, unit) = match minutes {
        minutes if minutes > 0 && minutes.is_multiple_of(24 * 60) => (minutes / 60 / 24, "day"),
        minutes if minutes > 0 && minutes.is_multiple_of(60) => (minutes / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

/// A text that a sender chose, with what could deceive a reader made visible: control characters,
/// and those that turn the direction of writing or take no room. (HTML is the template's business.)
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_deceptive(letter) {
            out.extend(letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    out
}

/// As [`shown`], for a text of several lines: the page keeps them apart.
pub(crate) fn shown_lines(text: &str) -> String {
    text.lines().map(shown).collect::<Vec<_>>().join("\n")
}

fn is_deceptive(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
        )
}

/// A value for the query of an address. `*` stays as it is, so that a VIN search can be read.
pub(crate) fn query_value(text: &str) -> String {
    encode(text, b"-._~*")
}

/// A value for the parameter `filename*` of a header.
pub(crate) fn header_value(text: &str) -> String {
    encode(text, b"-._~")
}

fn encode(text: &str, kept: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || kept.contains(&octet) {
            out.push(char::from(octet));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{octet:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_the_guide_shows_them() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let at = |text: &str| moment(text.parse().unwrap(), &zone);
        assert_eq!(at("2026-05-28T09:54:59Z"), "28 May 2026 10:54AM");
        assert_eq!(at("2026-01-05T00:03:00Z"), "5 Jan 2026 12:03AM");
        assert_eq!(at("2026-12-31T13:00:00Z"), "31 Dec 2026 1:00PM");
    }

    #[test]
    fn numbers_have_commas() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_048_576), "1,048,576");
    }

    #[test]
    fn spans_are_in_days_hours_or_minutes() {
        assert_eq!(span(Duration::from_hours(12)), "12 hours");
        assert_eq!(span(Duration::from_hours(1)), "1 hour");
        assert_eq!(span(Duration::from_hours(30 * 24)), "30 days");
        assert_eq!(span(Duration::from_hours(25)), "25 hours");
        assert_eq!(span(Duration::from_mins(30)), "30 minutes");
        assert_eq!(span(Duration::from_secs(61)), "2 minutes");
    }

    #[test]
    fn what_turns_the_direction_of_writing_is_made_visible() {
        assert_eq!(shown("a\u{202e}lmx.exe"), "a\\u{202e}lmx.exe");
        assert_eq!(shown("a\r\n\0b"), "a\\u{d}\\u{a}\\u{0}b");
        assert_eq!(shown("Übergröße <b> ж"), "Übergröße <b> ж");
        assert_eq!(shown_lines("a\r\n\nb\u{202e}\0"), "a\n\nb\\u{202e}\\u{0}");
    }

    #[test]
    fn addresses_carry_any_text() {
        assert_eq!(query_value("*P782332"), "*P782332");
        assert_eq!(query_value("a&b=c d\"é"), "a%26b%3Dc%20d%22%C3%A9");
    }
}
