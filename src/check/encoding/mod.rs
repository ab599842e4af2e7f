//! From octets to text: which encoding it is, and whether the octets keep to it.
//!
//! *Invariant*: never guesses. A mark, the declaration and the octets must agree; where they do
//! not, two readers could see two documents.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::check::found::{error, shorten};
use crate::check::xml::declaration::encoding_named;
use crate::domain::outcome::{Finding, Layer, Severity};

/// How much of a file that is no XML is looked at, to say what it seems to be.
const BEGINNING_BYTES_MAX: usize = 1024;

/// What decoding gave.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    /// The text without its byte order mark; after a fault, what stands before it.
    pub(crate) text: Cow<'a, str>,
    /// What is wrong or doubtful, and the offset in `text`; an error means that `text` is cut.
    pub(crate) finding: Option<(Finding, Option<usize>)>,
}

impl<'a> Decoded<'a> {
    fn whole(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            finding: None,
        }
    }

    /// `text` is what stands before the fault.
    fn cut(text: impl Into<Cow<'a, str>>, finding: Finding) -> Self {
        let text = text.into();
        let at = Some(text.len());
        Self {
            text,
            finding: Some((finding, at)),
        }
    }

    /// Nothing can be read; if the XML declaration is to blame, the finding points into it.
    fn unreadable(declared: Option<Declared>, finding: Finding) -> Self {
        let at = declared.as_ref().map(|declared| declared.at);
        let text = declared.map(|declared| declared.declaration);
        Self {
            text: Cow::Owned(text.unwrap_or_default()),
            finding: Some((finding, at)),
        }
    }
}

/// The encoding that an XML declaration names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Declared {
    name: String,
    /// Where the name stands in the declaration.
    at: usize,
    /// The whole declaration.
    declaration: String,
}

/// Which octets a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Utf8,
    Ascii,
    Latin1,
    Windows1252,
    Utf16Little,
    Utf16Big,
}

/// Decodes a file. `latin1` says what becomes of ISO 8859-1 and Windows-1252.
pub(crate) fn decode(octets: &[u8], latin1: Option<Severity>) -> Decoded<'_> {
    if let Some(rest) = octets.strip_prefix(UTF8_MARK) {
        return match declared(rest) {
            Some(other) if form_named(&other.name) != Some(Form::Utf8) => {
                contradiction("UTF-8", other)
            }
            _ => utf8(rest),
        };
    }
    if UTF32_BEGINNINGS
        .iter()
        .any(|start| octets.starts_with(start))
    {
        return not_taken("UTF-32");
    }
    if let Some((form, mark)) = utf16_form(octets) {
        let rest = octets.get(mark..).unwrap_or_default();
        return utf16(rest, form, mark > 0);
    }
    if octets.starts_with(EBCDIC_BEGINNING) {
        return not_taken("EBCDIC");
    }
    if !is_markup(octets) {
        // Whatever it is, it is not XML; `check` says so.
        let beginning = octets.get(..BEGINNING_BYTES_MAX).unwrap_or(octets);
        return Decoded::whole(String::from_utf8_lossy(beginning).into_owned());
    }
    match declared(octets) {
        None => utf8(octets),
        Some(declared) => by_name(octets, declared, latin1),
    }
}

/// The text of a file for people to look at, whatever is wrong with it: what is no character in
/// its encoding shows as U+FFFD. Up to the first such place it is what [`decode`] reads.
pub(crate) fn lossy(octets: &[u8]) -> Cow<'_, str> {
    if let Some(rest) = octets.strip_prefix(UTF8_MARK) {
        return String::from_utf8_lossy(rest);
    }
    if let Some((form, mark)) = utf16_form(octets) {
        let rest = octets.get(mark..).unwrap_or_default();
        return utf16_encoding(form).decode_without_bom_handling(rest).0;
    }
    match declared(octets).and_then(|declared| form_named(&declared.name)) {
        Some(Form::Latin1) => encoding_rs::mem::decode_latin1(octets),
        Some(Form::Windows1252) => WINDOWS_1252.decode_without_bom_handling(octets).0,
        _ => String::from_utf8_lossy(octets),
    }
}

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Both byte order marks of UTF-32, and a `<` in both orders.
const UTF32_BEGINNINGS: [&[u8]; 4] = [
    b"\x00\x00\xFE\xFF",
    b"\xFF\xFE\x00\x00",
    b"\x00\x00\x00<",
    b"<\x00\x00\x00",
];

