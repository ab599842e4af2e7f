//! The strict reader: one step through the document at a time, text joined between tags.

use crate::check::xml::chars::{is_all_blank, is_plain_name, survey};
use crate::check::xml::namespaces::{Namespace, Namespaces};
use crate::check::xml::references::{resolve, with_plain_line_ends};
use crate::check::xml::scan::{self, Broken, Kind, leading_blanks};
use crate::check::xml::{Attribute, Event, Fault, Limits, declaration, is_past, tag};

/// Few documents are nested deeper: room for so many open elements is made at once.
pub(crate) const DEPTH_LIKELY: usize = 12;

/// Reads one document.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    /// Where the next token begins.
    at: usize,
    limits: Limits,
    /// The first character that must not be there, known before the first step; past the end if
    /// there is none.
    illegal: usize,
    /// Does `]` stand anywhere? If not, no text needs to be searched for `]]>`.
    has_brackets: bool,
    open: Vec<&'a str>,
    namespaces: Namespaces<'a>,
    attributes: Vec<Attribute<'a>>,
    joined: Joined<'a>,
    elements: u32,
    has_root: bool,
    /// Where an empty element stands whose end is still to be told.
    empty_at: Option<usize>,
}

/// The text since the last tag. One piece is borrowed; only a second one makes a copy.
#[derive(Debug, Default)]
struct Joined<'a> {
    first: &'a str,
    copy: String,
    is_copied: bool,
    /// Is there any `\r` in the document? Asked once: most texts are a few octets long.
    has_returns: bool,
    /// Where the first piece begins.
    at: usize,
    /// Where the first character that is not blank stands, once there is a copy.
    solid_at: Option<usize>,
}

impl<'a> Joined<'a> {
    fn clear(&mut self) {
        self.first = "";
        self.copy.clear();
        self.is_copied = false;
        self.solid_at = None;
    }

    fn push(&mut self, piece: &'a str, at: usize) {
        self.begin(at);
        let is_plain = !self.has_returns || !piece.contains('\r');
        if self.first.is_empty() && !self.is_copied && is_plain {
            self.first = piece;
        } else {
            self.begin_copy();
            self.note_solid(piece, at);
            self.copy.push_str(&with_plain_line_ends(piece));
        }
    }

    fn push_letter(&mut self, letter: char, at: usize) {
        self.begin(at);
        self.begin_copy();
        if !matches!(letter, ' ' | '\t' | '\n' | '\r') {
            self.solid_at.get_or_insert(at);
        }
        self.copy.push(letter);
    }

    fn begin(&mut self, at: usize) {
        if self.first.is_empty() && !self.is_copied {
            self.at = at;
        }
    }

    fn begin_copy(&mut self) {
        if !self.is_copied {
            self.is_copied = true;
            self.note_solid(self.first, self.at);
            self.copy.push_str(self.first);
        }
    }

    /// Remembers where `piece`, which stands at `at`, has its first character that is not blank,
    /// unless one stood before it.
    fn note_solid(&mut self, piece: &str, at: usize) {
        let blanks = leading_blanks(piece);
        if blanks < piece.len() {
            self.solid_at.get_or_insert(at + blanks);
        }
    }

    /// Where the first character that is not blank stands; else where the text begins.
    fn solid_at(&self) -> usize {
        if self.is_copied {
            self.solid_at.unwrap_or(self.at)
        } else {
            self.at + leading_blanks(self.first)
        }
    }

    fn as_str(&self) -> &str {
        if self.is_copied {
            &self.copy
        } else {
            self.first
        }
    }
}

impl<'a> Reader<'a> {
    /// Begins to read `text`, which has no byte order mark.
    pub(crate) fn new(text: &'a str, limits: Limits) -> Self {
        let survey = survey(text);
        Self {
            text,
            at: 0,
            limits,
            illegal: survey.illegal.unwrap_or(usize::MAX),
            has_brackets: survey.has_brackets,
            open: Vec::with_capacity(DEPTH_LIKELY),
            namespaces: Namespaces::new(limits.namespaces),
            attributes: Vec::new(),
            joined: Joined {
                has_returns: survey.has_returns,
                ..Joined::default()
            },
            elements: 0,
            has_root: false,
            empty_at: None,
        }
    }

