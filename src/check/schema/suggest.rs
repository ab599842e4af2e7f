//! Which of the words allowed somebody probably meant.

/// The word of `allowed` that `found` is but for its case, or blanks around it.
pub(crate) fn same_but_for_case<'a>(
    found: &str,
    mut allowed: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let found = found.trim();
    allowed.find(|word| word.eq_ignore_ascii_case(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_are_forgiven_and_nothing_else() {
        let allowed = ["IviReferenceId", "M1"];
        let suggest = |found| same_but_for_case(found, allowed.iter().copied());
        assert_eq!(suggest("IVIReferenceId"), Some("IviReferenceId"));
        assert_eq!(suggest("M1 "), Some("M1"));
        assert_eq!(suggest("M2"), None);
    }
}
