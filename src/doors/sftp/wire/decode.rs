//! Octets to requests.

use crate::doors::sftp::wire::{
    ATTR_EXTENDED, ATTR_IDS, ATTR_PERMISSIONS, ATTR_SIZE, ATTR_TIMES, Attrs, CheckFile, Checked,
    Request,
};

/// The request's id, and the request; `None` for one that breaks off or cannot be read.
pub(in crate::doors::sftp) fn decode(frame: &[u8]) -> (u32, Option<Request<'_>>) {
    let mut rest = Rest(frame);
    let (Some(kind), Some(id)) = (rest.octet(), rest.u32()) else {
        return (0, None);
    };
    if kind == 1 {
        // INIT has the client's version in the place of an id; ours is the answer to any.
        return (0, Some(Request::Init));
    }
    (id, request(kind, &mut rest))
}

fn request<'a>(kind: u8, rest: &mut Rest<'a>) -> Option<Request<'a>> {
    Some(match kind {
        3 => Request::Open {
            path: rest.string()?,
            flags: rest.u32()?,
            attrs: rest.attrs()?,
        },
        4 => Request::Close {
            handle: rest.string()?,
        },
        5 => Request::Read {
            handle: rest.string()?,
            offset: rest.u64()?,
            bytes: rest.u32()?,
        },
        6 => Request::Write {
            handle: rest.string()?,
            offset: rest.u64()?,
            data: rest.string()?,
        },
        // There are no links here, so LSTAT (7) and STAT (17) say the same.
        7 | 17 => Request::Stat {
            path: rest.string()?,
        },
        8 => Request::Fstat {
            handle: rest.string()?,
        },
        9 => Request::SetStat {
            path: rest.string()?,
            attrs: rest.attrs()?,
        },
        10 => Request::FsetStat {
            handle: rest.string()?,
            attrs: rest.attrs()?,
        },
        11 => Request::OpenDir {
            path: rest.string()?,
        },
        12 => Request::ReadDir {
            handle: rest.string()?,
        },
        13 => Request::Remove {
            path: rest.string()?,
        },
        14 => Request::MakeDir {
            path: rest.string()?,
        },
        15 => Request::RemoveDir {
            path: rest.string()?,
        },
        16 => Request::RealPath {
            path: rest.string()?,
        },
        18 => Request::Rename {
            from: rest.string()?,
            to: rest.string()?,
            replace: false,
        },
        19 | 20 => Request::Link,
        200 => extension(rest.string()?, rest)?,
        _ => Request::Unknown,
    })
}

fn extension<'a>(name: &[u8], rest: &mut Rest<'a>) -> Option<Request<'a>> {
    Some(match name {
        b"posix-rename@openssh.com" => Request::Rename {
            from: rest.string()?,
            to: rest.string()?,
            replace: true,
        },
        b"fsync@openssh.com" => Request::Fsync {
            handle: rest.string()?,
        },
        b"limits@openssh.com" => Request::Limits,
        b"lsetstat@openssh.com" => Request::SetStat {
            path: rest.string()?,
            attrs: rest.attrs()?,
        },
        b"expand-path@openssh.com" => Request::RealPath {
            path: without_tilde(rest.string()?),
        },
        b"home-directory" => Request::Home,
        b"hardlink@openssh.com" => Request::Link,
        b"statvfs@openssh.com" => Request::StatVfs {
            path: rest.string()?,
        },
        b"fstatvfs@openssh.com" => Request::FstatVfs {
            handle: rest.string()?,
        },
        b"check-file-name" => check_file(Checked::Path(rest.string()?), false, rest)?,
        b"check-file-handle" => check_file(Checked::Handle(rest.string()?), false, rest)?,
        b"check-file" => check_file(Checked::Handle(rest.string()?), true, rest)?,
        _ => Request::Unknown,
    })
}

