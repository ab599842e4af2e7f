//! Reads XML strictly and within limits.
//!
//! *Trust*: the text comes from a stranger. There is no DTD, no entity, no address is ever
//! followed, and nothing recurses.
//!
//! *Why not quick-xml*: it takes 178 of the 243 documents without a DTD
//! that the W3C's suite calls not well-formed (illegal characters and names, text outside the root,
//! open elements at the end of the file, `]]>` in text, …), so that
//! each token had to be looked at twice; `scan` says what that cost.

pub(crate) mod chars;
pub(crate) mod declaration;
pub(crate) mod namespaces;
mod reader;
mod references;
mod scan;
mod tag;

use std::borrow::Cow;

pub(crate) use namespaces::Namespace;
pub(crate) use reader::{DEPTH_LIKELY, Reader};

/// How much XML is read before giving up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The deepest nesting of elements.
    pub(crate) depth: u32,
    /// The most attributes of one element, namespace declarations among them.
    pub(crate) attributes: u32,
    /// The most prefixes bound at one place, and the most namespaces in the document.
    pub(crate) namespaces: u32,
    /// The longest name in octets.
    pub(crate) name_bytes: u32,
    /// The longest text between two tags in octets, references resolved.
    pub(crate) text_bytes: u32,
    /// The longest value of an attribute in octets as written.
    pub(crate) attribute_bytes: u32,
    /// The most elements in the document.
    pub(crate) elements: u32,
}

/// Is a length past its limit?
pub(crate) fn is_past(length: usize, most: u32) -> bool {
    u32::try_from(length).map_or(true, |length| length > most)
}

/// Why reading cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The finding's code.
    pub(crate) code: &'static str,
    /// Where, in octets of the text.
    pub(crate) at: usize,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: &'static str,
}

impl Fault {
    fn new(code: &'static str, at: usize, message: impl Into<String>) -> Self {
        Self {
            code,
            at,
            message: message.into(),
            help: "",
        }
    }

    fn with_help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }
}

/// A step through the document.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// An element begins. Its attributes are [`Reader::attributes`].
    Start(Tag<'a>),
    /// The innermost open element ends.
    End {
        /// Where its end tag begins.
        at: usize,
    },
    /// The document ended well.
    Done,
}

/// The name of an element that begins, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag<'a> {
    /// The name without its prefix.
    pub(crate) local: &'a str,
    /// Its namespace.
    pub(crate) namespace: Namespace,
    /// Where the tag begins.
    pub(crate) at: usize,
}

/// One attribute; namespace declarations are not among them.
#[derive(Debug)]
pub(crate) struct Attribute<'a> {
    /// The prefix, empty if none.
    pub(crate) prefix: &'a str,
    /// The name without its prefix.
    pub(crate) local: &'a str,
    /// Its namespace; none without a prefix.
    pub(crate) namespace: Namespace,
    /// The value, references resolved, blanks made spaces.
    pub(crate) value: Cow<'a, str>,
    /// Where its name begins.
    pub(crate) at: usize,
}

#[cfg(test)]
mod tests;
