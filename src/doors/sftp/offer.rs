//! What users offer to prove who they are: which keys we take, and how an attempt is logged.

use russh::keys::ssh_key::public::RsaPublicKey;
use russh::keys::ssh_key::{Algorithm, PublicKey};

/// RSA keys of fewer bits are refused.
const RSA_BITS_MIN: u32 = 3072;

/// What a client sends about itself is logged up to so many letters.
const LOGGED_LETTERS_MAX: usize = 100;

/// The key as access knows it, if it is of a kind that we take.
pub(super) fn allowed(key: &PublicKey, algorithm: &Algorithm) -> Result<String, &'static str> {
    if *algorithm == (Algorithm::Rsa { hash: None }) {
        return Err("signs with SHA-1; update the client, or use an ECDSA or Ed25519 key");
    }
    let bits = key.key_data().rsa().map(RsaPublicKey::key_size);
    if bits.is_some_and(|bits| bits < RSA_BITS_MIN) {
        return Err("RSA of fewer than 3072 bits; make a new key");
    }
    let text = key
        .to_openssh()
        .map_err(|_| "of a kind that cannot be written")?;
    let words: Vec<&str> = text.split(' ').take(2).collect();
    Ok(words.join(" "))
}

/// What a client sent, fit for the log.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(LOGGED_LETTERS_MAX).collect();
    short.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use russh::keys::HashAlg;

    const RSA_2048: &str = "ssh-rsa \
        AAAAB3NzaC1yc2EAAAADAQABAAABAQDA+Qwg0bVff85X+BD0jMU+OTtSjgyebDRE4qL+V4vgXShx9LCHsrT925qSamfruvau\
        aVko6+RpnWKdupXjQ4V6BeyNKPEUTpE5olW+sNFZyMALpNzxzCeOXrOzPVF96HmDCkbWpdNw27wLpm4P7ou0mFk0dtbjLMv6\
        tgcBSg1rL/84HtzmwKwiSTVzMpgeiiQl4JVRZ+XIJTg4Hx83hgKJFbO3C38yRPTfUJChe6xstSDPaiJf9sbWFUqzkiQgU7I4\
        pSc/7iSwkjgNizwSSKCiU+V5UvVd8UuNaY3Pi13h9tz3W9tupcp0epUBHii/eKP+b1n9oHAMeVruC4KdMNjn";
    const RSA_3072: &str = "ssh-rsa \
        AAAAB3NzaC1yc2EAAAADAQABAAABgQCCObwXFwhR5Lg+QJXz0JL/y8KeShS0Q1S65rTOoOci0jiX0uKO6aTwJoOPP8kiljVz\
        Vsh8z1Pl0PAv+q5zcygGukA8QNmU42fTBfHRFEYv1RpcADnk25uo6J8ChdjkPaXfFjxPHl7npbXC2fCe9aTK+RZXxFcXdPKS\
        w/bXYv/DDRn48K3MvYBlRW3Lylj4uF1egoj9MLimVcC/6aYFpob5VeGFbrJjHJ+Rm2U+UX+j/e9G0nolh/xHU748FpitW3wH\
        eFlDhJtAiDzFo4y+XMat08pxhZ2FlG239rIWpkx8AQ2pmyt2cGUXsPlRt77GGerAFj6Z4n1LnE2tmvoxnuNQ98U/PpTomvEQ\
        I32lvNiopmUTREYIRV2UeMuH7yb7UCFDZnmPv9G8zxQ/Hf2/F3vBqPu7oMBRsrdvchoR3rILD7lesZYwDxsMcxEYsCDgvLB/\
        DOapUHoxkKgt330GgrMAkhK9cez6B2eRthP5PHudu4nKBd1xTCMapckEbs3h14s=";

    const SHA2: Algorithm = Algorithm::Rsa {
        hash: Some(HashAlg::Sha256),
    };

    #[test]
    fn rsa_is_taken_from_3072_bits_and_with_sha_2_alone() {
        let short = PublicKey::from_openssh(RSA_2048).unwrap();
        let long = PublicKey::from_openssh(RSA_3072).unwrap();
        assert_eq!(allowed(&long, &SHA2).as_deref(), Ok(RSA_3072));
        assert!(allowed(&long, &Algorithm::Rsa { hash: None }).is_err());
        assert!(allowed(&short, &SHA2).is_err());
        assert_eq!(shown("ann\n"), "ann\\n");
    }

    #[test]
    fn a_comment_is_no_part_of_a_key() {
        let key = PublicKey::from_openssh(&format!("{RSA_3072} ann's laptop")).unwrap();
        assert_eq!(allowed(&key, &SHA2).as_deref(), Ok(RSA_3072));
    }
}
