//! Public keys as people paste them: read strictly, kept in OpenSSH's one-line form.
//!
//! *Trust*: the text comes from manufacturers by mail and clipboard. What is not one single public
//! key of a kind that we take is refused with a sentence; a private key pasted by mistake is never
//! kept, and its owner is told to replace it.

use data_encoding::{BASE64, BASE64_NOPAD};
use sha2::{Digest, Sha256};

use crate::domain::Unfit;

/// The fewest bits of an RSA key.
///
/// Source: NIST SP 800-57 part 1 and BSI TR-02102-1 ask for 3072 bits (3000) beyond 2023.
pub const RSA_BITS_MIN: u32 = 3072;

/// The most bits of an RSA key: OpenSSH makes none larger, and checking one costs its square.
pub const RSA_BITS_MAX: u32 = 16_384;

/// The longest text looked at: the longest key that we take has under 3 kB.
const TEXT_BYTES_MAX: usize = 16_384;

/// A public key that may let somebody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: &'static str,
    blob: Vec<u8>,
    bits: u32,
    comment: String,
}

impl PublicKey {
    /// Reads one public key: OpenSSH's one-line form (`ssh-ed25519 AAAA… comment`), or the form of
    /// RFC 4716 that `PuTTY` saves.
    pub fn parse(text: &str) -> Result<Self, Unfit> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.len() > TEXT_BYTES_MAX {
            return unfit("this is too long to be one public key");
        }
        refuse_private(text)?;
        if text.starts_with("---- BEGIN SSH2 PUBLIC KEY") {
            return Self::from_rfc4716(text);
        }
        if text.starts_with("-----BEGIN") {
            return unfit(
                "this is a key in PEM form: turn it into OpenSSH's with 'ssh-keygen -i -m PKCS8 -f FILE'",
            );
        }
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let Some(line) = lines.next() else {
            return unfit("there is no key in it");
        };
        if lines.next().is_some() {
            return unfit("there is more than one line in it: add one key at a time");
        }
        let mut words = line.splitn(3, [' ', '\t']);
        let (name, base64) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let comment = words.next().unwrap_or_default().trim();
        let algorithm = algorithm(name)?;
        let Ok(blob) = BASE64.decode(base64.as_bytes()) else {
            return unfit("the key is cut off or changed: its middle part is not whole base64");
        };
        Self::from_blob(algorithm, blob, comment)
    }

    /// Reads the form of RFC 4716: headers, then base64 in lines.
    fn from_rfc4716(text: &str) -> Result<Self, Unfit> {
        let mut base64 = String::new();
        let mut comment = String::new();
        let mut is_header = false;
        for line in text.lines().map(str::trim).skip(1) {
            if line.starts_with("----") {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("comment") {
                    value.trim().trim_matches('"').clone_into(&mut comment);
                }
                is_header = line.ends_with('\\');
            } else if is_header {
                is_header = line.ends_with('\\');
            } else {
                base64.push_str(line);
            }
        }
        let Ok(blob) = BASE64.decode(base64.as_bytes()) else {
            return unfit("the key is cut off or changed: it is not whole base64");
        };
        let named = Wire(&blob)
            .text()
            .and_then(|name| std::str::from_utf8(name).ok())
            .unwrap_or_default();
        let algorithm = algorithm(named)?;
        Self::from_blob(algorithm, blob, &comment)
    }

    /// Checks the key itself, as it goes over the wire (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4).
    fn from_blob(algorithm: &'static str, blob: Vec<u8>, comment: &str) -> Result<Self, Unfit> {
        let Some(bits) = bits(algorithm, &blob) else {
            return unfit(&format!(
                "the key is cut off or changed: its middle part is no {algorithm} key"
            ));
        };
        if algorithm == "ssh-rsa" && !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
            return unfit(&format!(
                "this RSA key has {bits} bits, and must have {RSA_BITS_MIN} to {RSA_BITS_MAX}: make a \
                 new one, best with 'ssh-keygen -t ed25519'"
            ));
        }
        let comment: String = comment
            .chars()
            .filter(|letter| !letter.is_control())
            .take(100)
            .collect();
        Ok(Self {
            algorithm,
            blob,
            bits,
            comment,
        })
    }

    /// `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256` ….
    pub fn algorithm(&self) -> &'static str {
        self.algorithm
    }

    /// How many bits it has, as `ssh-keygen -l` counts them.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// What stood behind the key; may be empty. At most 100 characters, none of control.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// `ssh-ed25519 AAAA…`, without the comment.
    pub fn to_openssh(&self) -> String {
        format!("{} {}", self.algorithm, BASE64.encode(&self.blob))
    }

    /// `SHA256:…`, as OpenSSH prints it.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(&self.blob);
        format!("SHA256:{}", BASE64_NOPAD.encode(&digest))
    }
}

