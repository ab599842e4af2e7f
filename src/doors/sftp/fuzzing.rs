//! Ways in for fuzzing, without SSH and without files. Requests on files are fuzzed through
//! [`speak`](crate::doors::sftp::speak).

use crate::doors::sftp::frames::Frames;
use crate::doors::sftp::tree::{self, Place};
use crate::doors::sftp::wire::{self, Reply};
use crate::drop_folder::DropPath;

/// Cuts `stream` into packets in two ways, reads each as a request, and panics if the ways differ.
pub fn packets(stream: &[u8]) {
    let whole = read(stream, stream.len().max(1));
    let pieces = read(stream, 7);
    assert_eq!(whole, pieces, "packets depend on how they came");
}

/// The ids and the requests of a stream that comes in chunks of `step` octets.
fn read(stream: &[u8], step: usize) -> Vec<(u32, String)> {
    let mut frames = Frames::default();
    let mut found = Vec::new();
    for chunk in stream.chunks(step) {
        if frames.push(chunk).is_err() {
            break;
        }
        loop {
            match frames.next() {
                Ok(Some(frame)) => {
                    let (id, request) = wire::decode(frame);
                    let mut answer = Vec::new();
                    wire::encode(id, &Reply::ok(), &mut answer);
                    assert!(answer.len() < 64, "an answer of no bounds");
                    found.push((id, format!("{request:?}")));
                }
                Ok(None) => break,
                Err(_) => return found,
            }
        }
    }
    found
}

/// Resolves `path`, and panics if it could lead anywhere else, or be two things.
pub fn path(path: &[u8]) {
    let place = tree::resolve(path);
    let canonical = tree::canonical(path);
    if let Ok(plain) = &canonical {
        assert_eq!(tree::resolve(plain.as_bytes()), place, "{plain}");
        assert_eq!(tree::canonical(plain.as_bytes()).as_ref(), Ok(plain));
        assert!(plain.starts_with('/') && !plain.split('/').any(|part| part == ".."));
    } else {
        assert!(place.is_err(), "a place without a path");
    }
    if let Ok(Place::File(file)) = place {
        let name = file.name();
        assert!(!name.contains(['/', '\0']) && !matches!(name, "" | "." | ".."));
        assert_eq!(DropPath::from_client(&file.to_client()), Some(file));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_in_stand_any_octets() {
        let mut state = 7_u64;
        for length in 0..2000_usize {
            let octets: Vec<u8> = (0..length % 97)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let octet = (state >> 56) as u8;
                    // Mostly what paths and short packets are made of.
                    *b"/..//\0\0\0\x05a~\xff\x11"
                        .get(usize::from(octet) % 16)
                        .unwrap_or(&octet)
                })
                .collect();
            packets(&octets);
            path(&octets);
        }
    }
}