/// `<?xm` in EBCDIC.
const EBCDIC_BEGINNING: &[u8] = b"\x4C\x6F\xA7\x94";

/// The order of UTF-16 that a file begins in, if it does, and how long its mark is.
fn utf16_form(octets: &[u8]) -> Option<(Form, usize)> {
    let begins: [(&[u8], Form, usize); 4] = [
        (b"\xFF\xFE", Form::Utf16Little, 2),
        (b"\xFE\xFF", Form::Utf16Big, 2),
        (b"<\0", Form::Utf16Little, 0),
        (b"\0<", Form::Utf16Big, 0),
    ];
    begins
        .into_iter()
        .find(|(start, ..)| octets.starts_with(start))
        .map(|(_, form, mark)| (form, mark))
}

fn utf16_encoding(form: Form) -> &'static Encoding {
    if form == Form::Utf16Big {
        UTF_16BE
    } else {
        UTF_16LE
    }
}

/// Is the first octet that is not blank a `<`?
fn is_markup(octets: &[u8]) -> bool {
    octets
        .iter()
        .find(|octet| !matches!(octet, b' ' | b'\t' | b'\r' | b'\n'))
        == Some(&b'<')
}

/// What the declaration of a file in single octets names. However long the declaration is, it is
/// read to its end: a name that is overlooked would be a guess.
fn declared(octets: &[u8]) -> Option<Declared> {
    if !octets.starts_with(b"<?xml") {
        return None;
    }
    let end = octets.windows(2).position(|two| two == b"?>")?;
    declared_in(&String::from_utf8_lossy(octets.get(..end + 2)?))
}

/// What the declaration that `text` begins with names.
fn declared_in(text: &str) -> Option<Declared> {
    let (at, name) = encoding_named(text)?;
    let declaration = text.get(..text.find("?>")? + 2)?.to_owned();
    Some(Declared {
        name: name.to_owned(),
        at,
        declaration,
    })
}

/// The form of octets that `name` stands for; UTF-16 of either order counts as little endian.
fn form_named(name: &str) -> Option<Form> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_str() {
        "utf-8" | "utf8" => Form::Utf8,
        "us-ascii" | "ascii" => Form::Ascii,
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "l1" => Form::Latin1,
        "windows-1252" | "cp1252" => Form::Windows1252,
        "utf-16" | "utf-16le" | "utf-16be" => Form::Utf16Little,
        _ => return None,
    })
}

fn by_name(octets: &[u8], declared: Declared, latin1: Option<Severity>) -> Decoded<'_> {
    match form_named(&declared.name) {
        Some(Form::Utf8) => utf8(octets),
        Some(Form::Ascii) => match octets.iter().position(|octet| !octet.is_ascii()) {
            Some(at) => bad_octets(octets, at, "US-ASCII"),
            None => utf8(octets),
        },
        Some(form @ (Form::Latin1 | Form::Windows1252)) => {
            one_octet(octets, form, &declared, latin1)
        }
        Some(Form::Utf16Little | Form::Utf16Big) => contradiction("single octets", declared),
        None => unknown(declared),
    }
}

fn utf8(octets: &[u8]) -> Decoded<'_> {
    match std::str::from_utf8(octets) {
        Ok(text) => Decoded::whole(text),
        Err(fault) => bad_octets(octets, fault.valid_up_to(), "UTF-8"),
    }
}

/// The finding about the first octet that breaks an encoding in which all before it is UTF-8.
fn bad_octets<'a>(octets: &'a [u8], at: usize, name: &str) -> Decoded<'a> {
    let before = octets.get(..at).unwrap_or_default();
    let text = std::str::from_utf8(before).unwrap_or_default();
    let octet = octets.get(at).copied().unwrap_or_default();
    let message = format!("The octet {octet:02X} is not {name}, which the file says it is.");
    let help = "Write the file in the encoding that its first line names; UTF-8 is best.";
    Decoded::cut(text, finding("N01-octets", &message, help))
}

