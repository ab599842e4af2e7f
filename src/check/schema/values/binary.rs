//! Octets written as text: Base64 and hexadecimal.

use crate::check::xml::chars::is_blank;

/// What each octet means in Base64: six bits, or one of these.
const BITS: [u8; 256] = bits();
const PADDING: u8 = 64;
const BLANK: u8 = 65;
const NEITHER: u8 = 66;

#[expect(
    clippy::indexing_slicing,
    reason = "computed by the compiler, which would notice"
)]
const fn bits() -> [u8; 256] {
    let mut table = [NEITHER; 256];
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    let mut number = 0;
    while number < letters.len() {
        // The last is the padding.
        #[expect(clippy::cast_possible_truncation, reason = "there are 65 letters")]
        let bits = number as u8;
        table[letters[number] as usize] = bits;
        number += 1;
    }
    let mut octet = 0_u8;
    while octet < 0x21 {
        if is_blank(octet) {
            table[octet as usize] = BLANK;
        }
        octet += 1;
    }
    table
}

/// How many octets `value` stands for if it is Base64, with blanks anywhere, padded, and its unused
/// bits zero.
pub(crate) fn base64_len(value: &str) -> Option<usize> {
    let mut count = 0_usize;
    let mut padding = 0_usize;
    let mut last = 0_u8;
    for octet in value.bytes() {
        match BITS.get(usize::from(octet)).copied().unwrap_or(NEITHER) {
            bits @ 0..=63 if padding == 0 => {
                count += 1;
                last = bits;
            }
            PADDING => padding += 1,
            BLANK => {}
            _ => return None,
        }
    }
    let whole = count / 4 * 3;
    match (count % 4, padding) {
        (0, 0) => Some(whole),
        (2, 2) => (last.trailing_zeros() >= 4).then_some(whole + 1),
        (3, 1) => (last.trailing_zeros() >= 2).then_some(whole + 2),
        _ => None,
    }
}

/// How many octets `value` stands for if it is hexadecimal, two digits each.
pub(crate) fn hex_len(value: &str) -> Option<usize> {
    let is_hex =
        value.len().is_multiple_of(2) && value.bytes().all(|octet| octet.is_ascii_hexdigit());
    is_hex.then_some(value.len() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_may_be_wrapped_but_not_loose() {
        for (good, octets) in [
            ("", 0),
            ("AAAA", 3),
            ("AA==", 1),
            ("AAA=", 2),
            ("AAAA\nAAAA", 6),
            (" A A A A ", 3),
            ("QQ= =", 1),
        ] {
            assert_eq!(base64_len(good), Some(octets), "{good:?}");
        }
        for bad in [
            "A", "AA", "AAA", "A===", "AB==", "AAB=", "AA=A", "====", "A-A_", "AAAA=", "=AAA",
        ] {
            assert_eq!(base64_len(bad), None, "{bad}");
        }
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(hex_len(""), Some(0));
        assert_eq!(hex_len("0fB7"), Some(2));
        for bad in ["0", "0FB", "0G", "0F B7", "0x0F"] {
            assert_eq!(hex_len(bad), None, "{bad}");
        }
    }
}
