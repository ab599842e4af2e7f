//! The keys by which clients know this server: made at the first start, changed only by `rotation`.
//!
//! Ed25519 and ECDSA P-256; clients that know neither have no business here. Partners pin these
//! keys, so a file that cannot be read stops the start and is never replaced.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use russh::keys::ssh_key::{HashAlg, LineEnding};
use russh::keys::{Algorithm, EcdsaCurve, PrivateKey};

use crate::doors::sftp::SftpFault;

/// Names as OpenSSH has them, so that operators know what they see.
pub(super) const FILES: [(&str, Algorithm); 2] = [
    ("ssh_host_ed25519_key", Algorithm::Ed25519),
    (
        "ssh_host_ecdsa_key",
        Algorithm::Ecdsa {
            curve: EcdsaCurve::NistP256,
        },
    ),
];

/// The legacy port's key besides.
const LEGACY_FILE: &str = "ssh_host_rsa_key";

/// Reads the legacy port's RSA key in `folder`, and makes it if it is not there.
pub(super) fn load_or_make_legacy(folder: &Path) -> Result<PrivateKey, SftpFault> {
    let path = folder.join(LEGACY_FILE);
    let key = match fs::read(&path) {
        Ok(text) => read(&path, &text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(&path, Algorithm::Rsa { hash: None }, "ecocd")?
        }
        Err(error) => return Err(fault(&path, &error)),
    };
    Ok(key)
}

/// Reads the host keys in `folder`.
pub(super) fn load(folder: &Path) -> Result<Vec<PrivateKey>, SftpFault> {
    let mut keys = Vec::new();
    for (name, _) in FILES {
        let path = folder.join(name);
        let text = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => fault(
                &path,
                &"is not there. The first start of the service makes the host keys; later, put back what \
                  was saved, since clients refuse a server that shows another key",
            ),
            _ => fault(&path, &error),
        })?;
        keys.push(read(&path, &text)?);
    }
    Ok(keys)
}

/// Reads the host keys in `folder`, and makes them if there is none at all: one that is missing beside
/// another was lost, and stops the start.
pub(super) fn load_or_make(folder: &Path) -> Result<Vec<PrivateKey>, SftpFault> {
    let mut making = DirBuilder::new();
    making
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| fault(folder, &error))?;
    let is_first = FILES.iter().all(|(name, _)| {
        let found = fs::symlink_metadata(folder.join(name));
        found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    });
    if is_first {
        for (name, algorithm) in FILES {
            make(&folder.join(name), algorithm, "ecocd")?;
        }
    }
    load(folder)
}

/// Logs which keys are shown to clients from now on: told where they are put to use, since they are read
/// every few seconds.
pub(super) fn tell(keys: &[PrivateKey], port: &str) {
    for key in keys {
        let print = key.fingerprint(HashAlg::Sha256);
        tracing::info!("host key {} {print}{port}", key.algorithm());
    }
}

pub(super) fn read(path: &Path, text: &[u8]) -> Result<PrivateKey, SftpFault> {
    let metadata = fs::metadata(path).map_err(|error| fault(path, &error))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(SftpFault::HostKey {
            path: path.to_owned(),
            why: "others than its owner may read or write it; use: chmod 600".to_owned(),
        });
    }
    let key = PrivateKey::from_openssh(text).map_err(|error| fault(path, &error))?;
    if key.is_encrypted() {
        return Err(SftpFault::HostKey {
            path: path.to_owned(),
            why: "it has a passphrase, and nobody is there to type it".to_owned(),
        });
    }
    Ok(key)
}

/// Makes an Ed25519 key pair for a client: the private half at `path` (0600, never replaced), the
/// public one beside it with `.pub` added.
pub fn make_key_pair(path: &Path, comment: &str) -> Result<(), SftpFault> {
    if path.exists() {
        let why = "is there already; a key is never replaced".to_owned();
        return Err(SftpFault::HostKey {
            path: path.to_owned(),
            why,
        });
    }
    make(path, Algorithm::Ed25519, comment).map(drop)
}

