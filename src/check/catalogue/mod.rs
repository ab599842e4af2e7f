//! Every code that a finding can have: one table, for receipts, settings, manual and tests.
//!
//! The rules' part of it stands with the rules. A code is never given another meaning, nor taken
//! away from one.

#[cfg(test)]
mod tests;

use crate::check::rules::rules;
use crate::domain::outcome::{Layer, Severity};

/// What a finding's code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The code, such as `S03-pattern`.
    pub code: &'static str,
    /// Where in the reading it is found.
    pub layer: Layer,
    /// What it weighs by default.
    pub severity: Severity,
    /// What it finds, in one sentence.
    pub about: &'static str,
    /// What to do about it.
    pub help: &'static str,
    /// Where the demand comes from.
    pub source: &'static str,
}

/// All codes, in the order of reading and then by code.
pub fn entries() -> Vec<Entry> {
    let mut all: Vec<Entry> = FILE.iter().chain(rules()).copied().collect();
    all.sort_by_key(|entry| (entry.layer, entry.code));
    all
}

/// What to do about a finding that is not a rule's; nothing for a code that is not known.
pub(crate) fn help(code: &str) -> &'static str {
    let entry = FILE.iter().find(|entry| entry.code == code);
    entry.map_or("", |entry| entry.help)
}

const fn error(
    layer: Layer,
    code: &'static str,
    about: &'static str,
    help: &'static str,
    source: &'static str,
) -> Entry {
    Entry {
        code,
        layer,
        severity: Severity::Error,
        about,
        help,
        source,
    }
}

const fn transport(code: &'static str, about: &'static str, help: &'static str) -> Entry {
    error(Layer::Transport, code, about, help, SERVICE)
}

const fn encoding(code: &'static str, about: &'static str, help: &'static str) -> Entry {
    error(Layer::Encoding, code, about, help, ENCODINGS)
}

const fn xml(code: &'static str, about: &'static str, help: &'static str) -> Entry {
    error(Layer::Xml, code, about, help, XML)
}

const fn limit(code: &'static str, about: &'static str) -> Entry {
    error(Layer::Xml, code, about, LIMIT_HELP, LIMIT)
}

const fn schema(code: &'static str, about: &'static str, help: &'static str) -> Entry {
    error(Layer::Schema, code, about, help, SCHEMA)
}

const SERVICE: &str = "the authority's conditions for files";
const ENCODINGS: &str = "XML 1.0, section 4.3.3 and appendix F";
const XML: &str = "XML 1.0, fifth edition";
const NAMESPACES: &str = "Namespaces in XML 1.0, third edition";
const SCHEMA: &str = "the schema in force";
const LIMIT: &str = "the service's limits";
const LIMIT_HELP: &str = "No certificate needs so much: check the program that wrote the file.";

