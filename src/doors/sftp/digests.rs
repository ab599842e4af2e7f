//! Digests of files, for clients that compare: `check-file` and the programs `md5sum` to `sha512sum`.
//!
//! MD5 and SHA-1 prove nothing against forgery; here they find what went wrong on the way.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use sha2::Digest;

use crate::doors::sftp::allowance::Share;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::wire::CheckFile;

/// Octets that are read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// The smallest block that the draft of `check-file` allows.
const BLOCK_BYTES_MIN: u32 = 256;

/// The most digests in one answer: 4,096 of the longest are 256 KiB, the longest packet.
const DIGESTS_MAX: u64 = 4000;

/// An algorithm that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    pub(super) const ALL: [Self; 4] = [Self::Sha256, Self::Sha512, Self::Sha1, Self::Md5];

    /// The name in `check-file`; with `sum` behind it, that of the program.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// The first of the names, which have commas between them, that we know.
    fn first_of(names: &[u8]) -> Option<Self> {
        let names = str::from_utf8(names).ok()?;
        let known = |name: &str| Self::ALL.into_iter().find(|known| known.name() == name);
        names.split(',').find_map(|name| known(name.trim()))
    }
}

/// A digest in the making.
pub(super) enum Digesting {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Digesting {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Md5 => Self::Md5(md5::Md5::new()),
            Algorithm::Sha1 => Self::Sha1(sha1::Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(sha2::Sha512::new()),
        }
    }

    pub(super) fn add(&mut self, octets: &[u8]) {
        match self {
            Self::Md5(state) => state.update(octets),
            Self::Sha1(state) => state.update(octets),
            Self::Sha256(state) => state.update(octets),
            Self::Sha512(state) => state.update(octets),
        }
    }

    pub(super) fn end(self) -> Vec<u8> {
        match self {
            Self::Md5(state) => state.finalize().to_vec(),
            Self::Sha1(state) => state.finalize().to_vec(),
            Self::Sha256(state) => state.finalize().to_vec(),
            Self::Sha512(state) => state.finalize().to_vec(),
        }
    }
}

/// What is digested.
pub(super) enum Content {
    File(File),
    /// Octets of ours.
    Octets(Arc<[u8]>),
    /// What an open upload held, and the memory that is counted for it.
    Copy {
        octets: Vec<u8>,
        _share: Share,
    },
}

impl Content {
    /// Fills as much of `into` as there is at `offset`.
    fn read(&self, offset: u64, into: &mut [u8]) -> Result<usize, Refusal> {
        match self {
            Self::File(file) => loop {
                match file.read_at(into, offset) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => (),
                    Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => return Ok(0),
                    read => return read.map_err(|error| Refusal::of(&error, "reading a file")),
                }
            },
            Self::Octets(octets) => copy(octets, offset, into),
            Self::Copy { octets, .. } => copy(octets, offset, into),
        }
    }

    fn bytes(&self) -> Result<u64, Refusal> {
        match self {
            Self::File(file) => file
                .metadata()
                .map(|facts| facts.len())
                .map_err(|error| Refusal::of(&error, "looking at a file")),
            Self::Octets(octets) => Ok(octets.len() as u64),
            Self::Copy { octets, .. } => Ok(octets.len() as u64),
        }
    }

    /// The digest of the octets from `offset` to `end`, or to where they end. May block.
    pub(super) fn digest(
        &self,
        algorithm: Algorithm,
        mut offset: u64,
        end: u64,
    ) -> Result<Vec<u8>, Refusal> {
        let mut digesting = Digesting::new(algorithm);
        let mut chunk = vec![0; CHUNK_BYTES];
        while offset < end {
            let wanted = usize::try_from(end - offset).unwrap_or(usize::MAX);
            let room = chunk.get_mut(..wanted.min(CHUNK_BYTES)).unwrap_or_default();
            let read = self.read(offset, room)?;
            let Some(octets) = room.get(..read).filter(|octets| !octets.is_empty()) else {
                break;
            };
            digesting.add(octets);
            offset = offset.saturating_add(read as u64);
        }
        Ok(digesting.end())
    }
}