/// The public halves in OpenSSH's one-line form, without comment.
pub(super) fn public_lines(keys: &[PrivateKey]) -> Vec<String> {
    let public = keys.iter().map(|key| {
        let mut public = key.public_key().clone();
        public.set_comment("");
        public.to_openssh()
    });
    public
        .filter_map(Result::ok)
        .map(|line| line.trim().to_owned())
        .collect()
}

pub(super) fn make(
    path: &Path,
    algorithm: Algorithm,
    comment: &str,
) -> Result<PrivateKey, SftpFault> {
    let mut randomness = russh::keys::key::safe_rng();
    let mut key =
        PrivateKey::random(&mut randomness, algorithm).map_err(|error| fault(path, &error))?;
    key.set_comment(comment);
    let private = key
        .to_openssh(LineEnding::LF)
        .map_err(|error| fault(path, &error))?;
    let mut public = key
        .public_key()
        .to_openssh()
        .map_err(|error| fault(path, &error))?;
    public.push('\n');
    // The public part first: a crash in between leaves no private key without it.
    let mut public_path = PathBuf::from(path);
    public_path.add_extension("pub");
    write(&public_path, public.as_bytes(), 0o644).map_err(|error| fault(&public_path, &error))?;
    write(path, private.as_bytes(), 0o600).map_err(|error| fault(path, &error))?;
    tracing::info!("made a new key: {}", path.display());
    Ok(key)
}

/// Writes a file that appears whole, and is on the disk itself before a client can pin it.
pub(super) fn write(path: &Path, octets: &[u8], mode: u32) -> io::Result<()> {
    let mut unfinished = PathBuf::from(path);
    unfinished.add_extension("new");
    if let Err(error) = fs::remove_file(&unfinished)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&unfinished)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

pub(super) fn fault(path: &Path, why: &dyn std::fmt::Display) -> SftpFault {
    SftpFault::HostKey {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_kept_to_ourselves() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("keys");
        let first = load_or_make(&folder).unwrap();
        let again = load_or_make(&folder).unwrap();
        let prints = |keys: &[PrivateKey]| -> Vec<String> {
            let print = |key: &PrivateKey| key.fingerprint(HashAlg::Sha256).to_string();
            keys.iter().map(print).collect()
        };
        assert_eq!(prints(&first), prints(&again));
        let private = folder.join("ssh_host_ed25519_key");
        let mode = fs::metadata(&private).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let public = fs::read_to_string(folder.join("ssh_host_ecdsa_key.pub")).unwrap();
        assert!(public.starts_with("ecdsa-sha2-nistp256 "), "{public}");
    }

    #[test]
    fn a_lost_key_is_never_replaced_by_a_new_one() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        assert!(load(folder).is_err());
        assert_eq!(
            fs::read_dir(folder).unwrap().count(),
            0,
            "looking makes nothing"
        );
        load_or_make(folder).unwrap();
        let lost = folder.join("ssh_host_ecdsa_key");
        fs::remove_file(&lost).unwrap();
        for fault in [load(folder).unwrap_err(), load_or_make(folder).unwrap_err()] {
            assert!(fault.to_string().contains("put back"), "{fault}");
        }
        assert!(!lost.exists());
    }

    #[test]
    fn a_key_that_others_may_read_or_that_is_none_stops_the_start() {
        let place = tempfile::tempdir().unwrap();
        load_or_make(place.path()).unwrap();
        let private = place.path().join("ssh_host_ed25519_key");
        fs::set_permissions(&private, fs::Permissions::from_mode(0o644)).unwrap();
        let fault = load_or_make(place.path()).unwrap_err().to_string();
        assert!(fault.contains("chmod 600"), "{fault}");
        fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&private, "junk").unwrap();
        assert!(load_or_make(place.path()).is_err());
        assert_eq!(fs::read(&private).unwrap(), b"junk", "never replaced");
    }
}
