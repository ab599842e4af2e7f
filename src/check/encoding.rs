//! From octets to text: which encoding it is, and whether the octets keep to it.
//!
//! *Invariant*: never guesses. A mark, the declaration and the octets must agree; where they do
//! not, two readers could see two documents.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::check::found::{error, shorten};
use crate::check::xml::declaration::encoding_named;
use crate::domain::outcome::{Finding, Layer, Severity};

/// How much of a file may be taken up by its XML declaration.
const DECLARATION_BYTES_MAX: usize = 1024;

/// What decoding gave.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    /// The text without its byte order mark; after a fault, what stands before it.
    pub(crate) text: Cow<'a, str>,
    /// What is wrong or doubtful, and the offset in `text`; an error means that `text` is cut.
    pub(crate) finding: Option<(Finding, Option<usize>)>,
}

impl<'a> Decoded<'a> {
    fn whole(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            finding: None,
        }
    }

    fn cut(text: impl Into<Cow<'a, str>>, finding: Finding) -> Self {
        let text = text.into();
        let at = Some(text.len());
        Self {
            text,
            finding: Some((finding, at)),
        }
    }

    fn unreadable(finding: Finding) -> Self {
        Self {
            text: Cow::Borrowed(""),
            finding: Some((finding, None)),
        }
    }
}

/// Which octets a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Utf8,
    Ascii,
    Latin1,
    Windows1252,
    Utf16Little,
    Utf16Big,
}

/// Decodes a file. `latin1` says what becomes of ISO 8859-1 and Windows-1252.
pub(crate) fn decode(octets: &[u8], latin1: Option<Severity>) -> Decoded<'_> {
    if let Some(rest) = octets.strip_prefix(b"\xEF\xBB\xBF") {
        return match declared(&beginning(rest)) {
            Some(name) if !is_utf8(&name) => contradiction("UTF-8", &name),
            _ => utf8(rest),
        };
    }
    if octets.starts_with(b"\x00\x00\xFE\xFF") || octets.starts_with(b"\xFF\xFE\x00\x00") {
        return unknown("UTF-32");
    }
    for (mark, form) in [
        (b"\xFF\xFE", Form::Utf16Little),
        (b"\xFE\xFF", Form::Utf16Big),
    ] {
        if let Some(rest) = octets.strip_prefix(mark) {
            return utf16(rest, form, true);
        }
    }
    if octets.starts_with(b"<\0") {
        return utf16(octets, Form::Utf16Little, false);
    }
    if octets.starts_with(b"\0<") {
        return utf16(octets, Form::Utf16Big, false);
    }
    if octets.starts_with(b"\x4C\x6F\xA7\x94") {
        return unknown("EBCDIC");
    }
    if !is_markup(octets) {
        // Whatever it is, it is not XML; `check` says so.
        return Decoded::whole(beginning(octets).into_owned());
    }
    match declared(&beginning(octets)) {
        None => utf8(octets),
        Some(name) => by_name(octets, &name, latin1),
    }
}

/// Is the first octet that is not blank a `<`?
fn is_markup(octets: &[u8]) -> bool {
    octets
        .iter()
        .find(|octet| !matches!(octet, b' ' | b'\t' | b'\r' | b'\n'))
        == Some(&b'<')
}

fn beginning(octets: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(octets.get(..DECLARATION_BYTES_MAX).unwrap_or(octets))
}

fn declared(beginning: &str) -> Option<String> {
    encoding_named(beginning).map(str::to_owned)
}

fn is_utf8(name: &str) -> bool {
    form_named(name) == Some(Form::Utf8)
}

/// The form of octets that `name` stands for; UTF-16 of either order counts as little endian.
fn form_named(name: &str) -> Option<Form> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_str() {
        "utf-8" | "utf8" => Form::Utf8,
        "us-ascii" | "ascii" => Form::Ascii,
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "l1" => Form::Latin1,
        "windows-1252" | "cp1252" => Form::Windows1252,
        "utf-16" | "utf-16le" | "utf-16be" => Form::Utf16Little,
        _ => return None,
    })
}