fn unfit<T>(why: &str) -> Result<T, Unfit> {
    Err(Unfit(why.to_owned()))
}

/// Private keys begin or speak like this.
fn refuse_private(text: &str) -> Result<(), Unfit> {
    if text.contains("PRIVATE KEY") || text.starts_with("PuTTY-User-Key-File") {
        return unfit(
            "this is a PRIVATE key, which must never leave its owner's machine: it was not kept. \
             Replace it by a new pair, since others may have seen it now, and hand in the public \
             half (the file that ends in .pub)",
        );
    }
    Ok(())
}

/// Our own constant for the algorithm of this name, or why we take no such key.
fn algorithm(name: &str) -> Result<&'static str, Unfit> {
    const TAKEN: [&str; 5] = [
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "ssh-rsa",
    ];
    if let Some(taken) = TAKEN.into_iter().find(|taken| *taken == name) {
        return Ok(taken);
    }
    if name == "ssh-dss" {
        return unfit("DSA keys are broken: make a new one with 'ssh-keygen -t ed25519'");
    }
    if name.contains("-cert-v0") {
        return unfit(
            "this is a certificate: hand in the key itself (the .pub file without -cert)",
        );
    }
    if name.starts_with("sk-") {
        return unfit(
            "keys on security tokens are not taken: use 'ssh-keygen -t ed25519' without -sk",
        );
    }
    if name.contains('=') || name.contains(',') || name.contains('"') {
        return unfit("take the options before the key away: it begins with ssh-ed25519 or alike");
    }
    unfit(
        "this is not a public key: it begins with ssh-ed25519, ecdsa-sha2-nistp256, \
         ecdsa-sha2-nistp384, ecdsa-sha2-nistp521 or ssh-rsa, and lies in a file that ends in .pub",
    )
}

/// The bits of the key in `blob`, if it is a whole key of this algorithm.
fn bits(algorithm: &str, blob: &[u8]) -> Option<u32> {
    let mut wire = Wire(blob);
    if wire.text()? != algorithm.as_bytes() {
        return None;
    }
    let bits = match algorithm {
        "ssh-ed25519" => (wire.text()?.len() == 32).then_some(256)?,
        "ssh-rsa" => {
            let exponent = wire.number()?;
            let modulus = wire.number()?;
            // An even exponent, or the exponent 1, verifies anything or nothing.
            let is_fit = exponent.last()? & 1 == 1 && exponent != [1];
            is_fit.then(|| bits_of(modulus)).flatten()?
        }
        ecdsa => {
            let (curve, bits, length) = match ecdsa {
                "ecdsa-sha2-nistp256" => ("nistp256", 256, 65),
                "ecdsa-sha2-nistp384" => ("nistp384", 384, 97),
                _ => ("nistp521", 521, 133),
            };
            let is_curve = wire.text()? == curve.as_bytes();
            let point = wire.text()?;
            let is_point = point.len() == length && point.first() == Some(&4);
            (is_curve && is_point).then_some(bits)?
        }
    };
    wire.0.is_empty().then_some(bits)
}

fn bits_of(number: &[u8]) -> Option<u32> {
    let octets = u32::try_from(number.len()).ok()?;
    octets
        .checked_mul(8)?
        .checked_sub(number.first()?.leading_zeros())
}

