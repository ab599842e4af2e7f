//! New host keys in the place of old ones, on a day that partners can be told before.
//!
//! A server shows one key of each kind, so old and new cannot be shown side by side. What overlaps is
//! the *kinds*: only one is replaced at a time, and clients that know both go on with the other. The
//! new key lies beside the old one from the moment it is made, so that it can be published.
//!
//! *Why no* `hostkeys-00@openssh.com`: russh 0.65 lets a server neither send that message nor answer
//! the proof that clients ask for after it; see `docs/security.md`.
//!
//! Files: `ssh_host_ed25519_key.next` is the key to come, `….next-from` the moment, in RFC 3339.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use russh::keys::PrivateKey;
use russh::keys::ssh_key::HashAlg;

use crate::domain::Timestamp;
use crate::domain::host_key::HostKey;
use crate::doors::sftp::SftpFault;
use crate::doors::sftp::host_keys::{FILES, fault, load, load_or_make, make, read, write};

fn told(key: &PrivateKey, from: Option<Timestamp>) -> HostKey {
    let mut public = key.public_key().clone();
    public.set_comment("");
    HostKey {
        algorithm: key.algorithm().to_string(),
        fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
        // A key that was read or made can be written.
        public: public.to_openssh().unwrap_or_default().trim().to_owned(),
        from,
    }
}

fn with(path: &Path, extension: &str) -> PathBuf {
    let mut path = path.to_owned();
    path.add_extension(extension);
    path
}

/// When the next key of `path` comes into use; `None` if there is none.
fn due(path: &Path) -> Result<Option<Timestamp>, SftpFault> {
    let when = with(path, "next-from");
    let text = match fs::read_to_string(&when) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(&when, &error)),
    };
    let moment = text.trim().parse();
    moment.map(Some).map_err(|error| fault(&when, &error))
}

/// The host keys in `folder`, and those to come. Only looks: keys are made when the door opens first,
/// or the first is replaced before that.
pub fn list(folder: &Path) -> Result<Vec<HostKey>, SftpFault> {
    let keys = load(folder)?;
    let mut all = Vec::new();
    for ((name, _), key) in FILES.iter().zip(keys) {
        all.push(told(&key, None));
        let path = folder.join(name);
        if let Some(from) = due(&path)? {
            let next = with(&path, "next");
            let text = fs::read(&next).map_err(|error| fault(&next, &error))?;
            all.push(told(&read(&next, &text)?, Some(from)));
        }
    }
    Ok(all)
}

/// Makes a new key of the kind `algorithm`, which is to take the place of the old one at `from`: nobody
/// knows of it before [`schedule`].
pub fn make_next(folder: &Path, algorithm: &str, from: Timestamp) -> Result<HostKey, SftpFault> {
    load_or_make(folder)?;
    let refused = |why: &str| SftpFault::HostKey {
        path: folder.to_owned(),
        why: why.to_owned(),
    };
    for (name, kind) in FILES {
        let path = folder.join(name);
        let is_meant = kind.to_string() == algorithm;
        match (is_meant, due(&path)?) {
            (false, None) => continue,
            (false, Some(_)) => {
                return Err(refused(
                    "a key of the other kind is about to be replaced: clients must know one of the two",
                ));
            }
            (true, Some(_)) => {
                return Err(refused("there is a next key of this kind already"));
            }
            (true, None) => (),
        }
        let next = with(&path, "next");
        // What a rotation left that was cut short; it never came into use.
        if next.exists() {
            fs::remove_file(&next).map_err(|error| fault(&next, &error))?;
        }
        let key = make(&next, kind, "ecocd")?;
        return Ok(told(&key, Some(from)));
    }
    Err(refused(
        "there is no host key of this kind: they are ssh-ed25519 and ecdsa-sha2-nistp256",
    ))
}

/// Puts the key that [`make_next`] made in the place of the old one at its time.
pub fn schedule(folder: &Path, key: &HostKey) -> Result<(), SftpFault> {
    let mut kinds = FILES.iter();
    let found = kinds.find(|(_, kind)| kind.to_string() == key.algorithm);
    let (Some((name, _)), Some(from)) = (found, key.from) else {
        return Ok(());
    };
    let when = with(&folder.join(name), "next-from");
    write(&when, format!("{from}\n").as_bytes(), 0o644).map_err(|error| fault(&when, &error))
}