fn check_file<'a>(of: Checked<'a>, is_named: bool, rest: &mut Rest<'a>) -> Option<Request<'a>> {
    Some(Request::CheckFile(CheckFile {
        of,
        algorithms: rest.string()?,
        offset: rest.u64()?,
        bytes: rest.u64()?,
        block_bytes: rest.u32()?,
        is_named,
    }))
}

/// `~` is the root, whosever home is meant.
fn without_tilde(path: &[u8]) -> &[u8] {
    match path {
        [b'~'] => b"/",
        [b'~', rest @ ..] if rest.first() == Some(&b'/') => rest,
        _ => path,
    }
}

/// What is left to decode.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn octet(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn u32(&mut self) -> Option<u32> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*first))
    }

    fn u64(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_be_bytes(*first))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    fn attrs(&mut self) -> Option<Attrs> {
        // Some clients leave the attributes away altogether.
        let flags = if self.0.is_empty() { 0 } else { self.u32()? };
        let mut attrs = Attrs::default();
        if flags & ATTR_SIZE != 0 {
            attrs.size = Some(self.u64()?);
        }
        if flags & ATTR_IDS != 0 {
            self.u64()?;
        }
        if flags & ATTR_PERMISSIONS != 0 {
            attrs.permissions = Some(self.u32()?);
        }
        if flags & ATTR_TIMES != 0 {
            attrs.times = Some((self.u32()?, self.u32()?));
        }
        if flags & ATTR_EXTENDED != 0 {
            for _pair in 0..self.u32()? {
                self.string()?;
                self.string()?;
            }
        }
        Some(attrs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doors::sftp::wire::{FLAG_CREATE, FLAG_TRUNCATE, FLAG_WRITE};

    fn string(octets: &[u8]) -> Vec<u8> {
        let length = u32::try_from(octets.len()).unwrap();
        [&length.to_be_bytes(), octets].concat()
    }

    #[test]
    fn a_request_that_breaks_off_anywhere_keeps_its_id() {
        let attrs: &[u8] = &[
            0, 0, 0, 0x0d, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0xa4, 0, 0, 0, 1, 0, 0, 0, 2,
        ];
        let whole = [
            &[3, 0, 0, 0, 7][..],
            &string(b"a\xff"),
            &[0, 0, 0, 0x1a],
            attrs,
        ]
        .concat();
        let (id, request) = decode(&whole);
        assert_eq!(id, 7);
        assert_eq!(
            request,
            Some(Request::Open {
                path: b"a\xff",
                flags: FLAG_WRITE | FLAG_CREATE | FLAG_TRUNCATE,
                attrs: Attrs {
                    size: Some(9),
                    permissions: Some(0o644),
                    times: Some((1, 2)),
                },
            })
        );
        // Attributes may be left away; everything else may not.
        let bare = whole.len() - attrs.len();
        for end in (5..whole.len()).filter(|end| *end != bare) {
            assert_eq!(decode(&whole[..end]), (7, None), "{end}");
        }
    }

    #[test]
    fn a_length_beyond_the_frame_is_no_request() {
        assert_eq!(decode(&[4, 0, 0, 0, 7, 0xff, 0xff, 0xff, 0xff]), (7, None));
        assert_eq!(decode(&[]), (0, None));
        assert_eq!(decode(&[99, 0, 0, 0, 8]), (8, Some(Request::Unknown)));
    }

    #[test]
    fn a_tilde_is_the_root() {
        let ask = |path: &[u8]| {
            [
                &[200, 0, 0, 0, 1][..],
                &string(b"expand-path@openssh.com"),
                &string(path),
            ]
            .concat()
        };
        for (path, expected) in [("~", "/"), ("~/inbox", "/inbox"), ("inbox", "inbox")] {
            let frame = ask(path.as_bytes());
            let expected = Request::RealPath {
                path: expected.as_bytes(),
            };
            assert_eq!(decode(&frame), (1, Some(expected)));
        }
    }
}
