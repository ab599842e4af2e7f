//! The XML declaration, the byte order mark, and the octets that the text is written in.

use crate::differential::dice::Dice;

/// What a declaration may say; `{}` stands for the encoding.
const DECLARATIONS: &[&str] = &[
    "",
    "",
    "<?xml version=\"1.0\"?>",
    "<?xml version=\"1.0\" encoding=\"{}\"?>",
    "<?xml version=\"1.0\" encoding=\"{}\"?>",
    "<?xml version='1.0' encoding='{}' standalone='yes'?>",
    "<?xml version=\"1.0\" encoding=\"{}\" standalone=\"no\" ?>",
    "<?xml version=\"1.0\" standalone=\"yes\" encoding=\"{}\"?>",
    "<?xml version=\"1.0\" standalone=\"maybe\"?>",
    "<?xml version=\"1.1\" encoding=\"{}\"?>",
    "<?xml version=\"1.2\"?>",
    "<?xml version=\"2.0\"?>",
    "<?xml version=\"1.0\" encoding=\"\"?>",
    "<?xml encoding=\"{}\"?>",
    "<?xml?>",
    "<?xml version=1.0?>",
    "<?xml version=\"1.0\"encoding=\"{}\"?>",
    "<?XML version=\"1.0\"?>",
    "\n<?xml version=\"1.0\"?>",
    "<?xml version=\"1.0\"?><?xml version=\"1.0\"?>",
    "<?xml version=\"1.0\" other=\"1\"?>",
    "<?xml version=\"1.0\">",
    "<?xml version=\"1.0\" encoding=\"{}\"? >",
];

const NAMES: &[&str] = &[
    "UTF-8",
    "UTF-8",
    "utf-8",
    "UTF8",
    "UTF-16",
    "UTF-16LE",
    "UTF-16BE",
    "ISO-8859-1",
    "iso-8859-1",
    "windows-1252",
    "US-ASCII",
    "KOI8-R",
    "UCS-4",
    "nonsense",
    "8bit",
    " UTF-8",
];

/// Writes `text` with another declaration, or in another encoding, or both; what was done.
pub(crate) fn encode(text: &str, dice: &mut Dice) -> (&'static str, Vec<u8>) {
    let body = match text.split_once("?>") {
        Some((_, body)) if text.starts_with("<?xml ") => body.trim_start(),
        _ => text,
    };
    let named = *dice.pick(NAMES);
    let declaration = dice.pick(DECLARATIONS).replace("{}", named);
    let text = if dice.chance(20) {
        text.to_owned()
    } else {
        format!("{declaration}{body}")
    };
    let fitting = dice.chance(50);
    match dice.roll(7) {
        0 => ("UTF-16, big endian", utf16(&text, true, dice)),
        1 => ("UTF-16, little endian", utf16(&text, false, dice)),
        2 => {
            let name = if fitting { "ISO-8859-1" } else { named };
            let text = format!("<?xml version=\"1.0\" encoding=\"{name}\"?>{body}");
            ("single octets", single(&text))
        }
        3 => (
            "a byte order mark",
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        ),
        4 if dice.chance(50) => (
            "two byte order marks",
            [b"\xEF\xBB\xBF\xEF\xBB\xBF", text.as_bytes()].concat(),
        ),
        5 if dice.chance(50) => {
            let mut octets = text.into_bytes();
            let at = dice.roll(octets.len() + 1);
            let bad: &[u8] = *dice.pick(&[
                &b"\xFF"[..],
                b"\xC0\x80",
                b"\xE9",
                b"\xED\xA0\x80",
                b"\xF4\x90\x80\x80",
                b"\xC3",
                b"\0",
                b"\x80",
            ]);
            octets.splice(at..at, bad.iter().copied());
            ("bad octets", octets)
        }
        6 if dice.chance(40) => {
            let mut octets = text.into_bytes();
            octets.extend_from_slice(*dice.pick(&[&b"\0"[..], b"\0\0\0\0", b"\x1A", b"\0<a/>"]));
            ("octets after the end", octets)
        }
        _ => ("another declaration", text.into_bytes()),
    }
}

fn utf16(text: &str, is_big: bool, dice: &mut Dice) -> Vec<u8> {
    let text = match text.split_once("?>") {
        Some((_, body)) if dice.chance(60) && text.starts_with("<?xml ") => {
            format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{body}")
        }
        _ => text.to_owned(),
    };
    let mark = if dice.chance(80) { "\u{FEFF}" } else { "" };
    let unit = |unit: u16| {
        if is_big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    };
    let mut octets: Vec<u8> = format!("{mark}{text}")
        .encode_utf16()
        .flat_map(unit)
        .collect();
    if dice.chance(5) {
        octets.pop();
    }
    octets
}

/// One octet a character; what has none is left out.
fn single(text: &str) -> Vec<u8> {
    text.chars()
        .filter_map(|letter| u8::try_from(u32::from(letter)).ok())
        .collect()
}
