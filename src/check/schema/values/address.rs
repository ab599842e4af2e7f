//! Addresses, `xs:anyURI`.

/// Could `value` be an address? Most characters may stand unescaped in one; its scheme, its escapes
/// and its one fragment must be right.
pub(crate) fn is_address(value: &str) -> bool {
    let mut escapes = value.split('%').skip(1).map(str::as_bytes);
    let are_escapes_right = escapes.all(|after| {
        matches!(after, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
    });
    let is_scheme_right = match value
        .find([':', '/', '?', '#'])
        .map(|at| value.split_at(at))
    {
        Some((scheme, rest)) if rest.starts_with(':') => {
            scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && scheme
                    .bytes()
                    .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
        }
        _ => true,
    };
    are_escapes_right && is_scheme_right && value.matches('#').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_a_right_scheme_if_it_has_one() {
        for good in [
            "",
            "#id",
            "a b/c",
            "http://example.com/?q=1#x",
            "urn:x:y",
            "../é",
            "a%20b",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["http ://x", ":x", "1a:b", "a%2", "a%zz", "a#b#c"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
