//! Character and entity references, line ends, and the blanks of attribute values.

use std::borrow::Cow;

use crate::check::xml::chars::is_legal;

/// What the reference between `&` and `;` stands for; `None` if nothing.
pub(crate) fn resolve(name: &str) -> Option<char> {
    match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "apos" => return Some('\''),
        "quot" => return Some('"'),
        _ => {}
    }
    let digits = name.strip_prefix('#')?;
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (digits, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    // A number too large for u32 is no character either.
    let number = u32::from_str_radix(digits, radix).ok()?;
    char::from_u32(number).filter(|letter| is_legal(*letter))
}

/// Text with every line end made one `\n`, as the recommendation asks.
pub(crate) fn with_plain_line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What is wrong with a raw attribute value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadValue {
    /// A `<`.
    LessThan,
    /// A `&` that begins no known reference.
    Reference,
}

/// A raw attribute value as an application sees it.
pub(crate) fn attribute_value(raw: &str) -> Result<Cow<'_, str>, BadValue> {
    if raw.contains('<') {
        return Err(BadValue::LessThan);
    }
    if !raw.contains(['&', '\t', '\n', '\r']) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        push_spaced(&mut value, before);
        let (name, after) = reference
            .get(1..)
            .and_then(|inside| inside.split_once(';'))
            .ok_or(BadValue::Reference)?;
        value.push(resolve(name).ok_or(BadValue::Reference)?);
        rest = after;
    }
    push_spaced(&mut value, rest);
    Ok(Cow::Owned(value))
}

fn push_spaced(value: &mut String, text: &str) {
    value.push_str(&with_plain_line_ends(text).replace(['\n', '\t'], " "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_five_entities_and_legal_characters_resolve() {
        assert_eq!(resolve("lt"), Some('<'));
        assert_eq!(resolve("#x31"), Some('1'));
        assert_eq!(resolve("#10"), Some('\n'));
        for bad in [
            "",
            "#",
            "#x",
            "nbsp",
            "#0",
            "#1",
            "#xFFFF",
            "#xD800",
            "#X31",
            "#-1",
            "#+1",
            "#99999999999999999999",
            "# 1",
            "LT",
        ] {
            assert_eq!(resolve(bad), None, "{bad}");
        }
    }

    #[test]
    fn blanks_in_attribute_values_are_spaces_but_not_those_of_references() {
        assert_eq!(attribute_value("plain").unwrap(), "plain");
        assert_eq!(
            attribute_value("a\r\nb\tc&#10;d&amp;").unwrap(),
            "a b c\nd&"
        );
        assert_eq!(attribute_value("ab<c"), Err(BadValue::LessThan));
        assert_eq!(attribute_value("ab&c"), Err(BadValue::Reference));
        assert_eq!(attribute_value("&lt;&x;"), Err(BadValue::Reference));
    }
}