fn by_name<'a>(octets: &'a [u8], name: &str, latin1: Option<Severity>) -> Decoded<'a> {
    match form_named(name) {
        Some(Form::Utf8) => utf8(octets),
        Some(Form::Ascii) => match octets.iter().position(|octet| !octet.is_ascii()) {
            Some(at) => bad_octets(octets, at, "US-ASCII"),
            None => utf8(octets),
        },
        Some(form @ (Form::Latin1 | Form::Windows1252)) => one_octet(octets, form, name, latin1),
        Some(Form::Utf16Little | Form::Utf16Big) => {
            contradiction("an encoding of single octets", name)
        }
        None => unknown(name),
    }
}

fn utf8(octets: &[u8]) -> Decoded<'_> {
    match std::str::from_utf8(octets) {
        Ok(text) => Decoded::whole(text),
        Err(fault) => bad_octets(octets, fault.valid_up_to(), "UTF-8"),
    }
}

/// The finding about the first octet that breaks an encoding in which all before it is UTF-8.
fn bad_octets<'a>(octets: &'a [u8], at: usize, name: &str) -> Decoded<'a> {
    let before = octets.get(..at).unwrap_or_default();
    let text = std::str::from_utf8(before).unwrap_or_default();
    let octet = octets.get(at).copied().unwrap_or_default();
    let message = format!("The octet {octet:02X} is not {name}, which the file says it is.");
    let help = "Write the file in the encoding that its first line names; UTF-8 is best.";
    Decoded::cut(text, finding("N01-octets", &message, help))
}

fn one_octet<'a>(
    octets: &'a [u8],
    form: Form,
    name: &str,
    policy: Option<Severity>,
) -> Decoded<'a> {
    let text = if form == Form::Latin1 {
        encoding_rs::mem::decode_latin1(octets)
    } else {
        WINDOWS_1252.decode_without_bom_handling(octets).0
    };
    // Five octets mean nothing in Windows-1252; the decoder lets them through as controls.
    let hole = |octet: &u8| matches!(octet, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D);
    if form == Form::Windows1252
        && let Some(octet) = octets.iter().find(|octet| hole(octet))
    {
        let message = format!("The octet {octet:02X} means nothing in {name}.");
        return Decoded::unreadable(finding("N01-octets", &message, "Write the file in UTF-8."));
    }
    let Some(severity) = policy else {
        return Decoded::whole(text);
    };
    let message = format!("The file is written in {}, not in UTF-8.", shorten(name));
    let policy = Finding {
        severity,
        expected: Some("UTF-8".to_owned()),
        value: Some(shorten(name)),
        ..finding("N01-latin1", &message, "Write the file in UTF-8.")
    };
    if severity == Severity::Error {
        return Decoded::unreadable(policy);
    }
    Decoded {
        text,
        finding: Some((policy, None)),
    }
}

fn utf16(octets: &[u8], form: Form, has_mark: bool) -> Decoded<'_> {
    let (encoding, order): (&'static Encoding, _) = match form {
        Form::Utf16Big => (UTF_16BE, "utf-16be"),
        _ => (UTF_16LE, "utf-16le"),
    };
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder
        .max_utf8_buffer_length_without_replacement(octets.len())
        .unwrap_or(0);
    let mut text = String::with_capacity(room);
    let (result, _) = decoder.decode_to_string_without_replacement(octets, &mut text, true);
    let start: String = text.chars().take(DECLARATION_BYTES_MAX).collect();
    match declared(&start) {
        Some(name) if !name.eq_ignore_ascii_case("utf-16") && !name.eq_ignore_ascii_case(order) => {
            return contradiction("UTF-16", &name);
        }
        None if !has_mark => {
            let message = "The file looks like UTF-16, but neither a byte order mark nor its first line says so.";
            return Decoded::unreadable(finding(
                "N01-unmarked",
                message,
                "Write the file in UTF-8.",
            ));
        }
        _ => {}
    }
    if matches!(result, DecoderResult::InputEmpty) {
        return Decoded::whole(text);
    }
    let message = "The octets are not UTF-16, which the file says it is.";
    Decoded::cut(
        text,
        finding(
            "N01-octets",
            message,
            "Send the file again, or write it in UTF-8.",
        ),
    )
}

fn contradiction(found: &str, declared: &str) -> Decoded<'static> {
    let declared = shorten(declared);
    let message = format!("The file's first line says {declared}, but its octets are {found}.");
    let help = "Let the encoding in the first line be the one that the file is written in.";
    Decoded::unreadable(Finding {
        value: Some(declared),
        expected: Some(found.to_owned()),
        ..finding("N01-contradiction", &message, help)
    })
}

