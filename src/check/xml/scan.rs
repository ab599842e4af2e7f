//! Cuts a document into tags, text, references and the rest, without looking into them.
//!
//! *Why not quick-xml*: it works on octets, so it checks again that each token is UTF-8, makes events
//! of them that may own what they hold, and lets through so much that each was looked at twice. With
//! it a document of 17 kB took 1.7 times as long to judge (docs/performance.md).

use crate::check::xml::chars::is_blank;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `<name>`, the name of letters that need no further look, without a colon.
    Plain,
    /// Any other start tag.
    Start,
    /// A start tag that ends in `/>`.
    Empty,
    /// `</name>`, the end tag that is due.
    Due,
    /// Any other end tag.
    End,
    /// What stands between markup, references left out.
    Text,
    /// `<![CDATA[…]]>`
    Section,
    /// `&…;`
    Reference,
    /// `<!--…-->`
    Comment,
    /// `<?…?>`
    Instruction,
    /// `<?xml …?>`
    Declaration,
    /// The beginning of a DOCTYPE, which is not read.
    Doctype,
}

/// Why there is no next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The text ends within it.
    Unclosed(&'static str),
    /// A `&` without its `;`.
    Reference,
    /// A `<!` that begins nothing known.
    Markup,
}

/// The kind and the length of the token that `rest` begins with; `rest` is not empty. `open` is the
/// name of the innermost open element; empty if none is open.
pub(crate) fn token(rest: &str, open: &str) -> Result<(Kind, usize), Broken> {
    let octets = rest.as_bytes();
    match octets {
        [b'<', b'/', inside @ ..] => {
            // Most end tags are just the one that is due.
            let after = inside.strip_prefix(open.as_bytes());
            if let Some([b'>', ..]) = after
                && !open.is_empty()
            {
                return Ok((Kind::Due, 3 + open.len()));
            }
            let len = position(inside, b'>').ok_or(Broken::Unclosed("a tag"))?;
            Ok((Kind::End, 3 + len))
        }
        [b'<', b'!', ..] => declared(rest),
        [b'<', b'?', inside @ ..] => {
            let closed = rest.get(2..).and_then(|inside| inside.find("?>"));
            let len = closed.ok_or(Broken::Unclosed("a processing instruction"))?;
            let is_declaration = matches!(
                inside,
                [b'x', b'm', b'l', b'?' | b' ' | b'\t' | b'\r' | b'\n', ..]
            );
            let kind = if is_declaration {
                Kind::Declaration
            } else {
                Kind::Instruction
            };
            Ok((kind, len + 4))
        }
        [b'<', inside @ ..] => start_tag(inside),
        [b'&', inside @ ..] => {
            let end = inside
                .iter()
                .position(|octet| matches!(octet, b';' | b'<' | b'&'))
                .filter(|end| inside.get(*end) == Some(&b';'));
            end.map(|end| (Kind::Reference, end + 2))
                .ok_or(Broken::Reference)
        }
        _ => Ok((Kind::Text, text_len(octets))),
    }
}

/// A start tag, from after its `<`.
fn start_tag(inside: &[u8]) -> Result<(Kind, usize), Broken> {
    let name = plain_name_len(inside);
    if inside.get(name) == Some(&b'>')
        && inside
            .first()
            .is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
    {
        return Ok((Kind::Plain, name + 2));
    }
    let mut quote = None;
    for (at, octet) in inside.iter().enumerate().skip(name) {
        match (quote, *octet) {
            (None, b'>') => {
                let is_empty = at > 0 && inside.get(at - 1) == Some(&b'/');
                let kind = if is_empty { Kind::Empty } else { Kind::Start };
                return Ok((kind, at + 2));
            }
            (None, b'"' | b'\'') => quote = Some(*octet),
            (Some(known), octet) if known == octet => quote = None,
            _ => {}
        }
    }
    Err(Broken::Unclosed("a tag"))
}

/// Whatever begins with `<!`.
fn declared(rest: &str) -> Result<(Kind, usize), Broken> {
    let closed = |begins: &str, ends: &str| {
        let inside = rest.get(begins.len()..)?;
        Some(inside.find(ends)? + begins.len() + ends.len())
    };
    if rest.starts_with("<!--") {
        let len = closed("<!--", "-->").ok_or(Broken::Unclosed("a comment"))?;
        return Ok((Kind::Comment, len));
    }
    if rest.starts_with("<![CDATA[") {
        let len = closed("<![CDATA[", "]]>").ok_or(Broken::Unclosed("a CDATA section"))?;
        return Ok((Kind::Section, len));
    }
    let doctype = "<!DOCTYPE";
    let is_doctype = rest
        .get(..doctype.len())
        .is_some_and(|begins| begins.eq_ignore_ascii_case(doctype));
    if is_doctype {
        return Ok((Kind::Doctype, doctype.len()));
    }
    Err(Broken::Markup)
}

