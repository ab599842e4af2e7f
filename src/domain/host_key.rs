//! The keys by which clients know the SFTP door, in the forms that people compare and copy.

use crate::domain::Timestamp;

/// A host key's public half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`.
    pub algorithm: String,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// The public half in OpenSSH's one-line form, without comment.
    pub public: String,
    /// When it comes into use, if it is not yet.
    pub from: Option<Timestamp>,
}

impl HostKey {
    /// The line for a client's file `known_hosts`. The standard port is not written.
    pub fn known_hosts(&self, host: &str, port: u16) -> String {
        if port == 22 {
            format!("{host} {}", self.public)
        } else {
            format!("[{host}]:{port} {}", self.public)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_known_hosts_names_the_port_unless_it_is_the_usual_one() {
        let key = HostKey {
            algorithm: "ssh-ed25519".to_owned(),
            fingerprint: "SHA256:x".to_owned(),
            public: "ssh-ed25519 AAAA".to_owned(),
            from: None,
        };
        let line = key.known_hosts("sftp.example.org", 2222);
        assert_eq!(line, "[sftp.example.org]:2222 ssh-ed25519 AAAA");
        let line = key.known_hosts("sftp.example.org", 22);
        assert_eq!(line, "sftp.example.org ssh-ed25519 AAAA");
    }
}