/// Puts next keys whose time has come in the place of the old ones, which are kept as `….old`. Says
/// whether there were any.
///
/// Each step can be done again: a crash in between is finished by the next look.
pub(super) fn switch_due(folder: &Path, now: Timestamp) -> Result<bool, SftpFault> {
    let mut has_switched = false;
    for (name, _) in FILES {
        let path = folder.join(name);
        if due(&path)?.is_none_or(|from| from > now) {
            continue;
        }
        let next = with(&path, "next");
        if next.exists() {
            for (half, mode) in [(None, 0o600), (Some("pub"), 0o644)] {
                let half_of =
                    |path: &Path| half.map_or_else(|| path.to_owned(), |it| with(path, it));
                let old = half_of(&path);
                if let Ok(text) = fs::read(&old) {
                    let kept = with(&old, "old");
                    write(&kept, &text, mode).map_err(|error| fault(&kept, &error))?;
                }
            }
            let public = with(&next, "pub");
            if public.exists() {
                fs::rename(&public, with(&path, "pub")).map_err(|error| fault(&public, &error))?;
            }
            fs::rename(&next, &path).map_err(|error| fault(&next, &error))?;
        }
        let when = with(&path, "next-from");
        fs::remove_file(&when).map_err(|error| fault(&when, &error))?;
        tracing::warn!("the host key {} was replaced by its next", path.display());
        has_switched = true;
    }
    Ok(has_switched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotate(folder: &Path, algorithm: &str, from: Timestamp) -> Result<HostKey, SftpFault> {
        let key = make_next(folder, algorithm, from)?;
        schedule(folder, &key)?;
        Ok(key)
    }

    #[test]
    fn a_key_that_is_not_scheduled_is_nobodys_and_gives_way() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        load_or_make(folder).unwrap();
        let first = make_next(folder, "ssh-ed25519", at(1)).unwrap();
        assert_eq!(list(folder).unwrap().len(), 2);
        assert!(!switch_due(folder, at(2)).unwrap());
        let second = rotate(folder, "ssh-ed25519", at(1)).unwrap();
        assert_ne!(first, second);
        assert_eq!(list(folder).unwrap()[1], second);
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_next_key_is_shown_beside_the_old_one_and_takes_its_place_on_its_day() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        assert!(list(folder).is_err());
        load_or_make(folder).unwrap();
        let before = list(folder).unwrap();
        assert_eq!(before.len(), 2);
        let next = rotate(folder, "ssh-ed25519", at(1000)).unwrap();
        assert!(rotate(folder, "ssh-ed25519", at(1000)).is_err());
        let other = rotate(folder, "ecdsa-sha2-nistp256", at(1000)).unwrap_err();
        assert!(other.to_string().contains("one of the two"), "{other}");
        assert!(rotate(folder, "ssh-rsa", at(1000)).is_err());
        let beside = list(folder).unwrap();
        assert_eq!(beside.len(), 3);
        assert_eq!((&beside[0], &beside[1]), (&before[0], &next));
        assert!(!switch_due(folder, at(999)).unwrap());
        assert!(switch_due(folder, at(1000)).unwrap());
        assert!(!switch_due(folder, at(1000)).unwrap());
        let after = list(folder).unwrap();
        assert_eq!(after[0].fingerprint, next.fingerprint);
        assert_eq!(after[1], before[1], "the other kind stays");
        let old = fs::read_to_string(folder.join("ssh_host_ed25519_key.pub.old")).unwrap();
        assert!(old.starts_with(&before[0].public), "{old}");
        rotate(folder, "ecdsa-sha2-nistp256", at(2000)).unwrap();
    }

    #[test]
    fn a_switch_that_was_cut_short_is_finished() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        load_or_make(folder).unwrap();
        let next = rotate(folder, "ssh-ed25519", at(1)).unwrap();
        // As after a crash between the last two steps.
        let path = folder.join("ssh_host_ed25519_key");
        fs::rename(with(&path, "next"), &path).unwrap();
        assert!(switch_due(folder, at(2)).unwrap());
        let keys = list(folder).unwrap();
        assert_eq!(keys[0].fingerprint, next.fingerprint);
        assert_eq!(keys.len(), 2);
    }
}
