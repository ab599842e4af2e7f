//! Passwords: argon2id, with what OWASP asks for at least (19 MiB, two passes, one lane).

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::domain::submission::NUMBER_ALPHABET;
use crate::runtime;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The hash of a password that nobody has: verified when there is no user, so that it takes as long.
pub(super) const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$\
    AAECAwQFBgcICQoLDA0ODw$4uAsXEBVmiyKGUR0ZIGDPBZtnmHD8M1Wwvr+AKCvBCs";

/// The argon2id hash of a new password, as a PHC string. Takes some tens of milliseconds: call it
/// on a thread that may block.
pub fn hash(password: &str) -> String {
    let salt: [u8; 16] = runtime::random();
    let hashed = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .ok()
        .map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
        .and_then(|argon2| {
            argon2
                .hash_password_with_salt(password.as_bytes(), &salt)
                .ok()
        });
    // `None` only for a password of 4 GiB; the empty hash then lets nobody in.
    hashed.map(|hash| hash.to_string()).unwrap_or_default()
}

/// A new password of 100 random bits, in groups that can be read out: `k7m2q-…`.
pub fn make() -> String {
    let mut password = String::new();
    for (index, octet) in runtime::random::<20>().into_iter().enumerate() {
        if index > 0 && index % 5 == 0 {
            password.push('-');
        }
        // Five bits of each octet choose one of 32 letters.
        if let Some(letter) = NUMBER_ALPHABET.get(usize::from(octet & 31)) {
            password.push(char::from(letter.to_ascii_lowercase()));
        }
    }
    password
}

/// Is it the password of this hash? The parameters are those in the hash.
pub(super) fn verify(hash: &str, password: &str) -> bool {
    Argon2::default()
        .verify_password(password.as_bytes(), hash)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_alone() {
        let one = hash("correct horse");
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, hash("correct horse"), "each hash has its own salt");
        assert!(verify(&one, "correct horse"));
        assert!(!verify(&one, "correct horse "));
        assert!(!verify("", ""));
    }

    #[test]
    fn the_hash_for_nobody_costs_as_much_as_a_real_one() {
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        let real = hash("x");
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(nobodys.params, real.params);
        assert!(!verify(NOBODYS, ""));
    }
}
