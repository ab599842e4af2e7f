//! SFTP version 3 on the wire: octets to requests, replies to octets. Knows nothing of SSH or files.
//!
//! *Trust*: every octet comes from the client; whatever it is, decoding ends in a request or in a
//! word why not, without copying more than it was given.
//!
//! *Why not* the codec of `russh-sftp`: it turns names that are not UTF-8 into others, so that two
//! names become one, loses the id of a request that it cannot read, and copies each WRITE twice.
//!
//! Source: draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL for the extensions.

mod decode;
mod encode;

pub(super) use decode::decode;
pub(super) use encode::encode;

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
    MakeDir {
        path: &'a [u8],
    },
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
    /// How much room there is: at a path.
    StatVfs {
        path: &'a [u8],
    },
    /// How much room there is: where an open file lies.
    FstatVfs {
        handle: &'a [u8],
    },
    CheckFile(CheckFile<'a>),
    /// A kind of request, or an extension, that we do not know.
    Unknown,
}

/// The digest of a file, or of a part of it, is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CheckFile<'a> {
    pub(super) of: Checked<'a>,
    /// Names of algorithms, with commas between, the best first.
    pub(super) algorithms: &'a [u8],
    pub(super) offset: u64,
    /// How many octets; nought is all to the end.
    pub(super) bytes: u64,
    /// One digest for so many octets; nought is one for all.
    pub(super) block_bytes: u32,
    /// Does the answer repeat the extension's name? Those who ask by `check-file` read it so.
    pub(super) is_named: bool,
}

/// What is to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked<'a> {
    Path(&'a [u8]),
    Handle(&'a [u8]),
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
    /// Sent in decimal digits: some clients keep handles as text.
    Handle(u64),
    Data(Vec<u8>),
    Names(Vec<Entry>),
    Attrs(Attrs),
    /// Four numbers: longest packet, longest read, longest write, open handles.
    Limits([u64; 4]),
    /// The eleven numbers of statvfs(3), from the block size to the longest name.
    Room([u64; 11]),
    /// The algorithm, and one digest behind the other.
    Digests {
        algorithm: &'static str,
        octets: Vec<u8>,
        is_named: bool,
    },
}

impl Reply {
    /// "Done."
    pub(super) fn ok() -> Self {
        Self::Status(Code::Ok, "done".to_owned())
    }
}

// Which attributes follow.
const ATTR_SIZE: u32 = 0x01;
const ATTR_IDS: u32 = 0x02;
const ATTR_PERMISSIONS: u32 = 0x04;
const ATTR_TIMES: u32 = 0x08;
const ATTR_EXTENDED: u32 = 0x8000_0000;
