//! The verification code of the registration form: drawn and spoken by us, never sent in clear.
//!
//! *Trust*: a code is a small obstacle for programs that fill in forms, and no more. Behind it stand
//! the hidden field, the time a person needs, the rate limits and the mailed link.
//!
//! *Why not* a crate: the one that draws and speaks codes brings an image library of 89,000 lines
//! for a grey picture of 30 kB.

mod audio;
mod chance;
mod glyphs;
mod image;
mod png;

use std::sync::OnceLock;

use crate::domain::submission::Sha256;
use crate::intake::digest;
use crate::runtime;
use crate::web::challenge::chance::Chance;

pub(crate) use audio::speak;
pub(crate) use image::draw;

/// What codes are made of: no two of them look alike in any distortion, in either case.
const ALPHABET: &[u8; 23] = b"23456789ACDEFHKMNPRTWXY";

/// Of these the small letter looks different enough to be worth drawing.
const SMALL: &[u8] = b"AEFHKMNPRT";

/// Characters of a code.
///
/// Source: row D7 of the portal's guide; 23 to the power of 7 is three thousand million.
pub(crate) const LENGTH: usize = 7;

/// A new code, letters in mixed case; the case does not count when it is answered.
pub(crate) fn code() -> String {
    let mut chance = Chance::new(runtime::random());
    let mut code = String::with_capacity(LENGTH);
    for _letter in 0..LENGTH {
        let letter = chance.one_of(ALPHABET);
        let is_small = SMALL.contains(&letter) && chance.below(2) == 0;
        code.push(char::from(if is_small {
            letter.to_ascii_lowercase()
        } else {
            letter
        }));
    }
    code
}

/// How the code behind `token` is distorted: the same whenever it is asked for, so that nothing is
/// gained by asking often; and decided by a secret, so that nobody can compute it.
fn chance_of(token: &Sha256, use_: &str) -> Chance {
    static SECRET: OnceLock<[u8; 32]> = OnceLock::new();
    let secret = SECRET.get_or_init(runtime::random);
    let mut octets = secret.to_vec();
    octets.extend_from_slice(use_.as_bytes());
    octets.extend_from_slice(token.as_str().as_bytes());
    let mixed = digest(&octets);
    let mut seed = [0; 8];
    for (place, octet) in seed.iter_mut().zip(mixed.as_str().bytes().skip(8)) {
        *place = octet;
    }
    // Hexadecimal digits hold four bits each; both halves of the digest make up for it.
    let rest = mixed.as_str().bytes().skip(32);
    for (place, octet) in seed.iter_mut().zip(rest) {
        *place ^= octet.rotate_left(4);
    }
    Chance::new(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_seven_characters_that_can_be_drawn_and_spoken() {
        let mut seen = std::collections::BTreeSet::new();
        for _code in 0..300 {
            let code = code();
            assert_eq!(code.len(), LENGTH);
            for letter in code.chars() {
                assert!(!glyphs::strokes(letter).is_empty(), "{letter}");
                assert!(ALPHABET.contains(&letter.to_ascii_uppercase().try_into().unwrap()));
                seen.insert(letter);
            }
        }
        assert_eq!(seen.len(), ALPHABET.len() + SMALL.len());
    }

    #[test]
    fn the_same_token_is_distorted_in_the_same_way_and_another_in_another() {
        let (one, other) = (digest(b"1"), digest(b"2"));
        let roll = |token, use_| chance_of(token, use_).below(u32::MAX);
        assert_eq!(roll(&one, "image"), roll(&one, "image"));
        assert_ne!(roll(&one, "image"), roll(&other, "image"));
        assert_ne!(roll(&one, "image"), roll(&one, "audio"));
    }
}
