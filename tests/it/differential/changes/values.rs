//! Values at the edges of their types, with blanks, too long, of another kind.

use crate::differential::changes::Scene;
use crate::differential::dice::Dice;

/// Values that stand near the edge of some type.
const EDGES: &[&str] = &[
    "",
    " ",
    "\n",
    "\t",
    "\u{A0}",
    "0",
    "-0",
    "+0",
    "00",
    "0.0",
    ".0",
    "0.",
    ".",
    "+",
    "-",
    "1",
    "-1",
    "+1",
    "01",
    "1.0",
    "1.",
    "1.50",
    "1,5",
    "1 000",
    "1e3",
    "1E-3",
    "0x10",
    "١٢",
    "NaN",
    "INF",
    "-INF",
    "+INF",
    "inf",
    "9",
    "10",
    "99",
    "100",
    "127",
    "128",
    "-128",
    "-129",
    "255",
    "256",
    "999",
    "1000",
    "32767",
    "32768",
    "-32768",
    "-32769",
    "65535",
    "65536",
    "9999",
    "10000",
    "99999.99",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999999999999999",
    "0.1",
    "0.12",
    "0.123",
    "0.1234",
    "0.000000000000000000000000000000000000001",
    "3.4028235e38",
    "3.5e38",
    "1e400",
    "true",
    "false",
    "TRUE",
    "Y",
    "N",
    "y",
    "n",
    " Y",
    "Y ",
    "null",
    "nil",
    "nan",
    "2024-02-29",
    "2023-02-29",
    "1900-02-29",
    "2000-02-29",
    "2026-04-31",
    "2026-12-31",
    "2026-13-01",
    "2026-00-10",
    "2026-1-1",
    "26-01-01",
    "02026-01-01",
    "12026-01-01",
    "0000-01-01",
    "0001-01-01",
    "-0001-01-01",
    "+2026-01-01",
    "2026-01-01Z",
    "2026-01-01+14:00",
    "2026-01-01+14:01",
    "2026-01-01-00:00",
    "2026-01-01+5:00",
    "2026-01-01z",
    "01/02/2026",
    "2026-01-01T00:00:00",
    "2026-01-01T24:00:00",
    "2026-01-01T24:00:01",
    "2026-01-01T23:59:60",
    "2026-01-01T23:60:00",
    "2026-01-01T25:00:00",
    "2026-01-01T12:00",
    "2026-01-01 12:00:00",
    "2026-01-01t12:00:00",
    "2026-01-01T12:00:00.",
    "2026-01-01T12:00:00.123456789012",
    "2026-01-01T12:00:00,5",
    "2026-01-01T12:00:00Z",
    "2026-01-01T12:00:00+01:00",
    "2026-01-01T12:00:00-14:00",
    "2026-01-01T12:00:00+15:00",
    "2026-01-01T24:00:00.000Z",
    "2026-02-29T12:00:00Z",
    "12:00:00",
    "24:00:00",
    "24:00:00.1",
    "12:00",
    "2026",
    "2026-01",
    "--01-31",
    "--02-29",
    "--02-30",
    "---31",
    "---32",
    "--13",
    "--12",
    "--12--",
    "2026Z",
    "-2026",
    "P1Y",
    "P",
    "PT",
    "-P1D",
    "P1M2DT3H4M5.6S",
    "P1.5D",
    "PT1.5S",
    "P1S",
    "P1YT",
    "+P1Y",
    "P-1Y",
    "QUJD",
    "QUI=",
    "QQ==",
    "QR==",
    "QUJ=",
    "QUJD\nQUJD",
    " Q U J D ",
    "QUJDR",
    "=",
    "====",
    "QQ=",
    "Q===",
    "QUI=QUI=",
    "QUJD-_",
    "4142",
    "4a4B",
    "414",
    "4g",
    "41 42",
    "http://example.com/a?b#c",
    "#",
    "##",
    "a b",
    "%",
    "%zz",
    "%20",
    "http://[::1]/",
    "http://exa mple/",
    "1a:b",
    ":a",
    "a:",
    "urn:a:b",
    "http://",
    "\\",
    "é",
    "<",
    ">>",
    "\"",
    "^",
    "a:b",
    "ivi:x",
    "x:y",
    "xs:string",
    "_",
    "-a",
    "a-",
    "1a",
    "é1",
    "a.b",
    "a\u{B7}",
    "\u{B7}",
    "a b c",
    "a  b",
    "de",
    "en-GB",
    "x-klingon",
    "english-language",
    "en_GB",
    "e1",
    "\u{E9}",
    "\u{1D11E}",
    "\u{FFFD}",
    "\u{200B}",
    "\u{85}",
    "\u{2028}",
    "M1 ",
    "M1\n",
    "m1",
    "A\tB",
    " A",
    "A ",
    "A  B",
];

