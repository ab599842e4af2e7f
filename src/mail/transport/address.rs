//! The mail server's address as a site writes it.

use std::net::IpAddr;

/// How the line to the server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Privacy {
    /// TLS from the first octet.
    Tls,
    /// TLS after STARTTLS, or nothing.
    StartTls,
    /// None; on loopback only.
    Plain,
}

/// A mail server, as `mail.smtp` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Host name or address, without the brackets of IPv6.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// How the line is kept private.
    pub(crate) privacy: Privacy,
    /// Who logs in, if the server wants it.
    pub(crate) user: Option<String>,
}

/// The form, for whoever typed something else.
const FORM: &str = "write smtps://host:465, smtp+starttls://host:587, or smtp://127.0.0.1:25 for a \
                    server on this machine; with user@ before the host if it wants a log-in";

impl Server {
    /// Reads `url`; one sentence if it is not right.
    pub(crate) fn new(url: &str) -> Result<Self, String> {
        let unfit = |why: &str| format!("'{}' {why}; {FORM}", url.escape_debug());
        if url
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
        {
            return Err(unfit("holds a blank"));
        }
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| unfit("is no address"))?;
        let (privacy, usual_port) = match scheme {
            "smtps" => (Privacy::Tls, 465),
            "smtp+starttls" => (Privacy::StartTls, 587),
            "smtp" => (Privacy::Plain, 25),
            _ => return Err(unfit("has an unknown scheme")),
        };
        // A user is often a mail address itself, so the last `@` is the one that counts.
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let place = place.strip_suffix('/').unwrap_or(place);
        if user.is_some_and(|user| user.contains(':')) {
            // Not repeated: the log is no place for a password.
            return Err(format!(
                "the address holds a password; put it into a file and name that in \
                 mail.password-file; {FORM}"
            ));
        }
        if user.is_some_and(str::is_empty) {
            return Err(unfit("has no user before the @"));
        }
        let (host, port) = split_port(place).map_err(|why| unfit(&why))?;
        if privacy == Privacy::Plain && !is_loopback(host) {
            return Err(unfit(
                "would send mail over the network in the clear, which is for loopback only",
            ));
        }
        Ok(Self {
            host: host.to_owned(),
            port: port.unwrap_or(usual_port),
            privacy,
            user: user.map(str::to_owned),
        })
    }
}

/// Host and port of `host`, `host:25`, `[::1]` or `[::1]:25`.
fn split_port(place: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = match place.strip_prefix('[') {
        Some(literal) => {
            let (host, after) = literal.split_once(']').ok_or("has no ] after the [")?;
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return Err("has no IPv6 address between [ and ]".to_owned());
            }
            match after {
                "" => (host, None),
                _ => (
                    host,
                    Some(after.strip_prefix(':').ok_or("has no : before the port")?),
                ),
            }
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let is_name = !host.is_empty()
        && host
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-._:".contains(letter));
    if !is_name {
        return Err("has no host name".to_owned());
    }
    let port = match port {
        None => None,
        Some(port) => match port.parse::<u16>() {
            Ok(number) if number > 0 => Some(number),
            _ => return Err("has a port that is no number from 1 to 65535".to_owned()),
        },
    };
    Ok((host, port))
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_has_its_privacy_and_its_usual_port() {
        let server = |url| {
            let server = Server::new(url).unwrap();
            (server.host, server.port, server.privacy, server.user)
        };
        let ann = Some("ann@example.com".to_owned());
        for (url, host, port, privacy, user) in [
            (
                "smtps://mail.example.com",
                "mail.example.com",
                465,
                Privacy::Tls,
                None,
            ),
            (
                "smtps://mail.example.com:2465/",
                "mail.example.com",
                2465,
                Privacy::Tls,
                None,
            ),
            (
                "smtp+starttls://ann@example.com@mail",
                "mail",
                587,
                Privacy::StartTls,
                ann,
            ),
            (
                "smtp+starttls://[2001:db8::1]:25",
                "2001:db8::1",
                25,
                Privacy::StartTls,
                None,
            ),
            ("smtp://localhost", "localhost", 25, Privacy::Plain, None),
            (
                "smtp://127.0.0.2:1025",
                "127.0.0.2",
                1025,
                Privacy::Plain,
                None,
            ),
            ("smtp://[::1]:1025", "::1", 1025, Privacy::Plain, None),
        ] {
            assert_eq!(server(url), (host.to_owned(), port, privacy, user), "{url}");
        }
    }

    #[test]
    fn what_is_no_address_or_not_private_is_refused_with_a_sentence() {
        for (url, why) in [
            ("", "is no address"),
            ("mail.example.com", "is no address"),
            ("http://mail.example.com", "unknown scheme"),
            ("smtp://mail.example.com", "in the clear"),
            ("smtp://localhost.example.com", "in the clear"),
            ("smtp://127.0.0.1.example.com", "in the clear"),
            ("smtp://10.0.0.1", "in the clear"),
            ("smtps://", "no host name"),
            ("smtps://a b", "blank"),
            ("smtps://mail\r\n", "blank"),
            ("smtps://@mail", "no user"),
            ("smtps://mail/inbox", "no host name"),
            ("smtps://mail:0", "no number"),
            ("smtps://mail:70000", "no number"),
            ("smtps://mail:", "no number"),
            ("smtps://[::1", "no ] after"),
            ("smtps://[::1]465", "no : before"),
            ("smtps://[mail]:465", "no IPv6"),
        ] {
            let sentence = Server::new(url).unwrap_err();
            assert!(sentence.contains(why), "{url}: {sentence}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let sentence = Server::new("smtps://ann:hush-hush@mail.example.com").unwrap_err();
        assert!(sentence.contains("mail.password-file"), "{sentence}");
        assert!(!sentence.contains("hush"), "{sentence}");
    }
}
