//! Is this document whole? Pure: octets in, one word out; looks at brackets, never at meaning.
//!
//! A document is complete when its root element is closed; what follows is the judge's business.
//! A file that can never become XML is complete as well, so that its sender hears at once.
//!
//! *Limits*: time grows with the octets alone; memory with the depth, up to [`DEPTH_MAX`] names.
//!
//! *Why not* the reader in `check`: it refuses what it does not like, and then cannot say whether
//! more was to come. This one goes on over any fault to the end.

/// Names of open elements that are remembered; deeper ones are only counted.
const DEPTH_MAX: usize = 1024;

/// So many zero octets in a row, at a multiple of so many, are a hole: an upload wrote behind it,
/// and nothing into it. No encoding of XML that we take holds so many in a row.
const HOLE_BYTES: usize = 8;

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// No octets, or nothing but blanks.
    Empty,
    /// The root element is not closed, or the file has holes: more may come.
    Incomplete,
    /// The root element is closed, or the file can never become XML: judge it now.
    Complete,
}

/// Is the document whole, or beyond hope of ever becoming one?
pub fn is_complete(octets: &[u8]) -> bool {
    completeness(octets) == Completeness::Complete
}

/// How far the document has come.
pub fn completeness(octets: &[u8]) -> Completeness {
    let Some(text) = Text::of(octets) else {
        return Completeness::Incomplete;
    };
    let mut scan = Scan::new(text);
    let end = scan.end_of_document();
    match end {
        End::Empty => Completeness::Empty,
        End::Never => Completeness::Incomplete,
        End::At(unit) if has_hole(octets, text.octet_of(unit)) => Completeness::Incomplete,
        End::At(_) => Completeness::Complete,
    }
}

/// Is there a hole among the first `end` octets?
fn has_hole(octets: &[u8], end: usize) -> bool {
    octets
        .get(..end)
        .unwrap_or(octets)
        .chunks_exact(HOLE_BYTES)
        .any(|block| block.iter().all(|octet| *octet == 0))
}

/// The octets as units of one encoding; what is not ASCII is some unit that is no bracket.
#[derive(Debug, Clone, Copy)]
struct Text<'a> {
    octets: &'a [u8],
    bom: usize,
    width: usize,
    is_big_endian: bool,
}

impl<'a> Text<'a> {
    /// `None` while a byte order mark is not all there.
    fn of(octets: &'a [u8]) -> Option<Self> {
        let (bom, width, is_big_endian) = match octets {
            [0xef, 0xbb, 0xbf, ..] => (3, 1, false),
            [0xff, 0xfe, ..] => (2, 2, false),
            [0xfe, 0xff, ..] => (2, 2, true),
            [0xef | 0xfe | 0xff | 0] | [0xef, 0xbb] => return None,
            [b'<', 0, ..] => (0, 2, false),
            [0, b'<', ..] => (0, 2, true),
            _ => (0, 1, false),
        };
        Some(Self {
            octets,
            bom,
            width,
            is_big_endian,
        })
    }

    /// The unit at `place`: itself if it is ASCII, else 0xFF. `None` past the end.
    fn unit(&self, place: usize) -> Option<u8> {
        let start = self.octet_of(place);
        if self.width == 1 {
            return self.octets.get(start).copied();
        }
        let pair = [*self.octets.get(start)?, *self.octets.get(start + 1)?];
        let unit = if self.is_big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        };
        Some(u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(0xff))
    }

    fn octet_of(&self, place: usize) -> usize {
        self.bom + place * self.width
    }

    fn raw(&self, name: Name) -> &[u8] {
        self.octets
            .get(self.octet_of(name.start)..self.octet_of(name.end))
            .unwrap_or_default()
    }
}

/// Where an element's name stands, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Name {
    start: usize,
    end: usize,
}

/// Where the document ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// There is nothing.
    Empty,
    /// Not in these octets.
    Never,
    /// Before this unit; the judge sees to what follows.
    At(usize),
}

struct Scan<'a> {
    text: Text<'a>,
    at: usize,
    open: Vec<Name>,
    depth: usize,
    root: Option<Name>,
    is_malformed: bool,
}