fn copy(octets: &[u8], offset: u64, into: &mut [u8]) -> Result<usize, Refusal> {
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    let mut rest = octets.get(start..).unwrap_or_default();
    rest.read(into).map_err(|_| Refusal::Fault)
}

/// A wish that can be fulfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) algorithm: Algorithm,
    offset: u64,
    bytes: u64,
    block_bytes: u64,
}

impl Wish {
    pub(super) fn of(asked: &CheckFile<'_>) -> Result<Self, Refusal> {
        let algorithm = Algorithm::first_of(asked.algorithms).ok_or(Refusal::UnknownDigest)?;
        if (1..BLOCK_BYTES_MIN).contains(&asked.block_bytes) {
            return Err(Refusal::SmallBlocks);
        }
        Ok(Self {
            algorithm,
            offset: asked.offset,
            bytes: asked.bytes,
            block_bytes: asked.block_bytes.into(),
        })
    }

    /// One digest behind the other. May block.
    pub(super) fn fulfil(self, content: &Content) -> Result<Vec<u8>, Refusal> {
        let all = content.bytes()?;
        let end = match self.bytes {
            0 => all,
            bytes => self.offset.saturating_add(bytes).min(all),
        };
        let bytes = end.saturating_sub(self.offset);
        if self.block_bytes == 0 || bytes <= self.block_bytes {
            return content.digest(self.algorithm, self.offset, end);
        }
        if bytes.div_ceil(self.block_bytes) > DIGESTS_MAX {
            return Err(Refusal::SmallBlocks);
        }
        let mut octets = Vec::new();
        let mut start = self.offset;
        while start < end {
            let next = start.saturating_add(self.block_bytes).min(end);
            octets.extend(content.digest(self.algorithm, start, next)?);
            start = next;
        }
        Ok(octets)
    }
}

/// Digits as the programs print them.
pub(super) fn hex(octets: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doors::sftp::wire::Checked;

    fn wish(algorithms: &str, offset: u64, bytes: u64, block_bytes: u32) -> Result<Wish, Refusal> {
        Wish::of(&CheckFile {
            of: Checked::Path(b""),
            algorithms: algorithms.as_bytes(),
            offset,
            bytes,
            block_bytes,
            is_named: false,
        })
    }

    #[test]
    fn nothing_has_the_digests_that_everybody_knows() {
        let nothing = |algorithm| hex(&Digesting::new(algorithm).end());
        assert_eq!(nothing(Algorithm::Md5), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(
            nothing(Algorithm::Sha1),
            "da39a3ee5e6b4b0d3255bfef95601890afd80709"
        );
        assert!(nothing(Algorithm::Sha256).starts_with("e3b0c44298fc1c14"));
        assert!(nothing(Algorithm::Sha512).starts_with("cf83e1357eefb8bd"));
    }

    #[test]
    fn the_first_known_algorithm_counts_and_blocks_have_digests_of_their_own() {
        let content = Content::Octets(vec![7; 1000].into());
        let whole = wish("whirlpool,sha1,md5", 0, 0, 0).unwrap();
        assert_eq!(whole.algorithm, Algorithm::Sha1);
        let all = content.digest(Algorithm::Sha1, 0, u64::MAX).unwrap();
        assert_eq!(whole.fulfil(&content).unwrap(), all);
        let blocks = wish("md5", 0, 600, 256).unwrap().fulfil(&content).unwrap();
        assert_eq!(blocks.len(), 3 * 16);
        let last = content.digest(Algorithm::Md5, 0, 600 - 512).unwrap();
        assert_eq!(blocks[32..], last, "all octets are the same");
        let beyond = wish("md5", u64::MAX, 5, 0).unwrap().fulfil(&content);
        assert_eq!(beyond.unwrap(), Digesting::new(Algorithm::Md5).end());
    }

    #[test]
    fn what_would_be_endless_is_refused() {
        assert_eq!(wish("crc32", 0, 0, 0), Err(Refusal::UnknownDigest));
        assert_eq!(wish("md5", 0, 0, 255), Err(Refusal::SmallBlocks));
        let content = Content::Octets(vec![0; 2 << 20].into());
        let many = wish("md5", 0, 0, 256).unwrap().fulfil(&content);
        assert_eq!(many, Err(Refusal::SmallBlocks));
    }
}
