//! A document as a tree, for people to look at: what it says, not whether it is right.

use crate::check::xml::{Event, Limits, Namespace, Reader};
use crate::check::{Settings, encoding};
use crate::domain::outcome::Severity;

/// The deepest nesting of elements that is shown. Reason: the message has 8 levels, and whoever walks
/// a tree calls itself once a level.
const DEPTH_MAX: u32 = 64;

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
/// `elements_max` elements. Cannot fail.
pub fn outline(settings: &Settings, octets: &[u8], elements_max: u32) -> Outline {
    let decoded = encoding::decode(octets, None);
    let is_cut = decoded
        .finding
        .is_some_and(|(finding, _)| finding.severity == Severity::Error);
    let limits = settings.limits();
    let limits = Limits {
        depth: limits.depth.min(DEPTH_MAX),
        elements: limits.elements.min(elements_max),
        ..limits
    };
    let (root, is_read) = grow(&mut Reader::new(&decoded.text, limits));
    Outline {
        root,
        is_whole: is_read && !is_cut,
    }
}

/// The tree, and whether the document ended well.
fn grow(reader: &mut Reader<'_>) -> (Element, bool) {
    let mut open: Vec<Element> = Vec::new();
    let mut root = Element::default();
    let mut home: Option<Namespace> = None;
    let is_read = loop {
        match reader.next() {
            Ok(Event::Start(tag)) => {
                if let Some(parent) = open.last_mut() {
                    add_piece(&mut parent.text, reader.text());
                }
                let home = *home.get_or_insert(tag.namespace);
                let attributes = reader.attributes().iter();
                open.push(Element {
                    name: tag.local.to_owned(),
                    is_foreign: tag.namespace != home,
                    attributes: attributes
                        .map(|attribute| (attribute.local.to_owned(), attribute.value.to_string()))
                        .collect(),
                    ..Element::default()
                });
            }
            Ok(Event::End { .. }) => {
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
            Ok(Event::Done) => break true,
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
        let deep = "<a>".repeat(90) + &"</a>".repeat(90);
        assert!(!read(deep.as_bytes()).is_whole);
        let many = format!("<a>{}</a>", "<b/>".repeat(200));
        let many = read(many.as_bytes());
        assert!(!many.is_whole);
        assert_eq!(many.root.children.len(), 99);
    }
}
