//! Any octets as a path from a client: it names one place in the tree, or none.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|path: &[u8]| {
    ecocd::doors::sftp::fuzzing::path(path);
});
