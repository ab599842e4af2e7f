//! What users offer to prove who they are: which keys we take, and how an attempt is logged.

use russh::keys::ssh_key::public::RsaPublicKey;
use russh::keys::ssh_key::{Algorithm, HashAlg, PublicKey};

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

/// An attempt with a key, for the log.
pub(super) fn tried_key(login: &str, key: &PublicKey, algorithm: &Algorithm) -> String {
    let why = allowed(key, algorithm).err().map(|why| format!(" ({why})"));
    format!(
        "'{}' with key {} {algorithm}{}",
        shown(login),
        key.fingerprint(HashAlg::Sha256),
        why.unwrap_or_default()
    )
}

/// What a client sent, fit for the log.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(LOGGED_LETTERS_MAX).collect();
    short.escape_debug().to_string()
}
