//! Documents as the tables hold them: compressed, and checked against their SHA-256 when read.

use std::cell::RefCell;

use sha2::Digest;
use zstd::bulk::Compressor;

use crate::domain::submission::Sha256;
use crate::store::StoreFault;

/// zstd's level: certificates shrink to a quarter in less time than their checks take.
const LEVEL: i32 = 3;

/// Documents up to this size are compressed by what the thread keeps for it; making it anew takes longer than they do. A
/// larger one would leave megabytes behind on each thread.
const KEPT_BYTES_MAX: usize = 64 * 1024;

thread_local! {
    static KEPT: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses a document's octets.
pub(super) fn pack(octets: &[u8]) -> Result<Vec<u8>, StoreFault> {
    let packed = if octets.len() <= KEPT_BYTES_MAX {
        KEPT.with_borrow_mut(|kept| match kept {
            Some(compressor) => compressor.compress(octets),
            None => kept.insert(Compressor::new(LEVEL)?).compress(octets),
        })
    } else {
        zstd::bulk::compress(octets, LEVEL)
    };
    packed.map_err(|error| StoreFault::Broken(format!("a document cannot be compressed: {error}")))
}

/// The octets again, if they are still those that were taken in.
pub(super) fn unpack(
    packed: &[u8],
    size_bytes: i64,
    sha256: &Sha256,
) -> Result<Vec<u8>, StoreFault> {
    let damaged =
        |what: &str| StoreFault::Broken(format!("the document {sha256} is damaged: {what}"));
    let size = usize::try_from(size_bytes).map_err(|_| damaged("its size is nonsense"))?;
    let octets =
        zstd::bulk::decompress(packed, size).map_err(|error| damaged(&error.to_string()))?;
    if Sha256::from_octets(&sha2::Sha256::digest(&octets).into()) == *sha256 {
        Ok(octets)
    } else {
        Err(damaged("its octets are not those that came"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(octets: &[u8]) -> Sha256 {
        Sha256::from_octets(&sha2::Sha256::digest(octets).into())
    }

    #[test]
    fn what_was_packed_comes_back_or_is_called_damaged() {
        for octets in [&b""[..], b"<a/>", &[0_u8; 9_000], &vec![1_u8; 90_000]] {
            let packed = pack(octets).unwrap();
            let size = i64::try_from(octets.len()).unwrap();
            assert_eq!(unpack(&packed, size, &digest(octets)).unwrap(), octets);
            assert!(unpack(&packed, size, &digest(b"other")).is_err());
        }
        let packed = pack(&[7; 5000]).unwrap();
        assert!(unpack(&packed, 4999, &digest(&[7; 5000])).is_err());
        assert!(unpack(&packed[..packed.len() - 1], 5000, &digest(&[7; 5000])).is_err());
    }
}
