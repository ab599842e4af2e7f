//! A document as a tree, for people to look at: what it says, not whether it is right.

use crate::check::xml::{Event, Namespace, Reader};
use crate::check::{Settings, encoding};
use crate::domain::outcome::Severity;

/// The deepest nesting of elements that is shown; what is deeper is left out. Reason: the message has 8
/// levels, and whoever walks a tree calls itself once a level and carries what stands above.
const DEPTH_MAX: usize = 16;

/// The most octets of names, attributes and texts that are shown. Reason: a file may be larger than a
/// page can be.
const OCTETS_MAX: usize = 8 << 20;

/// An element of a document with all that stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name without a prefix.
    pub name: String,
    /// Is it of another namespace than the root?
    pub is_foreign: bool,
    /// Names and values of its attributes; namespace declarations are not among them.
    pub attributes: Vec<(String, String)>,
    /// Its text: as written if it has no children, else the pieces that are more than blanks.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Self>,
}

/// A document as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The root; without a name if there is none.
    pub root: Element,
    /// Was it read to its end? If not, what follows the fault or the limit is missing.
    pub is_whole: bool,
}

/// Reads a document as a tree, up to the first fault, within the limits of `settings` and at most
/// `parts_max` elements and attributes. Cannot fail.
pub fn outline(settings: &Settings, octets: &[u8], parts_max: usize) -> Outline {
    let decoded = encoding::decode(octets, None);
    let is_cut = decoded
        .finding
        .is_some_and(|(finding, _)| finding.severity == Severity::Error);
    let limit = Room {
        parts: parts_max,
        octets: OCTETS_MAX,
    };
    let mut reader = Reader::new(&decoded.text, settings.limits());
    let (root, is_read) = grow(&mut reader, limit);
    Outline {
        root,
        is_whole: is_read && !is_cut,
    }
}

/// How much may still be shown.
struct Room {
    parts: usize,
    octets: usize,
}

impl Room {
    /// Takes room for so much; `false` if there is not enough.
    fn take(&mut self, parts: usize, octets: usize) -> bool {
        let rest = (
            self.parts.checked_sub(parts),
            self.octets.checked_sub(octets),
        );
        let (Some(parts), Some(octets)) = rest else {
            return false;
        };
        *self = Self { parts, octets };
        true
    }
}

/// The tree, and whether all of the document is in it.
fn grow(reader: &mut Reader<'_>, mut left: Room) -> (Element, bool) {
    let mut open: Vec<Element> = Vec::new();
    let mut root = Element::default();
    let mut home: Option<Namespace> = None;
    // How many elements are open below the deepest that are shown.
    let mut hidden = 0_usize;
    let mut is_left_out = false;
    let is_read = loop {
        match reader.next() {
            Ok(Event::Start(tag)) => {
                if open.len() >= DEPTH_MAX {
                    (hidden, is_left_out) = (hidden + 1, true);
                    continue;
                }
                let before = if open.is_empty() { "" } else { reader.text() };
                let attributes = reader.attributes();
                let named = attributes
                    .iter()
                    .map(|one| one.local.len() + one.value.len());
                let octets = before.len() + tag.local.len() + named.sum::<usize>();
                if !left.take(1 + attributes.len(), octets) {
                    break false;
                }
                if let Some(parent) = open.last_mut() {
                    add_piece(&mut parent.text, before);
                }
                let home = *home.get_or_insert(tag.namespace);
                open.push(Element {
                    name: tag.local.to_owned(),
                    is_foreign: tag.namespace != home,
                    attributes: attributes
                        .iter()
                        .map(|attribute| (attribute.local.to_owned(), attribute.value.to_string()))
                        .collect(),
                    ..Element::default()
                });
            }
            Ok(Event::End { .. }) if hidden > 0 => hidden -= 1,
            Ok(Event::End { .. }) => {
                if !left.take(0, reader.text().len()) {
                    break false;
                }
                let Some(mut element) = open.pop() else {
                    break false;
                };
                if element.children.is_empty() {
                    reader.text().clone_into(&mut element.text);
                } else {
                    add_piece(&mut element.text, reader.text());
                }
                hand_over(element, &mut open, &mut root);
            }
            Ok(Event::Done) => break !is_left_out,
            Err(_fault) => break false,
        }
    };
    // What was open at a fault is shown as far as it went.
    while let Some(element) = open.pop() {
        hand_over(element, &mut open, &mut root);
    }
    (root, is_read)
}