    /// The document.
    pub(crate) fn whole(&self) -> &'a str {
        self.text
    }

    /// Is there any `\r` in the document?
    pub(crate) fn has_returns(&self) -> bool {
        self.joined.has_returns
    }

    /// The text between the last two tags, joined across comments, sections and references.
    pub(crate) fn text(&self) -> &str {
        self.joined.as_str()
    }

    /// Where the first character of [`Self::text`] that is not blank stands.
    pub(crate) fn text_at(&self) -> usize {
        self.joined.solid_at()
    }

    /// What `prefix` means here.
    pub(crate) fn resolve(&self, prefix: &str) -> Option<&str> {
        self.namespaces
            .resolve(prefix)
            .map(|namespace| self.namespaces.uri(namespace))
    }

    /// The attributes of the element that began last.
    pub(crate) fn attributes(&self) -> &[Attribute<'a>] {
        &self.attributes
    }

    /// The name of a namespace.
    pub(crate) fn uri(&self, namespace: Namespace) -> &str {
        self.namespaces.uri(namespace)
    }

    /// Goes on to the next tag. After a fault there is no going on.
    pub(crate) fn next(&mut self) -> Result<Event<'a>, Fault> {
        self.joined.clear();
        // Only now: the prefixes of an element that just ended still mean something in its value.
        let depth = self.depth();
        self.namespaces.leave(depth);
        if let Some(at) = self.empty_at.take() {
            self.close();
            return Ok(Event::End { at });
        }
        loop {
            let at = self.at;
            let rest = self.text.get(at..).unwrap_or_default();
            if rest.is_empty() {
                return self.done(at);
            }
            let open = self.open.last().copied().unwrap_or_default();
            let token = scan::token(rest, open);
            let end = token.map_or(self.text.len(), |(_, len)| at + len);
            if self.illegal < end {
                return Err(self.illegal_character(self.illegal));
            }
            let (kind, _) = token.map_err(|broken| cannot_go_on(broken, at))?;
            let raw = self.text.get(at..end).unwrap_or_default();
            self.at = end;
            match kind {
                Kind::Plain | Kind::Start | Kind::Empty => return self.start(kind, raw, at),
                Kind::Due => {
                    self.close();
                    return Ok(Event::End { at });
                }
                Kind::End => {
                    self.end(raw, at)?;
                    return Ok(Event::End { at });
                }
                Kind::Text => self.characters(raw, at)?,
                other => self.between_tags(other, raw, at)?,
            }
        }
    }

    /// Whatever is neither a tag nor plain text.
    fn between_tags(&mut self, kind: Kind, raw: &'a str, at: usize) -> Result<(), Fault> {
        match kind {
            Kind::Section => {
                self.must_be_inside(at, "A CDATA section")?;
                let inside = raw
                    .strip_prefix("<![CDATA[")
                    .and_then(|rest| rest.strip_suffix("]]>"))
                    .unwrap_or_default();
                self.joined.push(inside, at + "<![CDATA[".len());
                self.must_be_short()
            }
            Kind::Reference => {
                self.must_be_inside(at, "A reference")?;
                let name = raw.trim_start_matches('&').trim_end_matches(';');
                let letter = resolve(name).ok_or_else(|| unknown_reference(raw, at))?;
                self.joined.push_letter(letter, at);
                self.must_be_short()
            }
            Kind::Comment => check_comment(raw, at),
            Kind::Instruction => check_instruction(raw, at),
            Kind::Declaration if at == 0 => declaration::check(raw).map_err(|why| {
                Fault::new(
                    "X01-declaration",
                    at,
                    format!("The XML declaration is wrong: {why}."),
                )
            }),
            Kind::Declaration => Err(Fault::new(
                "X01-declaration",
                at,
                "An XML declaration stands elsewhere than at the very beginning.",
            )
            .with_help("Nothing, not even a blank, may stand before it.")),
            _ => Err(doctype(at)),
        }
    }

    fn start(&mut self, kind: Kind, raw: &'a str, at: usize) -> Result<Event<'a>, Fault> {
        if self.open.is_empty() && self.has_root {
            return Err(
                Fault::new("X01-outside-root", at, "There is a second root element.")
                    .with_help("Send one message a file."),
            );
        }
        self.has_root = true;
        self.elements += 1;
        if self.elements > self.limits.elements {
            let message = format!("There are more than {} elements.", self.limits.elements);
            return Err(Fault::new("X04-elements", at, message));
        }
        if self.depth() >= self.limits.depth {
            let message = format!("Elements are nested more than {} deep.", self.limits.depth);
            return Err(Fault::new("X04-depth", at, message));
        }
        let inside = raw.strip_prefix('<').unwrap_or_default();
        let inside = match inside.strip_suffix("/>") {
            Some(inside) if kind == Kind::Empty => inside,
            _ => inside.strip_suffix('>').unwrap_or_default(),
        };
        let depth = self.depth();
        let mut scene = tag::Scene {
            namespaces: &mut self.namespaces,
            attributes: &mut self.attributes,
            depth,
            limits: self.limits,
        };
        let (tag, name) = if kind == Kind::Plain {
            (tag::plain(inside, at, &mut scene)?, inside)
        } else {
            tag::read(inside, at, &mut scene)?
        };
        self.open.push(name);
        if kind == Kind::Empty {
            self.empty_at = Some(at);
        }
        Ok(Event::Start(tag))
    }

    fn end(&mut self, raw: &'a str, at: usize) -> Result<(), Fault> {
        let name = raw
            .strip_prefix("</")
            .and_then(|rest| rest.strip_suffix('>'))
            .unwrap_or_default();
        let name = trimmed_end(name);
        if self.open.last() == Some(&name) {
            self.close();
            return Ok(());
        }
        let shown = crate::check::found::shorten(name);
        let message = match self.open.last() {
            Some(open) => {
                format!("The end tag '</{shown}>' does not close the open element '{open}'.")
            }
            None => format!("The end tag '</{shown}>' closes nothing."),
        };
        Err(Fault::new("X01-end-tag", at, message))
    }

    fn close(&mut self) {
        self.open.pop();
    }

    fn depth(&self) -> u32 {
        u32::try_from(self.open.len()).unwrap_or(u32::MAX)
    }

    fn characters(&mut self, raw: &'a str, at: usize) -> Result<(), Fault> {
        if self.open.is_empty() {
            if is_all_blank(raw) {
                return Ok(());
            }
            let blanks = leading_blanks(raw);
            let side = if self.has_root { "after" } else { "before" };
            let message = format!("There is text {side} the root element.");
            return Err(Fault::new("X01-outside-root", at + blanks, message));
        }
        if self.has_brackets
            && raw.as_bytes().contains(&b']')
            && let Some(inside) = raw.find("]]>")
        {
            let message = "There is a ']]>' in text.";
            return Err(
                Fault::new("X01-text", at + inside, message).with_help("Write ']]&gt;' for it.")
            );
        }
        self.joined.push(raw, at);
        self.must_be_short()
    }

    fn must_be_short(&self) -> Result<(), Fault> {
        if is_past(self.joined.as_str().len(), self.limits.text_bytes) {
            let most = self.limits.text_bytes;
            let message = format!("A text is longer than {most} octets.");
            return Err(Fault::new("X04-text", self.joined.at, message));
        }
        Ok(())
    }

    fn must_be_inside(&self, at: usize, what: &str) -> Result<(), Fault> {
        if self.open.is_empty() {
            let message = format!("{what} stands outside the root element.");
            return Err(Fault::new("X01-outside-root", at, message));
        }
        Ok(())
    }

    fn done(&self, at: usize) -> Result<Event<'a>, Fault> {
        match self.open.last() {
            Some(open) => Err(unclosed(at, &format!("element '{open}' is still open"))),
            None if self.has_root => Ok(Event::Done),
            None => Err(Fault::new("X01-no-root", at, "There is no root element.")),
        }
    }

    fn illegal_character(&self, at: usize) -> Fault {
        let letter = self.text.get(at..).and_then(|rest| rest.chars().next());
        let number = letter.map_or(0, u32::from);
        let help = if number == 0 {
            "NUL octets often mean that the file was cut or padded while it was sent: send it again."
        } else {
            "Remove it where the file is made."
        };
        let message = format!("The character U+{number:04X} may not stand in XML.");
        Fault::new("X01-character", at, message).with_help(help)
    }
}

