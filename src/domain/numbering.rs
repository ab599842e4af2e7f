//! References that people read to each other: a prefix, and letters that nobody mixes up.

/// The letters: no `0 1 I O`, which people mix up on the telephone.
pub const NUMBER_ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A reference of random octets, a letter for five bits of each.
pub(super) fn draw(prefix: &str, octets: &[u8]) -> String {
    let letters = octets
        .iter()
        .filter_map(|octet| NUMBER_ALPHABET.get(usize::from(octet & 31)))
        .map(|letter| char::from(*letter));
    prefix.chars().chain(letters).collect()
}

/// The reference that was typed, in upper case; `None` if it is no prefix and so many letters.
pub(super) fn read(prefix: &str, letters: usize, typed: &str) -> Option<String> {
    let upper = typed.trim().to_ascii_uppercase();
    let fits = upper.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == letters && rest.bytes().all(|letter| NUMBER_ALPHABET.contains(&letter))
    });
    fits.then_some(upper)
}