fn hand_over(element: Element, open: &mut [Element], root: &mut Element) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = element,
    }
}

fn add_piece(text: &mut String, piece: &str) {
    let piece = piece.trim();
    if !piece.is_empty() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::tests::settings;

    fn read(octets: &[u8]) -> Outline {
        outline(&settings(), octets, 100)
    }

    #[test]
    fn a_document_becomes_a_tree() {
        let text = "<a xmlns='u'><b> 1 </b>x<c k='v'/>y<d xmlns='w'>&lt;2</d></a>";
        let read = read(text.as_bytes());
        assert!(read.is_whole);
        assert_eq!(read.root.name, "a");
        assert_eq!(read.root.text, "x y");
        let [b, c, d] = read.root.children.as_slice() else {
            panic!("three children");
        };
        assert_eq!((b.text.as_str(), b.is_foreign), (" 1 ", false));
        assert_eq!(c.attributes, [("k".to_owned(), "v".to_owned())]);
        assert_eq!((d.text.as_str(), d.is_foreign), ("<2", true));
    }

    #[test]
    fn what_stands_before_a_fault_is_kept_and_the_rest_is_said_to_be_missing() {
        let read = read(b"<a><b>1</b><c>2</x></a>");
        assert!(!read.is_whole);
        assert_eq!(read.root.children[0].text, "1");
        assert_eq!(read.root.children[1].name, "c");
    }

    #[test]
    fn utf_16_is_read_and_octets_that_are_no_text_end_it() {
        let mut octets = vec![0xFF, 0xFE];
        octets.extend("<a>ü</a>".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(read(&octets).root.text, "ü");
        let cut = read(b"<a><b>1</b><c>\xFF</c></a>");
        assert!(!cut.is_whole);
        assert_eq!(cut.root.children[0].text, "1");
    }

    #[test]
    fn depth_and_number_have_an_end() {
        let deep = "<a>".repeat(60) + "<!---->" + &"</a>".repeat(60);
        let deep = format!("<a><b>1</b>{deep}<c>2</c></a>");
        let deep = read(deep.as_bytes());
        assert!(!deep.is_whole);
        let [b, first, c] = deep.root.children.as_slice() else {
            panic!("what stands beside is shown");
        };
        assert_eq!((b.text.as_str(), c.text.as_str()), ("1", "2"));
        let (mut levels, mut element) = (2, first);
        while let [inner] = element.children.as_slice() {
            (levels, element) = (levels + 1, inner);
        }
        assert_eq!(levels, DEPTH_MAX);
        let many = format!("<a>{}</a>", "<b/>".repeat(200));
        let many = read(many.as_bytes());
        assert!(!many.is_whole);
        assert_eq!(many.root.children.len(), 99);
    }

    #[test]
    fn attributes_count_as_elements_do() {
        let many = format!("<a>{}</a>", "<b c='1' d='2' e='3'/>".repeat(30));
        let many = read(many.as_bytes());
        assert!(!many.is_whole);
        assert_eq!(many.root.children.len(), 24);
    }

    #[test]
    fn octets_have_an_end() {
        let text = "x".repeat(OCTETS_MAX / 3);
        let long = format!("<a><b>{text}</b><b c='{text}'/><b>{text}</b></a>");
        let mut settings = settings();
        settings.file_bytes_max = u64::MAX;
        settings.text_bytes_max = u32::MAX;
        settings.attribute_bytes_max = u32::MAX;
        let long = outline(&settings, long.as_bytes(), 100);
        assert!(!long.is_whole);
        assert_eq!(long.root.children.len(), 3);
        assert_eq!(long.root.children[2].text, "");
    }
}
