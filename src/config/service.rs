//! The section `[service]`: who runs the service, and where its data lies.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;
use crate::domain::account::MailAddress;

/// Who runs the service, and where its data lies.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Service {
    /// The authority's name, on pages and in mails.
    pub organisation: String,
    /// Where users can ask; on pages, in mails and in README.txt.
    pub enquiries: String,
    /// What people sign in to, as the sign-in page names it.
    pub identity_name: String,
    /// Where the link `give your feedback` leads.
    pub feedback_url: String,
    /// Where the link to background about the EU's eCoC system leads.
    pub eucaris_url: String,
    /// Where the link to the EU's tool for typing a certificate in leads; empty for no link.
    pub input_tool_url: String,
    /// Where people reach the web view, without a slash at the end; links in mails begin with it.
    pub public_url: String,
    /// This node's name, in receipts and beside the work it has under way. Of several nodes each has its own.
    pub node: String,
    /// The folder that everything else lies in by default.
    pub data: PathBuf,
}

impl Service {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        faults.line("organisation", &self.organisation);
        faults.line("identity-name", &self.identity_name);
        if let Err(unfit) = MailAddress::new(&self.enquiries) {
            faults.say("enquiries", unfit.0);
        }
        web_address(faults, "feedback-url", &self.feedback_url);
        web_address(faults, "eucaris-url", &self.eucaris_url);
        if !self.input_tool_url.is_empty() {
            web_address(faults, "input-tool-url", &self.input_tool_url);
        }
        web_address(faults, "public-url", &self.public_url);
        if self.public_url.ends_with('/') {
            faults.say("public-url", "must not end with a slash");
        }
        let is_name = (1..=64).contains(&self.node.len())
            && self
                .node
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if !is_name {
            faults.say(
                "node",
                "must be a name of 1 to 64 letters, digits, '-', '_' and '.'",
            );
        }
        if self.data.as_os_str().is_empty() {
            faults.say("data", "must name a folder");
        }
    }
}

/// The host in an address of the web as the right side of a Message-ID: an address of IPv6 in brackets.
pub(crate) fn message_host(url: &str) -> String {
    let host = host_of(url);
    if host.contains(':') {
        return format!("[{host}]");
    }
    let is_fit = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    let name: String = host.chars().filter(is_fit).collect();
    let name = name.trim_matches('.');
    if name.is_empty() { "localhost" } else { name }.to_owned()
}

/// The host in an address of the web, without brackets and port.
pub(crate) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    match authority.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// The text must be an address of the web, with a host.
fn web_address(faults: &mut Faults, key: &str, text: &str) {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .and_then(|rest| rest.split(['/', '?', '#']).next());
    let is_fit = host.is_some_and(|host| !host.is_empty() && !host.starts_with(':'))
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"'<>`".contains(&b));
    if !is_fit {
        faults.say(
            key,
            "is not an address of the web: write https://host or http://host:port",
        );
    }
}

impl Default for Service {
    fn default() -> Self {
        Self {
            organisation: "Vehicle Certification Agency".to_owned(),
            enquiries: "ecocdataenquiries@vca.gov.uk".to_owned(),
            identity_name: "VCA extID".to_owned(),
            feedback_url: "https://www.example.org/feedback".to_owned(),
            eucaris_url: "https://www.eucaris.net/".to_owned(),
            input_tool_url: String::new(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            node: "node-1".to_owned(),
            data: PathBuf::from("/var/lib/ecocd"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(service: &Service) -> Vec<String> {
        let mut faults = Faults::default();
        service.faults(faults.of("service"));
        let found = faults.into_found();
        found.into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn there_may_be_no_input_tool_but_where_links_lead_is_an_address() {
        assert_eq!(faults(&Service::default()), Vec::<String>::new());
        let wrong = Service {
            eucaris_url: String::new(),
            input_tool_url: "javascript:alert(1)".to_owned(),
            ..Service::default()
        };
        assert_eq!(
            faults(&wrong),
            ["service.eucaris-url", "service.input-tool-url"]
        );
    }

    #[test]
    fn the_host_of_an_address_has_neither_port_nor_path() {
        for (url, host) in [
            ("https://ecoc.example.org", "ecoc.example.org"),
            ("http://127.0.0.1:8080/x", "127.0.0.1"),
            ("https://[2001:db8::1]:8443", "2001:db8::1"),
        ] {
            assert_eq!(host_of(url), host);
        }
    }

    #[test]
    fn the_host_of_a_message_id_is_that_of_the_public_url() {
        for (url, expected) in [
            ("https://ecoc.example.org", "ecoc.example.org"),
            ("https://ecoc.example.org:8443/portal", "ecoc.example.org"),
            ("http://127.0.0.1:8080", "127.0.0.1"),
            ("http://[::1]:8080", "[::1]"),
            ("http://user@ecoc.example.org.", "ecoc.example.org"),
            ("http://a>b\r\n", "ab"),
            ("", "localhost"),
        ] {
            assert_eq!(message_host(url), expected, "{url}");
        }
    }
}
