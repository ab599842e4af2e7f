//! Replies to octets.

use crate::doors::sftp::wire::{ATTR_PERMISSIONS, ATTR_SIZE, ATTR_TIMES, Attrs, Reply};

/// The version that we speak.
const VERSION: u32 = 3;

/// The extensions that we announce, with their versions.
const EXTENSIONS: [(&str, &str); 9] = [
    ("posix-rename@openssh.com", "1"),
    ("statvfs@openssh.com", "2"),
    ("fstatvfs@openssh.com", "2"),
    ("fsync@openssh.com", "1"),
    ("limits@openssh.com", "1"),
    ("lsetstat@openssh.com", "1"),
    ("expand-path@openssh.com", "1"),
    ("home-directory", "1"),
    // Also stands for check-file-name and check-file-handle.
    ("check-file", "1"),
];

/// Appends `reply` with its length to `out`.
pub(in crate::doors::sftp) fn encode(id: u32, reply: &Reply, out: &mut Vec<u8>) {
    let mut body = Vec::with_capacity(64);
    let kind: u8 = match reply {
        Reply::Version => 2,
        Reply::Status(..) => 101,
        Reply::Handle(_) => 102,
        Reply::Data(_) => 103,
        Reply::Names(_) => 104,
        Reply::Attrs(_) => 105,
        Reply::Limits(_) | Reply::Room(_) | Reply::Digests { .. } => 201,
    };
    body.push(kind);
    if matches!(reply, Reply::Version) {
        put_u32(&mut body, VERSION);
        for (name, version) in EXTENSIONS {
            put_string(&mut body, name.as_bytes());
            put_string(&mut body, version.as_bytes());
        }
    } else {
        put_u32(&mut body, id);
    }
    match reply {
        Reply::Version => (),
        Reply::Status(code, sentence) => {
            put_u32(&mut body, *code as u32);
            put_string(&mut body, sentence.as_bytes());
            put_string(&mut body, b"en");
        }
        // Digits, because some clients keep a handle as text.
        Reply::Handle(handle) => put_string(&mut body, handle.to_string().as_bytes()),
        Reply::Data(data) => put_string(&mut body, data),
        Reply::Names(entries) => {
            put_u32(&mut body, length(entries.len()));
            for entry in entries {
                put_string(&mut body, entry.name.as_bytes());
                put_string(&mut body, entry.line.as_bytes());
                put_attrs(&mut body, entry.attrs);
            }
        }
        Reply::Attrs(attrs) => put_attrs(&mut body, *attrs),
        Reply::Limits(numbers) => put_numbers(&mut body, numbers),
        Reply::Room(numbers) => put_numbers(&mut body, numbers),
        Reply::Digests {
            algorithm,
            octets,
            is_named,
        } => {
            if *is_named {
                put_string(&mut body, b"check-file");
            }
            put_string(&mut body, algorithm.as_bytes());
            body.extend_from_slice(octets);
        }
    }
    put_u32(out, length(body.len()));
    out.append(&mut body);
}

fn put_attrs(out: &mut Vec<u8>, attrs: Attrs) {
    let flag = |is_there: bool, flag: u32| if is_there { flag } else { 0 };
    let flags = flag(attrs.size.is_some(), ATTR_SIZE)
        | flag(attrs.permissions.is_some(), ATTR_PERMISSIONS)
        | flag(attrs.times.is_some(), ATTR_TIMES);
    put_u32(out, flags);
    if let Some(size) = attrs.size {
        out.extend_from_slice(&size.to_be_bytes());
    }
    if let Some(permissions) = attrs.permissions {
        put_u32(out, permissions);
    }
    if let Some((used, changed)) = attrs.times {
        put_u32(out, used);
        put_u32(out, changed);
    }
}

fn put_numbers(out: &mut Vec<u8>, numbers: &[u64]) {
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

fn put_u32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_be_bytes());
}

fn put_string(out: &mut Vec<u8>, octets: &[u8]) {
    put_u32(out, length(octets.len()));
    out.extend_from_slice(octets);
}

/// No reply comes near 4 GiB.
fn length(octets: usize) -> u32 {
    u32::try_from(octets).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doors::sftp::wire::Code;

    fn string(octets: &[u8]) -> Vec<u8> {
        let length = u32::try_from(octets.len()).unwrap();
        [&length.to_be_bytes(), octets].concat()
    }

    #[test]
    fn a_status_is_laid_out_as_the_draft_says() {
        let mut out = Vec::new();
        let reply = Reply::Status(Code::NoSuchFile, "x".to_owned());
        encode(5, &reply, &mut out);
        let expected = [
            &[0, 0, 0, 20, 101, 0, 0, 0, 5, 0, 0, 0, 2][..],
            &string(b"x"),
            &string(b"en"),
        ]
        .concat();
        assert_eq!(out, expected);
    }
}