/// Octets in the encoding of SSH: each text after its length in four octets.
struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    fn text(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (text, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }

    /// A whole number above 0, without the zero octet that marks it as such.
    fn number(&mut self) -> Option<&'a [u8]> {
        let text = self.text()?;
        let (first, rest) = text.split_first()?;
        match first {
            0 if rest.first()? & 0x80 != 0 => Some(rest),
            1..=0x7f => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys made by OpenSSH for this test, with the bits and fingerprint that `ssh-keygen -l` says.
    const KEYS: [(&str, u32, &str); 5] = [
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID6CKSmwzyttGIu0oicUYkJ6uk+lnolbdfPbQ6XyAYEX",
            256,
            "SHA256:RaQDjkDU2O4S5vYPotTqaEJb2VMPAkqz+lQdSRifWjM",
        ),
        (
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAncG3fxeTKbolEvHKydSKDGolRYKpFdb+NyxtllaI9u+i6v7AmNesm6N+U7nUQ/FiPbOpAPVJl8VwNTjdbJoqU=",
            256,
            "SHA256:LS0LnbV2WrxI7pSL5Ui+bDrZluRmTUBE5nLqoLiggV4",
        ),
        (
            "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBKk9eQ4xZ2CTGr+7Puie+yTOYRb352sU9Ib3U5LHdODmtDVmlMA1eIXW7RsNsiAYhRNKHgX0lp9gP7hpCEBs6zDibwxdtFczcXhsgSuDfomDRkq/JsnnjzwUj5e08ASOTg==",
            384,
            "SHA256:Swjhgu6IbSHXLra0u4OqHw4RpzRvUz15bepyaJrEVR4",
        ),
        (
            "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAGgcrZJrERGklK63tnrJu48Q3w6cLD5XmETwV+YIsFxemTB4d/Jp5LCPv+xjt+k03lbfNlM901YNTW6T75pDAD8BACCjUUeiQjWLJFuHC1CU0zGslGoMoqltDt2AHKkU4ACTifk/DJZWZ/gtjjJ9PkRQSW3M5sTlhRq7YAjUN7UZ6fGNg==",
            521,
            "SHA256:kPDAsu/JDI4oDE+gtwn3lI9M5djH8TY9Z3IVWC1G/+4",
        ),
        (
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDrnylsc1sEu+G9rBM3GTgmlycb4ms8HG3JLFLbtEJkDM4be+EzOKt15ikf3UZF6w8BBfQcPgYwLz/B6916jZYSz7Vemo/D9KQAbgnOZbxo/B5L3TpN31CGrR1E1Nks5Cex56xIKaw/XYDKk5LhNzrtjlTqTO5BIjR3fv9K7SfFpx7fBovdKp7EjTlN6OpLZCWRSNRLUTnpdgsHNXVML9v5oXrhYiMd+Mv+coegqW/TsDXl9fRpcqaswh0ychARcct9EAc4t7OlEqENPrgCs9EaN0CHIqxyMyKuPXVjJ0zmiLY56D29UlVqupvQGI/U0f6PtekOlOCdTwcoMPn5L9R4G5GJhG23i3ZhTURCpmE3YdC7TqL3l1VQfbT9wlr35aet1F5+QDPAy8jE4ciOLFP/2kUSDEPK0iZWTm8Pb3W4Vt7dkjhzMdwzSEynsio1HPlJ0azw4Jei8KuN87ZMh7jO6lXUuy74IcSxQs31dkDXHxrR64XMN7LXSOrgzRf8FP8=",
            3072,
            "SHA256:2UIdP++zdVVoH0rZhYaLbHQGdCpVeybhlKkFKkzHXzY",
        ),
    ];
    /// An RSA key of 2048 bits.
    const WEAK: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCnBNEQLeQh2mbjsSF0sQxbeGtnjrh26JM0EIPicOu+B9NWaE1ESjaUXZTwjuF4zHVn9kwbCs81wK08/l8sAClwcplJfQr9Eo++fhGySNhG3ExSGzNBhW1HJIpE8dpBC0EcyetKcONMu9OAD1s/WD2Zh9Wq7zdNEW7hKcTuad7uGni823EhkLPyBcs7HSn8X79JUeD9LW8lTOLThZt7tNMuWhUAtTQt0aqlZ8frf6tREg6+IQPJbwkL01yTdc8ocWW0XJeiL9/pV1GOKreKvUDULRWbOpH7Wj8I8E0AicIREL7AL4nhyAoMytzKEbgsRGZlGCHc0WciIeyC0kFJWoVl";

    fn refusal(text: &str) -> String {
        PublicKey::parse(text).expect_err(text).0
    }

    #[test]
    fn keys_are_read_as_openssh_reads_them() {
        for (line, bits, fingerprint) in KEYS {
            let key =
                PublicKey::parse(&format!("\u{feff}# mine\n{line}  ann's  key \r\n")).unwrap();
            assert_eq!(key.to_openssh(), line);
            assert_eq!(key.bits(), bits);
            assert_eq!(key.fingerprint(), fingerprint);
            assert_eq!(key.comment(), "ann's  key");
            assert!(line.starts_with(key.algorithm()));
        }
    }

    #[test]
    fn the_form_that_putty_saves_is_the_same_key() {
        let (line, _, fingerprint) = KEYS[4];
        let base64 = line.split_once(' ').unwrap().1;
        let (one, other) = base64.split_at(70);
        let text = format!(
            "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"rsa-key\"\nx-note: goes \\\non here\n{one}\n{other}\n---- END SSH2 PUBLIC KEY ----\n"
        );
        let key = PublicKey::parse(&text).unwrap();
        assert_eq!(key.fingerprint(), fingerprint);
        assert_eq!(key.to_openssh(), line);
        assert_eq!(key.comment(), "rsa-key");
    }

    #[test]
    fn a_private_key_is_refused_and_its_owner_told_to_replace_it() {
        for text in [
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none",
        ] {
            assert!(refusal(text).contains("Replace it"), "{text}");
        }
    }

    #[test]
    fn weak_and_unknown_kinds_are_refused_with_what_to_do() {
        assert!(refusal(WEAK).contains("has 2048 bits"));
        let (line, ..) = KEYS[0];
        for (text, says) in [
            (
                "ssh-dss AAAAB3NzaC1kc3MAAA==".to_owned(),
                "DSA keys are broken",
            ),
            (
                "ssh-ed25519-cert-v01@openssh.com AAAA".to_owned(),
                "certificate",
            ),
            (
                "sk-ssh-ed25519@openssh.com AAAA".to_owned(),
                "security tokens",
            ),
            (format!("from=\"10.0.0.1\" {line}"), "options"),
            (format!("{line}\n{line}"), "more than one line"),
            (
                "-----BEGIN PUBLIC KEY-----\nMCow".to_owned(),
                "ssh-keygen -i",
            ),
            (String::new(), "no key in it"),
            ("hello".to_owned(), "not a public key"),
            ("a".repeat(20_000), "too long"),
        ] {
            assert!(refusal(&text).contains(says), "{text}: {}", refusal(&text));
        }
    }

    #[test]
    fn a_key_that_is_cut_off_or_changed_is_refused() {
        for (line, ..) in KEYS {
            let (name, base64) = line.split_once(' ').unwrap();
            for cut in [0, 4, 8, 12, 16, base64.len() / 2 / 4 * 4, base64.len() - 4] {
                assert!(
                    refusal(&format!("{name} {}", base64.get(..cut).unwrap())).contains("cut off")
                );
            }
            assert!(refusal(&format!("{name} {base64}AAAA")).contains("cut off"));
            let other = if name == "ssh-rsa" {
                "ssh-ed25519"
            } else {
                "ssh-rsa"
            };
            assert!(refusal(&format!("{other} {base64}")).contains("cut off"));
        }
    }
}