impl<'a> Scan<'a> {
    fn new(text: Text<'a>) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
            depth: 0,
            root: None,
            is_malformed: false,
        }
    }

    fn end_of_document(&mut self) -> End {
        self.skip_blanks();
        match self.text.unit(self.at) {
            None => return End::Empty,
            Some(b'<') => (),
            // The beginning has not come yet.
            Some(0) if self.begins(&[0; HOLE_BYTES]) => return End::Never,
            // Nothing that may still come makes this XML.
            Some(_) => return End::At(self.at + 1),
        }
        loop {
            match self.markup() {
                None => return End::Never,
                Some(true) => return End::At(self.at),
                Some(false) => (),
            }
            if !self.skip_to(b'<') {
                return End::Never;
            }
        }
    }

    /// Passes over the markup that begins here. `Some(true)` if it closed the root; `None` if it
    /// has no end.
    fn markup(&mut self) -> Option<bool> {
        if self.begins(b"<!--") {
            self.at += 4;
            return self.skip_past(b"-->").then_some(false);
        }
        if self.begins(b"<![CDATA[") {
            return self.skip_past(b"]]>").then_some(false);
        }
        if self.begins(b"<?") {
            self.at += 2;
            return self.skip_past(b"?>").then_some(false);
        }
        if self.begins(b"<!") {
            return self.declaration().then_some(false);
        }
        if self.begins(b"</") {
            return self.end_tag();
        }
        self.start_tag()
    }

    /// A document type declaration: refused by the judge, but passed over to find the end.
    fn declaration(&mut self) -> bool {
        self.at += 2;
        let mut brackets = 0_usize;
        while let Some(unit) = self.text.unit(self.at) {
            match unit {
                b'"' | b'\'' => {
                    self.at += 1;
                    if !self.skip_to(unit) {
                        return false;
                    }
                }
                b'<' if self.begins(b"<!--") => {
                    self.at += 4;
                    if !self.skip_past(b"-->") {
                        return false;
                    }
                    continue;
                }
                b'[' => brackets += 1,
                b']' => brackets = brackets.saturating_sub(1),
                b'>' if brackets == 0 => {
                    self.at += 1;
                    return true;
                }
                _ => (),
            }
            self.at += 1;
        }
        false
    }

    fn start_tag(&mut self) -> Option<bool> {
        self.at += 1;
        let name = self.name();
        let mut quote = None;
        let mut last = 0;
        loop {
            let unit = self.text.unit(self.at)?;
            match (quote, unit) {
                // No value holds this letter: a quote was forgotten. Read on as if the tag ended here.
                (_, b'<') => {
                    self.is_malformed = true;
                    break;
                }
                (Some(open), _) if open == unit => quote = None,
                (None, b'"' | b'\'') => quote = Some(unit),
                (None, b'>') => {
                    self.at += 1;
                    break;
                }
                _ => (),
            }
            last = unit;
            self.at += 1;
        }
        if self.root.is_none() {
            self.root = Some(name);
        }
        if last == b'/' && quote.is_none() {
            return Some(self.depth == 0);
        }
        self.depth += 1;
        if self.open.len() < DEPTH_MAX {
            self.open.push(name);
        }
        Some(false)
    }

    fn end_tag(&mut self) -> Option<bool> {
        self.at += 2;
        let name = self.name();
        if !self.skip_past(b">") {
            return None;
        }
        if self.depth <= self.open.len() {
            let begun = self.open.pop();
            if begun.is_none_or(|begun| self.text.raw(begun) != self.text.raw(name)) {
                self.is_malformed = true;
            }
        }
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            return Some(true);
        }
        // Tags that do not match leave the depth unsure; then the last tag of all decides.
        let is_roots = self
            .root
            .is_some_and(|root| self.text.raw(root) == self.text.raw(name));
        Some(self.is_malformed && is_roots && self.is_over())
    }

    /// Is there nothing but blanks from here?
    fn is_over(&self) -> bool {
        let mut rest = self.at;
        while self.text.unit(rest).is_some_and(is_blank) {
            rest += 1;
        }
        self.text.unit(rest).is_none()
    }

    fn name(&mut self) -> Name {
        let start = self.at;
        while let Some(unit) = self.text.unit(self.at) {
            if is_blank(unit) || matches!(unit, b'/' | b'>' | b'<') {
                break;
            }
            self.at += 1;
        }
        Name {
            start,
            end: self.at,
        }
    }

    fn begins(&self, with: &[u8]) -> bool {
        with.iter()
            .enumerate()
            .all(|(offset, unit)| self.text.unit(self.at + offset) == Some(*unit))
    }

    fn skip_blanks(&mut self) {
        while self.text.unit(self.at).is_some_and(is_blank) {
            self.at += 1;
        }
    }

    /// Goes to the next `unit`; `false` if there is none.
    fn skip_to(&mut self, unit: u8) -> bool {
        loop {
            match self.text.unit(self.at) {
                None => return false,
                Some(found) if found == unit => return true,
                Some(_) => self.at += 1,
            }
        }
    }

    /// Goes behind the next `end`; `false` if there is none.
    fn skip_past(&mut self, end: &[u8]) -> bool {
        let Some(first) = end.first() else {
            return true;
        };
        while self.skip_to(*first) {
            if self.begins(end) {
                self.at += end.len();
                return true;
            }
            self.at += 1;
        }
        false
    }
}