/// How many octets stand before the next `<` or `&`.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler makes wide instructions of it"
)]
fn text_len(octets: &[u8]) -> usize {
    let ends = |octet: u8| (octet == b'<') | (octet == b'&');
    leading(octets, |octet| !ends(octet))
}

/// How many letters, digits, dots, hyphens and underscores of ASCII `octets` begin with.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler makes wide instructions of it"
)]
fn plain_name_len(octets: &[u8]) -> usize {
    leading(octets, |octet| {
        ((octet | 0x20).wrapping_sub(b'a') < 26)
            | (octet.wrapping_sub(b'0') < 10)
            | (octet == b'_')
            | (octet == b'-')
            | (octet == b'.')
    })
}

/// How many octets at the beginning are such.
#[inline]
fn leading(octets: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    let mut rest = octets;
    // Sixteen at a time without a way out in between: the compiler makes wide instructions of it.
    while let Some((piece, after)) = rest.split_first_chunk::<16>() {
        let all = piece.iter().fold(true, |all, octet| all & is_such(*octet));
        if !all {
            break;
        }
        rest = after;
    }
    let passed = octets.len() - rest.len();
    let more = rest.iter().position(|octet| !is_such(*octet));
    passed + more.unwrap_or(rest.len())
}

fn position(octets: &[u8], wanted: u8) -> Option<usize> {
    octets.iter().position(|octet| *octet == wanted)
}

/// How many octets of blanks `text` begins with.
pub(crate) fn leading_blanks(text: &str) -> usize {
    text.bytes().take_while(|octet| is_blank(*octet)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_cut_where_they_end() {
        for (kind, token_text, after) in [
            (Kind::Plain, "<a-1.b_>", "x"),
            (
                Kind::Plain,
                "<TechnicallyPermissibleMaximumLadenMass>",
                "12",
            ),
            (Kind::Start, "<a:b>", ""),
            (Kind::Start, "<1>", ""),
            (Kind::Start, "<>", ""),
            (Kind::Start, "<é>", "é"),
            (Kind::Start, "<a b='>' c=\"'>\">", ">"),
            (Kind::Start, "<a/b>", ""),
            (Kind::Empty, "<a/>", "<b/>"),
            (Kind::Empty, "<a b='/>'/>", ""),
            (Kind::Due, "</a>", ">"),
            (Kind::End, "</a >", "</a>"),
            (Kind::End, "</abc>", ""),
            (Kind::Text, "é, and more than sixteen octets ]]>", "<a>"),
            (Kind::Text, "x", "&amp;"),
            (Kind::Text, "x", ""),
            (Kind::Reference, "&amp;", ";"),
            (Kind::Section, "<![CDATA[<a>]]>", "]]>"),
            (Kind::Comment, "<!-- <a> -->", "-->"),
            (Kind::Comment, "<!--->-->", ""),
            (Kind::Instruction, "<?xml-model x?>", "?>"),
            (Kind::Instruction, "<??>", ""),
            (Kind::Declaration, "<?xml?>", ""),
            (Kind::Declaration, "<?xml version='1.0'?>", "<a/>"),
            (Kind::Doctype, "<!doctype", " a>"),
        ] {
            let text = format!("{token_text}{after}");
            assert_eq!(token(&text, "a"), Ok((kind, token_text.len())), "{text}");
        }
    }

    #[test]
    fn nothing_is_due_where_nothing_is_open() {
        assert_eq!(token("</>", ""), Ok((Kind::End, 3)));
    }

    #[test]
    fn what_never_ends_is_no_token() {
        for (text, broken) in [
            ("<a", Broken::Unclosed("a tag")),
            ("<a b='>", Broken::Unclosed("a tag")),
            ("</a", Broken::Unclosed("a tag")),
            ("<", Broken::Unclosed("a tag")),
            ("<?x >", Broken::Unclosed("a processing instruction")),
            ("<!-->", Broken::Unclosed("a comment")),
            ("<![CDATA[]>", Broken::Unclosed("a CDATA section")),
            ("<![cdata[]]>", Broken::Markup),
            ("<!", Broken::Markup),
            ("&", Broken::Reference),
            ("&amp<b>;", Broken::Reference),
            ("&amp&lt;", Broken::Reference),
        ] {
            assert_eq!(token(text, "a"), Err(broken), "{text}");
        }
    }
}
