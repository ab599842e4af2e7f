//! A file as lines to look at: which line a place is in, what of it is meant, and how it shows.

use crate::domain::outcome::{Finding, Layer, Place};

/// The widest piece of a line that is shown, in columns of the terminal.
///
/// Reason: with its gutter it fits a terminal of 120 columns, and a generated file can be one line.
const SHOWN_COLUMNS_MAX: usize = 110;

/// How much of a clipped line stands before what is meant.
const BEFORE_COLUMNS: usize = 30;

/// How many columns a tab takes, wherever it stands.
const TAB_COLUMNS: usize = 4;

/// The lines of one file.
#[derive(Debug)]
pub(super) struct Source<'a> {
    text: &'a str,
    /// Where each line begins.
    starts: Vec<usize>,
}

/// A line, and what of it a finding means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line, or the part of it around what is meant, fit to be shown.
    pub(super) line: String,
    /// How many columns of it stand before what is meant.
    pub(super) before: usize,
    /// How many columns are meant; at least one.
    pub(super) width: usize,
    /// Is it the finding's value that is meant?
    pub(super) is_value: bool,
}

/// A part of a line, in octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: usize,
    to: usize,
    is_value: bool,
}

impl<'a> Source<'a> {
    /// Parts `text` into lines as findings count them: at `\n`, `\r\n` and `\r`.
    pub(super) fn new(text: &'a str) -> Self {
        let octets = text.as_bytes();
        let is_end = |at: usize| match octets.get(at) {
            Some(b'\n') => true,
            Some(b'\r') => octets.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let mut starts = vec![0];
        starts.extend((0..octets.len()).filter(|at| is_end(*at)).map(|at| at + 1));
        Self { text, starts }
    }

    /// The line of a finding's place, marked; `None` if there is no such place in the file.
    pub(super) fn excerpt(&self, finding: &Finding) -> Option<Excerpt> {
        let Place { line, column } = finding.place?;
        let number = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(number)?;
        let end = self.starts.get(number + 1).copied();
        let line = self.text.get(start..end.unwrap_or(self.text.len()))?;
        let line = line.trim_end_matches(['\n', '\r']);
        let skipped = usize::try_from(column).ok()?.checked_sub(1)?;
        let from = line
            .char_indices()
            .map(|(at, _)| at)
            .chain([line.len()])
            .nth(skipped)
            .unwrap_or(line.len());
        Some(shown(line, span(line, from, finding)))
    }
}

/// What a finding at `from` means: its value, the name of a tag, an attribute, a run of text.
fn span(line: &str, from: usize, finding: &Finding) -> Span {
    let rest = line.get(from..).unwrap_or_default();
    let is_deep = finding.layer >= Layer::Schema;
    // An element in the wrong place is meant by its name.
    let is_name = finding.code.starts_with("S02") && rest.starts_with('<');
    if is_deep
        && !is_name
        && finding.value.is_some()
        && let Some((start, length)) = content(rest)
    {
        return Span {
            from: from + start,
            to: from + start + length,
            is_value: true,
        };
    }
    let attribute = attribute(rest);
    let length = if rest.starts_with('<') {
        tag(rest)
    } else if finding.layer == Layer::Encoding {
        let value = finding.value.as_deref().unwrap_or_default();
        if rest.starts_with(value) {
            value.len()
        } else {
            0
        }
    } else if rest.starts_with('&') {
        rest.find(';')
            .filter(|end| *end < 12)
            .map_or(1, |end| end + 1)
    } else if let Some(length) = attribute {
        length
    } else if is_deep {
        rest.split('<')
            .next()
            .map_or(0, |text| text.trim_end().len())
    } else {
        0
    };
    let one = rest.chars().next().map_or(0, char::len_utf8);
    Span {
        from,
        to: from + length.max(one),
        is_value: is_name || (is_deep && attribute == Some(length) && finding.value.is_some()),
    }
}

/// The length of a tag's beginning: `<Name`, with its `>` if that follows.
fn tag(rest: &str) -> usize {
    let is_end =
        |letter: char| letter.is_whitespace() || matches!(letter, '>' | '/' | '=' | '"' | '\'');
    let after = if rest.starts_with("</") { 2 } else { 1 };
    let name = rest.get(after..).unwrap_or_default();
    let length = after + name.find(is_end).unwrap_or(name.len());
    let closing = rest.get(length..).unwrap_or_default();
    if closing.starts_with("/>") {
        length + 2
    } else if closing.starts_with('>') {
        length + 1
    } else {
        length
    }
}

/// Where the text of the element that begins `rest` stands, and its length, if both are in this
/// line and there is any.
fn content(rest: &str) -> Option<(usize, usize)> {
    let opened = rest
        .strip_prefix('<')
        .filter(|name| !name.starts_with(['/', '!', '?']))?;
    let mut quote = None;
    let end = opened.find(|letter| {
        match quote {
            Some(open) if letter == open => quote = None,
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            _ => {}
        }
        letter == '>' && quote.is_none()
    })?;
    let (tag, after) = opened.split_at_checked(end)?;
    let text = after.strip_prefix('>')?.split('<').next()?;
    (!tag.ends_with('/') && !text.is_empty()).then_some((end + 2, text.len()))
}

/// The length of the attribute that begins `rest`: its name, `=` and quoted value.
fn attribute(rest: &str) -> Option<usize> {
    let name = rest.find('=')?;
    let is_name =
        |letter: char| letter.is_alphanumeric() || matches!(letter, ':' | '_' | '-' | '.');
    if name == 0 || !rest.get(..name)?.chars().all(is_name) {
        return None;
    }
    let value = rest.get(name + 1..)?;
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    let end = value.get(1..)?.find(quote)?;
    Some(name + 1 + end + 2)
}

/// The line around `span`, clipped, each character as it shows.
fn shown(line: &str, span: Span) -> Excerpt {
    let before = line.get(..span.from).unwrap_or_default();
    let meant = line.get(span.from..span.to).unwrap_or_default();
    let after = line.get(span.to..).unwrap_or_default();
    let meant = clipped(meant.chars(), SHOWN_COLUMNS_MAX - BEFORE_COLUMNS);
    let room = SHOWN_COLUMNS_MAX - meant.columns;
    let all_after = clipped(after.chars(), room);
    // What the end of the line leaves free, the beginning may have.
    let room_before = if all_after.is_whole {
        room - all_after.columns
    } else {
        BEFORE_COLUMNS
    };
    let whole_before = clipped(before.chars().rev(), room_before);
    let after = if meant.is_whole {
        clipped(after.chars(), room - whole_before.columns)
    } else {
        clipped("".chars(), 0)
    };
    let mut text = String::new();
    if !whole_before.is_whole {
        text.push('…');
    }
    text.extend(whole_before.letters.chars().rev());
    text.push_str(&meant.letters);
    text.push_str(&after.letters);
    if !(meant.is_whole && after.is_whole) {
        text.push('…');
    }
    Excerpt {
        line: text.trim_end().to_owned(),
        before: whole_before.columns + usize::from(!whole_before.is_whole),
        width: meant.columns.max(1),
        is_value: span.is_value,
    }
}

/// As many characters as there is room for.
#[derive(Debug)]
struct Clipped {
    letters: String,
    columns: usize,
    is_whole: bool,
}

fn clipped(letters: impl Iterator<Item = char>, room: usize) -> Clipped {
    let mut clipped = Clipped {
        letters: String::new(),
        columns: 0,
        is_whole: true,
    };
    for letter in letters {
        let (first, times) = match letter {
            '\t' => (' ', TAB_COLUMNS),
            _ => (visible(letter), 1),
        };
        let columns = width(first) * times;
        if clipped.columns + columns > room {
            clipped.is_whole = false;
            break;
        }
        clipped.columns += columns;
        clipped.letters.extend(std::iter::repeat_n(first, times));
    }
    clipped
}

/// A character that shows, in the place of one that does not or that steers the terminal.
fn visible(letter: char) -> char {
    match letter {
        // The pictures of the control characters stand in their order.
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or('\u{FFFD}'),
        '\u{7F}' => '␡',
        '\u{80}'..='\u{9F}'
        | '\u{AD}'
        | '\u{61C}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{FFFE}'..='\u{FFFF}'
        | '\u{E0000}'..='\u{E0FFF}' => '\u{FFFD}',
        _ => letter,
    }
}

/// How many columns a character takes, near enough: East Asian ones two, marks above others none.
const fn width(letter: char) -> usize {
    match letter {
        '\u{300}'..='\u{36F}'
        | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5BD}'
        | '\u{64B}'..='\u{65F}'
        | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FE20}'..='\u{FE2F}' => 0,
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{303E}'
        | '\u{3041}'..='\u{A4CF}'
        | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}'
        | '\u{1F300}'..='\u{1F64F}'
        | '\u{1F900}'..='\u{1F9FF}'
        | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::Severity;

    fn finding(line: u32, column: u32, layer: Layer, value: Option<&str>) -> Finding {
        Finding {
            code: "S03-x",
            severity: Severity::Error,
            layer,
            place: Some(Place { line, column }),
            path: String::new(),
            value: value.map(str::to_owned),
            expected: None,
            message: String::new(),
            help: std::borrow::Cow::default(),
        }
    }

    /// The line with `[` and `]` around what is meant.
    fn marked(text: &str, finding: &Finding) -> String {
        let Excerpt {
            line,
            before,
            width,
            ..
        } = Source::new(text).excerpt(finding).unwrap();
        let mut letters: Vec<char> = line.chars().collect();
        letters.resize(letters.len().max(before + width), ' ');
        letters.insert(before + width, ']');
        letters.insert(before, '[');
        letters.into_iter().collect()
    }

    #[test]
    fn what_is_meant_is_taken_from_the_octets_at_the_place() {
        let schema = |column, value| finding(2, column, Layer::Schema, value);
        for (line, finding, expected) in [
            ("<A>n1</A>", schema(1, Some("n1")), "<A>[n1]</A>"),
            (
                "<A x='>'>n1 </A>",
                schema(1, Some("n1 ")),
                "<A x='>'>[n1 ]</A>",
            ),
            ("<A>n1</A>", schema(1, None), "[<A>]n1</A>"),
            ("<A></A>", schema(1, Some("")), "[<A>]</A>"),
            ("<A/>", schema(1, None), "[<A/>]"),
            ("<A b='1'>", schema(1, None), "[<A] b='1'>"),
            (
                "<A b='1' c=\"2\">",
                schema(4, Some("1")),
                "<A [b='1'] c=\"2\">",
            ),
            ("x</A>", schema(2, None), "x[</A>]"),
            (" stray <A>", schema(2, Some("stray")), " [stray] <A>"),
            ("<A>\t7", schema(5, None), "<A>    [7]"),
        ] {
            assert_eq!(
                marked(&format!("\r\n{line}\n"), &finding),
                expected,
                "{line}"
            );
        }
        let misplaced = Finding {
            code: "S02-x",
            ..schema(1, Some("A"))
        };
        assert_eq!(marked("\n<A>n1</A>", &misplaced), "[<A>]n1</A>");
        let xml = |column| finding(1, column, Layer::Xml, None);
        for (line, finding, expected) in [
            ("<a>x&nbsp;</a>", xml(5), "<a>x[&nbsp;]</a>"),
            ("<a>x & y</a>", xml(6), "<a>x [&] y</a>"),
            ("<a>\u{1}</a>", xml(4), "<a>[␁]</a>"),
            ("<a b='1' b='2'>", xml(10), "<a b='1' [b='2']>"),
            ("<!DOCTYPE a>", xml(1), "[<!DOCTYPE] a>"),
            ("<a>", xml(4), "<a>[ ]"),
            ("<a/>x y", xml(5), "<a/>[x] y"),
        ] {
            assert_eq!(marked(line, &finding), expected, "{line}");
        }
    }

    #[test]
    fn a_long_line_is_clipped_around_what_is_meant() {
        let long = format!("{}<A>n1</A>{}", "é".repeat(5000), "x".repeat(5000));
        let found = finding(1, 5001, Layer::Schema, Some("n1"));
        let excerpt = Source::new(&long).excerpt(&found).unwrap();
        assert!(excerpt.line.starts_with('…') && excerpt.line.ends_with('…'));
        assert_eq!(excerpt.line.chars().count(), SHOWN_COLUMNS_MAX + 2);
        assert_eq!((excerpt.before, excerpt.width), (BEFORE_COLUMNS + 1, 2));
        let value = format!("<A>{}</A>", "y".repeat(5000));
        let found = finding(1, 1, Layer::Schema, Some("yy"));
        let excerpt = Source::new(&value).excerpt(&found).unwrap();
        assert!(excerpt.line.starts_with("<A>y") && excerpt.line.ends_with("y…"));
        assert_eq!((excerpt.before, excerpt.width), (3, 80));
        let short = format!("{}<A>n1</A>", "é".repeat(90));
        let found = finding(1, 91, Layer::Schema, Some("n1"));
        assert_eq!(Source::new(&short).excerpt(&found).unwrap().line, short);
    }

    #[test]
    fn every_place_in_a_hostile_line_has_an_excerpt_that_fits() {
        let line = "\t<é 名='\u{202E}\0&x;'>\u{1b}[2J𝄞\u{301} ]]>";
        for column in 1..=u32::try_from(line.chars().count()).unwrap() + 2 {
            for layer in [Layer::Encoding, Layer::Xml, Layer::Schema, Layer::Rule] {
                let found = finding(1, column, layer, Some("v"));
                let excerpt = Source::new(line).excerpt(&found).unwrap();
                assert!(!excerpt.line.chars().any(char::is_control), "{excerpt:?}");
                assert!(excerpt.width >= 1 && excerpt.before + excerpt.width < 120);
            }
        }
        assert_eq!(
            Source::new("a").excerpt(&finding(2, 1, Layer::Xml, None)),
            None
        );
        assert_eq!(
            Source::new("a").excerpt(&finding(0, 0, Layer::Xml, None)),
            None
        );
    }
}