fn is_blank(unit: u8) -> bool {
    matches!(unit, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "<?xml version='1.0'?>\n<!-- > </a> -->\n<!DOCTYPE a [<!ENTITY b \"]>\"><!-- ]> -->]>\n\
        <a x='</a>' y=\"/>\"><?pi </a>?><![CDATA[</a>]]><b/><c>\u{e4}</c ><a></a>text</a>";

    fn utf16(text: &str, order: fn(u16) -> [u8; 2], bom: bool) -> Vec<u8> {
        let mark = bom.then_some(0xfeff);
        mark.into_iter()
            .chain(text.encode_utf16())
            .flat_map(order)
            .collect()
    }

    #[test]
    fn every_prefix_of_a_document_is_incomplete_and_the_whole_is_not() {
        // Without the value that holds a bracket, which no well-formed document has.
        let plain = DOCUMENT.replace("'</a>'", "'a>'");
        let mut with_bom = vec![0xef, 0xbb, 0xbf];
        with_bom.extend_from_slice(plain.as_bytes());
        for octets in [
            plain.clone().into_bytes(),
            with_bom,
            utf16(&plain, u16::to_le_bytes, true),
            utf16(&plain, u16::to_be_bytes, true),
            utf16(&plain, u16::to_le_bytes, false),
            utf16(&plain, u16::to_be_bytes, false),
        ] {
            for end in 0..octets.len() {
                assert!(!is_complete(&octets[..end]), "{end} of {}", octets.len());
            }
            assert!(is_complete(&octets));
        }
    }

    #[test]
    fn a_root_of_one_tag_is_complete() {
        assert!(is_complete(b"<a/>"));
        assert!(is_complete(b"<a b='c'/>"));
        assert!(!is_complete(b"<a"));
        assert!(!is_complete(b"<a/"));
        assert!(!is_complete(b"<?xml version='1.0'?>"));
    }

    #[test]
    fn what_follows_the_root_is_the_judges_business() {
        for tail in [
            "\n",
            " <!-- x -->",
            "<?p?>",
            "junk",
            "<b>",
            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        ] {
            assert!(is_complete(format!("<a></a>{tail}").as_bytes()), "{tail:?}");
        }
    }

    #[test]
    fn a_file_that_can_never_become_xml_is_judged_at_once() {
        for junk in ["hello", "  {\"a\": 1}", "PK\x03\x04", "</a>"] {
            assert!(is_complete(junk.as_bytes()), "{junk:?}");
        }
        assert!(is_complete(&[0xff, 0xd8, 0xff, 0xe0]));
    }

    #[test]
    fn nothing_and_blanks_are_empty() {
        for blank in [&b""[..], b" \r\n\t", &[0xef, 0xbb, 0xbf], &[0xff, 0xfe]] {
            assert_eq!(completeness(blank), Completeness::Empty);
        }
    }

    #[test]
    fn malformed_documents_that_plainly_ended_are_complete() {
        for text in [
            "<a><b></a>",
            "<a><b></c></b></a>",
            "<a b='c><d/></a>",
            "<a b=c d=></a>\n",
            "<a><b></a></b>",
            "<a><b><c></a>\n",
        ] {
            assert!(is_complete(text.as_bytes()), "{text}");
        }
        assert!(!is_complete(b"<a><b></c>"));
    }

    #[test]
    fn a_hole_in_the_document_is_still_to_be_filled() {
        let mut octets = b"<a>".to_vec();
        octets.resize(64, 0);
        octets.extend_from_slice(b"</a>");
        assert_eq!(completeness(&octets), Completeness::Incomplete);
        let mut octets = vec![0; 32];
        octets.extend_from_slice(b"</a>");
        assert_eq!(completeness(&octets), Completeness::Incomplete);
        assert!(
            is_complete(b"<a>\0\0</a>"),
            "a stray NUL is malformed, not missing"
        );
    }

    #[test]
    fn depth_costs_no_memory_past_the_limit() {
        let deep = DEPTH_MAX * 3;
        let mut text = "<a>".repeat(deep);
        text.push_str(&"</a>".repeat(deep - 1));
        assert!(!is_complete(text.as_bytes()));
        text.push_str("</a>");
        assert!(is_complete(text.as_bytes()));
    }
}