/// Lengths around which limits stand.
const LENGTHS: &[usize] = &[
    1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 24, 25, 26, 30, 31, 32, 35,
    36, 40, 50, 51, 60, 70, 71, 80, 100, 101, 120, 128, 200, 250, 255, 256, 257, 300, 500, 501,
    1000, 1001, 1025, 2001,
];

/// Gives an element another value.
pub(crate) fn change(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.leaf(dice)?;
    let old = scene.part(element.inner.clone());
    let name = scene.part(element.name.clone());
    let new = match dice.roll(12) {
        0..=2 => bent(old, dice),
        3 | 4 => dice.pick(EDGES).to_string(),
        5 => other(scene, name, dice)?,
        6 => {
            let stranger = dice.pick(&scene.corpus.names).clone();
            other(scene, &stranger, dice)?
        }
        7 => long(old, dice),
        8 | 9 => number(dice),
        10 => blanks(old, dice),
        _ => digits(old, dice),
    };
    // A changed value may hold characters that mean something in XML; they are meant as text here.
    let new = if new == old || old.contains('&') {
        new
    } else {
        new.replace('&', "&amp;").replace('<', "&lt;")
    };
    Some(scene.with(element.inner.clone(), &new))
}

fn other(scene: &Scene<'_>, name: &str, dice: &mut Dice) -> Option<String> {
    let values = scene.corpus.values.get(name)?;
    (!values.is_empty()).then(|| dice.pick(values).clone())
}

/// One letter more, less or changed.
fn bent(old: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = old.chars().collect();
    let at = dice.roll(letters.len() + 1);
    let alphabet: Vec<char> = "0159aAzZ.-+*/:()_ T\u{E9}\u{20AC}".chars().collect();
    let letter = *dice.pick(&alphabet);
    match dice.roll(4) {
        0 => letters.insert(at, letter),
        1 if at < letters.len() => {
            letters.remove(at);
        }
        2 if at < letters.len() => letters[at] = letter,
        _ => {
            let mut text: String = letters.iter().collect();
            text = if dice.chance(50) {
                text.to_lowercase()
            } else {
                text.to_uppercase()
            };
            letters = text.chars().collect();
        }
    }
    letters.into_iter().collect()
}

/// A text of some length; of one kind of letter, or of its own repeated.
fn long(old: &str, dice: &mut Dice) -> String {
    let length = *dice.pick(LENGTHS);
    let letter = *dice.pick(&["x", "9", "A", "é", "\u{1D11E}", old]);
    let letter = if letter.is_empty() { "x" } else { letter };
    let many = letter.repeat(length.div_ceil(letter.chars().count()));
    many.chars().take(length).collect()
}

/// A number with so many digits on both sides of the point.
fn number(dice: &mut Dice) -> String {
    let sign = dice.pick(&["", "", "", "", "-", "+"]);
    let whole = dice.pick(&[
        "", "0", "00", "1", "5", "9", "10", "49", "50", "99", "100", "300", "999", "1000", "9999",
        "99999", "999999", "9999999",
    ]);
    let point = dice.pick(&[
        "", "", ".", ".0", ".1", ".5", ".9", ".10", ".00", ".99", ".01", ".123", ".999", ".1000",
        ".9999",
    ]);
    format!("{sign}{whole}{point}")
}

fn blanks(old: &str, dice: &mut Dice) -> String {
    let blank = *dice.pick(&[
        " ", "\n", "\t", "\r\n", "  ", "&#13;", "&#x20;", "\u{A0}", "\u{2003}",
    ]);
    match dice.roll(4) {
        0 => format!("{blank}{old}"),
        1 => format!("{old}{blank}"),
        2 => format!("{blank}{old}{blank}"),
        _ => {
            let half = old.chars().count() / 2;
            let (head, tail): (String, String) = (
                old.chars().take(half).collect(),
                old.chars().skip(half).collect(),
            );
            format!("{head}{blank}{tail}")
        }
    }
}

/// Each digit by chance another one: dates and codes that look right and are not.
fn digits(old: &str, dice: &mut Dice) -> String {
    let change = |letter: char, dice: &mut Dice| {
        if letter.is_ascii_digit() && dice.chance(30) {
            char::from(b'0' + u8::try_from(dice.roll(10)).expect("a digit"))
        } else {
            letter
        }
    };
    old.chars().map(|letter| change(letter, dice)).collect()
}
