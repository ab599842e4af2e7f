//! Whom a request came from, when a proxy of ours stands in between.
//!
//! *Trust*: a header is believed only as far as proxies of ours wrote it. Each adds the address that it
//! saw at the end of `X-Forwarded-For`; so the last one in it that is not ours is the visitor's, and
//! whatever stands before it was the visitor's to invent.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::domain::networks::Networks;

/// The header that proxies add addresses to.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// More proxies than that in a row are none of ours.
const HOPS_MAX: usize = 16;

/// The visitor's address: `peer` itself, unless that is a proxy of ours.
pub(crate) fn visitor(peer: IpAddr, headers: &HeaderMap, ours: &Networks) -> IpAddr {
    let mut nearest = peer.to_canonical();
    let hops = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .rev()
        .flat_map(|value| value.to_str().unwrap_or("").rsplit(','))
        .take(HOPS_MAX);
    for hop in hops {
        if !ours.contain(nearest) {
            break;
        }
        let Some(address) = address(hop.trim()) else {
            break;
        };
        nearest = address.to_canonical();
    }
    nearest
}

/// Some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let plain = bare.unwrap_or(text).parse();
    plain
        .or_else(|_with_port| text.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn seen(peer: &str, lines: &[&str]) -> String {
        let ours = Networks::new("127.0.0.1, 10.0.0.0/8, 2001:db8:1::/48").unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        visitor(peer.parse().unwrap(), &headers, &ours).to_string()
    }

    #[test]
    fn a_proxy_of_ours_is_believed_and_nobody_else() {
        assert_eq!(seen("127.0.0.1", &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(seen("198.51.100.1", &["192.0.2.7"]), "198.51.100.1");
        assert_eq!(seen("::ffff:127.0.0.1", &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn what_a_visitor_invents_before_the_last_address_that_is_not_ours_counts_for_nothing() {
        assert_eq!(seen("127.0.0.1", &["203.0.113.9, 192.0.2.7"]), "192.0.2.7");
        let through_two = ["203.0.113.9, 192.0.2.7,10.1.2.3"];
        assert_eq!(seen("127.0.0.1", &through_two), "192.0.2.7");
        assert_eq!(seen("127.0.0.1", &["127.0.0.1, 192.0.2.7"]), "192.0.2.7");
        let two_lines = ["203.0.113.9", "192.0.2.7"];
        assert_eq!(seen("127.0.0.1", &two_lines), "192.0.2.7");
        assert_eq!(seen("127.0.0.1", &["192.0.2.7, nonsense"]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["10.9.9.9"]), "10.9.9.9", "all ours");
    }

    #[test]
    fn ports_and_brackets_are_left_out() {
        assert_eq!(seen("127.0.0.1", &["192.0.2.7:4711"]), "192.0.2.7");
        assert_eq!(seen("127.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(seen("127.0.0.1", &["[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(seen("2001:db8:1::5", &["2001:db8::7"]), "2001:db8::7");
    }
}
