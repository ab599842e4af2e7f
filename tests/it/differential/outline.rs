//! Where the elements of a text stand. Lenient: a text that was changed already may be anything.

use std::ops::Range;

/// An element by the places of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// From `<` to the end of the end tag.
    pub(crate) whole: Range<usize>,
    /// The start tag.
    pub(crate) tag: Range<usize>,
    /// The name in the start tag.
    pub(crate) name: Range<usize>,
    /// Between the tags; empty for an empty element.
    pub(crate) inner: Range<usize>,
    /// The element around it, by its place in the list.
    pub(crate) parent: Option<usize>,
    /// Has it no element in it?
    pub(crate) is_leaf: bool,
}

impl Element {
    /// Is it written as `<a/>`?
    pub(crate) fn is_empty_tag(&self) -> bool {
        self.tag == self.whole
    }
}

/// All elements that are closed, in the order of their start tags.
pub(crate) fn outline(text: &str) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    let mut closed: Vec<bool> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('<')) {
        let start = at + found;
        let end = markup_end(text, start);
        let markup = &text[start..end];
        at = end;
        if markup.starts_with("<!") || markup.starts_with("<?") {
            continue;
        }
        if markup.starts_with("</") {
            if let Some(index) = open.pop() {
                elements[index].inner.end = start;
                elements[index].whole.end = end;
                closed[index] = true;
            }
            continue;
        }
        let name_length = markup[1..]
            .find([' ', '\t', '\n', '\r', '/', '>'])
            .unwrap_or(markup.len() - 1);
        if let Some(parent) = open.last() {
            elements[*parent].is_leaf = false;
        }
        let is_empty = markup.ends_with("/>");
        elements.push(Element {
            whole: start..end,
            tag: start..end,
            name: start + 1..start + 1 + name_length,
            inner: end..end,
            parent: open.last().copied(),
            is_leaf: true,
        });
        closed.push(is_empty);
        if !is_empty {
            open.push(elements.len() - 1);
        }
    }
    // One that never ends has no children to swap and no value to change: only whole documents
    // are worth changing further.
    if closed.iter().all(|closed| *closed) {
        elements
    } else {
        Vec::new()
    }
}

/// Where the markup that begins at `start` ends.
fn markup_end(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    for (begins, ends) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if rest.starts_with(begins) {
            return rest
                .find(ends)
                .map_or(text.len(), |found| start + found + ends.len());
        }
    }
    let mut quote = None;
    for (at, letter) in rest.char_indices() {
        match (quote, letter) {
            (None, '>') => return start + at + 1,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    text.len()
}
