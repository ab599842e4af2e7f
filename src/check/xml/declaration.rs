//! The XML declaration: which encoding it names, and whether it is well formed.

use crate::check::xml::chars::{is_blank, trimmed};

/// The encoding that the declaration at the beginning of `text` names, and where the name stands.
///
/// Read leniently: the octets must be decoded before the declaration can be checked strictly.
pub(crate) fn encoding_named(text: &str) -> Option<(usize, &str)> {
    let inside = text.strip_prefix("<?xml")?;
    let inside = inside.get(..inside.find("?>")?)?;
    let after = trimmed_start(inside.get(inside.find("encoding")? + "encoding".len()..)?);
    let after = trimmed_start(after.strip_prefix('=')?);
    let quote = after
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    let value = after.get(1..)?;
    let at = "<?xml".len() + (inside.len() - value.len());
    Some((at, value.get(..value.find(quote)?)?))
}

/// Checks a whole declaration, `<?xml` to `?>`, and says what is wrong with it.
pub(crate) fn check(declaration: &str) -> Result<(), &'static str> {
    let inside = declaration
        .strip_prefix("<?xml")
        .and_then(|rest| rest.strip_suffix("?>"))
        .ok_or("it is not closed")?;
    let mut rest = inside;
    let version = pseudo_attribute(&mut rest, "version").ok_or("it does not begin with version")?;
    let is_version = version
        .strip_prefix("1.")
        .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()));
    if !is_version {
        return Err("its version is not 1.0");
    }
    if let Some(encoding) = pseudo_attribute(&mut rest, "encoding") {
        let is_name = encoding.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && encoding
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if !is_name {
            return Err("its encoding is not a name");
        }
    }
    if let Some(standalone) = pseudo_attribute(&mut rest, "standalone")
        && !matches!(standalone, "yes" | "no")
    {
        return Err("its standalone is neither yes nor no");
    }
    if trimmed(rest).is_empty() {
        Ok(())
    } else {
        Err("it holds something besides version, encoding and standalone, in this order")
    }
}

/// Takes ` name = "value"` off the front of `rest`, if it is there.
fn pseudo_attribute<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    if !rest.bytes().next().is_some_and(is_blank) {
        return None;
    }
    let after = trimmed_start(rest).strip_prefix(name)?;
    let after = trimmed_start(trimmed_start(after).strip_prefix('=')?);
    let quote = after
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, after) = after.get(1..)?.split_once(quote)?;
    *rest = after;
    Some(value)
}

fn trimmed_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_strict() {
        for good in [
            "<?xml version=\"1.0\"?>",
            "<?xml version = '1.0' encoding='UTF-8' standalone=\"yes\" ?>",
            "<?xml\n version='1.0' standalone='no'?>",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "<?xml?>",
            "<?xml encoding='UTF-8'?>",
            "<?xml version='2.0'?>",
            "<?xml version='1.'?>",
            "<?xml version='1.0'encoding='UTF-8'?>",
            "<?xml version='1.0' standalone='yes' encoding='UTF-8'?>",
            "<?xml version='1.0' encoding=' UTF-8'?>",
            "<?xml version='1.0' standalone='YES'?>",
            "<?xml version='1.0\"?>",
            "<?xml version='1.0' x='y'?>",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_encoding_is_found_before_anything_is_decoded() {
        let named = "<?xml version='1.0' encoding = \"ISO-8859-1\" ?><a/>";
        assert_eq!(encoding_named(named), Some((32, "ISO-8859-1")));
        assert_eq!(
            encoding_named("<?xml version='1.0'?><a encoding='x'/>"),
            None
        );
        assert_eq!(encoding_named("<a/>"), None);
        assert_eq!(encoding_named("<?xml encoding='never closed"), None);
    }
}
