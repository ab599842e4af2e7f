//! Lists of networks that a user may come from: `192.0.2.0/24, 2001:db8::/32, 198.51.100.7`.

// The values alone: `core` has them without anything that could open a socket.
use core::net::IpAddr;

use crate::domain::Unfit;

/// The most networks of one list. More is a mistake, or belongs into a firewall.
const NETWORKS_MAX: usize = 64;

/// One network: an address, and how many of its leading bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

/// The networks that a user may come from; empty means from everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

impl Networks {
    /// Reads networks that are separated by commas or blanks. None at all means from everywhere.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        let words = text.split([',', ' ', '\t']).filter(|word| !word.is_empty());
        let all: Vec<Network> = words.map(Network::new).collect::<Result<_, _>>()?;
        if all.len() > NETWORKS_MAX {
            return Err(Unfit(format!(
                "{} networks are too many: write at most {NETWORKS_MAX}, or wider ones",
                all.len()
            )));
        }
        Ok(Self(all))
    }

    /// Is there no list, so that every address may come?
    pub fn is_everywhere(&self) -> bool {
        self.0.is_empty()
    }

    /// May somebody at this address come?
    pub fn allow(&self, address: IpAddr) -> bool {
        self.0.is_empty() || self.contain(address)
    }

    /// Is the address in one of the networks?
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }
}

impl std::fmt::Display for Networks {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, network) in self.0.iter().enumerate() {
            let gap = if place == 0 { "" } else { ", " };
            write!(form, "{gap}{}/{}", network.address, network.bits)?;
        }
        Ok(())
    }
}

impl Network {
    fn new(text: &str) -> Result<Self, Unfit> {
        let unfit = || {
            Unfit(format!(
                "'{}' is not a network: write one like 192.0.2.0/24, 2001:db8::/32 or 198.51.100.7",
                text.escape_debug()
            ))
        };
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_unreadable| unfit())?;
        let most = width(address);
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_unreadable| unfit())?,
            None => most,
        };
        if bits > most {
            return Err(unfit());
        }
        let network = Self { address, bits };
        let first = network.first();
        if first != address {
            return Err(Unfit(format!(
                "'{text}' has bits set behind its first {bits}: did you mean {first}/{bits}?"
            )));
        }
        Ok(network)
    }

    /// The first address of the network.
    fn first(self) -> IpAddr {
        network_of(self.address, self.bits)
    }

    fn contains(self, address: IpAddr) -> bool {
        width(address) == width(self.address) && network_of(address, self.bits) == self.address
    }
}

/// How many bits an address has.
fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The place that an address is counted with: the first `v4_bits` of an IPv4 address, and the first 56 of an IPv6 one.
///
/// Reason for 56: providers give each customer so many, or fewer, and whoever has them may come from any address below.
pub fn place_of(address: IpAddr, v4_bits: u8) -> IpAddr {
    let address = address.to_canonical();
    network_of(address, if address.is_ipv4() { v4_bits } else { 56 })
}

/// The first address of the network that an address lies in, of so many leading bits.
pub fn network_of(address: IpAddr, bits: u8) -> IpAddr {
    let behind = u32::from(width(address).saturating_sub(bits));
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(behind).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(behind).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_in_its_network_and_in_no_other() {
        let networks = Networks::new("192.0.2.0/24,2001:db8::/32  198.51.100.7").unwrap();
        for inside in [
            "192.0.2.0",
            "192.0.2.255",
            "::ffff:192.0.2.9",
            "2001:db8:ffff::1",
            "198.51.100.7",
        ] {
            assert!(networks.allow(ip(inside)), "{inside}");
        }
        for outside in [
            "192.0.3.0",
            "192.0.1.255",
            "2001:db9::",
            "198.51.100.8",
            "::1",
        ] {
            assert!(!networks.allow(ip(outside)), "{outside}");
        }
        let written = networks.to_string();
        assert_eq!(written, "192.0.2.0/24, 2001:db8::/32, 198.51.100.7/32");
        assert_eq!(Networks::new(&written), Ok(networks));
    }

    #[test]
    fn no_list_means_everywhere_and_zero_bits_one_family() {
        let everywhere = Networks::new(" , ").unwrap();
        assert!(everywhere.is_everywhere() && everywhere.allow(ip("203.0.113.1")));
        assert!(!everywhere.contain(ip("203.0.113.1")));
        let all_of_four = Networks::new("0.0.0.0/0").unwrap();
        assert!(all_of_four.allow(ip("203.0.113.1")));
        assert!(!all_of_four.allow(ip("2001:db8::1")));
    }

    #[test]
    fn what_is_no_network_is_refused_with_what_to_write() {
        for bad in [
            "192.0.2",
            "192.0.2.0/33",
            "::/129",
            "host.example",
            "192.0.2.0/-1",
        ] {
            assert!(Networks::new(bad).is_err(), "{bad}");
        }
        let hint = Networks::new("192.0.2.77/24").unwrap_err().to_string();
        assert!(hint.contains("192.0.2.0/24"), "{hint}");
        assert!(Networks::new(&"192.0.2.1 ".repeat(65)).is_err());
    }
}