fn one_octet<'a>(
    octets: &'a [u8],
    form: Form,
    declared: &Declared,
    policy: Option<Severity>,
) -> Decoded<'a> {
    let name = shorten(&declared.name);
    let decoded = |octets| match form {
        Form::Latin1 => encoding_rs::mem::decode_latin1(octets),
        _ => WINDOWS_1252.decode_without_bom_handling(octets).0,
    };
    // Five octets mean nothing in Windows-1252; the decoder lets them through as controls.
    let is_hole = |octet: &u8| matches!(octet, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D);
    if form == Form::Windows1252
        && let Some(at) = octets.iter().position(is_hole)
        && let Some((before, [octet, ..])) = octets.split_at_checked(at)
    {
        let message = format!("The octet {octet:02X} means nothing in {name}.");
        let help = "Write the file in UTF-8.";
        return Decoded::cut(decoded(before), finding("N01-octets", &message, help));
    }
    let text = decoded(octets);
    let Some(severity) = policy else {
        return Decoded::whole(text);
    };
    let message = format!("The file is written in {name}, not in UTF-8.");
    let policy = Finding {
        severity,
        expected: Some("UTF-8".to_owned()),
        value: Some(name),
        ..finding("N01-latin1", &message, "Write the file in UTF-8.")
    };
    Decoded {
        text,
        finding: Some((policy, Some(declared.at))),
    }
}

fn utf16(octets: &[u8], form: Form, has_mark: bool) -> Decoded<'_> {
    let order = if form == Form::Utf16Big {
        "utf-16be"
    } else {
        "utf-16le"
    };
    let mut decoder = utf16_encoding(form).new_decoder_without_bom_handling();
    let room = decoder
        .max_utf8_buffer_length_without_replacement(octets.len())
        .unwrap_or(0);
    let mut text = String::with_capacity(room);
    let (result, _) = decoder.decode_to_string_without_replacement(octets, &mut text, true);
    match declared_in(&text) {
        Some(declared)
            if !declared.name.eq_ignore_ascii_case("utf-16")
                && !declared.name.eq_ignore_ascii_case(order) =>
        {
            return contradiction(&order.to_ascii_uppercase(), declared);
        }
        None if !has_mark => {
            let message = "The file looks like UTF-16, but neither a byte order mark nor its first line says so.";
            let help = "Write the file in UTF-8.";
            return Decoded::unreadable(None, finding("N01-unmarked", message, help));
        }
        _ => {}
    }
    if matches!(result, DecoderResult::InputEmpty) {
        return Decoded::whole(text);
    }
    let message = "The octets are not UTF-16, which the file says it is.";
    let help = "Send the file again, or write it in UTF-8.";
    Decoded::cut(text, finding("N01-octets", message, help))
}

fn contradiction(found: &str, declared: Declared) -> Decoded<'static> {
    let name = shorten(&declared.name);
    let message = format!("The file's first line says {name}, but its octets are {found}.");
    let help = "Let the encoding in the first line be the one that the file is written in.";
    let finding = Finding {
        value: Some(name),
        expected: Some(found.to_owned()),
        ..finding("N01-contradiction", &message, help)
    };
    Decoded::unreadable(Some(declared), finding)
}

/// An encoding that the declaration names and that means nothing to us.
fn unknown(declared: Declared) -> Decoded<'static> {
    let name = shorten(&declared.name);
    let message = format!("The encoding '{name}' is not known here.");
    let finding = unknown_finding(name, &message);
    Decoded::unreadable(Some(declared), finding)
}

/// An encoding that the first octets show, and that is not taken.
fn not_taken(name: &str) -> Decoded<'static> {
    let message = format!("The file is written in {name}, which is not taken here.");
    Decoded::unreadable(None, unknown_finding(name.to_owned(), &message))
}

fn unknown_finding(name: String, message: &str) -> Finding {
    Finding {
        value: Some(name),
        expected: Some("UTF-8 or UTF-16".to_owned()),
        ..finding("N01-unknown", message, "Write the file in UTF-8.")
    }
}

fn finding(code: &'static str, message: &str, help: &'static str) -> Finding {
    error(code, Layer::Encoding, message, help)
}

#[cfg(test)]
mod tests;
