//! What this server offers in SSH: algorithms, methods, limits. All of it explicit, because the
//! library's defaults change with its versions.

use std::borrow::Cow;
use std::time::Duration;

use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKey};
use russh::server::Config;
use russh::{Limits, MethodKind, MethodSet, Preferred, SshId, cipher, compression, kex, mac};

use crate::config;

/// The name that the server shows; no version, which would only help those who look for old ones.
const SERVER_ID: &str = "SSH-2.0-ecocd";

/// Each wrong key or password costs so long. The first question of all, "none", costs nothing.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// Wrong keys and passwords of one connection. Clients with many keys try them one by one.
const ATTEMPTS_MAX: usize = 6;

/// A silent peer is given up after so many unanswered questions.
const KEEPALIVES_MAX: usize = 3;

/// A peer that does not read what we send, or does not hang up when told to, is cut after so long.
const STUCK_MAX: Duration = Duration::from_mins(5);

/// Without the finite-field groups: they cost 11 to 105 ms of a core before anybody has logged in.
const KEX: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::EXTENSION_SUPPORT_AS_SERVER,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
];

/// Host keys and users' keys. No RSA with SHA-1.
const KEYS: &[Algorithm] = &[
    Algorithm::Ed25519,
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP256,
    },
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP384,
    },
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP521,
    },
    Algorithm::Rsa {
        hash: Some(HashAlg::Sha512),
    },
    Algorithm::Rsa {
        hash: Some(HashAlg::Sha256),
    },
];

const CIPHERS: &[cipher::Name] = &[
    cipher::AES_256_GCM,
    cipher::AES_128_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_128_CTR,
];

const MACS: &[mac::Name] = &[mac::HMAC_SHA256_ETM, mac::HMAC_SHA512_ETM];

/// For clients that cannot be updated: one finite-field group besides, with SHA-2.
const LEGACY_KEX: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::DH_G14_SHA256,
    kex::EXTENSION_SUPPORT_AS_SERVER,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
];

/// For clients that cannot be updated: MACs over the plain text besides.
const LEGACY_MACS: &[mac::Name] = &[
    mac::HMAC_SHA256_ETM,
    mac::HMAC_SHA512_ETM,
    mac::HMAC_SHA256,
    mac::HMAC_SHA512,
];

/// How users may prove who they are.
pub(super) fn methods(passwords: bool) -> MethodSet {
    if passwords {
        MethodSet::from(&[MethodKind::PublicKey, MethodKind::Password][..])
    } else {
        MethodSet::from(&[MethodKind::PublicKey][..])
    }
}

/// The settings of every session; `is_legacy` for those of the legacy port.
pub(super) fn config(settings: &config::Sftp, keys: Vec<PrivateKey>, is_legacy: bool) -> Config {
    let rekey_after = usize::try_from(settings.rekey_after_bytes).unwrap_or(usize::MAX);
    let (kex, mac) = if is_legacy {
        (LEGACY_KEX, LEGACY_MACS)
    } else {
        (KEX, MACS)
    };
    Config {
        server_id: SshId::Standard(Cow::Borrowed(SERVER_ID)),
        methods: methods(settings.passwords),
        auth_rejection_time: REFUSAL_TIME,
        auth_rejection_time_initial: Some(Duration::ZERO),
        max_auth_attempts: ATTEMPTS_MAX,
        keys,
        inactivity_timeout: Some(STUCK_MAX),
        keepalive_interval: Some(settings.keepalive_every),
        keepalive_max: KEEPALIVES_MAX,
        nodelay: true,
        limits: Limits {
            rekey_write_limit: rekey_after,
            rekey_read_limit: rekey_after,
            rekey_time_limit: settings.rekey_after,
        },
        preferred: Preferred {
            kex: Cow::Borrowed(kex),
            key: Cow::Borrowed(KEYS),
            host_key_certificates: Cow::Borrowed(&[]),
            cipher: Cow::Borrowed(CIPHERS),
            mac: Cow::Borrowed(mac),
            compression: Cow::Borrowed(&[compression::NONE]),
        },
        ..Config::default()
    }
}