/// Our words for what is no token.
fn cannot_go_on(broken: Broken, at: usize) -> Fault {
    match broken {
        Broken::Unclosed(what) => unclosed(at, &format!("{what} is never closed")),
        Broken::Reference => Fault::new("X01-reference", at, "A '&' begins no reference.")
            .with_help("Write '&amp;' for a '&'."),
        Broken::Markup => Fault::new("X01-markup", at, "A '<' begins nothing that XML knows.")
            .with_help("Write '&lt;' for a '<' that does not begin a tag."),
    }
}

fn trimmed_end(text: &str) -> &str {
    text.trim_end_matches([' ', '\t', '\n', '\r'])
}

fn unclosed(at: usize, what: &str) -> Fault {
    Fault::new(
        "X01-unclosed",
        at,
        format!("The file ends too early: {what}."),
    )
    .with_help("The file may have been cut while it was sent: send it again.")
}

fn unknown_reference(raw: &str, at: usize) -> Fault {
    let shown = crate::check::found::shorten(raw);
    Fault::new(
        "X01-reference",
        at,
        format!("The reference '{shown}' stands for nothing."),
    )
    .with_help("XML knows &amp; &lt; &gt; &apos; &quot; and numbers of legal characters.")
}

fn doctype(at: usize) -> Fault {
    Fault::new(
        "X03-doctype",
        at,
        "The file has a DOCTYPE; it was not read further.",
    )
    .with_help("Leave the DOCTYPE out: it is never needed, and refused for safety.")
}

fn check_comment(raw: &str, at: usize) -> Result<(), Fault> {
    let inside = raw
        .strip_prefix("<!--")
        .and_then(|rest| rest.strip_suffix("-->"))
        .unwrap_or("--");
    if inside.contains("--") || inside.ends_with('-') {
        return Err(Fault::new(
            "X01-comment",
            at,
            "There is a '--' inside a comment.",
        ));
    }
    Ok(())
}

fn check_instruction(raw: &str, at: usize) -> Result<(), Fault> {
    let inside = raw
        .strip_prefix("<?")
        .and_then(|rest| rest.strip_suffix("?>"))
        .unwrap_or_default();
    let name = inside
        .split([' ', '\t', '\n', '\r'])
        .next()
        .unwrap_or_default();
    if !is_plain_name(name) || name.eq_ignore_ascii_case("xml") {
        let message = "A processing instruction has no name, or one that XML keeps for itself.";
        return Err(Fault::new("X01-instruction", at, message));
    }
    Ok(())
}