/// What is found before any rule is applied.
#[rustfmt::skip]
const FILE: &[Entry] = &[
    transport("T01-empty", "The file is empty, or holds nothing but blanks.",
        "Send the file again; check that it was written before it was sent."),
    transport("T02-incomplete", "The file never became complete: its end did not come.",
        "Send the whole file again."),
    transport("T03-too-large", "The file is larger than the service takes.",
        "Send one message a file, without padding."),
    transport("T04-name", "The name of the file cannot be taken.",
        "Choose a short name without special characters that ends in .xml."),
    encoding("N01-contradiction", "The byte order mark, the XML declaration and the octets name different encodings.",
        "Let the first line name the encoding in which the file is written; UTF-8 is best."),
    Entry {
        severity: Severity::Warning,
        ..encoding("N01-latin1", "The file is written in ISO 8859-1 or Windows-1252 and says so. A setting decides whether that is taken.",
            "Write the file in UTF-8.")
    },
    encoding("N01-octets", "Some octets mean nothing in the encoding that the file names.",
        "Write the file in the encoding that its first line names; UTF-8 is best."),
    encoding("N01-unknown", "The file names an encoding that the service does not know.",
        "Write the file in UTF-8."),
    encoding("N01-unmarked", "The file looks like UTF-16, but says so nowhere.",
        "Write the file in UTF-8."),
    xml("X01-attribute", "An attribute is not written as XML asks, or stands twice.",
        "Write each attribute once, as name=\"value\", with a blank before it."),
    xml("X01-character", "There is a character that XML forbids.",
        "Remove the character; it often comes from a database or from copied text."),
    xml("X01-comment", "There is a '--' inside a comment.",
        "Write comments without '--', or leave them out."),
    xml("X01-declaration", "The XML declaration is wrong, or not at the very beginning.",
        "Begin the file with <?xml version=\"1.0\" encoding=\"UTF-8\"?>, with nothing before it."),
    xml("X01-end-tag", "An end tag closes another element than the one that is open.",
        "Close elements in the reverse of the order in which they were opened."),
    xml("X01-instruction", "A processing instruction is not written as XML asks.",
        "Leave it out: no certificate needs one."),
    xml("X01-markup", "A '<' begins nothing that XML knows.",
        "Write '&lt;' for a '<' that does not begin a tag."),
    xml("X01-name", "A name holds a character that XML does not allow in names.",
        "Check the name of the element; write '&lt;' for a '<' that does not begin a tag."),
    Entry {
        source: NAMESPACES,
        ..xml("X01-namespace", "A prefix is not declared, or a namespace declaration is wrong.",
            "Declare each prefix on the element or above it, or use none.")
    },
    xml("X01-no-root", "There is no element in the file.",
        "Check that the file was written to its end."),
    xml("X01-not-xml", "The file is not XML, but some other kind of file.",
        "Send the message itself: not a PDF, a table, an archive or a web page."),
    xml("X01-outside-root", "There is something before or after the root element that may not be there.",
        "Send one message a file, with nothing around it."),
    xml("X01-reference", "A '&' begins no reference that XML knows.",
        "Write '&amp;' for a '&'."),
    xml("X01-text", "There is a ']]>' in text.",
        "Write ']]&gt;' for it."),
    xml("X01-unclosed", "The file ends before everything in it is closed.",
        "The file may have been cut while it was sent: send it again."),
    Entry {
        source: "IVI 2.0: the root element and its namespace",
        ..xml("X02-root", "The root element, or its namespace, is not that of an IVI 2.0 message.",
            "Send an Initial Vehicle Information message of version 2.0; files of version 1.x have no namespace.")
    },
    Entry {
        source: SERVICE,
        ..xml("X03-doctype", "The file has a DOCTYPE; it was not read further.",
            "Leave the DOCTYPE out: it is never needed, and refused for safety.")
    },
    limit("X04-attribute-value", "The value of an attribute is longer than the service reads."),
    limit("X04-attributes", "An element has more attributes than the service reads."),
    limit("X04-depth", "Elements are nested deeper than the service reads."),
    limit("X04-elements", "There are more elements than the service reads."),
    limit("X04-name", "A name is longer than the service reads."),
    limit("X04-namespaces", "There are more namespaces or prefixes than the service reads."),
    limit("X04-text", "A text is longer than the service reads."),
    schema("S01-missing-attribute", "An attribute that must be there is missing.",
        "Add it."),
    schema("S01-missing-element", "An element that must be there is missing.",
        "Add it; the order of elements within a group of the certificate is free."),
    schema("S02-misplaced", "An element stands in the wrong place; within a signature the order counts.",
        "Put the elements into the order that the schema gives."),
    schema("S02-repeated", "An element stands more often than it may.",
        "Remove all but one; what may repeat stands in a table, one group for each."),
    schema("S02-unexpected-attribute", "An element has an attribute that it cannot have.",
        "Remove the attribute; values stand in elements."),
    schema("S02-unexpected-element", "An element stands where it cannot be, or its name is not known.",
        "Check the spelling, and the group in which it stands."),
    schema("S02-unexpected-text", "There is text where only elements may be.",
        "Remove the text, or put it into an element."),
    schema("S03-digits", "A number has too many digits, in all or after the point.",
        "Round the value as the schema asks."),
    schema("S03-enumeration", "A code is not among those allowed.",
        "Use one of the codes allowed, in exactly their letters and without blanks."),
    schema("S03-fixed", "Only one value may stand there, and it is another.",
        "Write the value that the schema fixes, or leave it out where it may be left out."),
    schema("S03-length", "A text is empty, or longer than it may be.",
        "Shorten the text, or leave an optional element out rather than empty."),
    schema("S03-pattern", "A value does not have the form that it must have.",
        "Write it in the form asked for."),
    schema("S03-range", "A number is too small or too large.",
        "Check the value and its unit."),
    schema("S03-type", "A value is not of the right kind: no number, no date, no such thing.",
        "Numbers take a point and no blanks; dates are written 2026-07-31."),
    schema("S04-abstract", "An element stands for several kinds, and does not say of which it is.",
        "Use one of the elements that may stand in its place, or name its type by xsi:type."),
    schema("S04-nil", "The attribute xsi:nil says that an element has no value, but it must have one, or has one all the same.",
        "Give the value and remove xsi:nil; leave an optional element out."),
    schema("S04-type", "The attribute xsi:type names a type that the schema does not have or does not allow there.",
        "Remove xsi:type: no element of a certificate needs it."),
    schema("S05-id", "Two elements of one file have the same name (Id).",
        "Give each element a name of its own, and let references follow."),
    schema("S05-idref", "A reference names an element that is not in the file.",
        "Check the spelling of the name, and that the element was not left out."),
    schema("S05-key", "A value is missing, or empty, by which others find the element.",
        "Give the value."),
    schema("S05-keyref", "A value refers to another one that is not in the file.",
        "Check the value for slips, or add what it refers to."),
    schema("S05-unique", "Two elements have the same value where each must have its own.",
        "Change one of the two, or remove it if it was written twice."),
];
