//! Every sample in other octets that mean the same: the verdict stays, and places move with what
//! they point at.

#![expect(
    clippy::string_slice,
    reason = "a test fails by panicking; offsets come from finding ASCII"
)]

use crate::check::Schema;
use crate::check::tests::{built_in, index, judged, sample};
use crate::domain::outcome::{Finding, Layer, Place};

/// A change of a text: where, how many octets go, what comes.
type Edit = (usize, usize, String);

/// A text and its twin.
struct Twin {
    text: String,
    edits: Vec<Edit>,
}

impl Twin {
    fn new(original: &str, mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|(at, ..)| *at);
        let mut text = String::new();
        let mut from = 0;
        for (at, gone, new) in &edits {
            text.push_str(&original[from..*at]);
            text.push_str(new);
            from = at + gone;
        }
        text.push_str(&original[from..]);
        Self { text, edits }
    }

    /// Where what stood at `offset` stands now. What was put in there stands before it.
    fn moved(&self, offset: usize) -> usize {
        let before = self.edits.iter().filter(|(at, ..)| *at <= offset);
        let (gone, new) = before.fold((0, 0), |(gone, new), (at, less, more)| {
            let passed = if *less == 0 || *at < offset {
                more.len()
            } else {
                0
            };
            (gone + less.min(&(offset - at)), new + passed)
        });
        offset - gone + new
    }
}

/// Line and column, counted one character after the other.
fn place(text: &str, offset: usize) -> Place {
    let mut place = Place { line: 1, column: 1 };
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        if at >= offset {
            break;
        }
        if letter == '\n' || (letter == '\r' && next != Some('\n')) {
            place.line += 1;
            place.column = 1;
        } else {
            place.column += 1;
        }
    }
    place
}

/// The offset of a place in a text with plain line ends.
fn offset(text: &str, place: Place) -> usize {
    let lines: usize = text
        .split_inclusive('\n')
        .take(place.line as usize - 1)
        .map(str::len)
        .sum();
    let line = text[lines..].chars().take(place.column as usize - 1);
    lines + line.map(char::len_utf8).sum::<usize>()
}

/// Where tags begin, with their names; comments, sections and instructions are passed over.
fn tags(text: &str) -> Vec<(usize, &str)> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find('<') {
        at += next;
        let rest = &text[at..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]
            .iter()
            .find(|(begin, _)| rest.starts_with(begin));
        if let Some((begin, end)) = skipped {
            at += begin.len();
            at += text[at..]
                .find(end)
                .map_or(text.len() - at, |found| found + end.len());
            continue;
        }
        let name = rest.trim_start_matches(['<', '/']);
        let end = name
            .find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/'))
            .unwrap_or(name.len());
        tags.push((at, &name[..end]));
        at += 1;
    }
    tags
}

fn line_ends(text: &str, end: &str) -> Vec<Edit> {
    text.match_indices('\n')
        .map(|(at, _)| (at, 1, end.to_owned()))
        .collect()
}

/// Comments and instructions before each tag, with line ends and characters of four octets.
fn sprinkled(text: &str) -> Vec<Edit> {
    let crumbs = ["<!--é𝄞-->", "<?go on?>", "<!--\n\n名-->"];
    let spots = tags(text).into_iter().zip((0..3).cycle());
    spots
        .map(|((at, _), crumb)| (at, 0, crumbs[crumb].to_owned()))
        .collect()
}

/// Every element of the root's namespace with a prefix; a signature keeps its own.
fn prefixed(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut is_foreign = false;
    for (at, name) in tags(text) {
        let is_end = text[at..].starts_with("</");
        if name == "Signature" {
            is_foreign = !is_end;
        } else if !is_foreign && !name.contains(':') {
            edits.push((at + 1 + usize::from(is_end), 0, "ivi:".to_owned()));
        }
    }
    if let Some(at) = text.find(" xmlns=\"http://eu.ereg") {
        edits.push((at + " xmlns".len(), 0, ":ivi".to_owned()));
    }
    edits
}

/// The encoding in the declaration changed, if one is named.
fn renamed(text: &str, name: &str) -> Vec<Edit> {
    let end = text.find("?>").filter(|_| text.starts_with("<?xml"));
    let at = end.and_then(|end| text[..end].to_ascii_uppercase().find("UTF-8"));
    at.map(|at| (at, 5, name.to_owned())).into_iter().collect()
}

fn utf16(text: &str, is_big: bool, mark: &str) -> Vec<u8> {
    let units: Vec<u16> = format!("{mark}{text}").encode_utf16().collect();
    let octets = units.iter().map(|unit| {
        if is_big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    });
    octets.flatten().collect()
}