fn unknown(name: &str) -> Decoded<'static> {
    let name = shorten(name);
    let message = format!("The encoding '{name}' is not known here.");
    Decoded::unreadable(Finding {
        value: Some(name),
        expected: Some("UTF-8 or UTF-16".to_owned()),
        ..finding("N01-unknown", &message, "Write the file in UTF-8.")
    })
}

fn finding(code: &'static str, message: &str, help: &str) -> Finding {
    error(code, Layer::Encoding, message, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(decoded: &Decoded<'_>) -> &'static str {
        decoded
            .finding
            .as_ref()
            .map_or("", |(finding, _)| finding.code)
    }

    fn utf16_octets(text: &str, big: bool, mark: bool) -> Vec<u8> {
        let mark = if mark { "\u{FEFF}" } else { "" };
        format!("{mark}{text}")
            .encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn utf16_is_read_in_both_orders_with_a_mark_or_a_declaration() {
        let plain = "<a>é𝄞</a>";
        let declared = "<?xml version='1.0' encoding='UTF-16'?><a/>";
        for big in [false, true] {
            for (text, mark) in [(plain, true), (declared, true), (declared, false)] {
                let octets = utf16_octets(text, big, mark);
                let decoded = decode(&octets, None);
                assert_eq!((decoded.text.as_ref(), code(&decoded)), (text, ""));
            }
            assert_eq!(
                code(&decode(&utf16_octets(plain, big, false), None)),
                "N01-unmarked"
            );
        }
    }

    #[test]
    fn a_mark_against_the_declaration_is_refused() {
        let says_utf8 = "<?xml version='1.0' encoding='UTF-8'?><a/>";
        let octets = utf16_octets(says_utf8, false, true);
        assert_eq!(code(&decode(&octets, None)), "N01-contradiction");
        let wrong_order = "<?xml version='1.0' encoding='UTF-16BE'?><a/>";
        let octets = utf16_octets(wrong_order, false, true);
        assert_eq!(code(&decode(&octets, None)), "N01-contradiction");
        for octets in [
            &b"<?xml version='1.0' encoding='UTF-16'?><a/>"[..],
            b"\xEF\xBB\xBF<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        ] {
            assert_eq!(code(&decode(octets, None)), "N01-contradiction");
        }
    }

    #[test]
    fn bad_octets_are_placed_and_what_stands_before_them_is_kept() {
        let decoded = decode(b"<a>\xE9</a>", None);
        assert_eq!(
            (decoded.text.as_ref(), code(&decoded)),
            ("<a>", "N01-octets")
        );
        assert_eq!(decoded.finding.unwrap().1, Some(3));
        for bad in [
            &b"<?xml version='1.0' encoding='us-ascii'?><a>\xC3\xA9</a>"[..],
            b"<?xml version='1.0' encoding='cp1252'?><a>\x81</a>",
            b"<a>\xC0\xAF</a>",
            b"<a>\xED\xA0\x80</a>",
            b"\xFF\xFE<\0a\0>\0\x00\xD8",
            b"\xFF\xFE<\0a",
        ] {
            assert_eq!(code(&decode(bad, None)), "N01-octets");
        }
    }

    #[test]
    fn what_becomes_of_latin1_is_a_setting() {
        let octets = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>";
        let accepted = decode(octets, None);
        assert!(accepted.text.ends_with("<a>é</a>"));
        assert!(accepted.finding.is_none());
        let warned = decode(octets, Some(Severity::Warning));
        assert!(warned.text.ends_with("<a>é</a>"));
        assert_eq!(warned.finding.unwrap().0.severity, Severity::Warning);
        let refused = decode(octets, Some(Severity::Error));
        assert_eq!((refused.text.as_ref(), code(&refused)), ("", "N01-latin1"));
        let dash = decode(
            b"<?xml version='1.0' encoding='windows-1252'?><a>\x96</a>",
            None,
        );
        assert!(dash.text.ends_with("<a>–</a>"));
    }

    #[test]
    fn unknown_encodings_are_named() {
        let decoded = decode(b"<?xml version='1.0' encoding='KOI8-X'?><a/>", None);
        assert_eq!(decoded.finding.unwrap().0.value.unwrap(), "KOI8-X");
        assert_eq!(code(&decode(b"\x4C\x6F\xA7\x94\x93", None)), "N01-unknown");
        assert_eq!(code(&decode(b"\0\0\xFE\xFF\0\0\0<", None)), "N01-unknown");
    }
}
