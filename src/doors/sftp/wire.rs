//! SFTP version 3 on the wire: octets to requests, replies to octets. Knows nothing of SSH or files.
//!
//! *Trust*: every octet comes from the client; whatever it is, decoding ends in a request or in a
//! word why not, without copying more than it was given.
//!
//! *Why not* the codec of `russh-sftp`: it turns names that are not UTF-8 into others, so that two
//! names become one, loses the id of a request that it cannot read, and copies each WRITE twice.
//!
//! Source: draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL for the extensions.

/// The version that we speak.
const VERSION: u32 = 3;

/// The extensions that we announce, with their versions.
const EXTENSIONS: [(&str, &str); 6] = [
    ("posix-rename@openssh.com", "1"),
    ("fsync@openssh.com", "1"),
    ("limits@openssh.com", "1"),
    ("lsetstat@openssh.com", "1"),
    ("expand-path@openssh.com", "1"),
    ("home-directory", "1"),
];

/// OPEN: for reading.
pub(super) const FLAG_READ: u32 = 0x01;
/// OPEN: for writing.
pub(super) const FLAG_WRITE: u32 = 0x02;
/// OPEN: writes go to the end.
pub(super) const FLAG_APPEND: u32 = 0x04;
/// OPEN: make the file if it is not there.
pub(super) const FLAG_CREATE: u32 = 0x08;
/// OPEN: begin with nothing.
pub(super) const FLAG_TRUNCATE: u32 = 0x10;
/// OPEN: only if the file is not there.
pub(super) const FLAG_EXCLUSIVE: u32 = 0x20;

const ATTR_SIZE: u32 = 0x01;
const ATTR_IDS: u32 = 0x02;
const ATTR_PERMISSIONS: u32 = 0x04;
const ATTR_TIMES: u32 = 0x08;
const ATTR_EXTENDED: u32 = 0x8000_0000;

/// What a client asks. Paths and handles are octets as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request<'a> {
    Init,
    Open {
        path: &'a [u8],
        flags: u32,
        attrs: Attrs,
    },
    Close {
        handle: &'a [u8],
    },
    Read {
        handle: &'a [u8],
        offset: u64,
        bytes: u32,
    },
    Write {
        handle: &'a [u8],
        offset: u64,
        data: &'a [u8],
    },
    Stat {
        path: &'a [u8],
    },
    Fstat {
        handle: &'a [u8],
    },
    SetStat {
        path: &'a [u8],
        attrs: Attrs,
    },
    FsetStat {
        handle: &'a [u8],
        attrs: Attrs,
    },
    OpenDir {
        path: &'a [u8],
    },
    ReadDir {
        handle: &'a [u8],
    },
    Remove {
        path: &'a [u8],
    },
    MakeDir,
    RemoveDir {
        path: &'a [u8],
    },
    RealPath {
        path: &'a [u8],
    },
    Rename {
        from: &'a [u8],
        to: &'a [u8],
        replace: bool,
    },
    Link,
    Fsync {
        handle: &'a [u8],
    },
    Limits,
    Home,
    /// A kind of request, or an extension, that we do not know.
    Unknown,
}

/// What is known of a file, as far as the protocol can say it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Attrs {
    pub(super) size: Option<u64>,
    pub(super) permissions: Option<u32>,
    /// Last use and last change, in seconds since 1970.
    pub(super) times: Option<(u32, u32)>,
}

/// A status code of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Ok = 0,
    Eof = 1,
    NoSuchFile = 2,
    PermissionDenied = 3,
    Failure = 4,
    BadMessage = 5,
    Unsupported = 8,
}

/// A file in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    /// The line that `ls -l` would show.
    pub(super) line: String,
    pub(super) attrs: Attrs,
}

/// What we answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    Version,
    Status(Code, String),
    Handle(u64),
    Data(Vec<u8>),
    Names(Vec<Entry>),
    Attrs(Attrs),
    /// Four numbers: longest packet, longest read, longest write, open handles.
    Limits([u64; 4]),
}

impl Reply {
    /// "Done."
    pub(super) fn ok() -> Self {
        Self::Status(Code::Ok, "done".to_owned())
    }
}

/// The request's id, and the request; `None` for one that breaks off or cannot be read.
pub(super) fn decode(frame: &[u8]) -> (u32, Option<Request<'_>>) {
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
        14 => Request::MakeDir,
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
        _ => Request::Unknown,
    })
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

/// Appends `reply` with its length to `out`.
pub(super) fn encode(id: u32, reply: &Reply, out: &mut Vec<u8>) {
    let mut body = Vec::with_capacity(64);
    let kind: u8 = match reply {
        Reply::Version => 2,
        Reply::Status(..) => 101,
        Reply::Handle(_) => 102,
        Reply::Data(_) => 103,
        Reply::Names(_) => 104,
        Reply::Attrs(_) => 105,
        Reply::Limits(_) => 201,
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
        Reply::Handle(handle) => put_string(&mut body, &handle.to_be_bytes()),
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
        Reply::Limits(numbers) => {
            for number in numbers {
                body.extend_from_slice(&number.to_be_bytes());
            }
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

    fn string(octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_string(&mut out, octets);
        out
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
