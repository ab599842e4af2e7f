//! Marks, declarations and octets that agree, and that do not.

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
    assert!(refused.text.ends_with("<a>é</a>"), "its facts are known");
    assert_eq!(code(&refused), "N01-latin1");
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
    for (begins, name) in [
        (&b"\x4C\x6F\xA7\x94\x93"[..], "EBCDIC"),
        (b"\0\0\xFE\xFF\0\0\0<", "UTF-32"),
        (b"\xFF\xFE\0\0<\0\0\0", "UTF-32"),
        (b"\0\0\0<\0\0\0a", "UTF-32"),
        (b"<\0\0\0a\0\0\0", "UTF-32"),
    ] {
        let finding = decode(begins, None).finding.unwrap().0;
        assert_eq!(finding.code, "N01-unknown");
        assert!(
            finding.message.contains(&format!("written in {name}")),
            "{}",
            finding.message
        );
    }
}

#[test]
fn every_known_name_is_read_in_any_case() {
    for (name, octet, letter) in [
        ("ISO-8859-1", b'\xE9', 'é'),
        ("latin1", b'\xE9', 'é'),
        ("Windows-1252", b'\x80', '€'),
        ("CP1252", b'\x80', '€'),
        ("iso-8859-1", b'\x80', '\u{80}'),
    ] {
        let mut octets = format!("<?xml version='1.0' encoding='{name}'?><a>").into_bytes();
        octets.push(octet);
        let decoded = decode(&octets, None);
        assert_eq!(
            (decoded.text.chars().last(), code(&decoded)),
            (Some(letter), "")
        );
        assert_eq!(lossy(&octets), decoded.text);
    }
    for name in ["utf-8", "UTF8", "us-ascii", "ASCII"] {
        let text = format!("<?xml version='1.0' encoding='{name}'?><a/>");
        assert_eq!(code(&decode(text.as_bytes(), None)), "", "{name}");
    }
}

#[test]
fn a_declaration_of_any_length_is_read_to_its_end() {
    let blanks = " ".repeat(5000);
    let text = format!("<?xml version='1.0'{blanks}encoding='ISO-8859-1'?><a/>");
    let decoded = decode(text.as_bytes(), Some(Severity::Error));
    assert_eq!(code(&decoded), "N01-latin1");
    assert_eq!(decoded.finding.unwrap().1, Some(text.find("ISO").unwrap()));
}

#[test]
fn what_the_declaration_is_blamed_for_is_placed_in_it() {
    for (text, fault) in [
        (
            "<?xml version='1.0' encoding='UTF-16'?><a/>",
            "N01-contradiction",
        ),
        ("<?xml version='1.0' encoding='IBM037'?><a/>", "N01-unknown"),
        ("<?xml version='1.0' encoding='latin1'?><a/>", "N01-latin1"),
    ] {
        let decoded = decode(text.as_bytes(), Some(Severity::Warning));
        assert_eq!(code(&decoded), fault);
        assert_eq!(decoded.finding.unwrap().1, Some(30));
        let twin = utf16_octets(text, true, true);
        let at = decode(&twin, None).finding.map(|(_, at)| at);
        let expected = (!text.contains("UTF-16")).then_some(Some(30));
        assert_eq!(at, expected, "{text}");
    }
}

#[test]
fn what_is_shown_is_what_was_read_up_to_the_fault() {
    for octets in [
        &b"<a>\xE9</a>"[..],
        b"\xEF\xBB\xBF<a>\xC3\xA9\xC3</a>",
        b"<?xml version='1.0' encoding='cp1252'?><a>\x80\x81</a>",
        b"<?xml version='1.0' encoding='us-ascii'?><a>\xC3\xA9</a>",
        b"\xFF\xFE<\0a\0>\0\x00\xD8x\0",
        b"\xFE\xFF\0<\0a",
        b"prose \xFF",
    ] {
        let read = decode(octets, None);
        assert!(
            lossy(octets).starts_with(read.text.as_ref()),
            "{:?}, not {:?}",
            lossy(octets),
            read.text
        );
    }
}
