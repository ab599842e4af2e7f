//! Addresses to listen on: `"0.0.0.0:2222"`, `"[::1]:8080"`.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serializer};

/// Reads an address with its port.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    String::deserialize(from)?.parse().map_err(|_unreadable| {
        serde::de::Error::custom(
            "is not an address to listen on: write one with its port, such as 127.0.0.1:2222, \
             0.0.0.0:2222 (all) or [::]:2222 (all, IPv6 too)",
        )
    })
}

/// Writes an address as [`deserialize`] reads it.
pub(crate) fn serialize<S: Serializer>(value: &SocketAddr, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// The same where empty means "none".
pub(crate) mod maybe {
    use std::net::SocketAddr;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Reads an address with its port, or nothing.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SocketAddr>, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_unreadable| {
            serde::de::Error::custom(
                "is not an address to listen on: write one with its port, such as 127.0.0.1:2223, or \
                 nothing",
            )
        })
    }

    /// Writes an address as [`deserialize`] reads it.
    #[expect(
        clippy::ref_option,
        reason = "serde calls it with a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        value: &Option<SocketAddr>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(address) => to.collect_str(address),
            None => to.serialize_str(""),
        }
    }
}