/// All twins of a text in octets, each with its name. Those that need the XML to be read are left
/// out of a text that is not well formed.
fn twins(text: &str, is_well_formed: bool) -> Vec<(&'static str, Vec<u8>, Twin)> {
    let plain = |name, edits: Vec<Edit>| {
        let twin = Twin::new(text, edits);
        (name, twin.text.clone().into_bytes(), twin)
    };
    let mut all = vec![
        plain("CRLF", line_ends(text, "\r\n")),
        plain("CR", line_ends(text, "\r")),
    ];
    let marked = Twin::new(text, Vec::new());
    let octets = format!("\u{FEFF}{text}").into_bytes();
    all.push(("UTF-8 with a mark", octets, marked));
    for (name, is_big, line_end) in [("UTF-16LE", false, "\n"), ("UTF-16BE, CRLF", true, "\r\n")] {
        let mut edits = renamed(text, "UTF-16");
        edits.extend(line_ends(text, line_end));
        let twin = Twin::new(text, edits);
        all.push((name, utf16(&twin.text, is_big, "\u{FEFF}"), twin));
    }
    if !renamed(text, "").is_empty() {
        let twin = Twin::new(text, renamed(text, "utf-16"));
        all.push((
            "UTF-16 by its declaration",
            utf16(&twin.text, true, ""),
            twin,
        ));
    }
    if !renamed(text, "").is_empty() && text.chars().all(|letter| letter <= '\u{FF}') {
        for name in ["ISO-8859-1", "windows-1252"] {
            let twin = Twin::new(text, renamed(text, name));
            // From U+00A0 on both are the same.
            let octets: Vec<u8> = twin
                .text
                .chars()
                .map(|letter| u8::try_from(letter).unwrap())
                .collect();
            if name == "ISO-8859-1" || !octets.iter().any(|octet| (0x80..0xA0).contains(octet)) {
                all.push((name, octets, twin));
            }
        }
    }
    if is_well_formed {
        all.push(plain("comments and instructions", sprinkled(text)));
        all.push(plain("a prefix", prefixed(text)));
        let twin = Twin::new(text, sprinkled(text));
        let prefixes = Twin::new(&twin.text, prefixed(&twin.text));
        let mut edits = renamed(&prefixes.text, "UTF-16");
        edits.extend(line_ends(&prefixes.text, "\r\n"));
        let both = Twin::new(&prefixes.text, edits);
        // Only the verdict is looked at: places went through three changes.
        all.push(("all at once", utf16(&both.text, false, "\u{FEFF}"), both));
    }
    all
}

/// What must stay the same of a finding.
fn essence(finding: &Finding) -> (&'static str, &str, Option<&str>, &str) {
    (
        finding.code,
        &finding.path,
        finding.value.as_deref(),
        &finding.message,
    )
}

/// Holds all twins of a sample against it; how many there were.
fn compare(schema: &Schema, name: &str, octets: &[u8], wrong: &mut Vec<String>) -> usize {
    let Ok(text) = std::str::from_utf8(octets) else {
        return 0;
    };
    let text = text
        .trim_start_matches('\u{FEFF}')
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let (reading, expected) = judged(schema, name, text.as_bytes());
    let layer = expected.iter().map(|finding| finding.layer).min();
    if layer.is_some_and(|layer| layer < Layer::Xml) || text.contains("<!DOCTYPE") {
        return 0;
    }
    let twins = twins(&text, layer.is_none_or(|layer| layer > Layer::Xml));
    for (kind, octets, twin) in &twins {
        // What the file is written in is told, and is not what this is about.
        let (read, mut found) = judged(schema, name, octets);
        found.retain(|finding| finding.layer != Layer::Encoding);
        let is_same = found.len() == expected.len()
            && found.iter().zip(&expected).all(|(found, expected)| {
                let moved = expected
                    .place
                    .map(|at| place(&twin.text, twin.moved(offset(&text, at))));
                let is_placed = moved == found.place || *kind == "all at once";
                essence(found) == essence(expected) && is_placed
            });
        if !is_same || read.facts != reading.facts {
            wrong.push(format!(
                "{name}, {kind}:\n{found:#?}\nin place of\n{expected:#?}"
            ));
        }
    }
    twins.len()
}

#[test]
fn the_twins_of_every_sample_are_judged_alike_in_the_right_places() {
    let schema = built_in();
    let mut wrong = Vec::new();
    let mut count = 0;
    for side in ["valid", "invalid"] {
        for row in index(side) {
            let octets = sample(&format!("{side}/{}", row[0]));
            // The largest ones say nothing more, and take long.
            if octets.len() < 200_000 {
                count += compare(&schema, &row[0], &octets, &mut wrong);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
    assert!(count > 500, "only {count} twins");
}

#[test]
fn a_place_that_text_is_pieced_together_at_is_where_its_first_letter_stands() {
    let schema = built_in();
    let text = String::from_utf8(sample("valid/06-n1-van.xml")).unwrap();
    for stray in [
        "stray",
        "\r\n\t stray",
        " <!-- x -->\n <?x?> stray",
        "&#32;\r&#x20;stray",
        "\n<![CDATA[ stray]]>",
        " \t&#115;tray",
    ] {
        let stray_at = stray
            .find("stray")
            .or_else(|| stray.find("&#115;"))
            .unwrap();
        let changed = text.replacen("<MakeTable>", &format!("{stray}<MakeTable>"), 1);
        let at = changed.find(stray).unwrap() + stray_at;
        let (_, findings) = judged(&schema, "a.xml", changed.as_bytes());
        assert_eq!(findings.len(), 1, "{stray:?}: {findings:#?}");
        assert_eq!(findings[0].code, "S02-unexpected-text");
        assert_eq!(findings[0].place, Some(place(&changed, at)), "{stray:?}");
    }
}
