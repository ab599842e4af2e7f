//! Any octets as the stream of an SFTP channel: cut into packets and read as requests.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|stream: &[u8]| {
    ecocd::doors::sftp::fuzzing::packets(stream);
});
