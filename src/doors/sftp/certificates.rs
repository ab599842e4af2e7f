//! Users' certificates, as OpenSSH has them: which are good for whom.
//!
//! russh checks the time and that the authority's signature fits the authority that is *named in the
//! certificate*; all else is checked here. Besides what the certificate says, the user must be there
//! and active: suspending a user is how a certificate is taken back before it ends.

use std::net::IpAddr;
use std::path::Path;

use russh::keys::ssh_key::certificate::CertType;
use russh::keys::ssh_key::{Certificate, Fingerprint};
use russh::keys::{Algorithm, HashAlg, PublicKey};

use crate::domain::Timestamp;
use crate::domain::networks::Networks;
use crate::doors::sftp::SftpFault;

/// Critical options name their networks by this.
const SOURCE_ADDRESS: &str = "source-address";

/// Names the program to run.
const FORCE_COMMAND: &str = "force-command";

/// The only program that there is here.
const ONLY_COMMAND: &str = "internal-sftp";

/// The authorities whose certificates let users in.
#[derive(Debug, Clone, Default)]
pub(super) struct Authorities(Vec<Fingerprint>);

impl Authorities {
    /// Reads a file with one public key a line. An empty path means no authorities.
    pub(super) fn read(path: &Path) -> Result<Self, SftpFault> {
        if path.as_os_str().is_empty() {
            return Ok(Self::default());
        }
        let fault = |why: String| SftpFault::Authorities {
            path: path.to_owned(),
            why,
        };
        let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
        let mut all = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = PublicKey::from_openssh(line).map_err(|error| {
                let number = number + 1;
                fault(format!("line {number} is not a public key: {error}"))
            })?;
            tracing::info!(
                "certificates of {} {} let users in",
                key.algorithm(),
                key.fingerprint(HashAlg::Sha256)
            );
            all.push(key.fingerprint(HashAlg::Sha256));
        }
        if all.is_empty() {
            return Err(fault("it names no authority".to_owned()));
        }
        Ok(Self(all))
    }

    /// Are there none?
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Is the certificate, whose owner has signed, good for this log-in name from this address?
    pub(super) fn check(
        &self,
        certificate: &Certificate,
        (login, from): (&str, IpAddr),
        now: Timestamp,
    ) -> Result<(), String> {
        if certificate.cert_type() != CertType::User {
            return Err("it is a host's".to_owned());
        }
        let authority = certificate.signature_key().fingerprint(HashAlg::Sha256);
        if !self.0.contains(&authority) {
            return Err(format!("its authority {authority} is not one of ours"));
        }
        if certificate.signature().algorithm() == (Algorithm::Rsa { hash: None }) {
            return Err("its authority signs with SHA-1".to_owned());
        }
        let now = u64::try_from(now.as_second()).unwrap_or(0);
        if certificate.validate_at(now, &self.0).is_err() {
            return Err("it is not valid now".to_owned());
        }
        let principals = certificate.valid_principals();
        if principals.is_empty() {
            return Err("it names no principal, which would be good for everybody".to_owned());
        }
        if !principals
            .iter()
            .any(|name| name.eq_ignore_ascii_case(login))
        {
            return Err("it is for another principal".to_owned());
        }
        for (name, value) in &certificate.critical_options().0 {
            option(name, value, from)?;
        }
        Ok(())
    }
}

/// Honours a critical option, or says why it cannot be.
fn option(name: &str, value: &str, from: IpAddr) -> Result<(), String> {
    match name {
        FORCE_COMMAND if value == ONLY_COMMAND => Ok(()),
        FORCE_COMMAND => Err("it is for a command, and there are none here".to_owned()),
        SOURCE_ADDRESS => match Networks::new(value) {
            Ok(networks) if networks.contain(from) => Ok(()),
            Ok(_) => Err("it is not good from this address".to_owned()),
            Err(unfit) => Err(format!("its source-address: {unfit}")),
        },
        _ => Err(format!(
            "its critical option '{}' is not known",
            name.escape_debug()
        )),
    }
}

/// From when on the certificate is good for nothing; `None` for one without an end.
pub(super) fn until(certificate: &Certificate) -> Option<Timestamp> {
    let until = i64::try_from(certificate.valid_before()).ok()?;
    Timestamp::from_second(until).ok()
}

/// The certificate, for the log.
pub(super) fn shown(certificate: &Certificate) -> String {
    format!(
        "certificate '{}' (serial {})",
        certificate.key_id().escape_debug(),
        certificate.serial()
    )
}
