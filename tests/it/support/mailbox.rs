//! Mails that arrived, taken apart as far as a test looks into them.

use std::path::{Path, PathBuf};

/// A mail that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// All of it, as it came.
    pub(crate) whole: String,
    /// The headers, unfolded, a line each.
    headers: Vec<String>,
}

impl Mail {
    fn parse(whole: &str) -> Self {
        let whole = whole.replace("\r\n", "\n");
        let (head, _) = whole.split_once("\n\n").unwrap_or((&whole, ""));
        let mut headers: Vec<String> = Vec::new();
        for line in head.lines() {
            match headers.last_mut() {
                Some(last) if line.starts_with([' ', '\t']) => {
                    last.push(' ');
                    last.push_str(line.trim_start());
                }
                _ => headers.push(line.to_owned()),
            }
        }
        Self { whole, headers }
    }

    /// The value of a header, decoded; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> String {
        let wanted = format!("{}:", name.to_ascii_lowercase());
        let found = self
            .headers
            .iter()
            .find(|line| line.to_ascii_lowercase().starts_with(&wanted));
        found.map_or_else(String::new, |line| {
            decode_words(line[wanted.len()..].trim())
        })
    }

    /// All parts, decoded, one after the other: plain text, HTML, attached CSV.
    pub(crate) fn text(&self) -> String {
        decode_octets(&self.whole.replace("=\n", ""), '=')
    }
}

/// The mails in a Maildir, or in a folder of `.eml` files.
pub(crate) fn mails(folder: &Path) -> Vec<Mail> {
    let mut paths: Vec<PathBuf> = [folder.to_path_buf(), folder.join("new"), folder.join("cur")]
        .iter()
        .filter_map(|place| std::fs::read_dir(place).ok())
        .flatten()
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| path.is_file())
        .filter(|path| {
            // Staged under a dot-name, then renamed.
            let name = path.file_name().expect("a name").to_string_lossy();
            !name.starts_with('.')
        })
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| Mail::parse(&std::fs::read_to_string(path).expect("a mail can be read")))
        .collect()
}

/// Decodes RFC 2047 words in quoted-printable or base64.
fn decode_words(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, word)) = rest.split_once("=?") {
        let mut parts = word.splitn(4, '?');
        let (Some(_), Some(how), Some(body), Some(after)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            break;
        };
        // Blanks between two encoded words belong to neither.
        if !before.trim().is_empty() || decoded.is_empty() {
            decoded.push_str(before);
        }
        if how.eq_ignore_ascii_case("q") {
            decoded.push_str(&decode_octets(&body.replace('_', " "), '='));
        } else {
            decoded.push_str(&String::from_utf8_lossy(&base64(body)));
        }
        rest = after.strip_prefix('=').unwrap_or(after);
    }
    decoded.push_str(rest);
    decoded
}

/// Decodes `=C3=9F` and the like; `mark` stands before two hexadecimal digits.
fn decode_octets(text: &str, mark: char) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(mark) {
        octets.extend_from_slice(before.as_bytes());
        let digits = after
            .get(..2)
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        if let Some(octet) = digits {
            octets.push(octet);
            rest = &after[2..];
        } else {
            octets.push(u8::try_from(mark).expect("ASCII"));
            rest = after;
        }
    }
    octets.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&octets).into_owned()
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut octets, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for digit in text.bytes() {
        let Some(value) = DIGITS.iter().position(|known| *known == digit) else {
            continue;
        };
        held = (held << 6) | u32::try_from(value).expect("below 64");
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            octets.push(u8::try_from((held >> bits) & 0xff).expect("masked"));
        }
    }
    octets
}
